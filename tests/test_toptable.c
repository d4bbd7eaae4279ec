/* The truth lies within what top tables say: against counting by brute force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "topcheck.h"

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
