#include "store/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "store/guard.h"

static const char schema[] =
#include "schema.sql.h"
;
static const char schema2[] =
#include "schema2.sql.h"
;
static const char schema3[] =
#include "schema3.sql.h"
;
static const char schema4[] =
#include "schema4.sql.h"
;
static const char schema5[] =
#include "schema5.sql.h"
;

#define BUSY_MSEC	5000
#define DB_MODE		0640
#define READ_ANEW_BELOW	3	/* versions that know less of files */

/* Readers run as another user, who may not write: PERSIST_WAL leaves them the files that they need. */
static const char writer_pragmas[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "PRAGMA journal_size_limit = 16777216; PRAGMA secure_delete = 0; PRAGMA temp_store = MEMORY;";

static char *
path_of(const struct conf *cf, const char *name)
{
	struct strbuf sb = { 0 };

	strbuf_addf(&sb, "%s/%s", cf->state, name);
	return sb.s;
}

static bool
file_identity(const char *path, struct stamp *s)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return false;
	s->dev = (uint64_t)st.st_dev;
	s->ino = (uint64_t)st.st_ino;
	return true;
}

static bool
same_file(const struct stamp *a, const struct stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

static void
disconnect(struct index *ix)
{
	for (int i = 0; i < SQLS; i++) {
		sqlite3_finalize(ix->statement[i]);
		ix->statement[i] = NULL;
	}
	sqlite3_close(ix->db);
	ix->db = NULL;
}

static int
damaged(struct index *ix, struct err *e)
{
	return err_set(e, ERR_SYSTEM, "%s: %s%s", ix->path, sqlite3_errmsg(ix->db),
	    sql_damaged(ix) ? " (flowlightd sets it aside and makes it anew from the collector files)" : "");
}

/* A number that a PRAGMA without arguments gives. */
static int
pragma(struct index *ix, const char *sql, int64_t *value, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(ix->db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW) {
		*value = sqlite3_column_int64(st, 0);
		rc = 0;
	} else
		damaged(ix, e);
	sqlite3_finalize(st);
	return rc;
}

/* Whose database is it, and of which version?  The version, 0 for an empty one; -1. */
static int64_t
version(struct index *ix, struct err *e)
{
	int64_t id, v, tables;

	if (pragma(ix, "PRAGMA application_id", &id, e) == -1 ||
	    pragma(ix, "PRAGMA user_version", &v, e) == -1 ||
	    pragma(ix, "SELECT count(*) FROM sqlite_master", &tables, e) == -1)
		return -1;
	if (tables == 0)
		return 0;
	if (id != APPLICATION_ID)
		return err_set(e, ERR_SYSTEM, "%s: is not an index of Flowlight", ix->path);
	if (v > SCHEMA_VERSION)
		return err_set(e, ERR_SYSTEM, "%s: has version %lld, made by a newer Flowlight; "
		    "this one knows up to %d", ix->path, (long long)v, SCHEMA_VERSION);
	if (v < SCHEMA_VERSION && ix->mode == INDEX_READ)
		return err_set(e, ERR_SYSTEM, "%s: has version %lld, made by an older Flowlight; "
		    "flowlightd makes it anew when it starts", ix->path, (long long)v);
	return v;
}

static int
exec(struct index *ix, const char *sql, struct err *e)
{
	return sqlite3_exec(ix->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : damaged(ix, e);
}

/* From a version, 0 for none, to ours in one transaction: tables are there whole or not at all. */
static int
bring_up(struct index *ix, int64_t v, struct err *e)
{
	static const char *const to[SCHEMA_VERSION] = { schema, schema2, schema3, schema4, schema5 };

	if (v == SCHEMA_VERSION)
		return 0;
	if (exec(ix, "BEGIN IMMEDIATE", e) == -1)
		return -1;
	for (int64_t i = v; i < SCHEMA_VERSION; i++)
		if (exec(ix, to[i], e) == -1)
			return -1;
	return exec(ix, "COMMIT", e);
}

static int
prepare_writing(struct index *ix, struct err *e)
{
	int64_t v;
	int persist = 1;
	size_t i;

	sqlite3_file_control(ix->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	/* Only a database without tables takes auto_vacuum: pages of expired rows can be given back then. */
	if ((v = version(ix, e)) == -1 || (v == 0 && exec(ix, "PRAGMA auto_vacuum = INCREMENTAL", e) == -1) ||
	    exec(ix, writer_pragmas, e) == -1 || bring_up(ix, v, e) == -1)
		return -1;
	if (v > 0 && v < READ_ANEW_BELOW)
		log_info("%s: of version %lld: the collector files that are there are read anew",
		    ix->path, (long long)v);
	for (i = 0; i < ix->conf->nsources; i++)
		if (sql_run(ix, sql_start(ix, e, SQL_SOURCE_ADD, "s", ix->conf->sources[i].name),
		    e) == -1)
			return -1;
	return sql_kept(ix, e) == -1 ? -1 : 1;
}

/* Opens the database: 1, 0 when a reader finds none or an empty one, -1. */
static int
connect(struct index *ix, struct err *e)
{
	/* A reader has one thread, and SQLite need not lock for others. */
	int flags = ix->mode == INDEX_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE :
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
	int64_t v;
	int rc;

	if (sqlite3_open_v2(ix->path, &ix->db, flags, NULL) != SQLITE_OK) {
		err_set(e, ERR_SYSTEM, "%s: %s", ix->path, sqlite3_errmsg(ix->db));
		rc = -1;
	} else {
		sqlite3_busy_timeout(ix->db, BUSY_MSEC);
		if (ix->mode == INDEX_WRITE)
			rc = prepare_writing(ix, e);
		else
			rc = (v = version(ix, e)) > 0 ? 1 : (int)v;
		if (ix->mode == INDEX_READ)
			guard_connection(ix->db, GUARD_READ);
		if (!file_identity(ix->path, &ix->file))
			rc = rc == 1 ? 0 : rc;
	}
	if (rc != 1)
		disconnect(ix);
	return rc;
}

int
sql_refresh(struct index *ix, struct err *e)
{
	struct stamp now;
	int absent;

	if (ix->mode == INDEX_WRITE)
		return 1;
	if (!file_identity(ix->path, &now)) {
		absent = errno == ENOENT ? 0 : err_sys(e, "%s", ix->path);
		disconnect(ix);
		return absent;
	}
	if (ix->db != NULL && same_file(&now, &ix->file))
		return 1;
	disconnect(ix);
	return connect(ix, e);
}

bool
index_lost(const struct index *ix)
{
	struct stamp now;

	return ix->damaged || !file_identity(ix->path, &now) || !same_file(&now, &ix->file);
}

bool
index_unclean(const struct index *ix)
{
	return ix->unclean;
}

void
index_set_clean(struct index *ix)
{
	ix->unclean = false;
}

static int
lock_refused(const char *path, int fd, struct err *e)
{
	char holder[32] = "";
	ssize_t n = read(fd, holder, sizeof(holder) - 1);

	holder[n > 0 ? strcspn(holder, "\n") : 0] = '\0';
	return err_set(e, ERR_SYSTEM, "%s: another flowlightd%s%s is at work on this state directory",
	    path, holder[0] != '\0' ? ", process " : "", holder);
}

/*
 * The lock goes with the descriptor, so a daemon that was killed leaves none
 * behind, but its process number, also when the machine fell: an orderly end
 * empties the file.
 */
static int
lock_take(struct index *ix, struct err *e)
{
	char *path = path_of(ix->conf, "flowlightd.lock"), c;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, DB_MODE), rc = -1;

	if (fd == -1)
		err_sys(e, "%s", path);
	else if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno == EWOULDBLOCK)
			lock_refused(path, fd, e);
		else
			err_sys(e, "%s", path);
		close(fd);
	} else {
		ix->lock = fd;
		ix->unclean = read(fd, &c, 1) == 1;
		if (lseek(fd, 0, SEEK_SET) == -1 || ftruncate(fd, 0) == -1 ||
		    dprintf(fd, "%ld\n", (long)getpid()) < 0 || fsync(fd) == -1)
			err_sys(e, "%s", path);
		else
			rc = 0;
	}
	free(path);
	return rc;
}

/*
 * Deletes the database, or sets it aside, under the lock.  The journal goes
 * first: beside another database it would do harm.
 */
static int
put_away(const struct index *ix, const char *aside, struct err *e)
{
	static const char *const journals[] = { "index.db-wal", "index.db-shm" };
	char *path, *to;
	int rc = 0;

	for (size_t i = 0; i < sizeof(journals) / sizeof(journals[0]) && rc == 0; i++) {
		path = path_of(ix->conf, journals[i]);
		if (unlink(path) == -1 && errno != ENOENT)
			rc = err_sys(e, "%s", path);
		free(path);
	}
	if (rc == -1)
		return -1;
	if (aside == NULL)
		return unlink(ix->path) == 0 || errno == ENOENT ? 0 : err_sys(e, "%s", ix->path);
	to = path_of(ix->conf, aside);
	if ((rc = rename(ix->path, to)) == -1)
		err_sys(e, "%s", to);
	free(to);
	return rc;
}

static int
open_writer(struct index *ix, bool anew, struct err *e)
{
	if (file_mkdirs(ix->conf->state, 0750, e) == -1 || lock_take(ix, e) == -1 ||
	    (anew && put_away(ix, NULL, e) == -1))
		return -1;
	if (connect(ix, e) != -1)
		return 0;
	if (!ix->damaged || put_away(ix, "index.db.damaged", e) == -1)
		return -1;
	ix->damaged = false;
	return connect(ix, e) == -1 ? -1 : 0;
}

struct index *
index_open(const struct conf *cf, enum index_mode mode, struct err *e)
{
	struct index *ix = xcalloc(1, sizeof(*ix));
	int rc;

	ix->conf = cf;
	ix->mode = mode == INDEX_READ ? INDEX_READ : INDEX_WRITE;
	ix->lock = -1;
	ix->path = path_of(cf, "index.db");
	rc = mode == INDEX_READ ? sql_refresh(ix, e) : open_writer(ix, mode == INDEX_ANEW, e);
	if (rc == -1) {
		index_close(ix);
		return NULL;
	}
	return ix;
}

void
index_close(struct index *ix)
{
	struct err ignored = { 0 };

	if (ix == NULL)
		return;
	disconnect(ix);
	if (ix->lock != -1) {
		if (ix->damaged)
			put_away(ix, "index.db.damaged", &ignored);
		else if (!ix->unclean && ftruncate(ix->lock, 0) == -1)
			ix->unclean = true;	/* as the next writer will find */
		close(ix->lock);
	}
	free(ix->sized);
	free(ix->path);
	free(ix);
}
