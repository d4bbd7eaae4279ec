/*
 * Queries as flow-tools' pipelines: the printed filters, read again as
 * flow-nfilter reads them, keep the same flows as ours; reports and their
 * configuration; what flow-tools cannot ask.
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

#include "base/url.h"
#include "base/when.h"
#include "format/reader.h"
#include "query/command.h"
#include "query/ft_filter.h"

#define DATA	"tests/data/flowtools/"

static const char *const files[] = {
	DATA "v5-masks-as-day.ft", DATA "pflow-v5.ft", DATA "v1005-z6.ft", DATA "pfflowd-v1.ft",
};

#define NFILES	(sizeof(files) / sizeof(files[0]))

static struct arena *arena;

/* Tests that flow-nfilter can say, of values that the files have. */
static const char *const terms[] = {
	"any", "ipv4", "proto tcp", "proto udp", "proto 1", "port 80", "src port 22", "dst port > 1023", "src port < 1024",
	"port in [53 80 443 8078]", "not dst port in [21 22 25]", "src and dst port > 1023", "dst port >= 0",
	"src port 0", "ip 10.1.0.2", "src ip in [10.1.2.46 75.24.5.116]", "dst net 10.1.0.0/16", "net 192.168.0.0/24",
	"net 0.0.0.0/0", "ip in [10.1.2.46 186.0.0.0/8 203.0.113.0/24]", "src net 10.0.0.0/7", "dst ip 198.51.100.9",
	"flags S", "flags SA", "flags 2", "flags > 16", "flags = SAF", "tos 0", "tos > 7", "packets > 3",
	"packets < 4", "packets 1", "bytes > 1000", "bytes <= 141", "bytes 1652", "bytes < 0", "bytes >= 0", "duration > 1000",
	"duration < 5000", "duration 0", "duration >= 14176", "pps > 1", "pps < 1", "pps 0", "pps 1", "bps > 1000",
	"bps 0", "bps >= 1", "bps <= 31999", "icmp-type 8", "icmp-type > 0", "icmp-code 0", "icmp-code 3", "if 1",
	"in if 2", "out if > 2", "next ip 0.0.0.0", "router ip 127.0.0.1", "engine-id 0", "engine-type > 0",
	"first seen >= 2026-11-19T00:00", "last seen < 2026-11-19T06:30:05", "as 65001", "src as > 64000", "dst as in [0 1 2 3]",
	"src mask 24", "dst mask > 15", "mask 0",
};

#define NTERMS	(sizeof(terms) / sizeof(terms[0]))

static int
setup(void **state)
{
	struct err e;

	(void)state;
	arena = arena_new();
	return when_zone("UTC", &e);
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* What the reader of flow-nfilter's language makes of a text. */
static const struct ft_definition *
read_back(const char *text)
{
	struct ft_filters *filters = ft_filters_new(arena);
	char path[64];
	struct err e;
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/flowlight-commandft.%ld", (long)getpid());
	assert_non_null(f = fopen(path, "w"));
	fputs(text, f);
	fclose(f);
	for (const char *s = text; *s != '\0'; s += strcspn(s, "\n") + 1)
		assert_true(strcspn(s, "\n") < 1000);
	if (ft_filters_read(filters, path, NULL, NULL, &e) == -1)
		fail_msg("%s in\n%s", e.text, text);
	unlink(path);
	return ft_filters_find(filters, "d");
}

/* Both choose the same flows of the file; how many.  A field that it lacks is refused. */
static size_t
compare(const char *filter, const struct filter *f, const char *path, bool *some)
{
	struct filter_flowtools ft = { "d", NULL, INT64_MIN, INT64_MAX };
	struct fieldset want = { { 0, 0 } };
	uint8_t ours[BATCH_MAX], theirs[BATCH_MAX];
	const struct ft_definition *d;
	struct strbuf text = { 0 };
	const char *why;
	struct reader *r;
	struct batch *b;
	struct err e;
	size_t n = 0;

	filter_fields(f, &want);
	for (int i = 0; i < F_COUNT; i++)
		if (i <= F_DSTIP || i == F_DURATION || i == F_PPS || i == F_BPS || i == F_NEXTHOP || i == F_ROUTER ||
		    i == F_SRCAS || i == F_DSTAS || i == F_INIF || i == F_OUTIF || i == F_SRCMASK || i == F_DSTMASK)
			fieldset_add(&want, i);
	assert_non_null(r = reader_open(path, &want, &e));
	ft.lacks = &reader_info(r)->lacks;
	if (filter_print_flowtools(f, &ft, arena, &text, &why) == -1) {
		assert_non_null(strstr(why, "do not have it"));
		reader_close(r);
		return 0;
	}
	assert_non_null(d = read_back(strbuf_text(&text)));
	assert_int_equal(ft_filter_check(d, ft.lacks, &e), 0);
	while (reader_next(r, &b, &e) == 1) {
		n += filter_run(f, filter_scratch(f, arena), b, ours);
		ft_filter_run(d, b, theirs);
		for (size_t i = 0; i < b->n; i++)
			if (ours[i] != theirs[i])
				fail_msg("%s: flow %zu of %s is %d, not %d\n%s", filter, i, path, theirs[i], ours[i],
				    strbuf_text(&text));
		*some |= n != 0;
	}
	reader_close(r);
	strbuf_free(&text);
	return n;
}

static void
same_flows(const char *text, bool *some)
{
	struct err e;
	struct filter *f = filter_compile(text, arena, &e);

	if (f == NULL)
		fail_msg("%s: %s", text, e.text);
	for (size_t i = 0; i < NFILES; i++)
		compare(text, f, files[i], some);
}

static void
single_tests(void **state)
{
	size_t matching = 0;

	(void)state;
	for (size_t i = 0; i < NTERMS; i++) {
		bool some = false, rest = false;

		same_flows(terms[i], &some);
		same_flows(arena_printf(arena, "not (%s)", terms[i]), &rest);
		matching += some;
	}
	/* Most terms are of values that there are. */
	assert_true(matching > NTERMS * 3 / 4);
}

static unsigned
chance(unsigned below)
{
	static uint32_t seed = 3;

	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void
random_filter(struct strbuf *sb, unsigned depth)
{
	unsigned n = depth == 0 ? 0 : chance(4);

	if (n == 0) {
		strbuf_addf(sb, "%s%s", chance(4) == 0 ? "not " : "", terms[chance(NTERMS)]);
		return;
	}
	strbuf_adds(sb, chance(3) == 0 ? "not (" : "(");
	for (unsigned i = 0; i <= n; i++) {
		strbuf_adds(sb, i == 0 ? "" : chance(2) ? " and " : " or ");
		random_filter(sb, depth - 1);
	}
	strbuf_addc(sb, ')');
}

static void
random_filters(void **state)
{
	struct strbuf sb = { 0 };
	size_t matching = 0;

	(void)state;
	for (int i = 0; i < 400; i++) {
		bool some = false;

		strbuf_reset(&sb);
		random_filter(&sb, 2);
		same_flows(strbuf_text(&sb), &some);
		matching += some;
		if (i % 50 == 49) {
			arena_free(arena);
			arena = arena_new();
		}
	}
	assert_true(matching > 100);
	strbuf_free(&sb);
}

static void
texts(void **state)
{
	static const struct { const char *filter, *text; } cases[] = {
		{ "proto tcp and dst port in [80 443]",
		    "filter-primitive ip-protocol-1\n  type ip-protocol\n  permit 6\n  default deny\n"
		    "filter-primitive ip-port-2\n  type ip-port\n  permit 80,443\n  default deny\n"
		    "filter-definition d\n  match ip-protocol ip-protocol-1\n  match ip-destination-port ip-port-2\n" },
		{ "not net 10.1.0.0/16",
		    "filter-primitive ip-address-prefix-1\n  type ip-address-prefix\n  deny 10.1.0.0/16\n  default permit\n"
		    "filter-definition d\n  match ip-source-address ip-address-prefix-1\n"
		    "  match ip-destination-address ip-address-prefix-1\n" },
		{ "ip 192.0.2.1",
		    "filter-primitive ip-address-1\n  type ip-address\n  permit 192.0.2.1\n  default deny\n"
		    "filter-definition d\n  match ip-source-address ip-address-1\n  or\n"
		    "  match ip-destination-address ip-address-1\n" },
		{ "flags SA",
		    "filter-primitive ip-tcp-flags-1\n  type ip-tcp-flags\n  mask 0x12\n  permit 0x12\n  default deny\n"
		    "filter-primitive ip-protocol-2\n  type ip-protocol\n  permit 6\n  default deny\n"
		    "filter-definition d\n  match ip-tcp-flags ip-tcp-flags-1\n  match ip-protocol ip-protocol-2\n" },
		{ "first seen >= 2026-11-19T14:30",
		    "filter-primitive time-date-1\n  type time-date\n  permit ge November 19, 2026 14:30:00\n  default deny\n"
		    "filter-definition d\n  match start-time time-date-1\n" },
		/* What ends before it begins lasts 0 ms with us, and with flow-nfilter nearly 2^32. */
		{ "duration > 1000",
		    "filter-primitive counter-1\n  type counter\n  deny gt 2147483647\n  permit ge 1001\n  default deny\n"
		    "filter-definition d\n  match duration counter-1\n" },
		{ "duration < 1000",
		    "filter-primitive counter-1\n  type counter\n  permit gt 2147483647\n  permit le 999\n  default deny\n"
		    "filter-definition d\n  match duration counter-1\n" },
		{ "any", "filter-definition d\n  invert\n" },
		{ "not any", "filter-definition d\n" },
	};
	struct filter_flowtools ft = { "d", NULL, INT64_MIN, INT64_MAX };
	struct strbuf sb = { 0 };
	const char *why;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strbuf_reset(&sb);
		assert_int_equal(filter_print_flowtools(filter_compile(cases[i].filter, arena, &e), &ft, arena, &sb, &why), 0);
		assert_string_equal(strbuf_text(&sb), cases[i].text);
	}
	strbuf_free(&sb);
}

static void
refused_tests(void **state)
{
	static const struct { const char *filter, *why; } cases[] = {
		{ "src ip 2001:db8::1", "flow-nfilter cannot test \"src ip 2001:db8::1\": flow-tools knows no IPv6." },
		{ "proto tcp and ipv6", "flow-nfilter cannot test \"ipv6\"." },
		{ "bpp < 60", "flow-nfilter cannot test \"bpp < 60\"." },
		{ "proto tcp or (out bytes > 3 and port 80)", "flow-nfilter cannot test \"out bytes > 3\"." },
		{ "not vlan 5", "flow-nfilter cannot test \"vlan 5\"." },
		{ "dst tos 4", "flow-nfilter cannot test \"dst tos 4\"." },
		{ "mpls label1 5", "flow-nfilter cannot test \"mpls label1 5\"." },
		{ "count < 5", "flow-nfilter cannot test \"count < 5\"." },
		{ "first seen > 2026-11-20T14:30", "flow-nfilter cannot test \"first seen > 2026-11-20T14:30:00.000Z\": "
		    "it compares whole seconds, up to 2038." },
	};
	struct filter_flowtools ft = { "d", NULL, INT64_MIN, INT64_MAX };
	struct strbuf sb = { 0 };
	const char *why;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(filter_print_flowtools(filter_compile(cases[i].filter, arena, &e), &ft, arena, &sb, &why), -1);
		assert_string_equal(why, cases[i].why);
		assert_int_equal(sb.len, 0);
	}
	/* Each conjunct has two sides: 2^10 lists, but the negation is one of ten. */
	for (int i = 0; i < 10; i++)
		strbuf_addf(&sb, "%s(src port %d or packets %d)", i > 0 ? " and " : "", i, i);
	assert_non_null(filter_compile(strbuf_text(&sb), arena, &e));
	{
		struct filter *f = filter_compile(strbuf_text(&sb), arena, &e);

		strbuf_reset(&sb);
		assert_int_equal(filter_print_flowtools(f, &ft, arena, &sb, &why), 0);
		assert_non_null(strstr(strbuf_text(&sb), "  invert\n"));
		strbuf_reset(&sb);
		ft.from_msec = 0;
		assert_int_equal(filter_print_flowtools(f, &ft, arena, &sb, &why), -1);
		assert_non_null(strstr(why, "more tests or alternatives"));
	}
	strbuf_free(&sb);
}

/* ---- pipelines ---- */

static const struct source sources[] = {
	{ .id = 0, .name = "a", .dir = "/data/a" }, { .id = 1, .name = "b", .dir = "/data/b c" },
	{ .id = 2, .name = "twice", .dir = "/data/twice", .quirks = { .scale = 2 } },
};

#define NAME(time)	"ft-v05.2026-11-20." time "+0000"

static struct query *
query_of(const char *url)
{
	struct query *q = query_new(arena);
	struct pairs pairs;
	struct err e;

	if (pairs_parse(url, arena, &pairs, &e) != 0 || query_from_pairs(q, &pairs, &e) != 0)
		fail_msg("%s: %s", url, e.text);
	return q;
}

static void
shows(const char *url, const char *want)
{
	const struct slot slots[] = { { .source = &sources[0], .name = NAME("143000") } };
	struct strbuf line = { 0 }, filter = { 0 };
	const char *why = NULL;

	if (command_flowtools(query_of(url), slots, 1, &line, &filter, &why) == -1)
		assert_string_equal(why, want);
	else
		assert_string_equal(strbuf_text(&line), want);
	strbuf_free(&line);
	strbuf_free(&filter);
}

static void
pipelines(void **state)
{
	(void)state;
	shows("limit=20", "flow-cat /data/a/" NAME("143000") " |\n    TZ=UTC flow-print -f 5 | head -n 22");
	shows("by=srcip/bytes&top=5",
	    "report=$(mktemp) && cat > \"$report\" <<'EOF'\n"
	    "stat-report ip-source-address\n  type ip-source-address\n  output\n    format ascii\n    sort +octets\n    records 5\n"
	    "stat-definition flowlight\n  report ip-source-address\nEOF\n"
	    "flow-cat /data/a/" NAME("143000") " |\n    flow-report -s \"$report\" -S flowlight\nrm -f \"$report\"");
	shows("keys=dstport,srcip&order=packets:a&top=0&filter=proto+udp",
	    "filter=$(mktemp) && cat > \"$filter\" <<'EOF'\n"
	    "filter-primitive ip-protocol-1\n  type ip-protocol\n  permit 17\n  default deny\n"
	    "filter-definition flowlight\n  match ip-protocol ip-protocol-1\nEOF\n"
	    "report=$(mktemp) && cat > \"$report\" <<'EOF'\n"
	    "stat-report ip-source-address/ip-destination-port\n  type ip-source-address/ip-destination-port\n"
	    "  output\n    format ascii\n    sort -packets\n"
	    "stat-definition flowlight\n  report ip-source-address/ip-destination-port\nEOF\n"
	    "flow-cat /data/a/" NAME("143000") " |\n    flow-nfilter -f \"$filter\" -F flowlight |\n"
	    "    flow-report -s \"$report\" -S flowlight\nrm -f \"$filter\" \"$report\"");
	/* Flows that begin at a time or later; whole seconds say nothing of an end at one. */
	shows("limit=1&time=2026/11/20.14:30:00",
	    "filter=$(mktemp) && cat > \"$filter\" <<'EOF'\n"
	    "filter-primitive time-date-1\n  type time-date\n  permit ge November 20, 2026 14:30:00\n  default deny\n"
	    "filter-definition flowlight\n  match start-time time-date-1\nEOF\n"
	    "flow-cat /data/a/" NAME("143000") " |\n    TZ=UTC flow-nfilter -f \"$filter\" -F flowlight |\n"
	    "    TZ=UTC flow-print -f 5 | head -n 3\nrm -f \"$filter\"");
	shows("limit=1&time=2026/11/20.14:30:00-2026/11/20.14:35:00",
	    "flow-nfilter cannot test the times: it compares whole seconds, up to 2038.");
	shows("limit=1&time=-5", "flow-nfilter has no times from the first flow on or to the last.");
	shows("by=flags", "flow-report has no report by flags.");
	shows("by=srcip:p", "flow-report has no report by srcip and protocol.");
	shows("by=srcip/bps", "flow-report does not sort by bps as we do.");
	shows("by=srcip/bytes,srcip/flows", "The same statistic in two orders takes two runs of flow-report.");
	shows("by=record", "flow-report has no report by srcip,dstip,srcport,dstport,proto.");
	shows("keys=srcip4/24", "flow-report has no masks for addresses: srcip4/24.");
	shows("by=dsttos", "flow-report has no report by dsttos.");
	shows("limit=20&order=bytes", "flow-print does not sort.");
	shows("bidirectional=1", "flow-tools does not join both directions of a conversation.");
	shows("limit=20&filter=bpp+%3C+60", "flow-nfilter cannot test \"bpp < 60\".");
}

static void
file_names(void **state)
{
	struct slot mixed[] = { { .source = &sources[0], .name = NAME("143000") },
	    { .source = &sources[1], .name = "nfcapd.202611201430" } };
	struct slot scaled[] = { { .source = &sources[2], .name = NAME("143000") } };
	struct slot old[] = { { .source = &sources[0], .name = "2026/ft-v01.2026-11-20.143000+0000" } };
	struct strbuf line = { 0 }, filter = { 0 };
	struct slot many[100];
	const char *why;

	(void)state;
	assert_int_equal(command_flowtools(query_of("limit=5"), mixed, 2, &line, &filter, &why), -1);
	assert_non_null(strstr(why, "Some of the files are of flow-tools"));
	assert_int_equal(command_nfdump(query_of("limit=5"), mixed, 2, &line, &why), -1);
	assert_non_null(strstr(why, "ft2nfdump"));
	assert_int_equal(command_flowtools(query_of("limit=5"), mixed + 1, 1, &line, &filter, &why), -1);
	assert_false(command_has_flowtools(mixed + 1, 1));
	assert_int_equal(command_flowtools(query_of("limit=5"), scaled, 1, &line, &filter, &why), -1);
	assert_non_null(strstr(why, "scale"));
	assert_int_equal(command_flowtools(query_of("limit=5"), many, 0, &line, &filter, &why), -1);
	/* Version 1 has no numbers of AS. */
	assert_int_equal(command_flowtools(query_of("by=srcas"), old, 1, &line, &filter, &why), -1);
	assert_string_equal(why, "There are files whose flows have no srcas.");
	assert_int_equal(command_flowtools(query_of("limit=5&filter=src+as+5"), old, 1, &line, &filter, &why), -1);
	assert_string_equal(why, "flow-nfilter cannot test \"src as 5\": there are files whose flows do not have it.");
	for (int i = 0; i < 100; i++)
		many[i] = (struct slot){ .source = &sources[i % 2],
		    .name = arena_printf(arena, "2026/ft-v05.2026-11-20.%02d%02d00+0000", i / 60, i % 60) };
	strbuf_reset(&line);
	assert_int_equal(command_flowtools(query_of("by=ip"), many, 100, &line, &filter, &why), 0);
	assert_non_null(strstr(strbuf_text(&line), "TZ=UTC flow-cat -t 'November 20, 2026 00:00:00' "
	    "-T 'November 20, 2026 01:39:00' /data/a '/data/b c' |\n"));
	strbuf_free(&line);
	strbuf_free(&filter);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_tests), cmocka_unit_test(random_filters), cmocka_unit_test(texts),
		cmocka_unit_test(refused_tests), cmocka_unit_test(pipelines), cmocka_unit_test(file_names),
	};

	return cmocka_run_group_tests_name("commandft", tests, setup, teardown);
}
