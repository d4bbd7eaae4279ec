#include <math.h>
#include <string.h>

#include "ask.h"
#include "bands.h"
#include "commands.h"
#include "counted.h"
#include "follow.h"
#include "form.h"
#include "keep.h"
#include "model.h"
#include "picture.h"
#include "query/text.h"
#include "route.h"
#include "statistics.h"
#include "strip.h"
#include "timeline.h"

#define SERIES_PICK	"series-"
#define BUCKETS_MAX	4000	/* of a graph */
#define ROWS_MAX	1000	/* of a page; more rows are for the shell */
#define ROWS_LIST	20	/* flows listed unless asked otherwise */
#define ROWS_TOP	10

/* All that the parts of the page are made from. */
struct details {
	const struct request *rq;
	struct engine *engine;
	struct view view;
	struct query *query;
	struct form form;
	const struct source **sources;	/* that are switched on */
	size_t nsources;
	const struct source **all;	/* that there are */
	size_t nall;
	const char *from;		/* as the address has it, NULL if not */
	bool follows;			/* its times are none, or relative to now, and no query is open */
};

/* Is the time of a parameter now, or so long before it? */
static bool
is_relative(const struct pairs *pairs, const char *name)
{
	const char *value = pairs_value(pairs, name);

	return value == NULL || *value == '-' || strcmp(value, "now") == 0;
}

/* A link to a window of that length before now, as the address of the page has it. */
static const char *
live_from(const struct details *d)
{
	const struct window *w = &d->query->window;
	int64_t len = w->to - w->from;

	if (d->follows && d->from != NULL)
		return d->from;
	return len <= d->rq->site->conf->slot ? NULL : arena_printf(d->rq->arena, "-%lldm", (long long)len / 60);
}

/* From now on links to the page itself follow, too. */
static void
details_live(struct details *d)
{
	/* "-2h" to "-1h" follows as well, but its links say when; so do those beside an answer. */
	d->view.live = !view_runs(&d->view) && d->query->match == MATCH_FILES && d->query->window.to == d->view.newest;
	d->view.live_from = live_from(d);
	d->view.live_window = d->query->window;
	d->view.live_end = d->view.end;
}

static int
details_read(struct details *d, const struct request *rq, struct pairs *pairs, struct err *e)
{
	memset(d, 0, sizeof(*d));
	d->rq = rq;
	d->query = query_new(rq->arena);
	view_init(&d->view, rq, d->query);
	d->from = pairs_value(pairs, "from");
	d->follows = is_relative(pairs, "from") && is_relative(pairs, "to") && is_relative(pairs, "end");
	if (form_read(&d->form, &d->view, pairs, e) != 0 ||
	    (d->engine = site_engine(rq->site, e)) == NULL ||
	    view_sources(&d->view, &d->sources, &d->nsources, e) != 0 ||
	    engine_sources(d->engine, NULL, rq->arena, &d->all, &d->nall, e) != 0 ||
	    view_newest(&d->view, e) != 0)
		return -1;
	view_settle(&d->view);
	if (d->follows)
		details_live(d);
	return 0;
}

/* Rows that a page can hold; what the address leaves open is made plain, also for the command lines. */
static int
details_limits(struct details *d, struct err *e)
{
	struct query *q = d->query;
	bool list = q->mode == QUERY_LIST, sorted = list && q->order < ORDERS;

	/* Of all flows, or it says little; in whatever order. */
	if (counted_asked(q)) {
		q->limit = 0;
		q->order = ORDERS;
		return query_check(q, e);
	}
	if (q->mode == QUERY_SERIES) {
		/* The window may have grown since. */
		if (series_buckets(q->window.from, q->window.to, q->bucket) > BUCKETS_MAX)
			q->bucket = bucket_for(q->window.to - q->window.from, BUCKETS);
		return query_check(q, e);
	}
	if (list && !sorted && q->limit == 0)
		q->limit = ROWS_LIST;
	if ((!list || sorted) && q->top == TOP_DEFAULT)
		q->top = sorted ? ROWS_LIST : ROWS_TOP;
	/* Ten of many groups are of use only if they are the first by something. */
	if (!list && q->nstats == 0 && q->order == ORDERS)
		q->order = ORDER_FLOWS;
	if (list && !sorted && q->limit > ROWS_MAX)
		return err_set(e, ERR_INPUT, "limit: a page lists at most %d flows", ROWS_MAX);
	if ((!list || sorted) && (q->top == 0 || q->top > ROWS_MAX))
		return err_set(e, ERR_INPUT, "top: a page shows from 1 to %d rows", ROWS_MAX);
	return query_check(q, e);
}

/* The window in words. */
static void
selection_model(const struct details *d, json_t *model)
{
	json_t *s = model_object(model, "selection");
	const struct window *w = &d->query->window;
	int64_t slot = d->rq->site->conf->slot, len = w->to - w->from;
	char when[WHEN_STRLEN];

	model_text(s, "from", when_iso(w->from, when));
	model_text(s, "to", when_iso(w->to, when));
	model_moment(s, "from_text", w->from);
	model_moment(s, "to_text", w->to);
	model_number(s, "seconds", len);
	model_number(s, "slots", len % slot == 0 ? len / slot : 0);
	model_flag(s, "single", len == slot && w->from == view_slot(&d->view, w->from));
	model_text(s, "span", span_text(len, d->rq->arena));
}

/* The large graph for wide and for narrow windows: style.css shows the one that fits. */
static const struct picture *
plots_model(const struct details *d, json_t *graph, const struct figures *f, struct err *e)
{
	static const struct { const char *kind; enum size size; } plots[] = {
		{ "narrow", SIZE_NARROW }, { "wide", SIZE_WIDE } };
	json_t *list = model_list(graph, "plots");
	const struct view *v = &d->view;
	struct view still = *v;		/* a click is at what was seen */
	const struct picture *p = NULL;

	still.live = false;
	for (size_t i = 0; i < sizeof(plots) / sizeof(plots[0]); i++) {
		json_t *plot = model_item(list);

		p = picture_model(plot, v, plots[i].size, d->sources, d->nsources, e);
		if (p == NULL)
			return NULL;
		model_text(plot, "kind", plots[i].kind);
		strip_model(plot, v, plots[i].size);
		model_textf(plot, "pick", "%s&pick=", view_href(&still, "", VIEW_DETAILS));
		model_text(plot, "zone", when_zone_name());
		model_number(plot, "slot", d->rq->site->conf->slot);
		model_textf(plot, "alt", "%s, %s, %s", metrics[v->metric].title,
		    proto_class_names[v->proto], ranges[v->range].title);
		figures_title(plot, &f[d->nsources], view_unit(v, v->metric));
	}
	return p;
}

static int
graph_model(const struct details *d, json_t *model, struct err *e)
{
	json_t *graph = model_object(model, "graph"), *legend;
	const struct view *v = &d->view;
	const struct figures *f;
	const struct picture *p;
	char when[WHEN_STRLEN];

	model_text(graph, "title", metrics[v->metric].title);
	model_text(graph, "unit", view_unit(v, v->metric));
	model_text(graph, "proto", v->proto == PROTO_ALL ? NULL : view_proto_title(v->proto));
	model_text(graph, "range", ranges[v->range].title);
	model_text(graph, "start", when_iso(v->end - ranges[v->range].seconds, when));
	model_text(graph, "end", when_iso(v->end, when));
	if ((f = graph_figures(d->rq->site, v, d->sources, d->nsources, e)) == NULL ||
	    (p = plots_model(d, graph, f, e)) == NULL)
		return -1;
	model_flag(graph, "none", d->nsources == 0);
	model_flag(graph, "empty", p->empty && d->nsources > 0);
	model_text(graph, "csv", view_href(v, "/graph.csv", VIEW_GRAPH));
	legend = model_list(graph, "legend");
	for (size_t i = 0; i < d->nsources; i++) {
		json_t *item = model_item(legend);

		model_text(item, "name", d->sources[i]->name);
		model_text(item, "colour", d->sources[i]->colour);
		model_flag(item, "out", d->sources[i]->direction == DIRECTION_OUT);
		figures_model(item, &f[i]);
	}
	if (d->nsources > 1)
		figures_model(model_object(graph, "together"), &f[d->nsources]);
	return 0;
}

/* The protocols and metrics that the large graph does not show, small. */
static void
minis_model(const struct details *d, json_t *model)
{
	json_t *list = model_list(model, "minis");
	struct view copy = d->view;

	for (unsigned metric = 0; metric < METRICS; metric++) {
		json_t *item;

		if (metric == d->view.metric)
			continue;
		copy.metric = metric;
		item = model_item(list);
		model_text(item, "title", metrics[metric].title);
		model_text(item, "href", view_href(&copy, "", VIEW_DETAILS));
		picture_refs(item, "picture", &copy, SIZE_MINI, d->sources, d->nsources);
	}
	copy.metric = d->view.metric;
	for (unsigned proto = 0; proto < PROTO_CLASSES; proto++) {
		json_t *item;

		if (proto == d->view.proto)
			continue;
		copy.proto = proto;
		item = model_item(list);
		model_text(item, "title", view_proto_title(proto));
		model_text(item, "href", view_proto_href(&d->view, proto));
		picture_refs(item, "picture", &copy, SIZE_MINI, d->sources, d->nsources);
	}
}

/* What a page shows of a flow. */
static void
shown_fields(const struct query *q, struct fieldset *show)
{
	static const enum field shown[] = { F_FIRST, F_LAST, F_PROTO, F_SRCIP, F_SRCPORT, F_DSTIP,
	    F_DSTPORT, F_FLAGS, F_PACKETS, F_BYTES, F_OUTPACKETS, F_OUTBYTES, F_FLOWS };

	memset(show, 0, sizeof(*show));
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (shown[i] != F_FLAGS || q->mode == QUERY_LIST || q->five_tuple)
			fieldset_add(show, shown[i]);
}

/* Runs the query and prints its answer as the query's output has it. */
static int
print_result(struct details *d, struct strbuf *text, struct result *r, struct err *e)
{
	bool flows = d->query->mode == QUERY_LIST && d->query->order >= ORDERS;
	struct fieldset show = { { 0, 0 } };
	struct sink sink;
	struct render *render = render_start(d->query, d->rq->arena, text_write, text, e);

	if (render == NULL)
		return -1;
	render_fields(render, &show);
	sink = render_sink(render);
	if (ask(d->rq, d->query, &show, flows ? &sink : NULL, r, e) != 0) {
		render_close(render);
		return -1;
	}
	return render_finish(render, r, e);
}

/* The answer as one of nfdump's outputs prints it. */
static int
printed_model(struct details *d, json_t *result, struct result *r, struct err *e)
{
	struct strbuf text = { 0 };
	int rc = print_result(d, &text, r, e);

	model_text(result, "printed", strbuf_text(&text));
	strbuf_free(&text);
	return rc;
}

static int
series_model(const struct details *d, const struct result *r, uint64_t version, json_t *result, struct err *e)
{
	struct timeline_links links = { .pick = SERIES_PICK, .version = version };
	struct query q = *d->query;
	struct view copy = d->view;

	q.bucket = 0;
	copy.query = &q;
	links.apart = view_href(&copy, "/analysis", VIEW_DETAILS);
	return timeline_model(result, &d->view, r, &links, e);
}

static int
result_model(struct details *d, json_t *model, struct err *e)
{
	struct fieldset show;
	struct result r = { 0 };
	uint64_t version = 0;
	json_t *result;
	int rc;

	if (details_limits(d, e) != 0 || (d->query->bucket != 0 && plot_version(&d->view, &version, e) != 0))
		return -1;
	shown_fields(d->query, &show);
	result = model_object(model, "result");
	if (counted_asked(d->query))
		rc = counted_model(d->rq, d->query, &r, result, e);
	else if (d->query->output != NULL)
		rc = printed_model(d, result, &r, e);
	else
		rc = ask(d->rq, d->query, &show, NULL, &r, e);
	if (rc != 0)
		return -1;
	if (!r.partial)
		site_measured(d->rq->site, r.flows_read, r.seconds);
	model_result(result, &d->view, &r, d->rq->arena);
	if (d->query->output == NULL)
		bands_model(result, &d->view, &r);
	if (r.series != NULL && series_model(d, &r, version, result, e) != 0)
		return -1;
	if (d->query->output != NULL)
		json_object_set_new(result, "tables", json_array());
	json_object_set_new(result, "seconds", json_real((double)(int64_t)(r.seconds * 1000) / 1000));
	commands_model(d->rq, d->query, &r, result);
	if (d->query->mode != QUERY_SERIES)
		counted_links(d->rq, d->query, result);
	model_text(result, "csv", view_href(&d->view, "/details.csv", VIEW_DETAILS));
	model_text(result, "json", view_href(&d->view, "/details.json", VIEW_DETAILS));
	return 0;
}

/* What the query takes, before it is run: "4 files, 1.2 MB, 20 k flows; about 3 s". */
static int
cost_model(struct details *d, json_t *model, struct err *e)
{
	double speed = site_speed(d->rq->site), seconds;
	struct strbuf text = { 0 };
	struct fieldset show;
	struct cost c;
	json_t *cost;

	shown_fields(d->query, &show);
	if (engine_cost(d->engine, d->query, &show, d->rq->arena, &c, e) != 0)
		return -1;
	cost = model_object(model, "cost");
	model_flag(cost, "index", c.index);
	model_number(cost, "files", (int64_t)c.files);
	model_number(cost, "files_spared", (int64_t)c.spared);
	model_number(cost, "bytes", (int64_t)c.bytes);
	model_number(cost, "flows", (int64_t)c.flows);
	if (c.index) {
		model_text(cost, "text", "The index answers alone, no file is read");
		return 0;
	}
	strbuf_addf(&text, "Reads %zu file%s, ", c.files, c.files == 1 ? "" : "s");
	text_scaled(&text, c.bytes, 0);
	strbuf_adds(&text, " bytes, ");
	text_scaled(&text, c.flows, 0);
	strbuf_adds(&text, " flows");
	if (speed > 0) {
		seconds = (double)c.flows / speed;
		json_object_set_new(cost, "seconds", json_real(round(seconds * 100) / 100));
		strbuf_addf(&text, seconds < 0.1 ? "; in no time" : "; about %.*f s", seconds < 10 ? 1 : 0, seconds);
	}
	if (c.spared > 0)
		strbuf_addf(&text, "; %zu files have no such address by the index", c.spared);
	model_text(cost, "text", strbuf_text(&text));
	strbuf_free(&text);
	return 0;
}

/* /cost.json: the same for what is in the form just now. */
int
page_cost(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const struct err *wrong;
	struct details d;

	(void)rp;
	if (details_read(&d, rq, pairs, e) != 0)
		return -1;
	/* While somebody types, much is wrong for a moment. */
	wrong = form_error(&d.form);
	model_text(model, "error", wrong != NULL ? wrong->text : NULL);
	json_object_set_new(model, "cost", json_null());
	return wrong != NULL ? 0 : cost_model(&d, model, e);
}

static void
controls_model(const struct details *d, json_t *model)
{
	const struct view *v = &d->view;

	form_buttons(v, model);
	view_choices(v, "range", model, "ranges");
	view_choices(v, "type", model, "types");
	view_choices(v, "proto", model, "protos");
	view_choices(v, "scale", model, "scales");
	view_choices(v, "style", model, "styles");
	view_choices(v, "unit", model, "units");
	view_choices(v, "figures", model, "figures");
}

/* "Top srcip/flows of proto tcp" */
static const char *
result_title(const struct details *d)
{
	const struct query *q = d->query;
	struct strbuf sb = { 0 };
	const char *title;

	strbuf_adds(&sb, q->bucket != 0 ? metrics[d->view.metric].title : q->nstats > 0 ? "Top " : q->nkeys > 0 || q->aggregate ? "Groups" : "Flows");
	if (q->nstats > 0)
		stat_print(&q->stats[0], &sb);
	for (size_t i = 0; i < q->nkeys && q->nstats == 0; i++) {
		strbuf_adds(&sb, i == 0 ? " by " : ",");
		key_print(&q->keys[i], &sb);
	}
	if (q->filter != NULL)
		strbuf_addf(&sb, " of %.40s", q->filter);
	title = arena_strdup(d->rq->arena, strbuf_text(&sb));
	strbuf_free(&sb);
	return title;
}

/* The page follows, or has a link to one like it that does. */
static void
follow_links(const struct details *d, json_t *model)
{
	json_t *live = model_object(model, "live");
	struct view copy = d->view;
	bool on = d->follows && !view_runs(&d->view);

	if (!on)
		json_object_del(model, "follow");
	if (on && copy.refresh)
		model_number(model, "refresh", d->rq->site->conf->slot);
	model_flag(live, "on", on);
	model_flag(live, "refresh", copy.refresh);
	copy.refresh = !copy.refresh;
	model_text(live, "other", view_href(&copy, "", VIEW_DETAILS));
	copy = d->view;
	copy.live = true;
	copy.live_from = live_from(d);
	copy.live_window = copy.query->window;
	copy.live_end = copy.end;
	model_text(live, "href", view_href(&copy, "", VIEW_DETAILS));
}

/* What can be saved and pinned of the page. */
static void
keep_parts(const struct details *d, json_t *model)
{
	struct view copy = d->view;

	model_textf(model, "saved_filters", "%s/saved?page=%s#filters", d->rq->base, keep_quoted(d->rq));
	copy.size = SIZE_WIDE;
	keep_graph(model, arena_printf(d->rq->arena, "%s, %s", metrics[copy.metric].title, ranges[copy.range].title),
	    view_href(&copy, "/graph", VIEW_GRAPH));
	if (view_runs(&d->view) && form_error(&d->form) == NULL && d->query->bucket != 0)
		keep_graph(model, result_title(d), view_href(&copy, "/plot", VIEW_DETAILS | VIEW_GRAPH));
	else if (view_runs(&d->view) && form_error(&d->form) == NULL)
		keep_table(model, result_title(d), view_href(&d->view, "/details.json", VIEW_DETAILS));
}

/* A click on the series, not on the large graph: its slot. */
static int
series_picked(struct details *d, struct err *e)
{
	struct window *w = &d->query->window;
	int64_t at;

	if (d->form.pick == NULL || strncmp(d->form.pick, SERIES_PICK, strlen(SERIES_PICK)) != 0)
		return 0;
	if (d->query->bucket == 0)
		return err_set(e, ERR_INPUT, "pick: there is no series");
	if (details_limits(d, e) != 0 || timeline_pick(&d->view, d->form.pick + strlen(SERIES_PICK), &at, e) != 0)
		return -1;
	w->from = view_slot(&d->view, at);
	w->to = w->from + d->rq->site->conf->slot;
	d->form.pick = NULL;
	d->form.go = "show";
	return 0;
}

int
page_details(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp,
    struct err *e)
{
	const struct err *wrong;
	struct details d;

	follow_model(rq, pairs_value(pairs, "source"), model);
	if (details_read(&d, rq, pairs, e) != 0 || series_picked(&d, e) != 0 ||
	    form_redirect(&d.form, &d.view, d.sources, d.nsources, &rp->location, e) != 0)
		return -1;
	if (rp->location != NULL)
		return 0;
	model_textf(model, "title", "%s", metrics[d.view.metric].title);
	model_text(model, "zone", when_zone_name());
	follow_links(&d, model);
	selection_model(&d, model);
	controls_model(&d, model);
	form_model(&d.form, &d.view, model);
	if (cost_model(&d, model, e) != 0)
		return -1;
	if ((wrong = form_error(&d.form)) != NULL)
		rp->status = err_http(wrong->kind);
	if (graph_model(&d, model, e) != 0 || statistics_model(model, &d.view, d.sources, d.nsources, e) != 0)
		return -1;
	minis_model(&d, model);
	model_text(model, "link", view_href(&d.view, "/details", VIEW_DETAILS));
	keep_parts(&d, model);
	if (view_runs(&d.view) && wrong == NULL)
		return result_model(&d, model, e);
	json_object_set_new(model, "result", json_null());
	return 0;
}

/* The rows of the page, as nfdump's csv. */
int
details_csv(const struct request *rq, struct pairs *pairs, struct reply *rp, struct err *e)
{
	struct result r = { 0 };
	const struct err *wrong;
	struct details d;

	if (details_read(&d, rq, pairs, e) != 0)
		return -1;
	if ((wrong = form_error(&d.form)) != NULL) {
		*e = *wrong;
		return -1;
	}
	if (!view_runs(&d.view))
		return err_set(e, ERR_INPUT, "nothing is asked for: add list=1, by=…, keys=… or series=…");
	if (counted_asked(d.query)) {
		if (details_limits(&d, e) != 0 || counted_csv(rq, d.query, &rp->body, e) != 0)
			return -1;
	} else {
		d.query->output = "csv";
		if (details_limits(&d, e) != 0 || print_result(&d, &rp->body, &r, e) != 0)
			return -1;
	}
	rp->type = "text/csv; charset=utf-8";
	rp->filename = "flowlight.csv";
	return 0;
}
