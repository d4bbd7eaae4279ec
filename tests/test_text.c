/*
 * Values as nfdump prints them; figures are nfdump 1.7.1's, or printf's and
 * inet_ntop's own.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "query/text.h"

static struct strbuf out;

/* The text so far; the next addition starts anew. */
static const char *
text(void)
{
	static char copy[256];

	snprintf(copy, sizeof(copy), "%s", strbuf_text(&out));
	assert_int_equal(strlen(copy), out.len);
	strbuf_reset(&out);
	return copy;
}

static uint64_t
random64(void)
{
	static uint64_t x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static void
test_numbers(void **state)
{
	(void)state;
	text_number(&out, 0, 0);
	assert_string_equal(text(), "0");
	text_number(&out, 80, 5);
	assert_string_equal(text(), "   80");
	text_number(&out, UINT64_MAX, 3);
	assert_string_equal(text(), "18446744073709551615");
	for (int i = 0; i < 10000; i++) {
		uint64_t v = random64() >> random64() % 64;
		char want[40];

		snprintf(want, sizeof(want), "%9llu", (unsigned long long)v);
		text_number(&out, v, 9);
		assert_string_equal(text(), want);
	}
}

static void
scaled(uint64_t v, const char *want)
{
	text_scaled(&out, v, 0);
	assert_string_equal(text(), want);
}

static void
test_scaled(void **state)
{
	(void)state;
	scaled(999999, "999999");
	scaled(1000000, "1.0 M");
	scaled(1671025, "1.7 M");
	scaled(1250000, "1.2 M");		/* a half goes to the even digit */
	scaled(1350000, "1.4 M");		/* 1.35 is a little more than that */
	scaled(999999999, "1000.0 M");
	scaled(1000000000, "1.0 G");
	scaled(3400000000000, "3.4 T");
	scaled(UINT64_MAX, "18446744.1 T");
	text_scaled(&out, 1671025, TEXT_PLAIN);
	assert_string_equal(text(), "1671025");
	text_scaled_padded(&out, 1671025, 0, 8);
	assert_string_equal(text(), "   1.7 M");
}

/* Integers round as printf does with the quotient. */
static void
test_scaled_as_printf(void **state)
{
	(void)state;
	for (int i = 0; i < 200000; i++) {
		uint64_t v = random64() >> random64() % 44;
		char want[40];

		if (i % 3 == 0)
			v = v / 50000 * 50000;
		if (v < 1000000)
			continue;
		snprintf(want, sizeof(want), "%.1f %c",
		    v >= 1000000000000 ? (double)v / 1e12 : v >= 1000000000 ? (double)v / 1e9 : (double)v / 1e6,
		    v >= 1000000000000 ? 'T' : v >= 1000000000 ? 'G' : 'M');
		scaled(v, want);
	}
}

static void
test_durations(void **state)
{
	(void)state;
	text_duration(&out, 12062);
	assert_string_equal(text(), "00:00:12.062");
	text_duration(&out, 86400000 + 12062);
	assert_string_equal(text(), "1d 00:00:12.062");
	text_duration(&out, 4294967295);
	assert_string_equal(text(), "49d 17:02:47.295");
	text_span(&out, 5000, 1031);
	assert_string_equal(text(), "-00:00:03.969");
	text_span_seconds(&out, 1000, 5969);
	assert_string_equal(text(), "4.969");
	text_span_seconds(&out, 5000, 1031);
	assert_string_equal(text(), "-3.969");
	text_milli(&out, 11);
	assert_string_equal(text(), "0.011");
}

static void
test_times(void **state)
{
	(void)state;
	text_time(&out, 1795197011880, ' ');
	assert_string_equal(text(), "2026-11-20 17:50:11.880");
	text_time_seconds(&out, 1795197011, 'T');
	assert_string_equal(text(), "2026-11-20T17:50:11");
	text_time(&out, 0, ' ');
	assert_string_equal(text(), "1970-01-01 00:00:00.000");
	/* The same place in the cache, another minute. */
	text_time(&out, 64 * 60 * 1000 + 1, ' ');
	assert_string_equal(text(), "1970-01-01 01:04:00.001");
	text_time(&out, 0, ' ');
	assert_string_equal(text(), "1970-01-01 00:00:00.000");
	text_time(&out, UINT64_MAX, ' ');
	assert_int_equal(strlen(text()), 23);
}

static void
shows(const char *literal, const char *want, unsigned flags)
{
	struct addr a;

	assert_int_equal(addr_parse(literal, &a), 0);
	text_addr(&out, &a, flags);
	assert_string_equal(text(), want);
}

static void
test_addresses(void **state)
{
	struct addr none = { { 0 } }, v6 = addr_from_v6(0x20010db800000000, 1), zero = addr_from_v4(0);

	(void)state;
	shows("192.0.2.1", "192.0.2.1", 0);
	shows("255.255.255.255", "255.255.255.255", 0);
	shows("2001:db8:1::5", "2001:db8:1::5", 0);
	shows("2001:db8:ffff::53", "2001:db..fff::53", 0);
	shows("2001:db8:ffff::53", "2001:db8:ffff::53", TEXT_IPV6_LONG);
	shows("fe80::2110:abcd:1235:ffff", "fe80::2..35:ffff", 0);
	text_addr(&out, &none, 0);
	assert_string_equal(text(), "0.0.0.0");
	text_addr_beside(&out, &none, &v6, 0);
	assert_string_equal(text(), "::");
	text_addr_beside(&out, &zero, &v6, 0);
	assert_string_equal(text(), "::");
	text_addr_beside(&out, &none, &zero, 0);
	assert_string_equal(text(), "0.0.0.0");
}

static void
test_ipv6_as_inet_ntop(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct addr a;
		char want[INET6_ADDRSTRLEN];

		for (int k = 0; k < 16; k += 2) {
			uint64_t r = random64();
			unsigned word = r % 3 == 0 ? 0 : r % 7 == 0 ? 0xffff : (r >> 8 & 0xffff) >> (r >> 32) % 16;

			a.b[k] = (uint8_t)(word >> 8);
			a.b[k + 1] = (uint8_t)word;
		}
		if (i % 5 == 0)
			memset(&a, 0, i % 2 ? 12 : 10);
		inet_ntop(AF_INET6, a.b, want, sizeof(want));
		if (addr_is_v4(&a) || strcmp(want, "::") == 0)
			continue;
		text_addr(&out, &a, TEXT_IPV6_LONG);
		assert_string_equal(text(), want);
	}
}

static void
test_fields(void **state)
{
	struct arena *a = arena_new();
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };

	(void)state;
	for (enum field f = 0; f < F_COUNT; f++)
		fieldset_add(&set, f);
	batch_columns(&b, &set, 1, a);
	COL8(&b, F_PROTO)[0] = 1;
	COL16(&b, F_SRCPORT)[0] = 443;
	COL16(&b, F_DSTPORT)[0] = 3 << 8 | 1;
	COL8(&b, F_FLAGS)[0] = 27;
	COL64(&b, F_INSRCMAC)[0] = 0x0a5056c00001;
	COL32(&b, F_MPLS1)[0] = 1026 << 4 | 3 << 1 | 1;
	COL32(&b, F_IACL)[0] = 0xaabbcc;
	COL64(&b, F_BYTES)[0] = 1671025;
	COLSLICE(&b, F_USER)[0] = (struct slice){ (const uint8_t *)"al\033ice\0x", 8 };
	static const struct { enum field f; const char *want; } cases[] = {
		{ F_PROTO, "ICMP" }, { F_SRCPORT, "443" }, { F_DSTPORT, "3.1" }, { F_FLAGS, "...AP.SF" },
		{ F_INSRCMAC, "0a:50:56:c0:00:01" }, { F_MPLS1, "1026-3-1" }, { F_IACL, "0xaabbcc" },
		{ F_BYTES, "1.7 M" }, { F_USER, "al?ice" }, { F_SRCIP, "0.0.0.0" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_field(&out, &b, cases[i].f, 0, 0);
		assert_string_equal(text(), cases[i].want);
	}
	b.col[F_PROTO] = NULL;
	text_field(&out, &b, F_DSTPORT, 0, 0);
	assert_string_equal(text(), "769");
	text_field(&out, &b, F_PROTO, 0, 0);
	assert_string_equal(text(), "");
	arena_free(a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_scaled),
		cmocka_unit_test(test_scaled_as_printf),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_ipv6_as_inet_ntop),
		cmocka_unit_test(test_fields),
	};
	int rc;

	setenv("TZ", "UTC", 1);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	strbuf_free(&out);
	return rc;
}
