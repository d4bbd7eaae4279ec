/*
 * Grouping and ranking, against sums made the slow way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "query/group.h"
#include "query/order.h"

#define NFLOWS	4096

static uint64_t seed = 1;

static uint32_t
random32(void)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33);
}

static void
make_flows(struct batch *b, struct arena *a)
{
	struct fieldset set = { { 0, 0 } };

	memset(b, 0, sizeof(*b));
	counters_fields(&set);
	fieldset_add(&set, F_SRCIP);
	fieldset_add(&set, F_DSTPORT);
	fieldset_add(&set, F_FLAGS);
	batch_columns(b, &set, NFLOWS, a);
	b->n = NFLOWS;
	b->ident = "";
	for (size_t i = 0; i < NFLOWS; i++) {
		COLADDR(b, F_SRCIP)[i] = random32() % 4 == 0 ?
		    addr_from_v6(0x20010db800000000ULL, random32() % 50) : addr_from_v4(0x0a000000 + random32() % 700);
		COL16(b, F_DSTPORT)[i] = (uint16_t)(random32() % 5 == 0 ? random32() : 443);
		COL64(b, F_FLOWS)[i] = 1 + random32() % 3;
		COL64(b, F_PACKETS)[i] = random32() % 100;
		COL64(b, F_BYTES)[i] = random32();
		COL64(b, F_OUTPACKETS)[i] = random32() % 2;
		COL64(b, F_FIRST)[i] = 1000000 + random32() % 1000;
		COL64(b, F_LAST)[i] = COL64(b, F_FIRST)[i] + random32() % 1000;
		COL8(b, F_FLAGS)[i] = (uint8_t)(1u << random32() % 8);
	}
}

static bool
same_key(const struct batch *a, size_t i, const struct batch *b, size_t k)
{
	return memcmp(&COLADDR(a, F_SRCIP)[i], &COLADDR(b, F_SRCIP)[k], 16) == 0 &&
	    COL16(a, F_DSTPORT)[i] == COL16(b, F_DSTPORT)[k];
}

/* Every group of the rows is the sum of its flows, and every flow is in one. */
static void
check_sums(const struct batch *flows, const struct batch *rows)
{
	uint64_t seen = 0;

	for (size_t k = 0; k < rows->n; k++) {
		struct counters sum = { .first = UINT64_MAX }, c;

		for (size_t i = 0; i < flows->n; i++) {
			if (!same_key(flows, i, rows, k))
				continue;
			counters_of_row(flows, i, &c);
			sum.flows += c.flows;
			sum.packets += c.packets;
			sum.bytes += c.bytes;
			sum.outpackets += c.outpackets;
			sum.first = c.first < sum.first ? c.first : sum.first;
			sum.last = c.last > sum.last ? c.last : sum.last;
			sum.flags |= c.flags;
			seen++;
		}
		counters_of_row(rows, k, &c);
		assert_memory_equal(&c, &sum, sizeof(c));
	}
	assert_int_equal(seen, flows->n);
}

static void
piece_of(const struct batch *flows, size_t from, size_t n, struct batch *piece)
{
	*piece = *flows;
	piece->n = flows->n - from < n ? flows->n - from : n;
	piece->first_number = from;
	for (enum field f = 0; f < F_COUNT; f++)
		if (piece->col[f] != NULL)
			piece->col[f] = (char *)piece->col[f] + from * fields[f].width;
}

static void
group_in(unsigned threads, uint64_t top)
{
	struct key key[2] = { { .field = F_SRCIP }, { .field = F_DSTPORT } };
	struct arena *a = arena_new();
	struct group_keys keys;
	struct group *g;
	struct batch flows, rows;
	uint64_t *first;

	memset(&rows, 0, sizeof(rows));
	make_flows(&flows, a);
	group_keys_init(&keys, key, 2);
	g = group_new(keys.size, true, false, threads);
	/* Each thread takes every so-many-th piece of 100 flows, so that its table is spilled in between. */
	for (size_t from = 0; from < NFLOWS; from += 100) {
		struct batch piece;

		piece_of(&flows, from, 100, &piece);
		group_add(g, (unsigned)(from / 100 % threads), &keys, &piece, piece.n, 0);
	}
	group_finish(g);
	group_top(g, &keys, NULL, ORDER_BYTES, false, top, &flows.have, a, &rows, &first);
	assert_int_equal(rows.n, top == 0 || top > group_count(g) ? group_count(g) : top);
	for (size_t k = 0; k < rows.n; k++) {
		assert_true(same_key(&flows, first[k], &rows, k));
		for (size_t i = 0; i < first[k]; i++)
			assert_false(same_key(&flows, i, &rows, k));
	}
	for (size_t k = 1; k < rows.n; k++)
		assert_true(COL64(&rows, F_BYTES)[k - 1] + COL64(&rows, F_OUTBYTES)[k - 1] >=
		    COL64(&rows, F_BYTES)[k] + COL64(&rows, F_OUTBYTES)[k]);
	if (top == 0)
		check_sums(&flows, &rows);
	group_free(g);
	arena_free(a);
}

static void
test_sums(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= 4; threads++) {
		group_in(threads, 0);
		group_in(threads, 10);
	}
}

/* A network key keeps its own family's networks; the other family is one group. */
static void
test_networks(void **state)
{
	struct key key[] = { { .field = F_SRCIP, .family = 4, .bits = 24 } };
	struct arena *a = arena_new();
	struct group_keys keys;
	struct batch flows, rows;
	struct group *g;
	char text[ADDR_STRLEN];
	uint64_t sum = 0;

	(void)state;
	memset(&rows, 0, sizeof(rows));
	make_flows(&flows, a);
	group_keys_init(&keys, key, 1);
	g = group_new(keys.size, false, false, 1);
	group_add(g, 0, &keys, &flows, NFLOWS, 0);
	group_finish(g);
	assert_int_equal(group_count(g), 4);	/* 10.0.0-2.0/24 and :: */
	group_top(g, &keys, NULL, ORDER_FLOWS, false, 0, &flows.have, a, &rows, NULL);
	for (size_t i = 0; i < rows.n; i++) {
		addr_print(&COLADDR(&rows, F_SRCIP)[i], text);
		assert_true(strcmp(text, "::") == 0 || strcmp(text, "10.0.0.0") == 0 ||
		    strcmp(text, "10.0.1.0") == 0 || strcmp(text, "10.0.2.0") == 0);
	}
	for (size_t i = 0; i < NFLOWS; i++)
		sum += COL64(&flows, F_FLOWS)[i];
	for (size_t i = 0; i < rows.n; i++)
		sum -= COL64(&rows, F_FLOWS)[i];
	assert_int_equal(sum, 0);
	group_free(g);
	arena_free(a);
}

static int
compare_numbers(const void *one, const void *two, const void *ctx)
{
	const uint32_t *a = one, *b = two;

	(void)ctx;
	return *a < *b ? -1 : *a > *b;
}

static int
compare_for_qsort(const void *one, const void *two)
{
	return compare_numbers(one, two, NULL);
}

static void
test_order(void **state)
{
	static const uint64_t tops[] = { 0, 1, 2, 10, 999, 1000, 5000 };
	uint32_t numbers[1000], sorted[1000];

	(void)state;
	for (size_t t = 0; t < sizeof(tops) / sizeof(tops[0]); t++) {
		size_t k;

		for (size_t i = 0; i < 1000; i++)
			numbers[i] = sorted[i] = random32() % 500;
		qsort(sorted, 1000, sizeof(sorted[0]), compare_for_qsort);
		k = order_top(numbers, 1000, sizeof(numbers[0]), tops[t], compare_numbers, NULL);
		assert_int_equal(k, tops[t] == 0 || tops[t] > 1000 ? 1000 : tops[t]);
		assert_memory_equal(numbers, sorted, k * sizeof(numbers[0]));
	}
	assert_int_equal(order_top(numbers, 0, sizeof(numbers[0]), 10, compare_numbers, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
