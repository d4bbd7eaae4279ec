/* The truth lies within what top tables say: against counting by brute force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "store/toptable.h"

#define FLOWS	40000
#define HOSTS	3000

static uint64_t state;

static uint64_t
draw(uint64_t n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % n;
}

/* Few are met often, many seldom. */
static uint64_t
skewed(uint64_t n)
{
	return draw(draw(draw(n) + 1) + 1);
}

static struct addr
host(uint64_t i)
{
	return i % 7 == 0 ? addr_from_v6(0x20010db800000000ULL + i / 70, i) :
	    addr_from_v4(0x0a000000u + (uint32_t)i * 37);
}

static struct batch *
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
		COL64(b, F_FLOWS)[i] = 1;
		COL64(b, F_PACKETS)[i] = 1 + skewed(50);
		COL64(b, F_BYTES)[i] = COL64(b, F_PACKETS)[i] * (40 + skewed(1400));
		COL64(b, F_OUTBYTES)[i] = draw(10) == 0 ? draw(5000) : 0;
	}
	return b;
}

/* Adds a batch of any length in portions. */
static void
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
static int
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
static void
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
		}
}

static const struct top_row *
row_of(const struct toptable *t, const void *key)
{
	for (size_t i = 0; i < t->n; i++)
		if (memcmp(t->row[i].key, key, TOP_KEY_MAX) == 0)
			return &t->row[i];
	return NULL;
}

static void
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
	}
	assert_int_equal(met, t->n);		/* no row of a key that never was */
}

/* The proven ranks are those of the truth: nobody below has more. */
static void
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

static void
same_after_coding(const struct toptable *t, struct arena *a)
{
	struct strbuf sb = { 0 };
	struct toptable back;
	struct err e = { 0 };

	toptable_encode(t, &sb);
	assert_int_equal(toptable_decode(sb.s, sb.len, t->dim, a, &back, &e), 0);
	assert_int_equal(back.n, t->n);
	assert_memory_equal(back.cut, t->cut, sizeof(t->cut));
	for (size_t i = 0; i < t->n; i++)
		assert_memory_equal(&back.row[i], &t->row[i], sizeof(t->row[i]));
	for (size_t cut = 0; cut < sb.len; cut += 1 + sb.len / 50)
		assert_int_equal(toptable_decode(sb.s, cut, t->dim, a, &back, &e), -1);
	strbuf_free(&sb);
}

static void
check_dimension(const struct toptable *top, const struct batch *b, struct arena *a,
    bool exact)
{
	struct tally_table truth;

	tally_table_init(&truth, TOP_KEY_MAX / 8, TOP_METRICS);
	count_truth(&truth, b, top->dim);
	check_bounds(top, &truth);
	check_ranks(top, &truth, a, false);
	for (size_t i = 0; exact && i < top->n; i++)
		assert_true(top->row[i].over[TOP_BYTES] == 0);
	if (exact && truth.n <= top_dims[top->dim].keep)
		assert_int_equal(top->n, truth.n);
	same_after_coding(top, a);
	tally_table_free(&truth);
}

static void
a_file_is_exact(void **s)
{
	struct toptable tops[TOP_DIMS];
	struct arena *a = arena_new();
	struct tally *t = tally_new(1 << 20);
	struct batch *b;
	struct digest d;

	(void)s;
	state = 1;
	b = flows_of_slot(a, HOSTS);
	tally_all(t, b);
	toptable_of_tally(t, a, tops);
	for (int i = 0; i < TOP_DIMS; i++)
		check_dimension(&tops[i], b, a, true);
	digest_of_tally(t, tops, &d);
	assert_false(d.at_least);
	assert_true(d.sources > 500 && d.sources <= HOSTS);
	assert_true(d.entropy[2] > 0.9 && d.entropy[0] < d.entropy[2]);
	tally_free(t);
	arena_free(a);
}

/* With little room, counts are lost, and said to be. */
static void
too_many_keys_stay_in_bounds(void **s)
{
	struct toptable tops[TOP_DIMS];
	struct arena *a = arena_new();
	struct tally *t = tally_new(0);
	struct batch *b;
	struct digest d;

	(void)s;
	state = 2;
	b = flows_of_slot(a, 40000);
	tally_all(t, b);
	toptable_of_tally(t, a, tops);
	digest_of_tally(t, tops, &d);
	assert_true(tally_table(t, TALLY_PAIR)->dropped > 0);
	assert_true(tally_table(t, TALLY_ADDR)->dropped > 0);
	assert_true(tally_table(t, TALLY_ADDR)->n <= 4 * BATCH_MAX);
	assert_true(d.at_least);
	for (int i = 0; i < TOP_DIMS; i++)
		check_dimension(&tops[i], b, a, false);
	tally_free(t);
	arena_free(a);
}

/* Twelve slots into an hour, hours into a whole; the kept rows are few, so that there are cuts. */
static void
sums_stay_in_bounds(void **s)
{
	static const size_t keeps[] = { 0, 20, 200 };
	struct arena *a = arena_new();

	(void)s;
	state = 3;
	for (size_t k = 0; k < sizeof(keeps) / sizeof(keeps[0]); k++)
		for (int d = 0; d < TOP_DIMS; d++) {
			struct topsum *all = topsum_new(d);
			struct tally_table truth;
			struct toptable sum;

			tally_table_init(&truth, TOP_KEY_MAX / 8, TOP_METRICS);
			for (int hour = 0; hour < 2; hour++) {
				struct topsum *one = topsum_new(d);

				for (int slot = 0; slot < 3; slot++) {
					struct toptable tops[TOP_DIMS];
					struct tally *t = tally_new(1 << 20);
					struct batch *b = flows_of_slot(a, HOSTS + (uint64_t)slot * 1000);

					tally_all(t, b);
					toptable_of_tally(t, a, tops);
					topsum_add(one, &tops[d]);
					count_truth(&truth, b, d);
					tally_free(t);
				}
				topsum_finish(one, keeps[k], a, &sum);
				topsum_add(all, &sum);
				topsum_free(one);
			}
			topsum_finish(all, keeps[k], a, &sum);
			check_bounds(&sum, &truth);
			check_ranks(&sum, &truth, a, d == TOP_PROTO || d == TOP_INIF);
			same_after_coding(&sum, a);
			topsum_free(all);
			tally_table_free(&truth);
			arena_free(a);
			a = arena_new();
		}
	arena_free(a);
}

static void
counters_stay_at_the_top(void **s)
{
	struct toptable tops[TOP_DIMS], sum;
	struct topsum *all = topsum_new(TOP_SRCIP);
	struct arena *a = arena_new();
	struct tally *t = tally_new(0);
	struct batch *b;

	(void)s;
	state = 4;
	b = flows_of_slot(a, 4);
	for (size_t i = 0; i < b->n; i++)
		COL64(b, F_BYTES)[i] = UINT64_MAX - 1;
	tally_all(t, b);
	toptable_of_tally(t, a, tops);
	topsum_add(all, &tops[TOP_SRCIP]);
	topsum_add(all, &tops[TOP_SRCIP]);
	topsum_finish(all, 0, a, &sum);
	assert_int_equal(sum.n, 4);
	assert_true(sum.row[0].value[TOP_BYTES] == UINT64_MAX);
	assert_true(sum.row[0].value[TOP_FLOWS] == 2 * tops[TOP_SRCIP].row[0].value[TOP_FLOWS]);
	topsum_free(all);
	tally_free(t);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_exact),
		cmocka_unit_test(too_many_keys_stay_in_bounds),
		cmocka_unit_test(sums_stay_in_bounds),
		cmocka_unit_test(counters_stay_at_the_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
