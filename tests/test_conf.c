#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/conf.h"
#include "base/err.h"

static struct err err;

static struct conf *
taken(const char *text)
{
	struct conf *conf = conf_read_text("f.conf", text, &err);

	if (conf == NULL)
		fail_msg("%s", err.text);
	return conf;
}

/* All faults, a line each. */
static void
refuses(const char *text, const char *want)
{
	struct conf *conf = conf_read_text("f.conf", text, &err);

	if (conf != NULL)
		fail_msg("taken: %s", text);
	assert_int_equal(err.kind, ERR_DATA);
	assert_string_equal(err.text, want);
}

static void
defaults(void **state)
{
	struct conf *conf = taken("source r1 { dir = /data/r1 }");
	const struct source *s = &conf->sources[0];

	(void)state;
	assert_string_equal(conf->path, "f.conf");
	assert_string_equal(conf->state, "/var/lib/flowlight");
	assert_string_equal(conf->share, SHAREDIR);
	assert_null(conf->zone);
	assert_string_equal(conf->site, "Flowlight");
	assert_int_equal(conf->slot, 300);
	assert_int_equal(conf->layout, 0);
	assert_int_equal(conf->workers, 0);
	assert_int_equal(conf->poll, 1);
	assert_int_equal(conf->queries, 2);
	assert_true(conf->sandbox);
	assert_int_equal(conf->query_seconds, 120);
	assert_int_equal(conf->query_mbytes, 1024);
	assert_string_equal(conf->nfcapd, "/usr/bin/nfcapd");
	assert_string_equal(conf->sfcapd, "/usr/bin/sfcapd");
	assert_string_equal(conf->compress, "lz4");
	assert_string_equal(conf->columns, "2G");
	assert_string_equal(conf->keep_slots, "90d");
	assert_string_equal(conf->keep_hours, "2y");
	assert_string_equal(conf->keep_days, "10y");
	assert_int_equal(conf->recheck, 1);
	assert_null(conf->user);
	assert_null(conf->group);
	assert_false(conf->syslog);
	assert_int_equal(conf->nsources, 1);
	assert_int_equal(s->id, 0);
	assert_string_equal(s->name, "r1");
	assert_string_equal(s->ident, "r1");
	assert_string_equal(s->dir, "/data/r1");
	assert_int_equal(s->colour[0], '#');
	assert_int_equal(strlen(s->colour), 7);
	assert_int_equal(s->quirks.scale, 1);
	assert_int_equal(s->quirks.count, COUNT_BOTH);
	assert_false(s->quirks.fix_times);
	assert_int_equal(s->quirks.outside.n, 0);
	assert_int_equal(s->nexporters, 0);
	assert_int_equal(s->port, 0);
	assert_int_equal(s->type, SOURCE_NETFLOW);
	assert_null(s->listen);
	assert_string_equal(s->options, "");
	conf_free(conf);
}

static void
columns(void **state)
{
	static const struct { const char *text; int64_t seconds, bytes; int rc; } cases[] = {
		{ "off", 0, 0, 0 }, { "14d", 14 * 86400, 0, 0 }, { "6h", 21600, 0, 0 }, { "2w", 14 * 86400, 0, 0 },
		{ "20G", 0, INT64_C(20) << 30, 0 }, { "500M", 0, 500 << 20, 0 }, { "3T", 0, INT64_C(3) << 40, 0 },
		{ "0d", 0, 0, -1 }, { "d", 0, 0, -1 }, { "14", 0, 0, -1 }, { "14dd", 0, 0, -1 }, { "-1d", 0, 0, -1 },
		{ "9999999G", 0, 0, -1 }, { "14D", 0, 0, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t seconds, bytes;

		assert_int_equal(conf_columns(cases[i].text, &seconds, &bytes), cases[i].rc);
		assert_int_equal(seconds, cases[i].seconds);
		assert_int_equal(bytes, cases[i].bytes);
	}
}

static void
ages(void **state)
{
	static const struct { const char *text; int64_t seconds; int rc; } cases[] = {
		{ "90d", 90 * 86400, 0 }, { "36h", 36 * 3600, 0 }, { "3w", 21 * 86400, 0 }, { "2y", 732 * 86400, 0 },
		{ "all", INT64_MAX, 0 }, { "0d", 0, -1 }, { "90", 0, -1 }, { "d", 0, -1 }, { "2Y", 0, -1 }, { "off", 0, -1 },
		{ "1234567d", 0, -1 }, { "-1d", 0, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t seconds;

		assert_int_equal(conf_age(cases[i].text, &seconds), cases[i].rc);
		assert_int_equal(seconds, cases[i].seconds);
	}
}

static void
settings(void **state)
{
	struct conf *conf = taken("# all of them\n"
	    "state = \"/srv/flow light/\" share = /srv/share zone = Europe/Berlin site = 'My \"site\"'\n"
	    "slot = 60 layout = 8 workers = 4 poll = 5 query_seconds = 7 query_mbytes = 64\n"
	    "nfcapd = /opt/nfcapd sfcapd = /opt/sfcapd compress = none columns = 14d user = flow group = _flow\n"
	    "keep_slots = 8h keep_hours = 5w keep_days = all recheck = 100\n"
	    "syslog = true /* block */ // rest\n"
	    "source \"upstream1\" { dir = \"/data//r1/\" colour = \"#0000ff\" port = 9995 type = netflow\n"
	    "	ident = r-1 scale = 100 listen = \"::1\" options = \"-B 1000000\" }\n"
	    "source b.2 { dir = /data/b type = sflow port = 9995 listen = 127.0.0.1 }\n");
	const struct source *s = conf_source(conf, "upstream1");

	(void)state;
	assert_string_equal(conf->state, "/srv/flow light");
	assert_string_equal(conf->share, "/srv/share");
	assert_string_equal(conf->zone, "Europe/Berlin");
	assert_string_equal(conf->site, "My \"site\"");
	assert_int_equal(conf->slot, 60);
	assert_int_equal(conf->layout, 8);
	assert_int_equal(conf->workers, 4);
	assert_int_equal(conf->poll, 5);
	assert_int_equal(conf->query_seconds, 7);
	assert_int_equal(conf->query_mbytes, 64);
	assert_string_equal(conf->nfcapd, "/opt/nfcapd");
	assert_string_equal(conf->sfcapd, "/opt/sfcapd");
	assert_string_equal(conf->compress, "none");
	assert_string_equal(conf->columns, "14d");
	assert_string_equal(conf->keep_slots, "8h");
	assert_string_equal(conf->keep_hours, "5w");
	assert_string_equal(conf->keep_days, "all");
	assert_int_equal(conf->recheck, 100);
	assert_string_equal(conf->user, "flow");
	assert_string_equal(conf->group, "_flow");
	assert_true(conf->syslog);
	assert_string_equal(s->dir, "/data/r1");
	assert_string_equal(s->colour, "#0000ff");
	assert_int_equal(s->port, 9995);
	assert_string_equal(s->ident, "r-1");
	assert_int_equal(s->quirks.scale, 100);
	assert_string_equal(s->listen, "::1");
	assert_string_equal(s->options, "-B 1000000");
	s = conf_source(conf, "b.2");
	assert_int_equal(s->id, 1);
	assert_int_equal(s->type, SOURCE_SFLOW);
	assert_null(conf_source(conf, "none"));
	conf_free(conf);
	conf_free(NULL);
}

/* An exporter's section has what its source has, but for what it sets itself. */
static void
exporters(void **state)
{
	struct conf *conf = taken("source a {\n"
	    "	dir = /a scale = 10 fix_times = true\n"
	    "	exporter 192.0.2.1 { scale = 100 }\n"
	    "	exporter \"2001:db8::1\" { count = out outside = \"2,4294967295\" fix_times = false }\n"
	    "}\n"
	    "source 192.0.2.1 { dir = /b count = in outside = 7 exporter 192.0.2.1 { count = both } }\n");
	const struct source *a = &conf->sources[0], *b = &conf->sources[1];
	struct addr v4, v6;

	(void)state;
	addr_parse("192.0.2.1", &v4);
	addr_parse("2001:db8::1", &v6);
	assert_int_equal(a->nexporters, 2);
	assert_int_equal(addr_cmp(&a->exporters[0].addr, &v4), 0);
	assert_int_equal(a->exporters[0].quirks.scale, 100);
	assert_true(a->exporters[0].quirks.fix_times);
	assert_int_equal(a->exporters[0].quirks.count, COUNT_BOTH);
	assert_int_equal(addr_cmp(&a->exporters[1].addr, &v6), 0);
	assert_int_equal(a->exporters[1].quirks.scale, 10);
	assert_false(a->exporters[1].quirks.fix_times);
	assert_int_equal(a->exporters[1].quirks.count, COUNT_OUT);
	assert_int_equal(a->exporters[1].quirks.outside.n, 2);
	assert_int_equal(a->exporters[1].quirks.outside.number[0], 2);
	assert_int_equal(a->exporters[1].quirks.outside.number[1], 4294967295);
	assert_int_equal(b->quirks.count, COUNT_IN);
	assert_int_equal(b->quirks.outside.number[0], 7);
	assert_int_equal(b->exporters[0].quirks.count, COUNT_BOTH);
	conf_free(conf);
}

static void
colours_differ(void **state)
{
	char text[4096] = "";
	struct conf *conf;
	size_t i, j, n = 0;

	(void)state;
	for (i = 0; i < 16; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "source s%zu { dir = /d/%zu }\n", i, i);
	conf = taken(text);
	for (i = 0; i < 16; i++)
		for (j = 0; j < i; j++)
			assert_string_not_equal(conf->sources[i].colour, conf->sources[j].colour);
	conf_free(conf);
}

#define ONE	"source a { dir = /a }\n"

static void
wrong_values(void **state)
{
	(void)state;
	refuses("", "f.conf: source: there is none; flows come from at least one");
	refuses(ONE "slot = 301", "f.conf:2: slot: a day is no multiple of 301 seconds");
	refuses(ONE "slot = 0", "f.conf:2: slot: 0 is out of range, 2 to 86400");
	refuses(ONE "\n# comment\n\nlayout = 9", "f.conf:5: layout: 9 is out of range, 0 to 8");
	refuses(ONE "zone = Mars/City", "f.conf:2: zone: \"Mars/City\" "
	    "is not a time zone of this system, like UTC or Europe/Berlin");
	refuses(ONE "state = var", "f.conf:2: state: \"var\" must be an absolute path, starting with /");
	refuses(ONE "state = \"\"", "f.conf:2: state: \"\" must not be empty");
	refuses(ONE "columns = 14", "f.conf:2: columns: \"14\" must be a time like 14d (h, d, w), a size like 20G (M, G, T), or off");
	refuses(ONE "keep_hours = 2", "f.conf:2: keep_hours: \"2\" must be a time like 90d (h, d, w, y), or all");
	refuses(ONE "recheck = 101", "f.conf:2: recheck: 101 is out of range, 0 to 100");
	refuses(ONE "compress = zip", "f.conf:2: compress: \"zip\" must be none, lzo, lz4 or bz2");
	refuses(ONE "user = -x", "f.conf:2: user: \"-x\" must be the name of a user or group");
	refuses(ONE "site = \"a\\x1b[31m\"", "f.conf:2: site: \"a\\x1b[31m\" holds a control character");
	refuses(ONE "site = \"a\xff\"", "f.conf:2: site: \"a\\xff\" is not UTF-8");
	refuses(ONE "poll = 2\npoll = 3", "f.conf:3: poll: already set in line 2");
	refuses("source a {\n}", "f.conf:2: source \"a\": dir: is not set");
	refuses("source a { dir = /a\ncolour = red }",
	    "f.conf:2: source \"a\": colour: \"red\" must be a colour like \"#0072b2\"");
	refuses("source a { dir = /a port = 65536 }",
	    "f.conf:1: source \"a\": port: 65536 is out of range, 0 to 65535");
	refuses("source a { dir = /a type = ipfix }",
	    "f.conf:1: source \"a\": type: \"ipfix\" must be netflow or sflow");
	refuses("source a { dir = /a listen = \"-x\" }",
	    "f.conf:1: source \"a\": listen: \"-x\" must be an address or a host name");
	refuses("source a { dir = /a ident = \"a b\" }", "f.conf:1: source \"a\": ident: \"a b\" "
	    "must have at most 127 characters, no blank or comma, and not start with -");
}

static void
wrong_quirks(void **state)
{
	(void)state;
	refuses("source a { dir = /a\nscale = 0 }",
	    "f.conf:2: source \"a\": scale: 0 is out of range, 1 to 16777216");
	refuses("source a { dir = /a\n\ncount = sideways }",
	    "f.conf:3: source \"a\": count: \"sideways\" must be in, out or both");
	refuses("source a { dir = /a\ncount = in }", "f.conf:2: source \"a\": count: "
	    "needs the setting outside, numbers of the interfaces that lead out");
	refuses("source a { dir = /a\nexporter 192.0.2.1 {\n count = out } }",
	    "f.conf:3: exporter \"192.0.2.1\": count: "
	    "needs the setting outside, numbers of the interfaces that lead out");
	refuses("source a { dir = /a\noutside = \"2;3\" }",
	    "f.conf:2: source \"a\": outside: \"2;3\" must be numbers of interfaces, like \"2,5\"");
	refuses("source a { dir = /a\noutside = 4294967296 }",
	    "f.conf:2: source \"a\": outside: \"4294967296\" must be numbers of interfaces, like \"2,5\"");
	refuses("source a { dir = /a\ninterfaces = \"1 uplink\" }", "f.conf:2: source \"a\": interfaces: \"1 uplink\" "
	    "must be numbers and names of interfaces, like \"1:uplink, 2:lan\"");
	refuses("source a { dir = /a exporter 192.0.2.1 { interfaces = \"1:\" } }", "f.conf:1: exporter \"192.0.2.1\": interfaces: \"1:\" "
	    "must be numbers and names of interfaces, like \"1:uplink, 2:lan\"");
	refuses("source a { dir = /a direction = up }", "f.conf:1: source \"a\": direction: \"up\" must be in or out");
	refuses("source a { dir = /a outside = 0 }",
	    "f.conf:1: source \"a\": outside: \"0\" must be numbers of interfaces, like \"2,5\"");
	refuses("source a { dir = /a\nexporter r1 { scale = 2 }\n}",
	    "f.conf:2: exporter \"r1\": is no address of an exporter");
	refuses("source a { dir = /a exporter 192.0.2.1 { }\nexporter 192.0.2.1 { } }",
	    "f.conf:2: source \"a\": found duplicate title '192.0.2.1'");
	refuses("source a { dir = /a exporter ::1 { }\nexporter 0::1 { } }",
	    "f.conf:2: exporter \"0::1\": is there twice");
	refuses("source a { dir = /a exporter 192.0.2.1 {\nport = 3 } }",
	    "f.conf:2: exporter \"192.0.2.1\": no such option 'port'");
	refuses("source a { dir = /a\nexporter 192.0.2.1 { scale = 3 }",
	    "f.conf:1: a block is opened in this line but not closed");
}

static void
names(void **state)
{
	static const char *const bad[] = {
		"", "-a", ".a", "a b", "a/b", "../x", "a<b", "a'b", "\xc3\xa4",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a\\xffb", "a\\033b",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), "source \"%s\" { dir = /a }", bad[i]);
		if (conf_read_text("f.conf", text, &err) != NULL)
			fail_msg("\"%s\" is taken", bad[i]);
		assert_non_null(strstr(err.text, "a name has 1 to 64 of"));
	}
}

static void
one_flow_one_source(void **state)
{
	(void)state;
	refuses("source a { dir = /a }\nsource a { dir = /b }", "f.conf:2: found duplicate title 'a'");
	refuses("source a { dir = /d/a }\nsource b {\n dir = \"/d//a/\" }",
	    "f.conf:3: source \"b\": dir: \"/d/a\" is already that of source \"a\"");
	refuses("source a { dir = /a port = 99 }\nsource b { dir = /b port = 99 listen = ::1 }",
	    "f.conf:2: source \"b\": port: 99 is already that of source \"a\"");
}

static void
all_faults_in_one_go(void **state)
{
	(void)state;
	refuses("slot = 301\n"
	    "treads = 4		# unknown\n"
	    "layout = nine\n"
	    "port 99\n"
	    "syslog = maybe\n"
	    "source a {\n"
	    "	dir = a\n"
	    "	nope = x\n"
	    "	port = -1\n"
	    "}\n",
	    "f.conf:1: slot: a day is no multiple of 301 seconds\n"
	    "f.conf:2: no such option 'treads'\n"
	    "f.conf:3: invalid integer value for option 'layout'\n"
	    "f.conf:4: no such option 'port'\n"
	    "f.conf:5: invalid boolean value for option 'syslog'\n"
	    "f.conf:7: source \"a\": dir: \"a\" must be an absolute path, starting with /\n"
	    "f.conf:8: source \"a\": no such option 'nope'\n"
	    "f.conf:9: source \"a\": port: -1 is out of range, 0 to 65535");
}

static void
more_faults_than_fit(void **state)
{
	char text[4000] = "";
	size_t i, n = 0;

	(void)state;
	for (i = 0; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "unknown_setting_%zu = 1\n", i);
	assert_null(conf_read_text("f.conf", text, &err));
	assert_non_null(strstr(err.text, "f.conf:1: no such option 'unknown_setting_0'\n"));
	assert_non_null(strstr(err.text, "\nand "));
	assert_string_equal(err.text + strlen(err.text) - 5, " more");
}

static void
broken_syntax(void **state)
{
	(void)state;
	refuses("poll = 2\nsource \"a { dir = /a }\nslot = 60",
	    "f.conf:2: a quote is opened in this line but not closed");
	refuses("zone = \"UTC\nslot = 301\n" ONE, "f.conf:1: a quote is opened in this line but not closed\n"
	    "f.conf:2: slot: a day is no multiple of 301 seconds");
	refuses("source a { dir = /a\nport = 1", "f.conf:1: a block is opened in this line but not closed");
	refuses("\nsource a { dir = /a\nslot = 300", "f.conf:2: a block is opened in this line but not closed\n"
	    "f.conf:3: source \"a\": no such option 'slot'");
	refuses(ONE "\"\" = 2", "f.conf:2: cannot be understood");
	refuses("source { dir = /a }", "f.conf:1: missing title for section 'source'");
}

static void
files(void **state)
{
	(void)state;
	assert_null(conf_read("/nonexistent/flowlight.conf", &err));
	assert_int_equal(err.kind, ERR_ABSENT);
	assert_string_equal(err.text, "/nonexistent/flowlight.conf: No such file or directory");
	assert_null(conf_read("/tmp", &err));
}

/* The sample that is installed must be right as it is, and with all its comments taken away. */
static void
sample(void **state)
{
	struct conf *conf = conf_read("conf/flowlight.conf", &err);

	(void)state;
	if (conf == NULL)
		fail_msg("%s", err.text);
	assert_true(conf->nsources >= 1);
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults), cmocka_unit_test(settings), cmocka_unit_test(columns), cmocka_unit_test(ages),
		cmocka_unit_test(exporters),
		cmocka_unit_test(colours_differ), cmocka_unit_test(wrong_quirks),
		cmocka_unit_test(wrong_values), cmocka_unit_test(names),
		cmocka_unit_test(one_flow_one_source), cmocka_unit_test(all_faults_in_one_go),
		cmocka_unit_test(more_faults_than_fit), cmocka_unit_test(broken_syntax),
		cmocka_unit_test(files), cmocka_unit_test(sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
