/* What top tables leave open, and presence knows. */
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

#define ADDRESSES	2	/* of a key at most */

/* A row, what is left open of it, and where its addresses were seen in the source at hand. */
struct open_row {
	struct top_row *row;
	uint64_t over[TOP_METRICS];
	struct top_row sure;		/* what tables have that leave nothing open about any row */
	struct top_row now;		/* the same of the time at hand, of which there may be more tables */
	struct seen_slots seen[ADDRESSES];
	size_t nseen;
};

struct narrow {
	int64_t slot;
	enum top_dim dim;
	struct open_row *row;
	size_t n;
	const struct source *source;	/* at hand, and the time */
	struct window now;
	bool now_open;
	struct open_slot *open;
	size_t nopen, room;
	bool expired;			/* something is open in a table that is of no single slot */
};

/* The addresses that flows of a key have. */
static size_t
addresses_of(enum top_dim d, const uint8_t *key, struct prefix p[static ADDRESSES])
{
	size_t n = d == TOP_PAIR ? 2 : top_dims[d].size >= 16 ? 1 : 0;

	for (size_t i = 0; i < n; i++) {
		memcpy(&p[i].addr, key + 16 * i, 16);
		p[i].bits = 128;
	}
	if (d == TOP_SRCNET || d == TOP_DSTNET)
		p[0].bits = addr_is_v4(&p[0].addr) ? 120 : 64;
	return n;
}

/* Is it sure that an address was not seen in that time? */
static bool
not_seen(const struct seen_slots *s, const struct window *w, int64_t slot)
{
	int64_t first = (w->from - s->from) / slot, end = (w->to - s->from + slot - 1) / slot;

	if (w->from < s->from)
		return false;
	if (end > (int64_t)s->n)
		end = (int64_t)s->n;	/* of days and hours; after the newest slot there is nothing */
	if (first >= end)
		return false;
	for (int64_t i = first; i < end; i++)
		if (s->state[i] != SEEN_NOT)
			return false;
	return true;
}

static int
compare_keys(const void *a, const void *b)
{
	return memcmp(((const struct top_row *)a)->key, ((const struct top_row *)b)->key, TOP_KEY_MAX);
}

static const struct top_row *
row_of(const struct toptable *t, const struct top_row *row)
{
	return t == NULL || t->n == 0 ? NULL : bsearch(row, t->row, t->n, sizeof(*t->row), compare_keys);
}

/* What a table leaves open about a row; NULL: nothing. */
static const uint64_t *
left_open(const struct narrow *n, const struct open_row *o, const struct toptable *t, const struct window *w)
{
	const struct top_row *r = row_of(t, o->row);
	const uint64_t *more = r != NULL ? r->over : t != NULL ? t->cut : o->row->over;

	for (size_t k = 0; k < o->nseen && r == NULL && t != NULL; k++)
		if (not_seen(&o->seen[k], w, n->slot))
			return NULL;
	return (more[TOP_FLOWS] | more[TOP_PACKETS] | more[TOP_BYTES]) != 0 ? more : NULL;
}

/* Adds counts and times; a row without counts has no times. */
static void
add_sure(struct top_row *sure, const struct top_row *r)
{
	bool none = (sure->value[TOP_FLOWS] | sure->value[TOP_PACKETS] | sure->value[TOP_BYTES]) == 0;

	if ((r->value[TOP_FLOWS] | r->value[TOP_PACKETS] | r->value[TOP_BYTES]) == 0)
		return;
	for (int m = 0; m < TOP_METRICS; m++)
		tally_plus(&sure->value[m], r->value[m]);
	if (none || r->first_msec < sure->first_msec)
		sure->first_msec = r->first_msec;
	if (none || r->last_msec > sure->last_msec)
		sure->last_msec = r->last_msec;
}

static void
keep_open(struct narrow *n)
{
	if (n->now.to - n->now.from != n->slot) {
		n->expired = true;
		return;
	}
	if (n->nopen == n->room) {
		n->room = n->room == 0 ? 64 : n->room * 2;
		n->open = xrealloc(n->open, n->room, sizeof(*n->open));
	}
	n->open[n->nopen++] = (struct open_slot){ n->source, n->now.from };
}

/* The time at hand is through: a slot of several files has been seen whole. */
static void
settle(struct narrow *n)
{
	if (n->now_open)
		keep_open(n);
	for (size_t i = 0; i < n->n; i++) {
		if (!n->now_open)
			add_sure(&n->row[i].sure, &n->row[i].now);
		n->row[i].now = (struct top_row){ .first_msec = 0 };
	}
	n->now_open = false;
}

static bool
look(void *ctx, const struct toptable *t, const struct window *w, bool last)
{
	struct narrow *n = ctx;
	const uint64_t *more;
	bool open = false;

	for (size_t i = 0; i < n->n && !last; i++)
		if (left_open(n, &n->row[i], t, w) != NULL)
			return false;
	if (w->from != n->now.from || w->to != n->now.to)
		settle(n);
	n->now = *w;
	for (size_t i = 0; i < n->n; i++) {
		const struct top_row *r = row_of(t, n->row[i].row);

		if ((more = left_open(n, &n->row[i], t, w)) != NULL)
			open = true;
		for (int m = 0; m < TOP_METRICS && more != NULL; m++)
			tally_plus(&n->row[i].over[m], more[m]);
		if (r != NULL)
			add_sure(&n->row[i].now, r);
	}
	n->now_open = n->now_open || open;
	return true;
}

static int
narrow_source(struct index *ix, struct narrow *n, const struct window *w, const struct source *src, struct err *e)
{
	struct top_walk walk = { look, n };
	struct arena *a = arena_new();
	int rc = 0;

	n->source = src;
	for (size_t i = 0; i < n->n && rc == 0; i++) {
		struct open_row *o = &n->row[i];
		struct prefix p[ADDRESSES];

		o->nseen = addresses_of(n->dim, o->row->key, p);
		for (size_t k = 0; k < o->nseen && rc == 0; k++)
			rc = index_seen(ix, w, src, &p[k], a, &o->seen[k], e);
	}
	if (rc == 0)
		rc = sql_top_walk(ix, src, w, n->dim, &walk, e);
	settle(n);
	arena_free(a);
	return rc;
}

/* The rows get what bounds are left; what would settle them goes to rest. */
static void
finish(struct narrow *n, struct arena *a, struct top_rest *rest)
{
	for (size_t i = 0; i < n->n; i++)
		for (int m = 0; m < TOP_METRICS; m++)
			if (n->row[i].over[m] < n->row[i].row->over[m])
				n->row[i].row->over[m] = n->row[i].over[m];
	if (rest == NULL)
		return;
	rest->known = !n->expired;
	rest->open = arena_array(a, n->n + 1, sizeof(*rest->open));
	rest->row = arena_array(a, n->n + 1, sizeof(*rest->row));
	for (size_t i = 0; i < n->n; i++)
		if (!top_row_exact(n->row[i].row)) {
			rest->open[rest->n] = n->row[i].row;
			rest->row[rest->n++] = n->row[i].sure;
		}
	rest->nslots = n->nopen;
	rest->slot = arena_array(a, n->nopen + 1, sizeof(*rest->slot));
	if (n->nopen > 0)
		memcpy(rest->slot, n->open, n->nopen * sizeof(*n->open));
}

int
index_top_narrow(struct index *ix, const struct window *w, const struct source *const *sources, size_t nsources,
    enum top_dim d, struct top_row *const *rows, size_t nrows, struct arena *a, struct top_rest *rest, struct err *e)
{
	struct narrow n = { .slot = ix->conf->slot, .dim = d, .row = xcalloc(nrows + 1, sizeof(*n.row)) };
	int rc = sql_refresh(ix, e);

	if (rest != NULL)
		*rest = (struct top_rest){ .known = false };
	for (size_t i = 0; i < nrows; i++)
		if (!top_row_exact(rows[i]))
			n.row[n.n++].row = rows[i];
	if (rc == 1 && n.n > 0) {
		if ((rc = sql_begin_read(ix, e)) == 0)
			rc = sql_kept(ix, e);
		for (size_t i = 0; i < nsources && rc == 0; i++)
			rc = narrow_source(ix, &n, w, sources[i], e);
		if ((rc = sql_end(ix, rc, e)) == 0)
			finish(&n, a, rest);
	}
	free(n.open);
	free(n.row);
	return rc == -1 ? -1 : 0;
}
