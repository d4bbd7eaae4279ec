/*
 * A reader over any bytes that begin as its format does, with all columns, and
 * in units too.
 */
#ifndef FUZZ_READER_H
#define FUZZ_READER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/reader.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Keeps the compiler from leaving the loads out. */
extern volatile uint64_t touched;
volatile uint64_t touched;

static inline uint64_t
fuzz_touch(const struct batch *b)
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

/* Reads units first … first + n - 1; n 0: all.  How many flows there are. */
static inline size_t
fuzz_read(const char *path, size_t first, size_t n, size_t *units)
{
	static const struct fieldset all = { { ~(uint64_t)0, ((uint64_t)1 << (F_COUNT - 64)) - 1 } };
	struct reader *r;
	struct batch *b;
	struct err e;
	size_t flows = 0;

	if ((r = reader_open(path, &all, &e)) == NULL) {
		*units = 0;
		return 0;
	}
	*units = reader_blocks(r, &e);
	if (n != 0)
		reader_only(r, first, n);
	while (reader_next(r, &b, &e) == 1) {
		if (b->n == 0 || b->n > BATCH_MAX)
			abort();
		touched += fuzz_touch(b);
		flows += b->n;
	}
	reader_close(r);
	return flows;
}

/* The units of a file hold together what the whole holds. */
static inline void
fuzz_reader(const char *name, const uint8_t start[4], const uint8_t *p, size_t n)
{
	char path[64];
	size_t units, none, all, first;
	FILE *f;

	if (n < 4)
		return;
	snprintf(path, sizeof(path), "/tmp/flowlight-fuzz-%s.%ld", name, (long)getpid());
	unlink(path);
	if ((f = fopen(path, "wb")) == NULL)
		abort();
	fwrite(start, 1, 4, f);
	fwrite(p + 4, 1, n - 4, f);
	fclose(f);
	all = fuzz_read(path, 0, 0, &units);
	if (units > 1) {
		first = fuzz_read(path, 0, 1, &none);
		if (first + fuzz_read(path, 1, SIZE_MAX / 2, &none) != all)
			abort();
	}
	unlink(path);
}

#endif
