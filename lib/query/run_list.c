#include "query/run_private.h"

#include <stdlib.h>

#include "base/pool.h"
#include "query/order.h"

void
list_take(struct run *run, struct unit *unit, const struct batch *b)
{
	rows_append(unit->rows, b);
	atomic_fetch_add(&run->memory, b->n * 64);
}

bool
list_full(const struct run *run, const struct unit *unit)
{
	return run->query->mode == QUERY_LIST && run->query->limit != 0 &&
	    run->query->order == ORDERS && unit->rows->batch.n >= run->query->limit;
}

/* Gives a unit's rows on, in order.  0; 1 when that is enough; -1. */
static int
emit_unit(struct run *run, struct unit *unit, uint64_t *left, struct err *e)
{
	struct batch *rows = &unit->rows->batch;
	bool sorted = run->query->order != ORDERS;
	struct counters kept = { .first = UINT64_MAX };
	int rc = 0;

	if (rows->n > *left)
		rows->n = (size_t)*left;
	*left -= rows->n;
	if (rows->n > 0) {
		kept_count(&kept, rows, rows->n);
		kept_join(run->result, &kept);
		run->result->flows_kept += rows->n;
		if (run->sink != NULL && !sorted)
			rc = run->sink->rows(run->sink->ctx, rows, e);
		else
			rows_append(&run->all, rows);
	}
	return rc;
}

/* Lists go round by round, so that rows come out in the files' order while both cores read. */
int
list_run(struct run *run, struct err *e)
{
	uint64_t left = run->query->limit != 0 ? run->query->limit : UINT64_MAX;
	size_t round = (size_t)run->nworkers * 2;

	rows_init(&run->all, &run->want);
	run->nround = round;
	run->round = xcalloc(round, sizeof(*run->round));
	for (size_t i = 0; i < round; i++)
		rows_init(&run->round[i], &run->want);
	for (run->first_unit = 0; run->first_unit < run->nunits; run->first_unit += round) {
		size_t n = run->nunits - run->first_unit < round ? run->nunits - run->first_unit : round;

		/* Rows change hands, so that their memory is asked for once. */
		for (size_t i = 0; i < n; i++)
			run->units[run->first_unit + i].rows = &run->round[i];
		pool_run(run->nworkers, n, unit_read, run);
		atomic_store(&run->memory, rows_memory(&run->all));
		for (size_t i = 0; i < n; i++) {
			struct unit *unit = &run->units[run->first_unit + i];
			int rc = emit_unit(run, unit, &left, e);

			rows_reset(unit->rows);
			unit->rows = NULL;
			unit_report(run, unit);
			if (rc == -1)
				return -1;
			if (rc == 1 || left == 0)
				return 0;
		}
		if (atomic_load(&run->stop) != GO_ON)
			return 0;
	}
	return 0;
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
	struct batch *all = &run->all.batch;
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
