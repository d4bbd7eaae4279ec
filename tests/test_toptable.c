/* The truth lies within what top tables say: against counting by brute force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "topcheck.h"

#include "store/summary.h"

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

	tally_table_init(&truth, TOP_KEY_MAX / 8, TRUTH_WORDS);
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

			tally_table_init(&truth, TOP_KEY_MAX / 8, TRUTH_WORDS);
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

/* The tables of small files have few rows, in as few bytes as they may have; and are right. */
static void
small_files_have_small_tables(void **s)
{
	static const int64_t sizes[] = { 1030000, 2000000, 10000000 };
	struct arena *a = arena_new();
	struct batch *b;
	size_t before = 0;

	(void)s;
	state = 5;
	b = flows_of_slot(a, HOSTS);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct tally *t = tally_new(1 << 20);
		struct summary *summary;
		struct err e = { 0 };
		size_t bytes = 0;

		tally_all(t, b);
		summary = summary_new(t, sizes[i]);
		for (int d = 0; d < TOP_DIMS; d++)
			bytes += summary->top[d].len;
		assert_true(bytes > before);
		assert_true(bytes * 1000 <= (size_t)sizes[i] * 8);
		before = bytes;
		for (int d = 0; d < TOP_DIMS; d++) {
			struct toptable top;

			assert_int_equal(toptable_decode(summary->top[d].s, summary->top[d].len, d, a, &top, &e), 0);
			assert_true(top.n > 0 && (top.n >= top_dims[d].least / 2 || top.cut[TOP_FLOWS] == 0));
			check_dimension(&top, b, a, false);
		}
		summary_free(summary);
		tally_free(t);
	}
	arena_free(a);
}

/* Pairs as they were coded before: a key's bytes behind those in common, though the rest is another address. */
static void
older_blobs_are_read(void **s)
{
	static const uint8_t blob[] = { 2, 9, 9, 9, 0,
	    0, 0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 3,
	    30, 1, 4, 7, 8, 0x81, 1 };
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct toptable t;

	(void)s;
	assert_true(toptable_is_older(blob, sizeof(blob)));
	assert_int_equal(toptable_decode(blob, sizeof(blob), TOP_PAIR, a, &t, &e), 0);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.row[1].key[30] << 8 | t.row[1].key[31], 0x104);
	assert_int_equal(t.row[1].key[15], 1);
	assert_int_equal(t.row[1].value[TOP_BYTES], 129);
	same_after_coding(&t, a);
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
		cmocka_unit_test(small_files_have_small_tables),
		cmocka_unit_test(older_blobs_are_read),
		cmocka_unit_test(counters_stay_at_the_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
