/* Digests and top tables in the index, their sums over hours and days, and databases of version 1. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/sql.h"
#include "topcheck.h"

#define T0	1763596800		/* a day */

static char dir[] = "/tmp/flowlight-indextop.XXXXXX";
static struct source sources[] = {
	{ .id = 0, .name = "one", .dir = "/data/one" },
	{ .id = 1, .name = "two", .dir = "/data/two" },
};
static size_t narrowed;			/* bounds that presence made tighter */
static struct conf conf = { .state = dir, .slot = 300, .sources = sources, .nsources = 2 };
static const struct source *both[] = { &sources[0], &sources[1] };

static void
remove_state(void)
{
	static const char *const names[] = { "index.db", "index.db-wal", "index.db-shm",
	    "flowlightd.lock" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
}

static struct index *
open_new(void)
{
	struct err e = { 0 };
	struct index *ix;

	remove_state();
	ix = index_open(&conf, INDEX_WRITE, &e);
	assert_string_equal(e.text, "");
	return ix;
}

/* Adds a file of random flows to the index, and what is true of them to the tables (NULL: to none). */
static void
add_file(struct index *ix, int source, const char *name, int64_t start, uint64_t spread,
    struct tally_table *truth)
{
	struct index_file f = { .source = &sources[source], .name = name, .start = start,
	    .stamp = { 100000, 7, 1, (uint64_t)start } };
	struct tally *t = tally_new(1 << 20);
	struct arena *a = arena_new();
	struct summary *summary;
	struct err e = { 0 };
	struct batch *b = flows_of_slot(a, spread);

	b->n = 5000;
	tally_all(t, b);
	f.summary = summary = summary_new(t, 100000000);
	f.traffic.by[PROTO_ALL].flows = b->n;
	f.first_msec = (uint64_t)start * 1000;
	f.last_msec = f.first_msec + 299000;
	f.sequence_failures = 1;
	assert_int_equal(index_add(ix, &f, &e), 0);
	for (int d = 0; truth != NULL && d < TOP_DIMS; d++)
		count_truth(&truth[d], b, d);
	summary_free(summary);
	tally_free(t);
	arena_free(a);
}

/* What presence says of some rows leaves the truth within their bounds, which are no wider. */
static void
check_narrow(struct index *ix, const struct window *w, size_t n, struct toptable *t, const struct tally_table *truth,
    struct arena *a)
{
	struct top_row *some[100], was[100];
	struct err e = { 0 };
	size_t nsome = 0, proven;
	struct top_row **order = toptable_rank(t, TOP_BYTES, a, &proven);

	for (size_t i = 0; i < t->n && nsome < 100; i += 1 + i / 20) {
		was[nsome] = *order[i];
		some[nsome++] = order[i];
	}
	assert_int_equal(index_top_narrow(ix, w, both, n, t->dim, some, nsome, a, NULL, &e), 0);
	for (size_t i = 0; i < nsome; i++)
		for (int m = 0; m < TOP_METRICS; m++) {
			assert_true(some[i]->over[m] <= was[i].over[m]);
			narrowed += some[i]->over[m] < was[i].over[m];
		}
	check_bounds(t, truth);
}

static void
check_window(struct index *ix, int64_t from, int64_t to, size_t n, const struct tally_table *truth)
{
	struct window w = { from, to };
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct toptable t;

	for (int d = 0; d < TOP_DIMS; d++) {
		assert_int_equal(index_top(ix, &w, both, n, d, a, &t, &e), 0);
		check_bounds(&t, &truth[d]);
		check_ranks(&t, &truth[d], a, d == TOP_PROTO);
		check_narrow(ix, &w, n, &t, &truth[d], a);
	}
	arena_free(a);
}

static int
rows(struct index *ix, const char *sql)
{
	sqlite3_stmt *st;
	int n;

	assert_int_equal(sqlite3_prepare_v2(ix->db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return n;
}

static void
make_truth(struct tally_table *truth)
{
	for (int d = 0; d < TOP_DIMS; d++)
		tally_table_init(&truth[d], TOP_KEY_MAX / 8, TRUTH_WORDS);
}

static void
free_truth(struct tally_table *truth)
{
	for (int d = 0; d < TOP_DIMS; d++)
		tally_table_free(&truth[d]);
}

static void
sum_all_up(struct index *ix)
{
	struct err e = { 0 };
	int rc;

	while ((rc = index_sum_up(ix, &e)) == 1)
		;
	assert_string_equal(e.text, "");
	assert_int_equal(rc, 0);
	assert_int_equal(rows(ix, "SELECT count(*) FROM pending"), 0);
}

/* Two days, a few slots in two hours of each; one slot of two files. */
static void
sums_are_within_bounds(void **s)
{
	struct tally_table truth[TOP_DIMS];
	struct index *ix = open_new();
	char name[32];

	(void)s;
	state = 11;
	make_truth(truth);
	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "%d", i);
		add_file(ix, i & 1, name, T0 + i / 6 * 86400 + i / 3 % 2 * 3600 + i % 3 * 300, 3000, truth);
	}
	add_file(ix, 0, "again", T0, 2000, truth);
	check_window(ix, T0 - 86400, T0 + 10 * 86400, 2, truth);
	assert_int_equal(rows(ix, "SELECT count(*) FROM top WHERE level > 0"), 0);
	sum_all_up(ix);
	assert_int_equal(rows(ix, "SELECT count(*) FROM top WHERE level = 2"), 4 * TOP_DIMS);
	check_window(ix, T0 - 86400, T0 + 10 * 86400, 2, truth);
	check_window(ix, INT64_MIN / 4, INT64_MAX / 4, 2, truth);

	/* A window that begins and ends within a day. */
	free_truth(truth);
	make_truth(truth);
	state = 11;
	remove_state();
	index_close(ix);
	ix = open_new();
	for (int i = 0; i < 12; i++) {
		int64_t start = T0 + i * 1200;

		snprintf(name, sizeof(name), "%d", i);
		add_file(ix, 0, name, start, 3000, start >= T0 + 2400 && start < T0 + 8400 ? truth : NULL);
	}
	sum_all_up(ix);
	check_window(ix, T0 + 2400, T0 + 8400, 2, truth);
	free_truth(truth);
	index_close(ix);
}

/* Files come in any order, some are floods of which presence keeps little: the tables are the same, and right. */
static void
order_does_not_matter(void **s)
{
	uint64_t sum[3] = { 0 };

	(void)s;
	narrowed = 0;
	for (int order = 0; order < 3; order++) {
		struct tally_table truth[TOP_DIMS];
		struct window w = { T0, T0 + 86400 };
		struct index *ix = open_new();
		struct arena *a = arena_new();
		struct err e = { 0 };
		struct toptable t;

		make_truth(truth);
		for (int i = 0; i < 14; i++) {
			int slot = order == 0 ? i : order == 1 ? 13 - i : i * 5 % 14;
			char name[16];

			snprintf(name, sizeof(name), "%d", slot);
			state = 100 + (uint64_t)slot;
			add_file(ix, slot & 1, name, T0 + slot / 2 * 600, slot % 5 == 0 ? 200000 : 300, truth);
			if (order == 2 && i % 4 == 3)
				sum_all_up(ix);
		}
		check_window(ix, w.from, w.to, 2, truth);
		sum_all_up(ix);
		check_window(ix, w.from, w.to, 2, truth);
		assert_int_equal(index_top(ix, &w, both, 2, TOP_IP, a, &t, &e), 0);
		for (size_t i = 0; i < t.n; i++)
			sum[order] = sum[order] * 31 + t.row[i].value[TOP_BYTES] * 7 + t.row[i].over[TOP_FLOWS];
		arena_free(a);
		free_truth(truth);
		index_close(ix);
	}
	assert_true(sum[0] == sum[1] && sum[0] == sum[2]);
	assert_true(narrowed > 50);
}

static void
a_file_that_changes_is_counted_once(void **s)
{
	struct tally_table truth[TOP_DIMS];
	struct index *ix = open_new();

	(void)s;
	state = 12;
	make_truth(truth);
	add_file(ix, 0, "a", T0, 1000, NULL);
	add_file(ix, 0, "b", T0 + 600, 1000, NULL);
	sum_all_up(ix);
	add_file(ix, 0, "a", T0, 3000, truth);
	add_file(ix, 0, "b", T0 + 300, 3000, truth);
	assert_int_equal(rows(ix, "SELECT count(*) FROM top WHERE level > 0"), 0);
	check_window(ix, T0, T0 + 86400, 2, truth);
	sum_all_up(ix);
	check_window(ix, T0, T0 + 86400, 2, truth);
	assert_int_equal(rows(ix, "SELECT count(*) FROM digest"), 2);
	free_truth(truth);
	index_close(ix);
}

static void
digests_tell_of_slots(void **s)
{
	struct window w = { T0, T0 + 600 };
	struct index *ix = open_new();
	struct arena *a = arena_new();
	struct window later = { T0 + 600, T0 + 900 };
	struct slot_digest *d, *alone;
	struct err e = { 0 };
	size_t n;

	(void)s;
	state = 13;
	add_file(ix, 0, "a", T0, 500, NULL);
	add_file(ix, 0, "b", T0 + 300, 500, NULL);
	add_file(ix, 0, "c", T0 + 300, 3000, NULL);
	add_file(ix, 0, "d", T0 + 600, 3000, NULL);
	assert_int_equal(index_digests(ix, &w, &sources[0], a, &d, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(d[0].start, T0);
	assert_false(d[0].digest.at_least);
	assert_true(d[0].digest.sources > 0 && d[0].digest.sources <= 500);
	assert_true(d[0].digest.owned[TOP_FLOWS] > 5000 / 500);
	assert_true(d[1].digest.at_least);
	assert_true(d[1].digest.sources > d[0].digest.sources);
	assert_int_equal(d[0].totals.flows, 5000);
	assert_int_equal(d[1].totals.flows, 10000);
	/* Weighed by the files' flows. */
	assert_int_equal(index_digests(ix, &later, &sources[0], a, &alone, &n, &e), 0);
	assert_int_equal(n, 1);
	for (int i = 0; i < 4; i++) {
		double less = fmin(d[0].digest.entropy[i], alone[0].digest.entropy[i]);
		double more = fmax(d[0].digest.entropy[i], alone[0].digest.entropy[i]);

		assert_true(d[1].digest.entropy[i] > less - 0.05 && d[1].digest.entropy[i] < more + 0.05);
	}
	assert_int_equal(index_digests(ix, &w, &sources[1], a, &d, &n, &e), 0);
	assert_int_equal(n, 0);
	arena_free(a);
	index_close(ix);
}

/* The tables of single slots, of one file and of several, are as those of a window that has but that slot. */
static void
slots_have_tables(void **s)
{
	static const uint32_t few = 1 << TOP_IP | 1 << TOP_PAIR, all = (1 << TOP_DIMS) - 1;
	struct toptable top[3][TOP_DIMS] = { { { .n = 7 } } }, t;
	struct slot_tops want[] = { { T0, few, top[0] }, { T0 + 300, all, top[1] }, { T0 + 600, all, top[2] } };
	struct tally_table truth[2][TOP_DIMS];
	const struct source *one = &sources[0];
	struct arena *a = arena_new();
	struct index *ix = open_new();
	struct err e = { 0 };

	(void)s;
	state = 17;
	make_truth(truth[0]);
	make_truth(truth[1]);
	add_file(ix, 0, "a", T0, 900, truth[0]);
	add_file(ix, 0, "b", T0 + 300, 900, truth[1]);
	add_file(ix, 0, "c", T0 + 300, 2000, truth[1]);
	assert_int_equal(index_tops(ix, one, want, 3, a, &e), 0);
	assert_int_equal(top[0][TOP_SRCIP].n, 7 * (TOP_SRCIP == 0));
	for (int d = 0; d < TOP_DIMS; d++) {
		assert_int_equal(top[2][d].n, 0);
		for (int i = 0; i < 2; i++) {
			if ((want[i].set >> d & 1) == 0)
				continue;
			check_bounds(&top[i][d], &truth[i][d]);
			assert_int_equal(index_top(ix, &(struct window){ want[i].start, want[i].start + 300 }, &one, 1, d, a, &t,
			    &e), 0);
			assert_int_equal(t.n, top[i][d].n);
			assert_memory_equal(t.row, top[i][d].row, t.n * sizeof(*t.row));
			assert_memory_equal(t.cut, top[i][d].cut, sizeof(t.cut));
		}
	}
	/* Were they slots of an hour. */
	conf.slot = 3600;
	assert_int_equal(index_tops(ix, one, &(struct slot_tops){ T0, all, top[2] }, 1, a, &e), 0);
	assert_int_equal(index_top(ix, &(struct window){ T0, T0 + 3600 }, &one, 1, TOP_IP, a, &t, &e), 0);
	assert_true(t.n > top[1][TOP_IP].n);
	assert_int_equal(t.n, top[2][TOP_IP].n);
	conf.slot = 300;
	free_truth(truth[0]);
	free_truth(truth[1]);
	arena_free(a);
	index_close(ix);
}

/* The slots that a host owned are those whose digest says so. */
static void
owned_slots_are_found(void **s)
{
	struct window w = { T0 + 300, INT64_MAX };
	struct index *ix = open_new();
	struct arena *a = arena_new();
	struct slot_digest *d;
	struct slot_sum *sum;
	struct err e = { 0 };
	size_t n, nsums, found = 0, several = 0;
	char name[16];

	(void)s;
	state = 19;
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		add_file(ix, 0, name, T0 + i / 2 * 600 + i % 4 / 3 * 300, 3, NULL);
	}
	assert_int_equal(index_digests(ix, &w, &sources[0], a, &d, &n, &e), 0);
	assert_int_equal(index_sums(ix, &w, &sources[0], a, &sum, &nsums, &e), 0);
	assert_int_equal(n, nsums);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(sum[i].start, d[i].start);
		assert_int_equal(sum[i].totals.bytes, d[i].totals.bytes);
	}
	for (int m = 0; m < TOP_METRICS; m++)
		for (size_t h = 0; h < n; h++)
			for (double share = 0; share < 1; share += 0.05) {
				const struct addr *host = &d[h].digest.owner[m];
				int64_t starts[64];
				size_t got = 64, at = 0;

				assert_int_equal(index_owned(ix, w.from, &sources[0], m, host, share, starts, &got, &e), 0);
				for (size_t i = n; i-- > 0; ) {
					const uint64_t all[TOP_METRICS] = { d[i].totals.flows, d[i].totals.packets,
					    d[i].totals.bytes };

					if (memcmp(&d[i].digest.owner[m], host, sizeof(*host)) != 0 ||
					    (double)d[i].digest.owned[m] <= share * (double)all[m])
						continue;
					assert_true(at < got);
					assert_int_equal(starts[at++], d[i].start);
					several += d[i].digest.at_least && share > 0.3;
				}
				assert_int_equal(at, got);
				found += got;
				if (got > 2) {
					got = 2;
					assert_int_equal(index_owned(ix, w.from, &sources[0], m, host, share, starts + 60, &got, &e), 0);
					assert_int_equal(got, 2);
					assert_memory_equal(starts + 60, starts, 2 * sizeof(*starts));
				}
			}
	assert_true(found > n && several > 0);
	arena_free(a);
	index_close(ix);
}

static void
collect(void *ctx, const struct known_file *f)
{
	int64_t *size = ctx;

	*size = f->stamp.size;
}

#define WITHOUT_3 \
	"ALTER TABLE file DROP COLUMN records; ALTER TABLE file DROP COLUMN raw_bytes;" \
	"ALTER TABLE file DROP COLUMN blocks_skipped; ALTER TABLE file DROP COLUMN outpackets;" \
	"ALTER TABLE file DROP COLUMN outbytes; ALTER TABLE file DROP COLUMN families;" \
	"ALTER TABLE file DROP COLUMN ident; ALTER TABLE file DROP COLUMN has_stat;" \
	"ALTER TABLE file DROP COLUMN stat; ALTER TABLE source DROP COLUMN checked;" \
	"ALTER TABLE source DROP COLUMN checked_at; ALTER TABLE source DROP COLUMN differed;" \
	"ALTER TABLE source DROP COLUMN difference; DROP TABLE kept;"

#define WITHOUT_4	"ALTER TABLE source DROP COLUMN changed;"

static const struct downgrade {
	const char *sql;
	enum seen stranger;		/* what becomes known of somebody who was never seen */
} downgrades[] = {
	{ WITHOUT_4 WITHOUT_3 "DROP TABLE digest; DROP TABLE top; DROP TABLE run; DROP TABLE presence; DROP TABLE pending;"
	    "PRAGMA user_version = 1", SEEN_UNKNOWN },
	{ WITHOUT_4 WITHOUT_3 "PRAGMA user_version = 2", SEEN_NOT },
	/* Of version 4 only files that had hashes of strangers. */
	{ "INSERT OR REPLACE INTO run (level, source, start, file, bytes, parameter)"
	    " SELECT 3, source, start, id, 100, 6400 FROM file;"
	    "INSERT INTO presence (level, source, start, file, first_key, block)"
	    " SELECT 3, source, start, id, x'0000000000000001', x'ffff' FROM file;"
	    "PRAGMA user_version = 4", SEEN_UNKNOWN },
};

/* An address that nobody has, in a file that is gone. */
static void
check_stranger(struct index *ix, enum seen state_wanted)
{
	struct window w = { T0, T0 + 300 };
	struct prefix p = { addr_from_v4(0xc0000201), 128 };
	struct arena *a = arena_new();
	struct seen_slots s;
	struct err e = { 0 };

	assert_int_equal(index_seen(ix, &w, &sources[1], &p, a, &s, &e), 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.state[0], state_wanted);
	arena_free(a);
}

static void
check_upgrade(const struct downgrade *from)
{
	struct err e = { 0 };
	struct index *ix = open_new();
	struct window w = { 0, INT64_MAX };
	struct traffic t;
	int64_t size = 0;
	char path[128];
	sqlite3 *db;
	size_t n;

	state = 14;
	add_file(ix, 0, "a", T0, 500, NULL);
	add_file(ix, 1, "a", T0, 500, NULL);
	assert_int_equal(index_gone(ix, &sources[1], "a", true, &e), 0);
	index_close(ix);
	snprintf(path, sizeof(path), "%s/index.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, from->sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_null(index_open(&conf, INDEX_READ, &e));
	assert_non_null(strstr(e.text, "made by an older Flowlight"));
	ix = index_open(&conf, INDEX_WRITE, &e);
	assert_non_null(ix);
	assert_int_equal(index_files(ix, &sources[0], collect, &size, &e), 0);
	assert_int_equal(size, -1);
	assert_int_equal(index_files(ix, &sources[1], collect, &size, &e), 0);
	assert_int_equal(size, 100000);
	assert_int_equal(index_traffic(ix, &w, &sources[1], &t, &n, &e), 0);
	assert_int_equal(t.by[PROTO_ALL].flows, 5000);
	check_stranger(ix, from->stranger);
	index_close(ix);
}

/* Files are to be read anew, sums of files that are gone stay. */
static void
older_versions_become_ours(void **s)
{
	(void)s;
	for (size_t i = 0; i < sizeof(downgrades) / sizeof(downgrades[0]); i++)
		check_upgrade(&downgrades[i]);
}

/* Nine days of a file every six hours; kept are slots of two days, hours of four, days of six. */
static struct index *
nine_days(struct tally_table *truth, int64_t truth_from)
{
	struct index *ix = open_new();
	char name[16];

	for (int i = 0; i < 36; i++) {
		int64_t start = T0 + i * 21600;

		snprintf(name, sizeof(name), "%d", i);
		add_file(ix, 0, name, start, 400, start >= truth_from ? truth : NULL);
	}
	sum_all_up(ix);
	return ix;
}

#define DAY	INT64_C(86400)
#define END	(T0 + 35 * 21600 + 300)		/* of the newest slot */

static void
expire_all(struct index *ix, int64_t now)
{
	struct err e = { 0 };
	int rc;

	while ((rc = index_expire(ix, now, &e)) == 1)
		;
	assert_string_equal(e.text, "");
	assert_int_equal(rc, 0);
}

static int
rows_before(struct index *ix, const char *what, int64_t start)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s AND start < %lld", what, (long long)start);
	return rows(ix, sql);
}

static void
what_is_old_goes(void **s)
{
	struct tally_table truth[TOP_DIMS];
	struct window all = { T0, T0 + 9 * DAY }, late = { T0 + 300, T0 + 600 };
	struct prefix p = { host(8), 128 };
	struct index *ix;
	struct arena *a = arena_new();
	struct seen_slots seen;
	struct toptable t;
	struct err e = { 0 };
	struct stamp stamp;
	int pages;

	(void)s;
	state = 21;
	conf.keep_slots = "2d", conf.keep_hours = "4d", conf.keep_days = "6d";
	make_truth(truth);
	/* END is within the ninth day, so that of slots the days from the seventh on stay. */
	ix = nine_days(truth, T0 + 2 * DAY);
	pages = rows(ix, "PRAGMA page_count");
	assert_int_equal(index_gone(ix, &sources[0], "1", true, &e), 0);
	expire_all(ix, END);
	assert_int_equal(rows_before(ix, "slot WHERE 1", T0 + 6 * DAY), 0);
	assert_int_equal(rows(ix, "SELECT count(*) FROM slot"), 12);
	assert_int_equal(rows_before(ix, "digest WHERE 1", T0 + 6 * DAY), 0);
	assert_int_equal(rows_before(ix, "top WHERE level = 0", T0 + 6 * DAY), 0);
	assert_int_equal(rows_before(ix, "top WHERE level = 1", T0 + 4 * DAY), 0);
	assert_true(rows_before(ix, "top WHERE level = 1", T0 + 5 * DAY) > 0);
	assert_int_equal(rows_before(ix, "top WHERE level = 2", T0 + 2 * DAY), 0);
	assert_true(rows_before(ix, "top WHERE level = 2", T0 + 3 * DAY) > 0);
	assert_int_equal(rows_before(ix, "run WHERE 1", T0 + 2 * DAY), 0);
	assert_int_equal(rows_before(ix, "presence WHERE 1", T0 + 2 * DAY), 0);
	assert_true(rows_before(ix, "presence WHERE level = 2", T0 + 3 * DAY) > 0);
	assert_true(rows(ix, "PRAGMA page_count") < pages * 3 / 4);
	/* The ledger knows the files that are there, and no others. */
	assert_int_equal(rows(ix, "SELECT count(*) FROM file"), 35);
	assert_int_equal(index_stamp(ix, &sources[0], "0", &stamp, &e), 1);

	/* Whole days are as they were; what needs more says that it is not all. */
	check_window(ix, T0 + 2 * DAY, T0 + 9 * DAY, 1, truth);
	assert_int_equal(index_top(ix, &(struct window){ T0 + 2 * DAY, T0 + 9 * DAY }, both, 1, TOP_IP, a, &t, &e), 0);
	assert_false(t.incomplete);
	assert_int_equal(index_top(ix, &(struct window){ T0 + 2 * DAY + 300, T0 + 9 * DAY }, both, 1, TOP_IP, a, &t, &e), 0);
	assert_true(t.incomplete);

	/* A file of back then that comes now is known, and not counted; which addresses it has, nobody knows. */
	add_file(ix, 0, "late", late.from + 3 * DAY, 400, NULL);
	assert_int_equal(index_stamp(ix, &sources[0], "late", &stamp, &e), 1);
	assert_int_equal(rows(ix, "SELECT count(*) FROM slot"), 12);
	check_window(ix, T0 + 2 * DAY, T0 + 9 * DAY, 1, truth);
	all.from = late.from + 3 * DAY;
	all.to = late.to + 3 * DAY;
	assert_int_equal(index_seen(ix, &all, &sources[0], &p, a, &seen, &e), 0);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.state[0], SEEN_UNKNOWN);
	assert_int_equal(index_gone(ix, &sources[0], "late", true, &e), 0);
	assert_int_equal(index_stamp(ix, &sources[0], "late", &stamp, &e), 0);

	/* What was expired stays so when the database is opened again. */
	index_close(ix);
	ix = index_open(&conf, INDEX_WRITE, &e);
	add_file(ix, 0, "late", late.from + 3 * DAY, 400, NULL);
	assert_int_equal(rows(ix, "SELECT count(*) FROM slot"), 12);
	assert_int_equal(rows(ix, "SELECT (SELECT integrity_check FROM pragma_integrity_check) = 'ok'"), 1);
	free_truth(truth);
	arena_free(a);
	index_close(ix);
	conf.keep_slots = conf.keep_hours = conf.keep_days = NULL;
}

/* The clock a year ahead, or the collector's and the clock, or far behind: nothing goes. */
static void
a_wrong_clock_expires_nothing(void **s)
{
	struct index_file f = { .source = &sources[0], .name = "ahead", .start = T0 + 400 * DAY,
	    .stamp = { 1, 1, 1, 1 }, .first_msec = (uint64_t)END * 1000, .last_msec = (uint64_t)END * 1000 };
	struct err e = { 0 };
	struct index *ix;

	(void)s;
	state = 22;
	conf.keep_slots = "2d", conf.keep_hours = "4d", conf.keep_days = "6d";
	ix = nine_days(NULL, INT64_MAX);
	expire_all(ix, END + 366 * DAY);
	expire_all(ix, END - 366 * DAY);
	assert_int_equal(index_add(ix, &f, &e), 0);
	expire_all(ix, f.start + 300);
	assert_int_equal(rows(ix, "SELECT count(*) FROM slot"), 37);
	assert_int_equal(rows(ix, "SELECT count(*) FROM kept"), 0);
	/* It is right again; the file of the future does no harm. */
	expire_all(ix, END);
	assert_int_equal(rows(ix, "SELECT count(*) FROM slot"), 13);
	index_close(ix);
	conf.keep_slots = conf.keep_hours = conf.keep_days = NULL;
}

static int
teardown(void **s)
{
	(void)s;
	remove_state();
	rmdir(dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_within_bounds),
		cmocka_unit_test(a_file_that_changes_is_counted_once),
		cmocka_unit_test(digests_tell_of_slots),
		cmocka_unit_test(slots_have_tables),
		cmocka_unit_test(owned_slots_are_found),
		cmocka_unit_test(older_versions_become_ours),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(what_is_old_goes),
		cmocka_unit_test(a_wrong_clock_expires_nothing),
	};

	if (mkdtemp(dir) == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, teardown);
}
