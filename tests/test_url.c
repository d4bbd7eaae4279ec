#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/url.h"

static struct arena *arena;
static struct err err;

static struct pairs
parsed(const char *query)
{
	struct pairs pairs;

	if (pairs_parse(query, arena, &pairs, &err) == -1)
		fail_msg("%s: %s", query, err.text);
	return pairs;
}

static void
gives(const char *query, const char *name, const char *want)
{
	struct pairs pairs = parsed(query);
	const char *value = pairs_take(&pairs, name);

	if (want == NULL)
		assert_null(value);
	else {
		assert_non_null(value);
		assert_string_equal(value, want);
	}
}

static void
refuses(const char *query, const char *why)
{
	struct pairs pairs;

	if (pairs_parse(query, arena, &pairs, &err) == 0)
		fail_msg("\"%s\" is taken", query);
	assert_int_equal(err.kind, ERR_INPUT);
	assert_string_equal(err.text, why);
}

static void
decodes(void **state)
{
	(void)state;
	gives("a=1&b=x+y%2Cz", "a", "1");
	gives("a=1&b=x+y%2Cz", "b", "x y,z");
	gives("a=1&b=x+y%2Cz", "c", NULL);
	gives("", "a", NULL);
	gives("&&a=1&", "a", "1");
	gives("a=b=c", "a", "b=c");
	gives("a=%e2%82%ac%2b", "a", "\xe2\x82\xac+");
	gives("%61=1", "a", "1");
	gives("a=x%0D%0Ay%0Az%09t%0Dr", "a", "x\ny\nz t r");
}

static void
leaves_out_empty(void **state)
{
	struct pairs pairs;

	(void)state;
	pairs = parsed("a=&b&c=1");
	assert_int_equal(pairs.n, 1);
	assert_null(pairs_take(&pairs, "a"));
	assert_null(pairs_take(&pairs, "b"));
	assert_non_null(pairs_take(&pairs, "c"));
	assert_int_equal(pairs_done(&pairs, &err), 0);
}

static void
names_the_fault(void **state)
{
	(void)state;
	refuses("a%0Ab=1", "parameter 1: control byte");
	refuses("a=1&a=2", "parameter \"a\" is given twice");
	refuses("a=1&%61=2", "parameter \"a\" is given twice");
	refuses("a=&a=2", "parameter \"a\" is given twice");
	refuses("b=1&a=%", "a: bad percent-encoding");
	refuses("a=%4", "a: bad percent-encoding");
	refuses("a=%4&b=1", "a: bad percent-encoding");
	refuses("a=%gg", "a: bad percent-encoding");
	refuses("a=%00", "a: NUL byte");
	refuses("a=x%1b[31m", "a: control byte");
	refuses("a=%7f", "a: control byte");
	refuses("a=%ff", "a: invalid UTF-8");
	refuses("a=%c0%af", "a: invalid UTF-8");
	refuses("b=1&=x", "parameter 2: no name");
	refuses("%00=x", "parameter 1: NUL byte");
	refuses("%ff=x", "parameter 1: invalid UTF-8");
}

static void
limits(void **state)
{
	struct strbuf sb = { 0 };
	char name[8];
	int i;

	(void)state;
	for (i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		url_add(&sb, name, "1");
	}
	assert_int_equal(parsed(sb.s).n, 64);
	url_add(&sb, "n64", "1");
	refuses(sb.s, "more than 64 parameters");
	strbuf_reset(&sb);
	strbuf_addf(&sb, "filter=%016384d", 0);
	assert_int_equal(parsed(sb.s).n, 1);
	strbuf_addc(&sb, '0');
	refuses(sb.s, "filter: longer than 16384 bytes");
	strbuf_reset(&sb);
	for (i = 0; i < 16385; i++)
		strbuf_adds(&sb, i == 0 ? "a=%61" : "%61");
	refuses(sb.s, "a: longer than 16384 bytes");
	strbuf_reset(&sb);
	strbuf_addf(&sb, "%065d=1", 0);
	refuses(sb.s, "parameter 1: name too long");
	strbuf_free(&sb);
}

static void
unknown_is_told(void **state)
{
	struct pairs pairs = parsed("top=10&colour=red");

	(void)state;
	pairs_take(&pairs, "top");
	assert_int_equal(pairs_done(&pairs, &err), -1);
	assert_string_equal(err.text, "unknown parameter \"colour\"");
	assert_int_equal(err.kind, ERR_INPUT);
	pairs_take(&pairs, "colour");
	assert_int_equal(pairs_done(&pairs, &err), 0);
}

static void
builds(void **state)
{
	struct strbuf sb = { 0 };

	(void)state;
	strbuf_adds(&sb, "/details?");
	url_add(&sb, "from", "2026-11-20T14:30");
	url_add(&sb, "filter", "proto tcp and port = 80 & x+y");
	assert_string_equal(sb.s, "/details?from=2026-11-20T14:30"
	    "&filter=proto+tcp+and+port+%3D+80+%26+x%2By");
	gives(sb.s + strlen("/details?"), "filter", "proto tcp and port = 80 & x+y");
	strbuf_reset(&sb);
	url_add(&sb, "a", "");
	assert_string_equal(sb.s, "a=");
	strbuf_free(&sb);
}

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes), cmocka_unit_test(leaves_out_empty),
		cmocka_unit_test(names_the_fault), cmocka_unit_test(limits),
		cmocka_unit_test(unknown_is_told), cmocka_unit_test(builds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
