/*
 * Countries in filters: how they are written, and that each flow gets its own address's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flow/country.h"
#include "flow/owner.h"
#include "locwrite.h"
#include "query/filter.h"

static const struct locrow world[] = {
	{ "10.0.0.0/8", "DE", 0, "" },
	{ "10.1.0.0/16", "AT", 0, "" },
	{ "10.2.0.0/16", "IN", 0, "" },
	{ "10.3.0.0/16", "LT", 0, "" },
	{ "2001:db8::/32", "CH", 0, "" },
};

static char path[] = "/tmp/flowlight-country.XXXXXX";
static struct arena *arena;
static struct owners *owners;

static int
setup(void **state)
{
	struct err e = { 0 };

	(void)state;
	arena = arena_new();
	if (mkstemp(path) == -1)
		return -1;
#ifdef HAVE_LIBLOC
	if (locwrite(path, world, sizeof(world) / sizeof(world[0])) != 0 ||
	    (owners = owners_open(NULL, path, &e)) == NULL)
		return -1;
#else
	(void)world, (void)e;
#endif
	countries_ask(owners);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	countries_ask(NULL);
	owners_close(owners);
	unlink(path);
	arena_free(arena);
	return 0;
}

static struct filter *
compile(const char *text)
{
	struct err e = { 0 };
	struct filter *f;

	if (owners == NULL)
		skip();
	if ((f = filter_compile(text, arena, &e)) == NULL)
		fail_msg("%s: %s", text, e.text);
	return f;
}

static void
refuses(const char *text, const char *why)
{
	struct err e = { 0 };

	assert_null(filter_compile(text, arena, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_string_equal(e.text, why);
}

static void
canonical(const char *text, const char *want)
{
	for (int i = 0; i < 2; i++, text = want) {
		struct strbuf sb = { 0 };

		assert_int_equal(filter_print(compile(text), FILTER_OURS, &sb, NULL), 0);
		assert_string_equal(strbuf_text(&sb), want);
		strbuf_free(&sb);
	}
}

static void
test_words(void **state)
{
	(void)state;
	canonical("geo de", "geo DE");
	canonical("SRC GEO = 'De' or dst geo eq at", "src geo DE or dst geo AT");
	canonical("src or dst geo CH", "geo CH");
	canonical("src and dst geo in [ ch, 'FR' at]", "src and dst geo in [CH, FR, AT]");
	canonical("nat geo US or dst nat geo in [US]", "nat geo US or dst nat geo in [US]");
	canonical("geo in", "geo IN");
	canonical("geo in and geo in [in, lt]", "geo IN and geo in [IN, LT]");
	canonical("geo lt or geo = GT or not geo ge", "geo LT or geo GT or not geo GE");
	refuses("geo DEU", "filter, line 1, column 5: expected a country's code of two letters such as DE, not \"DEU\"");
	refuses("geo 12", "filter, line 1, column 5: expected a country's code of two letters such as DE, not \"12\"");
	refuses("geo > DE", "filter, line 1, column 5: expected \"=\" or the value itself, not \">\"");
	refuses("geo in []", "filter, line 1, column 9: expected a country's code of two letters such as DE, not \"]\"");
	refuses("geo", "filter, line 1, column 4: expected a country's code of two letters such as DE, not the end");
}

static void
test_other_languages(void **state)
{
	struct filter_flowtools ft = { "d", NULL, INT64_MIN, INT64_MAX };
	struct filter *f = compile("port 53 and src geo DE");
	struct strbuf sb = { 0 };
	const char *why;

	(void)state;
	assert_int_equal(filter_print(f, FILTER_NFDUMP, &sb, &why), -1);
	assert_string_equal(why, "nfdump tests countries only with a geo database of its own");
	assert_int_equal(filter_print_flowtools(f, &ft, arena, &sb, &why), -1);
	assert_non_null(strstr(why, "src geo DE"));
	strbuf_free(&sb);
}

static bool
holds_none(void *ctx, enum field f, const struct addr *first, const struct addr *last)
{
	(void)ctx, (void)f, (void)first, (void)last;
	return false;
}

/* Neither a host nor a range tells what a country is made of. */
static void
test_ranges(void **state)
{
	struct block_ranges r = { .n = 1, .elements_all = 7, .elements_any = 7, .holds = holds_none };
	struct prefix hosts[8];

	(void)state;
	assert_int_equal(filter_hosts(compile("src geo DE"), hosts, 8), 0);
	assert_int_equal(filter_hosts(compile("ip 10.0.0.1 or geo DE"), hosts, 8), 0);
	assert_int_equal(filter_hosts(compile("ip 10.0.0.1 and geo DE"), hosts, 8), 1);
	assert_true(filter_may_match(compile("geo DE"), &r));
	assert_true(filter_may_match(compile("not geo DE"), &r));
	assert_false(filter_may_match(compile("geo DE and ip 10.0.0.1"), &r));
	assert_false(filter_may_match(compile("nat geo DE"), &r));
}

/* Addresses that come once, and again, and between others. */
static void
test_flows(void **state)
{
	struct batch *b = arena_alloc(arena, sizeof(*b));
	struct fieldset set = { { 0, 0 } };
	struct filter *f = compile("src geo in [AT IN] and not dst geo CH"), *nat = compile("nat geo AT");
	uint8_t sel[BATCH_MAX];
	uint32_t seed = 1;
	struct addr six;

	(void)state;
	assert_int_equal(addr_parse("2001:db8::7", &six), 0);
	filter_fields(f, &set);
	filter_fields(nat, &set);
	batch_columns(b, &set, BATCH_MAX, arena);
	for (b->n = 0; b->n < BATCH_MAX; b->n++) {
		seed = seed * 1664525 + 1013904223;
		COL64(b, F_ELEMENTS)[b->n] = ELEMENT(E_GENERIC) | ELEMENT(E_IPV4);
		COLADDR(b, F_SRCIP)[b->n] = addr_from_v4(0x0a000000 |
		    (b->n % 2 == 0 ? seed >> 29 << 16 : seed >> 13));
		COLADDR(b, F_DSTIP)[b->n] = seed >> 31 ? six : addr_from_v4(seed);
	}
	assert_int_equal(b->n, BATCH_MAX);
	filter_run(f, filter_scratch(f, arena), b, sel);
	for (size_t i = 0; i < b->n; i++) {
		uint32_t net = addr_v4(&COLADDR(b, F_SRCIP)[i]) >> 16;

		assert_int_equal(sel[i], (net == 0x0a01 || net == 0x0a02) &&
		    memcmp(&COLADDR(b, F_DSTIP)[i], &six, sizeof(six)) != 0);
	}
	/* Only a flow that has an address after NAT has its country. */
	COLADDR(b, F_XDSTIP)[5] = COLADDR(b, F_XDSTIP)[6] = addr_from_v4(0x0a010203);
	COL64(b, F_ELEMENTS)[6] |= ELEMENT(E_XLATE4);
	assert_int_equal(filter_run(nat, filter_scratch(nat, arena), b, sel), 1);
	assert_int_equal(sel[6], 1);
}

/* More than are looked at together and than are remembered, many of them again. */
static void
test_addresses(void **state)
{
	enum { N = 300000 };
	struct addr *addr = arena_array(arena, N, sizeof(*addr));
	uint16_t *country = arena_array(arena, N, sizeof(*country));
	char buf[COUNTRY_STRLEN];
	uint32_t seed = 7;

	(void)state;
	compile("any");
	for (size_t i = 0; i < N; i++) {
		seed = seed * 1664525 + 1013904223;
		addr[i] = addr_from_v4(0x0a000000 + (seed >> 28 << 16) + (i % 3 == 0 ? seed >> 20 & 0xff : seed >> 12 & 0xffff));
	}
	countries_of(addr, N, country);
	for (size_t i = 0; i < N; i++) {
		static const char *const nets[] = { "DE", "AT", "IN", "LT" };
		uint32_t net = addr_v4(&addr[i]) >> 16 & 0xff;

		assert_string_equal(country_text(country[i], buf), nets[net < 4 ? net : 0]);
		assert_int_equal(country[i], country_of(&addr[i]));
	}
	addr[0] = addr_from_v4(0x0b000000);
	assert_string_equal(country_text(country_of(&addr[0]), buf), "..");
}

static void
test_advice(void **state)
{
	struct filter_advice advice;

	(void)state;
	compile("any");
	filter_advise("src ge", 6, arena, &advice);
	assert_int_equal(advice.n, 1);
	assert_string_equal(advice.words[0].word, "geo");
	filter_advise("src geo ", 8, arena, &advice);
	assert_string_equal(advice.expects, "a country: DE");
	assert_string_equal(advice.words[0].word, "in [");
}

static void
test_nobody(void **state)
{
	struct err e = { 0 };
	struct owners *none = owners_open(NULL, NULL, &e);
	struct filter_advice advice;

	(void)state;
	countries_ask(none);
	refuses("dst geo CH",
	    "filter, line 1, column 5: expected a test that needs no database of countries, there is none, not \"geo\"");
	filter_advise("src ge", 6, arena, &advice);
	assert_int_equal(advice.n, 0);
	countries_ask(owners);
	owners_close(none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_other_languages),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_flows),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_advice),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
