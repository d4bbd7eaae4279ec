/* Taking out of the index what is older than the configuration has it kept. */
#include "store/sql.h"

#define AGREE_SECONDS	86400	/* the clock, the newest slot and its flows may be so far apart */
#define PORTION		86400	/* of time, in a transaction */

/* The oldest start that a statement gives: 1, 0 when there is none, -1. */
static int
oldest_of(struct index *ix, sqlite3_stmt *st, int64_t *oldest, struct err *e)
{
	int rc;

	if (st == NULL || (rc = sql_row(ix, st, e)) == -1)
		return -1;
	if (rc == 1 && sqlite3_column_int64(st, 0) < *oldest)
		*oldest = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return rc;
}

int
sql_reach(struct index *ix, const struct source *src, int64_t *oldest, struct err *e)
{
	int64_t id = sql_source(ix, src, e), start = *oldest == 0 ? INT64_MAX : *oldest;

	if (id <= 0)
		return (int)id;
	for (int64_t level = LEVEL_HOUR; level <= LEVEL_DAY; level++)
		if (oldest_of(ix, sql_start(ix, e, SQL_OLDEST_TOP, "ii", level, id), &start, e) == -1 ||
		    oldest_of(ix, sql_start(ix, e, SQL_OLDEST_RUN, "ii", level, id), &start, e) == -1)
			return -1;
	*oldest = start == INT64_MAX ? 0 : start;
	return 0;
}

/* A source's oldest row of a level, INT64_MAX: none. */
static int
oldest_row(struct index *ix, int64_t level, int64_t source, int64_t *oldest, struct err *e)
{
	*oldest = INT64_MAX;
	if (oldest_of(ix, sql_start(ix, e, SQL_OLDEST_TOP, "ii", level, source), oldest, e) == -1 ||
	    oldest_of(ix, sql_start(ix, e, SQL_OLDEST_RUN, "ii", level, source), oldest, e) == -1)
		return -1;
	return level != LEVEL_FILE ? 0 : oldest_of(ix, sql_start(ix, e, SQL_OLDEST, "i", source), oldest, e);
}

/* Flows of the newest file that has any: its start, and when the last of them ended; 0 when there is none. */
static int
newest_file(struct index *ix, const struct source *src, int64_t until, int64_t *start, int64_t *last, struct err *e)
{
	int64_t id = sql_source(ix, src, e);
	sqlite3_stmt *st;
	int rc;

	*start = *last = 0;
	if (id <= 0)
		return (int)id;
	if ((st = sql_start(ix, e, SQL_NEWEST_FILE, "ii", id, until)) == NULL || (rc = sql_row(ix, st, e)) == -1)
		return -1;
	if (rc == 1) {
		*start = sqlite3_column_int64(st, 0);
		*last = sqlite3_column_int64(st, 1) / 1000;
	}
	sqlite3_reset(st);
	return 0;
}

static bool
agree(int64_t a, int64_t b)
{
	return a > b ? a - b <= AGREE_SECONDS : b - a <= AGREE_SECONDS;
}

/*
 * What time it is for the purpose of throwing away: 1, 0 when there is doubt, -1.
 * A collector names its files by the same clock that we read, so that a clock a
 * year ahead has files that agree with it; exporters have clocks of their own.
 */
static int
sure_time(struct index *ix, int64_t *now, struct err *e)
{
	const struct conf *cf = ix->conf;
	int64_t newest = 0, start, last;

	for (size_t i = 0; i < cf->nsources; i++) {
		if (newest_file(ix, &cf->sources[i], *now, &start, &last, e) == -1)
			return -1;
		if (start > newest && agree(start + cf->slot, last))
			newest = start;
	}
	if (newest == 0 || !agree(newest + cf->slot, *now))
		return 0;
	if (newest + cf->slot < *now)
		*now = newest + cf->slot;
	return 1;
}

/* Before when a level's rows may go: whole days, and none that a sum waits for. */
static int
limit_of(struct index *ix, int level, int64_t now, int64_t *until, struct err *e)
{
	const char *const ages[LEVELS] = { ix->conf->keep_slots, ix->conf->keep_hours, ix->conf->keep_days };
	int64_t seconds, waits = INT64_MAX;

	*until = INT64_MIN;
	if (ages[level] == NULL || conf_age(ages[level], &seconds) == -1 || seconds >= now)
		return 0;
	for (int64_t above = level + 1; above < LEVELS; above++)
		if (oldest_of(ix, sql_start(ix, e, SQL_PENDING_OLDEST, "i", above), &waits, e) == -1)
			return -1;
	*until = floor_to(now - seconds, 86400);
	if (floor_to(waits, 86400) < *until)
		*until = floor_to(waits, 86400);
	return 0;
}

static int
run_rows(struct index *ix, const enum sql *which, size_t n, int64_t level, int64_t source, int64_t until, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (sql_run(ix, sql_start(ix, e, which[i], "iii", level, source, until), e) == -1)
			return -1;
	return 0;
}

/*
 * Of sieves the note stays, that there were addresses of which nothing is known,
 * until the day's addresses go.
 */
static int
drop_rows(struct index *ix, int level, int64_t source, int64_t until, struct err *e)
{
	static const enum sql of_levels[] = { SQL_EXPIRE_TOP, SQL_EXPIRE_RUN, SQL_EXPIRE_PRESENCE };
	static const enum sql of_slots[] = { SQL_EXPIRE_SLOT, SQL_EXPIRE_DIGEST, SQL_EXPIRE_FILE, SQL_FORGET_SIEVE };
	size_t n = level == LEVEL_FILE ? sizeof(of_slots) / sizeof(of_slots[0]) : 0;

	if (run_rows(ix, of_levels, 3, level, source, until, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (sql_run(ix, sql_start(ix, e, of_slots[i], "ii", source, until), e) == -1)
			return -1;
	if (level == LEVEL_FILE)
		return run_rows(ix, &of_levels[2], 1, LEVEL_SIEVE, source, until, e);
	return level == LEVEL_DAY ? run_rows(ix, &of_levels[1], 1, LEVEL_SIEVE, source, until, e) : 0;
}

/* Takes out the oldest day of a level's rows of a source: 1, 0 when none is too old, -1. */
static int
expire_day(struct index *ix, int level, const struct source *src, int64_t until, struct err *e)
{
	int64_t id = sql_source(ix, src, e), oldest;

	if (id <= 0)
		return (int)id;
	if (oldest_row(ix, level, id, &oldest, e) == -1)
		return -1;
	if (oldest >= until)
		return 0;
	if (sql_begin(ix, e) == -1)
		return -1;
	oldest = floor_to(oldest, PORTION) + PORTION;
	return sql_end_changed(ix, id, drop_rows(ix, level, id, oldest < until ? oldest : until, e), e) == -1 ? -1 : 1;
}

/* The bound is put down before anything goes, so that nobody takes what is half gone for the whole. */
static int
set_kept(struct index *ix, int level, int64_t until, struct err *e)
{
	if (until <= ix->kept[level])
		return 0;
	if (sql_run(ix, sql_start(ix, e, SQL_KEPT_PUT, "ii", (int64_t)level, until), e) == -1)
		return -1;
	ix->kept[level] = until;
	return 0;
}

static int
expire_level(struct index *ix, int level, int64_t now, struct err *e)
{
	const struct conf *cf = ix->conf;
	int64_t until;
	int rc;

	if (limit_of(ix, level, now, &until, e) == -1 || set_kept(ix, level, until, e) == -1)
		return -1;
	for (size_t i = 0; i < cf->nsources; i++)
		if ((rc = expire_day(ix, level, &cf->sources[i], until, e)) != 0)
			return rc;
	return 0;
}

/* Free pages back to the file system, a portion at a time. */
static int
shrink(struct index *ix, struct err *e)
{
	if (sqlite3_exec(ix->db, "PRAGMA incremental_vacuum(2000)", NULL, NULL, NULL) == SQLITE_OK)
		return 1;
	return err_set(e, ERR_SYSTEM, "%s: %s", ix->path, sqlite3_errmsg(ix->db));
}

int
index_expire(struct index *ix, int64_t now, struct err *e)
{
	int rc = sure_time(ix, &now, e);

	if (rc != 1)
		return rc;
	for (int level = LEVEL_FILE; level < LEVELS; level++)
		if ((rc = expire_level(ix, level, now, e)) != 0)
			return rc == 1 ? shrink(ix, e) : -1;
	return 0;
}
