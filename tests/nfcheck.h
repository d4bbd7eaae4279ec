/*
 * For tests of the nfcapd readers: files out of memory, flows against what the
 * encoder put there, and damage of every kind.
 */
#ifndef TESTS_NFCHECK_H
#define TESTS_NFCHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "format/reader.h"
#include "nfencode.h"

static char scratch[64];

/* Of every byte all bits, or some where reading is slow. */
#ifdef __SANITIZE_ADDRESS__
#define BITS_STEP	5
#define TIMES		600
#else
#define BITS_STEP	1
#define TIMES		3000
#endif

static inline void
put_file(const void *p, size_t n)
{
	FILE *f;

	if (scratch[0] == '\0')
		snprintf(scratch, sizeof(scratch), "/tmp/flowlight-nfcapd.%ld", (long)getpid());
	unlink(scratch);	/* some file systems write out at once what takes another file's place */
	f = fopen(scratch, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static const struct fieldset everything = { { ~(uint64_t)0, ((uint64_t)1 << (F_COUNT - 64)) - 1 } };

/* What reading the scratch file came to. */
struct reading {
	bool refused;
	long flows;
	size_t faults;
	char said[1024];	/* error or first fault */
	uint64_t sum;		/* of all bytes in all columns: so that all were looked at */
};

/* Adds up the columns, texts included. */
static inline uint64_t
sum_of(const struct batch *b)
{
	uint64_t sum = 0;

	for (int f = 0; f < F_COUNT; f++) {
		const uint8_t *p = b->col[f];
		bool slices = fields[f].kind == KIND_TEXT || fields[f].kind == KIND_BINARY;

		for (size_t i = 0; p != NULL && !slices && i < b->n * fields[f].width; i++)
			sum = sum * 31 + p[i];
		for (size_t i = 0; p != NULL && slices && i < b->n; i++)
			for (uint32_t k = 0; k < COLSLICE(b, f)[i].len; k++)
				sum = sum * 31 + COLSLICE(b, f)[i].p[k];
	}
	return sum;
}

/* Reads units first … first + n - 1 of the scratch file; each flow goes to check, if there is one. */
static inline struct reading
read_units(size_t first, size_t n, void (*check)(const struct batch *, size_t i, unsigned flow))
{
	struct reading g = { 0 };
	struct reader *r;
	struct batch *b;
	struct err e;
	int rc;

	if ((r = reader_open(scratch, &everything, &e)) == NULL) {
		g.refused = true;
		snprintf(g.said, sizeof(g.said), "%s", e.text);
		return g;
	}
	if (n != 0)
		reader_only(r, first, n);
	while ((rc = reader_next(r, &b, &e)) == 1) {
		assert_in_range(b->n, 1, BATCH_MAX);
		g.sum += sum_of(b);
		for (size_t i = 0; check != NULL && i < b->n; i++)
			check(b, i, g.flows + i);
		g.flows += b->n;
	}
	assert_int_equal(rc, 0);
	g.faults = reader_faults(r)->n;
	if (g.faults > 0)
		snprintf(g.said, sizeof(g.said), "%s", reader_faults(r)->fault[0].reason);
	reader_close(r);
	return g;
}

static inline struct reading
read_all(const void *p, size_t n, void (*check)(const struct batch *, size_t, unsigned))
{
	put_file(p, n);
	return read_units(0, 0, check);
}

/* A member of an extension is the value of a field. */
struct expected { uint8_t extension, member, field; };

static inline void
is_addr(const struct batch *b, enum field f, size_t i, struct addr want)
{
	char got_text[ADDR_STRLEN], want_text[ADDR_STRLEN];

	addr_print(&COLADDR(b, f)[i], got_text);
	addr_print(&want, want_text);
	assert_string_equal(got_text, want_text);
}

static inline void
is_text(const struct batch *b, enum field f, size_t i, const void *want, size_t n)
{
	assert_int_equal(COLSLICE(b, f)[i].len, n);
	if (n > 0)
		assert_memory_equal(COLSLICE(b, f)[i].p, want, n);
}

/* The flow's field has the value that its extension was given. */
static inline void
is_member(const struct batch *b, size_t i, unsigned flow, const struct member m[MEMBERS], struct expected x)
{
	struct member k = m[x.member];
	uint64_t v = value_of(flow, x.extension, x.member, k);
	char text[32];

	if (k.kind == 's') {
		text_of(flow, x.extension, text);
		is_text(b, x.field, i, text, strlen(text));
	} else if (fields[x.field].kind == KIND_ADDR) {
		is_addr(b, x.field, i, k.width == 4 ? addr_from_v4(v) :
		    addr_from_v6(v, value_of(flow, x.extension, x.member + 1, k)));
	} else {
		if (k.kind == 'p')
			v = base_of(flow, BASE_DSTPORT, k.width);
		assert_int_equal(batch_number(b, x.field, i),
		    fields[x.field].width == 8 ? v : v & (((uint64_t)1 << fields[x.field].width * 8) - 1));
	}
}

/* Every length of the file: never more flows than end before the cut; ends are the flows' ends, ascending. */
static inline void
cut_everywhere(const struct out *o, const size_t *ends, long nends)
{
	for (size_t n = 0; n < o->n; n++) {
		struct reading g = read_all(o->p, n, NULL);
		long whole = 0;

		while (whole < nends && ends[whole] <= n)
			whole++;
		if (!g.refused)
			assert_int_equal(g.flows, whole);
		assert_true(g.said[0] != '\0');
	}
}

/* Every bit of the file the other way: lost flows are told, but for bytes that are in quiet[]. */
static inline void
flip_everywhere(struct out *o, long nflows, const uint8_t *quiet)
{
	for (size_t at = 0; at < o->n; at++)
		for (int bit = at % BITS_STEP; bit < 8; bit += BITS_STEP) {
			struct reading g;

			o->p[at] ^= 1 << bit;
			g = read_all(o->p, o->n, NULL);
			o->p[at] ^= 1 << bit;
			if (g.flows < nflows && !quiet[at] && g.said[0] == '\0')
				fail_msg("bit %d of byte %zu: %ld of %ld flows and no fault", bit, at, g.flows, nflows);
		}
}

/* Random bytes over the file, several at a time. */
static inline void
scribble(struct out *o, unsigned times)
{
	uint8_t *good = malloc(o->n);
	uint64_t x = 88172645463325252;

	memcpy(good, o->p, o->n);
	while (times-- > 0) {
		for (int k = 0; k < 6; k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			o->p[x % o->n] = k % 2 == 0 ? x >> 32 : x >> 63 ? 0xff : 0;
		}
		read_all(o->p, o->n, NULL);
		memcpy(o->p, good, o->n);
	}
	free(good);
}

#endif
