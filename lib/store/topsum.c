/* Adding up top tables, and what is certain of the sum. */
#include "store/toptable.h"

#include <stdlib.h>
#include <string.h>

/*
 * A key that a table has no row of may have up to the table's cut there.  So
 * that a table costs only its own rows, each entry sums the cuts of the tables
 * that it is in; those of all others are the rest of the sum of all cuts.
 */
enum {
	SUM_VALUE = 0, SUM_OVER = TOP_METRICS, SUM_SEEN = 2 * TOP_METRICS,
	SUM_FIRST = 3 * TOP_METRICS, SUM_LAST,		/* the first turned over, so that 0 is none */
	SUM_WORDS
};

#define MERGED_LEAST	128		/* rows by each metric that the sum of small tables may have, too */

struct topsum {
	enum top_dim dim;
	struct tally_table table;
	uint64_t cut[TOP_METRICS];
	size_t largest;			/* rows of a table */
	bool untimed;			/* a table had no times */
	bool incomplete;
};

struct topsum *
topsum_new(enum top_dim d)
{
	struct topsum *s = xcalloc(1, sizeof(*s));

	s->dim = d;
	tally_table_init(&s->table, TOP_KEY_MAX / 8, SUM_WORDS);
	return s;
}

void
topsum_free(struct topsum *s)
{
	if (s == NULL)
		return;
	tally_table_free(&s->table);
	free(s);
}

void
topsum_lacks(struct topsum *s)
{
	s->incomplete = true;
}

void
topsum_add(struct topsum *s, const struct toptable *t)
{
	if (t->n > s->largest)
		s->largest = t->n;
	for (size_t i = 0; i < t->n; i++) {
		const struct top_row *r = &t->row[i];
		uint64_t key[TOP_KEY_MAX / 8], *sum;

		memcpy(key, r->key, sizeof(key));
		sum = tally_counts(&s->table, tally_find(&s->table, key));
		for (int m = 0; m < TOP_METRICS; m++) {
			tally_plus(&sum[SUM_VALUE + m], r->value[m]);
			tally_plus(&sum[SUM_OVER + m], r->over[m]);
			tally_plus(&sum[SUM_SEEN + m], t->cut[m]);
		}
		if (~r->first_msec > sum[SUM_FIRST])
			sum[SUM_FIRST] = ~r->first_msec;
		if (r->last_msec > sum[SUM_LAST])
			sum[SUM_LAST] = r->last_msec;
	}
	s->untimed = s->untimed || (!t->timed && t->n > 0);
	for (int m = 0; m < TOP_METRICS; m++)
		tally_plus(&s->cut[m], t->cut[m]);
}

static uint64_t
upper(const struct top_row *r, int m)
{
	uint64_t v = r->value[m];

	tally_plus(&v, r->over[m]);
	return v;
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct top_row *)a)->key, ((const struct top_row *)b)->key, TOP_KEY_MAX);
}

struct ranked {
	uint64_t value;
	struct top_row *row;
};

static int
by_value(const void *va, const void *vb)
{
	const struct ranked *a = va, *b = vb;

	if (a->value != b->value)
		return a->value > b->value ? -1 : 1;
	return by_key(a->row, b->row);
}

/* The rows by a metric. */
static struct ranked *
rank(struct top_row *row, size_t n, int m)
{
	struct ranked *r = xmalloc((n + 1) * sizeof(*r));

	for (size_t i = 0; i < n; i++)
		r[i] = (struct ranked){ row[i].value[m], &row[i] };
	qsort(r, n, sizeof(*r), by_value);
	return r;
}

static bool
is_above(const struct top_row *r, const uint64_t *cut)
{
	return upper(r, TOP_FLOWS) > cut[TOP_FLOWS] || upper(r, TOP_PACKETS) > cut[TOP_PACKETS] ||
	    upper(r, TOP_BYTES) > cut[TOP_BYTES];
}

void
toptable_cut(struct toptable *t, size_t keep)
{
	size_t n = t->n;
	uint8_t *marked = xcalloc(n + 1, 1);

	for (int m = 0; m < TOP_METRICS; m++) {
		struct ranked *r = rank(t->row, t->n, m);

		for (size_t i = 0; i < t->n && i < keep; i++)
			marked[r[i].row - t->row] = 1;
		free(r);
	}
	for (size_t i = 0; i < n; i++)
		for (int m = 0; m < TOP_METRICS && !marked[i]; m++)
			if (upper(&t->row[i], m) > t->cut[m])
				t->cut[m] = upper(&t->row[i], m);
	t->n = 0;
	for (size_t i = 0; i < n; i++)
		if (marked[i] && is_above(&t->row[i], t->cut))
			t->row[t->n++] = t->row[i];
	free(marked);
}

void
topsum_finish(struct topsum *s, size_t keep, struct arena *a, struct toptable *t)
{
	*t = (struct toptable){ .dim = s->dim, .n = s->table.n, .timed = !s->untimed,
	    .incomplete = s->incomplete };
	memcpy(t->cut, s->cut, sizeof(t->cut));
	t->row = arena_array(a, t->n + 1, sizeof(*t->row));
	for (size_t i = 0; i < t->n; i++) {
		const uint64_t *sum = tally_counts(&s->table, i);
		struct top_row *r = &t->row[i];

		memcpy(r->key, tally_key(&s->table, i), sizeof(r->key));
		for (int m = 0; m < TOP_METRICS; m++) {
			r->value[m] = sum[SUM_VALUE + m];
			r->over[m] = sum[SUM_OVER + m];
			tally_plus(&r->over[m], s->cut[m] - sum[SUM_SEEN + m]);
		}
		r->first_msec = t->timed ? ~sum[SUM_FIRST] : 0;
		r->last_msec = t->timed ? sum[SUM_LAST] : 0;
	}
	qsort(t->row, t->n, sizeof(*t->row), by_key);
	if (keep > MERGED_LEAST && keep > 2 * s->largest)
		keep = 2 * s->largest > MERGED_LEAST ? 2 * s->largest : MERGED_LEAST;
	if (keep != 0 && t->n > keep)
		toptable_cut(t, keep);
}

bool
top_row_exact(const struct top_row *r)
{
	return (r->over[TOP_FLOWS] | r->over[TOP_PACKETS] | r->over[TOP_BYTES]) == 0;
}

struct top_row **
toptable_rank(const struct toptable *t, enum top_metric m, struct arena *a, size_t *proven)
{
	struct top_row **order = arena_array(a, t->n + 1, sizeof(*order));
	struct ranked *r = rank(t->row, t->n, m);
	uint64_t below = t->cut[m];

	*proven = t->n;
	for (size_t i = t->n; i-- > 0; ) {
		order[i] = r[i].row;
		if (r[i].value < below)
			*proven = i;
		if (upper(r[i].row, m) > below)
			below = upper(r[i].row, m);
	}
	free(r);
	return order;
}
