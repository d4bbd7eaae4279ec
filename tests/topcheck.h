/*
 * Flows at random, counting them by brute force, and comparing top tables with
 * that.  After cmocka.h.
 */
#ifndef TESTS_TOPCHECK_H
#define TESTS_TOPCHECK_H

#include <stdlib.h>
#include <string.h>

#include "store/toptable.h"

#define FLOWS	40000
#define HOSTS	3000

/* Beside the counts when the first flow began, turned over so that 0 is never, and when the last one ended. */
enum { TRUTH_FIRST = TOP_METRICS, TRUTH_LAST, TRUTH_WORDS };

static uint64_t state;

static inline uint64_t
draw(uint64_t n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % n;
}

/* Few are met often, many seldom. */
static inline uint64_t
skewed(uint64_t n)
{
	return draw(draw(draw(n) + 1) + 1);
}

static inline struct addr
host(uint64_t i)
{
	return i % 7 == 0 ? addr_from_v6(0x20010db800000000ULL + i / 70, i) :
	    addr_from_v4(0x0a000000u + (uint32_t)i * 37);
}

static inline struct batch *
flows_of_slot(struct arena *a, uint64_t spread)
{
	struct batch *b = arena_alloc(a, sizeof(*b));
	struct fieldset set = { { 0, 0 } };

	tally_fields(&set);
	batch_columns(b, &set, FLOWS, a);
	b->n = FLOWS;
	for (size_t i = 0; i < FLOWS; i++) {
		COLADDR(b, F_SRCIP)[i] = host(skewed(spread));
		COLADDR(b, F_DSTIP)[i] = host(skewed(spread / 2));
		COL16(b, F_SRCPORT)[i] = (uint16_t)draw(60000);
		COL16(b, F_DSTPORT)[i] = (uint16_t)skewed(2000);
		COL8(b, F_PROTO)[i] = draw(3) == 0 ? 17 : 6;
		COL32(b, F_SRCAS)[i] = (uint32_t)skewed(500);
		COL32(b, F_INIF)[i] = (uint32_t)draw(4);
		COL64(b, F_FIRST)[i] = UINT64_C(1795197600000) + draw(300000);
		COL64(b, F_LAST)[i] = COL64(b, F_FIRST)[i] + skewed(60000);
		COL64(b, F_FLOWS)[i] = 1;
		COL64(b, F_PACKETS)[i] = 1 + skewed(50);
		COL64(b, F_BYTES)[i] = COL64(b, F_PACKETS)[i] * (40 + skewed(1400));
		COL64(b, F_OUTBYTES)[i] = draw(10) == 0 ? draw(5000) : 0;
	}
	return b;
}

/* Adds a batch of any length in portions. */
static inline void
tally_all(struct tally *t, const struct batch *b)
{
	for (size_t at = 0; at < b->n; at += BATCH_MAX) {
		struct batch part = *b;

		part.n = b->n - at < BATCH_MAX ? b->n - at : BATCH_MAX;
		for (int f = 0; f < F_COUNT; f++)
			if (b->col[f] != NULL)
				part.col[f] = (char *)b->col[f] + at * fields[f].width;
		tally_add(t, &part);
	}
}

/* The keys that a flow has in a dimension: one, or two. */
static inline int
keys_of(const struct batch *b, size_t i, enum top_dim d, uint8_t key[2][TOP_KEY_MAX])
{
	static const enum field number[TOP_DIMS] = { [TOP_SRCPORT] = F_SRCPORT, [TOP_DSTPORT] = F_DSTPORT,
	    [TOP_PROTO] = F_PROTO, [TOP_SRCAS] = F_SRCAS, [TOP_DSTAS] = F_DSTAS, [TOP_INIF] = F_INIF,
	    [TOP_OUTIF] = F_OUTIF };
	struct addr src = COLADDR(b, F_SRCIP)[i], dst = COLADDR(b, F_DSTIP)[i], net;
	uint64_t n = 0;

	memset(key, 0, 2 * TOP_KEY_MAX);
	switch (d) {
	case TOP_SRCIP:
	case TOP_IP:
	case TOP_PAIR:
	case TOP_SERVICE:
		memcpy(key[0], &src, 16);
		memcpy(d == TOP_IP ? key[1] : key[0] + 16, &dst, d == TOP_SERVICE ? 0 : d == TOP_SRCIP ? 0 : 16);
		key[0][16] = d == TOP_SERVICE ? (uint8_t)(COL16(b, F_DSTPORT)[i] >> 8) : key[0][16];
		key[0][17] = d == TOP_SERVICE ? (uint8_t)COL16(b, F_DSTPORT)[i] : key[0][17];
		return d == TOP_IP ? 2 : 1;
	case TOP_DSTIP:
		memcpy(key[0], &dst, 16);
		return 1;
	case TOP_SRCNET:
	case TOP_DSTNET:
		net = d == TOP_SRCNET ? src : dst;
		addr_mask(&net, addr_is_v4(&net) ? 96 + 24 : 64);
		memcpy(key[0], &net, 16);
		return 1;
	default:
		n = batch_number(b, number[d], i);
		for (unsigned j = top_dims[d].size; j-- > 0; n >>= 8)
			key[0][j] = (uint8_t)n;
		return 1;
	}
}

/* All values of a dimension, exactly. */
static inline void
count_truth(struct tally_table *t, const struct batch *b, enum top_dim d)
{
	uint8_t key[2][TOP_KEY_MAX];

	for (size_t i = 0; i < b->n; i++)
		for (int k = keys_of(b, i, d, key); k-- > 0; ) {
			uint64_t words[TOP_KEY_MAX / 8], *c;

			memcpy(words, key[k], sizeof(words));
			c = tally_counts(t, tally_find(t, words));
			c[TOP_FLOWS] += COL64(b, F_FLOWS)[i];
			c[TOP_PACKETS] += COL64(b, F_PACKETS)[i] + COL64(b, F_OUTPACKETS)[i];
			c[TOP_BYTES] += COL64(b, F_BYTES)[i] + COL64(b, F_OUTBYTES)[i];
			if (~COL64(b, F_FIRST)[i] > c[TRUTH_FIRST])
				c[TRUTH_FIRST] = ~COL64(b, F_FIRST)[i];
			if (COL64(b, F_LAST)[i] > c[TRUTH_LAST])
				c[TRUTH_LAST] = COL64(b, F_LAST)[i];
		}
}

static inline const struct top_row *
row_of(const struct toptable *t, const void *key)
{
	size_t low = 0, high = t->n;

	/* Rows are by key. */
	while (low < high) {
		size_t at = low + (high - low) / 2;
		int order = memcmp(t->row[at].key, key, TOP_KEY_MAX);

		if (order == 0)
			return &t->row[at];
		if (order < 0)
			low = at + 1;
		else
			high = at;
	}
	return NULL;
}

static inline void
check_bounds(const struct toptable *t, const struct tally_table *truth)
{
	size_t met = 0;

	for (size_t i = 0; i < truth->n; i++) {
		const struct top_row *r = row_of(t, tally_key(truth, i));
		const uint64_t *v = tally_counts(truth, i);

		met += r != NULL;
		for (int m = 0; m < TOP_METRICS; m++) {
			if (r == NULL) {
				assert_true(v[m] <= t->cut[m]);
				continue;
			}
			assert_true(r->value[m] <= v[m]);
			assert_true(v[m] <= r->value[m] + r->over[m]);
		}
		assert_true(t->timed);
		if (r != NULL && top_row_exact(r)) {
			assert_true(r->first_msec == ~v[TRUTH_FIRST]);
			assert_true(r->last_msec == v[TRUTH_LAST]);
		}
	}
	assert_int_equal(met, t->n);		/* no row of a key that never was */
}

/* The proven ranks are those of the truth: nobody below has more. */
static inline void
check_ranks(const struct toptable *t, const struct tally_table *truth, struct arena *a, bool all)
{
	for (int m = 0; m < TOP_METRICS; m++) {
		size_t proven, above;
		struct top_row **order = toptable_rank(t, m, a, &proven);

		if (all)
			assert_int_equal(proven, t->n);
		for (size_t r = 0; r < proven; r++) {
			uint64_t words[TOP_KEY_MAX / 8], v;

			memcpy(words, order[r]->key, sizeof(words));
			v = tally_counts(truth, tally_find((struct tally_table *)(uintptr_t)truth, words))[m];
			above = 0;
			for (size_t i = 0; i < truth->n; i++)
				above += tally_counts(truth, i)[m] > v;
			assert_true(above <= r);
		}
	}
}

#endif
