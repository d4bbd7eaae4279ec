/* In which slots was an address or a network seen? */
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

struct question {
	struct index *ix;
	int64_t source;
	struct window window;
	struct addr low, high;		/* the first and the last address asked for */
	bool one;			/* they are the same */
	struct seen_slots *answer;
	/* the run at hand */
	int64_t level, start, file;
	struct period period;
	uint8_t *slots;
};

static void
mark(struct question *q, int64_t number, uint8_t state)
{
	struct seen_slots *s = q->answer;
	int64_t i = number - s->from / q->ix->conf->slot;

	if (i >= 0 && (size_t)i < s->n && s->state[i] < state)
		s->state[i] = state;
}

static void
mark_slots(struct question *q)
{
	for (size_t i = 0; i < q->period.n; i++)
		if (q->slots[i / 8] >> i % 8 & 1)
			mark(q, q->period.first + (int64_t)i, SEEN);
}

static bool
after(const void *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*b)) > 0;
}

/* Looks through a block: 1 when there may be more in the next, 0, -1. */
static int
look(struct question *q, const uint8_t first[16], const void *block, size_t n, struct err *e)
{
	struct block_reader r;
	int rc;

	block_start(&r, first, block, n, q->level == LEVEL_FILE ? 0 : q->period.n);
	while ((rc = block_next(&r, q->slots)) == 1) {
		if (after(&r.addr, &q->high))
			return 0;
		if (memcmp(&r.addr, &q->low, sizeof(q->low)) >= 0)
			mark_slots(q);
	}
	return rc == 0 ? 1 : err_set(e, ERR_DATA, "%s: a block of addresses is broken", q->ix->path);
}

/* The block that a statement gives for a key, in `first` and looked through: 1 when there may be more, 0, -1. */
static int
look_at(struct question *q, enum sql which, const void *key, uint8_t first[16], struct err *e)
{
	sqlite3_stmt *st = sql_start(q->ix, e, which, "iiii", q->level, q->source, q->start, q->file);
	int rc;

	if (st == NULL)
		return -1;
	sqlite3_bind_blob(st, 5, key, 16, SQLITE_TRANSIENT);
	if ((rc = sql_row(q->ix, st, e)) != 1)
		return rc == 0 && which == SQL_PRESENCE_AT ? 1 : rc;
	memset(first, 0, 16);
	if (sqlite3_column_bytes(st, 0) == 16)
		memcpy(first, sqlite3_column_blob(st, 0), 16);
	rc = look(q, first, sqlite3_column_blob(st, 1), (size_t)sqlite3_column_bytes(st, 1), e);
	sqlite3_reset(st);
	return rc;
}

static int
ask_run(struct question *q, struct err *e)
{
	uint8_t first[16];
	int rc;

	memcpy(first, &q->low, sizeof(first));
	rc = look_at(q, SQL_PRESENCE_AT, &q->low, first, e);
	while (rc == 1 && !q->one)
		rc = look_at(q, SQL_PRESENCE_AFTER, first, first, e);
	return rc == -1 ? -1 : 0;
}

static int
ask_sieve(struct question *q, int64_t nblocks, struct err *e)
{
	uint8_t key[SIEVE_KEY], state = SEEN_NOT;
	sqlite3_stmt *st;
	int rc;

	if (nblocks == 0 || !q->one) {
		mark(q, q->start / q->ix->conf->slot, SEEN_UNKNOWN);
		return 0;
	}
	sieve_key(&q->low, (size_t)nblocks, key);
	if ((st = sql_start(q->ix, e, SQL_PRESENCE_AT, "iiii", q->level, q->source, q->start, q->file)) == NULL)
		return -1;
	sqlite3_bind_blob(st, 5, key, sizeof(key), SQLITE_STATIC);
	rc = sql_row(q->ix, st, e);
	if (rc != 1 || sqlite3_column_bytes(st, 0) != sizeof(key) || memcmp(sqlite3_column_blob(st, 0), key, sizeof(key)) != 0 ||
	    sieve_has(&q->low, sqlite3_column_blob(st, 1), (size_t)sqlite3_column_bytes(st, 1)))
		state = SEEN_POSSIBLY;
	sqlite3_reset(st);
	mark(q, q->start / q->ix->conf->slot, state);
	return rc == -1 ? -1 : 0;
}

/* What the merged runs have of a slot may be of a file that was replaced since. */
static void
doubt(struct question *q)
{
	struct seen_slots *s = q->answer;
	int64_t i = (q->start - s->from) / q->ix->conf->slot;

	if (q->start >= s->from && (size_t)i < s->n && s->state[i] == SEEN)
		s->state[i] = SEEN_POSSIBLY;
}

/* Asks all runs of a level; of sieves only the notes of doubt, or all others. */
static int
ask_level(struct question *q, int level, bool doubts, struct err *e)
{
	int64_t unit = level == LEVEL_HOUR || level == LEVEL_DAY ? level_seconds[level] : 1;
	sqlite3_stmt *st = sql_start(q->ix, e, SQL_RUNS, "iiii", (int64_t)level, q->source,
	    floor_to(q->window.from, unit), q->window.to);
	int64_t parameter;
	int rc, failed = 0;

	if (st == NULL)
		return -1;
	while ((rc = sql_row(q->ix, st, e)) == 1 && failed == 0) {
		q->level = level;
		q->start = sqlite3_column_int64(st, 0);
		q->file = sqlite3_column_int64(st, 1);
		parameter = sqlite3_column_int64(st, 2);
		if (level == LEVEL_SIEVE && parameter == -1 && doubts)
			doubt(q);
		else if (level == LEVEL_SIEVE && parameter >= 0 && !doubts)
			failed = ask_sieve(q, parameter, e);
		else if (level != LEVEL_SIEVE) {
			q->period = level == LEVEL_FILE ? (struct period){ q->start / q->ix->conf->slot, 1 } :
			    sql_period(q->ix, level, q->start);
			q->slots[0] = 1;
			failed = ask_run(q, e);
		}
	}
	sqlite3_reset(st);
	return failed == -1 ? -1 : rc == -1 ? -1 : 0;
}

static int
ask(struct question *q, struct err *e)
{
	if (ask_level(q, LEVEL_DAY, false, e) == -1 || ask_level(q, LEVEL_HOUR, false, e) == -1 ||
	    ask_level(q, LEVEL_SIEVE, true, e) == -1 || ask_level(q, LEVEL_FILE, false, e) == -1)
		return -1;
	return ask_level(q, LEVEL_SIEVE, false, e);
}

static void
set_range(struct question *q, const struct prefix *p)
{
	q->low = q->high = p->addr;
	for (unsigned i = p->bits; i < 128; i++)
		q->high.b[i / 8] |= (uint8_t)(0x80 >> i % 8);
	q->one = p->bits == 128;
}

int
index_seen(struct index *ix, const struct window *w, const struct source *src,
    const struct prefix *p, struct arena *a, struct seen_slots *s, struct err *e)
{
	int64_t slot = ix->conf->slot, oldest, newest;
	struct question q = { .ix = ix, .answer = s };
	int rc = sql_refresh(ix, e);

	*s = (struct seen_slots){ 0 };
	if (rc != 1)
		return rc;
	if ((q.source = sql_source(ix, src, e)) <= 0)
		return (int)q.source;
	if (index_extent(ix, src, &oldest, &newest, e) == -1 || sql_reach(ix, src, &oldest, e) == -1)
		return -1;
	q.window.from = floor_to(w->from > oldest ? w->from : oldest, slot);
	q.window.to = w->to < newest + 1 ? w->to : newest + 1;
	s->from = q.window.from;
	if (newest == 0 || q.window.to <= q.window.from)
		return 0;
	s->n = (size_t)((q.window.to - q.window.from + slot - 1) / slot);
	s->state = arena_array(a, s->n, 1);
	q.slots = xcalloc((size_t)(86400 / slot) / 8 + 2, 1);
	set_range(&q, p);
	if (!sqlite3_get_autocommit(ix->db))
		rc = ask(&q, e);
	else
		rc = sql_begin_read(ix, e) == -1 ? -1 : sql_end(ix, ask(&q, e), e);
	free(q.slots);
	return rc;
}
