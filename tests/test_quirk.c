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
#include "format/quirk.h"
#include "query/command.h"

#define DATA	"tests/data/"

static struct arena *arena;
static char scratch[] = "/tmp/flowlight-quirk.XXXXXX";

/* A flow of a test: what quirks look at. */
struct flow {
	uint64_t first, last, packets, bytes, outpackets, outbytes;
	uint32_t inif, outif, router;
};

static void
fill(struct batch *b, size_t i, const struct flow *f)
{
	COL64(b, F_FIRST)[i] = f->first;
	COL64(b, F_LAST)[i] = f->last;
	COL64(b, F_PACKETS)[i] = f->packets;
	COL64(b, F_BYTES)[i] = f->bytes;
	COL64(b, F_OUTPACKETS)[i] = f->outpackets;
	COL64(b, F_OUTBYTES)[i] = f->outbytes;
	COL64(b, F_FLOWS)[i] = 1;
	COL32(b, F_INIF)[i] = f->inif;
	COL32(b, F_OUTIF)[i] = f->outif;
	COL8(b, F_PROTO)[i] = 6;
	COLADDR(b, F_ROUTER)[i] = addr_from_v4(f->router);
	COLADDR(b, F_SRCIP)[i] = addr_from_v4(0xc0000201 + (uint32_t)i);
	COLADDR(b, F_DSTIP)[i] = addr_from_v4(0xc6336401);
}

/* The scratch file anew, with these flows. */
static void
written(const struct flow *flows, size_t n)
{
	static const enum field columns[] = { F_FIRST, F_LAST, F_PACKETS, F_BYTES, F_OUTPACKETS, F_OUTBYTES,
	    F_FLOWS, F_INIF, F_OUTIF, F_PROTO, F_ROUTER, F_SRCIP, F_DSTIP };
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };
	struct nfwrite *w;
	struct err e;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fieldset_add(&set, columns[i]);
	b.n = n;
	batch_columns(&b, &set, n, arena);
	for (size_t i = 0; i < n; i++)
		fill(&b, i, &flows[i]);
	unlink(scratch);
	w = nfwrite_open(scratch, "test", PACK_LZ4, &e);
	assert_non_null(w);
	assert_int_equal(nfwrite_add(w, &b, &e), 0);
	assert_int_equal(nfwrite_close(w, &e), 0);
}

static struct reader *
opened(const char *path, const struct source *src, const struct selection *selection)
{
	struct fieldset want = { { 0, 0 } };
	struct reader *r;
	struct err e;

	traffic_fields(&want);
	fieldset_add(&want, F_DURATION);
	fieldset_add(&want, F_BPP);
	r = reader_open_source(path, src, &want, selection, &e);
	if (r == NULL)
		fail_msg("%s", e.text);
	return r;
}

/* The totals of a file as the source sees it. */
static struct totals
totals(const char *path, const struct source *src, const struct selection *selection)
{
	struct reader *r = opened(path, src, selection);
	struct traffic t = { 0 };
	struct batch *b;
	struct err e;

	while (reader_next(r, &b, &e) == 1)
		traffic_add(&t, b, NULL);
	reader_close(r);
	return t.by[PROTO_ALL];
}

static void
totals_are(const char *path, const struct source *src, const struct selection *selection, uint64_t flows,
    uint64_t packets, uint64_t bytes)
{
	struct totals t = totals(path, src, selection);

	assert_int_equal(t.flows, flows);
	assert_int_equal(t.packets, packets);
	assert_int_equal(t.bytes, bytes);
}

static const struct flow two[] = {
	{ 1000, 3000, 5, 500, 2, 100, 1, 2, 0xc0000201 },
	{ 1000, 3000, 7, 700, 0, 0, 1, 2, 0xc0000202 },
};

/* A selection of flows with more than 2000 bytes, which is what a filter does. */
static size_t
choose_large(void *ctx, const struct batch *b, uint8_t *sel)
{
	size_t n = 0;

	(void)ctx;
	for (size_t i = 0; i < b->n; i++)
		n += sel[i] = COL64(b, F_BYTES)[i] > 2000;
	return n;
}

static struct selection
large(void)
{
	struct selection s = { .choose = choose_large };

	fieldset_add(&s.fields, F_BYTES);
	return s;
}

static void
test_scale(void **state)
{
	struct source src = { .quirks = { .scale = 10 } };
	struct source_exporter one = { .addr = addr_from_v4(0xc0000202), .quirks = { .scale = 3 } };
	struct selection s = large();

	(void)state;
	written(two, 2);
	totals_are(scratch, NULL, NULL, 2, 14, 1300);
	totals_are(scratch, &src, NULL, 2, 140, 13000);
	/* A filter sees what is shown. */
	totals_are(scratch, NULL, &s, 0, 0, 0);
	totals_are(scratch, &src, &s, 2, 140, 13000);
	/* One exporter of several. */
	src.exporters = &one;
	src.nexporters = 1;
	totals_are(scratch, &src, NULL, 2, 70 + 21, 6000 + 2100);
	one.quirks.scale = 2;
	totals_are(scratch, &src, &s, 1, 70, 6000);
}

static void
test_scale_bounds(void **state)
{
	static const struct flow huge[] = { { 1, 1, UINT64_MAX / 2, 3, 0, 0, 0, 0, 0 } };
	struct source src = { .quirks = { .scale = 16777216 } };

	(void)state;
	written(huge, 1);
	totals_are(scratch, &src, NULL, 1, UINT64_MAX, 3 * 16777216);
}

/* nfcapd has multiplied v5_sampled by 10 already, and could not know of v9_sampled. */
static void
test_scale_once(void **state)
{
	struct source none = { .quirks = { .scale = 1 } }, ten = { .quirks = { .scale = 10 } };
	struct totals v5 = totals(DATA "nfcapd/v5_sampled.nfcapd", &none, NULL);
	struct totals v9 = totals(DATA "nfcapd/v9_sampled.nfcapd", &none, NULL);

	(void)state;
	totals_are(DATA "nfcapd/v5_sampled.nfcapd", &ten, NULL, v5.flows, v5.packets, v5.bytes);
	totals_are(DATA "nfcapd/v9_sampled.nfcapd", &ten, NULL, v9.flows, v9.packets * 10, v9.bytes * 10);
}

/* Formats that do not select by themselves. */
static void
test_scale_flowtools(void **state)
{
	struct source src = { .quirks = { .scale = 3 } };
	struct selection s = large();
	struct totals all = totals(DATA "flowtools/v5-le-z6.ft", NULL, NULL);
	struct totals few = totals(DATA "flowtools/v5-le-z6.ft", NULL, &s);
	struct totals more = totals(DATA "flowtools/v5-le-z6.ft", &src, &s);

	(void)state;
	totals_are(DATA "flowtools/v5-le-z6.ft", &src, NULL, all.flows, all.packets * 3, all.bytes * 3);
	assert_true(more.flows > few.flows && more.flows < all.flows);
}

/*
 * A connection from inside through a firewall whose interface 1 is inside and 2
 * outside: two states of two flows each; one that was never answered; one of the
 * firewall itself; and flows that tell two interfaces or none.
 */
static const struct flow states[] = {
	{ 1, 2, 10, 1000, 0, 0, 1, 1, 0 },
	{ 1, 2, 10, 2000, 0, 0, 1, 1, 0 },
	{ 1, 2, 10, 1000, 0, 0, 2, 2, 0 },
	{ 1, 2, 10, 2000, 0, 0, 2, 2, 0 },
	{ 1, 1, 1, 40, 0, 0, 1, 0, 0 },
	{ 1, 1, 1, 40, 0, 0, 0, 2, 0 },
	{ 1, 1, 1, 7, 0, 0, 2, 0, 0 },
	{ 1, 1, 100, 10000, 0, 0, 1, 2, 0 },
	{ 1, 1, 100, 20000, 0, 0, 0, 0, 0 },
};

static void
test_count(void **state)
{
	struct source src = { .quirks = { .count = COUNT_BOTH, .outside = { 1, { 2 } } } };
	struct selection s = large();

	(void)state;
	written(states, sizeof(states) / sizeof(states[0]));
	totals_are(scratch, &src, NULL, 9, 243, 36087);
	src.quirks.count = COUNT_IN;
	totals_are(scratch, &src, NULL, 5, 221, 33040);
	totals_are(scratch, &src, &s, 2, 200, 30000);
	src.quirks.count = COUNT_OUT;
	totals_are(scratch, &src, NULL, 6, 222, 33047);
	src.quirks.scale = 2;
	totals_are(scratch, &src, NULL, 6, 444, 66094);
	totals_are(scratch, &src, &s, 3, 420, 64000);
	/* Numbers of flows are still those of the file. */
	{
		struct reader *r = opened(scratch, &src, NULL);
		struct batch *b;
		struct err e;

		assert_int_equal(reader_next(r, &b, &e), 1);
		assert_int_equal(batch_flow(b, 0), 3);
		assert_int_equal(batch_flow(b, 2), 6);
		assert_int_equal(reader_next(r, &b, &e), 0);
		assert_int_equal(reader_info(r)->flows, 9);
		reader_close(r);
	}
}

/* Flows that end before they begin, by file and source. */
static size_t
backwards(const char *path, const struct source *src, uint64_t *durations)
{
	struct fieldset want = { { 0, 0 } };
	struct reader *r;
	struct batch *b;
	struct err e;
	size_t n = 0;

	fieldset_add(&want, F_DURATION);
	r = reader_open_source(path, src, &want, NULL, &e);
	assert_non_null(r);
	*durations = 0;
	while (reader_next(r, &b, &e) == 1)
		for (size_t i = 0; i < b->n; i++) {
			n += COL64(b, F_LAST)[i] < COL64(b, F_FIRST)[i];
			*durations += COL64(b, F_DURATION)[i];
		}
	reader_close(r);
	return n;
}

/* v10_none is what nfcapd 1.7.1 made of the same packets as v10milli_none, with the times swapped. */
static void
test_times(void **state)
{
	static const struct flow flows[] = { { 5000, 2000, 1, 1, 0, 0, 0, 0, 0 }, { 1000, 4000, 1, 1, 0, 0, 0, 0, 0 } };
	struct source src = { .quirks = { .fix_times = true } };
	uint64_t right, durations;

	(void)state;
	assert_int_equal(backwards(DATA "nfcapd/v10milli_none.nfcapd", NULL, &right), 0);
	assert_int_equal(backwards(DATA "nfcapd/v10milli_none.nfcapd", &src, &durations), 0);
	assert_int_equal(durations, right);
	assert_true(backwards(DATA "nfcapd/v10_none.nfcapd", NULL, &durations) > 0);
	assert_int_equal(durations, 0);
	assert_int_equal(backwards(DATA "nfcapd/v10_none.nfcapd", &src, &durations), 0);
	assert_int_equal(durations, right);
	/* Of other protocols it is not known which of the two is wrong. */
	written(flows, 2);
	assert_int_equal(backwards(scratch, NULL, &durations), 1);
	assert_int_equal(durations, 3000);
	assert_int_equal(backwards(scratch, &src, &durations), 0);
	assert_int_equal(durations, 3000);
}

static void
test_fields(void **state)
{
	struct source src = { .quirks = { .fix_times = true } };
	struct reader *r;
	struct fieldset want = { { 0, 0 } };
	struct batch *b;
	struct err e;

	(void)state;
	assert_false(quirk_any(NULL));
	assert_true(quirk_any(&src));
	assert_false(quirk_drops(&src));
	src.quirks.fix_times = false;
	assert_false(quirk_any(&src));
	src.quirks.scale = 1;
	assert_false(quirk_any(&src));
	src.quirks.scale = 2;
	/* A column that nobody asked for is not decoded for being scaled. */
	fieldset_add(&want, F_SRCIP);
	written(two, 2);
	r = reader_open_source(scratch, &src, &want, NULL, &e);
	assert_non_null(r);
	assert_int_equal(reader_next(r, &b, &e), 1);
	assert_null(b->col[F_BYTES]);
	assert_null(b->col[F_RECFLAGS]);
	reader_close(r);
}

/* The line for nfdump would give other numbers: there is none, and it is said why. */
static void
test_command(void **state)
{
	struct source plain = { .name = "a", .dir = "/d/a" }, scaled = { .name = "b", .dir = "/d/b" };
	struct slot slots[] = { { .source = &plain, .name = "nfcapd.202611201430" },
	    { .source = &scaled, .name = "nfcapd.202611201430" } };
	struct query *q;
	struct strbuf sb = { 0 };
	struct pairs pairs;
	const char *why;
	struct err e;

	(void)state;
	q = query_new(arena);
	assert_int_equal(pairs_parse("by=ip&top=3", arena, &pairs, &e), 0);
	assert_int_equal(query_from_pairs(q, &pairs, &e), 0);
	assert_int_equal(command_nfdump(q, slots, 2, &sb, &why), 0);
	assert_null(why);
	scaled.quirks.scale = 2;
	assert_int_equal(command_nfdump(q, slots, 1, &sb, &why), 0);
	assert_int_equal(command_nfdump(q, slots, 2, &sb, &why), -1);
	assert_non_null(strstr(why, "\"scale\""));
	scaled.quirks.count = COUNT_IN;
	assert_int_equal(command_nfdump(q, slots, 2, &sb, &why), -1);
	assert_non_null(strstr(why, "\"count\""));
	scaled.quirks = (struct quirks){ .fix_times = true };
	assert_int_equal(command_nfdump(q, slots, 2, &sb, &why), -1);
	assert_non_null(strstr(why, "\"fix_times\""));
	strbuf_free(&sb);
}

static int
setup(void **state)
{
	int fd = mkstemp(scratch);

	(void)state;
	arena = arena_new();
	return fd == -1 || close(fd) != 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return unlink(scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scale), cmocka_unit_test(test_scale_bounds),
		cmocka_unit_test(test_scale_once), cmocka_unit_test(test_scale_flowtools),
		cmocka_unit_test(test_count), cmocka_unit_test(test_times), cmocka_unit_test(test_fields),
		cmocka_unit_test(test_command),
	};

	return cmocka_run_group_tests_name("quirk", tests, setup, teardown);
}
