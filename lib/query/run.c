#include "query/run_private.h"

#include <stdlib.h>

#include "base/pool.h"
#include "query/run_series.h"
#include "query/sampling.h"
#include "query/span.h"

static const char *const stop_notes[] = {
	[STOP_DEADLINE] = "The time limit was reached",
	[STOP_MEMORY] = "The memory limit was reached",
	[STOP_ASKED] = "The query was stopped",
};

/*
 * The hosts, not networks, that the filter asks for.  Zero addresses are everywhere, and
 * also stand for those that are not there.
 */
static void
choose_hosts(struct run *run)
{
	struct prefix prefix[NEEDLES_MAX];
	size_t n = filter_hosts(run->query->program, prefix, NEEDLES_MAX);

	for (size_t i = 0; i < n; i++) {
		struct addr none = addr_is_v4(&prefix[i].addr) ? addr_from_v4(0) : addr_from_v6(0, 0);

		if (prefix[i].bits != 128 || addr_cmp(&prefix[i].addr, &none) == 0)
			return;
		run->hosts[i] = prefix[i].addr;
	}
	run->nhosts = n;
}

/* What to read: for the filter, for counting, for the keys, for showing. */
static void
choose_fields(struct run *run)
{
	const struct query *q = run->query;

	filter_fields(q->program, &run->selects);
	choose_hosts(run);
	if (run_has_time(q)) {
		fieldset_add(&run->selects, F_FIRST);
		fieldset_add(&run->selects, F_LAST);
	}
	counters_fields(&run->want);
	groupings_fields(run, &run->want);
	if (run->taker != NULL)
		fieldset_join(&run->want, &run->taker->fields);
	if (q->mode == QUERY_LIST)
		fieldset_join(&run->want, &run->show);
}

static void
start_workers(struct run *run)
{
	run->workers = xcalloc(run->nworkers, sizeof(*run->workers));
	for (unsigned i = 0; i < run->nworkers; i++) {
		run->workers[i].arena = arena_new();
		run->workers[i].chooser.run = run;
		run->workers[i].chooser.query = run->query;
		run->workers[i].chooser.result = run->result;
		run->workers[i].chooser.scratch = filter_scratch(run->query->program, run->workers[i].arena);
	}
	groupings_start(run);
}

static void
finish_run(struct run *run)
{
	list_free(run);
	for (unsigned i = 0; i < run->nworkers; i++)
		arena_free(run->workers[i].arena);
	groupings_free(run);
	free(run->workers);
	for (size_t i = 0; i < run->nunits; i++) {
		free(run->units[i].faults);
		free(run->units[i].failure);
	}
	free(run->units);
}

static void
make_tables(struct run *run)
{
	const struct query *q = run->query;
	struct result *res = run->result;

	if (run->taker != NULL || (q->mode == QUERY_LIST && run->sink != NULL && q->order == ORDERS))
		return;
	res->ntables = q->nstats > 0 ? q->nstats : 1;
	res->tables = arena_array(res->arena, res->ntables, sizeof(*res->tables));
	if (q->mode == QUERY_LIST)
		list_table(run, &res->tables[0]);
	else
		for (size_t i = 0; i < res->ntables; i++)
			groupings_table(run, &res->tables[i], q->nstats > 0 ? &q->stats[i] : NULL);
}

/* Files of which nothing is missing. */
static size_t
files_whole(const struct run *run)
{
	size_t n = 0;

	for (size_t i = 0; i < run->nunits;) {
		size_t file = run->units[i].file;
		bool whole = true;

		for (; i < run->nunits && run->units[i].file == file; i++)
			whole &= run->units[i].whole;
		n += whole;
	}
	return n;
}

static void
sum_up(struct run *run)
{
	struct result *res = run->result;
	int why = atomic_load(&run->stop);
	bool cut = false;

	/* A stop may have come when all was read. */
	for (size_t i = 0; i < run->nunits; i++)
		cut = cut || !run->units[i].whole;
	if (cut && why != GO_ON && why != STOP_ENOUGH) {
		res->partial = true;
		res->note = arena_printf(res->arena, "%s after %zu of %zu files.", stop_notes[why],
		    files_whole(run), run->files->n);
	}
	res->seconds = run_clock() - run->started;
}

/* -t of "+n" counts from the first flow of the files on, "-n" back from the last; nfdump takes their whole seconds. */
static void
set_time(struct run *run)
{
	const struct query *q = run->query;
	bool from_start = q->from_msec == INT64_MIN && q->to_msec != INT64_MAX;
	bool from_end = q->from_msec < 0 && q->from_msec != INT64_MIN;
	uint64_t first = 0, last = 0;

	if (from_start || from_end)
		files_span(run->files, &first, &last);
	run->result->from_msec = q->from_msec + (from_end ? (int64_t)(last / 1000 * 1000) : 0);
	run->result->to_msec = q->to_msec + (from_start ? (int64_t)(first / 1000 * 1000) : 0);
}

unsigned
run_workers(const struct query *q, const struct run_limits *limits)
{
	/* Statistics of the first N flows: who comes first must be as in the files. */
	if ((q->limit != 0 && q->mode != QUERY_LIST) || filter_counts(q->program))
		return 1;
	return limits->workers != 0 ? limits->workers : pool_cpus();
}

int
run_pass(const struct query *q, const struct file_list *files, const struct fieldset *show,
    const struct run_limits *limits, const struct sink *sink, const struct watch *watch,
    const struct taker *taker, struct result *res, struct err *e)
{
	struct run *run = xcalloc(1, sizeof(*run));
	struct file_list scaled;
	int rc = 0;

	if (q->sampling > 1) {
		scaled = sampling_files(files, q->sampling, res->arena);
		files = &scaled;
	}
	*run = (struct run){ .query = q, .files = files, .limits = limits, .sink = sink, .watch = watch,
	    .taker = taker, .result = res, .started = run_clock(), .asking = ATOMIC_FLAG_INIT };
	if (show != NULL)
		run->show = *show;
	run->nworkers = run_workers(q, limits);
	groupings_make(run);
	set_time(run);
	choose_fields(run);
	units_make(run);
	start_workers(run);
	if (q->mode == QUERY_LIST)
		rc = list_run(run, e);
	else
		groupings_run(run);
	if (rc == 0)
		make_tables(run);
	sum_up(run);
	finish_run(run);
	free(run);
	return rc;
}

int
run_query(const struct query *q, const struct file_list *files, const struct fieldset *show,
    const struct run_limits *limits, const struct sink *sink, const struct watch *watch,
    struct result *res, struct err *e)
{
	if (q->mode == QUERY_SERIES)
		return run_series(q, files, limits, watch, res, e);
	return run_pass(q, files, show, limits, sink, watch, NULL, res, e);
}
