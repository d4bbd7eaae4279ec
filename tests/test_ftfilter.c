/*
 * flow-nfilter's language: what each definition keeps, as the real one counted
 * (definition, flows, packets, octets), and what is wrong with a file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/when.h"
#include "format/reader.h"
#include "query/ft_date.h"
#include "query/ft_filter.h"

#define DATA	"tests/data/flowtools/"

static struct totals
count(const struct ft_definition *d)
{
	struct fieldset want = { { 0, 0 } };
	struct totals t = { 0, 0, 0 };
	uint8_t sel[BATCH_MAX];
	struct reader *r;
	struct batch *b;
	struct err e;

	fieldset_add(&want, F_PACKETS);
	fieldset_add(&want, F_BYTES);
	ft_filter_fields(d, &want);
	r = reader_open(DATA "v5-le-z6.ft", &want, &e);
	assert_non_null(r);
	assert_int_equal(ft_filter_check(d, &reader_info(r)->lacks, &e), 0);
	while (reader_next(r, &b, &e) == 1) {
		t.flows += ft_filter_run(d, b, sel);
		for (size_t i = 0; i < b->n; i++) {
			t.packets += sel[i] * COL64(b, F_PACKETS)[i];
			t.bytes += sel[i] * COL64(b, F_BYTES)[i];
		}
	}
	reader_close(r);
	return t;
}

static void
all_definitions(void **state)
{
	struct arena *a = arena_new();
	struct ft_filters *filters = ft_filters_new(a);
	FILE *f = fopen(DATA "filters.csv", "r");
	unsigned long long flows, packets, octets;
	char line[256], name[128];
	struct err e;
	int n = 0;

	(void)state;
	if (ft_filters_read(filters, DATA "filters.conf", NULL, NULL, &e) == -1)
		fail_msg("%s", e.text);
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		const struct ft_definition *d;
		struct totals t;

		if (sscanf(line, "%127[^,],%llu,%llu,%llu", name, &flows, &packets, &octets) != 4)
			continue;
		assert_non_null(d = ft_filters_find(filters, name));
		t = count(d);
		if (t.flows != flows || t.packets != packets || t.bytes != octets)
			fail_msg("%s: %llu flows, %llu expected", name, (unsigned long long)t.flows, flows);
		n++;
	}
	assert_int_equal(n, 42);
	fclose(f);
	arena_free(a);
}

static void
read_text(const char *text, const struct ft_variable *v, struct err *e, struct arena *a)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/flowlight-ftfilter.%ld", (long)getpid());
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	e->text[0] = '\0';
	ft_filters_read(ft_filters_new(a), path, NULL, v, e);
	unlink(path);
}

static void
errors_name_the_line(void **state)
{
	static const struct { const char *text, *says; } cases[] = {
		{ "nonsense\n", "line 1: Unexpected \"nonsense\"." },
		{ "filter-primitive p\n type ip-port\n permit 80 90\n", "line 3: Unexpected \"90\"." },
		{ "filter-primitive p\n type ip-prot\n", "line 2: \"ip-prot\" is no type" },
		{ "filter-primitive p\n type ip-port\n permit 70000\n", "line 3: \"70000\" is no list of ip-port" },
		{ "filter-primitive p\n permit 80\n", "line 2: the type of \"p\" must be said first" },
		{ "filter-primitive p\n type ip-address-prefix\n permit 10.1/33\n", "line 3: \"10.1/33\" is no IPv4 prefix" },
		{ "filter-primitive p\n type counter\n permit more 3\n", "line 3: lt, gt, eq" },
		{ "filter-definition d\n match ip-tos p\n", "primitive p is not defined" },
		{ "filter-definition d\n match tos p\n", "line 2: \"tos\" is nothing to match" },
		{ "filter-primitive p\n type ip-port\nfilter-definition d\n match ip-tos p\n",
		    "ip-tos cannot be matched with p, a list of ip-port" },
		{ "filter-definition d\nfilter-definition d\n", "line 2: Definition \"d\" is defined twice" },
		{ "filter-primitive p\n type ip-port\n permit @PORT\n", "line 3: the variable PORT is not set" },
		{ "filter-primitive p\n type ip-port\n permit @{PORT:80}\n", "line 3: @{PORT: expecting } or :-" },
		{ "filter-primitive p\n type time-date\n permit lt any time\n", "line 3: \"any time\" is no date" },
		{ "# comment\n\nfilter-primitive p\n TYPE ip-port\n permit @{PORT:-80}\n default Permit\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new();
		struct err e;

		read_text(cases[i].text, NULL, &e, a);
		if (strstr(e.text, cases[i].says) == NULL || (cases[i].says[0] == '\0' && e.text[0] != '\0'))
			fail_msg("\"%s\" instead of \"%s\"", e.text, cases[i].says);
		arena_free(a);
	}
}

static void
dates(void **state)
{
	static const struct { const char *text; int64_t sec; } cases[] = {
		{ "600 seconds ago", 1795197040 - 600 }, { "2 hours ago", 1795197040 - 7200 },
		{ "yesterday", 1795197040 - 86400 }, { "December 12, 2002 5:13:21", 1039670001 },
		{ "Dec 12, 2002 5:13", 1039669980 }, { "January 1, 1990", 631152000 },
		{ "2026-11-20 17:50:40", 1795197040 },
	};
	struct err e;
	int64_t t;

	(void)state;
	assert_int_equal(when_zone("UTC", &e), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ft_date_parse(cases[i].text, 1795197040, &t), 0);
		assert_int_equal(t, cases[i].sec);
	}
	assert_int_equal(ft_date_parse("some day", 0, &t), -1);
	assert_int_equal(ft_date_parse("Nonember 1, 2000", 0, &t), -1);
}

/* A field that the file's flows lack. */
static void
missing_fields(void **state)
{
	static const char *const text = "filter-primitive p\n type ip-port\n permit 80\n"
	    "filter-definition d\n match ip-source-port p\n";
	struct fieldset want = { { 0, 0 } };
	struct arena *a = arena_new();
	struct ft_filters *filters = ft_filters_new(a);
	char path[64];
	struct reader *r;
	struct err e;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/flowlight-ftfilter.%ld", (long)getpid());
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(ft_filters_read(filters, path, NULL, NULL, &e), 0);
	unlink(path);
	r = reader_open(DATA "gen/gen-v8_1_le.ft", &want, &e);
	assert_non_null(r);
	assert_int_equal(ft_filter_check(ft_filters_find(filters, "D"), &reader_info(r)->lacks, &e), -1);
	assert_string_equal(e.text, "filter d: the flows have no ip-source-port");
	reader_close(r);
	arena_free(a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_definitions),
		cmocka_unit_test(errors_name_the_line),
		cmocka_unit_test(dates),
		cmocka_unit_test(missing_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
