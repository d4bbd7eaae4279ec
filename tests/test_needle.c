/* Addresses are found in bytes where they are, as a look at each place finds them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/needle.h"

static uint64_t state = 7;

static unsigned
below(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % n;
}

static size_t
naive(const struct needles *s, const uint8_t *p, size_t n)
{
	for (size_t at = 0; at < n; at++)
		for (size_t i = 0; i < s->n; i++)
			if (n - at >= s->needle[i].len && memcmp(p + at, s->needle[i].byte, s->needle[i].len) == 0)
				return at;
	return n;
}

static void
test_stored(void **unused)
{
	struct addr a[2] = { addr_from_v4(0xc0000201), addr_from_v6(0x20010db800000001, 0x1122334455667788) };
	uint32_t v4 = 0xc0000201;
	uint64_t v6[2] = { 0x20010db800000001, 0x1122334455667788 };
	struct needles s;

	(void)unused;
	needles_make(&s, a, 2);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.needle[0].len, 4);
	assert_memory_equal(s.needle[0].byte, &v4, 4);
	assert_int_equal(s.needle[1].len, 16);
	assert_memory_equal(s.needle[1].byte, v6, 16);
	needles_make(&s, a, NEEDLES_MAX + 1);
	assert_int_equal(s.n, 0);
}

/* Few values of bytes, so that parts of an address are everywhere; in memory of just that size. */
static void
test_found(void **unused)
{
	size_t found = 0;

	(void)unused;
	for (int round = 0; round < 20000; round++) {
		size_t n = below(200);
		uint8_t *p = malloc(n + 1);
		struct addr a[NEEDLES_MAX];
		struct needles s;

		assert_non_null(p);
		for (size_t i = 0; i < n; i++)
			p[i] = below(3);
		for (size_t i = 0; i < NEEDLES_MAX; i++)
			a[i] = below(2) ? addr_from_v4(below(3) | below(3) << 8 | below(3) << 16 | below(3) << 24) :
			    addr_from_v6(below(3) * 0x0101010101010101, below(3));
		needles_make(&s, a, 1 + below(NEEDLES_MAX));
		if (n >= 16 && below(2))
			memcpy(p + below(n - 15), s.needle[0].byte, s.needle[0].len);
		assert_int_equal(needles_find(&s, p, p + n) - p, naive(&s, p, n));
		found += naive(&s, p, n) < n;
		/* And from there on, with what it has seen. */
		for (size_t at = naive(&s, p, n); at < n; at += 1 + below(9)) {
			size_t next = at + naive(&s, p + at, n - at);

			assert_int_equal(needles_find(&s, p + at, p + n) - p, next);
			at = next;
		}
		free(p);
	}
	assert_in_range(found, 5000, 19000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_stored), cmocka_unit_test(test_found) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
