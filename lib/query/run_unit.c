#include "query/run_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flow/ranges.h"

#define LOOK_BATCHES		8	/* between looks at the limits and the watch */
#define UNITS_PER_WORKER	8	/* at least so many pieces of work, where the files have the blocks */
#define LIST_BLOCKS		2	/* of a unit of a list that shows all flows */
#define FAULTS_SHOWN		256

double
run_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void
run_stop(struct run *run, enum why why)
{
	int go_on = GO_ON;

	atomic_compare_exchange_strong(&run->stop, &go_on, (int)why);
}

/* Whether somebody still wants the answer.  One thread asks at a time; the others go on. */
static void
ask_watch(struct run *run)
{
	const struct watch *watch = run->watch;
	struct progress p = { .files = run->files->n };

	if (watch == NULL || atomic_flag_test_and_set(&run->asking))
		return;
	if (run->nunits > 0)
		p.files_done = p.files * atomic_load(&run->units_done) / run->nunits;
	p.flows_read = atomic_load(&run->flows_done);
	p.bytes_read = atomic_load(&run->bytes_done);
	if (watch->stop(watch->ctx, &p) != 0)
		run_stop(run, STOP_ASKED);
	atomic_flag_clear(&run->asking);
}

static void
look_around(struct run *run)
{
	if (run->limits->seconds > 0 && run_clock() - run->started > run->limits->seconds)
		run_stop(run, STOP_DEADLINE);
	if (run->limits->bytes > 0 && atomic_load(&run->memory) > run->limits->bytes)
		run_stop(run, STOP_MEMORY);
	ask_watch(run);
}

bool
run_has_time(const struct query *q)
{
	return q->from_msec != INT64_MIN || q->to_msec != INT64_MAX;
}

bool
run_is_selective(const struct query *q)
{
	return run_has_time(q) || !filter_is_any(q->program);
}

static size_t
filter_batch(const struct chooser *c, const struct batch *b, uint8_t *sel)
{
	struct batch numbered;

	if (c->before == 0)
		return filter_run(c->query->program, c->scratch, b, sel);
	numbered = *b;
	numbered.first_number += c->before;
	return filter_run(c->query->program, c->scratch, &numbered, sel);
}

/* A selection's choose(): the filter, and -t. */
static size_t
choose(void *ctx, const struct batch *b, uint8_t *sel)
{
	struct chooser *c = ctx;
	const struct query *q = c->query;
	int64_t from = c->result->from_msec, to = c->result->to_msec;
	const uint64_t *first, *last;
	size_t n;

	/* Where nothing matches, this is all that is heard of a file until its end. */
	if (++c->shown % LOOK_BATCHES == 0)
		look_around(c->run);
	n = filter_batch(c, b, sel);
	if (n == 0 || !run_has_time(q))
		return n;
	first = COL64(b, F_FIRST);
	last = COL64(b, F_LAST);
	n = 0;
	for (size_t i = 0; i < b->n; i++) {
		sel[i] &= (int64_t)first[i] >= from && (int64_t)last[i] <= to;
		n += sel[i];
	}
	return n;
}

/* A selection's may_match(): the same of a block's ranges. */
static bool
may_match(void *ctx, const struct block_ranges *ranges)
{
	const struct chooser *c = ctx;
	const struct query *q = c->query;

	if (run_has_time(q) && ((int64_t)ranges->most[F_FIRST] < c->result->from_msec ||
	    (int64_t)ranges->least[F_LAST] > c->result->to_msec))
		return false;
	return filter_may_match(q->program, ranges);
}

void
kept_count(struct counters *kept, const struct batch *b, size_t n)
{
	const uint64_t *flows = COL64(b, F_FLOWS), *packets = COL64(b, F_PACKETS), *bytes = COL64(b, F_BYTES);
	const uint64_t *outpackets = COL64(b, F_OUTPACKETS), *outbytes = COL64(b, F_OUTBYTES);
	const uint64_t *first = COL64(b, F_FIRST), *last = COL64(b, F_LAST);
	bool out = !fieldset_has(&b->zero, F_OUTPACKETS) || !fieldset_has(&b->zero, F_OUTBYTES);
	struct counters sum = *kept;		/* in registers, as the columns cannot be part of it */

	for (size_t i = 0; i < n; i++) {
		counter_add(&sum.flows, flows[i]);
		counter_add(&sum.packets, packets[i]);
		counter_add(&sum.bytes, bytes[i]);
		sum.first = first[i] < sum.first ? first[i] : sum.first;
		sum.last = last[i] > sum.last ? last[i] : sum.last;
	}
	for (size_t i = 0; out && i < n; i++) {
		counter_add(&sum.outpackets, outpackets[i]);
		counter_add(&sum.outbytes, outbytes[i]);
	}
	*kept = sum;
}

void
kept_join(struct result *res, const struct counters *c)
{
	if (c->first == UINT64_MAX)
		return;
	if (res->first_msec == 0 || c->first < res->first_msec)
		res->first_msec = c->first;
	if (c->last > res->last_msec)
		res->last_msec = c->last;
	counter_add(&res->kept.flows, c->flows);
	counter_add(&res->kept.packets, c->packets);
	counter_add(&res->kept.packets, c->outpackets);
	counter_add(&res->kept.bytes, c->bytes);
	counter_add(&res->kept.bytes, c->outbytes);
}

static void
keep_failure(struct unit *unit, const struct err *e)
{
	unit->failure = xmalloc(sizeof(*e));
	*unit->failure = *e;
}

/*
 * The column file that stands for a file, where there is one, or the file
 * itself; as the settings of its source say, unless it was named.
 */
struct reader *
unit_open(const struct run *run, size_t i, const struct fieldset *want, const struct selection *selection,
    struct err *e)
{
	const struct file_list *files = run->files;

	return reader_open_columns(files->columns != NULL && !run->plain ? files->columns[i] : NULL, files->path[i],
	    files->source != NULL ? files->source[i] : NULL, want, selection, e);
}

int
unit_read(void *ctx, unsigned worker, size_t i)
{
	struct run *run = ctx;
	struct unit *unit = &run->units[i];
	struct worker *w = &run->workers[worker];
	struct reader *r;
	struct batch *b;
	struct err e;
	struct selection selection = { run->selects, choose, &w->chooser, may_match, run->hosts, run->nhosts };
	struct flow_sums sums;
	unsigned nbatch = 0;
	int rc = 0;

	look_around(run);
	if (atomic_load(&run->stop) != GO_ON)
		return 0;
	unit->begun = true;
	if (filter_counts(run->query->program))
		w->chooser.before = w->flows_read;
	r = unit_open(run, unit->file, &run->want, run_is_selective(run->query) ? &selection : NULL, &e);
	if (r == NULL) {
		keep_failure(unit, &e);
		unit->whole = true;
		return 0;
	}
	if (unit->nblocks != 0)
		reader_only(r, unit->first, unit->nblocks);
	reader_until(r, &run->stop);
	if (groupings_by_place(run))
		reader_take_places(r);
	while (atomic_load(&run->stop) == GO_ON && groupings_by_sums(run) && reader_next_sums(r, &sums))
		groupings_take_sums(run, worker, unit, &sums);
	while (!list_full(run, unit) && (rc = reader_next(r, &b, &e)) == 1) {
		if (atomic_load(&run->stop) != GO_ON)
			break;
		if (run->query->mode == QUERY_LIST)
			list_take(run, worker, unit, b);
		else
			groupings_take(run, worker, unit, b);
		if (++nbatch % LOOK_BATCHES == 0)
			look_around(run);
	}
	groupings_flush(run, worker);
	unit->whole = (rc != 1 && !reader_is_cut(r)) || list_full(run, unit);
	if (rc == -1)
		keep_failure(unit, &e);
	if (reader_faults(r)->n > 0) {
		unit->faults = xmalloc(sizeof(*unit->faults));
		*unit->faults = *reader_faults(r);
	}
	unit->flows_read = reader_info(r)->flows;
	unit->bytes_read = reader_info(r)->raw_bytes;
	w->flows_read += unit->flows_read;
	atomic_fetch_add(&run->units_done, 1);
	atomic_fetch_add(&run->flows_done, unit->flows_read);
	atomic_fetch_add(&run->bytes_done, unit->bytes_read);
	unit->columns = reader_is_columns(r);
	if (reader_info(r)->has_stat) {
		unit->span_first = reader_info(r)->first_msec;
		unit->span_last = reader_info(r)->last_msec;
	}
	reader_close(r);
	return 0;
}

/* Cuts the files into units; a file is cut into blocks only when there are few files. */
void
units_make(struct run *run)
{
	size_t nfiles = run->files->n, pieces = 1, room = 0;
	struct fieldset none = { { 0, 0 } };
	/* Rows of a unit wait until it is their turn: where all flows are shown they should not be many. */
	bool all_shown = run->query->mode == QUERY_LIST && !run_is_selective(run->query);
	struct err e;

	run->plain = all_shown;		/* a column file is not cut into units */

	if (run->nworkers > 1 && nfiles > 0 && nfiles < (size_t)run->nworkers * UNITS_PER_WORKER)
		pieces = run->nworkers * UNITS_PER_WORKER / nfiles + 1;
	run->units = NULL;
	for (size_t f = 0; f < nfiles; f++) {
		struct reader *r = pieces > 1 || all_shown ? unit_open(run, f, &none, NULL, &e) : NULL;
		/* A column file may be gone when it is read, and the file itself has other blocks. */
		bool whole = r == NULL || reader_is_columns(r);
		size_t blocks = whole ? 0 : reader_blocks(r, &e);
		size_t each = (blocks + pieces - 1) / pieces;
		size_t n;

		if (all_shown && each > LIST_BLOCKS)
			each = LIST_BLOCKS;
		n = each > 0 ? (blocks + each - 1) / each : 1;

		reader_close(r);
		if (run->nunits + n > room) {
			room = (run->nunits + n) * 2;
			run->units = xrealloc(run->units, room, sizeof(*run->units));
		}
		for (size_t i = 0; i < n; i++) {
			struct unit *u = &run->units[run->nunits++];

			memset(u, 0, sizeof(*u));
			u->file = f;
			u->first = i * each;
			/* The last one goes to the end, so that damage found there is seen once. */
			u->nblocks = i + 1 < n ? each : each > 0 ? SIZE_MAX / 2 : 0;
			u->kept.first = UINT64_MAX;
		}
	}
}

static void
add_fault(struct run *run, const struct unit *unit, const struct fault *fault, size_t more)
{
	struct result *res = run->result;
	struct file_fault *ff;

	if (res->faults == NULL)
		res->faults = arena_array(res->arena, FAULTS_SHOWN, sizeof(*res->faults));
	if (res->nfaults == FAULTS_SHOWN)
		return;
	ff = &res->faults[res->nfaults++];
	ff->path = run->files->path[unit->file];
	ff->fault = *fault;
	ff->more = more;
}

/* A unit's word on its file.  Faults of the file's head (block 0) are seen by each unit: the first tells. */
void
unit_report(struct run *run, const struct unit *unit)
{
	struct result *res = run->result;
	struct fault whole = { 0, 0, "" };
	size_t told = 0;

	if (!unit->begun)
		return;
	res->flows_read += unit->flows_read;
	res->bytes_read += unit->bytes_read;
	if (unit->first == 0) {
		res->files++;
		res->files_columns += unit->columns;
	}
	if (unit->failure != NULL) {
		snprintf(whole.reason, sizeof(whole.reason), "%.150s", unit->failure->text);
		add_fault(run, unit, &whole, 0);
		told++;
	}
	for (size_t i = 0; unit->faults != NULL && i < unit->faults->n && i < FAULTS_MAX; i++) {
		const struct fault *fault = &unit->faults->fault[i];

		if (fault->block == 0 && unit->first != 0)
			continue;
		if (told++ == 0)
			add_fault(run, unit, fault, unit->faults->n - 1 - i);
		if (fault->block != 0)
			res->blocks_skipped++;
	}
	if (told > 0) {
		res->partial = true;
		if (unit->first == 0)
			res->files_bad++;
	}
	if (unit->span_first != 0 && (res->span_first_msec == 0 || unit->span_first < res->span_first_msec))
		res->span_first_msec = unit->span_first;
	if (unit->span_last > res->span_last_msec)
		res->span_last_msec = unit->span_last;
}
