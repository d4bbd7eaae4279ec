#include "query/run_series.h"

#include <stdlib.h>
#include <string.h>

#include "query/run_private.h"
#include "query/span.h"
#include "query/table.h"

#define PLACES	256	/* of the table from keys to lines: a power of two, four times the lines at least */
_Static_assert(PLACES >= 4 * SERIES_LINES_MAX, "places for the lines");

/* The keys that have lines of their own. */
struct lines {
	struct group_keys keys;
	size_t n;
	char *packed;			/* their keys, one after another */
	uint8_t place[PLACES];		/* line + 1; 0: free */
};

/* What a thread needs for itself. */
struct counter {
	struct series series;
	char *packed;			/* keys of a batch */
	struct batch parts;		/* of a batch, in the ranking pass: what of it is in the window */
};

struct series_run {
	const struct query *query;
	const struct file_list *files;
	struct run_limits limits;
	const struct watch *watch;
	struct result *result;
	double started;
	unsigned workers;
	unsigned pass, passes;		/* at work, and in all */
	struct interval *slots;		/* of each file, with BOOK_SLOT */
	int64_t from, to;		/* seconds */
	struct interval ranked;		/* what the ranking pass counts, milliseconds */
	struct counter *counters;	/* of each thread */
	struct group *group;		/* of the ranking pass */
	struct lines lines;
};

static enum flows_how
flows_how(const struct query *q)
{
	if (q->book == BOOK_SLOT)
		return FLOWS_EVENLY;
	return q->counting == COUNT_ACTIVE ? FLOWS_EACH : FLOWS_AT_START;
}

/* What a flow is booked on.  Some collectors swap first and last. */
static struct interval
flow_interval(const struct series_run *run, size_t file, const struct batch *b, size_t i)
{
	uint64_t first = COL64(b, F_FIRST)[i], last = COL64(b, F_LAST)[i];

	if (run->query->book == BOOK_SLOT)
		return run->slots[file];
	if (last < first || run->query->book == BOOK_END)
		first = last = last < first ? first : last;
	return (struct interval){ first, last > first ? last : first + 1 };
}

static struct totals
flow_amount(const struct batch *b, size_t i)
{
	return (struct totals){ COL64(b, F_FLOWS)[i], COL64(b, F_PACKETS)[i] + COL64(b, F_OUTPACKETS)[i],
	    COL64(b, F_BYTES)[i] + COL64(b, F_OUTBYTES)[i] };
}

/* Fields that a flow's interval and amount are of. */
static void
flow_fields(struct fieldset *set)
{
	counters_fields(set);
	fieldset_add(set, F_FIRST);
	fieldset_add(set, F_LAST);
}

/* Where a key stands, or the free place that it would have. */
static uint8_t *
line_place(struct lines *l, const char *key)
{
	size_t at = table_hash(key, l->keys.size) % PLACES;

	while (l->place[at] != 0 && memcmp(l->packed + (l->place[at] - 1) * l->keys.size, key, l->keys.size) != 0)
		at = (at + 1) % PLACES;
	return &l->place[at];
}

/* The keys of the table's rows. */
static void
lines_init(struct lines *l, const struct batch *rows, struct arena *a)
{
	l->n = rows->n;
	l->packed = arena_alloc(a, (l->n + 1) * l->keys.size);
	memset(l->place, 0, sizeof(l->place));
	group_pack(&l->keys, rows, NULL, l->n, l->packed);
	for (size_t i = 0; i < l->n; i++)
		*line_place(l, l->packed + i * l->keys.size) = (uint8_t)(i + 1);
}

/* A taker's take(): counts into buckets. */
static size_t
take_into_buckets(void *ctx, unsigned worker, const struct unit *unit, const struct batch *b, size_t n)
{
	struct series_run *run = ctx;
	struct counter *c = &run->counters[worker];
	struct lines *l = &run->lines;
	enum flows_how how = flows_how(run->query);
	size_t line = 0;

	if (run->query->nkeys > 0)
		group_pack(&l->keys, b, NULL, n, c->packed);
	for (size_t i = 0; i < n; i++) {
		struct interval iv = flow_interval(run, unit->file, b, i);
		struct totals amount = flow_amount(b, i);

		if (c->series.nlines > 1) {
			uint8_t place = *line_place(l, c->packed + i * l->keys.size);

			line = place != 0 ? place - 1u : l->n;
		}
		series_add(&c->series, line, &iv, &amount, how);
	}
	return 0;
}

/* Rows of a batch that are wholly in what is ranked need no parts made of them. */
static bool
all_inside(const struct series_run *run, size_t file, const struct batch *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct interval iv = flow_interval(run, file, b, i);

		if (iv.from < run->ranked.from || iv.to > run->ranked.to)
			return false;
	}
	return true;
}

/* Flows as they are in the window that is ranked: those that are not are left out. */
static void
make_parts(const struct series_run *run, size_t file, const struct batch *b, size_t n, struct batch *parts)
{
	parts->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct interval iv = flow_interval(run, file, b, i);
		struct totals amount = flow_amount(b, i);

		if (iv.from >= run->ranked.to || iv.to <= run->ranked.from)
			continue;
		amount = series_part(&run->ranked, &iv, &amount, flows_how(run->query));
		batch_copy(parts, parts->n, b, i, NULL);
		COL64(parts, F_FLOWS)[parts->n] = amount.flows;
		COL64(parts, F_PACKETS)[parts->n] = amount.packets;
		COL64(parts, F_BYTES)[parts->n] = amount.bytes;
		COL64(parts, F_OUTPACKETS)[parts->n] = COL64(parts, F_OUTBYTES)[parts->n] = 0;
		parts->n++;
	}
}

/* A taker's take(): counts by keys what is in the window that is ranked. */
static size_t
take_into_groups(void *ctx, unsigned worker, const struct unit *unit, const struct batch *b, size_t n)
{
	struct series_run *run = ctx;
	struct batch *parts = &run->counters[worker].parts;

	if (all_inside(run, unit->file, b, n)) {
		group_add(run->group, worker, &run->lines.keys, b, n, 0);
	} else {
		make_parts(run, unit->file, b, n, parts);
		if (parts->n > 0)
			group_add(run->group, worker, &run->lines.keys, parts, parts->n, 0);
	}
	return group_memory(run->group);
}

/* A watch's stop(), told of all passes as of one. */
static int
stop_of_passes(void *ctx, const struct progress *p)
{
	const struct series_run *run = ctx;
	struct progress all = *p;

	all.files_done += run->pass * p->files;
	all.files *= run->passes;
	return run->watch->stop(run->watch->ctx, &all);
}

/* Reads all files once; a deadline leaves time for the passes that follow. */
static int
pass(struct series_run *run, size_t (*take)(void *, unsigned, const struct unit *, const struct batch *, size_t),
    struct err *e)
{
	struct taker taker = { .take = take, .ctx = run };
	struct watch watch = { stop_of_passes, run };
	struct run_limits limits = run->limits;
	struct result res = { .arena = run->result->arena, .slots = run->result->slots,
	    .nslots = run->result->nslots, .files_spared = run->result->files_spared };
	bool partial = run->result->partial;
	const char *note = run->result->note;

	flow_fields(&taker.fields);
	if (run->query->nkeys > 0)
		group_fields(&run->lines.keys, &taker.fields);
	if (limits.seconds > 0) {
		double left = limits.seconds - (run_clock() - run->started);

		limits.seconds = left > 0 ? left / (run->passes - run->pass) : 1e-9;
	}
	if (run_pass(run->query, run->files, NULL, &limits, NULL, run->watch != NULL ? &watch : NULL, &taker,
	    &res, e) == -1)
		return -1;
	run->pass++;
	*run->result = res;
	run->result->partial |= partial;
	if (run->result->note == NULL)
		run->result->note = note;
	run->result->seconds = run_clock() - run->started;
	return 0;
}

static void
counters_start(struct series_run *run, size_t nlines)
{
	const struct query *q = run->query;
	struct fieldset columns = { { 0, 0 } };
	struct arena *a = run->result->arena;

	flow_fields(&columns);
	if (q->nkeys > 0)
		group_fields(&run->lines.keys, &columns);
	run->counters = arena_array(a, run->workers, sizeof(*run->counters));
	for (unsigned i = 0; i < run->workers; i++) {
		struct counter *c = &run->counters[i];

		series_init(&c->series, run->from, run->to, q->bucket, nlines, a);
		if (q->nkeys == 0)
			continue;
		c->packed = arena_alloc(a, BATCH_MAX * run->lines.keys.size);
		batch_columns(&c->parts, &columns, BATCH_MAX, a);
	}
}

/* The pass that makes the series. */
static int
count(struct series_run *run, size_t nlines, struct err *e)
{
	struct series *s = arena_alloc(run->result->arena, sizeof(*s));

	counters_start(run, nlines);
	if (pass(run, take_into_buckets, e) == -1)
		return -1;
	*s = run->counters[0].series;
	for (unsigned i = 1; i < run->workers; i++)
		series_join(s, &run->counters[i].series);
	run->result->series = s;
	return 0;
}

/* Of groups: those that have anything. */
static size_t
choose_some(void *ctx, const struct batch *b, uint8_t *sel)
{
	size_t n = 0;

	(void)ctx;
	for (size_t i = 0; i < b->n; i++) {
		sel[i] = COL64(b, F_FLOWS)[i] != 0 || COL64(b, F_PACKETS)[i] != 0 || COL64(b, F_BYTES)[i] != 0;
		n += sel[i];
	}
	return n;
}

/* The pass that finds whose lines are shown: their groups are a table of the result. */
static int
rank(struct series_run *run, struct table *t, struct err *e)
{
	const struct query *q = run->query;
	struct selection some = { .choose = choose_some };
	struct fieldset columns = { { 0, 0 } };
	int rc;

	run->group = group_new(&run->lines.keys, false, run->workers);
	rc = pass(run, take_into_groups, e);
	group_finish(run->group);
	counters_fields(&columns);
	for (size_t i = 0; i < q->nkeys; i++)
		fieldset_add(&columns, q->keys[i].field);
	some.fields = columns;
	*t = (struct table){ .kind = TABLE_GROUPS, .value_field = F_COUNT, .keys = q->keys, .nkeys = q->nkeys };
	if (rc == 0)
		t->nall = group_top(run->group, &run->lines.keys, &some, q->order, false, query_top(q), &columns,
		    run->result->arena, &t->rows, NULL);
	group_free(run->group);
	return rc;
}

static int
count_split(struct series_run *run, struct err *e)
{
	struct table *t = arena_alloc(run->result->arena, sizeof(*t));
	enum amount amount = run->query->order == ORDER_FLOWS ? AMOUNT_FLOWS :
	    run->query->order == ORDER_PACKETS ? AMOUNT_PACKETS : AMOUNT_BYTES;
	struct series_figures figures;

	group_keys_init(&run->lines.keys, run->query->keys, run->query->nkeys);
	run->ranked = (struct interval){ (uint64_t)run->from * 1000, (uint64_t)run->to * 1000 };
	if (run->query->rank == RANK_PEAK) {
		if (count(run, 1, e) == -1)
			return -1;
		series_figures(run->result->series, 0, amount, &figures);
		run->ranked.from += figures.peak * run->query->bucket * 1000;
		run->ranked.to = run->ranked.from +
		    (uint64_t)series_seconds(run->result->series, figures.peak) * 1000;
	} else
		counters_start(run, 0);
	if (rank(run, t, e) == -1)
		return -1;
	lines_init(&run->lines, &t->rows, run->result->arena);
	if (count(run, run->lines.n + 1, e) == -1)
		return -1;
	run->result->tables = t;
	run->result->ntables = 1;
	return 0;
}

/* Which time it shows: the query's, or that of the files' flows in whole buckets. */
static int
set_window(struct series_run *run, struct err *e)
{
	const struct query *q = run->query;
	uint64_t first = 0, last = 0;
	size_t lines = q->nkeys > 0 ? (size_t)query_top(q) + 1 : 1, n;

	run->from = q->window.from;
	run->to = q->window.to;
	if (run->from == run->to) {
		files_span(run->files, &first, &last);
		if (q->from_msec > (int64_t)first)
			first = (uint64_t)q->from_msec;
		if (q->to_msec >= 0 && q->to_msec < (int64_t)last)
			last = (uint64_t)q->to_msec;
		run->from = (int64_t)(first / 1000 / q->bucket * q->bucket);
		run->to = last != 0 && last >= first ? (int64_t)(last / 1000 / q->bucket + 1) * q->bucket : run->from;
	}
	n = series_buckets(run->from, run->to, q->bucket);
	if (n > SERIES_CELLS_MAX / lines)
		return err_set(e, ERR_INPUT, "series: %zu buckets of %zu lines are more than %d; take longer buckets or a "
		    "shorter time", n, lines, SERIES_CELLS_MAX);
	if (run->limits.bytes > 0 && n * lines * run->workers * sizeof(struct totals) > run->limits.bytes)
		return err_set(e, ERR_INPUT, "series: %zu buckets of %zu lines need more than the memory that a query may have",
		    n, lines);
	return 0;
}

/* With BOOK_SLOT each file's slot, which the index knows. */
static void
set_slots(struct series_run *run)
{
	const struct result *res = run->result;
	size_t k = 0;

	if (run->query->book != BOOK_SLOT)
		return;
	run->slots = arena_array(res->arena, run->files->n + 1, sizeof(*run->slots));
	for (size_t i = 0; i < run->files->n && k < res->nslots; i++) {
		while (k + 1 < res->nslots && res->slots[k].path != run->files->path[i])
			k++;
		run->slots[i].from = (uint64_t)res->slots[k].start * 1000;
		run->slots[i].to = run->slots[i].from + (uint64_t)res->slots[k].seconds * 1000;
	}
}

int
run_series(const struct query *q, const struct file_list *files, const struct run_limits *limits,
    const struct watch *watch, struct result *res, struct err *e)
{
	struct series_run *run = arena_alloc(res->arena, sizeof(*run));

	*run = (struct series_run){ .query = q, .files = files, .limits = *limits, .watch = watch, .result = res,
	    .started = run_clock(), .workers = run_workers(q, limits) };
	run->passes = q->nkeys == 0 ? 1 : q->rank == RANK_PEAK ? 3 : 2;
	if (set_window(run, e) == -1)
		return -1;
	set_slots(run);
	return q->nkeys > 0 ? count_split(run, e) : count(run, 1, e);
}
