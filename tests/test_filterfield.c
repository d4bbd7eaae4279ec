/*
 * What is typed into the fields of a form, as terms of a filter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "query/filter.h"
#include "query/filter_field.h"

static struct arena *arena;

/* Two interfaces, one of them of an exporter. */
static const char *
filter_of_name(const void *ctx, const char *word, const char *name, struct arena *a)
{
	(void)ctx;
	if (strcmp(name, "uplink") == 0)
		return arena_printf(a, "%s 3", word);
	if (strcmp(name, "10ge-1") == 0)
		return arena_printf(a, "(router ip 192.0.2.1 and %s 7)", word);
	return NULL;
}

static const struct interface_names names = { filter_of_name, NULL };

static const struct filter_field *
field(const char *name)
{
	const struct filter_field *f = filter_fields_typed;

	while (strcmp(f->name, name) != 0)
		f++;
	return f;
}

static void
means(const char *name, const char *typed, const char *want)
{
	const char *term;
	struct err e;

	if (filter_field_term(field(name), typed, &names, arena, &term, &e) == -1)
		fail_msg("%s %s: %s", name, typed, e.text);
	if (want == NULL) {
		assert_null(term);
		return;
	}
	assert_string_equal(term, want);
	if (filter_compile(term, arena, &e) == NULL)
		fail_msg("%s: %s", term, e.text);
}

static void
refuses(const char *name, const char *typed, const char *why)
{
	const char *term;
	struct err e;

	assert_int_equal(filter_field_term(field(name), typed, &names, arena, &term, &e), -1);
	assert_int_equal(e.kind, ERR_INPUT);
	if (strstr(e.text, why) == NULL)
		fail_msg("%s %s: \"%s\" does not say \"%s\"", name, typed, e.text, why);
}

static void
test_terms(void **state)
{
	(void)state;
	means("f_srcip", "", NULL);
	means("f_srcip", " , ", NULL);
	means("f_srcip", "192.0.2.1", "src ip 192.0.2.1");
	means("f_dstip", "10.1.2.3/8", "dst net 10.0.0.0/8");
	means("f_srcip", "192.0.2.1, 10/8,2001:db8::1", "src ip in [192.0.2.1 10.0.0.0/8 2001:db8::1]");
	means("f_srcip", "10.0.0.0/8,-10.1.0.0/16, -10.2.0.1", "src net 10.0.0.0/8 and not src net 10.1.0.0/16 and not src ip 10.2.0.1");
	means("f_srcip", "-10.1.0.0/16", "not src net 10.1.0.0/16");
	means("f_nexthop", "10.1.0.0/16", "next ip in [10.1.0.0/16]");
	means("f_exporter", "192.0.2.1,192.0.2.2", "router ip in [192.0.2.1 192.0.2.2]");
	means("f_dstport", "80,443", "dst port in [80 443]");
	means("f_dstport", "0x50", "dst port 80");
	means("f_dstport", "8000:8099", "(dst port >= 8000 and dst port <= 8099)");
	means("f_dstport", "80, 443,8000-8099,-8080",
	    "(dst port in [80 443] or (dst port >= 8000 and dst port <= 8099)) and not dst port 8080");
	means("f_srcas", "64500,-64501", "src as 64500 and not src as 64501");
	means("f_inif", "3,7", "(in if 3 or in if 7)");
	means("f_outif", "uplink,10ge-1", "(out if 3 or (router ip 192.0.2.1 and out if 7))");
	means("f_inif", "-uplink", "not in if 3");
	means("f_proto", "tcp,-47", "proto tcp and not proto 47");
	means("f_flags", "SA", "flags SA");
	means("f_flags", "S/SA", "(flags S and not flags A)");
	means("f_flags", "0x02/0x12", "(flags S and not flags A)");
	means("f_flags", "0/SF", "(not flags F and not flags S)");
	means("f_flags", "0x12", "flags = 18");
	means("f_tos", "184", "src tos 184");
	means("f_tos", "0xb8/0xfc", "(src tos >= 184 and src tos <= 187)");
	means("f_tos", "1/0xf9", "(src tos 1 or src tos 3 or src tos 5 or src tos 7)");
	means("f_tos", "0/0xfe", "(src tos >= 0 and src tos <= 1)");
}

static void
test_refused(void **state)
{
	(void)state;
	refuses("f_srcip", "10.0.0", "Source IP: there is no \"10.0.0\"; expected values like 192.0.2.1");
	refuses("f_srcip", "10.0.0.1,host.example", "\"host.example\"");
	refuses("f_dstip", "10.0.0.0/33", "10.0.0.0/33");
	refuses("f_dstport", "65536", "65536");
	refuses("f_dstport", "90:80", "90:80");
	refuses("f_dstport", "80 or port 90", "80 or port 90");
	refuses("f_dstport", "99999999999999999999", "Destination port");
	refuses("f_inif", "downlink", "Input interface: there is no \"downlink\"");
	refuses("f_proto", "tcpip", "tcpip");
	refuses("f_flags", "SX", "SX");
	refuses("f_flags", "S/", "S/");
	refuses("f_flags", "SA/S", "SA/S");
	refuses("f_flags", "256", "256");
	refuses("f_tos", "0xb8/0x0f", "0xb8/0x0f");
	refuses("f_tos", "--5", "-5");
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
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
