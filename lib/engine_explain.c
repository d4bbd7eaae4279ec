#include <stdlib.h>
#include <string.h>

#include "engine_private.h"
#include "format/quirk.h"

#define BEFORE_SLOTS	8
#define WEEKS		4
#define WEEK		(7 * 86400)
#define BEFORE_SHOWN	50
#define OWNED_LEAST	0.25	/* of all: below it nobody owns a slot */
#define STILL_THE_SAME	7200	/* seconds that an incident may have lasted already */
#define USUAL_SECONDS	60000	/* of slots, with which one knows what is much */
#define TABLES_MOST	(32 * 1024 * 1024)	/* bytes of tables at hand: a long window has many that it looks at */

/*
 * The slots of a source that are explained, and those that they are held against:
 * oldest first, at first without their tables.
 */
struct history {
	struct engine *engine;
	const struct source *source;
	struct window window;		/* what is explained */
	struct explain_slot *slot;
	size_t n;
	struct slot_sum *sum;		/* of the window and the week before; NULL: not read yet */
	size_t nsums;
	struct arena *arena;		/* of the answer */
	struct arena *tables;		/* emptied now and then */
};

static int
compare_starts(const void *key, const void *member)
{
	int64_t start = *(const int64_t *)key;
	const struct explain_slot *slot = member;

	return start < slot->start ? -1 : start > slot->start;
}

static struct explain_slot *
slot_at(const struct history *s, int64_t start)
{
	return s->n > 0 ? bsearch(&start, s->slot, s->n, sizeof(*s->slot), compare_starts) : NULL;
}

static void
take_digest(struct explain_slot *slot, const struct slot_digest *d)
{
	slot->start = d->start;
	slot->digest = d->digest;
	slot->total[EXPLAIN_FLOWS] = d->totals.flows;
	slot->total[EXPLAIN_PACKETS] = d->totals.packets;
	slot->total[EXPLAIN_BYTES] = d->totals.bytes;
	slot->total[EXPLAIN_SOURCES] = d->digest.sources;
	slot->total[EXPLAIN_DESTINATIONS] = d->digest.destinations;
	slot->total[EXPLAIN_PORTS] = d->digest.ports;
}

static int
read_slots(struct history *s, const struct window *w, struct err *e)
{
	struct slot_digest *d;
	size_t n;

	if (index_digests(s->engine->index, w, s->source, s->arena, &d, &n, e) == -1)
		return -1;
	s->slot = xrealloc(s->slot, s->n + n + 1, sizeof(*s->slot));
	memset(s->slot + s->n, 0, n * sizeof(*s->slot));
	for (size_t i = 0; i < n; i++)
		take_digest(&s->slot[s->n++], &d[i]);
	return 0;
}

/* The window with the slots just before, and the same time of earlier weeks; of a long window that is all one. */
static int
read_history(struct history *s, struct err *e)
{
	const struct window *w = &s->window;
	struct window part = { w->from - WEEKS * (int64_t)WEEK, w->to - WEEKS * (int64_t)WEEK };

	for (int64_t week = WEEKS - 1; week >= 0; week--) {
		int64_t from = w->from - (week > 0 ? week * WEEK : BEFORE_SLOTS * (int64_t)s->engine->conf->slot);

		if (from > part.to) {
			if (read_slots(s, &part, e) == -1)
				return -1;
			part.from = from;
		}
		part.to = w->to - week * WEEK;
	}
	return read_slots(s, &part, e);
}

static void
forget_tables(struct history *s)
{
	arena_free(s->tables);
	s->tables = arena_new();
	for (size_t i = 0; i < s->n; i++)
		s->slot[i].top = NULL;
}

/* Of those of the slots that do not have them yet. */
static int
read_tables(struct history *s, uint32_t set, struct explain_slot *const *slots, size_t n, struct err *e)
{
	struct slot_tops want[1 + BEFORE_SLOTS + WEEKS];
	size_t nwant = 0;

	if (arena_size(s->tables) > TABLES_MOST)
		forget_tables(s);
	for (size_t i = 0; i < n; i++) {
		struct explain_slot *slot = slots[i];
		uint32_t lacks = 0;

		if (slot->top == NULL)
			slot->top = arena_array(s->tables, TOP_DIMS, sizeof(*slot->top));
		for (enum top_dim d = 0; d < TOP_DIMS; d++)
			if ((set >> d & 1) != 0 && slot->top[d].row == NULL)
				lacks |= (uint32_t)1 << d;
		if (lacks != 0)
			want[nwant++] = (struct slot_tops){ slot->start, lacks, slot->top };
	}
	return index_tops(s->engine->index, s->source, want, nwant, s->tables, e);
}

/* The slots that one is held against: those just before, and of the same time in earlier weeks. */
static size_t
baseline_of(const struct history *s, const struct explain_slot *now, struct explain_slot *out[BEFORE_SLOTS + WEEKS])
{
	int64_t seconds = s->engine->conf->slot;
	size_t n = 0;

	for (int64_t i = 1; i <= BEFORE_SLOTS; i++)
		if ((out[n] = slot_at(s, now->start - i * seconds)) != NULL)
			n++;
	for (int64_t i = 1; i <= WEEKS; i++)
		if ((out[n] = slot_at(s, now->start - i * WEEK)) != NULL)
			n++;
	return n;
}

/* The most that a slot had in the week before; without a day of it nobody knows what is much. */
static int
find_most(struct history *s, struct explain_slot *now, struct err *e)
{
	struct window w = { s->window.from - WEEK, s->window.to };
	size_t seen = 0;

	if (s->sum == NULL && index_sums(s->engine->index, &w, s->source, s->arena, &s->sum, &s->nsums, e) == -1)
		return -1;
	memset(now->most, 0, sizeof(now->most));
	for (size_t i = 0; i < s->nsums && s->sum[i].start <= now->start - STILL_THE_SAME; i++) {
		const struct totals *t = &s->sum[i].totals;
		const uint64_t total[TOP_METRICS] = { t->flows, t->packets, t->bytes };

		if (s->sum[i].start < now->start - WEEK)
			continue;
		seen++;
		for (size_t m = 0; m < TOP_METRICS; m++)
			if (total[m] > now->most[m])
				now->most[m] = total[m];
	}
	if (seen * s->engine->conf->slot < USUAL_SECONDS)
		memset(now->most, 0xff, sizeof(now->most));
	return 0;
}

/* Other slots that the same host owned.  What came after counts, too: an operator looks at old slots. */
static int
happened_before(const struct history *s, struct peak *p, struct err *e)
{
	const struct owner *o = &p->why.owner[0];
	double share = 2 * o->usual_most > OWNED_LEAST ? 2 * o->usual_most : OWNED_LEAST;
	int64_t starts[1 + BEFORE_SHOWN];
	size_t n = sizeof(starts) / sizeof(starts[0]);

	if (p->why.nowners == 0)
		return 0;
	if (index_owned(s->engine->index, s->window.from - WEEKS * (int64_t)WEEK, s->source, o->metric, &o->host, share,
	    starts, &n, e) == -1)
		return -1;
	p->before = arena_array(s->arena, BEFORE_SHOWN, sizeof(*p->before));
	for (size_t i = 0; i < n && p->nbefore < BEFORE_SHOWN; i++)
		if (starts[i] != p->start)
			p->before[p->nbefore++] = starts[i];
	return 0;
}

struct peaks {
	struct peak *peak;
	size_t n, room;
};

/* Is it worth a look?  1, 0, -1. */
static int
stands_out(struct history *s, struct explain_slot *now, const struct explain_slot *const *baseline, size_t n,
    struct err *e)
{
	/* What is not loud before any week is none against its own, which takes longer to look at. */
	if (!explain_is_loud(now, baseline, n))
		return 0;
	return find_most(s, now, e) == -1 ? -1 : explain_is_loud(now, baseline, n);
}

static int
explain_slot_of(struct history *s, struct explain_slot *now, bool all, struct peaks *peaks, struct err *e)
{
	struct explain_slot *slots[1 + BEFORE_SLOTS + WEEKS] = { now };
	const struct explain_slot *const *baseline = (const struct explain_slot *const *)slots + 1;
	size_t n = baseline_of(s, now, slots + 1);
	int loud = stands_out(s, now, baseline, n, e);
	struct peak *p;
	uint32_t set;

	if (loud == -1)
		return -1;
	if (loud == 0 && !all)
		return 0;
	set = explain_tables(now, baseline, n);
	if (set != 0 && read_tables(s, set, slots, n + 1, e) == -1)
		return -1;
	if (peaks->n == peaks->room) {
		peaks->room = peaks->room != 0 ? peaks->room * 2 : 16;
		peaks->peak = xrealloc(peaks->peak, peaks->room, sizeof(*peaks->peak));
	}
	p = &peaks->peak[peaks->n];
	memset(p, 0, sizeof(*p));
	p->source = s->source;
	p->start = now->start;
	explain(now, baseline, n, s->arena, &p->why);
	if (p->why.quiet && !all)
		return 0;
	peaks->n++;
	return happened_before(s, p, e);
}

/* What a key has of addresses, and the owners, as networks. */
static void
mask_peak(struct peak *p)
{
	for (size_t i = 0; i < p->why.nevidence; i++) {
		struct evidence *ev = &p->why.evidence[i];
		struct addr a;

		for (size_t at = 0; at + sizeof(a) <= top_dims[ev->dim].size; at += sizeof(a)) {
			memcpy(&a, ev->key + at, sizeof(a));
			quirk_mask(&a);
			memcpy(ev->key + at, &a, sizeof(a));
		}
	}
	for (size_t i = 0; i < p->why.nowners; i++)
		quirk_mask(&p->why.owner[i].host);
}

int
engine_explain(struct engine *engine, const struct window *window, const char *names, bool all,
    struct arena *a, struct peak **out, size_t *n, struct err *e)
{
	const struct source **sources;
	struct window w;
	struct peaks peaks = { NULL, 0, 0 };
	size_t nsources;
	int rc = 0;

	if (engine_sees_all_networks(engine, e) == -1 ||
	    engine_sources(engine, names, a, &sources, &nsources, e) == -1)
		return -1;
	w = engine_whole_slots(engine, window);
	for (size_t i = 0; rc == 0 && i < nsources; i++) {
		struct history s = { .engine = engine, .source = sources[i], .window = w, .arena = a,
		    .tables = arena_new() };

		rc = read_history(&s, e);
		for (size_t k = 0; rc == 0 && k < s.n; k++)
			if (s.slot[k].start >= w.from && s.slot[k].start < w.to)
				rc = explain_slot_of(&s, &s.slot[k], all, &peaks, e);
		arena_free(s.tables);
		free(s.slot);
	}
	*n = peaks.n;
	*out = arena_array(a, peaks.n + 1, sizeof(**out));
	if (peaks.n > 0)
		memcpy(*out, peaks.peak, peaks.n * sizeof(**out));
	free(peaks.peak);
	for (size_t i = 0; engine_masks(engine) && i < *n; i++)
		mask_peak(&(*out)[i]);
	return rc;
}
