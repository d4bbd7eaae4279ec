/* Files read once more, against what the index has of them. */
#include "store/sql.h"

#include <inttypes.h>
#include <string.h>

/* Columns of SQL_CHECK_FILE after the totals. */
enum { COL_FIRST = 3 * PROTO_CLASSES, COL_LAST, COL_RECORDS, COL_ID, COL_START, COL_STATE, COL_SIZE, COL_MTIME };

int64_t
index_last_id(struct index *ix, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_LAST_ID, "");
	int64_t id = 0;
	int rc;

	if (st == NULL || (rc = sql_row(ix, st, e)) == -1)
		return -1;
	if (rc == 1)
		id = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return id;
}

int
index_check_next(struct index *ix, int64_t at, struct arena *a, const struct source **src, const char **name,
    int64_t *start, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_CHECK_NEXT, "i", at);
	int rc;

	if (st == NULL || (rc = sql_row(ix, st, e)) != 1)
		return st == NULL ? -1 : rc;
	*name = arena_strdup(a, (const char *)sqlite3_column_text(st, 0));
	*start = sqlite3_column_int64(st, 1);
	*src = conf_source(ix->conf, (const char *)sqlite3_column_text(st, 2));
	sqlite3_reset(st);
	return *src != NULL && *start >= ix->kept[LEVEL_FILE];
}

static const char *const metric_names[] = { "flows", "packets", "bytes" };

/* The first number that differs, in words. */
static bool
same_traffic(const struct traffic *indexed, const struct traffic *read, const char *of, struct strbuf *why)
{
	for (int c = 0; c < PROTO_CLASSES; c++) {
		const struct totals *a = &indexed->by[c], *b = &read->by[c];
		uint64_t has[] = { a->flows, a->packets, a->bytes }, found[] = { b->flows, b->packets, b->bytes };

		for (int m = 0; m < 3; m++)
			if (has[m] != (uint64_t)sql_clamp(found[m])) {
				strbuf_addf(why, "%s %" PRIu64 " %s (%s) in the index, %" PRIu64 " in the file", of, has[m],
				    metric_names[m], proto_class_names[c], found[m]);
				return false;
			}
	}
	return true;
}

/* The slot's row is the sum of its files, of which this may be one of several: 1, 0, -1. */
static int
check_slot(struct index *ix, int64_t source, const struct index_file *f, struct strbuf *why, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_FILE_SUM, "ii", source, f->start);
	struct traffic sum = { 0 }, one;
	int rc;

	if (st == NULL)
		return -1;
	while ((rc = sql_row(ix, st, e)) == 1) {
		sql_totals(st, 0, &one);
		sql_add_totals(&sum, &one);
	}
	if (rc == -1 || (st = sql_start(ix, e, SQL_CHECK_SLOT, "ii", source, f->start)) == NULL ||
	    (rc = sql_row(ix, st, e)) == -1)
		return -1;
	if (rc == 0) {
		strbuf_adds(why, "its slot is not in the index");
		return 0;
	}
	sql_totals(st, 0, &one);
	sqlite3_reset(st);
	return same_traffic(&one, &sum, "its slot has", why);
}

/* Tables that lost nothing when they were made, and by us, are the same each time: 1, 0, -1. */
static int
check_top(struct index *ix, int64_t source, int64_t id, const struct index_file *f, enum top_dim d,
    struct strbuf *why, struct err *e)
{
	const struct strbuf *made = &f->summary->top[d];
	sqlite3_stmt *st = sql_start(ix, e, SQL_CHECK_TOP, "iiii", source, f->start, id, (int64_t)d);
	struct arena *a = arena_new();
	struct toptable t;
	int rc = -1;

	if (st == NULL || toptable_decode(made->s, made->len, d, a, &t, e) == -1 || (rc = sql_row(ix, st, e)) == -1)
		rc = -1;
	else if (rc == 1) {
		for (size_t i = 0; i < t.n && rc == 1; i++)
			rc = top_row_exact(&t.row[i]) ? 1 : 2;
		if (toptable_is_older(sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0)))
			rc = 2;
		if (rc == 1 && ((size_t)sqlite3_column_bytes(st, 0) != made->len ||
		    memcmp(sqlite3_column_blob(st, 0), made->s, made->len) != 0))
			rc = 0;
	}
	sqlite3_reset(st);
	arena_free(a);
	if (rc == 0)
		strbuf_addf(why, "the top table by %s is not that of the file", top_dims[d].name);
	return rc == 2 ? 1 : rc;
}

static int
check_times(sqlite3_stmt *st, const struct index_file *f, struct strbuf *why)
{
	if (sqlite3_column_int64(st, COL_FIRST) == (int64_t)f->first_msec &&
	    sqlite3_column_int64(st, COL_LAST) == (int64_t)f->last_msec)
		return 1;
	strbuf_adds(why, "other times of the first and the last flow in the index than in the file");
	return 0;
}

int
index_check(struct index *ix, const struct index_file *f, struct strbuf *why, struct err *e)
{
	int64_t source = sql_source(ix, f->source, e), id;
	sqlite3_stmt *st;
	struct traffic has;
	int rc;

	if (source == -1 || (st = sql_start(ix, e, SQL_CHECK_FILE, "is", source, f->name)) == NULL ||
	    (rc = sql_row(ix, st, e)) == -1)
		return -1;
	/* Another version of the file, or of its settings, is for the lookout to see. */
	if (rc == 0 || sqlite3_column_int64(st, COL_STATE) != FILE_FINE ||
	    sqlite3_column_int64(st, COL_SIZE) != f->stamp.size ||
	    sqlite3_column_int64(st, COL_MTIME) != f->stamp.mtime_nsec) {
		sqlite3_reset(st);
		return 1;
	}
	id = sqlite3_column_int64(st, COL_ID);
	sql_totals(st, 0, &has);
	rc = same_traffic(&has, &f->traffic, "it has", why) && check_times(st, f, why);
	sqlite3_reset(st);
	if (rc == 1)
		rc = check_slot(ix, source, f, why, e);
	for (int d = 0; d < TOP_DIMS && rc == 1 && f->summary != NULL; d++)
		rc = check_top(ix, source, id, f, d, why, e);
	return rc;
}

int
index_check_note(struct index *ix, const struct source *src, const char *difference, struct err *e)
{
	int64_t source = sql_source(ix, src, e);

	return source == -1 ? -1 :
	    sql_run(ix, sql_start(ix, e, SQL_CHECKED, "isi", when_now(), difference, source), e);
}
