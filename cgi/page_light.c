/*
 * Light table: the same days of this week and of the weeks before it, laid on
 * top of one another, with what the weeks before let expect.
 */
#include <stdlib.h>
#include <string.h>

#include "base/url.h"
#include "fields.h"
#include "model.h"
#include "picture.h"
#include "route.h"
#include "timeline.h"
#include "weeks.h"

#define WEEKS		4	/* unless asked otherwise */
#define ALPHA		60
#define BUCKETS_WEEK	336	/* of a filter's series */

static const struct span { const char *name, *title; int64_t seconds; } spans[] = {
	{ "1d", "1 day", 86400 }, { "2d", "2 days", 2 * 86400 }, { "1w", "1 week", WEEK_SECONDS },
};
#define SPANS	(sizeof(spans) / sizeof(spans[0]))

struct light {
	const struct request *rq;
	struct view view;
	struct query *query;
	unsigned span, before, alpha;
	bool band;
	const char *wrong;		/* a filter that does not compile */
	struct err error;
	int64_t end;			/* as asked for, 0: the newest */
	const char *pick;		/* a click on the picture */
	struct window drag;		/* a drag over it, {0, 0}: none */
	bool cut;			/* there was not time enough for all weeks of a filter */
	bool partial;
};

static int
take_span(struct light *l, struct pairs *pairs, struct err *e)
{
	const char *value = pairs_take(pairs, "span");

	l->span = SPANS - 1;
	if (value == NULL)
		return 0;
	for (l->span = 0; l->span < SPANS; l->span++)
		if (strcmp(spans[l->span].name, value) == 0)
			return 0;
	return err_set(e, ERR_INPUT, "span: \"%.40s\" is none of 1d, 2d, 1w", value);
}

static int
take_own(struct light *l, struct pairs *pairs, struct err *e)
{
	unsigned band = 1;

	l->before = WEEKS;
	l->alpha = ALPHA;
	if (take_span(l, pairs, e) != 0 || take_number(pairs, "weeks", 1, WEEKS_MAX, &l->before, e) != 0 ||
	    take_number(pairs, "alpha", 10, 100, &l->alpha, e) != 0 || take_number(pairs, "band", 0, 1, &band, e) != 0)
		return -1;
	/* One week before says nothing of how weeks differ. */
	l->band = band == 1 && l->before > 1;
	return 0;
}

/* What the script of a picture sends when one clicks or drags. */
static int
take_drag(struct light *l, struct pairs *pairs, struct err *e)
{
	const char *from = pairs_take(pairs, "from"), *to = pairs_take(pairs, "to");

	l->pick = pairs_take(pairs, "pick");
	if (from == NULL || to == NULL)
		return 0;
	if (when_parse(from, when_now(), &l->drag.from, e) != 0)
		return err_in(e, "from");
	return when_parse(to, when_now(), &l->drag.to, e) == 0 ? 0 : err_in(e, "to");
}

static int
light_read(struct light *l, const struct request *rq, struct pairs *pairs, struct err *e)
{
	const char *filter;

	memset(l, 0, sizeof(*l));
	l->rq = rq;
	l->query = query_new(rq->arena);
	view_init(&l->view, rq, l->query);
	if (take_own(l, pairs, e) != 0 || view_from_pairs(&l->view, pairs, VIEW_GRAPH, e) != 0)
		return -1;
	filter = pairs_take(pairs, "filter");
	if (filter != NULL && filter_compile(filter, rq->arena, &l->error) == NULL)
		l->wrong = filter;
	else
		l->query->filter = filter;
	l->query->sources = pairs_take(pairs, "source");
	pairs_take(pairs, "go");
	if (take_drag(l, pairs, e) != 0 || pairs_done(pairs, e) != 0 || view_newest(&l->view, e) != 0 ||
	    query_check(l->query, e) != 0)
		return -1;
	l->end = l->view.end;
	/* A filter says itself which protocols it means. */
	if (filter != NULL)
		l->view.proto = PROTO_ALL;
	view_settle_end(&l->view);
	return 0;
}

/* All that makes up the page, or a picture of it. */
static const char *
light_href(const struct light *l, const char *path)
{
	struct arena *a = l->rq->arena;
	struct strbuf sb = { 0 };
	const char *href;

	strbuf_adds(&sb, view_href(&l->view, path, VIEW_GRAPH));
	if (l->query->filter != NULL)
		url_add(&sb, "filter", l->query->filter);
	if (l->span != SPANS - 1)
		url_add(&sb, "span", spans[l->span].name);
	if (l->before != WEEKS)
		url_add(&sb, "weeks", arena_printf(a, "%u", l->before));
	if (l->alpha != ALPHA)
		url_add(&sb, "alpha", arena_printf(a, "%u", l->alpha));
	if (!l->band && l->before > 1)
		url_add(&sb, "band", "0");
	href = arena_strdup(a, strbuf_text(&sb));
	strbuf_free(&sb);
	return href;
}

/* The page itself, ending with what is newest unless asked otherwise. */
static const char *
page_href(const struct light *l, const char *path)
{
	struct light copy = *l;

	copy.view.end = l->end;
	return light_href(&copy, path);
}

/* Puts a week's series into the plot of all; the week's own plot is of that time. */
static int
add_week(struct light *l, unsigned week, struct plot *all, struct err *e)
{
	struct view copy = l->view;
	struct query q = *l->query;
	struct plot plot;

	q.window.to = l->view.end - (int64_t)week * WEEK_SECONDS;
	q.window.from = q.window.to - spans[l->span].seconds;
	q.bucket = bucket_for(spans[l->span].seconds, BUCKETS_WEEK);
	copy.query = &q;
	if (query_check(&q, e) != 0 || plot_read(&copy, &plot, e) != 0)
		return -1;
	if (week == 0)
		series_init(&all->series, q.window.from, q.window.to, q.bucket, l->before + 1, l->rq->arena);
	memcpy(all->series.at + week * all->series.n, plot.series.at, all->series.n * sizeof(*all->series.at));
	l->partial |= plot.partial;
	return 0;
}

/* The weeks of a filter, one query each; those for which time is short are left out, the oldest first. */
static int
read_weeks(struct light *l, struct plot *all, struct err *e)
{
	int64_t started = when_now();
	unsigned limit = l->rq->site->conf->query_seconds;

	memset(all, 0, sizeof(*all));
	for (unsigned k = 0; k <= l->before && !l->cut; k++) {
		if (add_week(l, k, all, e) != 0)
			return -1;
		if (limit > 0 && when_now() - started > limit && k < l->before) {
			l->cut = true;
			l->before = k;
		}
	}
	all->series.nlines = l->before + 1;
	if (l->before < 2)
		l->band = false;
	return 0;
}

/* Of a picture among all that are kept: its address, for each role. */
static const char *
light_key(const struct light *l)
{
	return arena_printf(l->rq->arena, "%s %s", plot_who(l->rq), light_href(l, "/weeks"));
}

/* What is drawn. */
static int
light_weeks(struct light *l, struct weeks *w, struct err *e)
{
	struct plot *plot = NULL;
	struct light plain;

	if (l->query->filter != NULL) {
		plot = arena_alloc(l->rq->arena, sizeof(*plot));
		if (read_weeks(l, plot, e) != 0)
			return -1;
	}
	*w = (struct weeks){ .view = &l->view, .seconds = spans[l->span].seconds, .before = l->before,
	    .alpha = l->alpha, .band = l->band, .plot = plot, .partial = l->partial || l->cut };
	plain = *l;
	plain.view.size = plain.view.dark = plain.view.zoom = plain.view.svg = 0;
	w->plain = light_key(&plain);
	l->rq->site->unfinished |= w->partial;
	return 0;
}

static const struct picture *
light_draw(struct light *l, struct weeks *w, struct err *e)
{
	w->key = light_key(l);
	return weeks_draw(w, e);
}

/* A picture of its own, as the page refers to. */
int
page_weeks(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const struct picture *p;
	struct light l;
	struct weeks w;

	(void)model;
	if (light_read(&l, rq, pairs, e) != 0)
		return -1;
	if (l.wrong != NULL) {
		*e = l.error;
		return -1;
	}
	if (light_weeks(&l, &w, e) != 0 || (p = light_draw(&l, &w, e)) == NULL)
		return -1;
	rp->cache_control = "private, no-cache";
	if (!reply_unless_same(rq, rp, weeks_etag(&w, e)))
		return 0;
	rp->type = p->type;
	strbuf_add(&rp->body, p->bytes, p->size);
	if (w.partial)
		reply_partial(rp);
	return 0;
}

static void
picture_refs_of(const struct light *l, json_t *item)
{
	static const char *const names[2][2] = { { "light", "light2" }, { "dark", "dark2" } };
	struct light copy = *l;

	for (copy.view.dark = 0; copy.view.dark < 2; copy.view.dark++)
		for (copy.view.zoom = 0; copy.view.zoom < 2; copy.view.zoom++)
			model_text(item, names[copy.view.dark][copy.view.zoom], light_href(&copy, "/weeks"));
}

/* A row for each week: where it is, how it is drawn, and what a legend says. */
static void
legend_model(const struct light *l, const struct weeks *w, const struct figures *f, json_t *table)
{
	json_t *list = model_list(table, "weeks");

	for (unsigned k = 0; k <= w->before; k++) {
		int64_t to = l->view.end - (int64_t)k * WEEK_SECONDS;
		json_t *item = model_item(list);
		char when[WHEN_STRLEN];

		model_text(item, "title", k == 0 ? "This week" : k == 1 ? "A week before" :
		    arena_printf(l->rq->arena, "%u weeks before", k));
		model_text(item, "from", when_text(to - spans[l->span].seconds, when));
		model_text(item, "to", when_text(to, when));
		model_text(item, "colour", week_colour(k, false));
		model_text(item, "dark", week_colour(k, true));
		model_textf(item, "opacity", "%.2f", week_alpha(w, k) / 100.0);
		figures_model(item, &f[k]);
	}
}

static int
table_model(struct light *l, json_t *model, struct err *e)
{
	static const struct { const char *kind; enum size size; } plots[] = {
		{ "narrow", SIZE_NARROW }, { "wide", SIZE_FULL } };
	json_t *table, *list;
	const struct picture *p = NULL;
	const struct figures *f;
	struct weeks w;

	if (light_weeks(l, &w, e) != 0 || (f = weeks_figures(&w, e)) == NULL)
		return -1;
	table = model_object(model, "table");
	list = model_list(table, "plots");
	for (size_t i = 0; i < sizeof(plots) / sizeof(plots[0]); i++) {
		json_t *item = model_item(list);

		l->view.size = plots[i].size;
		if ((p = light_draw(l, &w, e)) == NULL)
			return -1;
		picture_refs_of(l, item);
		picture_geometry(item, p);
		model_text(item, "kind", plots[i].kind);
		l->view.size = SIZE_WIDE;
		model_textf(item, "pick", "%s&pick=", light_href(l, ""));
		model_text(item, "zone", when_zone_name());
		model_number(item, "slot", l->rq->site->conf->slot);
		model_textf(item, "alt", "%s of this week and %u before", metrics[l->view.metric].title, w.before);
		figures_title(item, f, metrics[l->view.metric].unit);
	}
	model_flag(table, "empty", p->empty);
	model_text(table, "title", metrics[l->view.metric].title);
	model_text(table, "unit", metrics[l->view.metric].unit);
	model_text(table, "zone", when_zone_name());
	model_flag(table, "band", w.band);
	model_flag(table, "partial", l->partial || l->cut);
	model_text(table, "note", l->cut ? "There was not time enough for all weeks: the oldest are left out." : NULL);
	model_text(table, "csv", light_href(l, "/light.csv"));
	model_text(table, "json", light_href(l, "/light.json"));
	legend_model(l, &w, f, table);
	return 0;
}

static void
choices_model(const struct light *l, json_t *model)
{
	struct light copy = *l;
	json_t *list = model_list(model, "types");

	for (copy.view.metric = 0; copy.view.metric < METRICS; copy.view.metric++)
		model_choice(list, metrics[copy.view.metric].name, metrics[copy.view.metric].title, page_href(&copy, ""),
		    copy.view.metric == l->view.metric);
	model_flag(model, "by_proto", l->query->filter == NULL);
	copy = *l;
	list = model_list(model, "protos");
	for (copy.view.proto = 0; copy.view.proto < PROTO_CLASSES; copy.view.proto++)
		model_choice(list, proto_class_names[copy.view.proto], view_proto_title(copy.view.proto),
		    page_href(&copy, ""), copy.view.proto == l->view.proto);
	copy = *l;
	list = model_list(model, "spans");
	for (copy.span = 0; copy.span < SPANS; copy.span++)
		model_choice(list, spans[copy.span].name, spans[copy.span].title, page_href(&copy, ""), copy.span == l->span);
}

static void
form_model_of(const struct light *l, json_t *model)
{
	json_t *form = model_object(model, "form");
	char when[WHEN_STRLEN];

	model_text(form, "filter", l->wrong != NULL ? l->wrong : l->query->filter);
	model_text(form, "error", l->wrong != NULL ? l->error.text : NULL);
	model_number(form, "weeks", l->before);
	model_number(form, "weeks_max", WEEKS_MAX);
	model_number(form, "alpha", l->alpha);
	model_flag(form, "band", l->band);
	model_text(form, "end", l->end != 0 ? when_iso(l->end, when) : NULL);
	model_text(form, "type", l->view.metric != METRIC_TRAFFIC ? metrics[l->view.metric].name : NULL);
	model_text(form, "proto", l->view.proto != PROTO_ALL ? proto_class_names[l->view.proto] : NULL);
	model_text(form, "span", l->span != SPANS - 1 ? spans[l->span].name : NULL);
	sources_menu(&l->view, form);
}

/* Where one goes from a click or a drag: the flows of then. */
static int
go_details(struct light *l, const char **href, struct err *e)
{
	struct view copy = l->view;
	struct query q = *l->query;
	const char *kind = l->pick, *at = kind != NULL ? strchr(kind, '?') : NULL;
	const struct picture *p;
	struct weeks w;

	q.window = l->drag;
	if (l->drag.from == l->drag.to) {
		if (at == NULL)
			return err_set(e, ERR_INPUT, "pick: expected wide?x,y or narrow?x,y, not \"%.40s\"", kind);
		l->view.size = strncmp(kind, "narrow", strlen("narrow")) == 0 ? SIZE_NARROW : SIZE_FULL;
		if (light_weeks(l, &w, e) != 0 || (p = light_draw(l, &w, e)) == NULL)
			return -1;
		q.window.from = view_slot(&l->view, picture_time(p, strtol(at + 1, NULL, 10)));
		q.window.to = q.window.from + l->rq->site->conf->slot;
	}
	copy.query = &q;
	copy.end = 0;
	*href = view_href(&copy, "/details", VIEW_DETAILS);
	return 0;
}

int
page_light(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	struct light l;

	if (light_read(&l, rq, pairs, e) != 0)
		return -1;
	if (l.wrong == NULL && (l.pick != NULL || l.drag.from != l.drag.to))
		return go_details(&l, &rp->location, e);
	model_text(model, "title", "Light table");
	timeline_views(&l.view, "/light", model);
	choices_model(&l, model);
	form_model_of(&l, model);
	if (l.wrong == NULL)
		return table_model(&l, model, e);
	rp->status = err_http(l.error.kind);
	json_object_set_new(model, "table", json_null());
	return 0;
}

/* The table of weeks. */
int
light_csv(const struct request *rq, struct pairs *pairs, struct reply *rp, struct err *e)
{
	const struct figures *f;
	struct light l;
	struct weeks w;

	if (light_read(&l, rq, pairs, e) != 0)
		return -1;
	if (l.wrong != NULL) {
		*e = l.error;
		return -1;
	}
	if (light_weeks(&l, &w, e) != 0 || (f = weeks_figures(&w, e)) == NULL)
		return -1;
	strbuf_adds(&rp->body, "weeks before,from,to,last,average,p95,max\n");
	for (unsigned k = 0; k <= w.before; k++) {
		int64_t to = l.view.end - (int64_t)k * WEEK_SECONDS;

		strbuf_addf(&rp->body, "%u,%lld,%lld,%.3f,%.3f,%.3f,%.3f\n", k, (long long)(to - w.seconds),
		    (long long)to, f[k].last, f[k].average, f[k].p95, f[k].most);
	}
	rp->type = "text/csv; charset=utf-8";
	rp->filename = "light.csv";
	return 0;
}
