#include "query/run.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/pool.h"
#include "flow/ranges.h"
#include "query/bidir.h"
#include "query/group.h"
#include "query/order.h"
#include "query/post.h"
#include "query/rows.h"
#include "query/span.h"

#define UNITS_PER_WORKER	8	/* at least so many pieces of work, where the files have the blocks */
#define LIST_BLOCKS		2	/* of a unit of a list that shows all flows */
#define FAULTS_SHOWN		256

/* One grouping: statistics that differ only in order share it. */
struct grouping {
	const struct statistic *stat;	/* NULL: by the query's keys */
	bool by_proto;
	struct key key[SIDES_MAX][2];	/* of a statistic: by side, [proto,] value */
	struct group_keys side[SIDES_MAX];
	size_t nsides;
	struct group *group;
};

/* A piece of work: blocks of one file. */
struct unit {
	size_t file;
	size_t first, nblocks;		/* nblocks 0: all */
	struct rows *rows;		/* of a list, while its round is on */
	struct counters kept;
	uint64_t nkept;			/* records in it */
	struct faults *faults;		/* NULL: none */
	struct err *failure;		/* when the file could not be read to its end at all */
	uint64_t span_first, span_last;
	bool columns;			/* a column file was read instead */
};

/* Context of a selection. */
struct chooser {
	const struct query *query;
	const struct result *result;	/* knows -t in milliseconds */
	struct filter_scratch *scratch;
	uint64_t before;		/* flows of the files before this one, for filters that count */
};

/* What a thread needs for itself. */
struct worker {
	struct arena *arena;
	struct chooser chooser;
	uint64_t flows_read, bytes_read;
};

struct run {
	const struct query *query;
	const struct file_list *files;
	const struct run_limits *limits;
	const struct watch *watch;
	const struct sink *sink;
	struct result *result;
	struct fieldset want, show;	/* of the flows that are chosen; of those what is shown */
	struct fieldset selects;	/* what choosing needs */
	struct grouping groupings[STATS_MAX + 1];
	size_t ngroupings;
	struct unit *units;
	size_t nunits, first_unit;	/* of the round */
	struct worker *workers;
	unsigned nworkers;
	bool plain;			/* no column files */
	uint64_t taken;			/* flows counted so far, for -c with one worker */
	struct rows *round;		/* of the units of a round */
	size_t nround;
	struct rows all;		/* rows of a list that are to be sorted or returned */
	double started;
	atomic_size_t memory;
	atomic_int stop;		/* enum why */
};

enum why { GO_ON, STOP_DEADLINE, STOP_MEMORY, STOP_ASKED, STOP_ENOUGH };

static const char *const stop_notes[] = {
	[STOP_DEADLINE] = "The time limit was reached before all files were read.",
	[STOP_MEMORY] = "The memory limit was reached before all files were read.",
	[STOP_ASKED] = "The query was stopped before all files were read.",
};

static double
clock_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
stop(struct run *run, enum why why)
{
	int go_on = GO_ON;

	atomic_compare_exchange_strong(&run->stop, &go_on, (int)why);
}

/* Limits, and whether somebody still wants the answer.  Only the caller's thread asks the watch. */
static void
look_around(struct run *run, unsigned worker, size_t unit)
{
	const struct watch *watch = run->watch;

	if (run->limits->seconds > 0 && clock_seconds() - run->started > run->limits->seconds)
		stop(run, STOP_DEADLINE);
	if (run->limits->bytes > 0 && atomic_load(&run->memory) > run->limits->bytes)
		stop(run, STOP_MEMORY);
	if (worker == 0 && watch != NULL && watch->stop(watch->ctx, run->units[unit].file, run->files->n) != 0)
		stop(run, STOP_ASKED);
}

static bool
has_time(const struct query *q)
{
	return q->from_msec != INT64_MIN || q->to_msec != INT64_MAX;
}

static bool
is_selective(const struct query *q)
{
	return has_time(q) || !filter_is_any(q->program);
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
	size_t n = filter_batch(c, b, sel);
	const uint64_t *first, *last;

	if (n == 0 || !has_time(q))
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

	if (has_time(q) && ((int64_t)ranges->most[F_FIRST] < c->result->from_msec ||
	    (int64_t)ranges->least[F_LAST] > c->result->to_msec))
		return false;
	return filter_may_match(q->program, ranges);
}

static void
count_kept(struct counters *kept, const struct batch *b, size_t n)
{
	const uint64_t *flows = COL64(b, F_FLOWS), *packets = COL64(b, F_PACKETS), *bytes = COL64(b, F_BYTES);
	const uint64_t *outpackets = COL64(b, F_OUTPACKETS), *outbytes = COL64(b, F_OUTBYTES);
	const uint64_t *first = COL64(b, F_FIRST), *last = COL64(b, F_LAST);

	for (size_t i = 0; i < n; i++) {
		kept->flows += flows[i];
		kept->packets += packets[i];
		kept->bytes += bytes[i];
		kept->outpackets += outpackets[i];
		kept->outbytes += outbytes[i];
		if (first[i] < kept->first)
			kept->first = first[i];
		if (last[i] > kept->last)
			kept->last = last[i];
	}
}

static void
take_batch(struct run *run, unsigned worker, struct unit *unit, const struct batch *b)
{
	size_t n = b->n, memory = 0;

	if (run->query->mode == QUERY_LIST) {
		rows_append(unit->rows, b);
		atomic_fetch_add(&run->memory, n * 64);
		return;
	}
	if (run->query->limit != 0 && run->taken + n >= run->query->limit) {
		n = run->query->limit - run->taken;
		stop(run, STOP_ENOUGH);
	}
	if (run->query->limit != 0)
		run->taken += n;
	count_kept(&unit->kept, b, n);
	unit->nkept += n;
	for (size_t i = 0; i < run->ngroupings; i++) {
		struct grouping *g = &run->groupings[i];

		for (size_t side = 0; side < g->nsides; side++)
			group_add(g->group, worker, &g->side[side], b, n, (uint32_t)(unit - run->units));
		memory += group_memory(g->group);
	}
	atomic_store(&run->memory, memory);
}

/* Has a list's unit all that -c asks for? */
static bool
unit_full(const struct run *run, const struct unit *unit)
{
	return run->query->mode == QUERY_LIST && run->query->limit != 0 &&
	    run->query->order == ORDERS && unit->rows->batch.n >= run->query->limit;
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
static struct reader *
open_file(const struct run *run, size_t i, const struct fieldset *want, const struct selection *selection,
    struct err *e)
{
	const struct file_list *files = run->files;

	return reader_open_columns(files->columns != NULL && !run->plain ? files->columns[i] : NULL, files->path[i],
	    files->source != NULL ? files->source[i] : NULL, want, selection, e);
}

static int
read_unit(void *ctx, unsigned worker, size_t i)
{
	struct run *run = ctx;
	size_t number = run->first_unit + i;
	struct unit *unit = &run->units[number];
	struct worker *w = &run->workers[worker];
	struct reader *r;
	struct batch *b;
	struct err e;
	struct selection selection = { run->selects, choose, &w->chooser, may_match };
	unsigned nbatch = 0;
	int rc = 0;

	look_around(run, worker, number);
	if (atomic_load(&run->stop) != GO_ON)
		return 0;
	if (filter_counts(run->query->program))
		w->chooser.before = w->flows_read;
	r = open_file(run, unit->file, &run->want, is_selective(run->query) ? &selection : NULL, &e);
	if (r == NULL) {
		keep_failure(unit, &e);
		return 0;
	}
	if (unit->nblocks != 0)
		reader_only(r, unit->first, unit->nblocks);
	while (atomic_load(&run->stop) == GO_ON && !unit_full(run, unit) &&
	    (rc = reader_next(r, &b, &e)) == 1) {
		take_batch(run, worker, unit, b);
		if (++nbatch % 8 == 0)
			look_around(run, worker, number);
	}
	if (rc == -1)
		keep_failure(unit, &e);
	if (reader_faults(r)->n > 0) {
		unit->faults = xmalloc(sizeof(*unit->faults));
		*unit->faults = *reader_faults(r);
	}
	w->flows_read += reader_info(r)->flows;
	w->bytes_read += reader_info(r)->raw_bytes;
	unit->columns = reader_is_columns(r);
	if (reader_info(r)->has_stat) {
		unit->span_first = reader_info(r)->first_msec;
		unit->span_last = reader_info(r)->last_msec;
	}
	reader_close(r);
	return 0;
}

/* Cuts the files into units; a file is cut into blocks only when there are few files. */
static void
make_units(struct run *run)
{
	size_t nfiles = run->files->n, pieces = 1, room = 0;
	struct fieldset none = { { 0, 0 } };
	/* Rows of a unit wait until it is their turn: where all flows are shown they should not be many. */
	bool all_shown = run->query->mode == QUERY_LIST && !is_selective(run->query);
	struct err e;

	run->plain = all_shown;		/* a column file is not cut into units */

	if (run->nworkers > 1 && nfiles > 0 && nfiles < (size_t)run->nworkers * UNITS_PER_WORKER)
		pieces = run->nworkers * UNITS_PER_WORKER / nfiles + 1;
	run->units = NULL;
	for (size_t f = 0; f < nfiles; f++) {
		struct reader *r = pieces > 1 || all_shown ? open_file(run, f, &none, NULL, &e) : NULL;
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

/* What to read: for the filter, for counting, for the keys, for showing. */
static void
choose_fields(struct run *run)
{
	const struct query *q = run->query;

	filter_fields(q->program, &run->selects);
	if (has_time(q)) {
		fieldset_add(&run->selects, F_FIRST);
		fieldset_add(&run->selects, F_LAST);
	}
	counters_fields(&run->want);
	for (size_t i = 0; i < run->ngroupings; i++) {
		struct grouping *g = &run->groupings[i];

		for (size_t side = 0; side < g->nsides; side++)
			group_fields(&g->side[side], &run->want);
		if (g->stat == NULL)
			fieldset_add(&run->want, F_FLAGS);
	}
	if (q->mode == QUERY_LIST)
		fieldset_join(&run->want, &run->show);
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

static void
start_workers(struct run *run)
{
	run->workers = xcalloc(run->nworkers, sizeof(*run->workers));
	for (unsigned i = 0; i < run->nworkers; i++) {
		run->workers[i].arena = arena_new();
		run->workers[i].chooser.query = run->query;
		run->workers[i].chooser.result = run->result;
		run->workers[i].chooser.scratch = filter_scratch(run->query->program, run->workers[i].arena);
	}
	for (size_t i = 0; i < run->ngroupings; i++) {
		struct grouping *g = &run->groupings[i];

		g->group = group_new(g->side[0].size, g->stat == NULL && shows_records(run),
		    g->side[0].bidir != BIDIR_NO, run->nworkers);
	}
}

static void
finish_run(struct run *run)
{
	for (unsigned i = 0; i < run->nworkers; i++)
		arena_free(run->workers[i].arena);
	free(run->workers);
	for (size_t i = 0; i < run->ngroupings; i++)
		group_free(run->groupings[i].group);
	for (size_t i = 0; i < run->nunits; i++) {
		free(run->units[i].faults);
		free(run->units[i].failure);
	}
	for (size_t i = 0; i < run->nround; i++)
		rows_free(&run->round[i]);
	free(run->round);
	rows_free(&run->all);
	free(run->units);
}

static void
join_kept(struct result *res, const struct counters *c)
{
	if (c->first == UINT64_MAX)
		return;
	if (res->first_msec == 0 || c->first < res->first_msec)
		res->first_msec = c->first;
	if (c->last > res->last_msec)
		res->last_msec = c->last;
	res->kept.flows += c->flows;
	res->kept.packets += c->packets + c->outpackets;
	res->kept.bytes += c->bytes + c->outbytes;
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
static void
report_unit(struct run *run, const struct unit *unit)
{
	struct result *res = run->result;
	struct fault whole = { 0, 0, "" };
	size_t told = 0;

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

/* Gives a unit's rows on, in order; false when that is enough. */
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
		count_kept(&kept, rows, rows->n);
		join_kept(run->result, &kept);
		run->result->flows_kept += rows->n;
		if (run->sink != NULL && !sorted)
			rc = run->sink->rows(run->sink->ctx, rows, e);
		else
			rows_append(&run->all, rows);
	}
	return rc;
}

/* Lists go round by round, so that rows come out in the files' order while both cores read. */
static int
run_list(struct run *run, struct err *e)
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
		pool_run(run->nworkers, n, read_unit, run);
		atomic_store(&run->memory, rows_memory(&run->all));
		for (size_t i = 0; i < n; i++) {
			struct unit *unit = &run->units[run->first_unit + i];
			int rc = emit_unit(run, unit, &left, e);

			rows_reset(unit->rows);
			unit->rows = NULL;
			report_unit(run, unit);
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
static void
make_list_table(struct run *run, struct table *t)
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
	r = open_file(l->run, unit->file, &l->extra, NULL, &e);
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

static void
make_group_table(struct run *run, struct table *t, const struct stat_request *r)
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

static void
run_groups(struct run *run)
{
	pool_run(run->nworkers, run->nunits, read_unit, run);
	for (size_t i = 0; i < run->nunits; i++) {
		struct unit *unit = &run->units[i];

		join_kept(run->result, &unit->kept);
		run->result->flows_kept += unit->nkept;
		report_unit(run, unit);
	}
	for (size_t i = 0; i < run->ngroupings; i++)
		group_finish(run->groupings[i].group);
}

static void
make_tables(struct run *run)
{
	const struct query *q = run->query;
	struct result *res = run->result;

	if (q->mode == QUERY_LIST && run->sink != NULL && q->order == ORDERS)
		return;
	res->ntables = q->nstats > 0 ? q->nstats : 1;
	res->tables = arena_array(res->arena, res->ntables, sizeof(*res->tables));
	if (q->mode == QUERY_LIST)
		make_list_table(run, &res->tables[0]);
	else
		for (size_t i = 0; i < res->ntables; i++)
			make_group_table(run, &res->tables[i], q->nstats > 0 ? &q->stats[i] : NULL);
}

static void
sum_up(struct run *run)
{
	struct result *res = run->result;
	int why = atomic_load(&run->stop);

	for (unsigned i = 0; i < run->nworkers; i++) {
		res->flows_read += run->workers[i].flows_read;
		res->bytes_read += run->workers[i].bytes_read;
	}
	if (why != GO_ON && why != STOP_ENOUGH) {
		res->partial = true;
		res->note = stop_notes[why];
	}
	res->seconds = clock_seconds() - run->started;
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

int
run_query(const struct query *q, const struct file_list *files, const struct fieldset *show,
    const struct run_limits *limits, const struct sink *sink, const struct watch *watch,
    struct result *res, struct err *e)
{
	struct run *run = xcalloc(1, sizeof(*run));
	int rc = 0;

	*run = (struct run){ .query = q, .files = files, .limits = limits, .sink = sink, .watch = watch,
	    .result = res, .started = clock_seconds() };
	if (show != NULL)
		run->show = *show;
	run->nworkers = limits->workers != 0 ? limits->workers : pool_cpus();
	/* Statistics of the first N flows: who comes first must be as in the files. */
	if ((q->limit != 0 && q->mode != QUERY_LIST) || filter_counts(q->program))
		run->nworkers = 1;
	if (q->mode == QUERY_GROUP)
		add_grouping(run, NULL);
	for (size_t i = 0; i < q->nstats; i++)
		add_grouping(run, &q->stats[i]);
	set_time(run);
	choose_fields(run);
	make_units(run);
	start_workers(run);
	if (q->mode == QUERY_LIST)
		rc = run_list(run, e);
	else
		run_groups(run);
	if (rc == 0)
		make_tables(run);
	sum_up(run);
	finish_run(run);
	free(run);
	return rc;
}
