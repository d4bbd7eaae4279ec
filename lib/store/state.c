#include "store/state.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/conf.h"
#include "base/strbuf.h"
#include "base/when.h"
#include "store/guard.h"

static const char schema[] =
#include "state.sql.h"
;
static const char schema2[] =
#include "state2.sql.h"
;
static const char schema3[] =
#include "state3.sql.h"
;
static const char schema4[] =
#include "state4.sql.h"
;
static const char *const schemas[] = { schema, schema2, schema3, schema4 };

#define STATE_VERSION	((int)(sizeof(schemas) / sizeof(schemas[0])))
#define STATE_ID	0x464c5354	/* "FLST" */
#define BUSY_MSEC	5000
#define BUSY_PAUSE_MSEC	10
#define DIR_MODE	0750
#define NAME_CHARS	80
#define NOTE_CHARS	400
#define URL_BYTES	16384
#define LOG_SWEEP	256		/* lines between two looks for old ones */

const char *const saved_kinds[SAVED_KINDS] = { "query", "filter", "format" };
const char *const board_kinds[BOARD_KINDS] = { "dashboard", "notebook" };
const char *const pin_kinds[PIN_KINDS] = { "graph", "table", "note" };

struct state {
	sqlite3 *db;
	char *path;
	sqlite3_stmt *notes;	/* asked for with each picture: stays prepared */
	unsigned logged;
};

static int
failed(struct state *s, struct err *e)
{
	return err_set(e, ERR_SYSTEM, "%s: %s", s->path, sqlite3_errmsg(s->db));
}

static int
exec(struct state *s, const char *sql, struct err *e)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(s, e);
}

/*
 * While another process turns the database to WAL, or is its last and leaves it,
 * SQLite says at once that it is busy, whatever the timeout: so it is asked again.
 */
static int
set_up(struct state *s, struct err *e)
{
	static const char pragmas[] =
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON";
	struct timespec pause = { .tv_nsec = BUSY_PAUSE_MSEC * 1000000L };
	int rc = sqlite3_exec(s->db, pragmas, NULL, NULL, NULL);

	for (unsigned i = 0; rc == SQLITE_BUSY && i < BUSY_MSEC / BUSY_PAUSE_MSEC; i++) {
		nanosleep(&pause, NULL);
		rc = sqlite3_exec(s->db, pragmas, NULL, NULL, NULL);
	}
	return rc == SQLITE_OK ? 0 : failed(s, e);
}

/* From a version, 0 for none, to ours. */
static int
bring_up(struct state *s, int version, struct err *e)
{
	struct strbuf sql = { 0 };
	int rc;

	for (; version < STATE_VERSION; version++)
		strbuf_adds(&sql, schemas[version]);
	strbuf_addf(&sql, "; PRAGMA application_id = %d; PRAGMA user_version = %d", STATE_ID, STATE_VERSION);
	rc = exec(s, strbuf_text(&sql), e);
	strbuf_free(&sql);
	return rc;
}

/* Several processes may come at once to a new or an old database: the first one brings it up. */
static int
make_schema(struct state *s, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int version = -1, rc = 0;

	if (exec(s, "BEGIN IMMEDIATE", e) == -1)
		return -1;
	if (sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		version = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	if (version >= 0 && version < STATE_VERSION)
		rc = bring_up(s, version, e);
	else if (version != STATE_VERSION)
		rc = err_set(e, ERR_SYSTEM, "%s: has version %d; this Flowlight knows version %d", s->path, version,
		    STATE_VERSION);
	if (rc == 0)
		return exec(s, "COMMIT", e);
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int
state_make_dir(const char *dir)
{
	return mkdir(dir, DIR_MODE) == 0 || errno == EEXIST ? 0 : -1;
}

struct state *
state_open(const char *dir, struct err *e)
{
	struct state *s = xcalloc(1, sizeof(*s));
	struct strbuf path = { 0 };

	strbuf_addf(&path, "%s/state.db", dir);
	s->path = path.s;
	if (state_make_dir(dir) == -1)
		err_sys(e, "%s", dir);
	else if (sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
		failed(s, e);
	else {
		sqlite3_busy_timeout(s->db, BUSY_MSEC);
		if (set_up(s, e) == 0 && make_schema(s, e) == 0) {
			guard_connection(s->db, GUARD_ROWS);
			return s;
		}
	}
	state_close(s);
	return NULL;
}

void
state_close(struct state *s)
{
	if (s == NULL)
		return;
	sqlite3_finalize(s->notes);
	sqlite3_close(s->db);
	free(s->path);
	free(s);
}

/*
 * A statement with its parameters: types has a letter each, i (int64_t), s (const
 * char *, NULL allowed), b (const void *, size_t).  They must live until it is done.
 */
static sqlite3_stmt *
start(struct state *s, struct err *e, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	int n = 0;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK) {
		failed(s, e);
		return NULL;
	}
	va_start(ap, types);
	for (; *types != '\0'; types++)
		if (*types == 'i')
			sqlite3_bind_int64(st, ++n, va_arg(ap, int64_t));
		else if (*types == 's')
			sqlite3_bind_text(st, ++n, va_arg(ap, const char *), -1, SQLITE_STATIC);
		else {
			const void *p = va_arg(ap, const void *);

			sqlite3_bind_blob64(st, ++n, p, va_arg(ap, size_t), SQLITE_STATIC);
		}
	va_end(ap);
	return st;
}

/* 1 for a row, 0 at the end, -1; ended unless 1.  st NULL: it could not be started. */
static int
row(struct state *s, sqlite3_stmt *st, struct err *e)
{
	int rc = st != NULL ? sqlite3_step(st) : SQLITE_ERROR;

	if (rc == SQLITE_ROW)
		return 1;
	if (st != NULL && rc != SQLITE_DONE)
		failed(s, e);
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int
run(struct state *s, sqlite3_stmt *st, struct err *e)
{
	int rc;

	while ((rc = row(s, st, e)) == 1)
		;
	return rc;
}

/* Runs it; ERR_ABSENT when no row was changed. */
static int
run_one(struct state *s, sqlite3_stmt *st, const char *what, int64_t id, struct err *e)
{
	if (run(s, st, e) == -1)
		return -1;
	return sqlite3_changes(s->db) > 0 ? 0 :
	    err_set(e, ERR_ABSENT, "there is no %s %lld of yours", what, (long long)id);
}

static const char *
text(sqlite3_stmt *st, int column, struct arena *a)
{
	const char *s = (const char *)sqlite3_column_text(st, column);

	return s != NULL ? arena_strdup(a, s) : NULL;
}

static unsigned
word(sqlite3_stmt *st, int column, const char *const *words, unsigned n)
{
	const char *s = (const char *)sqlite3_column_text(st, column);

	for (unsigned i = 0; i < n; i++)
		if (s != NULL && strcmp(s, words[i]) == 0)
			return i;
	return 0;
}

/* Room for one more element of an arena's array that has n. */
static void *
grown(void *list, size_t n, size_t size, struct arena *a)
{
	void *more;

	if (n != 0 && (n & (n - 1)) != 0)
		return list;
	more = arena_array(a, n == 0 ? 1 : 2 * n, size);
	if (n != 0)
		memcpy(more, list, n * size);
	return more;
}

static int
check_text(const char *said, const char *what, size_t most, struct err *e)
{
	size_t n = 0;

	for (const char *p = said; *p != '\0'; p += utf8_length(p), n++)
		if (utf8_length(p) == 0 || (unsigned char)*p < ' ')
			return err_set(e, ERR_INPUT, "%s: holds a character that is none", what);
	if (n == 0 || n > most)
		return err_set(e, ERR_INPUT, "%s: must have 1 to %zu characters", what, most);
	return 0;
}

static int
check_name(const char *name, const char *what, struct err *e)
{
	return check_text(name, what, NAME_CHARS, e);
}

/* ---- saved ---- */

int
state_save(struct state *s, const struct saved *v, struct err *e)
{
	if (check_name(v->name, "name", e) == -1)
		return -1;
	if (strlen(v->value) > URL_BYTES)
		return err_set(e, ERR_INPUT, "value: is longer than %d bytes", URL_BYTES);
	if (run(s, start(s, e, "INSERT INTO saved (kind, name, value, owner, shared, made) SELECT ?1, ?2, ?3, ?4, ?5, ?6 "
	    "WHERE (SELECT count(*) FROM saved WHERE owner = ?4) < ?7 "
	    "OR EXISTS (SELECT 1 FROM saved WHERE owner = ?4 AND kind = ?1 AND name = ?2) "
	    "ON CONFLICT (owner, kind, name) DO UPDATE SET value = excluded.value, shared = excluded.shared, "
	    "made = excluded.made", "ssssiii", saved_kinds[v->kind], v->name, v->value, v->owner,
	    (int64_t)v->shared, when_now(), (int64_t)SAVED_MAX), e) == -1)
		return -1;
	return sqlite3_changes(s->db) > 0 ? 0 : err_set(e, ERR_INPUT, "name: %d are saved already; delete some first", SAVED_MAX);
}

int
state_saved(struct state *s, const char *user, struct arena *a, struct saved **list, size_t *n, struct err *e)
{
	sqlite3_stmt *st = start(s, e, "SELECT id, kind, name, value, owner, shared, made FROM saved "
	    "WHERE owner = ? OR shared ORDER BY name COLLATE NOCASE, id", "s", user);
	int rc;

	*list = NULL;
	for (*n = 0; (rc = row(s, st, e)) == 1; (*n)++) {
		*list = grown(*list, *n, sizeof(**list), a);
		(*list)[*n] = (struct saved){ sqlite3_column_int64(st, 0), word(st, 1, saved_kinds, SAVED_KINDS),
		    text(st, 2, a), text(st, 3, a), text(st, 4, a), sqlite3_column_int(st, 5) != 0,
		    sqlite3_column_int64(st, 6) };
	}
	return rc;
}

int
state_saved_delete(struct state *s, const struct actor *by, int64_t id, struct err *e)
{
	return run_one(s, start(s, e, "DELETE FROM saved WHERE id = ? AND (owner = ? OR ?)", "isi", id, by->user,
	    (int64_t)by->all), "saved item", id, e);
}

int
state_saved_share(struct state *s, const struct actor *by, int64_t id, bool shared, struct err *e)
{
	return run_one(s, start(s, e, "UPDATE saved SET shared = ? WHERE id = ? AND (owner = ? OR ?)", "iisi",
	    (int64_t)shared, id, by->user, (int64_t)by->all), "saved item", id, e);
}

/* ---- boards ---- */

int
state_board_add(struct state *s, const struct board *b, int64_t *id, struct err *e)
{
	sqlite3_stmt *st;
	int rc, found = 0;

	if (check_name(b->name, "board", e) == -1 ||
	    run(s, start(s, e, "INSERT INTO board (kind, name, owner, shared, made) SELECT ?1, ?2, ?3, ?4, ?5 "
	    "WHERE (SELECT count(*) FROM board WHERE owner = ?3) < ?6 ON CONFLICT DO NOTHING", "sssiii",
	    board_kinds[b->kind], b->name, b->owner, (int64_t)b->shared, when_now(), (int64_t)BOARDS_MAX), e) == -1)
		return -1;
	st = start(s, e, "SELECT id FROM board WHERE kind = ? AND name = ? AND owner = ?", "sss",
	    board_kinds[b->kind], b->name, b->owner);
	for (; (rc = row(s, st, e)) == 1; found = 1)
		*id = sqlite3_column_int64(st, 0);
	return rc == 0 && !found ?
	    err_set(e, ERR_INPUT, "board: there are %d already; delete some first", BOARDS_MAX) : rc;
}

#define BOARD_COLUMNS	"SELECT id, kind, name, owner, shared, made, " \
	"(SELECT count(*) FROM pin WHERE pin.board = board.id) FROM board WHERE "

static struct board
board_of(sqlite3_stmt *st, struct arena *a)
{
	return (struct board){ sqlite3_column_int64(st, 0), word(st, 1, board_kinds, BOARD_KINDS), text(st, 2, a),
	    text(st, 3, a), sqlite3_column_int(st, 4) != 0, sqlite3_column_int64(st, 5),
	    (size_t)sqlite3_column_int64(st, 6) };
}

int
state_boards(struct state *s, const char *user, struct arena *a, struct board **list, size_t *n, struct err *e)
{
	sqlite3_stmt *st = start(s, e, BOARD_COLUMNS "owner = ? OR shared ORDER BY name COLLATE NOCASE, id", "s", user);
	int rc;

	*list = NULL;
	for (*n = 0; (rc = row(s, st, e)) == 1; (*n)++) {
		*list = grown(*list, *n, sizeof(**list), a);
		(*list)[*n] = board_of(st, a);
	}
	return rc;
}

int
state_board(struct state *s, const char *user, int64_t id, struct arena *a, struct board *b, struct err *e)
{
	sqlite3_stmt *st = start(s, e, BOARD_COLUMNS "id = ? AND (owner = ? OR shared)", "is", id, user);
	int rc, found = 0;

	for (; (rc = row(s, st, e)) == 1; found = 1)
		*b = board_of(st, a);
	return rc == 0 && !found ? err_set(e, ERR_ABSENT, "there is no board %lld for you", (long long)id) : rc;
}

int
state_board_delete(struct state *s, const struct actor *by, int64_t id, struct err *e)
{
	return run_one(s, start(s, e, "DELETE FROM board WHERE id = ? AND (owner = ? OR ?)", "isi", id, by->user,
	    (int64_t)by->all), "board", id, e);
}

int
state_board_share(struct state *s, const struct actor *by, int64_t id, bool shared, struct err *e)
{
	return run_one(s, start(s, e, "UPDATE board SET shared = ? WHERE id = ? AND (owner = ? OR ?)", "iisi",
	    (int64_t)shared, id, by->user, (int64_t)by->all), "board", id, e);
}

/* ---- pins ---- */

int
state_pin_add(struct state *s, const struct actor *by, int64_t board, const struct pin *p, struct err *e)
{
	if (check_name(p->title, "title", e) == -1)
		return -1;
	if (p->size > PIN_BODY_MAX)
		return err_set(e, ERR_INPUT, "what is pinned has more than %d bytes", PIN_BODY_MAX);
	if (run(s, start(s, e, "INSERT INTO pin (board, place, kind, title, url, page, body, made) "
	    "SELECT id, 1 + (SELECT coalesce(max(place), 0) FROM pin WHERE board = ?1), ?2, ?3, ?4, ?5, ?6, ?7 "
	    "FROM board WHERE id = ?1 AND (owner = ?8 OR ?9) AND (SELECT count(*) FROM pin WHERE board = ?1) < ?10",
	    "issssbisii", board, pin_kinds[p->kind], p->title, p->url, p->page, p->body, p->size, when_now(),
	    by->user, (int64_t)by->all, (int64_t)PINS_MAX), e) == -1)
		return -1;
	return sqlite3_changes(s->db) > 0 ? 0 : err_set(e, ERR_INPUT,
	    "board: there is none %lld of yours, or it has %d pins already", (long long)board, PINS_MAX);
}

#define PIN_COLUMNS	"SELECT pin.id, pin.kind, pin.title, pin.url, pin.page, pin.body, pin.made, board.owner FROM pin " \
	"JOIN board ON board.id = pin.board WHERE (board.owner = ?1 OR board.shared) AND "

static struct pin
pin_of(sqlite3_stmt *st, struct arena *a)
{
	struct pin p = { sqlite3_column_int64(st, 0), word(st, 1, pin_kinds, PIN_KINDS), text(st, 2, a),
	    text(st, 3, a), text(st, 4, a), NULL, (size_t)sqlite3_column_bytes(st, 5), sqlite3_column_int64(st, 6),
	    text(st, 7, a) };
	const void *body = sqlite3_column_blob(st, 5);
	char *copy;

	if (body != NULL) {
		copy = arena_alloc(a, p.size + 1);	/* a NUL behind it, so that text can be read as such */
		memcpy(copy, body, p.size);
		p.body = copy;
	}
	return p;
}

int
state_pins(struct state *s, const char *user, int64_t board, struct arena *a, struct pin **list, size_t *n,
    struct err *e)
{
	sqlite3_stmt *st = start(s, e, PIN_COLUMNS "board.id = ?2 ORDER BY pin.place, pin.id", "si", user, board);
	int rc;

	*list = NULL;
	for (*n = 0; (rc = row(s, st, e)) == 1; (*n)++) {
		*list = grown(*list, *n, sizeof(**list), a);
		(*list)[*n] = pin_of(st, a);
	}
	return rc;
}

int
state_pin(struct state *s, const char *user, int64_t id, struct arena *a, struct pin *p, struct err *e)
{
	sqlite3_stmt *st = start(s, e, PIN_COLUMNS "pin.id = ?2", "si", user, id);
	int rc, found = 0;

	for (; (rc = row(s, st, e)) == 1; found = 1)
		*p = pin_of(st, a);
	return rc == 0 && !found ? err_set(e, ERR_ABSENT, "there is no pin %lld for you", (long long)id) : rc;
}

/* The board of a pin that the actor may change. */
static int
pin_board(struct state *s, const struct actor *by, int64_t id, int64_t *board, struct err *e)
{
	sqlite3_stmt *st = start(s, e, "SELECT board.id FROM pin JOIN board ON board.id = pin.board "
	    "WHERE pin.id = ? AND (board.owner = ? OR ?)", "isi", id, by->user, (int64_t)by->all);
	int rc, found = 0;

	for (; (rc = row(s, st, e)) == 1; found = 1)
		*board = sqlite3_column_int64(st, 0);
	return rc == 0 && !found ? err_set(e, ERR_ABSENT, "there is no pin %lld of yours", (long long)id) : rc;
}

int
state_pin_delete(struct state *s, const struct actor *by, int64_t id, int64_t *board, struct err *e)
{
	int64_t on;

	if (pin_board(s, by, id, &on, e) == -1)
		return -1;
	if (board != NULL)
		*board = on;
	return run(s, start(s, e, "DELETE FROM pin WHERE id = ?", "i", id), e);
}

int
state_pin_up(struct state *s, const struct actor *by, int64_t id, int64_t *board, struct err *e)
{
	static const char swap[] =
	    "WITH me AS (SELECT id, place, board FROM pin WHERE id = ?1), "
	    "above AS (SELECT pin.id, pin.place FROM pin, me WHERE pin.board = me.board AND pin.place < me.place "
	    "ORDER BY pin.place DESC LIMIT 1) "
	    "UPDATE pin SET place = CASE id WHEN ?1 THEN (SELECT place FROM above) ELSE (SELECT place FROM me) END "
	    "WHERE EXISTS (SELECT 1 FROM above) AND id IN ((SELECT id FROM me), (SELECT id FROM above))";
	int64_t on;

	if (pin_board(s, by, id, &on, e) == -1)
		return -1;
	if (board != NULL)
		*board = on;
	return run(s, start(s, e, swap, "i", id), e);
}

/* ---- notes ---- */

int
state_note_add(struct state *s, const struct note *n, struct err *e)
{
	if (check_text(n->text, "text", NOTE_CHARS, e) == -1)
		return -1;
	if (n->to < n->from)
		return err_set(e, ERR_INPUT, "to: lies before from");
	return run(s, start(s, e, "INSERT INTO note (start, until, source, text, owner, made) VALUES (?, ?, ?, ?, ?, ?)",
	    "iisssi", n->from, n->to, n->source, n->text, n->owner, when_now()), e);
}

int
state_notes(struct state *s, const struct window *w, const char *owner, const char *sources, struct arena *a,
    struct note **list, size_t *n, struct err *e)
{
	static const char sql[] = "SELECT id, start, until, source, text, owner, made FROM note WHERE until >= ?1 "
	    "AND start < ?2 AND (?3 IS NULL OR owner = ?3) ORDER BY start DESC, id DESC";
	sqlite3_stmt *st;
	int rc = SQLITE_DONE;

	*list = NULL;
	*n = 0;
	if (s->notes == NULL && sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->notes, NULL) != SQLITE_OK)
		return failed(s, e);
	st = s->notes;
	sqlite3_bind_int64(st, 1, w != NULL ? w->from : INT64_MIN);
	sqlite3_bind_int64(st, 2, w != NULL ? w->to : INT64_MAX);
	sqlite3_bind_text(st, 3, owner, -1, SQLITE_STATIC);
	while (*n < NOTES_MAX && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		const char *about = (const char *)sqlite3_column_text(st, 3);

		if (sources != NULL && about != NULL && !conf_listed(sources, about))
			continue;
		*list = grown(*list, *n, sizeof(**list), a);
		(*list)[(*n)++] = (struct note){ sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
		    sqlite3_column_int64(st, 2), text(st, 3, a), text(st, 4, a), text(st, 5, a),
		    sqlite3_column_int64(st, 6) };
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		failed(s, e);
	sqlite3_reset(st);
	for (size_t i = 0; i < *n / 2; i++) {
		struct note swap = (*list)[i];

		(*list)[i] = (*list)[*n - 1 - i];
		(*list)[*n - 1 - i] = swap;
	}
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : -1;
}

int
state_note_delete(struct state *s, const struct actor *by, int64_t id, struct err *e)
{
	return run_one(s, start(s, e, "DELETE FROM note WHERE id = ? AND (owner = ? OR ?)", "isi", id, by->user,
	    (int64_t)by->all), "note", id, e);
}

/* ---- who asked what ---- */

int
state_log(struct state *s, const struct log_line *q, unsigned days, struct err *e)
{
	if (days == 0)
		return 0;
	if (s->logged++ % LOG_SWEEP == 0 && run(s, start(s, e, "DELETE FROM asked WHERE at < ?", "i",
	    when_now() - (int64_t)days * 86400), e) == -1)
		return -1;
	return run(s, start(s, e, "INSERT INTO asked (at, user, role, what, msec, flows, status, kept) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)", "isssiiii", q->at, q->user, q->role, q->what, (int64_t)q->msec,
	    (int64_t)q->flows, (int64_t)q->status, (int64_t)q->kept), e);
}

int
state_asked(struct state *s, const char *user, int64_t before, size_t limit, struct arena *a,
    struct log_line **list, size_t *n, struct err *e)
{
	sqlite3_stmt *st = start(s, e, "SELECT at, user, role, what, msec, flows, status, kept FROM asked "
	    "WHERE (?1 IS NULL OR user = ?1) AND (?2 = 0 OR at < ?2) ORDER BY at DESC, id DESC LIMIT ?3", "sii",
	    user, before, (int64_t)limit);
	int rc;

	*list = NULL;
	for (*n = 0; (rc = row(s, st, e)) == 1; (*n)++) {
		*list = grown(*list, *n, sizeof(**list), a);
		(*list)[*n] = (struct log_line){ sqlite3_column_int64(st, 0), text(st, 1, a), text(st, 2, a),
		    text(st, 3, a), (uint64_t)sqlite3_column_int64(st, 4), (uint64_t)sqlite3_column_int64(st, 5),
		    sqlite3_column_int(st, 6), sqlite3_column_int(st, 7) != 0 };
	}
	return rc;
}
