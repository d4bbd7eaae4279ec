/*
 * Series: what is put into buckets adds up to what was there, each bucket is
 * within one of its exact share, and lines of a split series add up to the whole.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "format/nfwrite.h"
#include "query/run.h"

#define FROM	1795197000	/* 2026-11-20T17:50:00Z */
#define NFLOWS	6000

static struct arena *arena;
static char path[] = "/tmp/flowlight-series.XXXXXX";
static uint64_t seed = 5;

static uint64_t
random_below(uint64_t n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 20) % n;
}

/* Short and long ones, some that begin before the series or end after it. */
static struct interval
random_interval(void)
{
	static const uint64_t lengths[] = { 1, 2, 900, 61000, 700000, 90000000, 6000000000 };
	uint64_t from = (FROM - 200) * 1000ULL + random_below(900000);

	return (struct interval){ from, from + 1 + random_below(lengths[random_below(7)]) };
}

static void
random_flow(struct batch *b, size_t i)
{
	struct interval iv = random_interval();

	COL64(b, F_FIRST)[i] = iv.from;
	COL64(b, F_LAST)[i] = random_below(4) == 0 ? iv.from : iv.to;
	COL64(b, F_FLOWS)[i] = 1 + random_below(3);
	COL64(b, F_PACKETS)[i] = random_below(random_below(3) == 0 ? 1ULL << 40 : 50);
	COL64(b, F_BYTES)[i] = random_below(random_below(3) == 0 ? 1ULL << 45 : 5000);
	COL64(b, F_OUTPACKETS)[i] = random_below(2) * random_below(9);
	COL64(b, F_OUTBYTES)[i] = COL64(b, F_OUTPACKETS)[i] * 100;
	COLADDR(b, F_SRCIP)[i] = addr_from_v4(0x0a000000 + random_below(40));
	COLADDR(b, F_DSTIP)[i] = addr_from_v4(0x0a010000);
	COL16(b, F_DSTPORT)[i] = random_below(5);
	COL8(b, F_PROTO)[i] = 6;
}

static int
setup(void **state)
{
	static const enum field columns[] = { F_FIRST, F_LAST, F_FLOWS, F_PACKETS, F_BYTES, F_OUTPACKETS, F_OUTBYTES,
	    F_SRCIP, F_DSTIP, F_DSTPORT, F_PROTO };
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };
	struct nfwrite *w;
	struct err e;
	int fd = mkstemp(path);

	(void)state;
	arena = arena_new();
	when_zone("UTC", &e);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fieldset_add(&set, columns[i]);
	batch_columns(&b, &set, 500, arena);
	w = nfwrite_open(path, "series", PACK_LZ4, &e);
	for (size_t left = NFLOWS; w != NULL && left > 0; left -= b.n) {
		b.n = 500;
		for (size_t i = 0; i < b.n; i++)
			random_flow(&b, i);
		if (nfwrite_add(w, &b, &e) == -1)
			return -1;
	}
	return fd == -1 || w == NULL || close(fd) == -1 ? -1 : nfwrite_close(w, &e);
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return unlink(path);
}

static void
add_totals(struct totals *to, const struct totals *more)
{
	to->flows += more->flows;
	to->packets += more->packets;
	to->bytes += more->bytes;
}

static struct totals
all_of(const struct series *s)
{
	struct totals sum = s->before;

	add_totals(&sum, &s->after);
	for (size_t k = 0; k < s->nlines; k++) {
		struct totals line = series_line(s, k);

		add_totals(&sum, &line);
	}
	return sum;
}

static void
assert_totals(const struct totals *a, const struct totals *b)
{
	assert_int_equal(a->flows, b->flows);
	assert_int_equal(a->packets, b->packets);
	assert_int_equal(a->bytes, b->bytes);
}

static void
nothing_is_lost(void **state)
{
	static const uint32_t buckets[] = { 1, 7, 60, 300, 3600 };

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct series s;
		struct totals want = { 0, 0, 0 }, got;

		series_init(&s, FROM, FROM + 1 + (int64_t)random_below(900), buckets[round % 5], 2, arena);
		for (int i = 0; i < 20; i++) {
			struct interval iv = random_interval();
			struct totals t = { 1 + random_below(3), random_below(1ULL << 40), random_below(UINT64_MAX >> 1) / 64 };

			series_add(&s, random_below(2), &iv, &t, random_below(2) ? FLOWS_EVENLY : FLOWS_AT_START);
			add_totals(&want, &t);
		}
		got = all_of(&s);
		assert_totals(&got, &want);
	}
}

/* The exact share of each bucket in floating point, for amounts that it holds exactly. */
static void
each_bucket_has_its_share(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct interval iv = random_interval();
		struct totals t = { 1000, random_below(1 << 20), random_below(1 << 30) };
		struct series s;

		series_init(&s, FROM, FROM + 650, 60, 1, arena);
		series_add(&s, 0, &iv, &t, FLOWS_EVENLY);
		for (size_t i = 0; i < s.n; i++) {
			double from = fmax((FROM + 60.0 * (double)i) * 1000, (double)iv.from);
			double to = fmin(fmin((FROM + 60.0 * (double)(i + 1)) * 1000, (FROM + 650) * 1000.0), (double)iv.to);
			double share = to > from ? (to - from) / (double)(iv.to - iv.from) : 0;

			assert_true(fabs((double)s.at[i].bytes - share * (double)t.bytes) <= 1);
			assert_true(fabs((double)s.at[i].packets - share * (double)t.packets) <= 1);
			assert_true(fabs((double)s.at[i].flows - share * 1000) <= 1);
		}
	}
}

static void
a_part_is_what_a_bucket_gets(void **state)
{
	static const enum flows_how hows[] = { FLOWS_EVENLY, FLOWS_AT_START, FLOWS_EACH };

	(void)state;
	for (int round = 0; round < 500; round++) {
		int64_t from = FROM + (int64_t)random_below(300), to = from + 1 + (int64_t)random_below(300);
		struct interval iv = random_interval(), window = { (uint64_t)from * 1000, (uint64_t)to * 1000 };
		struct totals t = { 3, random_below(1ULL << 40), random_below(1ULL << 50) }, part;
		struct series s;

		series_init(&s, from, to, 3600, 1, arena);
		series_add(&s, 0, &iv, &t, hows[round % 3]);
		part = series_part(&window, &iv, &t, hows[round % 3]);
		assert_totals(&part, &s.at[0]);
	}
}

static void
flows_count_where_they_begin_or_wherever_they_are(void **state)
{
	struct interval iv = { (FROM + 5) * 1000ULL, (FROM + 25) * 1000ULL + 1 }, edge = { FROM * 1000ULL, (FROM + 10) * 1000ULL };
	struct totals one = { 1, 30, 20001 };
	struct series s;

	(void)state;
	series_init(&s, FROM, FROM + 40, 10, 1, arena);
	series_add(&s, 0, &iv, &one, FLOWS_AT_START);
	assert_int_equal(s.at[0].flows, 1);
	assert_int_equal(s.at[1].flows + s.at[2].flows + s.at[3].flows, 0);
	assert_int_equal(s.at[0].bytes, 5000);
	assert_int_equal(s.at[1].bytes, 10000);
	assert_int_equal(s.at[2].bytes, 5001);
	series_init(&s, FROM, FROM + 40, 10, 1, arena);
	series_add(&s, 0, &iv, &one, FLOWS_EACH);
	series_add(&s, 0, &edge, &one, FLOWS_EACH);
	assert_int_equal(s.at[0].flows, 2);
	assert_int_equal(s.at[1].flows, 1);		/* what ends with a bucket is not in the next */
	assert_int_equal(s.at[2].flows, 1);
	assert_int_equal(s.at[3].flows, 0);
}

static void
figures_are_of_all_buckets(void **state)
{
	struct series_figures f;
	struct series s;

	(void)state;
	series_init(&s, FROM, FROM + 195, 10, 1, arena);	/* 20 buckets, the last of 5 seconds */
	for (size_t i = 0; i < s.n; i++)
		s.at[i].bytes = 10 * (i + 1);
	series_figures(&s, 0, AMOUNT_BYTES, &f);
	assert_int_equal(s.n, 20);
	assert_true(f.most == 320 && f.peak == 19 && f.last == 320);	/* 200 bytes in 5 s */
	assert_true(f.p95 == 152);					/* the 19th of 8, 16, … 152, 320 */
	assert_true(fabs(f.average - 8 * 2100 / 195.0) < 1e-9);
}

static struct query *
query_of(const char *url)
{
	struct query *q = query_new(arena);
	struct pairs pairs;
	struct err e;

	if (pairs_parse(url, arena, &pairs, &e) == -1 || query_from_pairs(q, &pairs, &e) == -1)
		fail_msg("%s: %s", url, e.text);
	return q;
}

static struct result
run(const char *url, unsigned workers)
{
	static const char *paths[] = { path };
	static const struct file_list files = { paths, 1, NULL, NULL };
	struct result res = { .arena = arena };
	struct run_limits limits = { workers, 0, 0 };
	struct err e;

	if (run_query(query_of(url), &files, NULL, &limits, NULL, NULL, &res, &e) == -1)
		fail_msg("%s: %s", url, e.text);
	return res;
}

#define WINDOW	"from=2026-11-20T17:50&to=2026-11-20T18:00&series=30s"

static void
threads_make_no_difference(void **state)
{
	static const char *const urls[] = { WINDOW, WINDOW "&keys=srcip&top=3", WINDOW "&keys=srcip,dstport&rank=peak&order=flows" };

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct result one = run(urls[i], 1), four = run(urls[i], 4);
		struct totals sum = all_of(one.series);

		assert_totals(&sum, &one.kept);
		assert_int_equal(one.series->nlines, four.series->nlines);
		assert_memory_equal(one.series->at, four.series->at,
		    one.series->n * one.series->nlines * sizeof(*one.series->at));
		assert_totals(&one.series->before, &four.series->before);
	}
}

static void
lines_add_up_to_the_whole(void **state)
{
	struct result whole = run(WINDOW, 1), split = run(WINDOW "&keys=srcip&top=5", 2);

	(void)state;
	assert_int_equal(split.tables[0].rows.n, 5);
	assert_int_equal(split.series->nlines, 6);
	for (size_t i = 0; i < whole.series->n; i++) {
		struct totals sum = series_bucket(split.series, i);

		assert_totals(&sum, &whole.series->at[i]);
	}
}

/* A line is what the series of its flows alone is, and no other address has more. */
static void
lines_are_the_first(void **state)
{
	static const char *const ranks[] = { "total", "peak" };

	(void)state;
	for (int peak = 0; peak < 2; peak++) {
		struct result whole = run(WINDOW, 1);
		struct result split = run(arena_printf(arena, WINDOW "&keys=srcip&top=3&rank=%s", ranks[peak]), 2);
		struct series_figures f;
		uint64_t least_shown = UINT64_MAX, most_hidden = 0;

		series_figures(whole.series, 0, AMOUNT_BYTES, &f);
		for (unsigned host = 0; host < 40; host++) {
			struct result alone = run(arena_printf(arena, WINDOW "&filter=src+ip+10.0.0.%u", host), 1);
			uint64_t has = peak ? alone.series->at[f.peak].bytes : series_line(alone.series, 0).bytes;
			struct addr addr = addr_from_v4(0x0a000000 + host);
			size_t k = 0;

			while (k < 3 && memcmp(&COLADDR(&split.tables[0].rows, F_SRCIP)[k], &addr, sizeof(addr)) != 0)
				k++;
			if (k == 3) {
				most_hidden = has > most_hidden ? has : most_hidden;
				continue;
			}
			least_shown = has < least_shown ? has : least_shown;
			assert_memory_equal(alone.series->at, split.series->at + k * split.series->n,
			    alone.series->n * sizeof(*alone.series->at));
		}
		assert_true(least_shown >= most_hidden);
	}
}

static void
refuses(const char *url, const char *why)
{
	struct query *q = query_new(arena);
	struct pairs pairs;
	struct err e;

	assert_int_equal(pairs_parse(url, arena, &pairs, &e), 0);
	assert_int_equal(query_from_pairs(q, &pairs, &e), -1);
	assert_int_equal(e.kind, ERR_INPUT);
	if (strstr(e.text, why) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", url, e.text, why);
}

static void
what_makes_no_series_is_refused(void **state)
{
	(void)state;
	refuses("series=0s", "series: expected a bucket");
	refuses("series=2h", "series: expected a bucket");
	refuses("series=10x", "series: expected a bucket");
	refuses("series=10s&by=srcip", "not with statistics");
	refuses("series=10s&book=never", "book: \"never\" is none of spread, end, slot");
	refuses("series=10s&count=active&book=end", "count: ");
	refuses("series=10s&keys=srcip&top=51", "top: ");
	refuses("series=10s&keys=srcip&order=bps", "order: ");
	refuses("series=10s&top=5", "lines by keys");
	refuses("series=10s&keys=srcip&post=flows+>+3", "limits");
	refuses("book=end", "of series");
}

static void
too_many_buckets_are_refused(void **state)
{
	static const char *paths[] = { path };
	static const struct file_list files = { paths, 1, NULL, NULL };
	struct result res = { .arena = arena };
	struct run_limits limits = { 1, 0, 1 << 20 };
	struct err e;

	(void)state;
	assert_int_equal(run_query(query_of("from=2026-11-01&to=2026-12-01&series=1s"), &files, NULL, &limits, NULL,
	    NULL, &res, &e), -1);
	assert_non_null(strstr(e.text, "longer buckets"));
	assert_int_equal(run_query(query_of("from=2026-11-20&to=2026-11-21&series=1s"), &files, NULL, &limits, NULL,
	    NULL, &res, &e), -1);
	assert_non_null(strstr(e.text, "memory"));
}

static int
stop_late(void *ctx, const struct progress *p)
{
	(void)p;
	return ++*(int *)ctx > 3;
}

static void
a_stopped_series_is_partial(void **state)
{
	static const char *paths[] = { path, path, path, path };
	static const struct file_list files = { paths, 4, NULL, NULL };
	struct result res = { .arena = arena };
	struct run_limits limits = { 1, 0, 0 };
	int asked = 0;
	struct watch watch = { stop_late, &asked };
	struct err e;

	(void)state;
	assert_int_equal(run_query(query_of(WINDOW "&keys=srcip"), &files, NULL, &limits, NULL, &watch, &res, &e), 0);
	assert_true(res.partial);
	assert_non_null(res.note);
	assert_non_null(res.series);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(each_bucket_has_its_share),
		cmocka_unit_test(a_part_is_what_a_bucket_gets),
		cmocka_unit_test(flows_count_where_they_begin_or_wherever_they_are),
		cmocka_unit_test(figures_are_of_all_buckets),
		cmocka_unit_test(threads_make_no_difference),
		cmocka_unit_test(lines_add_up_to_the_whole),
		cmocka_unit_test(lines_are_the_first),
		cmocka_unit_test(what_makes_no_series_is_refused),
		cmocka_unit_test(too_many_buckets_are_refused),
		cmocka_unit_test(a_stopped_series_is_partial),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
