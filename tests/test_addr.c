#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"

static struct addr
address(const char *s)
{
	struct addr a;

	if (addr_parse(s, &a) == -1)
		fail_msg("%s is refused", s);
	return a;
}

static void
prints(const char *in, const char *want)
{
	struct addr a = address(in);
	char buf[ADDR_STRLEN];

	assert_int_equal(addr_print(&a, buf), strlen(want));
	assert_string_equal(buf, want);
}

static void
addresses(void **state)
{
	static const char *const bad[] = {
		"", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4/32", "::g",
		"1:2", ":::", "host", "12345::", "fe80::1%eth0", "-w",
	};
	struct addr a;
	size_t i;

	(void)state;
	prints("192.0.2.1", "192.0.2.1");
	prints("0.0.0.0", "0.0.0.0");
	prints("255.255.255.255", "255.255.255.255");
	prints("2001:DB8:0:0:0:0:0:1", "2001:db8::1");
	prints("::", "::");
	prints("::1", "::1");
	prints("::ffff:192.0.2.1", "192.0.2.1");
	prints("2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (addr_parse(bad[i], &a) == 0)
			fail_msg("\"%s\" is taken", bad[i]);
}

static void
numbers(void **state)
{
	struct addr a = address("192.0.2.1"), b = addr_from_v4(0xc0000201), c;

	(void)state;
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(addr_v4(&a), 0xc0000201);
	assert_true(addr_is_v4(&a));
	a = address("2001:db8::1");
	c = addr_from_v6(0x20010db800000000, 1);
	assert_memory_equal(&a, &c, sizeof(a));
	assert_false(addr_is_v4(&a));
}

static void
order(void **state)
{
	static const char *const sorted[] = {
		"0.0.0.0", "9.255.255.255", "10.0.0.0", "192.0.2.1", "::", "::1", "2001:db8::", "ff02::1",
	};
	size_t i, j, n = sizeof(sorted) / sizeof(sorted[0]);

	(void)state;
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++) {
			struct addr a = address(sorted[i]), b = address(sorted[j]);
			int c = addr_cmp(&a, &b);

			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
		}
}

static void
prefixes(void **state)
{
	static const struct { const char *in, *want; unsigned bits; } good[] = {
		{ "10.0.0.0/8", "10.0.0.0/8", 104 },
		{ "10.1.2.3/8", "10.0.0.0/8", 104 },
		{ "10.1/16", "10.1.0.0/16", 112 },
		{ "10/8", "10.0.0.0/8", 104 },
		{ "10.1.2/24", "10.1.2.0/24", 120 },
		{ "172.16/12", "172.16.0.0/12", 108 },
		{ "10.255/9", "10.128.0.0/9", 105 },
		{ "192.0.2.1", "192.0.2.1/32", 128 },
		{ "0.0.0.0/0", "0.0.0.0/0", 96 },
		{ "2001:db8::/32", "2001:db8::/32", 32 },
		{ "2001:db8:ffff::1/33", "2001:db8:8000::/33", 33 },
		{ "::/0", "::/0", 0 },
		{ "::1", "::1/128", 128 },
		{ "::ffff:10.1.2.3/104", "10.0.0.0/8", 104 },
	};
	static const char *const bad[] = {
		"", "/", "/8", "10", "10.1", "10/9", "10.1/24", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x",
		"10.0.0.0/+8", "10.0.0.0/-1", "::/129", "10.0.0.0/0008", "1.2.3.4.5/8", "10./8", "300/8",
		"10..1/16", "x/8", "10.0.0.0/8/8",
	};
	struct prefix p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char buf[ADDR_STRLEN + 4];

		if (prefix_parse(good[i].in, &p) == -1)
			fail_msg("%s is refused", good[i].in);
		assert_int_equal(prefix_print(&p, buf), strlen(good[i].want));
		assert_string_equal(buf, good[i].want);
		assert_int_equal(p.bits, good[i].bits);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (prefix_parse(bad[i], &p) == 0)
			fail_msg("\"%s\" is taken", bad[i]);
}

static void
has(const char *prefix, const char *addr, bool want)
{
	struct addr a = address(addr);
	struct prefix p;

	assert_int_equal(prefix_parse(prefix, &p), 0);
	if (prefix_has(&p, &a) != want)
		fail_msg("%s in %s", addr, prefix);
}

static void
members(void **state)
{
	(void)state;
	has("10.0.0.0/8", "10.255.1.2", true);
	has("10.0.0.0/8", "11.0.0.0", false);
	has("10.128.0.0/9", "10.127.255.255", false);
	has("10.128.0.0/9", "10.128.0.0", true);
	has("192.0.2.1", "192.0.2.1", true);
	has("192.0.2.1", "192.0.2.0", false);
	has("0.0.0.0/0", "203.0.113.9", true);
	has("0.0.0.0/0", "2001:db8::1", false);
	has("2001:db8::/33", "2001:db8:7fff::1", true);
	has("2001:db8::/33", "2001:db8:8000::1", false);
	has("::/0", "2001:db8::1", true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses), cmocka_unit_test(numbers), cmocka_unit_test(order),
		cmocka_unit_test(prefixes), cmocka_unit_test(members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
