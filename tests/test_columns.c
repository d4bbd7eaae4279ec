/*
 * Column files: the same flows as the collector file's, in its order, and
 * never anything else, whatever happens to the file.
 */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "format/colblock.h"
#include "format/columns.h"
#include "format/nfwrite.h"
#include "query/filter.h"

static char dir[] = "/tmp/flowlight-test-columns.XXXXXX";
static char collector[256], column[256];

static uint64_t seed = 88172645463325252;

static uint64_t
random_below(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

/* Writes the column file of a collector file; what colwrite_close said. */
static int
convert(const char *path, const char *to)
{
	struct fieldset set = { { 0, 0 } };
	struct err e = { 0 };
	struct reader *r;
	struct colwrite *w;
	struct batch *b;
	int64_t size;
	int rc;

	columns_fields(&set);
	r = reader_open(path, &set, &e);
	w = colwrite_open(to, &e);
	if (r == NULL || w == NULL)
		fail_msg("%s", e.text);
	while ((rc = reader_next(r, &b, &e)) == 1)
		assert_int_equal(colwrite_add(w, b, &e), 0);
	assert_int_equal(rc, 0);
	rc = colwrite_close(w, r, &size, &e);
	if (rc == -1)
		fail_msg("%s", e.text);
	reader_close(r);
	return rc;
}

/* A reader's flows one by one. */
struct stream {
	struct reader *r;
	struct batch *b;
	size_t at;
};

static bool
step(struct stream *s)
{
	struct err e = { 0 };
	int rc;

	if (s->b != NULL && ++s->at < s->b->n)
		return true;
	s->at = 0;
	rc = reader_next(s->r, &s->b, &e);
	if (rc == -1)
		fail_msg("%s", e.text);
	return rc == 1;
}

static bool
same_flow(const struct stream *x, const struct stream *y)
{
	for (int f = 0; f < F_COUNT; f++) {
		size_t width = fields[f].width;

		if (x->b->col[f] == NULL || y->b->col[f] == NULL)
			continue;
		if (fields[f].kind == KIND_TEXT || fields[f].kind == KIND_BINARY) {
			if (COLSLICE(x->b, f)[x->at].len != COLSLICE(y->b, f)[y->at].len)
				return false;
		} else if (memcmp((char *)x->b->col[f] + x->at * width, (char *)y->b->col[f] + y->at * width, width) != 0) {
			print_error("field %s of flow %llu\n", fields[f].name, (unsigned long long)batch_flow(x->b, x->at));
			return false;
		}
	}
	return batch_flow(x->b, x->at) == batch_flow(y->b, y->at);
}

/* Reads both to the end; the number of flows, which must be the same ones. */
static size_t
compare(struct reader *one, struct reader *other)
{
	struct stream x = { .r = one }, y = { .r = other };
	bool more;
	size_t n = 0;

	while (more = step(&x), assert_int_equal(step(&y), more), more) {
		assert_true(same_flow(&x, &y));
		n++;
	}
	assert_int_equal(reader_info(one)->flows, reader_info(other)->flows);
	assert_int_equal(reader_faults(other)->n, 0);
	return n;
}

struct chooser {
	struct filter *filter;
	struct filter_scratch *scratch;
	size_t skipped;
};

static size_t
choose(void *ctx, const struct batch *b, uint8_t *sel)
{
	struct chooser *c = ctx;

	return filter_run(c->filter, c->scratch, b, sel);
}

static bool
may_match(void *ctx, const struct block_ranges *ranges)
{
	struct chooser *c = ctx;
	bool may = filter_may_match(c->filter, ranges);

	c->skipped += !may;
	return may;
}

static struct reader *
opened(const char *columns, const char *path, const struct fieldset *set, const struct selection *selection)
{
	struct err e = { 0 };
	struct reader *r = reader_open_columns(columns, path, NULL, set, selection, &e);

	if (r == NULL)
		fail_msg("%s", e.text);
	return r;
}

static struct fieldset
all_fields(void)
{
	struct fieldset set = { { UINT64_MAX, UINT64_MAX } };

	set.word[1] = ((uint64_t)1 << (F_COUNT - 64)) - 1;
	return set;
}

/* The hosts, none of them zero, that a filter asks for. */
static size_t
hosts_of(const struct filter *filter, struct addr host[4])
{
	struct prefix prefix[4];
	size_t n = filter_hosts(filter, prefix, 4);

	for (size_t i = 0; i < n; i++) {
		if (prefix[i].bits != 128)
			return 0;
		host[i] = prefix[i].addr;
	}
	return n;
}

/*
 * The flows that a filter leaves, of both files; returns how many, and blocks left out.
 * Only in the column file its hosts are looked for before.
 */
static size_t
compare_filtered(const char *text, const struct fieldset *set, size_t *skipped)
{
	struct arena *a = arena_new();
	struct addr host[4];
	struct chooser c = { 0 };
	struct selection selection = { .choose = choose, .ctx = &c, .may_match = may_match };
	struct reader *x, *y;
	struct err e = { 0 };
	size_t n;

	if ((c.filter = filter_compile(text, a, &e)) == NULL)
		fail_msg("%s: %s", text, e.text);
	c.scratch = filter_scratch(c.filter, a);
	filter_fields(c.filter, &selection.fields);
	x = opened(NULL, collector, set, &selection);
	selection.hosts = host;
	selection.nhosts = hosts_of(c.filter, host);
	y = opened(column, collector, set, &selection);
	assert_false(reader_is_columns(x));
	assert_true(reader_is_columns(y));
	n = compare(x, y);
	if (skipped != NULL)
		*skipped = c.skipped;
	reader_close(x);
	reader_close(y);
	arena_free(a);
	return n;
}

static const char *const filters[] = {
	"host 192.168.0.10", "src net 192.168.0.0/24", "not net 192.168.0.0/16", "proto tcp and not dst port 80",
	"host 2001:db8::1 or port in [ 53 80 443 ]", "bytes > 1000 and packets < 100", "any", "not any", "ipv6",
	"src ip in [ 203.0.113.7 2001:db8::/32 ]", "flags S and not flags A", "duration > 100000", "count 17",
	"mpls any 3", "as 3", "next ip 192.168.0.5", "router ip 203.0.113.9 or src mask 24", "in if 7",
};

static void
check_file(const char *path)
{
	struct fieldset set = all_fields(), few = { { 0, 0 } };
	struct reader *x, *y;
	struct err e = { 0 };

	if (path != collector)
		snprintf(collector, sizeof(collector), "%s", path);
	if (convert(collector, column) == 0)
		fail_msg("%s: not kept as columns", path);
	x = opened(NULL, collector, &set, NULL);
	y = opened(column, collector, &set, NULL);
	assert_true(reader_is_columns(y));
	compare(x, y);
	assert_string_equal(reader_info(x)->ident, reader_info(y)->ident);
	assert_int_equal(reader_info(x)->has_stat, reader_info(y)->has_stat);
	assert_memory_equal(&reader_info(x)->stat, &reader_info(y)->stat, sizeof(struct traffic));
	assert_memory_equal(&reader_info(x)->stamp.size, &reader_info(y)->stamp.size, sizeof(int64_t));
	reader_close(x);
	reader_close(y);
	/* By its own name, too. */
	y = reader_open(column, &set, &e);
	x = opened(NULL, collector, &set, NULL);
	compare(x, y);
	assert_string_equal(reader_info(y)->format, "columns 2");
	reader_close(x);
	reader_close(y);
	fieldset_add(&few, F_RECEIVED);
	fieldset_add(&few, F_DSTIP);
	fieldset_add(&few, F_BPS);
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		if (i % 4 == 0 || path != collector)
			compare_filtered(filters[i], &set, NULL);
		compare_filtered(filters[i], &few, NULL);
	}
}

static void
check_files(const char *pattern, size_t least)
{
	glob_t g;
	size_t n = 0;

	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct fieldset none = { { 0, 0 } };
		struct err e;
		struct reader *r = reader_open(g.gl_pathv[i], &none, &e);
		struct batch *b;
		int rc = 0;

		while (r != NULL && (rc = reader_next(r, &b, &e)) == 1)
			;
		if (r != NULL && rc == 0 && reader_faults(r)->n == 0) {
			check_file(g.gl_pathv[i]);
			n++;
		}
		reader_close(r);
	}
	globfree(&g);
	assert_true(n >= least);
}

/* Hosts of the file: some that have few flows of a stripe, and some that have many. */
static void
check_hosts(void)
{
	struct fieldset set = all_fields();
	struct reader *r = opened(NULL, collector, &set, NULL);
	struct batch *b;
	struct err e;
	char host[6][ADDR_STRLEN], text[512];
	size_t n = 0, found = 0;

	while (n < 6 && reader_next(r, &b, &e) == 1)
		for (int i = 0; i < 2; i++)
			addr_print(&COLADDR(b, i == 0 ? F_SRCIP : F_DSTIP)[random_below(b->n)], host[n++]);
	reader_close(r);
	for (size_t i = 0; i < n; i++) {
		const char *other = host[(i + 1) % n];

		snprintf(text, sizeof(text), "host %s", host[i]);
		found += compare_filtered(text, &set, NULL) > 0;
		snprintf(text, sizeof(text), "(dst ip %s or host %s) and not port 443", host[i], other);
		compare_filtered(text, &set, NULL);
		snprintf(text, sizeof(text), "src ip %s or (host %s and count > 50000)", host[i], other);
		compare_filtered(text, &set, NULL);
	}
	assert_int_equal(found, n);
}

static void
test_fixtures(void **state)
{
	(void)state;
	check_files("tests/data/nfcapd/*.nfcapd", 15);
	check_files("tests/data/flowtools/*", 3);
	check_files("tests/data/flowd/*", 1);
}

/* A collector file with values of all sizes, several blocks, and of one rare host. */
static void
make_random(size_t n)
{
	static const unsigned bits[] = { 0, 1, 7, 8, 16, 31, 32, 33, 48, 57, 63, 64 };
	struct arena *a = arena_new();
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };
	struct nfwrite *w;
	struct err e;

	columns_fields(&set);
	batch_columns(&b, &set, BATCH_MAX, a);
	snprintf(collector, sizeof(collector), "%s/nfcapd.random", dir);
	w = nfwrite_open(collector, "random", PACK_LZ4, &e);
	assert_non_null(w);
	for (size_t at = 0; at < n; at += b.n) {
		b.n = n - at < 1000 ? n - at : 1000;
		for (int f = 0; f < F_COUNT; f++) {
			unsigned most = bits[(f + at / 20000) % 12];
			uint64_t base = f % 3 == 0 ? seed : 0;

			for (size_t i = 0; b.col[f] != NULL && i < b.n && fields[f].width <= 8; i++) {
				uint64_t v = most == 0 ? 0 : random_below(UINT64_MAX) >> (64 - most);

				batch_set_number(&b, f, i, base + (random_below(50) == 0 ? seed : v));
			}
			for (size_t i = 0; b.col[f] != NULL && i < b.n && fields[f].kind == KIND_ADDR; i++)
				COLADDR(&b, f)[i] = random_below(5) ? addr_from_v4(0x0a000000 + random_below(1 << 19)) :
				    addr_from_v6(0x20010db800000000, random_below(300));
		}
		for (size_t i = 0; i < b.n; i++) {
			COL64(&b, F_FIRST)[i] = 1795197000000 + random_below(300000);
			COL64(&b, F_LAST)[i] = COL64(&b, F_FIRST)[i] + random_below(1000);
			COL64(&b, F_RECEIVED)[i] = 1795197300000 + at + i / 30;
			COL64(&b, F_ELEMENTS)[i] = random_below(9) ? UINT64_MAX : ELEMENT(E_GENERIC) | ELEMENT(E_IPV4);
			COL8(&b, F_PROTO)[i] = random_below(20);
			if (at + i == 70001)
				COLADDR(&b, F_SRCIP)[i] = COLADDR(&b, F_DSTIP)[i] = addr_from_v4(0xc6336401);
		}
		assert_int_equal(nfwrite_add(w, &b, &e), 0);
	}
	assert_int_equal(nfwrite_close(w, &e), 0);
	arena_free(a);
}

static void
test_random(void **state)
{
	struct fieldset set = all_fields();
	size_t skipped;

	(void)state;
	make_random(132000);
	check_file(collector);
	check_hosts();
	assert_int_equal(compare_filtered("host 198.51.100.1", &set, &skipped), 1);
	assert_int_equal(skipped, 2);
	assert_int_equal(compare_filtered("net 198.51.100.0/24", &set, &skipped), 1);
	assert_int_equal(skipped, 2);
	assert_int_equal(compare_filtered("src ip in [ 198.51.100.1 192.0.2.0/24 ]", &set, &skipped), 1);
	assert_int_equal(skipped, 2);
	assert_int_equal(compare_filtered("ip 2001:db9::1", &set, &skipped), 0);
	assert_int_equal(skipped, 3);
	assert_int_equal(compare_filtered("proto 200", &set, &skipped), 0);
	assert_int_equal(skipped, 3);
	assert_true(compare_filtered("not proto 200", &set, &skipped) == 132000);
	assert_int_equal(compare_filtered("not (not host 198.51.100.1 or proto 200)", &set, &skipped), 1);
	for (size_t n = 1; n < 5; n++) {
		make_random(n);
		check_file(collector);
	}
}

/* A collector file of connections in both directions, whose columns hang together but for some flows. */
static void
make_pairs(size_t n, unsigned odd)
{
	static const uint8_t pairs[][2] = { { F_SRCIP, F_DSTIP }, { F_SRCPORT, F_DSTPORT }, { F_SRCTOS, F_DSTTOS } };
	struct arena *a = arena_new();
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };
	struct nfwrite *w;
	struct err e;

	columns_fields(&set);
	batch_columns(&b, &set, BATCH_MAX, a);
	w = nfwrite_open(collector, "pairs", PACK_LZ4, &e);
	assert_non_null(w);
	for (size_t at = 0; at < n; at += b.n) {
		b.n = n - at < 1000 ? n - at : 1000;
		for (size_t i = 0; i < b.n; i++) {
			size_t other = random_below(2) || i < 10 ? i : i - 1 - random_below(9);
			uint64_t first = 1795197000000 + random_below(300000);

			COLADDR(&b, F_SRCIP)[i] = addr_from_v4(0x0a000000 + random_below(500));
			COLADDR(&b, F_DSTIP)[i] = addr_from_v4(0x0a000000 + random_below(500));
			COL16(&b, F_SRCPORT)[i] = random_below(2) ? 443 : 1024 + random_below(60000);
			COL16(&b, F_DSTPORT)[i] = random_below(60000);
			COL8(&b, F_PROTO)[i] = random_below(2) ? 6 : 17;
			COL8(&b, F_FLAGS)[i] = random_below(64);
			COL8(&b, F_SRCTOS)[i] = random_below(9);
			COL8(&b, F_DSTTOS)[i] = random_below(9);
			COL64(&b, F_FIRST)[i] = first;
			COL64(&b, F_LAST)[i] = first + random_below(2000);
			COL64(&b, F_RECEIVED)[i] = COL64(&b, F_LAST)[i] + random_below(50);
			if (other != i)
				batch_copy(&b, i, &b, other, NULL);
			for (size_t k = 0; other != i && k < 3; k++) {
				char *src = b.col[pairs[k][0]], *dst = b.col[pairs[k][1]];
				size_t width = fields[pairs[k][0]].width;

				memcpy(src + i * width, dst + other * width, width);
				memcpy(dst + i * width, src + other * width, width);
			}
			COL64(&b, F_ELEMENTS)[i] = ELEMENT(E_HEADER) | ELEMENT(E_GENERIC) | ELEMENT(E_IPV4) | ELEMENT(E_MISC) |
			    ELEMENT(E_AS) | ELEMENT(E_NEXT4);
			COL64(&b, F_FLOWS)[i] = 1;
			COL64(&b, F_PACKETS)[i] = 1 + random_below(3) * random_below(300);
			COL64(&b, F_BYTES)[i] = COL64(&b, F_PACKETS)[i] * (40 + random_below(30));
			COL32(&b, F_SRCAS)[i] = 64500 + addr_v4(&COLADDR(&b, F_SRCIP)[i]) % 20;
			COL32(&b, F_DSTAS)[i] = 64500 + addr_v4(&COLADDR(&b, F_DSTIP)[i]) % 20;
			COLADDR(&b, F_NEXTHOP)[i] = addr_from_v4(0xc0000200 + addr_v4(&COLADDR(&b, F_DSTIP)[i]) % 3);
			if (odd > 0 && random_below(odd) == 0) {
				COL32(&b, F_SRCAS)[i] = random_below(UINT32_MAX);
				COL8(&b, F_FLAGS)[i] = random_below(256);
				COL64(&b, F_FIRST)[i] -= random_below(50000);
				COL8(&b, F_DSTTOS)[i] = random_below(256);
			}
		}
		assert_int_equal(nfwrite_add(w, &b, &e), 0);
	}
	assert_int_equal(nfwrite_close(w, &e), 0);
	arena_free(a);
}

static uint8_t *
load(const char *path, size_t *n)
{
	static uint8_t bytes[16 << 20];
	int fd = open(path, O_RDONLY);
	ssize_t got = read(fd, bytes, sizeof(bytes));

	close(fd);
	assert_true(got > 0 && (size_t)got < sizeof(bytes));
	*n = got;
	return bytes;
}

/* What has a value each in that column of the column file's first block, and how many patches there are. */
static enum col_over
over_of(enum field f, size_t *patches)
{
	size_t n;
	const uint8_t *bytes = load(column, &n), *at;
	struct col_foot foot;
	struct col_meta meta;
	struct col_block block;
	struct col_entry x;

	memcpy(&foot, bytes + n - sizeof(foot), sizeof(foot));
	memcpy(&meta, bytes + foot.offset, sizeof(meta));
	at = bytes + foot.offset + sizeof(meta) + meta.exporters * sizeof(struct col_exporter);
	memcpy(&block, at, sizeof(block));
	at += sizeof(block);
	for (size_t i = 0; i < block.entries; i++, at += sizeof(x)) {
		memcpy(&x, at, sizeof(x));
		*patches = x.patches;
		if (x.field == f)
			return x.over;
	}
	fail_msg("no column %s", fields[f].name);
	return COL_OVERS;
}

/* Each way to keep columns that hang together is taken, and gives back what there was. */
static void
test_pairs(void **state)
{
	size_t patches;

	(void)state;
	make_pairs(70000, 0);
	check_file(collector);
	assert_int_equal(over_of(F_SRCIP, &patches), COL_TURNED);
	assert_int_equal(over_of(F_DSTPORT, &patches), COL_TURNED);
	assert_int_equal(over_of(F_SRCTOS, &patches), COL_TURNED);
	assert_int_equal(over_of(F_FIRST, &patches), COL_LEADERS);
	assert_int_equal(over_of(F_FLAGS, &patches), COL_LEADERS);
	assert_int_equal(patches, 0);
	assert_int_equal(over_of(F_BYTES, &patches), COL_FLOWS);
	assert_int_equal(over_of(F_SRCAS, &patches), COL_ADDRESSES);
	assert_int_equal(patches, 0);
	assert_int_equal(over_of(F_NEXTHOP, &patches), COL_ADDRESSES);
	make_pairs(70000, 1000);
	check_file(collector);
	check_hosts();
	assert_int_equal(over_of(F_FLAGS, &patches), COL_LEADERS);
	assert_in_range(patches, 20, 200);
	assert_int_equal(over_of(F_DSTTOS, &patches), COL_TURNED);
	assert_in_range(patches, 20, 200);
	assert_int_equal(over_of(F_SRCAS, &patches), COL_ADDRESSES);
	assert_in_range(patches, 20, 200);
	/* Too many are other ones. */
	make_pairs(5000, 20);
	check_file(collector);
	check_hosts();
	assert_int_equal(over_of(F_FLAGS, &patches), COL_FLOWS);
	assert_int_equal(over_of(F_DSTTOS, &patches), COL_FLOWS);
	assert_int_equal(over_of(F_SRCAS, &patches), COL_FLOWS);
	assert_int_equal(over_of(F_SRCIP, &patches), COL_TURNED);
	for (size_t n = 1; n < 30; n += 4) {
		make_pairs(n, 9);
		check_file(collector);
	}
}

static void
store(const char *path, const uint8_t *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd != -1 && write(fd, p, n) == (ssize_t)n);
	close(fd);
}

/* Whatever is wrong with it, the flows are those of the collector file. */
static void
check_broken(bool filtered)
{
	struct arena *a = arena_new();
	struct chooser c = { 0 };
	struct selection selection = { .choose = choose, .ctx = &c, .may_match = may_match };
	struct fieldset set = all_fields();
	struct reader *x, *y;
	struct err e;

	if ((c.filter = filter_compile("dst net 10.3.0.0/16 and packets > 9", a, &e)) == NULL)
		fail_msg("%s", e.text);
	c.scratch = filter_scratch(c.filter, a);
	filter_fields(c.filter, &selection.fields);
	x = opened(NULL, collector, &set, filtered ? &selection : NULL);
	y = opened(column, collector, &set, filtered ? &selection : NULL);
	compare(x, y);
	reader_close(x);
	reader_close(y);
	/* Alone it is refused, or read with a fault. */
	y = reader_open(column, &set, &e);
	if (y != NULL) {
		struct batch *b;
		int rc;

		while ((rc = reader_next(y, &b, &e)) == 1)
			;
		assert_true(rc == -1 || reader_faults(y)->n > 0);
	}
	reader_close(y);
	arena_free(a);
}

static void
test_broken(void **state)
{
	uint8_t *bytes, *copy;
	size_t n;

	if (*(int *)*state == 0)
		make_random(66500);
	else
		make_pairs(66500, 500);
	assert_int_equal(convert(collector, column), 1);
	bytes = load(column, &n);
	copy = malloc(n);
	memcpy(copy, bytes, n);
	for (size_t i = 0; i < 24; i++) {
		size_t at = i < 10 ? (size_t[]){ 0, 8, 12, 20, 40, 50, 57 }[i % 7] : i < 14 ? n - 1 - random_below(32) :
		    i < 18 ? n - 1 - random_below(4000) : 64 + random_below(n - 64);

		copy[at] ^= 1u << random_below(8);
		store(column, copy, n);
		check_broken(i % 2);
		copy[at] = bytes[at];
	}
	for (size_t i = 0; i < 8; i++) {
		store(column, copy, i < 3 ? i * 16 : random_below(n));
		check_broken(i % 2);
	}
	free(copy);
	unlink(column);
	check_file(collector);
}

/* A column file of a collector file that has changed since is not read. */
static void
test_stale(void **state)
{
	struct fieldset set = all_fields();
	struct timespec times[2];
	struct stat st;
	struct reader *r;
	uint8_t *bytes;
	char other[300];
	size_t n;

	(void)state;
	make_random(100);
	assert_int_equal(convert(collector, column), 1);
	assert_int_equal(stat(collector, &st), 0);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	r = opened(column, collector, &set, NULL);
	assert_true(reader_is_columns(r));
	reader_close(r);
	/* The same length and time, other bytes. */
	bytes = load(collector, &n);
	bytes[40] ^= 1;
	store(collector, bytes, n);
	assert_int_equal(utimensat(AT_FDCWD, collector, times, 0), 0);
	r = opened(column, collector, &set, NULL);
	assert_false(reader_is_columns(r));
	reader_close(r);
	bytes[40] ^= 1;
	store(collector, bytes, n);
	assert_int_equal(utimensat(AT_FDCWD, collector, times, 0), 0);
	r = opened(column, collector, &set, NULL);
	assert_true(reader_is_columns(r));
	reader_close(r);
	/* Another time, another name, nothing there. */
	times[1].tv_nsec ^= 1;
	assert_int_equal(utimensat(AT_FDCWD, collector, times, 0), 0);
	r = opened(column, collector, &set, NULL);
	assert_false(reader_is_columns(r));
	reader_close(r);
	times[1].tv_nsec ^= 1;
	assert_int_equal(utimensat(AT_FDCWD, collector, times, 0), 0);
	snprintf(other, sizeof(other), "%s-other", collector);
	assert_int_equal(rename(collector, other), 0);
	r = opened(column, other, &set, NULL);
	assert_false(reader_is_columns(r));
	reader_close(r);
	assert_null(reader_open_columns(column, collector, NULL, &set, NULL, &(struct err){ 0 }));
	r = opened("/nonexistent/x.col", other, &set, NULL);
	reader_close(r);
	unlink(other);
}

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(column, sizeof(column), "%s/a/b/x.col", dir);
	return 0;
}

static int
teardown(void **state)
{
	char path[300];

	(void)state;
	unlink(column);
	snprintf(path, sizeof(path), "%s/nfcapd.random", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/a/b", dir);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/a", dir);
	rmdir(path);
	return rmdir(dir);		/* nothing else is left */
}

int
main(void)
{
	int random = 0, pairs = 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test_prestate(test_broken, &random),
		cmocka_unit_test_prestate(test_broken, &pairs),
		cmocka_unit_test(test_stale),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
