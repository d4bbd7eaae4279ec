#include "ingest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/pool.h"
#include "format/columns.h"
#include "format/quirk.h"

/* A round is over in about a second, so that collectors and signals are not kept waiting. */
#define ROUND_FILES	64
#define ROUND_BYTES	(INT64_C(32) << 20)
#define RETRY_SECONDS	60
#define TALLY_ENTRIES	2200000	/* of all threads: some 400 MB */

enum fate {
	FATE_WAIT,		/* not read: stopped, or it changed while it was read */
	FATE_READ,		/* there are totals, or a reason why not */
	FATE_RETRY,		/* the system refused; may be better later */
	FATE_VANISHED,
};

struct work {
	struct entry *entry;
	int64_t second;			/* its name may also mean this time, 0: no */
	uint64_t middle_msec;		/* between the two */
	uint64_t later;			/* flows that ended after that */
	enum fate fate;
	struct index_file file;
	struct file_facts facts;
	struct summary *summary;
	char reason[1024], ident[sizeof(((struct file_info *)0)->ident)];
	const char *state;		/* where a column file is wanted; NULL: none is */
	struct colwrite *columns;
	int64_t shelved;		/* bytes of the column file; 0: none was written */
	struct err *trouble;		/* why not, or NULL */
};

struct round {
	const struct conf *conf;
	size_t tally_entries;		/* of a thread */
	struct work work[ROUND_FILES];
	const volatile int *stop;
};

static void
widen(struct index_file *f, struct file_facts *facts, const struct batch *b)
{
	const uint64_t *first = COL64(b, F_FIRST), *last = COL64(b, F_LAST);

	for (size_t i = 0; i < b->n; i++) {
		tally_plus(&facts->outpackets, COL64(b, F_OUTPACKETS)[i]);
		tally_plus(&facts->outbytes, COL64(b, F_OUTBYTES)[i]);
		if (first[i] != 0 && (f->first_msec == 0 || first[i] < f->first_msec))
			f->first_msec = first[i];
		if (last[i] > f->last_msec)
			f->last_msec = last[i];
	}
}

/* Of the hour that clocks repeat, file names alone do not tell which one is meant. */
static void
find_second(struct work *w, const struct conf *cf)
{
	const struct entry *en = w->entry;
	const char *slash = strrchr(en->name, '/'), *base = slash != NULL ? slash + 1 : en->name;
	int64_t first;

	if (!slot_parse(base, &first) || !slot_second(base, first, &w->second))
		return;
	w->middle_msec = (uint64_t)(first + w->second) / 2 * 1000;
	w->second -= w->second % cf->slot;
	w->file.start = first - first % cf->slot;
}

/*
 * The second, when nearly all flows ended in it: some exporter's clock may be
 * wrong.  nfcapd 1.7 adds the second slot to the first's file: that is the first.
 */
static void
choose_slot(struct work *w, const struct file_info *info)
{
	uint64_t flows = w->file.traffic.by[PROTO_ALL].flows;

	if (w->second != 0 && (flows != 0 ? w->later >= flows - flows / 10 :
	    (uint64_t)info->created * 1000 >= w->middle_msec))
		w->file.start = w->second;
}

static uint64_t
count_later(const struct work *w, const struct batch *b)
{
	const uint64_t *last = COL64(b, F_LAST);
	uint64_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += last[i] >= w->middle_msec;
	return n;
}

/* ---- column files ---- */

/* Starts one, for flows with these fields. */
static void
columns_start(struct work *w, struct fieldset *want)
{
	struct arena *a = arena_new();
	struct err e = { 0 };

	columns_fields(want);
	w->columns = colwrite_open(columns_path(w->state, w->entry->source->name, w->entry->name, a), &e);
	if (w->columns == NULL) {
		w->trouble = xmalloc(sizeof(e));
		*w->trouble = e;
	}
	arena_free(a);
}

/* It goes no further, for a reason or (NULL) because it is not wanted any more. */
static void
columns_stop(struct work *w, const struct err *e)
{
	colwrite_abandon(w->columns);
	w->columns = NULL;
	if (e == NULL)
		return;
	w->trouble = xmalloc(sizeof(*e));
	*w->trouble = *e;
}

static void
columns_add(struct work *w, const struct batch *b)
{
	struct err e = { 0 };

	if (w->columns != NULL && colwrite_add(w->columns, b, &e) == -1)
		columns_stop(w, &e);
}

static void
columns_end(struct work *w, const struct reader *r)
{
	struct colwrite *columns = w->columns;
	struct err e = { 0 };
	int64_t size;
	int rc;

	if (columns == NULL)
		return;
	w->columns = NULL;
	if ((rc = colwrite_close(columns, r, &size, &e)) == -1)
		columns_stop(w, &e);
	else if (rc == 1)
		w->shelved = size;
}

/*
 * A column file has the flows as they are in the file; what quirks make of them comes
 * when it is read.  None of a file that is not as the stamp (NULL: any).
 */
static void
columns_apart(struct work *w, const char *path, const struct stamp *stamp, const volatile int *stop)
{
	struct fieldset want = { { 0, 0 } };
	struct err e = { 0 };
	struct reader *r;
	struct batch *b;
	int rc = -1;

	columns_start(w, &want);
	if (w->columns == NULL || (r = reader_open(path, &want, &e)) == NULL) {
		columns_stop(w, NULL);
		return;
	}
	while (!*stop && w->columns != NULL && (rc = reader_next(r, &b, &e)) == 1)
		columns_add(w, b);
	if (rc == 0 && reader_faults(r)->n == 0 && (stamp == NULL || stamp_same(&reader_info(r)->stamp, stamp)))
		columns_end(w, r);
	else
		columns_stop(w, NULL);
	reader_close(r);
}

/* ---- */

/* 1 at the end of the file, 0 when stopped, -1. */
static int
read_flows(struct reader *r, struct work *w, struct tally *t, const volatile int *stop, struct err *e)
{
	struct index_file *f = &w->file;
	struct batch *b;
	int rc;

	while ((rc = reader_next(r, &b, e)) == 1) {
		if (*stop)
			return 0;
		traffic_add(&f->traffic, b, NULL);
		widen(f, &w->facts, b);
		w->later += w->second != 0 ? count_later(w, b) : 0;
		tally_add(t, b);
		columns_add(w, b);
	}
	return rc == 0 ? 1 : -1;
}

/* As read_flows, and what the flows look like. */
static int
sum_flows(struct reader *r, struct work *w, size_t entries, const volatile int *stop, struct err *e)
{
	struct tally *t = tally_new(entries);
	int rc = read_flows(r, w, t, stop, e);

	if (rc == 1) {
		w->file.summary = w->summary = summary_new(t, w->file.stamp.size);
		tally_families(t, &w->facts.v4, &w->facts.v6);
	}
	tally_free(t);
	return rc;
}

static void
describe_faults(const struct reader *r, struct work *w)
{
	const struct faults *faults = reader_faults(r);
	const struct fault *first = &faults->fault[0];

	w->file.faults = faults->n;
	if (faults->n == 0)
		return;
	if (first->block != 0)
		snprintf(w->reason, sizeof(w->reason), "block %u, offset %lld: %s", first->block,
		    (long long)first->offset, first->reason);
	else
		snprintf(w->reason, sizeof(w->reason), "offset %lld: %s", (long long)first->offset,
		    first->reason);
	w->file.reason = w->reason;
}

static void
note_facts(const struct reader *r, struct work *w)
{
	const struct file_info *info = reader_info(r);
	const struct faults *faults = reader_faults(r);
	struct file_facts *f = &w->facts;

	f->records = info->flows;
	f->raw_bytes = info->raw_bytes;
	for (size_t i = 0; i < faults->n && i < FAULTS_MAX; i++)
		f->blocks_skipped += faults->fault[i].block != 0;
	snprintf(w->ident, sizeof(w->ident), "%s", info->ident);
	f->ident = w->ident;
	f->has_stat = info->has_stat;
	f->stat = info->stat;
	f->stat_first_msec = info->first_msec;
	f->stat_last_msec = info->last_msec;
	w->file.facts = f;
}

static enum fate
cannot_read(struct work *w, const struct stamp *now, const struct err *e)
{
	if (e->kind == ERR_SYSTEM && e->sysno == ENOENT)
		return FATE_VANISHED;
	w->file.broken = true;
	w->file.traffic = (struct traffic){ 0 };
	w->file.stamp = *now;
	snprintf(w->reason, sizeof(w->reason), "%s", e->text);
	w->file.reason = w->reason;
	return e->kind == ERR_SYSTEM ? FATE_RETRY : FATE_READ;
}

/* Is the file under that name still what was read?  A collector may add to it just then. */
static bool
unchanged(const char *path, const struct stamp *read)
{
	struct stat st;

	return lstat(path, &st) == 0 && (uint64_t)st.st_ino == read->ino &&
	    st.st_size == read->size &&
	    (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec == read->mtime_nsec;
}

static enum fate
ingest_file(struct work *w, const struct conf *cf, size_t entries, const volatile int *stop)
{
	const struct entry *en = w->entry;
	struct fieldset want = { { 0, 0 } };
	const struct file_info *info;
	struct err e = { 0 };
	struct reader *r;
	char path[4096];
	enum fate fate;
	int rc;

	snprintf(path, sizeof(path), "%s/%s", en->source->dir, en->name);
	w->file = (struct index_file){ .source = en->source, .name = en->name, .start = en->start };
	find_second(w, cf);
	tally_fields(&want);
	fieldset_add(&want, F_FIRST);
	fieldset_add(&want, F_LAST);
	if (w->state != NULL && !quirk_any(en->source))
		columns_start(w, &want);
	if ((r = reader_open_source(path, en->source, &want, NULL, &e)) == NULL) {
		columns_stop(w, NULL);
		return cannot_read(w, &en->stamp, &e);
	}
	info = reader_info(r);
	w->file.stamp = info->stamp;
	stamp_mark(&w->file.stamp, en->source);
	w->file.sequence_failures = info->sequence_failures;
	if ((rc = sum_flows(r, w, entries, stop, &e)) == -1)
		fate = cannot_read(w, &w->file.stamp, &e);
	else {
		describe_faults(r, w);
		note_facts(r, w);
		choose_slot(w, info);
		fate = rc == 1 && unchanged(path, &info->stamp) ? FATE_READ : FATE_WAIT;
	}
	if (fate == FATE_READ && !w->file.broken && w->file.faults == 0) {
		columns_end(w, r);
		if (w->state != NULL && quirk_any(en->source))
			columns_apart(w, path, &info->stamp, stop);
	} else
		columns_stop(w, NULL);
	reader_close(r);
	return fate;
}

int
ingest_check(const struct conf *cf, struct index *ix, const struct source *src, const char *name, int64_t start,
    const volatile int *stop, bool *changed, struct err *e)
{
	struct entry entry = { .source = src, .name = (char *)(uintptr_t)name, .start = start };
	struct work *w = xcalloc(1, sizeof(*w));
	struct strbuf why = { 0 }, text = { 0 };
	int rc = 1;

	w->entry = &entry;
	if (ingest_file(w, cf, TALLY_ENTRIES, stop) == FATE_READ && !w->file.broken)
		rc = index_check(ix, &w->file, &why, e);
	if (rc == 0) {
		strbuf_addf(&text, "%s: %s", name, strbuf_text(&why));
		log_error("source %s: the index is not as the files are, and is put right: %s", src->name, strbuf_text(&text));
		changed[src->id] = true;
		rc = index_add(ix, &w->file, e) == -1 ? -1 : 0;
	}
	if (rc != -1 && !*stop && index_check_note(ix, src, rc == 0 ? strbuf_text(&text) : NULL, e) == -1)
		rc = -1;
	summary_free(w->summary);
	free(w);
	strbuf_free(&why);
	strbuf_free(&text);
	return rc;
}

int64_t
ingest_columns(const struct conf *cf, const struct source *src, const char *name, struct err *e)
{
	static const volatile int never;
	struct entry entry = { .source = src, .name = (char *)(uintptr_t)name };
	struct work *w = xcalloc(1, sizeof(*w));
	char path[4096];
	int64_t size;

	w->entry = &entry;
	w->state = cf->state;
	snprintf(path, sizeof(path), "%s/%s", src->dir, name);
	columns_apart(w, path, NULL, &never);
	size = w->trouble != NULL ? -1 : w->shelved;
	if (w->trouble != NULL)
		*e = *w->trouble;
	free(w->trouble);
	free(w);
	return size;
}

static int
job(void *ctx, unsigned worker, size_t i)
{
	struct round *round = ctx;

	(void)worker;
	if (!*round->stop)
		round->work[i].fate = ingest_file(&round->work[i], round->conf,
		    round->tally_entries, round->stop);
	return *round->stop;
}

static int
put_down(struct index *ix, struct lookout *l, struct work *w, bool *changed, struct err *e)
{
	const struct index_file *f = &w->file;

	if (w->fate == FATE_WAIT)
		lookout_put_back(l, w->entry);
	else if (w->fate == FATE_VANISHED)
		lookout_vanished(l, w->entry);
	else if (index_add(ix, f, e) == -1) {
		lookout_put_back(l, w->entry);
		return -1;
	} else {
		lookout_read(l, w->entry, &f->stamp, w->fate == FATE_RETRY ? RETRY_SECONDS : 0);
		changed[f->source->id] = true;
		if (f->reason != NULL)
			log_warn("source %s: %s: %s%s", f->source->name, f->name,
			    f->broken ? "cannot be read: " : "read in part: ", f->reason);
		else
			log_debug("source %s: %s: %llu flows", f->source->name, f->name,
			    (unsigned long long)f->traffic.by[PROTO_ALL].flows);
	}
	return 0;
}

int
ingest_some(const struct conf *cf, struct index *ix, struct lookout *l, struct shelf *shelf, bool *changed,
    const volatile int *stop, struct err *e)
{
	struct entry *entries[ROUND_FILES];
	struct round *round = xcalloc(1, sizeof(*round));
	size_t n = lookout_take(l, entries, ROUND_FILES, ROUND_BYTES), i;
	unsigned workers = cf->workers != 0 ? cf->workers : pool_cpus();
	int rc = 0;

	round->conf = cf;
	round->stop = stop;
	round->tally_entries = TALLY_ENTRIES / workers;
	for (i = 0; i < n; i++)
		round->work[i] = (struct work){ .entry = entries[i],
		    .state = shelf_wants(shelf, entries[i]->start) ? cf->state : NULL };
	pool_run(workers, n, job, round);
	for (i = 0; i < n; i++) {
		if (rc == -1)
			lookout_put_back(l, entries[i]);
		else
			rc = put_down(ix, l, &round->work[i], changed, e);
		summary_free(round->work[i].summary);
		if (round->work[i].trouble != NULL)
			shelf_failed(shelf, round->work[i].trouble);
		else if (round->work[i].shelved > 0)
			shelf_added(shelf, round->work[i].shelved);
		free(round->work[i].trouble);
	}
	free(round);
	return rc == -1 ? -1 : (int)n;
}
