/*
 * A reader over any bytes that begin as its format does, with all columns, in
 * units too, and with just some of its flows.
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

/* Flows whose bytes and source port make an odd number. */
static inline size_t
fuzz_choose(void *ctx, const struct batch *b, uint8_t *sel)
{
	size_t n = 0;

	(void)ctx;
	for (size_t i = 0; i < b->n; i++)
		n += sel[i] = (batch_number(b, F_BYTES, i) ^ batch_number(b, F_SRCPORT, i)) & 1;
	return n;
}

struct fuzz_flows { size_t all, chosen; };

/* Reads units first … first + n - 1; n 0: all. */
static inline struct fuzz_flows
fuzz_read(const char *path, const struct selection *selection, size_t first, size_t n, size_t *units)
{
	static const struct fieldset all = { { ~(uint64_t)0, ((uint64_t)1 << (F_COUNT - 64)) - 1 } };
	struct fuzz_flows flows = { 0, 0 };
	uint8_t sel[BATCH_MAX];
	struct reader *r;
	struct batch *b;
	struct err e;

	*units = 0;
	if ((r = reader_open_selecting(path, &all, selection, &e)) == NULL)
		return flows;
	*units = reader_blocks(r, &e);
	if (n != 0)
		reader_only(r, first, n);
	while (reader_next(r, &b, &e) == 1) {
		if (b->n == 0 || b->n > BATCH_MAX)
			abort();
		touched += fuzz_touch(b);
		flows.all += b->n;
		flows.chosen += fuzz_choose(NULL, b, sel);
	}
	reader_close(r);
	return flows;
}

/* The units of a file hold together what the whole holds, and a selection chooses from all of it. */
static inline void
fuzz_file(const char *path)
{
	struct selection odd = { .choose = fuzz_choose };
	size_t units, none;
	struct fuzz_flows whole = fuzz_read(path, NULL, 0, 0, &units), some;

	if (units > 1) {
		some = fuzz_read(path, NULL, 0, 1, &none);
		if (some.all + fuzz_read(path, NULL, 1, SIZE_MAX / 2, &none).all != whole.all)
			abort();
	}
	fieldset_add(&odd.fields, F_BYTES);
	fieldset_add(&odd.fields, F_SRCPORT);
	some = fuzz_read(path, &odd, 0, 0, &none);
	if (some.all != whole.chosen || some.chosen != whole.chosen)
		abort();
}

/* The first nstart bytes are replaced by `start`; also (NULL: nothing) is done with the file. */
static inline void
fuzz_reader_also(const char *name, const void *start, size_t nstart, const uint8_t *p, size_t n,
    void (*also)(const char *path))
{
	char path[64];
	FILE *f;

	if (n < nstart)
		return;
	snprintf(path, sizeof(path), "/tmp/flowlight-fuzz-%s.%ld", name, (long)getpid());
	unlink(path);
	if ((f = fopen(path, "wb")) == NULL)
		abort();
	fwrite(start, 1, nstart, f);
	fwrite(p + nstart, 1, n - nstart, f);
	fclose(f);
	fuzz_file(path);
	if (also != NULL)
		also(path);
	unlink(path);
}

static inline void
fuzz_reader(const char *name, const void *start, size_t nstart, const uint8_t *p, size_t n)
{
	fuzz_reader_also(name, start, nstart, p, n, NULL);
}

#endif
