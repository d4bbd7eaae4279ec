/*
 * The index's statements, in one table, so that a test can ask SQLite how it
 * would run each.  Private to lib/store.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <sqlite3.h>

#include "store/index.h"

#define SCHEMA_VERSION	5
#define APPLICATION_ID	0x464c4f57	/* "FLOW" */

enum file_state { FILE_FINE, FILE_BROKEN, FILE_GONE };

enum sql {
	SQL_SOURCE, SQL_SOURCE_ADD,
	SQL_FILE_FIND, SQL_FILE_PUT, SQL_FILE_DROP, SQL_FILE_RENAMED, SQL_FILE_ASIDE, SQL_FILE_STATE, SQL_FILE_SUM, SQL_FILES,
	SQL_SLOT_PUT, SQL_SLOT_DROP,
	SQL_WINDOW_FILES, SQL_WINDOW_FACTS, SQL_WINDOW_SLOTS, SQL_REPLAY, SQL_OLDEST, SQL_NEWEST,
	SQL_COUNT_FILES, SQL_COUNT_BAD, SQL_BAD, SQL_WORD, SQL_NOTE,
	SQL_STALE, SQL_SET_STALE, SQL_RRD_CHANGED, SQL_SET_CHANGED, SQL_CHANGED,
	SQL_DIGEST_PUT, SQL_DIGEST_DROP, SQL_WINDOW_SUMS, SQL_WINDOW_MARK, SQL_WINDOW_DIGESTS, SQL_FILE_FLOWS, SQL_OWNED,
	SQL_WINDOW_HEALTH,
	SQL_TOP_PUT, SQL_TOP_DROP, SQL_TOP_FILES, SQL_TOP_SLOT, SQL_TOP_SUM,
	SQL_RUN_PUT, SQL_RUN_DROP, SQL_RUNS, SQL_RUN_BYTES, SQL_FILE_BYTES,
	SQL_PRESENCE_PUT, SQL_PRESENCE_DROP, SQL_PRESENCE_AT, SQL_PRESENCE_AFTER,
	SQL_PENDING_PUT, SQL_PENDING_NEXT, SQL_PENDING_DROP,
	SQL_KEPT, SQL_KEPT_PUT, SQL_OLDEST_TOP, SQL_OLDEST_RUN, SQL_PENDING_OLDEST,
	SQL_EXPIRE_SLOT, SQL_EXPIRE_DIGEST, SQL_EXPIRE_FILE, SQL_EXPIRE_TOP, SQL_EXPIRE_RUN, SQL_EXPIRE_PRESENCE,
	SQL_FORGET_SIEVE, SQL_NEWEST_FILE,
	SQL_LAST_ID, SQL_CHECK_NEXT, SQL_CHECK_FILE, SQL_CHECK_SLOT, SQL_CHECK_TOP, SQL_CHECKED,
	SQL_BEGIN, SQL_BEGIN_READ, SQL_COMMIT, SQL_ROLLBACK,
	SQLS
};

extern const char *const sql_text[SQLS];

/* Sums of slots are kept of files, hours and days of UTC. */
enum { LEVEL_FILE, LEVEL_HOUR, LEVEL_DAY, LEVEL_SIEVE, LEVELS = LEVEL_SIEVE };
extern const int64_t level_seconds[];

struct index {
	const struct conf *conf;
	enum index_mode mode;
	char *path;
	int lock;			/* descriptor of the lock file, -1 for readers */
	sqlite3 *db;			/* NULL: there is no database yet */
	struct stamp file;		/* of the database that is open: dev and ino */
	bool unclean;			/* the writer before was killed */
	bool damaged;			/* SQLite found it so: the writer sets it aside */
	struct sized {			/* what files there were when the source had last changed so */
		int64_t changed, files, bytes;
	} *sized;			/* by source of the configuration; NULL: never asked */
	int64_t kept[LEVELS];		/* by level: the start from which on it has all its rows; sql_kept */
	sqlite3_stmt *statement[SQLS];
};

/*
 * The statement, ready to run, with its parameters bound: types has a letter
 * each, i (int64_t) or s (const char *, NULL allowed; it must live until the
 * statement is done).  NULL and err on failure.
 */
sqlite3_stmt *sql_start(struct index *, struct err *, enum sql, const char *types, ...);

/* Does SQLite's last error mean that the database is damaged?  Then it is noted, too. */
bool	sql_damaged(struct index *);

/* The next row: 1, 0 at the end, -1; the statement is reset unless 1. */
int	sql_row(struct index *, sqlite3_stmt *, struct err *);

/* Runs a statement that gives no rows. */
int	sql_run(struct index *, sqlite3_stmt *, struct err *);

/* Makes a reader see the database that is there now: 1, 0 when there is none, -1. */
int	sql_refresh(struct index *, struct err *);

/* The source's id in the database: 0 when it has none, -1. */
int64_t	sql_source(struct index *, const struct source *, struct err *);

/* The fifteen totals, in columns from `column` on; bind takes parameter numbers from 1. */
void	sql_totals(sqlite3_stmt *, int column, struct traffic *);
void	sql_bind_totals(sqlite3_stmt *, int parameter, const struct traffic *);

static inline int64_t
floor_to(int64_t t, int64_t unit)
{
	return t - ((t % unit) + unit) % unit;
}

int64_t	sql_clamp(uint64_t);			/* as much as a column holds */
void	sql_varint(struct strbuf *, uint64_t);	/* seven bits a byte, the lowest first; more follows where the eighth is set */

/* Slots of a period are counted by number, from the first that starts in it. */
struct period {
	int64_t first;
	size_t n;
};
struct period sql_period(const struct index *, int level, int64_t start);

/* Reads from when on the levels are kept, into index->kept: within a transaction, as rows expire. */
int	sql_kept(struct index *, struct err *);

/* Lowers `oldest` (0: none) to what sums of hours and days a source has of before. */
int	sql_reach(struct index *, const struct source *, int64_t *oldest, struct err *);

/* A transaction, for reading only or also for writing; sql_end commits when rc is 0, else takes everything back. */
int	sql_begin(struct index *, struct err *);
int	sql_begin_read(struct index *, struct err *);
int	sql_end(struct index *, int rc, struct err *);

/* The same of a transaction that changed what is known of a source: index_changed. */
int	sql_end_changed(struct index *, int64_t source, int rc, struct err *);

/* A file's summary within index_add's transaction. */
int	sql_summary_put(struct index *, int64_t source, int64_t start, int64_t file,
	    const struct summary *, struct err *);
int	sql_summary_drop(struct index *, int64_t source, int64_t start, int64_t file, struct err *);

/*
 * Shows each table of a dimension that a window of a source is made of, with the
 * time that it is of, within a transaction; t NULL: of that time they expired.  When
 * each returns false, those that the table is the sum of come instead, unless it is
 * the `last`.
 */
struct top_walk {
	bool (*each)(void *ctx, const struct toptable *t, const struct window *, bool last);
	void *ctx;
};
int	sql_top_walk(struct index *, const struct source *, const struct window *, enum top_dim,
	    const struct top_walk *, struct err *);

/*
 * Which addresses a file has, likewise; s NULL: it is not known.  merge puts the
 * runs of an hour's files, or a day's hours, into one.
 */
int	sql_presence_put(struct index *, int64_t source, int64_t start, int64_t file,
	    const struct addresses *, struct err *);
int	sql_presence_drop(struct index *, int64_t source, int64_t start, int64_t file, struct err *);
int	sql_presence_merge(struct index *, int level, int64_t source, int64_t start, struct err *);

/* Adds, staying at INT64_MAX, which is as much as a column holds. */
void	sql_add_totals(struct traffic *, const struct traffic *more);

#endif
