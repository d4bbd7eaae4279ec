/*
 * Analysis: who makes up the traffic, layer by layer.  The first by some key are
 * stacked over time, with all others on top; a click keeps one, or takes some off.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "fields.h"
#include "form.h"
#include "model.h"
#include "route.h"
#include "timeline.h"

#define SECONDS		3600	/* of the window, unless asked otherwise */

struct analysis {
	const struct request *rq;
	struct engine *engine;
	struct view view;
	struct query *query;
	bool automatic;			/* the bucket was left open */
	const char *go, *pick;		/* what was clicked */
	const char *wrong;		/* a filter that does not compile */
	struct err error;
};

static const enum order metric_orders[METRICS] = {
	[METRIC_FLOWS] = ORDER_FLOWS, [METRIC_PACKETS] = ORDER_PACKETS, [METRIC_TRAFFIC] = ORDER_BYTES };

/* What the address leaves open. */
static void
set_defaults(struct analysis *a, const struct pairs *pairs)
{
	struct query *q = a->query;

	a->automatic = !fields_have(pairs, "series");
	q->bucket = BUCKET_MAX;
	q->order = metric_orders[a->view.metric];
	q->top = SERIES_LINES;
	if (!fields_have(pairs, "keys"))
		q->keys[q->nkeys++].field = F_SRCIP;
}

/* A filter that is wrong is shown with what is wrong about it, and nothing is run. */
static void
take_wrong_filter(struct analysis *a, struct pairs *pairs)
{
	const char *filter = pairs_take(pairs, "filter");

	if (filter == NULL || filter_compile(filter, a->rq->arena, &a->error) != NULL)
		return;
	a->wrong = filter;
	fields_drop(pairs, "filter");
}

/* The newest hour, where no time was asked for. */
static int
set_window(struct analysis *a, struct err *e)
{
	struct window *w = &a->query->window;

	if (view_newest(&a->view, e) != 0)
		return -1;
	if (w->from == w->to) {
		w->to = a->view.newest != 0 ? a->view.newest : view_slot(&a->view, when_now());
		w->from = w->to - SECONDS;
	}
	if (a->automatic)
		a->query->bucket = bucket_for(w->to - w->from, BUCKETS);
	return 0;
}

static int
analysis_read(struct analysis *a, const struct request *rq, struct pairs *pairs, struct err *e)
{
	const struct source **sources;
	size_t n;

	memset(a, 0, sizeof(*a));
	a->rq = rq;
	a->query = query_new(rq->arena);
	view_init(&a->view, rq, a->query);
	a->go = pairs_take(pairs, "go");
	a->pick = pairs_take(pairs, "pick");
	if (view_from_pairs(&a->view, pairs, VIEW_DETAILS, e) != 0)
		return -1;
	set_defaults(a, pairs);
	take_wrong_filter(a, pairs);
	if (query_from_pairs(a->query, pairs, e) != 0 || pairs_done(pairs, e) != 0)
		return -1;
	a->query->order = metric_orders[a->view.metric];
	a->engine = site_engine(rq->site, e);
	if (a->engine == NULL || view_sources(&a->view, &sources, &n, e) != 0 || set_window(a, e) != 0)
		return -1;
	return query_check(a->query, e);
}

/* The page with another window; the bucket is as open as it was. */
static const char *
window_href(const struct analysis *a, const char *path, int64_t from, int64_t to)
{
	struct view copy = a->view;
	struct query q = *a->query;

	q.window = (struct window){ from, to };
	if (a->automatic)
		q.bucket = 0;
	copy.query = &q;
	return view_href(&copy, path, VIEW_DETAILS);
}

/* A click into the picture looks closer: a quarter of the time around it. */
static int
go_picked(struct analysis *a, const char **href, struct err *e)
{
	const struct window *w = &a->query->window;
	int64_t bucket = a->query->bucket, len = (w->to - w->from) / 4 / bucket * bucket, at;

	if (timeline_pick(&a->view, a->pick, &at, e) != 0)
		return -1;
	if (len < bucket)
		len = bucket;
	at = at / bucket * bucket;
	*href = window_href(a, "/analysis", at - len / 2, at - len / 2 + len);
	return 0;
}

static void
move(const struct analysis *a, json_t *list, const char *title, const char *sign, int64_t from, int64_t to)
{
	json_t *item = model_item(list);
	int64_t newest = a->view.newest;

	model_text(item, "title", title);
	model_text(item, "sign", sign);
	model_text(item, "href", newest != 0 && from >= newest ? NULL : window_href(a, "", from, to));
}

static void
time_model(const struct analysis *a, json_t *model)
{
	const struct window *w = &a->query->window;
	int64_t len = w->to - w->from, newest = a->view.newest;
	json_t *s = model_object(model, "selection"), *list = model_list(model, "moves");
	char when[WHEN_STRLEN];

	model_text(s, "from", when_iso(w->from, when));
	model_text(s, "to", when_iso(w->to, when));
	model_moment(s, "from_text", w->from);
	model_moment(s, "to_text", w->to);
	model_text(s, "span", span_text(len, a->rq->arena));
	move(a, list, "Earlier", "‹", w->from - len, w->to - len);
	move(a, list, "Wider", "−", w->from - len, w->to + len);
	move(a, list, "Closer", "+", w->from + len / 3, w->to - len / 3);
	move(a, list, "Later", "›", w->from + len, w->to + len);
	move(a, list, "Newest", "⇥", newest - len, newest);
}

/* The keys that are asked for most, and what the address has. */
static void
keys_model(const struct analysis *a, json_t *form)
{
	static const struct { const char *value, *title; } usual[] = {
		{ "srcip", "Source address" }, { "dstip", "Destination address" },
		{ "srcip,dstip", "Source and destination" }, { "srcport", "Source port" },
		{ "dstport", "Destination port" }, { "proto,dstport", "Protocol and destination port" },
		{ "proto", "Protocol" }, { "srcip4/24", "Source network /24" }, { "dstip4/24", "Destination network /24" },
		{ "srcas", "Source AS" }, { "dstas", "Destination AS" }, { "srcas,dstas", "Source and destination AS" },
		{ "inif", "Input interface" }, { "outif", "Output interface" }, { "router", "Exporter" },
		{ "srctos", "Type of service" }, { "flags", "TCP flags" },
	};
	json_t *list = model_list(form, "keys");
	struct strbuf keys = { 0 };
	bool found = false;

	for (size_t i = 0; i < a->query->nkeys; i++) {
		strbuf_adds(&keys, i > 0 ? "," : "");
		key_print(&a->query->keys[i], &keys);
	}
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		bool here = strcmp(usual[i].value, strbuf_text(&keys)) == 0;

		model_option(list, usual[i].value, usual[i].title, here);
		found |= here;
	}
	if (!found)
		model_option(list, strbuf_text(&keys), strbuf_text(&keys), true);
	strbuf_free(&keys);
}

static void
tops_model(const struct analysis *a, json_t *form)
{
	json_t *list = model_list(form, "tops");
	uint64_t top = a->query->top;
	char text[24];

	for (unsigned n = 3; n <= SERIES_LINES_MAX; n++) {
		snprintf(text, sizeof(text), "%u", n);
		if (n <= 10 || n == top)
			model_option(list, text, text, n == top);
	}
}

static void
form_fields(const struct analysis *a, json_t *model)
{
	static const char *const ranks[RANKS] = { "in all", "in the highest bucket" };
	json_t *form = model_object(model, "form"), *list;
	const struct query *q = a->query;

	model_text(form, "filter", a->wrong != NULL ? a->wrong : q->filter);
	model_text(form, "error", a->wrong != NULL ? a->error.text : NULL);
	model_text(form, "metric", a->view.metric != METRIC_TRAFFIC ? metrics[a->view.metric].name : NULL);
	model_flag(form, "lines", a->view.lines);
	model_flag(form, "log", a->view.log);
	form_terms(&a->view, form);
	keys_model(a, form);
	tops_model(a, form);
	timeline_menus(q, a->automatic ? 0 : q->bucket, form);
	sources_menu(&a->view, form);
	list = model_list(form, "ranks");
	for (unsigned i = 0; i < RANKS; i++)
		model_option(list, rank_names[i], ranks[i], i == (unsigned)q->rank);
	model_flag(form, "more", !a->automatic || q->book != BOOK_SPREAD || q->counting != COUNT_INITIATED ||
	    q->match != MATCH_FILES);
	list = model_list(form, "matches");
	model_option(list, "", "in the files of this time", q->match == MATCH_FILES);
	model_option(list, "any", "active in it, exported later too", q->match == MATCH_ANY);
	if (q->match != MATCH_FILES && q->match != MATCH_ANY)
		model_option(list, matches[q->match].name, matches[q->match].title, true);
}

static int
result_model(const struct analysis *a, json_t *model, struct err *e)
{
	struct timeline_links links = { .automatic = a->automatic, .pick = "" };
	struct result r = { 0 };
	json_t *result;

	if (plot_version(&a->view, &links.version, e) != 0 || plot_ask(&a->view, &r, e) != 0)
		return -1;
	result = model_object(model, "result");
	model_result(result, &a->view, &r, a->rq->arena);
	json_object_set_new(result, "seconds", json_real((double)(int64_t)(r.seconds * 1000) / 1000));
	commands_model(a->rq, a->query, &r, result);
	model_text(result, "csv", view_href(&a->view, "/analysis.csv", VIEW_DETAILS));
	model_text(result, "json", view_href(&a->view, "/analysis.json", VIEW_DETAILS));
	return timeline_model(model, &a->view, &r, &links, e);
}

int
page_analysis(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	struct analysis a;

	if (analysis_read(&a, rq, pairs, e) != 0)
		return -1;
	if (a.pick != NULL && a.wrong == NULL)
		return go_picked(&a, &rp->location, e);
	if (a.go != NULL && a.wrong == NULL) {
		rp->location = window_href(&a, "/analysis", a.query->window.from, a.query->window.to);
		return 0;
	}
	model_text(model, "title", "Analysis");
	timeline_views(&a.view, "/analysis", model);
	time_model(&a, model);
	form_fields(&a, model);
	view_choices(&a.view, "type", model, "types");
	view_choices(&a.view, "scale", model, "scales");
	view_choices(&a.view, "style", model, "styles");
	if (a.wrong == NULL)
		return result_model(&a, model, e);
	rp->status = err_http(a.error.kind);
	json_object_set_new(model, "result", json_null());
	json_object_set_new(model, "series", json_null());
	return 0;
}

/* The buckets of all lines, as `flowlight query -o csv` prints them. */
int
analysis_csv(const struct request *rq, struct pairs *pairs, struct reply *rp, struct err *e)
{
	struct render *render;
	struct result r = { 0 };
	struct analysis a;

	if (analysis_read(&a, rq, pairs, e) != 0)
		return -1;
	if (a.wrong != NULL) {
		*e = a.error;
		return -1;
	}
	a.query->output = "csv";
	if ((render = render_start(a.query, rq->arena, text_write, &rp->body, e)) == NULL ||
	    plot_ask(&a.view, &r, e) != 0 || render_finish(render, &r, e) != 0)
		return -1;
	rp->type = "text/csv; charset=utf-8";
	rp->filename = "analysis.csv";
	return 0;
}
