#include "query/run_private.h"

#include <stdlib.h>

#include "base/pool.h"
#include "query/order.h"

void
list_take(struct run *run, unsigned worker, struct unit *unit, const struct batch *b)
{
	struct place *p = unit->place;
	size_t held;

	if (run->list.printing)
		run->sink->printing->print(run->workers[worker].printer, b, &p->text);
	else
		rows_append(&p->rows, b);
	kept_count(&unit->kept, b, b->n);
	unit->nkept += b->n;
	held = run->list.printing ? p->text.cap : rows_memory(&p->rows);
	atomic_fetch_add(&run->memory, held - p->held);
	p->held = held;
}

bool
list_full(const struct run *run, const struct unit *unit)
{
	return run->query->mode == QUERY_LIST && run->query->limit != 0 &&
	    run->query->order == ORDERS && unit->place->rows.batch.n >= run->query->limit;
}

/* Gives a unit's rows on.  0; 1 when that is enough; -1. */
static int
give_rows(struct run *run, struct unit *unit, struct err *e)
{
	struct batch *rows = &unit->place->rows.batch;
	bool sorted = run->query->order != ORDERS;
	size_t before = rows_memory(&run->list.all);

	if (rows->n > run->list.left) {
		rows->n = (size_t)run->list.left;
		unit->kept = (struct counters){ .first = UINT64_MAX };
		kept_count(&unit->kept, rows, rows->n);
		unit->nkept = rows->n;
	}
	run->list.left -= rows->n;
	if (rows->n == 0)
		return 0;
	if (run->sink != NULL && !sorted)
		return run->sink->rows(run->sink->ctx, rows, e);
	rows_append(&run->list.all, rows);
	atomic_fetch_add(&run->memory, rows_memory(&run->list.all) - before);
	return 0;
}

/* Gives on what a unit has, when it is its turn.  0, or what ends the list. */
static int
give(struct run *run, struct unit *unit, struct err *e)
{
	struct place *p = unit->place;
	int rc = 0;

	if (!run->list.printing)
		rc = give_rows(run, unit, e);
	else if (unit->nkept > 0)
		rc = run->sink->printing->take(run->sink->ctx, &p->text, unit->nkept, e);
	kept_join(run->result, &unit->kept);
	run->result->flows_kept += unit->nkept;
	unit_report(run, unit);
	rows_reset(&p->rows);
	strbuf_reset(&p->text);
	return rc == 0 && run->list.left == 0 ? 1 : rc;
}

/*
 * Gives on all that is ready and whose turn it is, unless another thread is
 * about it.  The list's lock is held, but not while rows are given on.
 */
static void
give_ready(struct run *run)
{
	struct list *l = &run->list;
	struct place *p;

	if (l->giving)
		return;
	l->giving = true;
	while (l->rc == 0 && l->next < run->nunits && (p = &l->places[l->next % l->nplaces])->ready) {
		int rc;

		pthread_mutex_unlock(&l->lock);
		rc = give(run, &run->units[l->next], &l->err);
		pthread_mutex_lock(&l->lock);
		l->rc = rc;
		p->ready = false;
		l->next++;
		if (rc != 0)
			run_stop(run, STOP_ENOUGH);
		pthread_cond_broadcast(&l->moved);
	}
	l->giving = false;
}

/* Reads a unit when there is a place for it; those before it are being read, so its turn comes. */
static int
list_unit(void *ctx, unsigned worker, size_t i)
{
	struct run *run = ctx;
	struct list *l = &run->list;

	pthread_mutex_lock(&l->lock);
	while (l->rc == 0 && i >= l->next + l->nplaces)
		pthread_cond_wait(&l->moved, &l->lock);
	if (l->rc != 0) {
		pthread_mutex_unlock(&l->lock);
		return 0;
	}
	run->units[i].place = &l->places[i % l->nplaces];
	pthread_mutex_unlock(&l->lock);
	unit_read(run, worker, i);
	pthread_mutex_lock(&l->lock);
	run->units[i].place->ready = true;
	give_ready(run);
	pthread_mutex_unlock(&l->lock);
	return 0;
}

/* Rows that are given on in their order and number can be printed where they are read. */
static bool
open_printers(struct run *run)
{
	const struct sink *sink = run->sink;
	bool all = sink != NULL && sink->printing != NULL && run->query->order == ORDERS && run->query->limit == 0;

	for (unsigned i = 0; all && i < run->nworkers; i++) {
		struct worker *w = &run->workers[i];

		all = (w->printer = sink->printing->open(sink->ctx, w->arena)) != NULL;
	}
	return all;
}

/* Rows come out in the files' order while all threads read. */
int
list_run(struct run *run, struct err *e)
{
	struct list *l = &run->list;

	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->moved, NULL);
	l->left = run->query->limit != 0 ? run->query->limit : UINT64_MAX;
	l->printing = open_printers(run);
	rows_init(&l->all, &run->want);
	l->nplaces = (size_t)run->nworkers * 2;
	l->places = xcalloc(l->nplaces, sizeof(*l->places));
	for (size_t i = 0; i < l->nplaces; i++)
		rows_init(&l->places[i].rows, &run->want);
	pool_run(run->nworkers, run->nunits, list_unit, run);
	if (l->rc == -1)
		*e = l->err;
	return l->rc == -1 ? -1 : 0;
}

void
list_free(struct run *run)
{
	struct list *l = &run->list;

	if (l->places == NULL)
		return;
	for (size_t i = 0; i < l->nplaces; i++) {
		rows_free(&l->places[i].rows);
		strbuf_free(&l->places[i].text);
	}
	free(l->places);
	rows_free(&l->all);
	for (unsigned i = 0; i < run->nworkers; i++)
		if (run->workers[i].printer != NULL)
			run->sink->printing->close(run->workers[i].printer);
	pthread_cond_destroy(&l->moved);
	pthread_mutex_destroy(&l->lock);
}

/* Position of a row, ranked by one order's value, then as it came. */
struct row_rank {
	uint64_t value;
	size_t row;
};

static int
compare_rows(const void *one, const void *two, const void *ctx)
{
	const struct row_rank *a = one, *b = two;
	bool ascending = *(const bool *)ctx;

	if (a->value != b->value)
		return (a->value < b->value) == ascending ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

/* The list's table, sorted where asked. */
void
list_table(struct run *run, struct table *t)
{
	const struct query *q = run->query;
	struct batch *all = &run->list.all.batch;
	struct row_rank *rank = xmalloc((all->n + 1) * sizeof(*rank));
	struct counters c;
	size_t n = all->n;

	for (size_t i = 0; i < n; i++) {
		counters_of_row(all, i, &c);
		rank[i].row = i;
		rank[i].value = q->order != ORDERS ? orders[q->order].value(&c) : 0;
	}
	if (q->order != ORDERS)
		n = order_top(rank, n, sizeof(*rank), query_top(q), compare_rows, &q->ascending);
	t->kind = TABLE_FLOWS;
	t->nall = all->n;
	batch_columns(&t->rows, &run->want, n, run->result->arena);
	t->rows.n = n;
	t->rows.ident = arena_strdup(run->result->arena, all->ident);
	for (size_t i = 0; i < n; i++)
		batch_copy(&t->rows, i, all, rank[i].row, run->result->arena);
	free(rank);
}
