/*
 * What whois servers write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/whois.h"

static void
server_is(const char *text, const char *host, unsigned port)
{
	struct whois_server s;

	assert_int_equal(whois_server(text, &s), 0);
	assert_string_equal(s.host, host);
	assert_int_equal(s.port, port);
}

static void
test_server(void **state)
{
	static const char *const wrong[] = { "", ":43", "whois.example:", "whois.example:0", "whois.example:65536",
	    "whois.example:43x", "whois example", "-x", "[2001:db8::1", "[2001:db8::1]43", "[]:43", "2001:db8::x", "a/b",
	    "<b>", "whois.example:-1" };
	struct whois_server s;
	char longest[300];

	(void)state;
	server_is("whois.example", "whois.example", 43);
	server_is("Whois.Example:4343", "whois.example", 4343);
	server_is("192.0.2.1:44", "192.0.2.1", 44);
	server_is("2001:db8::1", "2001:db8::1", 43);
	server_is("[2001:db8::1]", "2001:db8::1", 43);
	server_is("[2001:DB8::1]:65535", "2001:db8::1", 65535);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(whois_server(wrong[i], &s), -1);
	memset(longest, 'a', sizeof(longest));
	longest[WHOIS_HOST] = '\0';
	assert_int_equal(whois_server(longest, &s), -1);
	longest[WHOIS_HOST - 1] = '\0';
	assert_int_equal(whois_server(longest, &s), 0);
}

static void
refers(const char *text, const char *host, unsigned port)
{
	struct whois_server s;

	assert_int_equal(whois_referral(text, &s), host != NULL);
	if (host != NULL) {
		assert_string_equal(s.host, host);
		assert_int_equal(s.port, port);
	}
}

static void
test_referral(void **state)
{
	(void)state;
	refers("% IANA\n\nrefer:        whois.ripe.net\n\ninetnum: 192.0.2.0\nwhois: other.example\n", "whois.ripe.net", 43);
	refers("whois:        whois.apnic.net", "whois.apnic.net", 43);
	refers("NetName: X\r\nReferralServer:  whois://whois.example:4321/\r\n", "whois.example", 4321);
	refers("ReferralServer: rwhois://rwhois.example:4321\n", NULL, 0);
	refers("refer: \nrefer: <script>\nrefer: a b\n", "a", 43);
	refers("referral: x.example\nremarks: refer: x.example\n", NULL, 0);
	refers("refer: 127.0.0.1:25\n", "127.0.0.1", 25);
	refers("", NULL, 0);
}

static void
reads(const char *bytes, size_t n, const char *text)
{
	struct strbuf sb = { 0 };

	whois_text(bytes, n, &sb);
	assert_string_equal(strbuf_text(&sb), text);
	strbuf_free(&sb);
}

#define READS(bytes, text)	reads(bytes, sizeof(bytes) - 1, text)

static void
test_text(void **state)
{
	(void)state;
	READS("a\r\nb\tc\n", "a\nb\tc\n");
	READS("a\0b\033[31mred\007\177", "ab[31mred");
	READS("M\xfcller", "M\xc3\xbcller");
	READS("M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80", "M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80");
	READS("\xc2\x9b" "1m\x9b" "2m", "1m2m");		/* C1, as UTF-8 and alone */
	READS("\xe2\x82", "\xc3\xa2");			/* half a character */
	READS("\xf0\x9f\x98", "\xc3\xb0");
	READS("", "");
}

static void
test_inside(void **state)
{
	static const char *const inside[] = { "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254",
	    "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fd00::1", "fe80::1", "ff02::1" };
	static const char *const outside[] = { "192.0.2.1", "172.32.0.1", "100.128.0.1", "128.0.0.1", "2001:db8::1", "223.0.0.1" };
	struct addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		assert_int_equal(addr_parse(inside[i], &a), 0);
		assert_true(whois_is_inside(&a));
	}
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		assert_int_equal(addr_parse(outside[i], &a), 0);
		assert_false(whois_is_inside(&a));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_referral),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
