/*
 * struct query: from URLs and argv, and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "query/command.h"
#include "query/query.h"

static struct arena *arena;

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

static struct query *
from_url(const char *url, struct err *e)
{
	struct query *q = query_new(arena);
	struct pairs pairs;

	memset(e, 0, sizeof(*e));
	if (pairs_parse(url, arena, &pairs, e) == -1 || query_from_pairs(q, &pairs, e) == -1 ||
	    pairs_done(&pairs, e) == -1)
		return NULL;
	return q;
}

/* The URL means this canonical URL, which means itself. */
static void
canonical(const char *url, const char *want)
{
	struct strbuf sb = { 0 };
	struct err e;
	struct query *q = from_url(url, &e);

	if (q == NULL)
		fail_msg("%s: %s", url, e.text);
	query_to_url(q, &sb);
	assert_string_equal(strbuf_text(&sb), want);
	q = from_url(want, &e);
	assert_non_null(q);
	strbuf_reset(&sb);
	query_to_url(q, &sb);
	assert_string_equal(strbuf_text(&sb), want);
	strbuf_free(&sb);
}

static void
refuses(const char *url, const char *why)
{
	struct err e;

	assert_null(from_url(url, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	if (strstr(e.text, why) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", url, e.text, why);
}

static void
test_url(void **state)
{
	(void)state;
	canonical("", "");
	canonical("by=srcip&from=2026-11-20T14:30&to=2026-11-20T14:35",
	    "from=2026-11-20T14:30&to=2026-11-20T14:35&by=srcip&order=flows");
	canonical("from=-1h&by=srcip/bytes,dstport&order=bytes",
	    "from=2026-11-20T13:30&to=2026-11-20T14:30&by=srcip,dstport&order=bytes");
	canonical("by=srcip/bytes,dstport/flows:a", "by=srcip/bytes,dstport/flows:a");
	canonical("by=ip:p/pps/bps", "by=ip:p/pps,ip:p/bps");
	canonical("by=record/tstart", "by=record&order=tstart");
	canonical("keys=SRCIP4/24,dstport&order=bytes&top=5", "keys=srcip4/24,dstport&order=bytes&top=5");
	canonical("keys=srcnet,next,odid,srctos", "keys=srcnet,next,odid,srctos");
	canonical("keys=next4/24,router6/48", "keys=next4/24,router6/48");
	canonical("aggregate=1&limit=100", "limit=100&aggregate=1");
	canonical("bidirectional=1", "bidirectional=1");
	canonical("order=bytes&bidirectional=guess", "bidirectional=guess&order=bytes");
	canonical("bidirectional=0", "");
	canonical("series=60s&book=spread&count=initiated", "series=1m");
	canonical("series=90&book=slot", "series=90s&book=slot");
	canonical("series=1h&count=active", "series=1h&count=active");
	canonical("top=3&rank=peak&keys=srcip,dstport&series=5s", "keys=srcip,dstport&series=5s&rank=peak&order=bytes&top=3");
	canonical("by=srcip&packets=10k&bytes=-1m", "by=srcip&order=flows&packets=%2B10000&bytes=-1000000");
	canonical("by=srcip&post=bytes+>+10+and+src+net+10.0.0.0/8",
	    "by=srcip&order=flows&post=bytes+%3E+10+and+src+net+10.0.0.0/8");
	canonical("limit=20&filter=src+ip+10.0.0.1+and+port+53&source=a,b",
	    "source=a,b&limit=20&filter=src+ip+10.0.0.1+and+port+53");
	canonical("time=2026/11/20.14:30:00-2026/11/20.14:35:00&limit=1",
	    "time=2026/11/20.14:30:00-2026/11/20.14:35:00&limit=1");
}

static void
test_refused(void **state)
{
	(void)state;
	canonical("match=any&from=2026-11-20T14:30:07&to=2026-11-20T14:35", "from=2026-11-20T14:30:07&to=2026-11-20T14:35&match=any");
	canonical("match=files&sampling=1&ipv6=0", "");
	canonical("sampling=100&output=fmt:%25ts&ipv6=1", "sampling=100&output=fmt:%25ts&ipv6=1");
	refuses("match=all", "match: expected any, start, end, entire or files");
	refuses("match=any", "match: needs from and to");
	refuses("from=-1h&match=any&time=14:00", "match: does not go together with time");
	refuses("sampling=-1", "sampling: expected a number");
	refuses("by=color", "by: unknown statistic \"color\"");
	refuses("by=srcgeo/bytes", "srcgeo needs a database of countries, and there is none");
	refuses("keys=proto,dstgeo", "dstgeo needs a database of countries, and there is none");
	refuses("by=srcasn", "by: statistic srcasn is of a database of AS, and groups are made of what flows carry; srcas is what the exporter told");
	refuses("by=ja3", "by: statistic ja3 is a fingerprint of payload, which is not computed");
	refuses("by=srcip/colour", "by: unknown order \"colour\"");
	refuses("by=srcip/tstart", "by: a statistic cannot be ordered by tstart");
	refuses("by=srcip/bytes:x", "expected :a or :d");
	refuses("keys=srcip,color", "keys: unknown key \"color\"");
	refuses("keys=srcip4/33", "expected 1 to 32 bits");
	refuses("keys=dstport4/8", "no network key");
	refuses("top=-1", "top: expected a number");
	refuses("limit=9999999999999", "limit: expected a number");
	refuses("to=2026-11-20", "to: needs a from");
	refuses("from=2026-11-21&to=2026-11-20", "from: lies after to");
	refuses("filter=prot+tcp", "column 1");
	refuses("by=srcip&by=dstip", "by");
	refuses("bidirectional=maybe", "bidirectional: expected 1 or guess");
	refuses("bidirectional=1&keys=srcip", "without -A");
	refuses("by=srcip&packets=10x", "packets: expected a limit like");
	refuses("by=srcip&bytes=%2B", "bytes: expected a limit like");
	refuses("by=srcip&bytes=99999999999999999999", "bytes: expected a limit like");
	refuses("by=srcip&post=dst+port+80", "post: the rows of srcip have no dstport");
	refuses("by=srcip&post=dst", "post: ");
	refuses("packets=10", "limits are for statistics");
	refuses("colour=red", "colour");
}

static struct query *
from_words(const char *line, struct err *e)
{
	char *copy = arena_strdup(arena, line), *argv[64], *word;
	struct query *q = query_new(arena);
	int argc = 0;

	memset(e, 0, sizeof(*e));
	argv[argc++] = arena_strdup(arena, "query");
	while ((word = strsep(&copy, " ")) != NULL)
		argv[argc++] = word;
	argv[argc] = NULL;
	return query_from_argv(q, argc, argv, e) == 0 ? q : NULL;
}

/* nfdump's words mean the same as this URL. */
static void
words_mean(const char *line, const char *url)
{
	struct strbuf sb = { 0 };
	struct err e;
	struct query *q = from_words(line, &e);

	if (q == NULL)
		fail_msg("%s: %s", line, e.text);
	query_to_url(q, &sb);
	assert_string_equal(strbuf_text(&sb), url);
	strbuf_free(&sb);
}

static void
test_argv(void **state)
{
	struct query *q;
	struct err e;

	(void)state;
	words_mean("-s srcip/bytes -n 5 -r file proto tcp", "by=srcip&order=bytes&top=5&filter=proto+tcp");
	words_mean("-r file -b", "bidirectional=1");
	words_mean("-r file -b -B -O bytes", "bidirectional=guess&order=bytes");
	words_mean("-r file -B -b", "bidirectional=guess");
	words_mean("-r file -a -O bytes", "aggregate=1&order=bytes");
	words_mean("-A srcip4/24,dstport -c 10 -R dir -- not port 53", "limit=10&keys=srcip4/24,dstport&filter=not+port+53");
	words_mean("--source a,b --from -1h -s record", "from=2026-11-20T13:30&to=2026-11-20T14:30&source=a,b&by=record&order=flows");
	words_mean("-n10 -ssrcip -sdstport/packets -r x", "by=srcip/flows,dstport/packets&top=10");
	q = from_words("-M /data/a:b -R first:last -q -N -6 -o csv", &e);
	assert_non_null(q);
	assert_string_equal(q->read_dirs, "/data/a:b");
	assert_true(q->quiet && q->plain_numbers && q->long_ipv6);
	assert_string_equal(q->output, "csv");
	assert_null(from_words("-s", &e));
	assert_string_equal(e.text, "option -s needs a value");
	assert_null(from_words("-y x", &e));
	assert_string_equal(e.text, "unknown option -y");
	assert_null(from_words("--colour x", &e));
	assert_string_equal(e.text, "unknown option --colour");
	assert_null(from_words("-s nosuch -r x", &e));
	assert_string_equal(e.text, "-s: unknown statistic \"nosuch\"");
	assert_null(from_words("-M a:b", &e));
	assert_null(from_words("-r a -R b", &e));
	assert_null(from_words("-r a --source b", &e));
}

static const struct source sources[] = {
	{ .id = 0, .name = "a", .dir = "/data/live/a" },
	{ .id = 1, .name = "b", .dir = "/data/live/b" },
	{ .id = 2, .name = "far", .dir = "/srv/x y/far" },
};

static struct slot
slot_of(int source, const char *name)
{
	return (struct slot){ .source = &sources[source], .name = name };
}

static void
shows(const char *url, const struct slot *slots, size_t n, const char *flowlight, const char *nfdump)
{
	struct strbuf sb = { 0 };
	const char *why;
	struct err e;
	struct query *q = from_url(url, &e);

	assert_non_null(q);
	if (flowlight != NULL) {
		command_flowlight(q, NULL, &sb);
		assert_string_equal(strbuf_text(&sb), flowlight);
		strbuf_reset(&sb);
	}
	assert_int_equal(command_nfdump(q, slots, n, &sb, &why), nfdump != NULL ? 0 : -1);
	if (nfdump != NULL)
		assert_string_equal(strbuf_text(&sb), nfdump);
	strbuf_free(&sb);
}

static void
test_command(void **state)
{
	struct slot one[] = { slot_of(0, "nfcapd.202611201430") };
	struct slot two[] = { slot_of(0, "nfcapd.202611201430"), slot_of(0, "nfcapd.202611201435") };
	struct slot both[] = { slot_of(0, "nfcapd.202611201435"), slot_of(1, "nfcapd.202611201430") };
	struct slot apart[] = { slot_of(0, "nfcapd.202611201430"), slot_of(2, "nfcapd.202611201430") };
	struct strbuf sb = { 0 };
	const char *why;
	struct err e;

	(void)state;
	shows("from=2026-11-20T14:30&to=2026-11-20T14:35&by=srcip&top=10&filter=proto+tcp", one, 1,
	    "flowlight query --from 2026-11-20T14:30 --to 2026-11-20T14:35 -s srcip/flows -n 10 -- 'proto tcp'",
	    "nfdump -r /data/live/a/nfcapd.202611201430 -s srcip/flows -n 10 -- 'proto tcp'");
	shows("by=srcip&packets=10k&post=flows+>+3", one, 1,
	    "flowlight query -s srcip/flows -l +10000 -P 'flows > 3'", NULL);
	shows("by=srcip&bytes=-10k", one, 1, "flowlight query -s srcip/flows -L -10000",
	    "nfdump -r /data/live/a/nfcapd.202611201430 -s srcip/flows -L -10000");
	shows("bidirectional=1", one, 1, "flowlight query -b", "nfdump -r /data/live/a/nfcapd.202611201430 -b");
	shows("bidirectional=guess&by=record", one, 1, "flowlight query -B -s record/flows",
	    "nfdump -r /data/live/a/nfcapd.202611201430 -B -s record/flows");
	shows("limit=20", two, 2, NULL,
	    "nfdump -R /data/live/a/nfcapd.202611201430:nfcapd.202611201435 -c 20 -o line");
	/* The source that has the first file stands first: nfdump looks for it there. */
	shows("limit=20", both, 2, NULL,
	    "nfdump -M /data/live/b:a -R nfcapd.202611201430:nfcapd.202611201435 -c 20 -o line");
	shows("limit=20", apart, 2, NULL,
	    "nfdump -M '/data/live/a:../../srv/x y/far' -r nfcapd.202611201430 -c 20 -o line");
	shows("series=10s&filter=proto+udp", one, 1, "flowlight query --series 10s -- 'proto udp'",
	    "nfdump -r /data/live/a/nfcapd.202611201430 -o null -- 'proto udp'");
	shows("series=5m&keys=srcip&order=packets&rank=peak&top=4", two, 2,
	    "flowlight query -A srcip --series 5m --rank peak -O packets -n 4",
	    "nfdump -R /data/live/a/nfcapd.202611201430:nfcapd.202611201435 -A srcip -O packets -n 4");
	/* nfdump has not all that we have. */
	assert_int_equal(command_nfdump(from_url("by=tunip", &e), one, 1, &sb, &why), -1);
	assert_string_equal(why, "nfdump has no such statistic or key.");
	assert_int_equal(command_nfdump(from_url("keys=srcip,vxlan", &e), one, 1, &sb, &why), -1);
	assert_int_equal(command_nfdump(from_url("keys=srcip,flags", &e), one, 1, &sb, &why), 0);
	assert_string_equal(why, "This needs nfdump 1.7.5 or later.");
	assert_int_equal(command_nfdump(from_url("series=10s&filter=proto+tcp", &e), one, 1, &sb, &why), 0);
	assert_non_null(strstr(why, "nfdump has no series"));
	strbuf_reset(&sb);
	assert_int_equal(command_nfdump(from_url("by=ip", &e), NULL, 0, &sb, &why), -1);
	assert_non_null(why);
	strbuf_free(&sb);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_argv),
		cmocka_unit_test(test_command),
	};

	return cmocka_run_group_tests_name("query", tests, setup, teardown);
}
