/*
 * Queries over column files: whatever is asked, the answer is that of the
 * collector files, also where addresses are counted by their places or sums of
 * theirs are read.
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

#include "format/columns.h"
#include "format/nfwrite.h"
#include "query/metric.h"
#include "query/run.h"

#define NFILES	5

static char dir[] = "/tmp/flowlight-runcolumns.XXXXXX";
static const char *collector[NFILES], *column[NFILES];
static struct arena *arena;
static uint64_t seed = 5;

static uint32_t
random_below(uint32_t n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33) % n;
}

/* What makes the files differ. */
static const struct sort {
	size_t flows;
	uint32_t addresses, prefix;
	bool six, out, empty;		/* IPv6 too, counters of the other direction, records that count no flow */
} sorts[NFILES] = {
	{ 9000, 300, 0x0a000000, true, false, false },
	{ 67000, 2000, 0x0a000000, false, false, false },	/* the second block has no sums */
	{ 8000, 150, 0x0a000080, true, true, false },
	{ 6000, 1 << 30, 0x10000000, false, false, false },	/* hardly an address comes twice */
	{ 5000, 100, 0x0a000000, false, false, true },
};

static struct addr
random_addr(const struct sort *s)
{
	if (s->six && random_below(5) == 0)
		return addr_from_v6(0x20010db800000000ULL, random_below(60));
	return addr_from_v4(s->prefix + (random_below(2) ? random_below(s->addresses) : random_below(20)));
}

static void
random_flow(struct batch *b, size_t i, const struct sort *s)
{
	static const uint8_t protos[] = { 6, 6, 17, 1, 47 };

	for (enum field f = 0; f < F_COUNT; f++)
		if (b->col[f] != NULL && fields[f].width <= 8)
			batch_set_number(b, f, i, random_below(random_below(4) == 0 ? 100000 : 9));
	COLADDR(b, F_SRCIP)[i] = random_addr(s);
	COLADDR(b, F_DSTIP)[i] = random_addr(s);
	COLADDR(b, F_NEXTHOP)[i] = addr_from_v4(0xc0000201 + random_below(3));
	COL8(b, F_PROTO)[i] = protos[random_below(5)];
	COL16(b, F_DSTPORT)[i] = random_below(2) ? 443 : random_below(50);
	COL64(b, F_FIRST)[i] = 1795197000000 + random_below(300000);
	COL64(b, F_LAST)[i] = COL64(b, F_FIRST)[i] + random_below(60000);
	COL64(b, F_FLOWS)[i] = s->empty ? random_below(2) : 1 + random_below(3);
	if (!s->out)
		COL64(b, F_OUTPACKETS)[i] = COL64(b, F_OUTBYTES)[i] = 0;
	if (i > 0 && random_below(2)) {
		COLADDR(b, F_SRCIP)[i] = COLADDR(b, F_DSTIP)[i - 1];
		COLADDR(b, F_DSTIP)[i] = COLADDR(b, F_SRCIP)[i - 1];
		COL16(b, F_SRCPORT)[i] = COL16(b, F_DSTPORT)[i - 1];
		COL16(b, F_DSTPORT)[i] = COL16(b, F_SRCPORT)[i - 1];
		COL8(b, F_PROTO)[i] = COL8(b, F_PROTO)[i - 1];
	}
}

static int
write_collector(const char *path, const struct sort *s)
{
	static const enum field columns[] = {
		F_FIRST, F_LAST, F_RECEIVED, F_PACKETS, F_BYTES, F_SRCPORT, F_DSTPORT, F_PROTO, F_FLAGS, F_SRCTOS,
		F_SRCIP, F_DSTIP, F_INIF, F_OUTIF, F_SRCMASK, F_DSTMASK, F_FLOWS, F_OUTPACKETS, F_OUTBYTES,
		F_SRCAS, F_DSTAS, F_NEXTHOP,
	};
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };
	struct nfwrite *w;
	struct err e;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fieldset_add(&set, columns[i]);
	batch_columns(&b, &set, BATCH_MAX, arena);
	w = nfwrite_open(path, "random", PACK_LZ4, &e);
	for (size_t left = s->flows; w != NULL && left > 0; left -= b.n) {
		b.n = left < BATCH_MAX ? left : BATCH_MAX;
		for (size_t i = 0; i < b.n; i++)
			random_flow(&b, i, s);
		if (nfwrite_add(w, &b, &e) == -1)
			return -1;
	}
	return w == NULL ? -1 : nfwrite_close(w, &e);
}

static int
write_column(const char *path, const char *to)
{
	struct fieldset set = { { 0, 0 } };
	struct err e;
	struct reader *r;
	struct colwrite *w = colwrite_open(to, &e);
	struct batch *b;
	int64_t size;
	int rc;

	columns_fields(&set);
	r = reader_open(path, &set, &e);
	while (r != NULL && w != NULL && reader_next(r, &b, &e) == 1)
		if (colwrite_add(w, b, &e) == -1)
			return -1;
	rc = r != NULL && w != NULL ? colwrite_close(w, r, &size, &e) : -1;
	reader_close(r);
	return rc;
}

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	if (mkdtemp(dir) == NULL)
		return -1;
	for (size_t i = 0; i < NFILES; i++) {
		collector[i] = arena_printf(arena, "%s/nfcapd.%zu", dir, i);
		column[i] = arena_printf(arena, "%s/%zu.col", dir, i);
		if (write_collector(collector[i], &sorts[i]) == -1 || write_column(collector[i], column[i]) != 1)
			return -1;
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < NFILES; i++) {
		unlink(collector[i]);
		unlink(column[i]);
	}
	arena_free(arena);
	return rmdir(dir);
}

static struct result
run(const char *url, const struct source **source, bool columns, unsigned workers)
{
	struct file_list files = { collector, NFILES, source, columns ? column : NULL };
	struct run_limits limits = { workers, 0, 0 };
	struct query *q = query_new(arena);
	struct result res = { .arena = arena };
	struct pairs pairs;
	struct err e;

	if (pairs_parse(url, arena, &pairs, &e) == -1 || query_from_pairs(q, &pairs, &e) == -1 ||
	    run_query(q, &files, NULL, &limits, NULL, NULL, &res, &e) == -1)
		fail_msg("%s: %s", url, e.text);
	return res;
}

static void
same_rows(const char *url, const struct batch *a, const struct batch *b)
{
	if (a->n != b->n)
		fail_msg("%s: %zu and %zu rows", url, a->n, b->n);
	for (enum field f = 0; f < F_COUNT; f++)
		if (a->col[f] != NULL && memcmp(a->col[f], b->col[f], a->n * fields[f].width) != 0)
			fail_msg("%s: %s differs", url, fields[f].name);
}

/* The same answer from column files as from collector files.  How many rows it has. */
static size_t
same(const char *url, const struct source **source, unsigned workers)
{
	struct result plain = run(url, source, false, 1), res = run(url, source, true, workers);
	size_t n = 0;

	assert_int_equal(plain.files_columns, 0);
	assert_true(res.files_columns == NFILES || (strstr(url, "limit=") != NULL && res.files_columns > 0));
	assert_memory_equal(&plain.kept, &res.kept, sizeof(plain.kept));
	assert_int_equal(plain.flows_kept, res.flows_kept);
	if (strstr(url, "limit=") == NULL)
		assert_int_equal(plain.flows_read, res.flows_read);
	assert_int_equal(plain.first_msec, res.first_msec);
	assert_int_equal(plain.last_msec, res.last_msec);
	assert_int_equal(plain.ntables, res.ntables);
	for (size_t i = 0; i < plain.ntables; i++) {
		assert_int_equal(plain.tables[i].nall, res.tables[i].nall);
		same_rows(url, &plain.tables[i].rows, &res.tables[i].rows);
		n += plain.tables[i].rows.n;
	}
	return n;
}

static const char *const filters[] = {
	"", "", "", "proto+tcp", "host+10.0.0.7", "net+10.0.1.0/24", "not+net+10.0.0.0/16", "dst+port+443",
	"packets+>+3+and+not+proto+udp", "ipv6", "src+ip+in+[10.0.0.3+2001:db8::5+172.16.0.1]", "bytes+>+200000",
	"flags+S+or+src+as+3", "host+192.0.2.200",
};

/* Statistics of addresses alone and with others, in any order and of any flows. */
static void
test_statistics(void **state)
{
	static const char *const stats[] = { "srcip", "dstip", "ip", "nhip", "srcport", "as", "proto", "record", "ip:p" };
	static const char *const names[] = { "flows", "packets", "bytes", "pps", "bps", "bpp", "obyte", "ipackets" };
	size_t rows = 0;

	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		char url[300];
		int at = snprintf(url, sizeof(url), "top=%u&by=%s/%s", round % 3 == 0 ? 0 : 1 + random_below(30),
		    stats[random_below(round % 2 ? 3 : 9)], names[random_below(8)]);

		for (unsigned more = random_below(3); more > 0; more--)
			at += snprintf(url + at, sizeof(url) - at, ",%s/%s", stats[random_below(round % 2 ? 3 : 9)],
			    names[random_below(8)]);
		snprintf(url + at, sizeof(url) - at, "&filter=%s%s", filters[random_below(14)],
		    round % 7 == 6 ? "&limit=12345" : "");
		rows += same(url, NULL, 1 + round % 3);
	}
	assert_true(rows > 1000);
}

static void
test_keys(void **state)
{
	static const char *const keys[] = {
		"srcip", "dstip", "srcport", "dstport", "proto", "srcip4/24", "dstip6/64", "srcas", "inif", "next", "flags",
	};

	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		char url[300];
		int at = snprintf(url, sizeof(url), "top=%u&order=bytes&keys=%s", round % 3 ? 0 : 15, keys[random_below(11)]);

		for (unsigned more = random_below(4); more > 0; more--)
			at += snprintf(url + at, sizeof(url) - at, ",%s", keys[random_below(11)]);
		snprintf(url + at, sizeof(url) - at, "&filter=%s", filters[random_below(14)]);
		(void)same(url, NULL, 1 + round % 3);
	}
	(void)same("aggregate=1&order=bytes&top=100", NULL, 3);
	(void)same("bidirectional=1&order=bytes&top=100", NULL, 3);
}

static void
test_lists(void **state)
{
	(void)state;
	for (size_t i = 3; i < sizeof(filters) / sizeof(filters[0]); i++) {
		char url[300];

		snprintf(url, sizeof(url), "limit=3000&filter=%s", filters[i]);
		(void)same(url, NULL, 2);
		snprintf(url, sizeof(url), "order=packets&top=40&filter=%s", filters[i]);
		(void)same(url, NULL, 3);
	}
}

/* Sums in the file are of what exporters said, not of what the settings make of it. */
static void
test_quirks(void **state)
{
	struct source s = { .name = "x", .quirks = { .scale = 10 } };
	const struct source *of[NFILES] = { &s, NULL, &s, NULL, NULL };
	struct result plain = run("by=ip/bytes&top=0", NULL, true, 2), scaled = run("by=ip/bytes&top=0", of, true, 2);

	struct result masked;

	(void)state;
	(void)same("by=ip/bytes,srcip/flows,dstip/packets&top=0", of, 2);
	(void)same("by=ip/bytes&top=0&filter=packets+>+50", of, 2);
	assert_true(scaled.kept.bytes > plain.kept.bytes * 2);
	/* Addresses that nobody is to see. */
	s.quirks.mask = true;
	of[1] = of[3] = of[4] = &s;
	(void)same("by=ip/bytes,srcip/flows,dstip/packets&top=0", of, 2);
	(void)same("by=ip/bytes&top=0&filter=packets+>+50", of, 2);
	masked = run("by=ip/bytes&top=0", of, true, 2);
	for (size_t i = 0; i < masked.tables[0].rows.n; i++)
		assert_int_equal(COLADDR(&masked.tables[0].rows, F_SRCIP)[i].b[15], 0);
}

/* A block whose sums are broken is read from its flows; one that is broken from the collector file. */
static void
test_broken(void **state)
{
	FILE *f = fopen(column[1], "r+");
	char zero[8] = { 0 };

	(void)state;
	assert_non_null(f);
	for (long at = 300000; at < 1100000; at += 40000) {
		char keep[8];

		fseek(f, at, SEEK_SET);
		if (fread(keep, 1, sizeof(keep), f) != sizeof(keep))
			break;
		fseek(f, at, SEEK_SET);
		fwrite(zero, 1, sizeof(zero), f);
		fflush(f);
		(void)same("by=ip/bytes,dstip/flows&top=0", NULL, 2);
		fseek(f, at, SEEK_SET);
		fwrite(keep, 1, sizeof(keep), f);
		fflush(f);
	}
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statistics),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_quirks),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
