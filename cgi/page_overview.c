#include <math.h>

#include "follow.h"
#include "incident.h"
#include "link.h"
#include "model.h"
#include "note.h"
#include "picture.h"
#include "route.h"
#include "strip.h"
#include "trouble.h"

#define PEAKS_SHOWN	6
#define DAY		86400

/* Day, week, month and year of each metric; each leads to Details. */
static int
overview_graphs(json_t *model, const struct view *v, struct err *e)
{
	json_t *list = model_list(model, "metrics");
	const struct source **sources;
	struct view copy = *v;
	size_t n;

	if (view_sources(v, &sources, &n, e) != 0)
		return -1;
	for (copy.metric = 0; copy.metric < METRICS; copy.metric++) {
		json_t *metric = model_item(list), *graphs;

		model_text(metric, "name", metrics[copy.metric].name);
		model_text(metric, "title", metrics[copy.metric].title);
		model_text(metric, "unit", metrics[copy.metric].unit);
		graphs = model_list(metric, "graphs");
		for (size_t i = 0; i < sizeof(overview_ranges) / sizeof(overview_ranges[0]); i++) {
			json_t *graph = model_item(graphs);

			copy.range = overview_ranges[i];
			model_text(graph, "range", ranges[copy.range].name);
			model_text(graph, "title", ranges[copy.range].title);
			model_textf(graph, "alt", "%s of all sources, %s",
			    metrics[copy.metric].title, ranges[copy.range].title);
			model_text(graph, "href", view_href(&copy, "/details", VIEW_DETAILS));
			picture_refs(graph, "picture", &copy, SIZE_THUMB, sources, n);
			strip_model(graph, &copy, SIZE_THUMB);
		}
	}
	return 0;
}

static void
overview_source(json_t *item, const struct request *rq, const struct source_status *s,
    const struct source_traffic *t)
{
	const struct totals *all = &t->traffic.by[PROTO_ALL];
	struct trouble trouble = source_trouble(rq->site, s, rq->arena);
	double seconds = rq->site->conf->slot;
	char when[WHEN_STRLEN];

	model_text(item, "name", s->source->name);
	model_text(item, "colour", s->source->colour);
	model_text(item, "newest", s->newest != 0 ? when_iso(s->newest, when) : NULL);
	model_text(item, "newest_text", s->newest != 0 ? when_text(s->newest, when) : "none yet");
	model_rate(item, "flows", t->slots != 0 ? (double)all->flows / seconds : NAN);
	model_rate(item, "packets", t->slots != 0 ? (double)all->packets / seconds : NAN);
	model_rate(item, "traffic", t->slots != 0 ? (double)all->bytes * 8 / seconds : NAN);
	model_number(item, "lag", source_lag(rq->site, s));
	model_text(item, "lag_text", s->newest != 0 ? span_text(source_lag(rq->site, s), rq->arena) : "–");
	model_text(item, "trouble", trouble.what);
	model_flag(item, "severe", trouble.what != NULL && trouble.severe);
	model_textf(item, "status", "%s/status#%s", rq->base, s->source->name);
}

/* What stood out in the last day, newest first, a sentence each. */
static int
overview_peaks(json_t *model, const struct request *rq, struct engine *engine, int64_t newest, struct err *e)
{
	json_t *list = model_list(model, "peaks");
	struct window day = { newest - DAY, newest };
	struct incident *incidents;
	struct peak *peaks;
	size_t n;

	if (newest == 0)
		return 0;
	if (engine_explain(engine, &day, NULL, false, rq->arena, &peaks, &n, e) != 0)
		return e->kind == ERR_DENIED ? 0 : -1;	/* not for this role: the page is without */
	model_flag(model, "has_peaks", n > 0);
	n = incidents_of(peaks, n, rq->site->conf->slot, rq->arena, &incidents);
	incidents_model(list, rq, incidents, n < PEAKS_SHOWN ? n : PEAKS_SHOWN);
	return 0;
}

/* The newest slot of each source, and what is wrong with it. */
static int
overview_sources(json_t *model, const struct request *rq, struct engine *engine, struct err *e)
{
	json_t *list = model_list(model, "sources");
	struct source_status *status;
	size_t n;

	if (engine_status(engine, true, rq->arena, &status, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct window newest = { status[i].newest, status[i].newest + rq->site->conf->slot };
		struct source_traffic none = { .source = status[i].source }, *t = &none;
		size_t nt = 0;

		if (status[i].newest != 0 && engine_traffic(engine, &newest, status[i].source->name,
		    rq->arena, &t, &nt, e) != 0)
			return -1;
		overview_source(model_item(list), rq, &status[i], nt == 1 ? t : &none);
	}
	return 0;
}

int
page_overview(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp,
    struct err *e)
{
	struct engine *engine;
	struct view v;
	char when[WHEN_STRLEN];

	(void)rp;
	view_init(&v, rq, query_new(rq->arena));
	follow_model(rq, NULL, model);
	if (pairs_done(pairs, e) != 0 || (engine = site_engine(rq->site, e)) == NULL ||
	    view_newest(&v, e) != 0)
		return -1;
	model_text(model, "title", "Overview");
	model_number(model, "refresh", rq->site->conf->slot);	/* for a screen on the wall */
	model_text(model, "zone", when_zone_name());
	model_text(model, "newest", v.newest != 0 ? when_iso(v.newest - rq->site->conf->slot, when) : NULL);
	model_text(model, "newest_text", v.newest != 0 ?
	    when_text(v.newest - rq->site->conf->slot, when) : NULL);
	if (overview_sources(model, rq, engine, e) != 0 ||
	    overview_peaks(model, rq, engine, v.newest, e) != 0)
		return -1;
	/* Links hold the times, so that they still show the same tomorrow. */
	view_settle(&v);
	if (overview_graphs(model, &v, e) != 0)
		return -1;
	if (v.newest != 0)
		notes_of(model, &(struct window){ v.newest - DAY, v.newest });
	return 0;
}
