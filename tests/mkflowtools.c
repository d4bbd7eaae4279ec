/*
 * mkflowtools IN OUT N: writes every Nth IPv4 flow of a collector file as flow-tools does
 * (stream 3, version 5, packed).
 * mkflowtools -u FILE…: only unpacks such files, one after another: the least that flow-cat has
 * to do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "format/reader.h"

#define HEAD	36
#define RECORD	64
#define UPTIME	100000000u		/* of the router, milliseconds */

static void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)v);
	put16(p + 2, (uint16_t)(v >> 16));
}

static uint8_t *
put_value(uint8_t *p, uint16_t type, uint16_t len, uint32_t v)
{
	uint8_t number[4];

	put16(p, type);
	put16(p + 2, len);
	put32(number, v);
	memcpy(p + 4, number, len);
	return p + 4 + len;
}

static uint32_t
cut(uint64_t v)
{
	return v < UINT32_MAX ? (uint32_t)v : UINT32_MAX;
}

static void
put_flow(uint8_t *p, const struct batch *b, size_t i)
{
	uint64_t first = COL64(b, F_FIRST)[i], last = COL64(b, F_LAST)[i], sent = last / 1000 + 1;

	memset(p, 0, RECORD);
	put32(p, (uint32_t)sent);
	put32(p + 8, UPTIME);
	put32(p + 12, 0xc0000201);
	put32(p + 16, addr_v4(&COLADDR(b, F_SRCIP)[i]));
	put32(p + 20, addr_v4(&COLADDR(b, F_DSTIP)[i]));
	put16(p + 28, (uint16_t)COL32(b, F_INIF)[i]);
	put16(p + 30, (uint16_t)COL32(b, F_OUTIF)[i]);
	put32(p + 32, cut(COL64(b, F_PACKETS)[i]));
	put32(p + 36, cut(COL64(b, F_BYTES)[i]));
	put32(p + 40, UPTIME - (uint32_t)(sent * 1000 - first));
	put32(p + 44, UPTIME - (uint32_t)(sent * 1000 - last));
	put16(p + 48, COL16(b, F_SRCPORT)[i]);
	put16(p + 50, COL16(b, F_DSTPORT)[i]);
	p[52] = COL8(b, F_PROTO)[i];
	p[53] = COL8(b, F_SRCTOS)[i];
	p[54] = COL8(b, F_FLAGS)[i];
}

/* The records of a file, one after another; how many. */
static size_t
read_flows(const char *path, unsigned every, uint8_t **records)
{
	static const enum field columns[] = { F_FIRST, F_LAST, F_SRCIP, F_DSTIP, F_INIF, F_OUTIF, F_PACKETS, F_BYTES,
	    F_SRCPORT, F_DSTPORT, F_PROTO, F_SRCTOS, F_FLAGS };
	struct fieldset want = { { 0, 0 } };
	struct reader *r;
	struct batch *b;
	struct err e;
	size_t n = 0, seen = 0;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fieldset_add(&want, columns[i]);
	r = reader_open(path, &want, &e);
	*records = NULL;
	while (r != NULL && reader_next(r, &b, &e) == 1) {
		*records = xrealloc(*records, n + b->n, RECORD);
		for (size_t i = 0; i < b->n; i++)
			if (addr_is_v4(&COLADDR(b, F_SRCIP)[i]) && addr_is_v4(&COLADDR(b, F_DSTIP)[i]) &&
			    seen++ % every == 0)
				put_flow(*records + n++ * RECORD, b, i);
	}
	reader_close(r);
	return n;
}

static int
write_file(const char *path, const uint8_t *records, size_t n)
{
	uint8_t head[HEAD] = { 0xcf, 0x10, 1, 3, HEAD }, *p = head + 8;
	uLongf packed = compressBound(n * RECORD);
	uint8_t *body = xmalloc(packed);
	FILE *f = fopen(path, "wb");
	int ok;

	p = put_value(p, 2, 2, 5);		/* version of the flows */
	p = put_value(p, 8, 4, 1 | 2);		/* done, packed */
	p = put_value(p, 10, 4, (uint32_t)n);
	ok = f != NULL && compress2(body, &packed, records, n * RECORD, 6) == Z_OK &&
	    fwrite(head, HEAD, 1, f) == 1 && fwrite(body, packed, 1, f) == 1;
	if (f != NULL && fclose(f) != 0)
		ok = 0;
	free(body);
	return ok;
}

static uint64_t
unpack_file(const char *path)
{
	static uint8_t in[1 << 16], out[1 << 16];
	FILE *f = fopen(path, "rb");
	z_stream z = { 0 };
	int rc = Z_OK;

	if (f == NULL || fseek(f, HEAD, SEEK_SET) == -1 || inflateInit(&z) != Z_OK)
		exit(1);
	while (rc == Z_OK && (z.avail_in = (uInt)fread(in, 1, sizeof(in), f)) > 0) {
		z.next_in = in;
		do {
			z.next_out = out;
			z.avail_out = sizeof(out);
			rc = inflate(&z, Z_NO_FLUSH);
		} while (rc == Z_OK && z.avail_out == 0);
		if (rc == Z_BUF_ERROR)
			rc = Z_OK;
	}
	inflateEnd(&z);
	fclose(f);
	return z.total_out / RECORD;
}

int
main(int argc, char **argv)
{
	uint8_t *records;
	uint64_t n = 0;

	if (argc > 2 && strcmp(argv[1], "-u") == 0) {
		for (int i = 2; i < argc; i++)
			n += unpack_file(argv[i]);
	} else if (argc == 4 && atoi(argv[3]) > 0) {
		n = read_flows(argv[1], (unsigned)atoi(argv[3]), &records);
		if (!write_file(argv[2], records, n))
			return 1;
		free(records);
	} else {
		return 2;
	}
	printf("%llu\n", (unsigned long long)n);
	return 0;
}
