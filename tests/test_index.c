#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/sql.h"

static char dir[] = "/tmp/flowlight-index.XXXXXX";
static struct source sources[] = {
	{ .id = 0, .name = "one", .dir = "/data/one" },
	{ .id = 1, .name = "two", .dir = "/data/two" },
};
static struct conf conf = { .state = dir, .slot = 300, .sources = sources, .nsources = 2 };

#define T0	1763640000		/* a slot */

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
	assert_non_null(ix);
	return ix;
}

/* A file of `flows` TCP flows of 2 packets and 100 bytes. */
static struct index_file
file_of(int source, const char *name, int64_t start, uint64_t flows)
{
	struct index_file f = { .source = &sources[source], .name = name, .start = start,
	    .stamp = { 1000, 7, 1, (uint64_t)start }, .first_msec = 1, .last_msec = 2 };

	f.traffic.by[PROTO_ALL] = f.traffic.by[PROTO_TCP] =
	    (struct totals){ flows, 2 * flows, 100 * flows };
	return f;
}

static void
add(struct index *ix, struct index_file f)
{
	struct err e = { 0 };

	assert_int_equal(index_add(ix, &f, &e), 0);
}

static uint64_t
flows_of(struct index *ix, int source, int64_t start, int64_t end, size_t *slots)
{
	struct window w = { start, end };
	struct traffic t;
	struct err e = { 0 };

	assert_int_equal(index_traffic(ix, &w, &sources[source], &t, slots, &e), 0);
	assert_int_equal(t.by[PROTO_ALL].bytes, 100 * t.by[PROTO_ALL].flows);
	assert_int_equal(t.by[PROTO_ALL].flows, t.by[PROTO_TCP].flows);
	return t.by[PROTO_ALL].flows;
}

static void
slot_is_the_sum_of_its_files(void **state)
{
	struct index *ix = open_new();
	size_t slots;

	(void)state;
	add(ix, file_of(0, "a", T0, 10));
	add(ix, file_of(0, "b", T0, 5));
	add(ix, file_of(0, "c", T0 + 300, 1));
	add(ix, file_of(1, "a", T0, 100));
	assert_int_equal(flows_of(ix, 0, T0, T0 + 300, &slots), 15);
	assert_int_equal(slots, 1);
	assert_int_equal(flows_of(ix, 0, T0, T0 + 301, &slots), 16);
	assert_int_equal(slots, 2);
	assert_int_equal(flows_of(ix, 1, 0, INT64_MAX, &slots), 100);
	index_close(ix);
}

static void
same_name_again_replaces(void **state)
{
	struct index *ix = open_new();
	size_t slots;

	(void)state;
	add(ix, file_of(0, "a", T0, 10));
	add(ix, file_of(0, "a", T0, 10));
	assert_int_equal(flows_of(ix, 0, 0, INT64_MAX, &slots), 10);
	add(ix, file_of(0, "a", T0, 7));
	assert_int_equal(flows_of(ix, 0, 0, INT64_MAX, &slots), 7);
	add(ix, file_of(0, "a", T0 + 600, 7));
	assert_int_equal(flows_of(ix, 0, 0, INT64_MAX, &slots), 7);
	assert_int_equal(slots, 1);
	index_close(ix);
}

static void
broken_file_has_a_reason_and_no_totals(void **state)
{
	struct index_file bad = file_of(0, "a", T0, 10);
	struct index *ix = open_new();
	struct arena *a = arena_new();
	struct source_status *s;
	struct err e = { 0 };
	size_t n, slots;

	(void)state;
	bad.broken = true;
	bad.reason = "magic 0x1234";
	add(ix, bad);
	assert_int_equal(flows_of(ix, 0, 0, INT64_MAX, &slots), 0);
	assert_int_equal(slots, 0);
	assert_int_equal(index_status(ix, false, a, &s, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(s[0].files, 1);
	assert_int_equal(s[0].files_bad, 1);
	assert_int_equal(s[0].newest, 0);
	assert_int_equal(s[0].nbad, 1);
	assert_string_equal(s[0].bad[0].reason, "magic 0x1234");
	assert_true(s[0].bad[0].broken);
	assert_int_equal(s[1].files, 0);

	add(ix, file_of(0, "a", T0, 10));
	assert_int_equal(flows_of(ix, 0, 0, INT64_MAX, &slots), 10);
	assert_int_equal(index_status(ix, false, a, &s, &n, &e), 0);
	assert_int_equal(s[0].files_bad, 0);
	assert_int_equal(s[0].nbad, 0);
	assert_int_equal(s[0].bytes, 1000);

	/* Files are counted anew when there are more, or one is gone. */
	add(ix, file_of(0, "b", T0 + 300, 10));
	assert_int_equal(index_status(ix, false, a, &s, &n, &e), 0);
	assert_int_equal(s[0].files, 2);
	assert_int_equal(s[0].bytes, 2000);
	assert_int_equal(index_gone(ix, &sources[0], "b", true, &e), 0);
	assert_int_equal(index_status(ix, false, a, &s, &n, &e), 0);
	assert_int_equal(s[0].files, 2);
	assert_int_equal(s[0].bytes, 1000);
	assert_int_equal(index_status(ix, true, a, &s, &n, &e), 0);
	assert_int_equal(s[0].files, 1);
	assert_int_equal(s[0].bytes, 0);

	add(ix, bad);		/* and back: a slot without a good file is no data, not zero */
	assert_int_equal(flows_of(ix, 0, 0, T0 + 300, &slots), 0);
	assert_int_equal(slots, 0);
	arena_free(a);
	index_close(ix);
}

static void
slots_come_by_time_and_source(void **state)
{
	const struct source *both[] = { &sources[0], &sources[1] };
	struct window w = { T0, T0 + 600 };
	struct index *ix = open_new();
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct slot *s;
	size_t n;

	(void)state;
	add(ix, file_of(1, "d/2", T0 + 300, 4));
	add(ix, file_of(1, "d/1", T0, 2));
	add(ix, file_of(0, "d/2", T0 + 300, 3));
	add(ix, file_of(0, "d/1", T0, 1));
	add(ix, file_of(0, "d/0", T0 - 300, 9));
	add(ix, file_of(0, "d/3", T0 + 600, 9));
	assert_int_equal(index_slots(ix, &w, both, 2, a, &s, &n, &e), 0);
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(s[i].traffic.by[PROTO_ALL].flows, i + 1);
	assert_string_equal(s[0].path, "/data/one/d/1");
	assert_string_equal(s[3].name, "d/2");
	assert_ptr_equal(s[3].source, &sources[1]);
	assert_int_equal(s[3].seconds, 300);

	/* A deleted file is not listed, but counts. */
	assert_int_equal(index_gone(ix, &sources[0], "d/1", true, &e), 0);
	assert_int_equal(index_slots(ix, &w, both, 1, a, &s, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(flows_of(ix, 0, T0, T0 + 300, &n), 1);
	assert_int_equal(index_gone(ix, &sources[0], "d/1", false, &e), 0);
	assert_int_equal(index_slots(ix, &w, both, 1, a, &s, &n, &e), 0);
	assert_int_equal(n, 2);
	arena_free(a);
	index_close(ix);
}

static void
renamed_file_is_counted_once(void **state)
{
	struct index *ix = open_new();
	struct index_file f = file_of(0, "a", T0, 10), copy = f;
	struct err e = { 0 };
	size_t slots;

	(void)state;
	add(ix, f);
	copy.name = "copy";
	add(ix, copy);
	assert_int_equal(flows_of(ix, 0, 0, INT64_MAX, &slots), 20);
	assert_int_equal(index_gone(ix, &sources[0], "a", true, &e), 0);
	f.name = "2026/11/20/a";
	f.stamp.dev++;
	f.start += 600;			/* the inode tells */
	add(ix, f);
	assert_int_equal(flows_of(ix, 0, 0, INT64_MAX, &slots), 20);
	assert_int_equal(slots, 2);
	assert_int_equal(index_gone(ix, &sources[0], "copy", true, &e), 0);
	copy.name = "moved over";
	copy.stamp.ino += 5;		/* to another file system: slot, size and time tell */
	add(ix, copy);
	assert_int_equal(flows_of(ix, 0, 0, INT64_MAX, &slots), 20);
	assert_int_equal(index_gone(ix, &sources[0], "moved over", true, &e), 0);
	copy.name = "other";
	copy.stamp.size++;
	add(ix, copy);
	assert_int_equal(flows_of(ix, 0, 0, INT64_MAX, &slots), 30);
	index_close(ix);
}

static void
second_of_two_equal_hours_leaves_the_first(void **state)
{
	struct index *ix = open_new();
	struct index_file f = file_of(0, "a", T0, 10);
	size_t slots;

	(void)state;
	add(ix, f);
	f.start += 3600;
	f.stamp.ino++;
	add(ix, f);
	assert_int_equal(flows_of(ix, 0, 0, INT64_MAX, &slots), 20);
	assert_int_equal(slots, 2);
	add(ix, f);
	assert_int_equal(flows_of(ix, 0, 0, INT64_MAX, &slots), 20);
	index_close(ix);
}

static void
rrd_changes(struct index *ix, int64_t want)
{
	struct err e = { 0 };
	int64_t since;

	assert_int_equal(index_rrd_since(ix, &sources[0], &since, &e), want >= 0);
	assert_int_equal(since, want);
}

static void
the_earliest_change_is_kept_for_the_rrd(void **state)
{
	struct index *ix = open_new();
	struct err e = { 0 };

	(void)state;
	rrd_changes(ix, 0);		/* a new index knows nothing of the RRD */
	assert_int_equal(index_set_rrd_done(ix, &sources[0], &e), 0);
	rrd_changes(ix, -1);
	add(ix, file_of(0, "b", T0 + 300, 1));
	rrd_changes(ix, T0 + 300);
	add(ix, file_of(0, "a", T0, 1));
	add(ix, file_of(0, "c", T0 + 600, 1));
	add(ix, file_of(1, "c", T0 - 600, 1));
	rrd_changes(ix, T0);
	assert_int_equal(index_set_rrd_done(ix, &sources[0], &e), 0);
	add(ix, file_of(0, "b", T0 - 300, 1));
	rrd_changes(ix, T0 - 300);
	assert_int_equal(index_set_rrd_stale(ix, &sources[0], &e), 0);
	rrd_changes(ix, 0);
	index_close(ix);
}

static void
a_killed_writer_is_known(void **state)
{
	struct index *ix = open_new();
	struct err e = { 0 };
	char path[128];
	FILE *fp;

	(void)state;
	assert_false(index_unclean(ix));
	index_close(ix);
	snprintf(path, sizeof(path), "%s/flowlightd.lock", dir);
	assert_non_null(fp = fopen(path, "w"));
	fputs("4711\n", fp);		/* a process that nobody ended in order */
	fclose(fp);
	for (int i = 0; i < 2; i++) {
		assert_non_null(ix = index_open(&conf, INDEX_WRITE, &e));
		assert_true(index_unclean(ix));
		if (i == 1)
			index_set_clean(ix);
		index_close(ix);
	}
	assert_non_null(ix = index_open(&conf, INDEX_WRITE, &e));
	assert_false(index_unclean(ix));
	index_close(ix);
}

static void
stamp_and_notes_are_kept(void **state)
{
	struct index *ix = open_new(), *reader;
	struct arena *a = arena_new();
	struct source_status *s;
	struct err e = { 0 };
	struct stamp stamp;
	size_t n;

	(void)state;
	add(ix, file_of(0, "a", T0, 1));
	assert_int_equal(index_stamp(ix, &sources[0], "a", &stamp, &e), 1);
	assert_int_equal(stamp.size, 1000);
	assert_int_equal(stamp.mtime_nsec, 7);
	assert_int_equal(stamp.ino, T0);
	assert_int_equal(index_stamp(ix, &sources[1], "a", &stamp, &e), 0);
	assert_int_equal(index_note(ix, &sources[1], 12, "gone fishing", NULL, &e), 0);
	index_close(ix);

	reader = index_open(&conf, INDEX_READ, &e);
	assert_non_null(reader);
	assert_int_equal(index_status(reader, false, a, &s, &n, &e), 0);
	assert_int_equal(s[0].newest, T0);
	assert_int_equal(s[1].backlog, 12);
	assert_string_equal(s[1].trouble, "gone fishing");
	assert_null(s[1].collector);
	assert_true(s[1].seen > 0);
	index_close(reader);
	arena_free(a);
}

/* Whatever SQL it were given (S22). */
static void
reader_writes_nothing(void **state)
{
	static const char *const refused[] = {
		"DELETE FROM slot", "UPDATE file SET state = 0", "INSERT INTO source (name) VALUES ('x')", "DROP TABLE slot",
		"CREATE TABLE x (y)", "CREATE TEMP TABLE x (y)", "ATTACH '/tmp/flowlight-attached.db' AS x", "PRAGMA user_version = 9",
		"PRAGMA writable_schema = 1", "VACUUM INTO '/tmp/flowlight-attached.db'", "REINDEX", "SELECT 1; DELETE FROM slot",
	};
	struct err e = { 0 };
	struct index *reader, *ix;
	size_t n;

	(void)state;
	ix = open_new();
	add(ix, file_of(0, "a", T0, 3));
	reader = index_open(&conf, INDEX_READ, &e);
	assert_non_null(reader);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (sqlite3_exec(reader->db, refused[i], NULL, NULL, NULL) != SQLITE_AUTH)
			fail_msg("%s: %s", refused[i], sqlite3_errmsg(reader->db));
	assert_int_equal(sqlite3_db_readonly(reader->db, "main"), 1);
	assert_int_equal(sqlite3_exec(reader->db, "SELECT count(*) FROM slot", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(flows_of(reader, 0, 0, INT64_MAX, &n), 3);
	index_close(reader);
	index_close(ix);
}

static void
reader_sees_databases_come_and_go(void **state)
{
	struct err e = { 0 };
	struct index *reader, *ix;
	int64_t oldest, newest;
	size_t n;

	(void)state;
	remove_state();
	reader = index_open(&conf, INDEX_READ, &e);
	assert_non_null(reader);
	assert_int_equal(flows_of(reader, 0, 0, INT64_MAX, &n), 0);
	assert_int_equal(index_extent(reader, &sources[0], &oldest, &newest, &e), 0);
	assert_int_equal(newest, 0);
	ix = open_new();
	add(ix, file_of(0, "a", T0, 3));
	assert_int_equal(flows_of(reader, 0, 0, INT64_MAX, &n), 3);
	assert_false(index_lost(ix));
	remove_state();
	assert_true(index_lost(ix));
	index_close(ix);
	ix = open_new();
	add(ix, file_of(0, "a", T0, 4));
	assert_int_equal(flows_of(reader, 0, 0, INT64_MAX, &n), 4);
	assert_int_equal(index_extent(reader, &sources[0], &oldest, &newest, &e), 0);
	assert_int_equal(oldest, T0);
	index_close(ix);
	index_close(reader);
}

static void
second_writer_is_refused(void **state)
{
	struct index *ix = open_new();
	struct err e = { 0 };
	char pid[32];

	(void)state;
	assert_null(index_open(&conf, INDEX_WRITE, &e));
	snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
	assert_non_null(strstr(e.text, "another flowlightd"));
	assert_non_null(strstr(e.text, pid));
	index_close(ix);
	ix = index_open(&conf, INDEX_WRITE, &e);
	assert_non_null(ix);
	index_close(ix);
}

static void
foreign_and_newer_databases_are_refused(void **state)
{
	static const char *const sql[] = { "PRAGMA user_version = 99",
	    "PRAGMA user_version = 1; PRAGMA application_id = 5" };
	static const char *const say[] = { "has version 99, made by a newer Flowlight",
	    "is not an index of Flowlight" };
	struct err e = { 0 };
	char path[128];
	sqlite3 *db;
	FILE *fp;

	(void)state;
	index_close(open_new());
	snprintf(path, sizeof(path), "%s/index.db", dir);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, sql[i], NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		assert_null(index_open(&conf, INDEX_READ, &e));
		assert_non_null(strstr(e.text, say[i]));
		assert_null(index_open(&conf, INDEX_WRITE, &e));
		assert_non_null(strstr(e.text, say[i]));
	}
	remove_state();
	assert_non_null(fp = fopen(path, "w"));
	for (int i = 0; i < 1000; i++)
		fputs("no database\n", fp);
	fclose(fp);
	assert_null(index_open(&conf, INDEX_READ, &e));
	assert_non_null(strstr(e.text, "makes it anew from the collector files"));
}

static void
a_damaged_database_is_set_aside(void **state)
{
	struct err e = { 0 };
	struct index *ix = open_new();
	char path[128], aside[256];
	size_t slots;
	FILE *fp;

	(void)state;
	snprintf(path, sizeof(path), "%s/index.db", dir);
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	for (int64_t i = 0; i < 200; i++)
		add(ix, file_of(0, "a name", T0 + i * 300, 1));
	index_close(ix);
	assert_non_null(fp = fopen(path, "r+"));
	fseek(fp, 4096, SEEK_SET);	/* all pages but the first */
	for (int i = 0; i < 20 * 4096; i++)
		fputc(0x5a, fp);
	fclose(fp);
	ix = index_open(&conf, INDEX_WRITE, &e);
	assert_non_null(ix);
	if (access(aside, F_OK) == -1) {	/* found out while working only */
		assert_int_equal(index_add(ix, &(struct index_file){ .source = &sources[0], .name = "b",
		    .start = T0 }, &e), -1);
		assert_true(index_lost(ix));
		index_close(ix);
		assert_non_null(ix = index_open(&conf, INDEX_WRITE, &e));
	}
	assert_int_equal(access(aside, F_OK), 0);
	add(ix, file_of(0, "b", T0, 3));
	assert_int_equal(flows_of(ix, 0, 0, INT64_MAX, &slots), 3);
	index_close(ix);
	unlink(aside);
}

static void
counters_stay_at_the_top(void **state)
{
	struct index_file f = file_of(0, "a", T0, 1);
	struct window w = { 0, INT64_MAX };
	struct index *ix = open_new();
	struct err e = { 0 };
	struct traffic t;
	size_t n;

	(void)state;
	f.traffic.by[PROTO_ALL].bytes = UINT64_MAX;
	add(ix, f);
	f.name = "b";
	add(ix, f);
	f.start += 300;
	f.name = "c";
	add(ix, f);
	assert_int_equal(index_traffic(ix, &w, &sources[0], &t, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_true(t.by[PROTO_ALL].bytes == INT64_MAX);
	assert_int_equal(t.by[PROTO_ALL].flows, 3);
	index_close(ix);
}

/* No statement may walk a whole table (but all sources are asked for at once), or sort what an index could give in order. */
static void
statements_use_indexes(void **state)
{
	struct index *ix = open_new();
	char sql[1024];
	sqlite3_stmt *st;
	const char *plan;
	int steps = 0;

	(void)state;
	for (int i = 0; i < SQL_BEGIN; i++) {
		snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", sql_text[i]);
		assert_int_equal(sqlite3_prepare_v2(ix->db, sql, -1, &st, NULL), SQLITE_OK);
		while (sqlite3_step(st) == SQLITE_ROW) {
			plan = (const char *)sqlite3_column_text(st, 3);
			steps++;
			if ((strncmp(plan, "SCAN", 4) == 0 && i != SQL_CHANGED) || strstr(plan, "TEMP B-TREE") != NULL)
				fail_msg("%s: %s", plan, sql_text[i]);
			if (i == SQL_BAD || i == SQL_COUNT_BAD)
				assert_non_null(strstr(plan, "file_bad"));
		}
		sqlite3_finalize(st);
	}
	assert_true(steps >= 15);
	index_close(ix);
}

static int
teardown(void **state)
{
	(void)state;
	remove_state();
	rmdir(dir);
	return 0;
}

static uint64_t
changed(struct index *ix, int source)
{
	const struct source *asked = &sources[source];
	struct err e = { 0 };
	uint64_t n;

	assert_int_equal(index_changed(ix, &asked, 1, &n, &e), 0);
	return n;
}

/* Answers that were kept go by this number: it is another one after whatever changes an answer, and only then. */
static void
changes_are_numbered(void **s)
{
	const struct source *both[] = { &sources[0], &sources[1] };
	struct index_file late = file_of(0, "late", T0 - 300, 10), replaced = file_of(0, "a", T0, 10);
	struct index *ix = open_new();
	struct err e = { 0 };
	struct window slot = { T0, T0 + 300 }, earlier = { T0 - 300, T0 };
	uint64_t before, other, all, last, mark, mark_before, mark_after;

	(void)s;
	assert_int_equal(changed(ix, 0), 0);
	add(ix, file_of(0, "a", T0, 10));
	add(ix, file_of(1, "a", T0, 10));
	assert_int_equal(index_changed(ix, both, 2, &all, &e), 0);
	before = changed(ix, 0);
	other = changed(ix, 1);
	assert_int_equal(all, before + other);
	assert_int_equal(index_note(ix, &sources[0], 3, "slow", NULL, &e), 0);
	assert_int_equal(changed(ix, 0), before);
	add(ix, late);
	assert_true(changed(ix, 0) > before);
	assert_int_equal(changed(ix, 1), other);
	before = changed(ix, 0);
	assert_int_equal(index_mark(ix, &slot, &sources[0], &mark, &e), 0);
	assert_int_equal(index_mark(ix, &earlier, &sources[0], &mark_before, &e), 0);
	assert_int_not_equal(mark, mark_before);
	/* As many flows in another file of that name. */
	replaced.stamp.ino++;
	add(ix, replaced);
	assert_true(changed(ix, 0) > before);
	assert_int_equal(index_mark(ix, &slot, &sources[0], &mark_after, &e), 0);
	assert_int_not_equal(mark_after, mark);
	assert_int_equal(index_mark(ix, &earlier, &sources[0], &mark, &e), 0);
	assert_int_equal(mark, mark_before);
	before = changed(ix, 0);
	assert_int_equal(index_gone(ix, &sources[0], "late", true, &e), 0);
	assert_true(changed(ix, 0) > before);
	last = changed(ix, 0);
	assert_int_equal(index_changed(ix, both, 2, &before, &e), 0);
	assert_int_not_equal(before, all);
	index_close(ix);
	ix = open_new();
	add(ix, file_of(0, "a", T0, 10));
	assert_true(changed(ix, 0) > last);
	index_close(ix);
}

/* What the files of a slot say of themselves is added up; the newest says when the slot was written. */
static void
health_is_of_all_files_of_a_slot(void **state)
{
	struct index *ix = open_new();
	struct index_file f = file_of(0, "a", T0, 1), g = file_of(0, "b", T0, 1), h = file_of(0, "c", T0 + 300, 1);
	const struct window w = { T0, T0 + 600 }, later = { T0 + 300, T0 + 600 };
	struct arena *a = arena_new();
	struct slot_health *slots;
	struct err e = { 0 };
	size_t n;

	(void)state;
	f.faults = 2;
	f.sequence_failures = 30;
	f.reason = "cut";
	f.stamp.mtime_nsec = 1763640400 * INT64_C(1000000000) + 5;
	g.broken = true;
	g.reason = "no file of nfcapd";
	g.faults = 1;
	g.sequence_failures = 4;
	g.stamp.mtime_nsec = 1763640300 * INT64_C(1000000000);
	h.stamp.mtime_nsec = 1763640605 * INT64_C(1000000000);
	add(ix, h);
	add(ix, f);
	add(ix, g);
	assert_int_equal(index_health(ix, &w, &sources[0], a, &slots, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(slots[0].start, T0);
	assert_int_equal(slots[0].broken, 1);
	assert_int_equal(slots[0].faults, 3);
	assert_int_equal(slots[0].sequence_failures, 34);
	assert_int_equal(slots[0].written, 1763640400);
	assert_int_equal(slots[1].start, T0 + 300);
	assert_int_equal(slots[1].broken + slots[1].faults, 0);
	assert_int_equal(slots[1].written, 1763640605);
	assert_int_equal(index_health(ix, &later, &sources[0], a, &slots, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(index_health(ix, &w, &sources[1], a, &slots, &n, &e), 0);
	assert_int_equal(n, 0);
	arena_free(a);
	index_close(ix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slot_is_the_sum_of_its_files),
		cmocka_unit_test(same_name_again_replaces),
		cmocka_unit_test(broken_file_has_a_reason_and_no_totals),
		cmocka_unit_test(slots_come_by_time_and_source),
		cmocka_unit_test(renamed_file_is_counted_once),
		cmocka_unit_test(second_of_two_equal_hours_leaves_the_first),
		cmocka_unit_test(the_earliest_change_is_kept_for_the_rrd),
		cmocka_unit_test(a_killed_writer_is_known),
		cmocka_unit_test(stamp_and_notes_are_kept),
		cmocka_unit_test(reader_sees_databases_come_and_go),
		cmocka_unit_test(reader_writes_nothing),
		cmocka_unit_test(second_writer_is_refused),
		cmocka_unit_test(a_damaged_database_is_set_aside),
		cmocka_unit_test(foreign_and_newer_databases_are_refused),
		cmocka_unit_test(counters_stay_at_the_top),
		cmocka_unit_test(changes_are_numbered),
		cmocka_unit_test(statements_use_indexes),
		cmocka_unit_test(health_is_of_all_files_of_a_slot),
	};

	if (mkdtemp(dir) == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, teardown);
}
