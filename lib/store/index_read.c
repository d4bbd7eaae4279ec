/* What everybody asks of the index. */
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

#define BAD_MAX	20

/* Starts a statement whose first parameter is the source: 1, 0 when there is nothing to read, -1. */
static int
open_source(struct index *ix, const struct source *src, int64_t *id, struct err *e)
{
	int rc = sql_refresh(ix, e);

	if (rc != 1)
		return rc;
	*id = sql_source(ix, src, e);
	return *id > 0 ? 1 : (int)*id;
}

/* A list of slots that grows in an arena by doubling. */
struct slots {
	struct slot *slot;
	size_t n, room;
};

static struct slot *
slots_next(struct slots *list, struct arena *a)
{
	struct slot *more;

	if (list->n == list->room) {
		list->room = list->room == 0 ? 64 : list->room * 2;
		more = arena_array(a, list->room, sizeof(*more));
		if (list->n != 0)
			memcpy(more, list->slot, list->n * sizeof(*more));
		list->slot = more;
	}
	return &list->slot[list->n++];
}

static int
source_slots(struct index *ix, const struct window *w, const struct source *src, struct arena *a,
    struct slots *list, struct err *e)
{
	sqlite3_stmt *st;
	struct slot *s;
	int64_t id;
	int rc;

	if ((rc = open_source(ix, src, &id, e)) != 1)
		return rc;
	if ((st = sql_start(ix, e, SQL_WINDOW_FILES, "iii", id, w->from, w->to)) == NULL)
		return -1;
	while ((rc = sql_row(ix, st, e)) == 1) {
		s = slots_next(list, a);
		sql_totals(st, 0, &s->traffic);
		s->id = sqlite3_column_int64(st, 15);
		s->start = sqlite3_column_int64(st, 16);
		s->seconds = ix->conf->slot;
		s->source = src;
		s->path = arena_printf(a, "%s/%s", src->dir, (const char *)sqlite3_column_text(st, 17));
		s->name = s->path + strlen(src->dir) + 1;
		s->size = (uint64_t)sqlite3_column_int64(st, 18);
	}
	return rc;
}

static int
by_start(const void *va, const void *vb)
{
	const struct slot *a = va, *b = vb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->source->id != b->source->id)
		return a->source->id < b->source->id ? -1 : 1;
	return strcmp(a->name, b->name);
}

int
index_slots(struct index *ix, const struct window *w, const struct source *const *sources,
    size_t nsources, struct arena *a, struct slot **slots, size_t *n, struct err *e)
{
	struct slots list = { 0 };
	size_t i;

	for (i = 0; i < nsources; i++)
		if (source_slots(ix, w, sources[i], a, &list, e) == -1)
			return -1;
	if (list.n > 1)
		qsort(list.slot, list.n, sizeof(*list.slot), by_start);
	*slots = list.slot;
	*n = list.n;
	return 0;
}

int
index_traffic(struct index *ix, const struct window *w, const struct source *src,
    struct traffic *sum, size_t *slots, struct err *e)
{
	struct traffic one;
	sqlite3_stmt *st;
	int64_t id;
	int rc;

	*sum = (struct traffic){ 0 };
	*slots = 0;
	if ((rc = open_source(ix, src, &id, e)) != 1)
		return rc;
	if ((st = sql_start(ix, e, SQL_WINDOW_SLOTS, "iii", id, w->from, w->to)) == NULL)
		return -1;
	while ((rc = sql_row(ix, st, e)) == 1) {
		sql_totals(st, 0, &one);
		sql_add_totals(sum, &one);
		(*slots)++;
	}
	return rc;
}

int
index_replay(struct index *ix, const struct source *src, int64_t after,
    int (*each)(void *ctx, int64_t start, const struct traffic *, struct err *), void *ctx,
    struct err *e)
{
	struct traffic one;
	sqlite3_stmt *st;
	int64_t id;
	int rc;

	if ((rc = open_source(ix, src, &id, e)) != 1)
		return rc;
	if ((st = sql_start(ix, e, SQL_REPLAY, "ii", id, after)) == NULL)
		return -1;
	while ((rc = sql_row(ix, st, e)) == 1) {
		sql_totals(st, 0, &one);
		if (each(ctx, sqlite3_column_int64(st, 15), &one, e) == -1) {
			sqlite3_reset(st);
			return -1;
		}
	}
	return rc;
}

int
index_files(struct index *ix, const struct source *src,
    void (*each)(void *ctx, const struct known_file *), void *ctx, struct err *e)
{
	struct known_file f;
	sqlite3_stmt *st;
	int64_t id;
	int rc;

	if ((rc = open_source(ix, src, &id, e)) != 1)
		return rc;
	if ((st = sql_start(ix, e, SQL_FILES, "i", id)) == NULL)
		return -1;
	while ((rc = sql_row(ix, st, e)) == 1) {
		f.name = (const char *)sqlite3_column_text(st, 0);
		f.start = sqlite3_column_int64(st, 1);
		f.broken = sqlite3_column_int(st, 2) == FILE_BROKEN;
		f.gone = sqlite3_column_int(st, 2) == FILE_GONE;
		f.stamp.size = sqlite3_column_int64(st, 3);
		f.stamp.mtime_nsec = sqlite3_column_int64(st, 4);
		f.stamp.dev = (uint64_t)sqlite3_column_int64(st, 5);
		f.stamp.ino = (uint64_t)sqlite3_column_int64(st, 6);
		each(ctx, &f);
	}
	return rc;
}

/* The one number that a statement with the source as its parameter gives; 0 when no row. */
static int
number(struct index *ix, enum sql query, int64_t id, int64_t *value, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, query, "i", id);
	int rc;

	*value = 0;
	if (st == NULL || (rc = sql_row(ix, st, e)) == -1)
		return -1;
	if (rc == 1)
		*value = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return 0;
}

int
index_extent(struct index *ix, const struct source *src, int64_t *oldest, int64_t *newest,
    struct err *e)
{
	int64_t id;
	int rc;

	*oldest = *newest = 0;
	if ((rc = open_source(ix, src, &id, e)) != 1)
		return rc;
	if (number(ix, SQL_OLDEST, id, oldest, e) == -1)
		return -1;
	return number(ix, SQL_NEWEST, id, newest, e);
}

static const char *
text(sqlite3_stmt *st, int column, struct arena *a)
{
	const char *s = (const char *)sqlite3_column_text(st, column);

	return s == NULL ? NULL : arena_strdup(a, s);
}

static int
read_word(struct index *ix, int64_t id, struct arena *a, struct source_status *s, int64_t *changed, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_WORD, "i", id);
	int rc;

	if (st == NULL || (rc = sql_row(ix, st, e)) == -1)
		return -1;
	if (rc == 1) {
		s->seen = sqlite3_column_int64(st, 0);
		s->backlog = (size_t)sqlite3_column_int64(st, 1);
		s->trouble = text(st, 2, a);
		s->collector = text(st, 3, a);
		s->checked = (size_t)sqlite3_column_int64(st, 4);
		s->checked_at = sqlite3_column_int64(st, 5);
		s->differed = (size_t)sqlite3_column_int64(st, 6);
		s->difference = text(st, 7, a);
		*changed = sqlite3_column_int64(st, 8);
	}
	sqlite3_reset(st);
	return 0;
}

static int
read_bad(struct index *ix, int64_t id, struct arena *a, struct source_status *s, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_BAD, "ii", id, (int64_t)BAD_MAX);
	struct bad_file *bad;
	int rc;

	if (st == NULL)
		return -1;
	s->bad = arena_array(a, BAD_MAX, sizeof(*s->bad));
	while ((rc = sql_row(ix, st, e)) == 1) {
		bad = &s->bad[s->nbad++];
		bad->name = text(st, 0, a);
		bad->reason = text(st, 1, a);
		bad->start = sqlite3_column_int64(st, 2);
		bad->broken = sqlite3_column_int(st, 3) == FILE_BROKEN;
	}
	return rc;
}

/* How many files a source has, and their bytes: looks at each of them, unless nothing has changed since it last did. */
static int
count_files(struct index *ix, int64_t id, int64_t changed, struct sized *sized, struct err *e)
{
	sqlite3_stmt *st;

	if (changed != 0 && sized->changed == changed)
		return 0;
	if ((st = sql_start(ix, e, SQL_COUNT_FILES, "i", id)) == NULL || sql_row(ix, st, e) == -1)
		return -1;
	*sized = (struct sized){ changed, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1) };
	sqlite3_reset(st);
	return 0;
}

static int
source_status(struct index *ix, bool brief, struct sized *sized, struct arena *a, struct source_status *s, struct err *e)
{
	int64_t id, changed = 0, bad;
	int rc;

	if ((rc = open_source(ix, s->source, &id, e)) != 1)
		return rc;
	if (index_extent(ix, s->source, &s->oldest, &s->newest, e) == -1 ||
	    number(ix, SQL_COUNT_BAD, id, &bad, e) == -1 || read_word(ix, id, a, s, &changed, e) == -1)
		return -1;
	s->files = 1;
	if (!brief || s->newest == 0 || bad > 0) {
		if (count_files(ix, id, changed, sized, e) == -1)
			return -1;
		s->files = (size_t)sized->files;
		s->bytes = brief ? 0 : sized->bytes;
	}
	s->files_bad = (size_t)bad;
	return bad == 0 ? 0 : read_bad(ix, id, a, s, e);
}

int
index_status(struct index *ix, bool brief, struct arena *a, struct source_status **status, size_t *n,
    struct err *e)
{
	const struct conf *cf = ix->conf;
	struct source_status *all = arena_array(a, cf->nsources, sizeof(*all));
	size_t i;

	if (ix->sized == NULL)
		ix->sized = xcalloc(cf->nsources, sizeof(*ix->sized));
	for (i = 0; i < cf->nsources; i++) {
		all[i].source = &cf->sources[i];
		if (source_status(ix, brief, &ix->sized[i], a, &all[i], e) == -1)
			return -1;
	}
	*status = all;
	*n = cf->nsources;
	return 0;
}

static bool
is_named(const struct source *const *sources, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(sources[i]->name, name) == 0)
			return true;
	return false;
}

/* Numbers only grow, so that their sum changes with any of them. */
int
index_changed(struct index *ix, const struct source *const *sources, size_t n, uint64_t *number, struct err *e)
{
	int rc = sql_refresh(ix, e);
	sqlite3_stmt *st;

	*number = 0;
	if (rc != 1)
		return rc;
	if ((st = sql_start(ix, e, SQL_CHANGED, "")) == NULL)
		return -1;
	while ((rc = sql_row(ix, st, e)) == 1)
		if (is_named(sources, n, (const char *)sqlite3_column_text(st, 0)))
			*number += (uint64_t)sqlite3_column_int64(st, 1);
	return rc;
}

int
index_mark(struct index *ix, const struct window *w, const struct source *src, uint64_t *mark, struct err *e)
{
	sqlite3_stmt *st;
	int64_t id;
	int rc;

	*mark = 0;
	if ((rc = open_source(ix, src, &id, e)) != 1)
		return rc;
	if ((st = sql_start(ix, e, SQL_WINDOW_MARK, "iii", id, w->from, w->to)) == NULL || (rc = sql_row(ix, st, e)) == -1)
		return -1;
	if (rc == 1)
		*mark = (uint64_t)sqlite3_column_int64(st, 0) * 1099511628211ULL + (uint64_t)sqlite3_column_int64(st, 1);
	sqlite3_reset(st);
	return 0;
}
