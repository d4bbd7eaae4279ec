/* What top tables leave open, and presence knows. */
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

#define ADDRESSES	2	/* of a key at most */

/* A row, what is left open of it, and where its addresses were seen in the source at hand. */
struct open_row {
	struct top_row *row;
	uint64_t over[TOP_METRICS];
	struct seen_slots seen[ADDRESSES];
	size_t nseen;
};

struct narrow {
	int64_t slot;
	enum top_dim dim;
	struct open_row *row;
	size_t n;
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

static void
look(void *ctx, const struct toptable *t, const struct window *w)
{
	struct narrow *n = ctx;

	for (size_t i = 0; i < n->n; i++) {
		struct open_row *o = &n->row[i];
		const struct top_row *r = t == NULL || t->n == 0 ? NULL :
		    bsearch(o->row, t->row, t->n, sizeof(*t->row), compare_keys);
		const uint64_t *more = r != NULL ? r->over : t != NULL ? t->cut : o->row->over;

		for (size_t k = 0; k < o->nseen && r == NULL && t != NULL && more != NULL; k++)
			if (not_seen(&o->seen[k], w, n->slot))
				more = NULL;
		for (int m = 0; m < TOP_METRICS && more != NULL; m++)
			tally_plus(&o->over[m], more[m]);
	}
}

static int
narrow_source(struct index *ix, struct narrow *n, const struct window *w, const struct source *src, struct err *e)
{
	struct top_walk walk = { look, n };
	struct arena *a = arena_new();
	int rc = 0;

	for (size_t i = 0; i < n->n && rc == 0; i++) {
		struct open_row *o = &n->row[i];
		struct prefix p[ADDRESSES];

		o->nseen = addresses_of(n->dim, o->row->key, p);
		for (size_t k = 0; k < o->nseen && rc == 0; k++)
			rc = index_seen(ix, w, src, &p[k], a, &o->seen[k], e);
	}
	if (rc == 0)
		rc = sql_top_walk(ix, src, w, n->dim, &walk, e);
	arena_free(a);
	return rc;
}

int
index_top_narrow(struct index *ix, const struct window *w, const struct source *const *sources, size_t nsources,
    enum top_dim d, struct top_row *const *rows, size_t nrows, struct err *e)
{
	struct narrow n = { .slot = ix->conf->slot, .dim = d, .row = xcalloc(nrows + 1, sizeof(*n.row)) };
	int rc = top_dims[d].size < 16 ? 0 : sql_refresh(ix, e);

	for (size_t i = 0; i < nrows; i++)
		if (!top_row_exact(rows[i]))
			n.row[n.n++].row = rows[i];
	if (rc == 1 && n.n > 0) {
		if ((rc = sql_begin_read(ix, e)) == 0)
			rc = sql_kept(ix, e);
		for (size_t i = 0; i < nsources && rc == 0; i++)
			rc = narrow_source(ix, &n, w, sources[i], e);
		rc = sql_end(ix, rc, e);
		for (size_t i = 0; i < n.n && rc == 0; i++)
			for (int m = 0; m < TOP_METRICS; m++)
				if (n.row[i].over[m] < n.row[i].row->over[m])
					n.row[i].row->over[m] = n.row[i].over[m];
	}
	free(n.row);
	return rc == -1 ? -1 : 0;
}
