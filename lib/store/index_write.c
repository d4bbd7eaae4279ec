/* What the daemon puts into the index. */
#include "store/sql.h"

#include <time.h>

int
sql_begin(struct index *ix, struct err *e)
{
	return sql_run(ix, sql_start(ix, e, SQL_BEGIN, ""), e);
}

int
sql_begin_read(struct index *ix, struct err *e)
{
	return sql_run(ix, sql_start(ix, e, SQL_BEGIN_READ, ""), e);
}

/* Commits when all went well, else takes everything back. */
int
sql_end(struct index *ix, int rc, struct err *e)
{
	struct err ignored = { 0 };

	if (rc == 0 && sql_run(ix, sql_start(ix, e, SQL_COMMIT, ""), e) == 0)
		return 0;
	if (!sqlite3_get_autocommit(ix->db))
		sql_run(ix, sql_start(ix, &ignored, SQL_ROLLBACK, ""), &ignored);
	return -1;
}

/* The real time, whatever clock a test has: an index that is made anew goes on from there, too. */
int
sql_end_changed(struct index *ix, int64_t source, int rc, struct err *e)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (rc == 0)
		rc = sql_run(ix, sql_start(ix, e, SQL_SET_CHANGED, "ii",
		    (int64_t)now.tv_sec * 1000000000 + now.tv_nsec, source), e);
	return sql_end(ix, rc, e);
}

/* The row of a file. */
struct old {
	int64_t id, start;		/* id 0: there is none */
	enum file_state state;
	struct stamp stamp;
};

static int
find(struct index *ix, int64_t source, const char *name, struct old *old, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_FILE_FIND, "is", source, name);
	int rc;

	*old = (struct old){ 0 };
	if (st == NULL || (rc = sql_row(ix, st, e)) == -1)
		return -1;
	if (rc == 0)
		return 0;
	old->id = sqlite3_column_int64(st, 0);
	old->start = sqlite3_column_int64(st, 1);
	old->state = (enum file_state)sqlite3_column_int(st, 2);
	old->stamp.size = sqlite3_column_int64(st, 3);
	old->stamp.mtime_nsec = sqlite3_column_int64(st, 4);
	old->stamp.dev = (uint64_t)sqlite3_column_int64(st, 5);
	old->stamp.ino = (uint64_t)sqlite3_column_int64(st, 6);
	sqlite3_reset(st);
	return 1;
}

/* Of what expired only the file is known, lest it be read again and again. */
static bool
expired(const struct index *ix, int64_t start)
{
	return start < ix->kept[LEVEL_FILE];
}

/*
 * The slot is always the sum of its files, never added to or taken from, so
 * nothing can drift.  No file left: no data, which is not the same as zero.
 */
static int
sum_slot(struct index *ix, int64_t source, int64_t start, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_FILE_SUM, "ii", source, start);
	struct traffic sum = { 0 }, one;
	int64_t files = 0;
	int rc;

	if (st == NULL)
		return -1;
	if (expired(ix, start))
		return 0;
	while ((rc = sql_row(ix, st, e)) == 1) {
		sql_totals(st, 0, &one);
		sql_add_totals(&sum, &one);
		files++;
	}
	if (rc == -1)
		return -1;
	if (files == 0)
		return sql_run(ix, sql_start(ix, e, SQL_SLOT_DROP, "ii", source, start), e);
	if ((st = sql_start(ix, e, SQL_SLOT_PUT, "iii", source, start, files)) == NULL)
		return -1;
	sql_bind_totals(st, 4, &sum);
	return sql_run(ix, st, e);
}

/* An RRD takes values in order of time only: it has to know the earliest of what is new. */
static int
note_changed(struct index *ix, int64_t source, int64_t start, struct err *e)
{
	return expired(ix, start) ? 0 : sql_run(ix, sql_start(ix, e, SQL_RRD_CHANGED, "ii", start + 1, source), e);
}

/* What is known of the flows of the file's last version goes, also when it stood in another slot. */
static int
put_summary(struct index *ix, int64_t source, const struct old *old, const struct index_file *f,
    struct err *e)
{
	int64_t id = old->id != 0 ? old->id : sqlite3_last_insert_rowid(ix->db);

	if (old->id != 0 && !expired(ix, old->start) && sql_summary_drop(ix, source, old->start, id, e) == -1)
		return -1;
	if (f->broken)
		return 0;
	/* Of a file of what expired it stays unknown which addresses it has. */
	return expired(ix, f->start) ? sql_presence_put(ix, source, f->start, id, NULL, e) :
	    sql_summary_put(ix, source, f->start, id, f->summary, e);
}

/* Totals and times of the collector's own sum, as varints. */
static void
put_stat(const struct file_facts *f, struct strbuf *sb)
{
	for (int c = 0; c < PROTO_CLASSES; c++) {
		sql_varint(sb, f->stat.by[c].flows);
		sql_varint(sb, f->stat.by[c].packets);
		sql_varint(sb, f->stat.by[c].bytes);
	}
	sql_varint(sb, f->stat_first_msec);
	sql_varint(sb, f->stat_last_msec);
}

static bool
stat_is_as_counted(const struct index_file *f)
{
	return memcmp(&f->facts->stat, &f->traffic, sizeof(f->traffic)) == 0 &&
	    f->facts->stat_first_msec == f->first_msec && f->facts->stat_last_msec == f->last_msec;
}

/* Binds what is known of a file besides its flows, from a parameter's number on; stat must live until the end. */
static void
bind_facts(sqlite3_stmt *st, int n, const struct index_file *f, struct strbuf *stat)
{
	const struct file_facts *facts = f->facts;

	sqlite3_bind_int64(st, n, facts != NULL && !f->broken ? sql_clamp(facts->records) : -1);
	sqlite3_bind_int64(st, n + 1, facts != NULL ? sql_clamp(facts->raw_bytes) : 0);
	sqlite3_bind_int64(st, n + 2, facts != NULL ? sql_clamp(facts->blocks_skipped) : 0);
	sqlite3_bind_int64(st, n + 3, facts != NULL ? sql_clamp(facts->outpackets) : 0);
	sqlite3_bind_int64(st, n + 4, facts != NULL ? sql_clamp(facts->outbytes) : 0);
	sqlite3_bind_int64(st, n + 5, facts != NULL ? facts->v4 | facts->v6 << 1 : 3);
	sqlite3_bind_text(st, n + 6, facts != NULL && facts->ident[0] != '\0' ? facts->ident : NULL, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, n + 7, facts != NULL && facts->has_stat);
	sqlite3_bind_null(st, n + 8);
	if (facts == NULL || !facts->has_stat || stat_is_as_counted(f))
		return;
	put_stat(facts, stat);
	sqlite3_bind_blob(st, n + 8, stat->s, (int)stat->len, SQLITE_STATIC);
}

static int
put_file(struct index *ix, int64_t source, int64_t id, const struct index_file *f, struct err *e)
{
	static const struct traffic nothing;
	int64_t state = f->broken ? FILE_BROKEN : FILE_FINE;
	struct strbuf stat = { 0 };
	int rc;
	sqlite3_stmt *st = sql_start(ix, e, SQL_FILE_PUT, "iisiiiiiiisiii", id, source, f->name,
	    f->start, f->stamp.size, f->stamp.mtime_nsec, (int64_t)f->stamp.dev,
	    (int64_t)f->stamp.ino, state, (int64_t)f->faults, f->reason, (int64_t)f->first_msec,
	    (int64_t)f->last_msec, (int64_t)f->sequence_failures);

	if (st == NULL)
		return -1;
	sql_bind_totals(st, 15, f->broken ? &nothing : &f->traffic);
	bind_facts(st, 15 + 3 * PROTO_CLASSES, f, &stat);
	rc = sql_run(ix, st, e);
	strbuf_free(&stat);
	return rc;
}

/*
 * A file that was renamed or moved to another folder is gone under its old name,
 * and its totals are not to be counted twice.  A copy of which the original is
 * still there is another file.
 */
static int
drop_renamed(struct index *ix, int64_t source, const struct index_file *f, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_FILE_RENAMED, "iiiii", source, f->stamp.mtime_nsec,
	    f->stamp.size, (int64_t)f->stamp.ino, f->start);
	int64_t id, start;
	int rc;

	if (st == NULL || (rc = sql_row(ix, st, e)) != 1)
		return st == NULL ? -1 : rc;
	id = sqlite3_column_int64(st, 0);
	start = sqlite3_column_int64(st, 1);
	sqlite3_reset(st);
	if ((!expired(ix, start) && sql_summary_drop(ix, source, start, id, e) == -1) ||
	    sql_run(ix, sql_start(ix, e, SQL_FILE_DROP, "i", id), e) == -1 ||
	    note_changed(ix, source, start, e) == -1)
		return -1;
	return sum_slot(ix, source, start, e);
}

/*
 * In the hour that clocks repeat, a collector's second file takes the place of its
 * first and its name.  The first is gone, its slot stays.
 */
static bool
is_second(const struct old *old, const struct index_file *f)
{
	return old->id != 0 && old->state != FILE_BROKEN && !f->broken && f->start > old->start &&
	    (f->start - old->start) % 1800 == 0 && old->stamp.ino != f->stamp.ino;
}

static int
keep_first(struct index *ix, struct old *old, struct err *e)
{
	if (sql_run(ix, sql_start(ix, e, SQL_FILE_ASIDE, "i", old->id), e) == -1)
		return -1;
	*old = (struct old){ 0 };
	return 0;
}

static int
add(struct index *ix, int64_t source, const struct index_file *f, struct err *e)
{
	struct old old;

	if (find(ix, source, f->name, &old, e) == -1 ||
	    (old.id == 0 && !f->broken && drop_renamed(ix, source, f, e) == -1) ||
	    (is_second(&old, f) && keep_first(ix, &old, e) == -1))
		return -1;
	if ((!f->broken || old.id != 0) && note_changed(ix, source, f->start, e) == -1)
		return -1;
	if (put_file(ix, source, old.id, f, e) == -1 ||
	    put_summary(ix, source, &old, f, e) == -1 || sum_slot(ix, source, f->start, e) == -1)
		return -1;
	if (old.id == 0 || old.start == f->start)
		return 0;
	return note_changed(ix, source, old.start, e) == -1 ? -1 : sum_slot(ix, source, old.start, e);
}

int
index_add(struct index *ix, const struct index_file *f, struct err *e)
{
	int64_t source = sql_source(ix, f->source, e);

	if (source == -1 || sql_begin(ix, e) == -1)
		return -1;
	return sql_end_changed(ix, source, add(ix, source, f, e), e);
}

static int
gone(struct index *ix, int64_t source, const char *name, bool is_gone, struct err *e)
{
	struct old old;

	if (find(ix, source, name, &old, e) == -1)
		return -1;
	if (old.id == 0)
		return 0;
	if (old.state == FILE_BROKEN || expired(ix, old.start))
		return !is_gone ? 0 : sql_run(ix, sql_start(ix, e, SQL_FILE_DROP, "i", old.id), e);
	return sql_run(ix, sql_start(ix, e, SQL_FILE_STATE, "ii",
	    (int64_t)(is_gone ? FILE_GONE : FILE_FINE), old.id), e);
}

int
index_gone(struct index *ix, const struct source *src, const char *name, bool is_gone,
    struct err *e)
{
	int64_t source = sql_source(ix, src, e);

	if (source == -1 || sql_begin(ix, e) == -1)
		return -1;
	return sql_end_changed(ix, source, gone(ix, source, name, is_gone, e), e);
}

int
index_stamp(struct index *ix, const struct source *src, const char *name, struct stamp *stamp,
    struct err *e)
{
	struct old old;
	int64_t source;
	int rc;

	if ((rc = sql_refresh(ix, e)) != 1 || (source = sql_source(ix, src, e)) == -1)
		return rc != 1 ? rc : -1;
	if ((rc = find(ix, source, name, &old, e)) == 1)
		*stamp = old.stamp;
	return rc;
}

int
index_note(struct index *ix, const struct source *src, size_t backlog, const char *trouble,
    const char *collector, struct err *e)
{
	int64_t source = sql_source(ix, src, e);

	if (source == -1)
		return -1;
	return sql_run(ix, sql_start(ix, e, SQL_NOTE, "iissi", when_now(), (int64_t)backlog,
	    trouble, collector, source), e);
}

int
index_rrd_since(struct index *ix, const struct source *src, int64_t *start, struct err *e)
{
	int64_t source = sql_source(ix, src, e);
	sqlite3_stmt *st;
	int rc;

	if (source == -1 || (st = sql_start(ix, e, SQL_STALE, "i", source)) == NULL ||
	    (rc = sql_row(ix, st, e)) == -1)
		return -1;
	*start = rc == 1 ? sqlite3_column_int64(st, 0) - 1 : -1;
	sqlite3_reset(st);
	return *start >= 0;
}

static int
set_stale(struct index *ix, const struct source *src, int64_t value, struct err *e)
{
	int64_t source = sql_source(ix, src, e);

	return source == -1 ? -1 : sql_run(ix, sql_start(ix, e, SQL_SET_STALE, "ii", value, source), e);
}

int
index_set_rrd_done(struct index *ix, const struct source *src, struct err *e)
{
	return set_stale(ix, src, 0, e);
}

int
index_set_rrd_stale(struct index *ix, const struct source *src, struct err *e)
{
	return set_stale(ix, src, 1, e);
}
