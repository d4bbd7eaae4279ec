#include "query/run_private.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/pool.h"
#include "query/bidir.h"
#include "query/dense.h"
#include "query/post.h"

static void
add_grouping(struct run *run, const struct stat_request *r)
{
	const struct statistic *stat = r != NULL && !statistic_is_record(r->stat) ? r->stat : NULL;
	bool by_proto = stat != NULL && r->by_proto;
	struct grouping *g;

	for (size_t i = 0; i < run->ngroupings; i++)
		if (run->groupings[i].stat == stat && run->groupings[i].by_proto == by_proto)
			return;
	g = &run->groupings[run->ngroupings++];
	g->stat = stat;
	g->by_proto = by_proto;
	if (stat == NULL) {
		group_keys_init(&g->side[0], run->query->keys, run->query->nkeys);
		g->side[0].bidir = run->query->bidir;
		g->nsides = 1;
		return;
	}
	for (g->nsides = 0; g->nsides < SIDES_MAX && stat->side[g->nsides] != F_COUNT; g->nsides++) {
		struct key *key = g->key[g->nsides];
		size_t n = 0;

		if (by_proto)
			key[n++].field = F_PROTO;
		key[n++].field = stat->side[g->nsides];
		group_keys_init(&g->side[g->nsides], key, n);
	}
}

static struct grouping *
find_grouping(struct run *run, const struct stat_request *r)
{
	for (size_t i = 0; i < run->ngroupings; i++) {
		struct grouping *g = &run->groupings[i];

		if (r == NULL || statistic_is_record(r->stat) ? g->stat == NULL :
		    g->stat == r->stat && g->by_proto == r->by_proto)
			return g;
	}
	return NULL;
}

void
groupings_make(struct run *run)
{
	if (run->query->mode == QUERY_GROUP)
		add_grouping(run, NULL);
	for (size_t i = 0; i < run->query->nstats; i++)
		add_grouping(run, &run->query->stats[i]);
}

void
groupings_fields(const struct run *run, struct fieldset *want)
{
	for (size_t i = 0; i < run->ngroupings; i++) {
		const struct grouping *g = &run->groupings[i];

		for (size_t side = 0; side < g->nsides; side++)
			group_fields(&g->side[side], want);
		if (g->stat == NULL)
			fieldset_add(want, F_FLAGS);
	}
}

/* Does anything need the groups' TCP flags, or what else their first flows had? */
static bool
shows_records(const struct run *run)
{
	struct fieldset asked = run->show;

	if (run->query->post_program != NULL)
		filter_fields(run->query->post_program, &asked);
	return run->query->five_tuple || fieldset_has(&asked, F_FLAGS);
}

void
groupings_start(struct run *run)
{
	for (size_t i = 0; i < run->ngroupings; i++) {
		struct grouping *g = &run->groupings[i];

		g->by_place = g->stat != NULL;
		for (size_t side = 0; side < g->nsides; side++)
			g->by_place &= dense_fits(&g->side[side]);
		for (unsigned w = 0; g->by_place && w < run->nworkers; w++)
			run->workers[w].dense[i] = dense_new();
		g->group = group_new(&g->side[0], g->stat == NULL && shows_records(run), run->nworkers);
	}
}

void
groupings_free(struct run *run)
{
	for (size_t i = 0; i < run->ngroupings; i++) {
		for (unsigned w = 0; w < run->nworkers; w++)
			dense_free(run->workers[w].dense[i]);
		group_free(run->groupings[i].group);
	}
}

void
groupings_take(struct run *run, unsigned worker, struct unit *unit, const struct batch *b)
{
	size_t n = b->n, memory = 0;

	if (run->query->limit != 0 && run->taken + n >= run->query->limit) {
		n = run->query->limit - run->taken;
		run_stop(run, STOP_ENOUGH);
	}
	if (run->query->limit != 0)
		run->taken += n;
	kept_count(&unit->kept, b, n);
	unit->nkept += n;
	for (size_t i = 0; i < run->ngroupings; i++) {
		struct grouping *g = &run->groupings[i];

		for (size_t side = 0; side < g->nsides; side++)
			if (b->places != NULL && b->places->place[dense_field(&g->side[side])] != NULL)
				dense_add(run->workers[worker].dense[i], g->group, worker, &g->side[side], b, n);
			else
				group_add(g->group, worker, &g->side[side], b, n, (uint32_t)(unit - run->units));
		memory += group_memory(g->group);
	}
	if (run->taker != NULL)
		memory = run->taker->take(run->taker->ctx, worker, unit, b, n);
	atomic_store(&run->memory, memory);
}

bool
groupings_by_place(const struct run *run)
{
	for (size_t i = 0; i < run->ngroupings; i++)
		if (!run->groupings[i].by_place)
			return false;
	return run->ngroupings > 0 && run->taker == NULL;
}

bool
groupings_by_sums(const struct run *run)
{
	if (!groupings_by_place(run) || run_is_selective(run->query) || run->query->limit != 0)
		return false;
	for (size_t i = 0; i < run->ngroupings; i++)
		for (size_t side = 0; side < run->groupings[i].nsides; side++)
			if (!dense_fits_sums(&run->groupings[i].side[side]))
				return false;
	return true;
}

static void
kept_sums(struct counters *kept, const struct flow_sums *sums)
{
	const uint64_t *const *of = sums->of[SIDE_SRC];
	uint64_t *const to[SUMS] = {
		[SUM_FLOWS] = &kept->flows, [SUM_PACKETS] = &kept->packets, [SUM_BYTES] = &kept->bytes,
		[SUM_OUTPACKETS] = &kept->outpackets, [SUM_OUTBYTES] = &kept->outbytes,
	};

	for (enum sum sum = 0; sum < SUMS; sum++)
		for (size_t i = 0; to[sum] != NULL && of[sum] != NULL && i < sums->n; i++)
			*to[sum] += of[sum][i];
	for (size_t i = 0; i < sums->n; i++) {
		uint64_t first = of[SUM_FIRST] != NULL ? of[SUM_FIRST][i] : 0;
		uint64_t last = of[SUM_LAST] != NULL ? of[SUM_LAST][i] : 0;

		if (of[SUM_FLOWS][i] == 0)
			continue;
		kept->first = first < kept->first ? first : kept->first;
		kept->last = last > kept->last ? last : kept->last;
	}
}

void
groupings_take_sums(struct run *run, unsigned worker, struct unit *unit, const struct flow_sums *sums)
{
	size_t memory = 0;

	kept_sums(&unit->kept, sums);
	unit->nkept += sums->records;
	for (size_t i = 0; i < run->ngroupings; i++) {
		struct grouping *g = &run->groupings[i];

		dense_add_sums(run->workers[worker].dense[i], g->group, worker, g->side, g->nsides, sums);
		memory += group_memory(g->group);
	}
	atomic_store(&run->memory, memory);
}

void
groupings_flush(struct run *run, unsigned worker)
{
	for (size_t i = 0; i < run->ngroupings; i++)
		if (run->groupings[i].by_place)
			dense_flush(run->workers[worker].dense[i], run->groupings[i].group, worker,
			    &run->groupings[i].side[0]);
}

/* A row of a group table and where its first flow stands: FIRST_PIECE is the unit. */
struct first {
	uint64_t where;
	size_t row;
};

/* Looking up again the flows that the groups shown began with. */
struct look_up {
	struct run *run;
	struct fieldset extra;
	struct first *first;		/* sorted */
	size_t *start;			/* of each unit's part of first[], and the end */
	struct batch *rows;
	pthread_mutex_t lock;
};

static int
look_up_unit(void *ctx, unsigned worker, size_t i)
{
	struct look_up *l = ctx;
	struct first *first = &l->first[l->start[i]], *end = &l->first[l->start[i + 1]];
	struct unit *unit = &l->run->units[FIRST_PIECE(first->where)];
	struct reader *r;
	struct batch *b;
	struct err e;

	(void)worker;
	r = unit_open(l->run, unit->file, &l->extra, NULL, &e);
	if (r != NULL && unit->nblocks != 0)
		reader_only(r, unit->first, unit->nblocks);
	while (r != NULL && first < end && reader_next(r, &b, &e) == 1)
		for (; first < end && FIRST_NUMBER(first->where) < b->first_number + b->n; first++) {
			pthread_mutex_lock(&l->lock);
			batch_copy(l->rows, first->row, b, FIRST_NUMBER(first->where) - b->first_number,
			    l->run->result->arena);
			pthread_mutex_unlock(&l->lock);
		}
	reader_close(r);
	return 0;
}

static int
compare_firsts(const void *one, const void *two)
{
	const struct first *a = one, *b = two;

	return a->where < b->where ? -1 : a->where > b->where;
}

/*
 * What a table of five-tuples shows beside keys and counters is that of each
 * group's first flow, as with nfdump.  Keeping it for all groups would take a
 * multiple of their memory; the few that are shown are read again instead.
 */
static void
read_firsts(struct run *run, struct batch *rows, const uint64_t *where, const struct fieldset *extra)
{
	struct look_up l = { .run = run, .extra = *extra, .rows = rows, .lock = PTHREAD_MUTEX_INITIALIZER };
	size_t nunits = 0;

	l.first = xcalloc(rows->n + 1, sizeof(*l.first));
	l.start = xcalloc(rows->n + 1, sizeof(*l.start));
	for (size_t i = 0; i < rows->n; i++)
		l.first[i] = (struct first){ where[i] & ~FIRST_FLIPPED, i };
	qsort(l.first, rows->n, sizeof(*l.first), compare_firsts);
	for (size_t i = 0; i < rows->n; i++)
		if (i == 0 || FIRST_PIECE(l.first[i].where) != FIRST_PIECE(l.first[i - 1].where))
			l.start[nunits++] = i;
	l.start[nunits] = rows->n;
	pool_run(run->nworkers, nunits, look_up_unit, &l);
	for (size_t i = 0; i < rows->n; i++)
		if (where[i] & FIRST_FLIPPED)
			bidir_turn_row(rows, i);
	free(l.first);
	free(l.start);
}

static struct fieldset
fieldset_minus(const struct fieldset *set, const struct fieldset *without)
{
	struct fieldset left = { { 0, 0 } };

	for (enum field f = 0; f < F_COUNT; f++)
		if (fieldset_has(set, f) && !fieldset_has(without, f) && fields[f].derive == NULL)
			fieldset_add(&left, f);
	return left;
}

void
groupings_table(struct run *run, struct table *t, const struct stat_request *r)
{
	const struct query *q = run->query;
	struct grouping *g = find_grouping(run, r);
	struct fieldset columns = { { 0, 0 } }, extra = { { 0, 0 } };
	enum order order = r != NULL ? r->order : q->order;
	struct selection choice;
	struct post post;
	bool has_extra;
	uint64_t *where;

	t->kind = g->stat != NULL ? TABLE_STAT : TABLE_GROUPS;
	t->stat = r;
	t->value_field = g->stat != NULL ? g->stat->side[0] : F_COUNT;
	t->keys = q->keys;
	t->nkeys = q->nkeys;
	counters_fields(&columns);
	if (g->stat == NULL)
		fieldset_add(&columns, F_FLAGS);
	for (size_t i = 0; i < g->side[0].n; i++)
		fieldset_add(&columns, g->side[0].key[i].field);
	if (g->stat == NULL && q->five_tuple)
		extra = fieldset_minus(&run->show, &columns);
	has_extra = extra.word[0] != 0 || extra.word[1] != 0;
	if (!post_is_any(q)) {
		struct fieldset seen = columns;

		post_selection(&post, q, order, &seen, run->result->arena, &choice);
	}
	fieldset_join(&columns, &extra);
	t->nall = group_top(g->group, &g->side[0], post_is_any(q) ? NULL : &choice, order,
	    r != NULL ? r->ascending : q->ascending, query_top(q), &columns, run->result->arena, &t->rows,
	    has_extra ? &where : NULL);
	if (has_extra)
		read_firsts(run, &t->rows, where, &extra);
}

void
groupings_run(struct run *run)
{
	pool_run(run->nworkers, run->nunits, unit_read, run);
	for (size_t i = 0; i < run->nunits; i++) {
		struct unit *unit = &run->units[i];

		kept_join(run->result, &unit->kept);
		run->result->flows_kept += unit->nkept;
		unit_report(run, unit);
	}
	for (size_t i = 0; i < run->ngroupings; i++)
		group_finish(run->groupings[i].group);
}
