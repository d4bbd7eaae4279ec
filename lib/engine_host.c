#include "engine_host.h"
#include "engine_private.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/tally.h"

#define PEERS_MAX	(1u << 20)	/* more of a large network are not told apart */

/* While the files are read. */
struct work {
	struct engine *engine;
	struct host *host;
	struct arena *arena;
	struct query *query;
	struct fieldset show;
	struct tally_table peers;	/* address: in, then out */
	struct tally_table services;	/* own << 24 | proto << 16 | port */
	double deadline;
	size_t most;			/* files to read */
	const struct watch *watch;
	struct progress progress;	/* of all files */
	bool stopped;
	struct host_found *found;	/* of the slot at hand */
	size_t room;			/* of host->day */
};

/* Midnight before a time, as the clock on the wall has it. */
static int64_t
day_of(int64_t t)
{
	struct tm tm;

	when_local(t, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	return when_from_local(&tm);
}

static struct host_day *
new_day(struct work *w, const struct source *src, int64_t start)
{
	struct host *h = w->host;

	if (h->ndays == w->room) {
		struct host_day *more = arena_array(w->arena, w->room * 2 + 32, sizeof(*more));

		if (h->ndays != 0)
			memcpy(more, h->day, h->ndays * sizeof(*more));
		h->day = more;
		w->room = w->room * 2 + 32;
	}
	h->day[h->ndays] = (struct host_day){ .source = src, .start = start };
	return &h->day[h->ndays++];
}

static void
count_slot(struct host *h, struct host_day *d, uint8_t state, int64_t start)
{
	d->slots += state == SEEN;
	d->possible += state == SEEN_POSSIBLY;
	d->unknown += state == SEEN_UNKNOWN;
	h->slots += state == SEEN;
	h->possible += state == SEEN_POSSIBLY;
	h->unknown += state == SEEN_UNKNOWN;
	if (state != SEEN)
		return;
	if (h->first == 0 || start < h->first)
		h->first = start;
	if (start > h->last)
		h->last = start;
}

static void
join(struct totals *t, const struct totals *more)
{
	tally_plus(&t->flows, more->flows);
	tally_plus(&t->packets, more->packets);
	tally_plus(&t->bytes, more->bytes);
}

/* A source's slots, a row for each day that has any. */
static void
count_slots(struct work *w, const struct host_slots *s, int64_t slot)
{
	struct host_day *d = NULL;
	int64_t start, until = INT64_MIN;

	for (size_t i = 0; i < s->seen.n; i++) {
		if (s->seen.state[i] == SEEN_NOT)
			continue;
		start = s->seen.from + (int64_t)i * slot;
		if (start >= until || d == NULL) {
			d = new_day(w, s->source, day_of(start));
			until = day_of(d->start + 36 * 3600);
		}
		count_slot(w->host, d, s->seen.state[i], start);
		join(&d->in, &s->found[i].in);
		join(&d->out, &s->found[i].out);
		join(&w->host->in, &s->found[i].in);
		join(&w->host->out, &s->found[i].out);
		w->host->gone += w->host->read && !w->host->partial && !s->found[i].read;
	}
}

static void
add(struct totals *t, const struct batch *b, size_t i)
{
	tally_plus(&t->flows, COL64(b, F_FLOWS)[i]);
	tally_plus(&t->packets, COL64(b, F_PACKETS)[i]);
	tally_plus(&t->packets, COL64(b, F_OUTPACKETS)[i]);
	tally_plus(&t->bytes, COL64(b, F_BYTES)[i]);
	tally_plus(&t->bytes, COL64(b, F_OUTBYTES)[i]);
}

/* Adds a flow to an entry's counts from `at` on; a table that is full takes no new keys. */
static void
count(struct tally_table *t, const uint64_t *key, unsigned at, const struct batch *b, size_t i)
{
	struct totals one = { 0, 0, 0 };
	uint64_t *c;

	if (t->n >= PEERS_MAX) {
		t->dropped++;
		return;
	}
	add(&one, b, i);
	c = tally_counts(t, tally_find(t, key)) + at;
	tally_plus(&c[TOP_FLOWS], one.flows);
	tally_plus(&c[TOP_PACKETS], one.packets);
	tally_plus(&c[TOP_BYTES], one.bytes);
}

/* A flow that it sent, or that was sent to it. */
static void
count_flow(struct work *w, const struct batch *b, size_t i, bool out)
{
	const struct addr *peer = &COLADDR(b, out ? F_DSTIP : F_SRCIP)[i];
	uint64_t key[2], service = (uint64_t)!out << 24 | (uint64_t)COL8(b, F_PROTO)[i] << 16 |
	    COL16(b, F_DSTPORT)[i];

	memcpy(key, peer, sizeof(key));
	count(&w->peers, key, out ? TOP_METRICS : 0, b, i);
	count(&w->services, &service, 0, b, i);
	add(out ? &w->found->out : &w->found->in, b, i);
}

static int
take_rows(void *ctx, const struct batch *b, struct err *e)
{
	struct work *w = ctx;
	struct host *h = w->host;

	(void)e;
	for (size_t i = 0; i < b->n; i++) {
		uint64_t first = COL64(b, F_FIRST)[i], last = COL64(b, F_LAST)[i];

		if (prefix_has(&h->prefix, &COLADDR(b, F_SRCIP)[i]))
			count_flow(w, b, i, true);
		if (prefix_has(&h->prefix, &COLADDR(b, F_DSTIP)[i]))
			count_flow(w, b, i, false);
		if (h->first_msec == 0 || (first != 0 && first < h->first_msec))
			h->first_msec = first;
		if (last > h->last_msec)
			h->last_msec = last;
	}
	return 0;
}

static int
make_query(struct work *w, struct err *e)
{
	static const enum field show[] = { F_FIRST, F_LAST, F_SRCIP, F_DSTIP, F_DSTPORT, F_PROTO,
	    F_FLOWS, F_PACKETS, F_BYTES, F_OUTPACKETS, F_OUTBYTES };
	char text[ADDR_STRLEN + 4];

	for (size_t i = 0; i < sizeof(show) / sizeof(show[0]); i++)
		fieldset_add(&w->show, show[i]);
	w->query = query_new(w->arena);
	prefix_print(&w->host->prefix, text);
	w->query->filter = arena_printf(w->arena, "net %s", text);
	return query_check(w->query, e);
}

/* The watch of a file's query: tells of all files. */
static int
stop(void *ctx, const struct progress *p)
{
	struct work *w = ctx;
	struct progress all = w->progress;

	all.flows_read += p->flows_read;
	all.bytes_read += p->bytes_read;
	w->stopped |= w->watch != NULL && w->watch->stop(w->watch->ctx, &all) != 0;
	return w->stopped;
}

/* Reads a file of the slot at hand. */
static int
read_file(struct work *w, const struct slot *file, struct err *e)
{
	const struct conf *conf = engine_conf(w->engine);
	const char *path = file->path;
	const struct source *source = file->source;
	const char *columns = engine_columns(conf, file, w->arena);
	struct file_list list = { &path, 1, &source, &columns };
	struct run_limits limits = { conf->workers, w->deadline - (double)when_ticks() / 1000, 0 };
	struct sink sink = { take_rows, w, NULL };
	struct watch watch = { stop, w };
	struct result res = { .arena = arena_new() };
	struct host *h = w->host;
	int rc = run_query(w->query, &list, &w->show, &limits, &sink, &watch, &res, e);

	if (rc == 0 && (res.partial || res.nfaults > 0)) {
		w->found->failed = h->partial = true;
		if (h->note == NULL)
			h->note = arena_strdup(w->arena, res.note != NULL ? res.note : res.nfaults > 0 ?
			    arena_printf(w->arena, "%s: %s", path, res.faults[0].fault.reason) : path);
	}
	w->engine->effort.flows += res.flows_read;
	w->progress.files_done = ++h->files;
	w->progress.flows_read += res.flows_read;
	w->progress.bytes_read += res.bytes_read;
	w->found->read = true;
	arena_free(res.arena);
	return rc;
}

/* A file that may have it, and which slot that is. */
struct candidate {
	struct slot *file;
	struct host_slots *of;
	size_t at;
};

static int
newest_first(const void *va, const void *vb)
{
	const struct candidate *a = va, *b = vb;

	if (a->file->start != b->file->start)
		return a->file->start > b->file->start ? -1 : 1;
	return a->of < b->of ? -1 : a->of > b->of;
}

/* A source's files in slots that the index names, behind the n that there are already: how many then, or -1. */
static int
find_files(struct work *w, struct host_slots *s, struct candidate **list, size_t *n, struct err *e)
{
	int64_t slot = engine_conf(w->engine)->slot;
	struct window window = { s->seen.from, s->seen.from + (int64_t)s->seen.n * slot };
	struct slot *file;
	size_t nfiles;

	if (s->seen.n == 0)
		return 0;
	if (index_slots(engine_index(w->engine), &window, &s->source, 1, w->arena, &file, &nfiles, e) == -1)
		return -1;
	w->host->files_all += nfiles;
	*list = xrealloc(*list, *n + nfiles + 1, sizeof(**list));
	for (size_t i = 0; i < nfiles; i++) {
		size_t at = (size_t)((file[i].start - s->seen.from) / slot);

		if (at < s->seen.n && s->seen.state[at] != SEEN_NOT)
			(*list)[(*n)++] = (struct candidate){ &file[i], s, at };
	}
	return 0;
}

/* What was open of a slot is settled when its files were read. */
static void
settle(struct host_slots *s)
{
	for (size_t i = 0; i < s->seen.n; i++) {
		const struct host_found *f = &s->found[i];

		if (f->read && f->in.flows + f->out.flows > 0)
			s->seen.state[i] = SEEN;
		else if (f->read && !f->failed && s->seen.state[i] != SEEN)
			s->seen.state[i] = SEEN_NOT;
	}
}

/* Reads the files of the slots that the index names, as far as the limits go. */
static int
read_files(struct work *w, struct err *e)
{
	struct host *h = w->host;
	struct candidate *list = NULL;
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < h->nsources; i++)
		rc = find_files(w, &h->by_source[i], &list, &n, e);
	h->files_named = n;
	w->progress.files = n < w->most ? n : w->most;
	if (n > 1)
		qsort(list, n, sizeof(*list), newest_first);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if ((double)when_ticks() / 1000 >= w->deadline || h->files == w->most) {
			h->partial = true;
			h->note = h->files == w->most ? "only the newest files were read" :
			    "the time is over: only the newest files were read";
			break;
		}
		if (stop(w, &(struct progress){ 0 }) != 0) {
			h->partial = true;
			h->note = "it was stopped: only the newest files were read";
			break;
		}
		w->found = &list[i].of->found[list[i].at];
		rc = read_file(w, list[i].file, e);
	}
	free(list);
	for (size_t i = 0; rc == 0 && i < h->nsources; i++)
		settle(&h->by_source[i]);
	return rc;
}

static uint64_t
bytes_of(const uint64_t *counts, unsigned words)
{
	uint64_t n = counts[TOP_BYTES];

	if (words > TOP_METRICS)
		tally_plus(&n, counts[TOP_METRICS + TOP_BYTES]);
	return n;
}

struct ranked { uint64_t bytes; size_t entry; };

static int
by_bytes(const void *va, const void *vb)
{
	const struct ranked *a = va, *b = vb;

	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return a->entry < b->entry ? -1 : a->entry > b->entry;
}

static struct totals
totals_of(const uint64_t *c)
{
	return (struct totals){ c[TOP_FLOWS], c[TOP_PACKETS], c[TOP_BYTES] };
}

/* The first of a table by bytes. */
static struct host_peer *
rank(const struct tally_table *t, struct arena *a, size_t *n, uint64_t *all)
{
	struct ranked *r = xmalloc((t->n + 1) * sizeof(*r));
	struct host_peer *list;

	for (size_t i = 0; i < t->n; i++)
		r[i] = (struct ranked){ bytes_of(tally_counts(t, i), t->words - t->key_words), i };
	qsort(r, t->n, sizeof(*r), by_bytes);
	*all = t->n;
	*n = t->n < HOST_TOP ? t->n : HOST_TOP;
	list = arena_array(a, *n + 1, sizeof(*list));
	for (size_t i = 0; i < *n; i++) {
		const uint64_t *key = tally_key(t, r[i].entry), *c = tally_counts(t, r[i].entry);

		if (t->key_words == 2) {
			memcpy(&list[i].addr, key, sizeof(list[i].addr));
			list[i].in = totals_of(c);
			list[i].out = totals_of(c + TOP_METRICS);
			continue;
		}
		list[i].own = key[0] >> 24 != 0;
		list[i].proto = (uint8_t)(key[0] >> 16);
		list[i].port = (uint16_t)key[0];
		*(list[i].own ? &list[i].in : &list[i].out) = totals_of(c);
	}
	free(r);
	return list;
}

/* How many of a table's addresses, or ports, have flows in and out. */
static void
count_fans(struct work *w)
{
	struct host *h = w->host;

	for (size_t i = 0; i < w->peers.n; i++) {
		const uint64_t *c = tally_counts(&w->peers, i);

		h->peers_in += c[TOP_FLOWS] > 0;
		h->peers_out += c[TOP_METRICS + TOP_FLOWS] > 0;
	}
	for (size_t i = 0; i < w->services.n; i++) {
		uint64_t service = *tally_key(&w->services, i);

		*(service >> 24 != 0 ? &h->ports_in : &h->ports_out) += 1;
	}
}

/* In which slots there is data at all. */
static int
mark_data(struct work *w, struct host_slots *s, struct err *e)
{
	int64_t slot = engine_conf(w->engine)->slot;
	struct window all = { s->seen.from, s->seen.from + (int64_t)s->seen.n * slot };
	struct slot_sum *sum;
	size_t n;

	if (index_sums(engine_index(w->engine), &all, s->source, w->arena, &sum, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		s->data[(sum[i].start - all.from) / slot] = true;
	return 0;
}

static int
by_day(const void *va, const void *vb)
{
	const struct host_day *a = va, *b = vb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->source->id < b->source->id ? -1 : a->source->id > b->source->id;
}

static int
look_up(struct work *w, struct host_slots *s, struct err *e)
{
	struct index *index = engine_index(w->engine);

	if (index_seen(index, &w->host->window, s->source, &w->host->prefix, w->arena, &s->seen, e) == -1)
		return -1;
	s->found = arena_array(w->arena, s->seen.n + 1, sizeof(*s->found));
	s->data = arena_array(w->arena, s->seen.n + 1, sizeof(*s->data));
	w->host->of += s->seen.n;
	return s->seen.n == 0 ? 0 : mark_data(w, s, e);
}

static int
look(struct work *w, struct err *e)
{
	struct host *h = w->host;

	for (size_t i = 0; i < h->nsources; i++)
		if (look_up(w, &h->by_source[i], e) == -1)
			return -1;
	if (h->read && read_files(w, e) == -1)
		return -1;
	for (size_t i = 0; i < h->nsources; i++)
		count_slots(w, &h->by_source[i], engine_conf(w->engine)->slot);
	if (h->ndays > 1)
		qsort(h->day, h->ndays, sizeof(*h->day), by_day);
	if (h->read) {
		h->peers = rank(&w->peers, w->arena, &h->npeers, &h->peers_all);
		h->services = rank(&w->services, w->arena, &h->nservices, &h->services_all);
		count_fans(w);
	}
	if (w->peers.dropped != 0) {
		h->partial = true;
		h->note = "there are too many peers to tell all apart";
	}
	return 0;
}

int
engine_host(struct engine *engine, const struct prefix *prefix, const char *names,
    const struct window *window, const struct host_limits *limits, struct arena *a, struct host *h,
    struct err *e)
{
	const struct source **sources;
	struct work w = { .engine = engine, .host = h, .arena = a, .most = SIZE_MAX };
	double seconds = engine_conf(engine)->query_seconds != 0 ? engine_conf(engine)->query_seconds : 1e9;
	int rc;

	*h = (struct host){ .prefix = *prefix, .window = *window, .read = limits != NULL };
	engine->effort.queries++;
	if (engine_sees_prefix(engine, prefix, e) == -1 ||
	    engine_sources(engine, names, a, &sources, &h->nsources, e) == -1 || make_query(&w, e) == -1)
		return -1;
	h->by_source = arena_array(a, h->nsources + 1, sizeof(*h->by_source));
	for (size_t i = 0; i < h->nsources; i++)
		h->by_source[i].source = sources[i];
	if (limits != NULL && limits->files != 0)
		w.most = limits->files;
	if (limits != NULL && limits->seconds != 0 && limits->seconds < seconds)
		seconds = limits->seconds;
	w.deadline = (double)when_ticks() / 1000 + seconds;
	if (limits != NULL)
		w.watch = limits->watch;
	tally_table_init(&w.peers, 2, 2 * TOP_METRICS);
	tally_table_init(&w.services, 1, TOP_METRICS);
	rc = look(&w, e);
	tally_table_free(&w.peers);
	tally_table_free(&w.services);
	return rc;
}

int
engine_hosts(struct engine *engine, const struct window *window, struct arena *a, struct host_rank **out,
    size_t *n, struct err *e)
{
	const struct source **sources;
	struct toptable top;
	struct top_row **rank;
	size_t nsources, proven;

	*n = 0;
	*out = arena_array(a, HOST_TOP, sizeof(**out));
	if (engine_masks(engine) || engine->only != NULL)
		return 0;
	if (engine_sources(engine, NULL, a, &sources, &nsources, e) == -1 ||
	    index_top(engine->index, window, sources, nsources, TOP_IP, a, &top, e) == -1)
		return -1;
	rank = toptable_rank(&top, TOP_FLOWS, a, &proven);
	for (; *n < top.n && *n < HOST_TOP; (*n)++) {
		memcpy(&(*out)[*n].addr, rank[*n]->key, sizeof((*out)[*n].addr));
		(*out)[*n].sum = totals_of(rank[*n]->value);
	}
	return 0;
}
