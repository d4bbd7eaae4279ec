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
	g = group_new(&keys, true, threads);
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
	g = group_new(&keys, false, 1);
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

/* Flows of which many share no key with another, and some count more than others ever do. */
static void
make_odd_flows(struct batch *b, size_t n, uint32_t keys, bool out)
{
	static const uint64_t odd[] = { 0, 1u << 20, 0xffffffff, (uint64_t)1 << 32, (uint64_t)1 << 44, UINT64_MAX };

	for (size_t i = 0; i < n; i++) {
		uint32_t key = random32() % keys;
		static const enum field counters[] = { F_FLOWS, F_PACKETS, F_BYTES, F_FIRST, F_LAST };

		if (key % 3 == 0)
			key %= 12;
		COLADDR(b, F_SRCIP)[i] = key % 4 == 0 ? addr_from_v6(key % 8 == 0 ? 0 : 0x20010db800000000ULL, 0x0b000000 + key) :
		    addr_from_v4(0x0a000000 + key);
		COL16(b, F_DSTPORT)[i] = (uint16_t)(key * 7);
		COL64(b, F_FLOWS)[i] = 1 + random32() % 3;
		COL64(b, F_PACKETS)[i] = random32();
		COL64(b, F_BYTES)[i] = random32();
		COL64(b, F_FIRST)[i] = 1795197000000 + random32() % 300000;
		COL64(b, F_LAST)[i] = COL64(b, F_FIRST)[i] + random32() % 100000;
		COL64(b, F_OUTPACKETS)[i] = out && random32() % 20 == 0 ? random32() : 0;
		COL64(b, F_OUTBYTES)[i] = 0;
		COL8(b, F_FLAGS)[i] = (uint8_t)(1u << random32() % 8);
		if (random32() % 50 == 0)
			COL64(b, counters[random32() % 5])[i] = odd[random32() % 6];
		if (random32() % 100 == 0)
			COL64(b, F_FIRST)[i] = COL64(b, F_LAST)[i] = odd[random32() % 6];
	}
}

static int
compare_flows(const void *one, const void *two, const void *ctx)
{
	const struct batch *b = ctx;
	size_t i = *(const uint32_t *)one, k = *(const uint32_t *)two;
	int c = memcmp(&COLADDR(b, F_SRCIP)[i], &COLADDR(b, F_SRCIP)[k], 16);

	if (c == 0)
		c = COL16(b, F_DSTPORT)[i] - COL16(b, F_DSTPORT)[k];
	return c != 0 ? c : i < k ? -1 : 1;
}

/* All groups, ordered by key, are what sorting the flows and adding them up gives; sums stay at their top. */
static void
check_all(const struct batch *flows, const struct batch *rows, const uint64_t *first, bool records)
{
	uint32_t *sorted = malloc(flows->n * sizeof(*sorted));
	size_t at = 0;

	for (uint32_t i = 0; i < flows->n; i++)
		sorted[i] = i;
	assert_int_equal(order_top(sorted, flows->n, sizeof(*sorted), 0, compare_flows, flows), flows->n);
	for (size_t k = 0; k < rows->n; k++) {
		struct counters sum = { .first = UINT64_MAX }, c;
		size_t from = at;

		assert_true(at < flows->n && same_key(flows, sorted[at], rows, k));
		for (; at < flows->n && same_key(flows, sorted[at], rows, k); at++) {
			counters_of_row(flows, sorted[at], &c);
			counter_add(&sum.flows, c.flows);
			counter_add(&sum.packets, c.packets);
			counter_add(&sum.bytes, c.bytes);
			counter_add(&sum.outpackets, c.outpackets);
			sum.first = c.first < sum.first ? c.first : sum.first;
			sum.last = c.last > sum.last ? c.last : sum.last;
			sum.flags |= records ? c.flags : 0;
		}
		counters_of_row(rows, k, &c);
		assert_memory_equal(&c, &sum, sizeof(c));
		if (records)
			assert_int_equal(first[k], sorted[from]);
	}
	assert_int_equal(at, flows->n);
	free(sorted);
}

/* The best few are the first of all, also where many are equal. */
static void
check_top(struct group *g, const struct group_keys *keys, const struct fieldset *set, struct arena *a)
{
	struct batch all = { 0 }, top = { 0 };

	group_top(g, keys, NULL, ORDER_FLOWS, true, 0, set, a, &all, NULL);
	assert_int_equal(group_top(g, keys, NULL, ORDER_FLOWS, true, 300, set, a, &top, NULL), all.n);
	assert_int_equal(top.n, all.n < 300 ? all.n : 300);
	for (size_t i = 0; i < top.n; i++) {
		assert_true(same_key(&all, i, &top, i));
		assert_int_equal(COL64(&all, F_FLOWS)[i], COL64(&top, F_FLOWS)[i]);
	}
}

static void
group_odd(unsigned threads, bool records, uint32_t nkeys, bool out)
{
	struct key key[2] = { { .field = F_SRCIP }, { .field = F_DSTPORT } };
	struct fieldset set = { { 0, 0 } };
	struct arena *a = arena_new();
	struct group_keys keys;
	struct group *g;
	struct batch flows = { 0 }, rows = { 0 };
	uint64_t *first;
	size_t n = 120000;

	counters_fields(&set);
	fieldset_add(&set, F_SRCIP);
	fieldset_add(&set, F_DSTPORT);
	fieldset_add(&set, F_FLAGS);
	batch_columns(&flows, &set, n, a);
	flows.n = n;
	make_odd_flows(&flows, n, nkeys, out);
	group_keys_init(&keys, key, 2);
	g = group_new(&keys, records, threads);
	for (size_t from = 0, i = 0; from < n; from += 3000, i++) {
		struct batch piece;

		piece_of(&flows, from, 3000, &piece);
		group_add(g, (unsigned)(i % threads), &keys, &piece, piece.n, 0);
	}
	group_finish(g);
	assert_int_equal(group_top(g, &keys, NULL, ORDERS, true, 0, &set, a, &rows, &first), group_count(g));
	assert_int_equal(rows.n, group_count(g));
	check_all(&flows, &rows, first, records);
	check_top(g, &keys, &set, a);
	group_free(g);
	arena_free(a);
}

/* Groups that hardly repeat go another way than those that do, and so do great numbers. */
static void
test_odd(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= 2; threads++) {
		group_odd(threads, true, 1000000, false);
		group_odd(threads, true, 1000000, true);
		group_odd(threads, false, 100000, true);
		group_odd(threads, false, 20000, false);
		group_odd(threads, true, 500, true);
	}
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
		cmocka_unit_test(test_networks), cmocka_unit_test(test_odd),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
