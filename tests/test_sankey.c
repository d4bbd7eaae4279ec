/*
 * The places of a Sankey picture: heights are shares, nothing lies on something else
 * or outside, and bands lie within the values that they join.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cgi/sankey.h"

#define CLOSE	1e-6
#define TEXT	14.0	/* a line of it */

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Height of all bands, by the first column. */
static double
ink(const struct sankey *s)
{
	double sum = 0;

	for (size_t i = 0; i < s->nnodes; i++)
		if (s->node[i].layer == 0)
			sum += s->node[i].height;
	return sum;
}

static bool
overlap(double y, double height, double other, double other_height)
{
	return y + CLOSE < other + other_height && other + CLOSE < y + height;
}

static void
check_nodes(const struct sankey *s)
{
	for (size_t k = 0; k < s->nlayers; k++) {
		uint64_t weight = 0;
		double sum = 0;

		for (size_t i = 0; i < s->nnodes; i++) {
			const struct sankey_node *n = &s->node[i];

			if (n->layer != k)
				continue;
			weight += n->weight;
			sum += n->height;
			assert_true(n->y >= -CLOSE && n->y + n->height <= s->height + CLOSE);
			assert_true(fabs(n->height - ink(s) * (double)n->weight / (double)s->weight) < CLOSE);
			for (size_t j = i + 1; j < s->nnodes && s->node[j].layer == k; j++)
				assert_true(fabs(n->y + n->height / 2 - s->node[j].y - s->node[j].height / 2) >= TEXT - CLOSE);
		}
		assert_int_equal(weight, s->weight);
		assert_true(fabs(sum - ink(s)) < CLOSE);
	}
}

static void
check_bands(const struct sankey *s, size_t nrows)
{
	size_t rows = 0;
	double sum = 0;

	for (size_t i = 0; i < s->nbands; i++) {
		const struct sankey_band *b = &s->band[i];

		rows += b->nrows;
		sum += b->height;
		assert_true(i == 0 || b->weight <= s->band[i - 1].weight);
		assert_true(fabs(b->height - ink(s) * (double)b->weight / (double)s->weight) < CLOSE);
		for (size_t k = 0; k < s->nlayers; k++) {
			const struct sankey_node *n = &s->node[b->node[k]];

			assert_int_equal(n->layer, k);
			assert_true(b->y[k] >= n->y - CLOSE && b->y[k] + b->height <= n->y + n->height + CLOSE);
			for (size_t j = i + 1; j < s->nbands; j++)
				assert_false(overlap(b->y[k], b->height, s->band[j].y[k], s->band[j].height));
		}
	}
	assert_int_equal(rows, nrows);
	assert_true(fabs(sum - ink(s)) < CLOSE);
}

/* Each row is in a band between its own values, or the others where these are not named. */
static void
check_rows(const struct sankey *s, const struct sankey_row *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t b = 0;

		while (b < s->nbands && s->band[b].row != s->with[i])
			b++;
		assert_true(b < s->nbands);
		for (size_t k = 0; k < s->nlayers; k++) {
			const char *value = s->node[s->band[b].node[k]].value;
			bool named = false;

			for (size_t j = 0; j < s->nnodes; j++)
				named |= s->node[j].layer == k && s->node[j].value != NULL &&
				    strcmp(s->node[j].value, row[i].value[k]) == 0;
			assert_int_equal(value != NULL, named);
			if (named)
				assert_string_equal(value, row[i].value[k]);
		}
	}
}

static const struct sankey *
lay(const struct sankey_row *row, size_t n, size_t nlayers)
{
	const struct sankey *s = sankey_lay(row, n, nlayers, arena);

	assert_non_null(s);
	check_nodes(s);
	check_bands(s, n);
	check_rows(s, row, n);
	return s;
}

static void
test_few(void **state)
{
	static const struct sankey_row row[] = {
		{ { "a", "80" }, 60 }, { { "b", "443" }, 25 }, { { "a", "443" }, 15 },
	};
	const struct sankey *s = lay(row, 3, 2);

	(void)state;
	assert_int_equal(s->weight, 100);
	assert_int_equal(s->nnodes, 4);
	assert_int_equal(s->nbands, 3);
	assert_string_equal(s->node[0].value, "a");
	assert_int_equal(s->node[0].weight, 75);
	/* What goes to the upper value leaves above what goes to the lower one. */
	assert_true(s->band[0].y[0] < s->band[2].y[0]);
	assert_true(s->band[2].y[1] < s->band[1].y[1]);
}

/* One value against many: it stands in the middle, and the small ones are gathered. */
static void
test_others(void **state)
{
	struct sankey_row row[60];
	const struct sankey *s;
	size_t named = 0, others = 0;

	(void)state;
	for (size_t i = 0; i < 60; i++)
		row[i] = (struct sankey_row){ { "all", arena_printf(arena, "%zu", i) }, i < 3 ? 1000 : 1 };
	s = lay(row, 60, 2);
	for (size_t i = 0; i < s->nnodes; i++) {
		named += s->node[i].layer == 1 && s->node[i].value != NULL;
		others += s->node[i].layer == 1 && s->node[i].value == NULL;
	}
	assert_int_equal(named, 3);
	assert_int_equal(others, 1);
	assert_int_equal(s->node[4].nvalues, 57);
	assert_true(fabs(s->node[0].y * 2 + s->node[0].height - s->height) < CLOSE);
	/* The others are last. */
	assert_true(fabs(s->node[4].y + s->node[4].height - s->height) < CLOSE);
}

/* A single value too many is named itself. */
static void
test_one_small(void **state)
{
	static const struct sankey_row row[] = {
		{ { "a", "x" }, 100000 }, { { "b", "x" }, 100000 }, { { "c", "x" }, 1 },
	};
	const struct sankey *s = lay(row, 3, 2);

	(void)state;
	assert_int_equal(s->nnodes, 4);
	assert_string_equal(s->node[2].value, "c");
}

static void
test_nothing(void **state)
{
	static const struct sankey_row row[] = { { { "a", "x" }, 0 }, { { "b", "y" }, 0 } };

	(void)state;
	assert_null(sankey_lay(row, 2, 2, arena));
	assert_null(sankey_lay(row, 0, 2, arena));
}

/* Rows of all kinds, also without weight and of very much. */
static void
test_many(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t nlayers = 2 + round % 2, n = 1 + (size_t)round * 3 % 101;
		struct sankey_row *row = arena_array(arena, n, sizeof(*row));
		uint64_t sum = 0;

		for (size_t i = 0; i < n; i++) {
			for (size_t k = 0; k < nlayers; k++) {
				seed = seed * 1664525 + 1013904223;
				row[i].value[k] = arena_printf(arena, "%u", (seed >> 16) % (k == 1 ? 7 : 40));
			}
			seed = seed * 1664525 + 1013904223;
			row[i].weight = seed >> 30 == 0 ? 0 : (uint64_t)1 << (seed >> 27);
			sum += row[i].weight;
		}
		if (sum > 0)
			lay(row, n, nlayers);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_one_small),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
