/*
 * What column files are made of: numbers in few bytes, the dictionary of
 * addresses, and twins, each there and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/coladdr.h"
#include "format/coltwin.h"

static uint64_t seed = 88172645463325252;

static uint64_t
random_below(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

/* Single values of a stripe are those of all of it, and what it has is found. */
static void
check_single(const struct col_chunk *c, size_t stripe, const uint64_t *v, const uint64_t *reference)
{
	size_t n = c->cuts->at[stripe + 1] - c->cuts->at[stripe];
	uint64_t one;

	for (size_t round = 0; round < 40; round++) {
		size_t i = round == 0 ? n - 1 : random_below(n);
		uint64_t other = random_below(2) ? v[i] + random_below(3) : v[i] ^ (uint64_t)1 << random_below(64);
		bool has = false;

		assert_true(col_may_have(c, stripe, v[i]));
		for (size_t k = 0; k < n; k++)
			has |= v[k] == other;
		if (has || c->entry.code == COL_CONST || c->entry.code == COL_DICT ||
		    (c->exceptions == 0 && col_is_single(c) && c->entry.how == COL_PLAIN && c->entry.bits <= 56 &&
		    other >= c->base && col_bits(other - c->base) <= c->entry.bits))
			assert_int_equal(col_may_have(c, stripe, other), has);
		if (!col_is_single(c))
			continue;
		assert_int_equal(col_decode_one(c, stripe, i, reference[i], &one), 0);
		assert_int_equal(one, v[i]);
		assert_int_equal(col_decode_one(c, stripe, n, 0, &one), -1);
	}
}

/* Columns of numbers, each way. */
static void
test_codes(void **state)
{
	static uint64_t v[BLOCK_FLOWS], other[BLOCK_FLOWS], out[STRIPE], dict[DICT_MAX];
	unsigned seen[COL_CODES] = { 0 };

	(void)state;
	for (unsigned round = 0; round < 150; round++) {
		size_t n = round % 3 == 0 ? 1 + random_below(BLOCK_FLOWS) : 1 + random_below(5000), done = 0;
		unsigned small = random_below(65), large = random_below(65), kind = round % 7;
		bool times = round % 2;
		struct col_bytes bytes = { 0 };
		struct col_chunk c = { .values = dict };
		struct col_entry x = { 0 };
		struct col_cuts cuts;

		if (kind == 3)
			small = large = 0;
		col_cut(&cuts, n);
		for (size_t s = 0; round % 4 == 3 && s < cuts.n; s++)	/* stripes may be shorter */
			n = cuts.at[s + 1] = cuts.at[s] + 1 + random_below(STRIPE);
		for (size_t i = 0; i < n; i++) {
			unsigned bits = random_below(100) ? small : large;

			other[i] = random_below(UINT64_MAX) >> random_below(64);
			v[i] = bits == 0 ? 5 : random_below(UINT64_MAX) >> (64 - bits);
			if (kind == 0)
				v[i] += other[i];
			else if (kind == 1 && i > 0)
				v[i] += v[i - 1];
			else if (kind == 2 && random_below(30) > 0)
				v[i] = other[i] + random_below(3);
		}
		col_encode(&x, v, kind == 0 ? other : NULL, kind == 2 ? other : NULL, times, round % 11 != 0, &cuts, &bytes);
		seen[x.code]++;
		assert_int_equal(x.size, bytes.n);
		assert_true(bytes.n < n * 8 + 200);
		assert_int_equal(col_open(&c, &x, bytes.p, bytes.n, &cuts), 0);
		for (size_t s = cuts.n; s-- > 0;) {	/* in any order */
			size_t first = cuts.at[s], k = cuts.at[s + 1] - first;

			assert_int_equal(col_decode(&c, s, other + first, other + first, out), 0);
			assert_memory_equal(out, v + first, k * sizeof(*v));
			check_single(&c, s, v + first, other + first);
			done += k;
		}
		assert_int_equal(done, n);
		if (bytes.n > 0 && x.code != COL_SCALED)
			assert_int_equal(col_open(&c, &x, bytes.p, bytes.n - 1, &cuts), -1);
		else if (bytes.n > 0)		/* it knows when it is unpacked */
			assert_true(col_open(&c, &x, bytes.p, bytes.n - SLACK - 1, &cuts) == -1 ||
			    col_decode(&c, cuts.n - 1, other, other + cuts.at[cuts.n - 1], out) == -1);
		free(bytes.p);
	}
	for (size_t i = 0; i < COL_CODES; i++)
		assert_true(seen[i] > 0);
}

/* Flows of connections, some of which come with their other direction. */
static size_t
make_keys(uint32_t *srcip, uint32_t *dstip, uint16_t *srcport, uint16_t *dstport, uint8_t *proto, size_t n)
{
	size_t twins = 0;

	for (size_t i = 0; i < n; i++) {
		size_t back = random_below(40);

		if (back > 20 || back == 0 || i / STRIPE != (i - back) / STRIPE || i < back) {
			srcip[i] = random_below(3000);
			dstip[i] = random_below(3000);
			srcport[i] = random_below(2) ? 443 : random_below(65536);
			dstport[i] = random_below(2) ? 443 : random_below(65536);
			proto[i] = random_below(2) ? 6 : 17;
			continue;
		}
		srcip[i] = dstip[i - back];
		dstip[i] = srcip[i - back];
		srcport[i] = dstport[i - back];
		dstport[i] = srcport[i - back];
		proto[i] = proto[i - back];
		twins++;
	}
	return twins;
}

static void
test_twins(void **state)
{
	static uint32_t srcip[BLOCK_FLOWS], dstip[BLOCK_FLOWS];
	static uint16_t srcport[BLOCK_FLOWS], dstport[BLOCK_FLOWS];
	static uint8_t proto[BLOCK_FLOWS];
	static uint64_t values[DICT_MAX];
	struct twin_keys keys = { srcip, dstip, srcport, dstport, proto };
	struct twins *t = twins_new();

	(void)state;
	for (size_t n = 2; n <= BLOCK_FLOWS; n = n * 5 < BLOCK_FLOWS || n == BLOCK_FLOWS ? n * 5 + 1 : BLOCK_FLOWS) {
		size_t made = make_keys(srcip, dstip, srcport, dstport, proto, n), leaders, met = 0;
		struct twin_chunk chunk = { .codes.values = values };
		struct col_bytes bytes = { 0 };
		struct col_entry x = { 0 };
		uint16_t from[STRIPE];

		(void)twins_find(t, &keys, n);
		leaders = t->leaders.at[t->leaders.n];
		assert_true(leaders <= n - made / 2);
		twins_write(t, &x, &bytes);
		assert_int_equal(x.size, bytes.n);
		assert_int_equal(twins_open(&chunk, &x, bytes.p, &t->rows), 0);
		for (size_t s = 0; s < t->rows.n; s++) {
			assert_int_equal(twins_decode(&chunk, s, from), 0);
			for (size_t i = t->rows.at[s]; i < t->rows.at[s + 1]; i++) {
				uint16_t f = from[i - t->rows.at[s]];
				size_t row = t->row[t->leaders.at[s] + (f & (TURNED - 1))];
				bool turned = (f & TURNED) != (from[row - t->rows.at[s]] & TURNED);

				met += row == i;
				assert_true(row <= i && row >= t->rows.at[s]);
				assert_int_equal(srcip[i], turned ? dstip[row] : srcip[row]);
				assert_int_equal(srcport[i], turned ? dstport[row] : srcport[row]);
				assert_int_equal(dstport[i], turned ? srcport[row] : dstport[row]);
				assert_int_equal(proto[i], proto[row]);
				if (row == i)
					assert_int_equal((f & TURNED) != 0, srcport[i] > dstport[i]);
			}
		}
		assert_int_equal(met, leaders);
		free(bytes.p);
	}
	twins_free(t);
}

static void
test_addresses(void **state)
{
	struct addr_places *places = addr_places_new();
	struct addr_dict d = { 0 };
	static struct addr addr[20000];

	(void)state;
	for (size_t n = 1; n <= 20000; n = n * 3 + random_below(5)) {
		struct col_bytes bytes = { 0 };
		const uint32_t *place;
		size_t all;

		addr_places_clear(places);
		for (size_t i = 0; i < n; i++) {
			addr[i] = random_below(3) ? addr_from_v4(random_below(2) ? random_below(1000) : random_below(UINT32_MAX)) :
			    addr_from_v6(random_below(3) ? 0x20010db8 : seed, random_below(500));
			addr_places_add(places, &addr[i]);
		}
		addr_places_write(places, &bytes, &place);
		assert_int_equal(addr_dict_open(&d, bytes.p, bytes.n), 0);
		assert_int_equal(addr_dict_table(&d), 0);
		all = d.n4 + d.n6;
		for (size_t i = 1; i < all; i++)
			assert_true(addr_cmp(&d.table[i - 1], &d.table[i]) < 0);
		for (size_t i = 0; i < n; i++) {
			uint32_t at = place[addr_places_add(places, &addr[i])];

			assert_memory_equal(&d.table[at], &addr[i], sizeof(addr[i]));
			assert_int_equal(addr_dict_below(&d, &addr[i]), at);
		}
		for (size_t i = 0; i < 200; i++) {
			struct addr a = addr_from_v4(random_below(2) ? random_below(1500) : random_below(UINT32_MAX));
			int64_t below = addr_dict_below(&d, &a);

			assert_true(below == 0 || addr_cmp(&d.table[below - 1], &a) < 0);
			assert_true(below == d.n4 || addr_cmp(&d.table[below], &a) >= 0);
		}
		free(bytes.p);
	}
	addr_dict_free(&d);
	addr_places_free(places);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_twins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
