/*
 * Running queries over files: groups lose nothing, whatever the key and the
 * number of threads; limits, cancelling and damage leave a labelled rest.
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

#include "format/nfwrite.h"
#include "query/run.h"

#define NFLOWS	40000

static char random_path[] = "/tmp/flowlight-run.XXXXXX";
static struct arena *arena;
static uint64_t seed = 3;

static uint32_t
random_below(uint32_t n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33) % n;
}

static struct addr
random_addr(void)
{
	return random_below(5) == 0 ? addr_from_v6(0x20010db800000000ULL, random_below(60)) :
	    addr_from_v4(0x0a000000 + random_below(3000));
}

static void
random_flow(struct batch *b, size_t i)
{
	static const uint8_t protos[] = { 6, 6, 17, 1, 47 };

	for (enum field f = 0; f < F_COUNT; f++)
		if (b->col[f] != NULL && fields[f].kind == KIND_ADDR)
			COLADDR(b, f)[i] = random_addr();
		else if (b->col[f] != NULL && fields[f].width <= 8)
			batch_set_number(b, f, i, random_below(random_below(4) == 0 ? 100000 : 9));
	COL8(b, F_PROTO)[i] = protos[random_below(5)];
	COL64(b, F_FIRST)[i] = 1795197000000 + random_below(300000);
	COL64(b, F_LAST)[i] = COL64(b, F_FIRST)[i] + random_below(60000);
	COL64(b, F_FLOWS)[i] = 1 + random_below(3);
}

/* Conversations: the second half of a batch answers the first. */
static void
answer(struct batch *b, size_t i)
{
	size_t to = i + b->n / 2;

	COLADDR(b, F_SRCIP)[to] = COLADDR(b, F_DSTIP)[i];
	COLADDR(b, F_DSTIP)[to] = COLADDR(b, F_SRCIP)[i];
	COL16(b, F_SRCPORT)[to] = COL16(b, F_DSTPORT)[i];
	COL16(b, F_DSTPORT)[to] = COL16(b, F_SRCPORT)[i];
	COL8(b, F_PROTO)[to] = COL8(b, F_PROTO)[i];
}

static int
setup(void **state)
{
	static const enum field columns[] = {
		F_SYSID, F_FIRST, F_LAST, F_RECEIVED, F_PACKETS, F_BYTES, F_SRCPORT, F_DSTPORT, F_PROTO, F_FLAGS,
		F_FWDSTAT, F_SRCTOS, F_SRCIP, F_DSTIP, F_INIF, F_OUTIF, F_SRCMASK, F_DSTMASK, F_DIR, F_DSTTOS,
		F_FLOWS, F_OUTPACKETS, F_OUTBYTES, F_SRCAS, F_DSTAS, F_NEXTHOP, F_ROUTER, F_MPLS1, F_INSRCMAC,
		F_OUTDSTMAC, F_CLIENTLATENCY,
	};
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };
	struct nfwrite *w;
	struct err e;
	int fd = mkstemp(random_path);

	(void)state;
	arena = arena_new();
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fieldset_add(&set, columns[i]);
	batch_columns(&b, &set, BATCH_MAX, arena);
	w = nfwrite_open(random_path, "random", PACK_LZ4, &e);
	for (size_t left = NFLOWS; w != NULL && left > 0; left -= b.n) {
		b.n = left < BATCH_MAX ? left : BATCH_MAX;
		for (size_t i = 0; i < b.n; i++)
			random_flow(&b, i);
		for (size_t i = 0; i < b.n / 2; i++)
			answer(&b, i);
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
	return unlink(random_path);
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

static const char *fixtures[] = { "tests/data/nfcapd/mix_none.nfcapd", "tests/data/nfcapd/v9_lz4.nfcapd", random_path };
static const struct file_list files = { fixtures, 3, NULL, NULL };

static struct result
run_limited(const char *url, const struct file_list *list, const struct run_limits *limits, const struct watch *watch)
{
	struct result res = { .arena = arena };
	struct err e;

	if (run_query(query_of(url), list, NULL, limits, NULL, watch, &res, &e) == -1)
		fail_msg("%s: %s", url, e.text);
	return res;
}

static struct result
run(const char *url, unsigned workers)
{
	return run_limited(url, &files, &(struct run_limits){ workers, 0, 0 }, NULL);
}

/* The sums of a table's rows. */
static struct totals
sums(const struct batch *b)
{
	struct totals t = { 0, 0, 0 };

	for (size_t i = 0; i < b->n; i++) {
		t.flows += COL64(b, F_FLOWS)[i];
		t.packets += COL64(b, F_PACKETS)[i] + COL64(b, F_OUTPACKETS)[i];
		t.bytes += COL64(b, F_BYTES)[i] + COL64(b, F_OUTBYTES)[i];
	}
	return t;
}

static void
same_rows(const char *url, const struct batch *a, const struct batch *b)
{
	if (a->n != b->n)
		fail_msg("%s: %zu and %zu rows", url, a->n, b->n);
	for (enum field f = 0; f < F_COUNT; f++)
		if (a->col[f] != NULL && memcmp(a->col[f], b->col[f], a->n * fields[f].width) != 0)
			fail_msg("%s: %s differs between 1 and 3 threads", url, fields[f].name);
}

/* The same with any number of threads, and nothing is lost: each record stands in `times` rows. */
static void
keeps_sums(const char *url, unsigned times)
{
	struct result one = run(url, 1), many = run(url, 3);
	struct totals all = sums(&one.tables[0].rows);

	same_rows(url, &one.tables[0].rows, &many.tables[0].rows);
	if (one.kept.flows < NFLOWS || all.flows != one.kept.flows * times || all.packets != one.kept.packets * times ||
	    all.bytes != one.kept.bytes * times)
		fail_msg("%s: %llu flows, %llu packets, %llu bytes in groups; %llu, %llu, %llu in flows", url,
		    (unsigned long long)all.flows, (unsigned long long)all.packets, (unsigned long long)all.bytes,
		    (unsigned long long)one.kept.flows, (unsigned long long)one.kept.packets,
		    (unsigned long long)one.kept.bytes);
	assert_int_equal(one.tables[0].nall, one.tables[0].rows.n);
	assert_false(one.partial);
}

/* What the flows themselves sum to, without the query layer. */
static void
test_totals(void **state)
{
	struct result res = run("by=proto", 3);
	struct totals all = { 0, 0, 0 };
	struct fieldset set = { { 0, 0 } };
	uint64_t records = 0;
	struct batch *b;
	struct err e;

	(void)state;
	traffic_fields(&set);
	for (size_t i = 0; i < files.n; i++) {
		struct reader *r = reader_open(files.path[i], &set, &e);

		assert_non_null(r);
		while (reader_next(r, &b, &e) == 1) {
			struct totals t = sums(b);

			all.flows += t.flows;
			all.packets += t.packets;
			all.bytes += t.bytes;
			records += b->n;
		}
		reader_close(r);
	}
	assert_memory_equal(&res.kept, &all, sizeof(all));
	assert_int_equal(res.flows_read, records);
	assert_int_equal(res.flows_kept, records);
	assert_int_equal(res.files, files.n);
}

static void
test_statistics(void **state)
{
	char url[128];

	(void)state;
	for (const struct statistic *s = statistics; s->name != NULL; s++) {
		unsigned sides = 0;

		if (statistic_is_of_countries(s))
			continue;
		while (sides < SIDES_MAX && s->side[sides] != F_COUNT)
			sides++;
		snprintf(url, sizeof(url), "by=%s/bytes&top=0", s->name);
		keeps_sums(url, sides != 0 ? sides : 1);
		if (sides == 0)
			continue;
		snprintf(url, sizeof(url), "by=%s:p/flows&top=0", s->name);
		keeps_sums(url, sides);
	}
}

static void
test_keys(void **state)
{
	static const char *const more[] = {
		"keys=srcip4/24", "keys=dstip6/64", "keys=srcip4/1,dstip4/32", "keys=srcnet", "keys=dstnet,srcnet",
		"keys=srcip,dstip,srcport,dstport,proto,srctos,inif,outif,srcas,dstas", "aggregate=1", "bidirectional=1",
		"bidirectional=guess&order=bytes", "aggregate=1&order=tstart", "by=record:p/pps&top=0",
		"keys=proto&by=record&top=0",
	};
	struct strbuf url = { 0 };
	unsigned nkeys = 0;
	struct err e;

	(void)state;
	for (enum field f = 0; f < F_COUNT; f++) {
		struct key key = { .field = f };

		strbuf_reset(&url);
		key_print(&key, &url);
		/* Countries need a database: tests/country.sh has one. */
		if (key_parse(strbuf_text(&url), url.len, &key, &e) == -1 || fields[f].kind == KIND_COUNTRY)
			continue;
		strbuf_reset(&url);
		strbuf_adds(&url, "keys=");
		key_print(&key, &url);
		nkeys++;
		keeps_sums(strbuf_text(&url), 1);
	}
	strbuf_free(&url);
	assert_true(nkeys > 60);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		keeps_sums(more[i], 1);
}

/* Several statistics in one pass give what each gives alone. */
static void
test_together(void **state)
{
	static const char *const names[] = {
		"srcip/bytes", "ip", "port/packets", "proto", "record/bytes", "srcas", "ip:p/bps", "mac", "if", "dstport",
	};
	struct result all = run("by=srcip/bytes,ip,port/packets,proto,record/bytes,srcas,ip:p/bps,mac,if,dstport", 3);
	char url[64];

	(void)state;
	assert_int_equal(all.ntables, 10);
	for (size_t i = 0; i < 10; i++) {
		struct result alone;

		snprintf(url, sizeof(url), "by=%s", names[i]);
		alone = run(url, 1);
		same_rows(url, &alone.tables[0].rows, &all.tables[i].rows);
		assert_int_equal(alone.tables[0].nall, all.tables[i].nall);
	}
}

/* Both directions of a conversation meet, and the first flow says which is which. */
static void
test_bidir(void **state)
{
	struct result res = run("bidirectional=1", 3), flows = run("limit=60000", 1);
	const struct batch *b = &res.tables[0].rows, *all = &flows.tables[0].rows;
	struct result five = run("aggregate=1", 3);
	uint64_t back = 0;

	(void)state;
	assert_int_equal(flows.ntables, 1);
	for (size_t i = 0; i < b->n; i++)
		back += COL64(b, F_OUTPACKETS)[i] > 0;
	assert_true(b->n < five.tables[0].rows.n * 9 / 10);
	assert_true(back > b->n / 3);
	assert_true(all->n > NFLOWS);
	assert_int_equal(sums(b).bytes, sums(all).bytes);
}

static void
test_limit(void **state)
{
	struct result res = run("limit=100&by=srcip&top=0", 3);

	(void)state;
	assert_int_equal(res.flows_kept, 100);
	assert_int_equal(sums(&res.tables[0].rows).flows, res.kept.flows);
	assert_false(res.partial);
	for (unsigned workers = 1; workers <= 3; workers += 2) {
		res = run("limit=1234&filter=proto+tcp", workers);
		assert_int_equal(res.tables[0].rows.n, 1234);
		assert_int_equal(res.flows_kept, 1234);
		assert_false(res.partial);
	}
}

struct countdown { int left; size_t files_done; };

static int
count_down(void *ctx, const struct progress *p)
{
	struct countdown *c = ctx;

	assert_true(p->files_done <= p->files && p->files_done >= c->files_done);
	c->files_done = p->files_done;
	return c->left-- <= 0;
}

/* A part of the answer is in itself right, and says that it is a part. */
static void
is_partial(const char *url, unsigned workers, struct result res, const char *note)
{
	/* Several threads may be through with all before one of them is asked to stop. */
	if (workers > 1 && (!res.partial || res.flows_kept >= NFLOWS)) {
		assert_int_equal(res.flows_read, run("by=proto", 1).flows_read);
		return;
	}
	if (!res.partial || res.note == NULL)
		fail_msg("%s, %u threads, %s: is not partial", url, workers, note);
	if (strstr(res.note, note) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", res.note, note);
	assert_true(res.flows_kept < NFLOWS);
	if (res.ntables > 0)
		assert_int_equal(sums(&res.tables[0].rows).bytes, res.kept.bytes);
}

static void
test_stopped(void **state)
{
	static const char *const urls[] = { "aggregate=1", "limit=60000", "order=bytes", "filter=port+<+9", "by=srcip&top=0" };

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		for (unsigned workers = 1; workers <= 3; workers += 2) {
			struct countdown now = { 0, 0 };
			struct watch watch = { count_down, &now };
			struct run_limits none = { workers, 0, 0 }, brief = { workers, 1e-9, 0 }, small = { workers, 0, 1 };

			is_partial(urls[i], workers, run_limited(urls[i], &files, &none, &watch), "stopped");
			is_partial(urls[i], workers, run_limited(urls[i], &files, &brief, NULL), "time limit");
			/* A few groups stay in the threads' own tables, which are not counted. */
			if (i < 4)
				is_partial(urls[i], workers, run_limited(urls[i], &files, &small, NULL), "memory limit");
		}
}

/*
 * Wherever a stop comes, an answer is called partial exactly when it lacks flows;
 * with a filter also when it might.
 */
static void
test_stopped_anywhere(void **state)
{
	static const char *const urls[] = { "aggregate=1", "limit=60000", "filter=port+<+9&by=srcip&top=0" };

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		for (unsigned workers = 1; workers <= 3; workers += 2) {
			uint64_t all = run(urls[i], 1).flows_kept;
			struct countdown never = { 10000, 0 };
			struct watch watch = { count_down, &never };
			struct run_limits none = { workers, 0, 0 };
			struct result res = run_limited(urls[i], &files, &none, &watch);
			int asked = 10000 - never.left;

			assert_false(res.partial);
			assert_int_equal(res.flows_kept, all);
			for (int left = 0; left <= asked; left++) {
				struct countdown then = { left, 0 };

				watch.ctx = &then;
				res = run_limited(urls[i], &files, &none, &watch);
				assert_true(res.partial || res.flows_kept == all);
				assert_true(!res.partial || res.flows_kept < all || i == 2);
				assert_true(res.partial == (res.note != NULL));
			}
		}
}

/* Printing: the bytes of each flow, a line each. */
static void *
open_printer(void *ctx, struct arena *a)
{
	(void)ctx;
	return arena_alloc(a, 1);
}

static void
print_bytes(void *printer, const struct batch *rows, struct strbuf *text)
{
	(void)printer;
	for (size_t i = 0; i < rows->n; i++) {
		strbuf_addu(text, COL64(rows, F_BYTES)[i]);
		strbuf_addc(text, '\n');
	}
}

static void
close_printer(void *printer)
{
	(void)printer;
}

struct printed { struct strbuf text; uint64_t n, enough; };

static int
take_text(void *ctx, const struct strbuf *text, uint64_t n, struct err *e)
{
	struct printed *p = ctx;

	if (p->enough == UINT64_MAX - 1)
		return err_set(e, ERR_SYSTEM, "the reader is gone");
	p->n += n;
	strbuf_add(&p->text, strbuf_text(text), text->len);
	return p->n >= p->enough;
}

static int
take_rows(void *ctx, const struct batch *rows, struct err *e)
{
	struct strbuf text = { 0 };
	int rc;

	print_bytes(NULL, rows, &text);
	rc = take_text(ctx, &text, rows->n, e);
	strbuf_free(&text);
	return rc;
}

/* A list through a sink: the same, whoever prints. */
static struct printed
print_list(const char *url, unsigned workers, bool apart, uint64_t enough)
{
	static const struct printing printing = { open_printer, print_bytes, close_printer, take_text };
	struct printed p = { { 0 }, 0, enough };
	struct sink sink = { take_rows, &p, apart ? &printing : NULL };
	struct run_limits limits = { workers, 0, 0 };
	struct result res = { .arena = arena };
	struct err e;
	int rc = run_query(query_of(url), &files, NULL, &limits, &sink, NULL, &res, &e);

	assert_int_equal(rc, enough == UINT64_MAX - 1 ? -1 : 0);
	if (rc == 0)
		assert_int_equal(res.flows_kept, p.n);
	return p;
}

static void
test_printing(void **state)
{
	static const char *const urls[] = { "filter=any", "filter=proto+tcp", "limit=777" };

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct printed one = print_list(urls[i], 1, false, UINT64_MAX);

		assert_true(one.n > 700);
		for (unsigned workers = 1; workers <= 5; workers++) {
			struct printed p = print_list(urls[i], workers, workers != 2, UINT64_MAX), some;

			assert_int_equal(p.n, one.n);
			assert_string_equal(strbuf_text(&p.text), strbuf_text(&one.text));
			some = print_list(urls[i], workers, workers != 2, 500);
			assert_true(some.n >= 500 && some.n <= one.n);
			assert_memory_equal(some.text.s, one.text.s, some.text.len);
			strbuf_free(&some.text);
			strbuf_free(&p.text);
			print_list(urls[i], workers, workers != 2, UINT64_MAX - 1);
		}
		strbuf_free(&one.text);
	}
}

/* Also where nothing is found, so that no flows come out: files are left in their middle. */
static void
test_stopped_inside(void **state)
{
	struct countdown now = { (int)files.n, 0 };
	struct watch watch = { count_down, &now };
	struct run_limits one = { 1, 0, 0 };
	struct result res = run_limited("by=srcip&filter=src+port+1+and+src+port+2", &files, &one, &watch);
	char note[80];

	(void)state;
	assert_true(res.partial);
	assert_true(res.flows_read > 0);
	assert_true(res.flows_read < run("by=proto", 1).flows_read);
	snprintf(note, sizeof(note), "The query was stopped after %zu of %zu files.", files.n - 1, files.n);
	assert_string_equal(res.note, note);
}

static void
test_damage(void **state)
{
	const char *paths[] = { fixtures[0], "tests/data/hostile/h03_trunc_block.nf", "/nonexistent", fixtures[1] };
	struct file_list some = { paths, 4, NULL, NULL };

	(void)state;
	for (unsigned workers = 1; workers <= 3; workers += 2) {
		struct run_limits limits = { workers, 0, 0 };
		struct result good = run_limited("by=srcip&top=0", &(struct file_list){ paths, 1, NULL, NULL }, &limits, NULL);
		struct result res = run_limited("by=srcip&top=0", &some, &limits, NULL);

		assert_true(res.partial);
		assert_int_equal(res.files, 4);
		assert_int_equal(res.files_bad, 2);
		assert_int_equal(res.nfaults, 2);
		assert_string_equal(res.faults[0].path, paths[1]);
		assert_string_equal(res.faults[1].path, paths[2]);
		assert_true(strlen(res.faults[0].fault.reason) > 5);
		assert_true(res.kept.flows > good.kept.flows);
		assert_int_equal(sums(&res.tables[0].rows).flows, res.kept.flows);
	}
}

/* "count" numbers flows on from file to file, in their order, whatever the threads. */
static void
test_count(void **state)
{
	struct result all = run("limit=60000", 3), res;

	(void)state;
	for (unsigned workers = 1; workers <= 3; workers += 2) {
		res = run("filter=count+>+500+and+count+<+900&limit=60000", workers);
		assert_int_equal(res.tables[0].rows.n, 399);
		for (size_t i = 0; i < 399; i++)
			assert_int_equal(COL64(&res.tables[0].rows, F_BYTES)[i],
			    COL64(&all.tables[0].rows, F_BYTES)[500 + i]);
		res = run("filter=proto+udp+and+not+(count+>+700+or+port+53)&by=proto", workers);
		assert_true(res.flows_kept > 0 && res.flows_kept < 700);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_statistics),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_bidir),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_stopped_anywhere),
		cmocka_unit_test(test_printing),
		cmocka_unit_test(test_stopped_inside),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests_name("run", tests, setup, teardown);
}
