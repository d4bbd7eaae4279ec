/* What files tell besides their flows, summed up. */
#include "store/sql.h"

#define TROUBLES	256

/* Columns of SQL_WINDOW_FACTS after the totals. */
enum {
	COL_STATE = 3 * PROTO_CLASSES, COL_FIRST, COL_LAST, COL_SEQUENCE, COL_RECORDS, COL_RAW_BYTES,
	COL_SKIPPED, COL_OUTPACKETS, COL_OUTBYTES, COL_FAMILIES, COL_FAULTS, COL_REASON, COL_NAME, COL_IDENT,
	COL_HAS_STAT, COL_STAT
};

static uint64_t
number(sqlite3_stmt *st, int column)
{
	return (uint64_t)sqlite3_column_int64(st, column);
}

static void
widen(uint64_t *first, uint64_t *last, uint64_t more_first, uint64_t more_last)
{
	if (more_first != 0 && (*first == 0 || more_first < *first))
		*first = more_first;
	if (more_last > *last)
		*last = more_last;
}

/* The numbers of a blob; false when it has others than so many. */
static bool
read_varints(const uint8_t *p, size_t size, uint64_t *to, size_t n)
{
	const uint8_t *end = p + size;
	unsigned shift;

	for (size_t i = 0; i < n; i++) {
		to[i] = 0;
		for (shift = 0; ; shift += 7) {
			if (p == end || shift > 63)
				return false;
			to[i] |= (uint64_t)(*p & 0x7f) << shift;
			if (*p++ < 0x80)
				break;
		}
	}
	return p == end;
}

/* What the collector says of a file, or as much as was counted where it says nothing. */
static int
add_stat(struct index *ix, sqlite3_stmt *st, const struct traffic *counted, struct files_facts *all, struct err *e)
{
	uint64_t v[3 * PROTO_CLASSES + 2], first = number(st, COL_FIRST), last = number(st, COL_LAST);
	struct traffic stat = *counted;

	if (sqlite3_column_int(st, COL_HAS_STAT) == 0)
		all->sum.has_stat = false;
	else if (sqlite3_column_type(st, COL_STAT) == SQLITE_BLOB) {
		if (!read_varints(sqlite3_column_blob(st, COL_STAT), (size_t)sqlite3_column_bytes(st, COL_STAT), v,
		    sizeof(v) / sizeof(v[0])))
			return err_set(e, ERR_DATA, "%s: the sum of a file is broken", ix->path);
		for (int c = 0; c < PROTO_CLASSES; c++)
			stat.by[c] = (struct totals){ v[3 * c], v[3 * c + 1], v[3 * c + 2] };
		first = v[3 * PROTO_CLASSES];
		last = v[3 * PROTO_CLASSES + 1];
	}
	sql_add_totals(&all->counted, &stat);
	widen(&all->counted_first_msec, &all->counted_last_msec, first, last);
	if (sqlite3_column_int(st, COL_HAS_STAT) != 0)
		widen(&all->sum.stat_first_msec, &all->sum.stat_last_msec, first, last);
	return 0;
}

static void
add_trouble(sqlite3_stmt *st, const struct source *src, struct arena *a, struct files_facts *all)
{
	const char *reason = (const char *)sqlite3_column_text(st, COL_REASON);

	if (sqlite3_column_int64(st, COL_FAULTS) == 0)
		return;
	all->ntrouble_all++;
	if (all->trouble == NULL)
		all->trouble = arena_array(a, TROUBLES, sizeof(*all->trouble));
	if (all->ntrouble == TROUBLES)
		return;
	all->trouble[all->ntrouble++] = (struct file_trouble){
		arena_printf(a, "%s/%s", src->dir, (const char *)sqlite3_column_text(st, COL_NAME)),
		arena_strdup(a, reason != NULL ? reason : ""), (size_t)sqlite3_column_int64(st, COL_FAULTS) };
}

static int
add_file(struct index *ix, sqlite3_stmt *st, const struct source *src, struct arena *a, struct files_facts *all,
    struct err *e)
{
	struct file_facts *sum = &all->sum;
	const char *ident = (const char *)sqlite3_column_text(st, COL_IDENT);
	uint64_t families = number(st, COL_FAMILIES);
	struct traffic one;

	sql_totals(st, 0, &one);
	sql_add_totals(&all->traffic, &one);
	if (all->files++ == 0)
		sum->ident = ident != NULL ? arena_strdup(a, ident) : "";
	all->gone += sqlite3_column_int(st, COL_STATE) == FILE_GONE;
	widen(&all->first_msec, &all->last_msec, number(st, COL_FIRST), number(st, COL_LAST));
	tally_plus(&all->sequence_failures, number(st, COL_SEQUENCE));
	if (sqlite3_column_int64(st, COL_RECORDS) < 0)
		all->complete = false;
	else
		tally_plus(&sum->records, number(st, COL_RECORDS));
	tally_plus(&sum->raw_bytes, number(st, COL_RAW_BYTES));
	tally_plus(&sum->blocks_skipped, number(st, COL_SKIPPED));
	tally_plus(&sum->outpackets, number(st, COL_OUTPACKETS));
	tally_plus(&sum->outbytes, number(st, COL_OUTBYTES));
	sum->v4 = sum->v4 || (families & 1) != 0;
	sum->v6 = sum->v6 || (families & 2) != 0;
	add_trouble(st, src, a, all);
	return add_stat(ix, st, &one, all, e);
}

static int
add_source(struct index *ix, const struct window *w, const struct source *src, struct arena *a,
    struct files_facts *all, struct err *e)
{
	int64_t id = sql_source(ix, src, e);
	sqlite3_stmt *st;
	int rc, failed = 0;

	if (id <= 0)
		return (int)id;
	if ((st = sql_start(ix, e, SQL_WINDOW_FACTS, "iii", id, w->from, w->to)) == NULL)
		return -1;
	while (failed == 0 && (rc = sql_row(ix, st, e)) == 1)
		failed = add_file(ix, st, src, a, all, e);
	sqlite3_reset(st);
	return failed == -1 ? -1 : rc;
}

int
index_facts(struct index *ix, const struct window *w, const struct source *const *sources, size_t nsources,
    struct arena *a, struct files_facts *all, struct err *e)
{
	int rc = sql_refresh(ix, e);

	*all = (struct files_facts){ .complete = true, .sum = { .ident = "", .has_stat = true } };
	if (rc != 1)
		return rc;
	if ((rc = sql_begin_read(ix, e)) == 0)
		rc = sql_kept(ix, e);
	for (size_t i = 0; i < nsources && rc == 0; i++)
		rc = add_source(ix, w, sources[i], a, all, e);
	all->complete = all->complete && w->from >= ix->kept[LEVEL_FILE];
	return sql_end(ix, rc, e);
}
