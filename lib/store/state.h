/*
 * state.db: what people made (saved queries, filters and formats, dashboards, notebooks, notes)
 * and who asked what.  SQLite; flowlight.fcgi writes it, several processes at
 * once; it cannot be rebuilt and is the one to back up.
 *
 * Whose a thing is: the name that the web server gave, "" where it gives none.
 * Everybody sees his own things and those that are shared; only the owner, or
 * somebody with `all`, changes them: else ERR_ABSENT, as if it were not there.
 */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/when.h"

struct state;

/* Opens state.db in the directory; makes both where they are missing, and brings an older one up to date. */
struct state *state_open(const char *dir, struct err *);
/* Makes only the directory, where it is missing; -1 and errno when that may not be done. */
int	state_make_dir(const char *dir);
void	state_close(struct state *);		/* NULL is fine */

/* Who acts. */
struct actor {
	const char *user;		/* "" without a name */
	bool all;			/* may change what belongs to others */
};

/* ---- saved queries, filters and formats ---- */

enum saved_kind { SAVED_QUERY, SAVED_FILTER, SAVED_FORMAT, SAVED_KINDS };
extern const char *const saved_kinds[SAVED_KINDS];

struct saved {
	int64_t id;
	enum saved_kind kind;
	const char *name;		/* 1 to 80 characters; one of a kind for each owner */
	const char *value;		/* "/details?from=…", a filter's text, or "fmt:%ts %byt" */
	const char *owner;
	bool shared;
	int64_t made;
};

#define SAVED_MAX	1000		/* of an owner: pages have lists of them */

/* Puts it down; one of the same owner, kind and name is replaced.  id and made are not read. */
int	state_save(struct state *, const struct saved *, struct err *);

/* All that the user sees, by name. */
int	state_saved(struct state *, const char *user, struct arena *, struct saved **, size_t *n,
	    struct err *);
int	state_saved_delete(struct state *, const struct actor *, int64_t id, struct err *);
int	state_saved_share(struct state *, const struct actor *, int64_t id, bool shared, struct err *);

/* ---- boards ---- */

enum board_kind { BOARD_DASHBOARD, BOARD_NOTEBOOK, BOARD_KINDS };
extern const char *const board_kinds[BOARD_KINDS];

struct board {
	int64_t id;
	enum board_kind kind;
	const char *name, *owner;
	bool shared;
	int64_t made;
	size_t npins;
};

#define BOARDS_MAX	200		/* of an owner */

/* The board of that owner, kind and name: makes it if it is not there. */
int	state_board_add(struct state *, const struct board *, int64_t *id, struct err *);
int	state_boards(struct state *, const char *user, struct arena *, struct board **, size_t *n,
	    struct err *);
int	state_board(struct state *, const char *user, int64_t id, struct arena *, struct board *, struct err *);
int	state_board_delete(struct state *, const struct actor *, int64_t id, struct err *);
int	state_board_share(struct state *, const struct actor *, int64_t id, bool shared, struct err *);

#define PINS_MAX	40		/* of a board */
#define PIN_BODY_MAX	(1 << 20)	/* bytes */

enum pin_kind { PIN_GRAPH, PIN_TABLE, PIN_NOTE, PIN_KINDS };
extern const char *const pin_kinds[PIN_KINDS];

struct pin {
	int64_t id;
	enum pin_kind kind;
	const char *title;
	const char *url, *page;		/* NULL if none */
	const void *body;		/* NULL if none */
	size_t size;
	int64_t made;
	const char *owner;		/* of the board; not read when added */
};

/* At the end of a board that the actor may change. */
int	state_pin_add(struct state *, const struct actor *, int64_t board, const struct pin *, struct err *);

/* In their order. */
int	state_pins(struct state *, const char *user, int64_t board, struct arena *, struct pin **, size_t *n,
	    struct err *);
int	state_pin(struct state *, const char *user, int64_t id, struct arena *, struct pin *, struct err *);

/* *board (may be NULL) becomes the one that it is, or was, on. */
int	state_pin_delete(struct state *, const struct actor *, int64_t id, int64_t *board, struct err *);
int	state_pin_up(struct state *, const struct actor *, int64_t id, int64_t *board, struct err *);	/* by one place */

/* ---- notes on graphs ---- */

#define NOTES_MAX	200		/* of a graph */

struct note {
	int64_t id;			/* stands on graphs; never given again */
	int64_t from, to;		/* seconds since 1970 UTC; equal: a moment */
	const char *source;		/* a name; NULL: about all */
	const char *text;		/* 1 to 400 characters of one line */
	const char *owner;
	int64_t made;
};

/* id and made are not read. */
int	state_note_add(struct state *, const struct note *, struct err *);

/*
 * Those that touch the window, in the order of their times, not more than NOTES_MAX of the
 * newest.  window NULL: of all times; owner NULL: of everybody; sources, a comma list,
 * NULL: of all, else those about one of them or about all.
 */
int	state_notes(struct state *, const struct window *, const char *owner, const char *sources, struct arena *,
	    struct note **, size_t *n, struct err *);
int	state_note_delete(struct state *, const struct actor *, int64_t id, struct err *);

/* ---- who asked what ---- */

struct log_line {
	int64_t at;
	const char *user, *role, *what;
	uint64_t msec, flows;
	int status;
	bool kept;			/* the answer was there already */
};

/* Adds a line; now and then those older than so many days go (0: none is ever put down). */
int	state_log(struct state *, const struct log_line *, unsigned days, struct err *);

/* The newest first, at most `limit`, of before `before` (0: all); user NULL: of everybody. */
int	state_asked(struct state *, const char *user, int64_t before, size_t limit, struct arena *,
	    struct log_line **, size_t *n, struct err *);

#endif
