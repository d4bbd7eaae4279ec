/*
 * Command lines of nfdump as queries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "query/parse.h"

static struct arena *arena;

static const struct source sources[] = {
	{ .id = 0, .name = "a", .dir = "/data/live/a" },
	{ .id = 1, .name = "b", .dir = "/data/live/b/" },
	{ .id = 2, .name = "far", .dir = "/srv/x y/far" },
};

static int
setup(void **state)
{
	struct err e;

	(void)state;
	setenv("FLOWLIGHT_NOW", "1795185000", 1);	/* 2026-11-20T14:30:00Z */
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

/* The words of a line, with bars between them. */
static void
splits(const char *line, const char *want)
{
	struct strbuf sb = { 0 };
	char **words;
	struct err e;
	int n;

	if (words_split(line, arena, &words, &n, &e) == -1)
		fail_msg("%s: %s", line, e.text);
	for (int i = 0; i < n; i++)
		strbuf_addf(&sb, "%s|", words[i]);
	assert_string_equal(strbuf_text(&sb), want);
	assert_null(words[n]);
	strbuf_free(&sb);
}

static void
not_split(const char *line, const char *why)
{
	char **words;
	struct err e;
	int n;

	assert_int_equal(words_split(line, arena, &words, &n, &e), -1);
	if (strstr(e.text, why) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", line, e.text, why);
}

static void
test_split(void **state)
{
	(void)state;
	splits("", "");
	splits("  a  b\tc\n", "a|b|c|");
	splits("a'b c'd \"e f\"", "ab cd|e f|");
	splits("'' \"\" x", &"|||x|"[1]);
	splits("a\\ b \\'c \\\"d", "a b|'c|\"d|");
	splits("\"a\\\"b\\\\c\\d\\$e\"", "a\"b\\c\\d$e|");
	splits("'a\\b'", "a\\b|");
	splits("a \\\n b", "a|b|");
	splits("a \\\r\n b\r\n c", "a|b|c|");
	splits("$HOME *.c ~ `", "$HOME|*.c|~|`|");
	splits("'a\tb\nc'", "a b\nc|");
	splits("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18", "1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|");
	not_split("nfdump 'a", "column 8: a quote without its end");
	not_split("nfdump | head", "column 8: '|'");
	not_split("a > b", "column 3: '>'");
	not_split("a\xff", "column 2: not text");
	not_split("a b\x01", "column 4: not text");
	not_split("a;b", "column 2: ';'");
}

static struct query *
parse(const char *line, struct err *e)
{
	struct query *q = query_new(arena);
	char **words;
	int n;

	if (words_split(line, arena, &words, &n, e) == -1 || query_from_command(q, n, words, sources, 3, 300, e) == -1)
		return NULL;
	return q;
}

/* paths: the query keeps them. */
static void
means(const char *line, const char *url, bool paths)
{
	struct strbuf sb = { 0 };
	struct err e;
	struct query *q = parse(line, &e);

	if (q == NULL)
		fail_msg("%s: %s", line, e.text);
	query_to_url(q, &sb);
	assert_string_equal(strbuf_text(&sb), url);
	assert_int_equal(query_has_paths(q), paths);
	strbuf_free(&sb);
}

static void
refuses(const char *line, const char *why)
{
	struct err e;

	assert_null(parse(line, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	if (strstr(e.text, why) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", line, e.text, why);
}

#define HOUR	"from=2026-11-20T14:00&to=2026-11-20T15:00"

static void
test_files(void **state)
{
	(void)state;
	means("nfdump -M /data/live/a:b -R nfcapd.202611201400:nfcapd.202611201455 -s srcip", HOUR "&source=a,b&by=srcip&order=flows", false);
	means("nfdump -M /data/live/b:a -R nfcapd.202611201400:nfcapd.202611201455", HOUR "&source=b,a", false);
	means("nfdump -M '/data/live/a:../../srv/x y/far' -r nfcapd.202611201400", "", true);
	means("nfdump -R /data/live/a/nfcapd.202611201400:nfcapd.202611201455", HOUR "&source=a", false);
	means("nfdump -R /data//live/b/2026/11/20/nfcapd.202611201400:2026/11/20/nfcapd.202611201455", HOUR "&source=b", false);
	means("nfdump -r '/srv/x y/far/nfcapd.202611201400'", "from=2026-11-20T14:00&to=2026-11-20T14:05&source=far", false);
	means("nfdump -R /data/live/a/nfcapd.202611201400", "from=2026-11-20T14:00&to=2026-11-20T14:30&source=a", false);
	/* Files of nobody, and those that do not say when. */
	means("nfdump -R /data/live/abc/nfcapd.202611201400", "", true);
	means("nfdump -R /data/live/a", "", true);
	means("nfdump -r /data/live/a/nfcapd.current", "", true);
	means("nfdump -M /data/live/a:c -r nfcapd.202611201400", "", true);
	means("nfdump -r nfcapd.202611201400", "", true);
	means("flowlight query --source a --from 14:00 --to 15:00 -a", HOUR "&source=a&aggregate=1", false);
	means("flowlight query --conf /etc/passwd --from 14:00 --to 15:00", HOUR, true);
}

static void
test_options(void **state)
{
	(void)state;
	means("nfdump -s srcip/bytes -s dstport:p -n 5 -o long -q 'proto tcp'",
	    "by=srcip/bytes,dstport:p/flows&top=5&output=long&filter=proto+tcp", false);
	means("$ TZ=UTC LC_ALL=C /usr/local/bin/nfdump -t -60 -A srcip4/24,dstport -O bytes src net 10/8 and port 53",
	    "time=-60&keys=srcip4/24,dstport&order=bytes&filter=src+net+10/8+and+port+53", false);
	means("-c 20 -b -- not port 53", "limit=20&bidirectional=1&filter=not+port+53", false);
	means("nfdump -zqyN6 -G /db -D8.8.8.8 -jC /etc/nfdump.conf -c 20 any", "limit=20&ipv6=1&filter=any", false);
	means("nfdump -P '\n\n'", "", false);
	means("nfdump -P 'bytes > 1k' -l +10k -s ip", "by=ip&order=flows&packets=%2B10000&post=bytes+%3E+1k", false);
	means("nfdump -r x 'proto tcp # all\n\tand port 53'", "filter=proto+tcp+and+port+53", true);
	refuses("nfdump --source 'a\nb'", "no line ends");
	refuses("nfdump -o 'fmt:%ts\n%td'", "one line");
	/* A page shows the flows. */
	means("nfdump -r x -zqw out 'proto tcp'", "filter=proto+tcp", true);
	refuses("nfdump -r x -i ident", "-i changes a file");
	refuses("nfdump -r x -w out -s ip", "-w writes flows");
	refuses("nfdump -r x -f filter", "-f reads the filter from a file");
	refuses("nfdump -r x -s colour", "unknown statistic");
	refuses("nfdump -r x -k", "unknown option -k");
	refuses("nfdump -r", "needs a value");
	refuses("nfdump -r x 'prot tcp'", "column 1");
	refuses("nfcapd -w /data", "expected a command line of nfdump, not \"nfcapd\"");
	refuses("", "expected a command line of nfdump");
	refuses("TZ=UTC", "expected a command line of nfdump");
	refuses("flowlight check x", "expected a command line of nfdump, not \"flowlight\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests_name("parse", tests, setup, teardown);
}
