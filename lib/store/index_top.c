/* Digests and top tables in the index, and their sums over hours and days. */
#include "store/sql.h"

#include <string.h>

const int64_t level_seconds[] = { [LEVEL_HOUR] = 3600, [LEVEL_DAY] = 86400 };

#define LATE_SECONDS	900		/* after which an hour is summed up */

/* The sums that a slot is part of hold no more, and are to be made anew. */
static int
outdate(struct index *ix, int64_t source, int64_t start, struct err *e)
{
	for (int64_t level = LEVEL_HOUR; level <= LEVEL_DAY; level++) {
		int64_t at = floor_to(start, level_seconds[level]);

		if (sql_run(ix, sql_start(ix, e, SQL_TOP_DROP, "iiii", level, source, at, (int64_t)0), e) == -1 ||
		    sql_run(ix, sql_start(ix, e, SQL_PENDING_PUT, "iii", level, source, at), e) == -1)
			return -1;
	}
	return 0;
}

int
sql_summary_drop(struct index *ix, int64_t source, int64_t start, int64_t file, struct err *e)
{
	if (sql_run(ix, sql_start(ix, e, SQL_DIGEST_DROP, "iii", source, start, file), e) == -1 ||
	    sql_run(ix, sql_start(ix, e, SQL_TOP_DROP, "iiii", (int64_t)LEVEL_FILE, source, start, file),
	    e) == -1 || sql_presence_drop(ix, source, start, file, e) == -1)
		return -1;
	return outdate(ix, source, start, e);
}

static int
put_digest(struct index *ix, int64_t source, int64_t start, int64_t file, const struct digest *d,
    struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_DIGEST_PUT, "iiiiiiiiii", source, start, file,
	    sql_clamp(d->sources), sql_clamp(d->destinations), sql_clamp(d->ports),
	    (int64_t)d->at_least, sql_clamp(d->owned[TOP_FLOWS]), sql_clamp(d->owned[TOP_PACKETS]),
	    sql_clamp(d->owned[TOP_BYTES]));

	if (st == NULL)
		return -1;
	for (int i = 0; i < 4; i++)
		sqlite3_bind_double(st, 11 + i, d->entropy[i]);
	for (int m = 0; m < TOP_METRICS; m++)
		sqlite3_bind_blob(st, 15 + m, &d->owner[m], sizeof(d->owner[m]), SQLITE_STATIC);
	return sql_run(ix, st, e);
}

static int
put_top(struct index *ix, int64_t level, int64_t source, int64_t start, int64_t file, int64_t dim,
    const struct strbuf *blob, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_TOP_PUT, "iiiii", level, source, start, file, dim);

	if (st == NULL)
		return -1;
	sqlite3_bind_blob(st, 6, blob->s, (int)blob->len, SQLITE_STATIC);
	return sql_run(ix, st, e);
}

int
sql_summary_put(struct index *ix, int64_t source, int64_t start, int64_t file,
    const struct summary *s, struct err *e)
{
	if (sql_presence_put(ix, source, start, file, s != NULL ? &s->addresses : NULL, e) == -1)
		return -1;
	if (s == NULL)
		return 0;
	if (put_digest(ix, source, start, file, &s->digest, e) == -1)
		return -1;
	for (int d = 0; d < TOP_DIMS; d++)
		if (put_top(ix, LEVEL_FILE, source, start, file, d, &s->top[d], e) == -1)
			return -1;
	return outdate(ix, source, start, e);
}

/* Are there no tables that a sum is of?  Where slots expired, sums are taken as they are. */
static bool
is_last(const struct index *ix, int level, int64_t start)
{
	return level == LEVEL_FILE || start < ix->kept[LEVEL_FILE];
}

/* Shows a walk the tables that a statement gives: how many it took, or -1. */
static int
add_rows(struct index *ix, sqlite3_stmt *st, enum top_dim d, int level, const struct top_walk *walk, struct err *e)
{
	int64_t seconds = level == LEVEL_FILE ? ix->conf->slot : level_seconds[level], start;
	int rc, n = 0;

	if (st == NULL)
		return -1;
	while ((rc = sql_row(ix, st, e)) == 1) {
		struct arena *a = arena_new();
		struct toptable t;

		if ((rc = toptable_decode(sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0),
		    d, a, &t, e)) == 0) {
			start = sqlite3_column_int64(st, 1);
			n += walk->each(walk->ctx, &t, &(struct window){ start, start + seconds },
			    is_last(ix, level, start));
		}
		arena_free(a);
		if (rc == -1) {
			sqlite3_reset(st);
			return err_in(e, "%s", ix->path);
		}
	}
	return rc == -1 ? -1 : n;
}

/*
 * No sum of an hour or a day whose slots expired: there never was one if the sums
 * did not, because slots wait for their sums.
 */
static bool
never_was(const struct index *ix, int level, int64_t start)
{
	return start >= ix->kept[level] && start + level_seconds[level] <= ix->kept[LEVEL_FILE];
}

/* Shows a source's tables of [from, to), sums of whole days and hours where there are any. */
static int
add_window(struct index *ix, int64_t source, int64_t from, int64_t to, enum top_dim d, int level,
    const struct top_walk *walk, struct err *e)
{
	int64_t unit, t, end;
	int n;

	if (level == LEVEL_FILE && from < ix->kept[LEVEL_FILE])
		walk->each(walk->ctx, NULL, &(struct window){ from, to }, true);
	if (level == LEVEL_FILE)
		return add_rows(ix, sql_start(ix, e, SQL_TOP_FILES, "iiii", source, from, to, (int64_t)d), d,
		    level, walk, e);
	unit = level_seconds[level];
	for (t = from; t < to; t = end) {
		end = floor_to(t, unit) + unit;
		n = 0;
		if (t == end - unit && end <= to && (n = add_rows(ix, sql_start(ix, e, SQL_TOP_SUM, "iiii",
		    (int64_t)level, source, t, (int64_t)d), d, level, walk, e)) == -1)
			return -1;
		if (n == 0 && t == end - unit && end <= to && never_was(ix, level, t))
			continue;
		if (n == 0 && add_window(ix, source, t, end < to ? end : to, d, level - 1, walk, e) == -1)
			return -1;
	}
	return 0;
}

/* The days of a window in which a source has slots. */
static int
trim(struct index *ix, const struct source *src, const struct window *w, struct window *part,
    struct err *e)
{
	int64_t oldest, newest;

	if (index_extent(ix, src, &oldest, &newest, e) == -1 || sql_reach(ix, src, &oldest, e) == -1)
		return -1;
	oldest = floor_to(oldest, 86400);
	newest = newest == 0 ? oldest : floor_to(newest, 86400) + 86400;
	part->from = w->from > oldest ? w->from : oldest;
	part->to = w->to < newest ? w->to : newest;
	return 0;
}

int
sql_top_walk(struct index *ix, const struct source *src, const struct window *w, enum top_dim d,
    const struct top_walk *walk, struct err *e)
{
	struct window part;
	int64_t id = sql_source(ix, src, e);

	if (id <= 0)
		return (int)id;
	if (trim(ix, src, w, &part, e) == -1)
		return -1;
	return add_window(ix, id, part.from, part.to, d, LEVEL_DAY, walk, e) == -1 ? -1 : 0;
}

/* Of a walk that adds up. */
static bool
add_table(void *ctx, const struct toptable *t, const struct window *w, bool last)
{
	(void)w, (void)last;
	if (t == NULL)
		topsum_lacks(ctx);
	else
		topsum_add(ctx, t);
	return true;
}

/* In one transaction, as sums come and go. */
static int
add_sources(struct index *ix, const struct window *w, const struct source *const *sources, size_t n,
    enum top_dim d, struct topsum *sum, struct err *e)
{
	struct top_walk walk = { add_table, sum };
	int rc = sql_refresh(ix, e);

	if (rc != 1)
		return rc;
	if ((rc = sql_begin_read(ix, e)) == 0)
		rc = sql_kept(ix, e);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = sql_top_walk(ix, sources[i], w, d, &walk, e);
	return sql_end(ix, rc, e);
}

int
index_top(struct index *ix, const struct window *w, const struct source *const *sources,
    size_t nsources, enum top_dim d, struct arena *a, struct toptable *t, struct err *e)
{
	struct topsum *sum = topsum_new(d);
	int rc = add_sources(ix, w, sources, nsources, d, sum, e);

	topsum_finish(sum, 0, a, t);
	topsum_free(sum);
	return rc;
}

/* The tables of a slot that one statement finds; a slot of an hour or more may have nothing but sums. */
struct adding_slot {
	const struct slot_tops *slot;
	struct topsum *sum[TOP_DIMS];	/* where there is more than one table */
	uint32_t seen;
	struct arena *arena;
};

static int
add_to_slot(struct adding_slot *s, const void *blob, size_t size, enum top_dim d, struct err *e)
{
	struct toptable *first = &s->slot->top[d], more;
	struct arena *a;
	int rc;

	if ((s->seen >> d & 1) == 0) {
		s->seen |= (uint32_t)1 << d;
		return toptable_decode(blob, size, d, s->arena, first, e);
	}
	if (s->sum[d] == NULL) {
		s->sum[d] = topsum_new(d);
		topsum_add(s->sum[d], first);
	}
	a = arena_new();
	if ((rc = toptable_decode(blob, size, d, a, &more, e)) == 0)
		topsum_add(s->sum[d], &more);
	arena_free(a);
	return rc;
}

static int
slot_tops(struct index *ix, int64_t source, const struct slot_tops *slot, struct arena *a, struct err *e)
{
	struct adding_slot s = { .slot = slot, .arena = a };
	sqlite3_stmt *st = sql_start(ix, e, SQL_TOP_SLOT, "iiii", source, slot->start, slot->start + (int64_t)ix->conf->slot,
	    (int64_t)slot->set);
	int rc = st == NULL ? -1 : 1;

	for (enum top_dim d = 0; d < TOP_DIMS; d++)
		if ((slot->set >> d & 1) != 0)
			slot->top[d] = (struct toptable){ .dim = d, .row = arena_array(a, 1, sizeof(struct top_row)) };
	while (rc == 1 && (rc = sql_row(ix, st, e)) == 1) {
		int64_t d = sqlite3_column_int64(st, 1);

		if (d >= 0 && d < TOP_DIMS && add_to_slot(&s, sqlite3_column_blob(st, 0),
		    (size_t)sqlite3_column_bytes(st, 0), (enum top_dim)d, e) == -1) {
			sqlite3_reset(st);
			rc = err_in(e, "%s", ix->path);
		}
	}
	for (enum top_dim d = 0; d < TOP_DIMS; d++) {
		if (s.sum[d] != NULL)
			topsum_finish(s.sum[d], 0, a, &slot->top[d]);
		topsum_free(s.sum[d]);
		if ((slot->set >> d & 1) != 0 && slot->start < ix->kept[LEVEL_FILE])
			slot->top[d].incomplete = true;
	}
	return rc;
}

/* In one transaction, as tables come and go. */
static int
all_tops(struct index *ix, const struct source *src, const struct slot_tops *slots, size_t n, struct arena *a, struct err *e)
{
	int64_t id = sql_source(ix, src, e);
	int rc = id == -1 ? -1 : sql_kept(ix, e);

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = slot_tops(ix, id, &slots[i], a, e);
	return rc;
}

int
index_tops(struct index *ix, const struct source *src, const struct slot_tops *slots, size_t n, struct arena *a,
    struct err *e)
{
	int rc;

	if (ix->conf->slot < level_seconds[LEVEL_HOUR]) {
		if ((rc = sql_refresh(ix, e)) != 1)
			return rc;
		return sql_begin_read(ix, e) == -1 ? -1 : sql_end(ix, all_tops(ix, src, slots, n, a, e), e);
	}
	/* Sums may be all that there is of such slots. */
	for (size_t i = 0; i < n; i++)
		for (enum top_dim d = 0; d < TOP_DIMS; d++)
			if ((slots[i].set >> d & 1) != 0 && index_top(ix, &(struct window){ slots[i].start,
			    slots[i].start + ix->conf->slot }, &src, 1, d, a, &slots[i].top[d], e) == -1)
				return -1;
	return 0;
}

/* Sums up an hour or a day of a source. */
static int
sum_up(struct index *ix, int level, int64_t source, int64_t start, struct err *e)
{
	int rc = 0;

	for (int d = 0; d < TOP_DIMS && rc == 0; d++) {
		struct topsum *sum = topsum_new(d);
		struct top_walk walk = { add_table, sum };
		struct arena *a = arena_new();
		struct strbuf sb = { 0 };
		struct toptable t;

		rc = add_window(ix, source, start, start + level_seconds[level], d, level - 1, &walk, e);
		if (rc != -1) {
			topsum_finish(sum, TOP_MERGED, a, &t);
			toptable_encode(&t, &sb);
			rc = put_top(ix, level, source, start, 0, d, &sb, e);
		}
		strbuf_free(&sb);
		arena_free(a);
		topsum_free(sum);
	}
	return rc == -1 || sql_presence_merge(ix, level, source, start, e) == -1 ? -1 :
	    sql_run(ix, sql_start(ix, e, SQL_PENDING_DROP, "iii", (int64_t)level, source, start), e);
}

int
index_sum_up(struct index *ix, struct err *e)
{
	int64_t now = when_now() - LATE_SECONDS, source, start;
	sqlite3_stmt *st;
	int rc;

	for (int level = LEVEL_HOUR; level <= LEVEL_DAY; level++) {
		if ((st = sql_start(ix, e, SQL_PENDING_NEXT, "ii", (int64_t)level,
		    now - level_seconds[level])) == NULL || (rc = sql_row(ix, st, e)) == -1)
			return -1;
		if (rc == 0)
			continue;
		source = sqlite3_column_int64(st, 0);
		start = sqlite3_column_int64(st, 1);
		sqlite3_reset(st);
		if (sql_begin(ix, e) == -1)
			return -1;
		return sql_end_changed(ix, source, sum_up(ix, level, source, start, e), e) == -1 ? -1 : 1;
	}
	return 0;
}

/* A file of a slot that has others: what is certain of all. */
static void
join(struct slot_digest *s, uint64_t flows, const struct digest *d, uint64_t more)
{
	struct digest *sum = &s->digest;
	double all = (double)flows + (double)more;

	sum->at_least = true;
	sum->sources = d->sources > sum->sources ? d->sources : sum->sources;
	sum->destinations = d->destinations > sum->destinations ? d->destinations : sum->destinations;
	sum->ports = d->ports > sum->ports ? d->ports : sum->ports;
	for (int i = 0; i < 4 && all > 0; i++)
		sum->entropy[i] = (sum->entropy[i] * (double)flows + d->entropy[i] * (double)more) / all;
	for (int m = 0; m < TOP_METRICS; m++) {
		if (memcmp(&d->owner[m], &sum->owner[m], sizeof(d->owner[m])) == 0)
			tally_plus(&sum->owned[m], d->owned[m]);
		else if (d->owned[m] > sum->owned[m]) {
			sum->owned[m] = d->owned[m];
			sum->owner[m] = d->owner[m];
		}
	}
}

static void
read_digest(sqlite3_stmt *st, struct digest *d)
{
	*d = (struct digest){ .sources = (uint64_t)sqlite3_column_int64(st, 1),
	    .destinations = (uint64_t)sqlite3_column_int64(st, 2),
	    .ports = (uint64_t)sqlite3_column_int64(st, 3), .at_least = sqlite3_column_int(st, 4) != 0 };
	for (int m = 0; m < TOP_METRICS; m++) {
		d->owned[m] = (uint64_t)sqlite3_column_int64(st, 5 + m);
		if (sqlite3_column_bytes(st, 12 + m) == sizeof(d->owner[m]))
			memcpy(&d->owner[m], sqlite3_column_blob(st, 12 + m), sizeof(d->owner[m]));
	}
	for (int i = 0; i < 4; i++)
		d->entropy[i] = sqlite3_column_double(st, 8 + i);
}

static int
file_flows(struct index *ix, int64_t file, uint64_t *flows, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_FILE_FLOWS, "i", file);
	int rc = st == NULL ? -1 : sql_row(ix, st, e);

	*flows = rc == 1 ? (uint64_t)sqlite3_column_int64(st, 0) : 0;
	if (st != NULL)
		sqlite3_reset(st);
	return rc == -1 ? -1 : 0;
}

/* The slot at hand, of which files' rows are added up. */
struct adding {
	int64_t file;			/* its first; 0: none yet */
	uint64_t flows;			/* of its files so far; not counted before there is a second */
	bool several;
};

/* A file of a slot. */
static int
add_digest(struct index *ix, sqlite3_stmt *st, struct slot_digest *s, struct adding *at, struct err *e)
{
	struct digest d;
	uint64_t more;

	if (at->file == 0) {
		at->file = sqlite3_column_int64(st, 15);
		read_digest(st, &s->digest);
		return 0;
	}
	if ((!at->several && file_flows(ix, at->file, &at->flows, e) == -1) ||
	    file_flows(ix, sqlite3_column_int64(st, 15), &more, e) == -1)
		return -1;
	at->several = true;
	read_digest(st, &d);
	join(s, at->flows, &d, more);
	tally_plus(&at->flows, more);
	return 0;
}

/* Digests to the slots that they are of, both by start. */
static int
add_digests(struct index *ix, int64_t source, const struct window *w, struct slot_digest *slots, size_t n, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_WINDOW_DIGESTS, "iii", source, w->from, w->to);
	struct adding at = { 0, 0, false };
	size_t i = 0;
	int rc;

	if (st == NULL)
		return -1;
	while ((rc = sql_row(ix, st, e)) == 1) {
		int64_t start = sqlite3_column_int64(st, 0);

		for (; i < n && slots[i].start < start; i++)
			at = (struct adding){ 0, 0, false };
		if (i < n && slots[i].start == start && add_digest(ix, st, &slots[i], &at, e) == -1) {
			sqlite3_reset(st);
			return -1;
		}
	}
	return rc;
}

static int
read_sums(struct index *ix, int64_t source, const struct window *w, struct arena *a, struct slot_sum **sums, size_t *n,
    struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_WINDOW_SUMS, "iii", source, w->from, w->to);
	size_t room = 64;
	int rc;

	*sums = arena_array(a, room, sizeof(**sums));
	if (st == NULL)
		return -1;
	while ((rc = sql_row(ix, st, e)) == 1) {
		if (*n == room) {
			struct slot_sum *more = arena_array(a, room * 2, sizeof(*more));

			*sums = memcpy(more, *sums, room * sizeof(*more));
			room *= 2;
		}
		(*sums)[(*n)++] = (struct slot_sum){ .start = sqlite3_column_int64(st, 0),
		    .totals = { (uint64_t)sqlite3_column_int64(st, 1), (uint64_t)sqlite3_column_int64(st, 2),
		    (uint64_t)sqlite3_column_int64(st, 3) } };
	}
	return rc;
}

/* In one transaction, as slots and digests come together. */
static int
read_digests(struct index *ix, int64_t source, const struct window *w, struct arena *a, struct slot_digest **slots,
    size_t *n, struct err *e)
{
	struct slot_sum *sums;

	if (read_sums(ix, source, w, a, &sums, n, e) == -1)
		return -1;
	*slots = arena_array(a, *n, sizeof(**slots));
	for (size_t i = 0; i < *n; i++)
		(*slots)[i] = (struct slot_digest){ .start = sums[i].start, .totals = sums[i].totals };
	return add_digests(ix, source, w, *slots, *n, e);
}

/* What there is of the source to read from the database that is there now: 1 and its id, 0 for none, -1. */
static int
find_source(struct index *ix, const struct source *src, int64_t *id, struct err *e)
{
	int rc = sql_refresh(ix, e);

	if (rc != 1 || (*id = sql_source(ix, src, e)) <= 0)
		return rc != 1 ? rc : (int)*id;
	return 1;
}

int
index_digests(struct index *ix, const struct window *w, const struct source *src, struct arena *a,
    struct slot_digest **slots, size_t *n, struct err *e)
{
	int64_t id;
	int rc;

	*n = 0;
	*slots = NULL;
	if ((rc = find_source(ix, src, &id, e)) != 1)
		return rc;
	if (sql_begin_read(ix, e) == -1)
		return -1;
	return sql_end(ix, read_digests(ix, id, w, a, slots, n, e), e);
}

int
index_sums(struct index *ix, const struct window *w, const struct source *src, struct arena *a, struct slot_sum **sums,
    size_t *n, struct err *e)
{
	int64_t id;
	int rc;

	*n = 0;
	*sums = NULL;
	return (rc = find_source(ix, src, &id, e)) != 1 ? rc : read_sums(ix, id, w, a, sums, n, e);
}

/* The same of a slot of several files, as they add up: 1, 0, -1. */
static int
owns_all(struct index *ix, int64_t source, int64_t start, enum top_metric m, const struct addr *host, double share,
    struct err *e)
{
	struct window w = { start, start + 1 };
	struct arena *a = arena_new();
	struct slot_digest *slot;
	size_t n = 0;
	int rc = read_digests(ix, source, &w, a, &slot, &n, e);

	if (rc == 0 && n == 1) {
		const uint64_t total[TOP_METRICS] = { slot->totals.flows, slot->totals.packets, slot->totals.bytes };

		rc = memcmp(&slot->digest.owner[m], host, sizeof(*host)) == 0 &&
		    (double)slot->digest.owned[m] > share * (double)total[m];
	}
	arena_free(a);
	return rc;
}

static int
read_owned(struct index *ix, int64_t source, int64_t from, enum top_metric m, const struct addr *host, double share,
    int64_t *starts, size_t *n, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_OWNED, "iii", source, from, (int64_t)m);
	size_t room = *n;
	int64_t last = INT64_MAX;
	int rc = 0, owns;

	*n = 0;
	if (st == NULL)
		return -1;
	sqlite3_bind_blob(st, 4, host, sizeof(*host), SQLITE_STATIC);
	sqlite3_bind_double(st, 5, share);
	while (*n < room && (rc = sql_row(ix, st, e)) == 1) {
		int64_t start = sqlite3_column_int64(st, 0);

		if (start == last)
			continue;
		last = start;
		if ((owns = sqlite3_column_int64(st, 1) == 1 ? 1 :
		    owns_all(ix, source, start, m, host, share, e)) == -1) {
			rc = -1;
			break;
		}
		if (owns == 1)
			starts[(*n)++] = start;
	}
	sqlite3_reset(st);
	return rc == -1 ? -1 : 0;
}

int
index_owned(struct index *ix, int64_t from, const struct source *src, enum top_metric m, const struct addr *host,
    double share, int64_t *starts, size_t *n, struct err *e)
{
	size_t room = *n;
	int64_t id;
	int rc;

	*n = 0;
	if ((rc = find_source(ix, src, &id, e)) != 1)
		return rc;
	if (sql_begin_read(ix, e) == -1)
		return -1;
	*n = room;
	return sql_end(ix, read_owned(ix, id, from, m, host, share, starts, n, e), e);
}
