#include <stdlib.h>
#include <string.h>

#include "engine_private.h"
#include "format/quirk.h"

#define BEFORE_SLOTS	8
#define WEEKS		4
#define WEEK		(7 * 86400)
#define BEFORE_SHOWN	50
#define STILL_THE_SAME	7200	/* seconds that an incident may have lasted already */

/* The slots of a source, oldest first, without their tables. */
struct history {
	const struct source *source;
	int64_t from, to;
	struct explain_slot *slot;
	size_t n;
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

static int
read_series(struct engine *engine, struct history *s, struct arena *a, struct err *e)
{
	struct window w = { s->from, s->to };
	struct slot_digest *d;

	if (index_digests(engine->index, &w, s->source, a, &d, &s->n, e) == -1)
		return -1;
	s->slot = xcalloc(s->n + 1, sizeof(*s->slot));
	for (size_t i = 0; i < s->n; i++) {
		struct explain_slot *slot = &s->slot[i];

		slot->start = d[i].start;
		slot->digest = d[i].digest;
		slot->total[EXPLAIN_FLOWS] = d[i].totals.flows;
		slot->total[EXPLAIN_PACKETS] = d[i].totals.packets;
		slot->total[EXPLAIN_BYTES] = d[i].totals.bytes;
		slot->total[EXPLAIN_SOURCES] = d[i].digest.sources;
		slot->total[EXPLAIN_DESTINATIONS] = d[i].digest.destinations;
		slot->total[EXPLAIN_PORTS] = d[i].digest.ports;
	}
	return 0;
}

static int
read_tables(struct engine *engine, const struct history *s, struct explain_slot *slot, struct arena *a,
    struct err *e)
{
	struct window w = { slot->start, slot->start + engine->conf->slot };

	if (slot->top[TOP_IP].row != NULL)
		return 0;
	for (enum top_dim d = 0; d < TOP_DIMS; d++)
		if (index_top(engine->index, &w, &s->source, 1, d, a, &slot->top[d], e) == -1)
			return -1;
	return 0;
}

/* The slots that one is held against: those just before, and of the same time in earlier weeks. */
static size_t
baseline_of(const struct history *s, const struct explain_slot *now, int64_t seconds,
    struct explain_slot *out[BEFORE_SLOTS + WEEKS])
{
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
static void
find_most(const struct history *s, struct explain_slot *now)
{
	size_t seen = 0;

	memset(now->most, 0, sizeof(now->most));
	for (const struct explain_slot *slot = now; slot-- > s->slot && slot->start >= now->start - WEEK; ) {
		if (slot->start > now->start - STILL_THE_SAME)
			continue;
		seen++;
		for (size_t m = 0; m < EXPLAIN_METRICS; m++)
			if (slot->total[m] > now->most[m])
				now->most[m] = slot->total[m];
	}
	if (seen < 200)
		memset(now->most, 0xff, sizeof(now->most));
}

/* Other slots that the same host owned. */
static void
happened_before(const struct history *s, struct peak *p, struct arena *a)
{
	const struct owner *o = &p->why.owner[0];

	if (p->why.nowners == 0)
		return;
	p->before = arena_array(a, BEFORE_SHOWN, sizeof(*p->before));
	for (size_t i = s->n; i-- > 0 && p->nbefore < BEFORE_SHOWN; ) {
		const struct explain_slot *slot = &s->slot[i];
		double owned = (double)slot->digest.owned[o->metric];

		if (slot->start != p->start && memcmp(&slot->digest.owner[o->metric], &o->host, sizeof(o->host)) == 0 &&
		    owned > 0.25 * (double)slot->total[o->metric] && owned > 2 * o->usual_most * (double)slot->total[o->metric])
			p->before[p->nbefore++] = slot->start;
	}
}

struct peaks {
	struct peak *peak;
	size_t n, room;
};

static int
explain_slot_of(struct engine *engine, const struct history *s, struct explain_slot *now, bool all,
    struct arena *a, struct peaks *peaks, struct err *e)
{
	struct explain_slot *baseline[BEFORE_SLOTS + WEEKS];
	const struct explain_slot *const *view = (const struct explain_slot *const *)baseline;
	size_t n = baseline_of(s, now, engine->conf->slot, baseline);
	struct peak *p;

	/* What is not loud before any week is none against its own, which takes longer to look at. */
	if (!all && !explain_is_loud(now, view, n))
		return 0;
	find_most(s, now);
	if (!all && !explain_is_loud(now, view, n))
		return 0;
	if (read_tables(engine, s, now, a, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (read_tables(engine, s, baseline[i], a, e) == -1)
			return -1;
	if (peaks->n == peaks->room) {
		peaks->room = peaks->room != 0 ? peaks->room * 2 : 16;
		peaks->peak = xrealloc(peaks->peak, peaks->room, sizeof(*peaks->peak));
	}
	p = &peaks->peak[peaks->n];
	memset(p, 0, sizeof(*p));
	p->source = s->source;
	p->start = now->start;
	explain(now, view, n, a, &p->why);
	if (p->why.quiet && !all)
		return 0;
	happened_before(s, p, a);
	peaks->n++;
	return 0;
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
		/* What came after counts as "happened before" too: an operator looks at old slots. */
		struct history s = { .source = sources[i], .from = w.from - WEEKS * (int64_t)WEEK, .to = INT64_MAX };

		rc = read_series(engine, &s, a, e);
		for (size_t k = 0; rc == 0 && k < s.n; k++)
			if (s.slot[k].start >= w.from && s.slot[k].start < w.to)
				rc = explain_slot_of(engine, &s, &s.slot[k], all, a, &peaks, e);
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
