/*
 * nfrecode IN OUT none|lz4: reads a collector file and writes its flows again.
 * nfrecode -z IN OUT: packs the blocks of an unpacked nfcapd file with ZSTD.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "format/nfcapd2.h"
#include "format/nfwrite.h"
#include "format/reader.h"

static int
recode(struct reader *r, struct nfwrite *w, struct err *e)
{
	const struct exporter *x;
	struct batch *b;
	size_t n;
	int rc;

	while ((rc = reader_next(r, &b, e)) == 1)
		if (nfwrite_add(w, b, e) == -1)
			return -1;
	x = reader_exporters(r, &n);
	for (size_t i = 0; i < n; i++)
		if (nfwrite_exporter(w, &x[i].addr, x[i].sysid, x[i].id, x[i].version, e) == -1)
			return -1;
	return rc;
}

/* Copies block by block.  The input is a good file of ours. */
static int
zstd_pack(const char *in, const char *out)
{
	FILE *f = fopen(in, "rb"), *g = fopen(out, "wb");
	static uint8_t block[BLOCK_MAX], packed[BLOCK_MAX];
	uint8_t head[FILE_HEAD];
	int64_t appendix, at = FILE_HEAD, to = FILE_HEAD, new_appendix = 0;
	uint32_t size, n;

	if (f == NULL || g == NULL || fread(head, 1, FILE_HEAD, f) != FILE_HEAD)
		return 1;
	memcpy(&appendix, head + 24, sizeof(appendix));
	fwrite(head, 1, FILE_HEAD, g);
	while (fread(block, 1, BLOCK_HEAD, f) == BLOCK_HEAD) {
		if (at == appendix)
			new_appendix = to;
		memcpy(&size, block + 4, sizeof(size));
		if (size > BLOCK_MAX - BLOCK_HEAD || fread(block + BLOCK_HEAD, 1, size, f) != size)
			return 1;
		n = ZSTD_compress(packed, sizeof(packed), block + BLOCK_HEAD, size, 3);
		memcpy(block + 4, &n, sizeof(n));
		fwrite(block, 1, BLOCK_HEAD, g);
		fwrite(packed, 1, n, g);
		at += BLOCK_HEAD + size;
		to += BLOCK_HEAD + n;
	}
	head[16] = 4;
	memcpy(head + 24, &new_appendix, sizeof(new_appendix));
	rewind(g);
	fwrite(head, 1, FILE_HEAD, g);
	fclose(f);
	return fclose(g) == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct fieldset all = { { 0, 0 } };
	struct err e = { 0 };
	struct reader *r;
	struct nfwrite *w;
	int rc;

	if (argc == 4 && strcmp(argv[1], "-z") == 0)
		return zstd_pack(argv[2], argv[3]);
	if (argc != 4) {
		fputs("usage: nfrecode IN OUT none|lz4\n", stderr);
		return 2;
	}
	for (int f = 0; f < F_COUNT; f++)
		fieldset_add(&all, f);
	if ((r = reader_open(argv[1], &all, &e)) == NULL ||
	    (w = nfwrite_open(argv[2], reader_info(r)->ident,
	    strcmp(argv[3], "lz4") == 0 ? PACK_LZ4 : PACK_NONE, &e)) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	rc = recode(r, w, &e);
	if (rc == 0)
		rc = nfwrite_close(w, &e);
	if (rc != 0)
		fprintf(stderr, "%s\n", e.text);
	reader_close(r);
	return rc == 0 ? 0 : 1;
}
