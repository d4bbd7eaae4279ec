#include "engine_strip.h"

#include <stdlib.h>
#include <string.h>

#include "engine_private.h"
#include "format/quirk.h"

#define SLOTS_MOST	1500000	/* of all sources: one or two seconds */
#define LATELY		7200	/* seconds by which sources are ranked */
#define EXPIRY_SECONDS	86400	/* slots that are too old go by whole days */

/* The columns, and the source at hand with its slots. */
struct work {
	struct engine *engine;
	struct window window;
	struct strip_column *column;
	size_t n;
	const struct source *source;
	size_t slots;
	bool *data;			/* of each slot of the window */
};

static struct strip_column *
column_at(const struct work *w, int64_t start)
{
	return &w->column[(size_t)((start - w->window.from) * (int64_t)w->n / (w->window.to - w->window.from))];
}

static bool
slot_number(const struct work *w, int64_t start, size_t *i)
{
	*i = (size_t)((start - w->window.from) / w->engine->conf->slot);
	return start >= w->window.from && *i < w->slots;
}

static int
take_slots(struct work *w, struct arena *a, struct err *e)
{
	struct slot_digest *slots;
	size_t n, at;

	if (index_digests(w->engine->index, &w->window, w->source, a, &slots, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct digest *d = &slots[i].digest;
		struct strip_column *c = column_at(w, slots[i].start);
		double share;

		if (!slot_number(w, slots[i].start, &at))
			continue;
		w->data[at] = true;
		if (w->engine->only != NULL || slots[i].totals.flows == 0)
			continue;
		share = (double)d->owned[TOP_FLOWS] / (double)slots[i].totals.flows;
		if (share == 0 || (c->source != NULL && c->share >= share))
			continue;
		c->source = w->source;
		c->start = slots[i].start;
		c->share = share < 1 ? share : 1;
		c->owner = d->owner[TOP_FLOWS];
		if (engine_masks(w->engine))
			quirk_mask(&c->owner);
	}
	return 0;
}

static int
take_health(struct work *w, struct arena *a, struct err *e)
{
	struct slot_health *health;
	size_t n;

	if (index_health(w->engine->index, &w->window, w->source, a, &health, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct strip_column *c = column_at(w, health[i].start);

		c->broken += health[i].broken + health[i].faults > 0;
		c->gaps += health[i].sequence_failures > 0;
		c->late += i + 1 < n && health[i].written > health[i + 1].written + w->engine->conf->slot / 2;
	}
	return 0;
}

/* Slots between a source's first and the newest of all ought to be there. */
static void
count_missing(struct work *w, int64_t oldest, int64_t newest)
{
	int64_t slot = w->engine->conf->slot;
	size_t i = oldest > w->window.from ? (size_t)((oldest - w->window.from) / slot) : 0;

	for (; oldest != 0 && i < w->slots; i++) {
		int64_t start = w->window.from + (int64_t)i * slot;
		struct strip_column *c = column_at(w, start);

		if (start > newest)
			return;
		c->expected++;
		c->missing += !w->data[i];
	}
}

static int
add_source(struct work *w, int64_t newest, struct arena *a, struct err *e)
{
	int64_t oldest, last;

	memset(w->data, 0, w->slots * sizeof(*w->data));
	if (index_extent(w->engine->index, w->source, &oldest, &last, e) == -1 ||
	    take_slots(w, a, e) == -1 || take_health(w, a, e) == -1)
		return -1;
	count_missing(w, oldest, newest);
	return 0;
}

/* How many slots of a source the index may have in the window: what is older than it keeps them is gone. */
static int64_t
slots_kept(const struct engine *engine, const struct window *window)
{
	struct window w = engine_whole_slots(engine, window);
	const char *age = engine->conf->keep_slots;
	int64_t kept, oldest;

	if (age != NULL && conf_age(age, &kept) == 0 && kept < when_now()) {
		oldest = when_now() - kept - EXPIRY_SECONDS;
		w.from = w.from > oldest ? w.from : oldest;
	}
	return (w.to - w.from) / engine->conf->slot;
}

size_t
engine_strip_most(const struct engine *engine, const struct window *window)
{
	int64_t slots = slots_kept(engine, window), most;

	if (slots <= 0)
		return SIZE_MAX;
	most = SLOTS_MOST / slots;
	return most > 0 ? (size_t)most : 1;
}

struct ranked { const struct source *source; uint64_t flows; };

static int
by_flows(const void *va, const void *vb)
{
	const struct ranked *a = va, *b = vb;

	if (a->flows != b->flows)
		return a->flows > b->flows ? -1 : 1;
	return a->source->id < b->source->id ? -1 : a->source->id > b->source->id;
}

/* The sources with most flows of late go to the front. */
static int
rank_sources(struct engine *engine, int64_t newest, const struct source **sources, size_t n, struct err *e)
{
	struct ranked *ranked = xcalloc(n, sizeof(*ranked));
	struct window lately = { newest - LATELY, newest + engine->conf->slot };
	struct traffic traffic;
	size_t slots;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = index_traffic(engine->index, &lately, sources[i], &traffic, &slots, e);
		ranked[i] = (struct ranked){ sources[i], traffic.by[PROTO_ALL].flows };
	}
	qsort(ranked, n, sizeof(*ranked), by_flows);
	for (size_t i = 0; rc == 0 && i < n; i++)
		sources[i] = ranked[i].source;
	free(ranked);
	return rc;
}

int
engine_strip(struct engine *engine, const struct window *window, const char *names, size_t n,
    struct arena *a, struct strip_column **out, struct err *e)
{
	struct work w = { .engine = engine, .window = engine_whole_slots(engine, window), .n = n };
	const struct source **sources;
	int64_t oldest, newest;
	size_t nsources, most = engine_strip_most(engine, window);
	int rc = 0;

	w.column = *out = arena_array(a, n + 1, sizeof(**out));
	if (engine_sources(engine, names, a, &sources, &nsources, e) == -1 ||
	    engine_extent(engine, NULL, &oldest, &newest, e) == -1)
		return -1;
	if (n == 0 || w.window.to <= w.window.from)
		return 0;
	if (nsources > most) {
		if (rank_sources(engine, newest, sources, nsources, e) == -1)
			return -1;
		nsources = most;
	}
	w.slots = (size_t)((w.window.to - w.window.from) / engine->conf->slot);
	w.data = xcalloc(w.slots + 1, sizeof(*w.data));
	for (size_t i = 0; rc == 0 && i < nsources; i++) {
		w.source = sources[i];
		rc = add_source(&w, newest, a, e);
	}
	free(w.data);
	return rc;
}
