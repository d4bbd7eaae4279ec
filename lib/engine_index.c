/*
 * Answers from the index alone: totals, and tops of the dimensions that it keeps
 * tables of.  Unless bounds are asked for, only what is exactly what the files would
 * say; the rest is for who reads them.
 */
#include "engine_settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "query/group.h"

/* Which table ranks by these fields; statistics of addresses on either side count a flow under both. */
static const struct dimension {
	enum top_dim dim;
	enum field key[2];		/* F_COUNT: it has one only */
	bool sides;			/* the two are sides of a statistic, else keys of a group */
	uint8_t family, bits;		/* of networks */
} dimensions[] = {
	{ TOP_SRCIP, { F_SRCIP, F_COUNT }, false, 0, 0 },
	{ TOP_DSTIP, { F_DSTIP, F_COUNT }, false, 0, 0 },
	{ TOP_IP, { F_SRCIP, F_DSTIP }, true, 0, 0 },
	/* These have a table for each side: the sum of both. */
	{ TOP_SRCPORT, { F_SRCPORT, F_DSTPORT }, true, 0, 0 },
	{ TOP_SRCAS, { F_SRCAS, F_DSTAS }, true, 0, 0 },
	{ TOP_INIF, { F_INIF, F_OUTIF }, true, 0, 0 },
	{ TOP_SRCPORT, { F_SRCPORT, F_COUNT }, false, 0, 0 },
	{ TOP_DSTPORT, { F_DSTPORT, F_COUNT }, false, 0, 0 },
	{ TOP_PAIR, { F_SRCIP, F_DSTIP }, false, 0, 0 },
	{ TOP_SERVICE, { F_SRCIP, F_DSTPORT }, false, 0, 0 },
	{ TOP_PROTO, { F_PROTO, F_COUNT }, false, 0, 0 },
	{ TOP_SRCAS, { F_SRCAS, F_COUNT }, false, 0, 0 },
	{ TOP_DSTAS, { F_DSTAS, F_COUNT }, false, 0, 0 },
	{ TOP_INIF, { F_INIF, F_COUNT }, false, 0, 0 },
	{ TOP_OUTIF, { F_OUTIF, F_COUNT }, false, 0, 0 },
	{ TOP_SRCNET, { F_SRCIP, F_COUNT }, false, 4, 24 },
	{ TOP_SRCNET, { F_SRCIP, F_COUNT }, false, 6, 64 },
	{ TOP_DSTNET, { F_DSTIP, F_COUNT }, false, 4, 24 },
	{ TOP_DSTNET, { F_DSTIP, F_COUNT }, false, 6, 64 },
};

#define DIMENSIONS	(sizeof(dimensions) / sizeof(dimensions[0]))

/* What a question needs of the index. */
struct asked {
	struct engine *engine;
	const struct query *query;
	struct window window;		/* whole slots */
	const struct source **sources;
	size_t nsources;
	struct files_facts facts;
	const struct watch *watch;
	bool may_read;			/* few files, for what is open */
	struct cost *cost;		/* they are counted only */
	struct result *res;
};

static const struct dimension *
of_statistic(const struct statistic *s)
{
	for (size_t i = 0; i < DIMENSIONS; i++) {
		const struct dimension *d = &dimensions[i];
		enum field second = d->sides ? d->key[1] : F_COUNT;

		if (d->family == 0 && (d->sides || d->key[1] == F_COUNT) && s->side[0] == d->key[0] &&
		    s->side[1] == second)
			return d;
	}
	return NULL;
}

static const struct dimension *
of_keys(const struct key *keys, size_t n)
{
	for (size_t i = 0; i < DIMENSIONS; i++) {
		const struct dimension *d = &dimensions[i];

		if (!d->sides && n == 1u + (d->key[1] != F_COUNT) && keys[0].field == d->key[0] &&
		    keys[0].family == d->family && keys[0].bits == d->bits && !keys[0].own_mask &&
		    (n == 1 || (keys[1].field == d->key[1] && keys[1].family == 0 && !keys[1].own_mask)))
			return d;
	}
	return NULL;
}

static enum top_metric
metric_of(enum order order)
{
	return order == ORDER_FLOWS ? TOP_FLOWS : order == ORDER_PACKETS ? TOP_PACKETS :
	    order == ORDER_BYTES ? TOP_BYTES : TOP_METRICS;
}

static const struct dimension *
of_request(const struct query *q, const struct stat_request *r)
{
	if (r != NULL && !statistic_is_record(r->stat))
		return r->by_proto ? NULL : of_statistic(r->stat);
	return q->five_tuple ? NULL : of_keys(q->keys, q->nkeys);
}

static bool
can_rank(const struct query *q, const struct stat_request *r)
{
	enum order order = r != NULL ? r->order : q->order;

	return of_request(q, r) != NULL && (order == ORDERS || metric_of(order) != TOP_METRICS) &&
	    !(r != NULL ? r->ascending : q->ascending);
}

/* Is it all flows of whole slots, nothing of single flows, and of those tops only that there are tables of? */
static bool
is_answerable(const struct query *q, const struct fieldset *show, const struct sink *sink)
{
	if (q->program == NULL || !filter_is_any(q->program) || q->from_msec != INT64_MIN || q->to_msec != INT64_MAX ||
	    q->limit != 0 || q->bidir != BIDIR_NO || q->post_program != NULL || q->packets_limit.given ||
	    q->bytes_limit.given || q->sampling > 1 || q->mode == QUERY_SERIES)
		return false;
	if (q->mode == QUERY_LIST)
		return sink != NULL && q->order == ORDERS && q->output != NULL && strcmp(q->output, "null") == 0;
	if (q->mode == QUERY_GROUP)
		return can_rank(q, NULL) && !(show != NULL && fieldset_has(show, F_FLAGS));
	for (size_t i = 0; i < q->nstats; i++)
		if (!can_rank(q, &q->stats[i]) || (statistic_is_record(q->stats[i].stat) && show != NULL &&
		    fieldset_has(show, F_FLAGS)))
			return false;
	return true;
}

/* The index has packets and bytes of both directions together. */
static bool
shows_directions(const struct query *q)
{
	if (q->mode == QUERY_LIST)
		return false;
	for (size_t i = 0; i < q->nstats; i++)
		if (statistic_is_record(q->stats[i].stat))
			return true;
	return q->mode == QUERY_GROUP || (q->output != NULL &&
	    (strncmp(q->output, "json", 4) == 0 || strncmp(q->output, "ndjson", 6) == 0));
}

/* ---- totals ---- */

/* Where files' rows expired, the table of protocols has it all.  1; 0: not exactly; -1. */
static int
totals_by_proto(const struct asked *q, struct err *e)
{
	struct result *res = q->res;
	struct toptable t;

	if (index_top(q->engine->index, &q->window, q->sources, q->nsources, TOP_PROTO, res->arena, &t, e) == -1)
		return -1;
	if (t.incomplete || !t.timed || (t.cut[TOP_FLOWS] | t.cut[TOP_PACKETS] | t.cut[TOP_BYTES]) != 0)
		return 0;
	for (size_t i = 0; i < t.n; i++) {
		const struct top_row *r = &t.row[i];

		if (!top_row_exact(r))
			return 0;
		tally_plus(&res->kept.flows, r->value[TOP_FLOWS]);
		tally_plus(&res->kept.packets, r->value[TOP_PACKETS]);
		tally_plus(&res->kept.bytes, r->value[TOP_BYTES]);
		if (res->first_msec == 0 || r->first_msec < res->first_msec)
			res->first_msec = r->first_msec;
		if (r->last_msec > res->last_msec)
			res->last_msec = r->last_msec;
	}
	res->flows_read = res->flows_kept = res->kept.flows;
	return 1;
}

static void
tell_troubles(struct result *res, const struct files_facts *f)
{
	res->files_bad = f->ntrouble_all;
	res->partial = f->ntrouble_all > 0;
	res->faults = arena_array(res->arena, f->ntrouble + 1, sizeof(*res->faults));
	for (; res->nfaults < f->ntrouble; res->nfaults++) {
		struct file_fault *fault = &res->faults[res->nfaults];

		fault->path = f->trouble[res->nfaults].path;
		fault->more = f->trouble[res->nfaults].faults - 1;
		snprintf(fault->fault.reason, sizeof(fault->fault.reason), "%s", f->trouble[res->nfaults].reason);
	}
}

/* 1; 0: the index does not know; -1. */
static int
totals(struct asked *q, struct err *e)
{
	struct result *res = q->res;
	struct files_facts *f = &q->facts;

	if (index_facts(q->engine->index, &q->window, q->sources, q->nsources, res->arena, f, e) == -1)
		return -1;
	if (!f->complete)
		return totals_by_proto(q, e);
	if ((f->sum.outpackets != 0 || f->sum.outbytes != 0) && shows_directions(q->query))
		return 0;
	res->kept = f->traffic.by[PROTO_ALL];
	res->first_msec = f->first_msec;
	res->last_msec = f->last_msec;
	res->flows_read = res->flows_kept = f->sum.records;
	res->bytes_read = f->sum.raw_bytes;
	res->blocks_skipped = f->sum.blocks_skipped;
	res->span_first_msec = f->sum.stat_first_msec;
	res->span_last_msec = f->sum.stat_last_msec;
	tell_troubles(res, f);
	return 1;
}

/* ---- tops ---- */

/* The rows that would be shown, and what is certain of them. */
struct shown {
	struct top_row **row;
	size_t n, proven;
	bool exact;			/* as from the files: rows, their order, and none is missing */
};

static bool
has_all(const struct toptable *t)
{
	return (t->cut[TOP_FLOWS] | t->cut[TOP_PACKETS] | t->cut[TOP_BYTES]) == 0;
}

/* The most that any key can have that is not among the first n; those that tie by value and are exact do not count. */
static bool
none_is_above(const struct toptable *t, struct top_row *const *row, size_t n, enum top_metric m)
{
	uint64_t least = row[n - 1]->value[m];

	if (!has_all(t) && t->cut[m] >= least)
		return false;
	for (size_t i = n; i < t->n; i++) {
		const struct top_row *r = row[i];

		if (r->value[m] + r->over[m] > least || (r->value[m] + r->over[m] == least && r->over[m] != 0))
			return false;
	}
	return true;
}

/* Rows behind those shown that have to be looked at, too: as many again, and some. */
#define BEHIND	32

static struct top_row **
rank(const struct toptable *t, enum order order, struct arena *a, size_t *proven)
{
	struct top_row **row = toptable_rank(t, order == ORDERS ? TOP_FLOWS : metric_of(order), a, proven);

	for (size_t i = 0; order == ORDERS && i < t->n; i++)
		row[i] = &t->row[i];
	return row;
}

static struct shown
choose_rows(const struct toptable *t, enum order order, uint64_t top, struct arena *a)
{
	struct shown s = { .n = top == 0 || top > t->n ? t->n : (size_t)top };

	s.row = rank(t, order, a, &s.proven);
	s.exact = !t->incomplete && t->timed && (has_all(t) || (s.n == top && order != ORDERS));
	for (size_t i = 0; i < s.n && s.exact; i++)
		s.exact = top_row_exact(s.row[i]);
	if (s.exact && s.n > 0 && order != ORDERS)
		s.exact = none_is_above(t, s.row, s.n, metric_of(order));
	return s;
}

/* Those rows that may have more than the last that is shown has at least; how many. */
static size_t
candidates(const struct asked *q, struct toptable *t, enum order order, struct top_row ***rows)
{
	uint64_t top = query_top(q->query), least;
	struct arena *a = q->res->arena;
	struct top_row **row, **open;
	size_t proven, n = 0;

	if (order == ORDERS || t->incomplete || !t->timed || t->n == 0)
		return 0;
	row = rank(t, order, a, &proven);
	*rows = open = arena_array(a, t->n, sizeof(*open));
	least = top == 0 || top > t->n ? 0 : row[top - 1]->value[metric_of(order)];
	for (size_t i = 0; i < t->n && n < 2 * top + BEHIND; i++)
		if (row[i]->value[metric_of(order)] + row[i]->over[metric_of(order)] >= least)
			open[n++] = row[i];
	return n;
}

static int
narrow(const struct asked *q, enum top_dim dim, struct top_row *const *rows, size_t n, struct top_rest *rest, struct err *e)
{
	return index_top_narrow(q->engine->index, &q->window, q->sources, q->nsources, dim, rows, n, q->res->arena, rest, e);
}

/* A key that no table has a row of may have as much as the last row shown: then the rows cannot be known. */
static bool
is_hidden(const struct toptable *t, const struct shown *s, enum order order, uint64_t top)
{
	return s->n == 0 || (!has_all(t) && (order == ORDERS || s->n != top ||
	    t->cut[metric_of(order)] >= s->row[s->n - 1]->value[metric_of(order)]));
}

/* The table of the other side, where each has its own; else TOP_DIMS. */
static enum top_dim
other_side(const struct dimension *d)
{
	return !d->sides || d->dim == TOP_IP ? TOP_DIMS :
	    d->dim == TOP_SRCPORT ? TOP_DSTPORT : d->dim == TOP_SRCAS ? TOP_DSTAS : TOP_OUTIF;
}

/* What the tables of both sides have of some rows. */
struct sides {
	struct toptable table[2];
	struct top_row **row[2];
	struct top_rest rest[2];
};

static int
compare_keys(const void *a, const void *b)
{
	return memcmp(((const struct top_row *)a)->key, ((const struct top_row *)b)->key, TOP_KEY_MAX);
}

/* A side's rows of the same keys; where its table has none there is as much as its cut. */
static void
side_rows(struct sides *s, int side, struct top_row *const *rows, size_t n, struct arena *a)
{
	const struct toptable *t = &s->table[side];
	struct top_row *own = arena_array(a, n + 1, sizeof(*own));

	s->row[side] = arena_array(a, n + 1, sizeof(*s->row[side]));
	for (size_t i = 0; i < n; i++) {
		const struct top_row *r = t->n == 0 ? NULL : bsearch(rows[i], t->row, t->n, sizeof(*t->row), compare_keys);

		s->row[side][i] = &own[i];
		if (r != NULL) {
			own[i] = *r;
			continue;
		}
		memcpy(own[i].key, rows[i]->key, sizeof(own[i].key));
		memcpy(own[i].over, t->cut, sizeof(own[i].over));
	}
}

static bool
counts_nothing(const struct top_row *r)
{
	return (r->value[TOP_FLOWS] | r->value[TOP_PACKETS] | r->value[TOP_BYTES]) == 0;
}

/* The rows become the sum of what their sides have by now. */
static void
join_sides(const struct sides *s, struct top_row *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct top_row *one = s->row[0][i], *other = s->row[1][i];
		struct top_row *sum = rows[i];

		if (counts_nothing(one))
			one = s->row[1][i], other = s->row[0][i];
		*sum = *one;
		for (int m = 0; m < TOP_METRICS; m++) {
			tally_plus(&sum->value[m], other->value[m]);
			tally_plus(&sum->over[m], other->over[m]);
		}
		if (counts_nothing(other))
			continue;
		if (other->first_msec < sum->first_msec)
			sum->first_msec = other->first_msec;
		if (other->last_msec > sum->last_msec)
			sum->last_msec = other->last_msec;
	}
}

/* As settle, each side by itself. */
static int
settle_sides(const struct asked *q, const struct dimension *d, struct sides *sides, struct toptable *t,
    enum order order, struct shown *s, struct err *e)
{
	uint64_t top = query_top(q->query);
	struct arena *a = q->res->arena;
	struct top_row **rows;
	size_t n = candidates(q, t, order, &rows);

	for (int i = 0; i < 2 && n > 0; i++) {
		side_rows(sides, i, rows, n, a);
		if (narrow(q, sides->table[i].dim, sides->row[i], n, &sides->rest[i], e) == -1)
			return -1;
	}
	if (n > 0)
		join_sides(sides, rows, n);
	*s = choose_rows(t, order, top, a);
	if (s->exact || n == 0 || !q->may_read || q->query->quick)
		return 0;
	for (int i = 0; i < 2; i++)
		if (engine_settle(q->engine, sides->table[i].dim, (enum field[]){ d->key[i], F_COUNT }, &sides->rest[i],
		    q->facts.files, q->watch, q->cost, q->res, e) == -1)
			return -1;
	join_sides(sides, rows, n);
	*s = choose_rows(t, order, top, a);
	return 0;
}

/* The rows shown, as exact as the index has them, and few files can make them. */
static int
settle(const struct asked *q, const struct dimension *d, struct sides *sides, struct toptable *t, enum order order,
    struct shown *s, struct err *e)
{
	uint64_t top = query_top(q->query);
	struct arena *a = q->res->arena;
	struct top_row **rows;
	struct top_rest rest;
	size_t n;
	int rc;

	*s = choose_rows(t, order, top, a);
	if (s->exact || (is_hidden(t, s, order, top) && !q->query->quick))
		return 0;
	if (other_side(d) != TOP_DIMS)
		return settle_sides(q, d, sides, t, order, s, e);
	n = candidates(q, t, order, &rows);
	if (n == 0)
		return 0;
	if (narrow(q, t->dim, rows, n, &rest, e) == -1)
		return -1;
	*s = choose_rows(t, order, top, a);
	if (s->exact || !q->may_read || q->query->quick)
		return 0;
	if ((rc = engine_settle(q->engine, d->dim, d->key, &rest, q->facts.files, q->watch, q->cost, q->res, e)) == 1)
		*s = choose_rows(t, order, top, a);
	return rc == -1 ? -1 : 0;
}

/* A key into its columns: addresses, and numbers as they stand, big-endian. */
static void
put_key(struct batch *rows, const struct dimension *d, size_t i, const uint8_t *key)
{
	unsigned n = d->sides || d->key[1] == F_COUNT ? 1 : 2;

	for (unsigned k = 0; k < n; k++) {
		unsigned width = fields[d->key[k]].width;
		uint64_t v = 0;

		if (width == 16)
			memcpy(&COLADDR(rows, d->key[k])[i], key, 16);
		else
			for (unsigned j = 0; j < width; j++)
				v = v << 8 | key[j];
		if (width != 16)
			batch_set_number(rows, d->key[k], i, v);
		key += width;
	}
}

static void
put_row(struct batch *rows, size_t i, const struct top_row *r)
{
	COL64(rows, F_FLOWS)[i] = r->value[TOP_FLOWS];
	COL64(rows, F_PACKETS)[i] = r->value[TOP_PACKETS];
	COL64(rows, F_BYTES)[i] = r->value[TOP_BYTES];
	COL64(rows, F_FIRST)[i] = r->first_msec;
	COL64(rows, F_LAST)[i] = r->last_msec;
}

static void
put_bounds(struct table *t, const struct shown *s, struct arena *a)
{
	bool exact = true;

	for (size_t i = 0; i < s->n; i++)
		exact = exact && top_row_exact(s->row[i]);
	t->proven = s->proven < s->n ? s->proven : s->n;
	if (exact && t->proven == s->n)
		return;
	t->over = arena_array(a, s->n + 1, sizeof(*t->over));
	for (size_t i = 0; i < s->n; i++)
		t->over[i] = (struct totals){ s->row[i]->over[TOP_FLOWS], s->row[i]->over[TOP_PACKETS],
		    s->row[i]->over[TOP_BYTES] };
}

static void
make_table(const struct query *q, const struct stat_request *r, const struct dimension *d, const struct toptable *top,
    const struct shown *s, struct arena *a, struct table *t)
{
	bool record = r == NULL || statistic_is_record(r->stat);
	struct fieldset columns = { { 0, 0 } };

	*t = (struct table){ .kind = record ? TABLE_GROUPS : TABLE_STAT, .stat = r,
	    .value_field = record ? F_COUNT : d->key[0], .keys = q->keys, .nkeys = q->nkeys, .nall = top->n,
	    .nall_least = !has_all(top) };
	counters_fields(&columns);
	if (record)
		fieldset_add(&columns, F_FLAGS);
	fieldset_add(&columns, d->key[0]);
	if (!d->sides && d->key[1] != F_COUNT)
		fieldset_add(&columns, d->key[1]);
	batch_columns(&t->rows, &columns, s->n, a);
	t->rows.n = s->n;
	t->rows.ident = "";
	for (size_t i = 0; i < s->n; i++) {
		put_row(&t->rows, i, s->row[i]);
		put_key(&t->rows, d, i, s->row[i]->key);
	}
	if (!s->exact)
		put_bounds(t, s, a);
}

/* Networks of one family are the table's only where there are no addresses of the other. */
static bool
has_network(const struct asked *q, const struct dimension *d)
{
	return d->family == 0 || (q->facts.complete && !(d->family == 4 ? q->facts.sum.v6 : q->facts.sum.v4));
}

/* A dimension's table; of two sides the sum, with what either leaves open. */
static int
table_of(const struct asked *q, const struct dimension *d, struct sides *sides, struct toptable *t, struct err *e)
{
	const enum top_dim side[2] = { d->dim, other_side(d) };
	struct arena *a = q->res->arena;
	struct topsum *sum;
	int rc = 0;

	if (side[1] == TOP_DIMS)
		return index_top(q->engine->index, &q->window, q->sources, q->nsources, d->dim, a, t, e);
	sum = topsum_new(d->dim);
	for (int i = 0; i < 2 && rc == 0; i++) {
		struct toptable *one = &sides->table[i];

		rc = index_top(q->engine->index, &q->window, q->sources, q->nsources, side[i], a, one, e);
		if (one->incomplete)
			topsum_lacks(sum);
		topsum_add(sum, one);
	}
	topsum_finish(sum, 0, a, t);
	topsum_free(sum);
	return rc == -1 ? -1 : 0;
}

/* 1; 0: the index cannot tell, or not exactly and that is asked for; -1. */
static int
top(const struct asked *q, const struct stat_request *r, struct table *t, struct err *e)
{
	const struct dimension *d = of_request(q->query, r);
	enum order order = r != NULL ? r->order : q->query->order;
	struct arena *a = q->res->arena;
	struct toptable table;
	struct sides sides;
	struct shown s;

	if (!has_network(q, d))
		return 0;
	if (table_of(q, d, &sides, &table, e) == -1)
		return -1;
	if (settle(q, d, &sides, &table, order, &s, e) == -1)
		return -1;
	if (!s.exact && (!q->query->quick || table.incomplete || !table.timed || r == NULL ||
	    statistic_is_record(r->stat)))
		return 0;
	make_table(q->query, r, d, &table, &s, a, t);
	return 1;
}

static int
tops(const struct asked *q, struct err *e)
{
	const struct query *query = q->query;
	struct result *res = q->res;
	size_t n = query->nstats > 0 ? query->nstats : 1;
	int rc = 1;

	if (query->mode == QUERY_LIST)
		return 1;
	res->tables = arena_array(res->arena, n, sizeof(*res->tables));
	for (size_t i = 0; i < n && rc == 1; i++)
		rc = top(q, query->nstats > 0 ? &query->stats[i] : NULL, &res->tables[i], e);
	res->ntables = rc == 1 ? n : 0;
	return rc;
}

/* ---- */

static bool
has_bounds(const struct result *res)
{
	for (size_t i = 0; i < res->ntables; i++)
		if (res->tables[i].over != NULL)
			return true;
	return false;
}

static const char *
note(const struct asked *q)
{
	struct result *res = q->res;
	const char *bounds = !has_bounds(res) ? "" :
	    "; rows are bounds where they say so";
	const char *gone = q->facts.gone == 0 ? "" : arena_printf(res->arena,
	    "; it also has %zu files that are there no more", q->facts.gone);

	if (res->files > 0)
		return arena_printf(res->arena, "from the index; read %zu of %zu files for what it leaves open", res->files,
		    res->nslots);
	return arena_printf(res->arena, "from the index, no file was read%s%s", gone, bounds);
}

int
engine_from_index(struct engine *engine, const struct query *query, const struct fieldset *show,
    const struct sink *sink, const struct watch *watch, struct cost *cost, struct result *res, struct err *e)
{
	struct asked q = { .engine = engine, .query = query, .watch = watch, .may_read = true, .cost = cost, .res = res };
	struct arena *a = res->arena;
	struct timespec start, end;
	struct slot *slots;
	int rc;

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (engine->conf == NULL || engine_names_files(query) || query->window.from == query->window.to ||
	    !is_answerable(query, show, sink) || (engine_masks(engine) && query->mode != QUERY_LIST))
		return 0;
	q.window = engine_whole_slots(engine, &query->window);
	if (engine_sources(engine, query->sources, a, &q.sources, &q.nsources, e) == -1)
		return -1;
	if ((rc = totals(&q, e)) == 1) {
		q.may_read = q.may_read && q.facts.complete && q.facts.gone == 0 && q.facts.ntrouble_all == 0;
		rc = tops(&q, e);
	}
	if (rc != 1) {
		*res = (struct result){ .arena = a };
		return rc;
	}
	if (index_slots(engine->index, &q.window, q.sources, q.nsources, a, &slots, &res->nslots, e) == -1)
		return -1;
	res->slots = slots;
	res->from_msec = query->from_msec;
	res->to_msec = query->to_msec;
	res->from_index = res->files == 0;
	clock_gettime(CLOCK_MONOTONIC, &end);
	res->seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	res->note = note(&q);
	return 1;
}
