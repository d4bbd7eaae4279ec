/* Runs of addresses in the index: put down, merged, and asked. */
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

/*
 * Runs may take this share of a day's collector files; a file's at least what a row of
 * the database takes.  With keys and what is free in pages that is 3 % of the collector
 * files in a flood, when top tables are nothing; else merged runs are much smaller.
 */
#define BUDGET_PERMILLE	26
#define BUDGET_LEAST	4096

static int
number(struct index *ix, enum sql query, int64_t source, const struct window *w, int64_t *n,
    struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, query, "iii", source, w->from, w->to);

	if (st == NULL || sql_row(ix, st, e) == -1)
		return -1;
	*n = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return 0;
}

/* What is left of a day's budget for one more file. */
static int
budget(struct index *ix, int64_t source, int64_t start, int64_t *left, struct err *e)
{
	struct window day = { floor_to(start, 86400), floor_to(start, 86400) + 86400 };
	int64_t files, used;

	if (number(ix, SQL_FILE_BYTES, source, &day, &files, e) == -1 ||
	    number(ix, SQL_RUN_BYTES, source, &day, &used, e) == -1)
		return -1;
	*left = files / 1000 * BUDGET_PERMILLE - used;
	if (*left < BUDGET_LEAST)
		*left = BUDGET_LEAST;
	return 0;
}

static int
put_run(struct index *ix, int64_t level, int64_t source, int64_t start, int64_t file,
    const struct blocks *b, int64_t bytes, int64_t parameter, size_t key_size, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct coded_block *block = &b->block[i];
		sqlite3_stmt *st = sql_start(ix, e, SQL_PRESENCE_PUT, "iiii", level, source, start, file);

		if (st == NULL)
			return -1;
		sqlite3_bind_blob(st, 5, block->first, (int)key_size, SQLITE_STATIC);
		sqlite3_bind_blob(st, 6, strbuf_text(&block->bytes), (int)block->bytes.len, SQLITE_STATIC);
		if (sql_run(ix, st, e) == -1)
			return -1;
	}
	return sql_run(ix, sql_start(ix, e, SQL_RUN_PUT, "iiiiii", level, source, start, file, bytes,
	    parameter), e);
}

static int
drop_run(struct index *ix, int64_t level, int64_t source, int64_t start, int64_t file, struct err *e)
{
	if (sql_run(ix, sql_start(ix, e, SQL_PRESENCE_DROP, "iiii", level, source, start, file), e) == -1)
		return -1;
	return sql_run(ix, sql_start(ix, e, SQL_RUN_DROP, "iiii", level, source, start, file), e);
}

/*
 * The addresses of a tier and better.  What is met in one slot only costs about a
 * byte more in merged runs, where it needs its slot; others cost less there.
 */
static size_t
code_tiers(const struct addresses *s, int tier, size_t most, struct blocks *b)
{
	size_t strangers = 0;

	for (size_t i = 0; i < s->n && b->size + strangers <= most; i++)
		if (s->address[i].tier >= tier) {
			blocks_put(b, &s->address[i].addr, NULL, 0);
			strangers += s->address[i].tier == TIER_STRANGER;
		}
	return b->size + strangers;
}

/* As many tiers as fit. */
static int
choose_tier(const struct addresses *s, int64_t left, struct blocks *b, int64_t *bytes)
{
	int tier;

	for (tier = 0; tier < TIERS; tier++) {
		if ((*bytes = (int64_t)code_tiers(s, tier, (size_t)left, b)) <= left)
			return tier;
		blocks_free(b);
	}
	*bytes = 0;
	return tier;
}

/* The sieve of those that the run leaves out; when there is no room for it, they stay unknown. */
static int
put_sieve(struct index *ix, int64_t source, int64_t start, int64_t file, const struct addresses *s,
    int tier, int64_t left, struct err *e)
{
	struct blocks b = { 0 };
	size_t n = 0, nblocks = 0;
	int rc;

	for (size_t i = 0; i < s->n; i++)
		n += s->address[i].tier < tier;
	if (n == 0 && !s->partial)
		return 0;
	if (!s->partial && left > 0)
		nblocks = sieve_put(&b, s, (enum tier)tier, (size_t)left);
	rc = put_run(ix, LEVEL_SIEVE, source, start, file, &b, (int64_t)b.size, (int64_t)nblocks, SIEVE_KEY, e);
	blocks_free(&b);
	return rc;
}

int
sql_presence_put(struct index *ix, int64_t source, int64_t start, int64_t file,
    const struct addresses *s, struct err *e)
{
	static const struct addresses unknown = { NULL, 0, true };
	struct blocks b = { 0 };
	int64_t left, bytes;
	int rc, tier;

	if (s == NULL)
		return put_sieve(ix, source, start, file, &unknown, 0, 0, e);
	if (budget(ix, source, start, &left, e) == -1)
		return -1;
	tier = choose_tier(s, left, &b, &bytes);
	rc = put_run(ix, LEVEL_FILE, source, start, file, &b, bytes, 0, 16, e);
	blocks_free(&b);
	return rc == -1 ? -1 : put_sieve(ix, source, start, file, s, tier, left - bytes, e);
}

/* A run that was merged cannot be taken out: that its slot's bits may be of a file that is no more is put down. */
int
sql_presence_drop(struct index *ix, int64_t source, int64_t start, int64_t file, struct err *e)
{
	if (drop_run(ix, LEVEL_SIEVE, source, start, file, e) == -1 ||
	    drop_run(ix, LEVEL_FILE, source, start, file, e) == -1)
		return -1;
	return sqlite3_changes(ix->db) != 0 ? 0 : sql_run(ix, sql_start(ix, e, SQL_RUN_PUT, "iiiiii",
	    (int64_t)LEVEL_SIEVE, source, start, (int64_t)0, (int64_t)0, (int64_t)-1), e);
}

struct period
sql_period(const struct index *ix, int level, int64_t start)
{
	int64_t slot = ix->conf->slot, seconds = level_seconds[level];
	int64_t first = (start + slot - 1) / slot;

	return (struct period){ first, (size_t)((start + seconds + slot - 1) / slot - first) };
}

/* A run that is read in order. */
struct cursor {
	int64_t level, start, file;
	struct period period;		/* of a level that has slots */
	struct strbuf block;
	struct block_reader reader;
	uint8_t last[16];		/* first address of the block at hand */
	uint8_t *slots;
	bool begun, end;
};

/* The block after the one at hand, or the first. */
static int
cursor_block(struct index *ix, int64_t source, struct cursor *c, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_PRESENCE_AFTER, "iiii", c->level, source, c->start, c->file);
	int rc;

	if (st == NULL)
		return -1;
	sqlite3_bind_blob(st, 5, c->last, c->begun ? sizeof(c->last) : 0, SQLITE_STATIC);
	c->begun = true;
	if ((rc = sql_row(ix, st, e)) != 1)
		return rc;
	if (sqlite3_column_bytes(st, 0) == sizeof(c->last))
		memcpy(c->last, sqlite3_column_blob(st, 0), sizeof(c->last));
	strbuf_reset(&c->block);
	if (sqlite3_column_bytes(st, 1) > 0)
		strbuf_add(&c->block, sqlite3_column_blob(st, 1), (size_t)sqlite3_column_bytes(st, 1));
	sqlite3_reset(st);
	block_start(&c->reader, c->last, strbuf_text(&c->block), c->block.len,
	    c->level == LEVEL_FILE ? 0 : c->period.n);
	return 1;
}

static int
broken(struct index *ix, struct err *e)
{
	return err_set(e, ERR_DATA, "%s: a block of addresses is broken", ix->path);
}

static int
cursor_next(struct index *ix, int64_t source, struct cursor *c, struct err *e)
{
	int rc = c->begun ? block_next(&c->reader, c->slots) : 0;

	while (rc == 0 && (rc = cursor_block(ix, source, c, e)) == 1)
		rc = block_next(&c->reader, c->slots);
	if (rc == 0)
		c->end = true;
	return rc == -1 && e->kind == ERR_NONE ? broken(ix, e) : rc;
}

struct merge {
	struct index *ix;
	int64_t source;
	struct period period;
	struct cursor *cursor;
	size_t n, room;
	uint8_t *slots;
	struct blocks out;
};

static int
add_cursors(struct merge *m, int level, const struct window *w, struct err *e)
{
	struct index *ix = m->ix;
	sqlite3_stmt *st = sql_start(ix, e, SQL_RUNS, "iiii", (int64_t)level, m->source, w->from, w->to);
	struct cursor *c;
	int rc;

	if (st == NULL)
		return -1;
	while ((rc = sql_row(ix, st, e)) == 1) {
		if (m->n == m->room) {
			m->room = m->room == 0 ? 32 : m->room * 2;
			m->cursor = xrealloc(m->cursor, m->room, sizeof(*m->cursor));
		}
		c = &m->cursor[m->n++];
		*c = (struct cursor){ .level = level, .start = sqlite3_column_int64(st, 0),
		    .file = sqlite3_column_int64(st, 1) };
		if (level == LEVEL_FILE)
			c->period = (struct period){ c->start / ix->conf->slot, 1 };
		else
			c->period = sql_period(ix, level, c->start);
		c->slots = xcalloc(c->period.n / 8 + 1, 1);
		c->slots[0] = 1;
	}
	return rc;
}

/* Adds a cursor's slots to those of the address at hand. */
static void
add_slots(struct merge *m, const struct cursor *c)
{
	for (size_t i = 0; i < c->period.n; i++) {
		int64_t at = c->period.first + (int64_t)i - m->period.first;

		if ((c->slots[i / 8] >> i % 8 & 1) != 0 && at >= 0 && (size_t)at < m->period.n)
			m->slots[at / 8] |= (uint8_t)(1 << at % 8);
	}
}

static int
merge_all(struct merge *m, struct err *e)
{
	struct addr least;
	size_t i, live;

	e->kind = ERR_NONE;
	for (i = 0; i < m->n; i++)
		if (cursor_next(m->ix, m->source, &m->cursor[i], e) == -1)
			return -1;
	for (;;) {
		for (live = 0, i = 0; i < m->n; i++)
			if (!m->cursor[i].end && (live++ == 0 ||
			    memcmp(&m->cursor[i].reader.addr, &least, sizeof(least)) < 0))
				least = m->cursor[i].reader.addr;
		if (live == 0)
			return 0;
		memset(m->slots, 0, m->period.n / 8 + 1);
		for (i = 0; i < m->n; i++) {
			struct cursor *c = &m->cursor[i];

			if (c->end || memcmp(&c->reader.addr, &least, sizeof(least)) != 0)
				continue;
			add_slots(m, c);
			if (cursor_next(m->ix, m->source, c, e) == -1)
				return -1;
		}
		blocks_put(&m->out, &least, m->slots, m->period.n);
	}
}

int
sql_presence_merge(struct index *ix, int level, int64_t source, int64_t start, struct err *e)
{
	struct window w = { start, start + level_seconds[level] };
	struct merge m = { .ix = ix, .source = source, .period = sql_period(ix, level, start) };
	int rc = -1;

	m.slots = xcalloc(m.period.n / 8 + 1, 1);
	if (add_cursors(&m, level, &w, e) != -1 && add_cursors(&m, level - 1, &w, e) != -1)
		rc = m.n == 0 ? 0 : merge_all(&m, e);
	for (size_t i = 0; i < m.n && rc == 0; i++)
		rc = drop_run(ix, m.cursor[i].level, source, m.cursor[i].start, m.cursor[i].file, e);
	if (rc == 0 && m.n != 0)
		rc = put_run(ix, level, source, start, 0, &m.out, (int64_t)m.out.size, 0, 16, e);
	for (size_t i = 0; i < m.n; i++) {
		strbuf_free(&m.cursor[i].block);
		free(m.cursor[i].slots);
	}
	free(m.cursor);
	free(m.slots);
	blocks_free(&m.out);
	return rc;
}
