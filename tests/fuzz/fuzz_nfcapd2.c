/*
 * The reader of nfcapd's layout 2 over any bytes, with all columns.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "format/reader.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Keeps the compiler from leaving the loads out. */
extern volatile uint64_t touched;
volatile uint64_t touched;

/* Reads what slices point to. */
static uint64_t
touch(const struct batch *b)
{
	uint64_t sum = 0;

	for (int f = 0; f < F_COUNT; f++)
		for (size_t i = 0; i < b->n; i++) {
			if (fields[f].kind == KIND_TEXT || fields[f].kind == KIND_BINARY)
				for (uint32_t k = 0; k < COLSLICE(b, f)[i].len; k++)
					sum += COLSLICE(b, f)[i].p[k];
			else
				sum += batch_number(b, f, i);
		}
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static char path[64];
	struct fieldset all = { { ~(uint64_t)0, ((uint64_t)1 << (F_COUNT - 64)) - 1 } };
	struct reader *r;
	struct batch *b;
	struct err e;
	FILE *f;

	if (path[0] == '\0')
		snprintf(path, sizeof(path), "/tmp/flowlight-fuzz-nfcapd2.%ld", (long)getpid());
	if ((f = fopen(path, "wb")) == NULL)
		abort();
	fwrite(p, 1, n, f);
	fclose(f);
	if ((r = reader_open(path, &all, &e)) != NULL) {
		reader_blocks(r, &e);
		while (reader_next(r, &b, &e) == 1) {
			if (b->n == 0 || b->n > BATCH_MAX)
				abort();
			touched += touch(b);
		}
	}
	reader_close(r);
	unlink(path);
	return 0;
}
