#include "timeline.h"

#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "picture.h"
#include "term.h"

static const struct { const char *kind; enum size size; } plots[] = {
	{ "narrow", SIZE_NARROW }, { "wide", SIZE_FULL } };
#define PLOTS	(sizeof(plots) / sizeof(plots[0]))

/* What the parts of the model are made from. */
struct timeline {
	const struct view *view;
	const struct result *result;
	struct plot plot;
	enum amount amount;
	const struct timeline_links *links;
	struct arena *arena;
};

/* The page's address with this filter (NULL: the view's own) and window. */
static const char *
page_href(const struct timeline *t, const char *filter)
{
	struct view copy = *t->view;
	struct query q = *t->view->query;

	if (filter != NULL)
		q.filter = filter;
	if (t->links->automatic)
		q.bucket = 0;
	copy.query = &q;
	return view_href(&copy, "", VIEW_DETAILS);
}

static int
plots_model(const struct timeline *t, json_t *s, struct err *e)
{
	json_t *list = model_list(s, "plots");
	struct series_figures sums;
	struct figures figures;

	series_figures(&t->plot.series, t->plot.series.nlines, t->amount, &sums);
	figures = figures_of(&sums);
	for (size_t i = 0; i < PLOTS; i++) {
		json_t *item = model_item(list);
		struct view copy = *t->view;
		const struct picture *p;

		copy.size = plots[i].size;
		if ((p = plot_draw(&copy, &t->plot, e)) == NULL)
			return -1;
		picture_links(item, &copy, "/plot", VIEW_DETAILS | VIEW_GRAPH);
		picture_geometry(item, p);
		model_text(item, "kind", plots[i].kind);
		model_textf(item, "pick", "%s&pick=%s", page_href(t, NULL), t->links->pick);
		model_text(item, "zone", when_zone_name());
		model_number(item, "slot", t->plot.series.bucket);
		model_textf(item, "alt", "%s over time", metrics[t->view->metric].title);
		figures_title(item, &figures, metrics[t->view->metric].unit);
	}
	return 0;
}

static void
line_figures(const struct timeline *t, json_t *item, size_t line)
{
	struct series_figures f;
	struct figures plain;

	series_figures(&t->plot.series, line, t->amount, &f);
	plain = figures_of(&f);
	figures_model(item, &plain);
	model_moment(item, "peak", t->plot.series.from + (int64_t)f.peak * t->plot.series.bucket);
}

static uint64_t
sum_of(const struct timeline *t, size_t line)
{
	struct totals sum = series_line(&t->plot.series, line);

	return totals_amount(&sum, t->amount);
}

static void
share_model(json_t *item, uint64_t n, uint64_t all)
{
	double share = all > 0 ? 100.0 * (double)n / (double)all : 0;

	json_object_set_new(item, "share", json_real((int)(share * 10 + 0.5) / 10.0));
	model_textf(item, "percent", "%.1f", share);
}

/* Clicked, a line is kept alone; or it is taken out. */
static void
line_links(const struct timeline *t, json_t *item, size_t line)
{
	const char *filter = t->view->query->filter;
	const char *term = term_of_row(&t->result->tables[0], line, t->arena);
	const char *not;

	model_text(item, "term", term);
	if (term == NULL)
		return;
	not = arena_printf(t->arena, strstr(term, " and ") != NULL ? "not (%s)" : "not %s", term);
	model_text(item, "keep", page_href(t, filter_and(filter, term, t->arena)));
	model_text(item, "peel", page_href(t, filter_and(filter, not, t->arena)));
}

/* The page without any of the lines: what is below them. */
static const char *
others_href(const struct timeline *t)
{
	const struct table *table = &t->result->tables[0];
	struct strbuf sb = { 0 };
	const char *href = NULL;

	strbuf_adds(&sb, "not (");
	for (size_t i = 0; i < table->rows.n; i++) {
		const char *term = term_of_row(table, i, t->arena);

		if (term == NULL) {
			strbuf_free(&sb);
			return NULL;
		}
		strbuf_addf(&sb, strstr(term, " and ") != NULL ? "%s(%s)" : "%s%s", i > 0 ? " or " : "", term);
	}
	strbuf_addc(&sb, ')');
	if (table->rows.n > 0)
		href = page_href(t, filter_and(t->view->query->filter, strbuf_text(&sb), t->arena));
	strbuf_free(&sb);
	return href;
}

static void
lines_model(const struct timeline *t, json_t *s)
{
	json_t *list = model_list(s, "lines"), *item;
	const struct series *series = &t->plot.series;
	uint64_t all = 0;

	for (size_t i = 0; i < series->nlines; i++)
		all += sum_of(t, i);
	for (size_t i = 0; i < series->nlines; i++) {
		bool others = t->plot.others && i + 1 == series->nlines;

		item = model_item(list);
		model_text(item, "title", t->plot.title[i]);
		model_text(item, "colour", plot_colour(&t->plot, i, false));
		model_flag(item, "others", others);
		model_flag(item, "split", t->plot.others);
		model_scaled(item, "sum", sum_of(t, i));
		share_model(item, sum_of(t, i), all);
		line_figures(t, item, i);
		if (others)
			model_text(item, "below", others_href(t));
		else if (t->plot.others)
			line_links(t, item, i);
	}
	if (series->nlines == 1)
		return;
	item = model_object(s, "together");
	model_scaled(item, "sum", all);
	line_figures(t, item, series->nlines);
}

static void
outside_model(const struct timeline *t, json_t *s, const char *key, const struct totals *totals)
{
	if (totals->flows != 0 || totals->packets != 0 || totals->bytes != 0)
		model_scaled(s, key, totals_amount(totals, t->amount));
	else
		json_object_set_new(s, key, json_null());
}

/* For programs: a list of numbers for each line. */
static void
numbers_model(const struct timeline *t, json_t *s)
{
	const struct series *series = &t->plot.series;
	json_t *list = json_object_get(s, "lines");

	for (size_t k = 0; k < series->nlines; k++)
		for (enum amount a = 0; a < AMOUNTS; a++) {
			json_t *numbers = model_list(json_array_get(list, k), amounts[a].name);

			for (size_t i = 0; i < series->n; i++)
				json_array_append_new(numbers,
				    json_integer((json_int_t)totals_amount(&series->at[k * series->n + i], a)));
		}
}

int
timeline_model(json_t *model, const struct view *v, const struct result *r, const struct timeline_links *links,
    struct err *e)
{
	struct timeline t = { .view = v, .result = r, .amount = metric_amount(v->metric), .links = links,
	    .arena = v->rq->arena };
	json_t *s = model_object(model, "series");
	struct strbuf bucket = { 0 };

	plot_keep(v, r, links->version, &t.plot);
	bucket_print(t.plot.series.bucket, &bucket);
	model_text(s, "bucket", strbuf_text(&bucket));
	strbuf_free(&bucket);
	model_text(s, "bucket_text", span_text(t.plot.series.bucket, t.arena));
	model_number(s, "seconds", t.plot.series.bucket);
	model_number(s, "start", t.plot.series.from);
	model_number(s, "end", t.plot.series.to);
	model_text(s, "title", metrics[v->metric].title);
	model_text(s, "unit", metrics[v->metric].unit);
	model_text(s, "sum_title", amounts[t.amount].title);
	model_text(s, "zone", when_zone_name());
	model_flag(s, "split", t.plot.others);
	model_text(s, "apart", links->apart);
	lines_model(&t, s);
	numbers_model(&t, s);
	outside_model(&t, s, "before", &t.plot.series.before);
	outside_model(&t, s, "after", &t.plot.series.after);
	return plots_model(&t, s, e);
}

void
timeline_menus(const struct query *q, uint32_t bucket, json_t *form)
{
	static const uint32_t usual[] = { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600 };
	static const char *const books[BOOKS] = { "over their duration", "at their end", "over the slot of their file" };
	static const char *const countings[COUNTINGS] = { "where they begin", "while they last" };
	json_t *list = model_list(form, "buckets");
	struct strbuf text = { 0 };

	if (bucket == 0)
		model_option(list, "", "automatic", true);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		bool between = usual[i] != bucket && bucket > (i > 0 ? usual[i - 1] : 0) && bucket < usual[i];

		for (int own = between; own >= 0; own--) {
			uint32_t seconds = own ? bucket : usual[i];

			strbuf_reset(&text);
			bucket_print(seconds, &text);
			model_option(list, strbuf_text(&text), span_text(seconds, q->arena), seconds == bucket);
		}
	}
	strbuf_free(&text);
	list = model_list(form, "books");
	for (unsigned i = 0; i < BOOKS; i++)
		model_option(list, book_names[i], books[i], i == (unsigned)q->book);
	list = model_list(form, "counts");
	for (unsigned i = 0; i < COUNTINGS; i++)
		model_option(list, counting_names[i], countings[i], i == (unsigned)q->counting);
}

int
take_number(struct pairs *pairs, const char *name, unsigned least, unsigned most, unsigned *n, struct err *e)
{
	const char *value = pairs_take(pairs, name);
	char *end;
	unsigned long number;

	if (value == NULL)
		return 0;
	number = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || number < least || number > most)
		return err_set(e, ERR_INPUT, "%s: expected a number from %u to %u, not \"%.40s\"", name, least, most, value);
	*n = (unsigned)number;
	return 0;
}

void
timeline_views(const struct view *v, const char *path, json_t *model)
{
	static const struct { const char *path, *title; } views[] = {
		{ "/analysis", "Analysis" }, { "/light", "Light table" }, { "/heat", "Heat map" },
		{ "/compare", "Compare" },
	};
	json_t *list = model_list(model, "views");

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		json_t *item = model_item(list);
		struct strbuf href = { 0 };

		strbuf_addf(&href, "%s%s?", v->rq->base, views[i].path);
		if (v->query->sources != NULL)
			url_add(&href, "source", v->query->sources);
		if (v->query->filter != NULL)
			url_add(&href, "filter", v->query->filter);
		if (v->metric != METRIC_TRAFFIC)
			url_add(&href, "type", metrics[v->metric].name);
		model_text(item, "title", views[i].title);
		model_text(item, "href", strbuf_text(&href));
		model_flag(item, "here", strcmp(views[i].path, path) == 0);
		strbuf_free(&href);
	}
}

void
sources_menu(const struct view *v, json_t *form)
{
	struct engine *engine;
	const char *asked = v->query->sources;
	json_t *list = model_list(form, "sources");
	const struct source **sources;
	bool found = asked == NULL;
	struct err e;
	size_t n;

	model_option(list, "", "all", asked == NULL);
	if ((engine = site_engine(v->rq->site, &e)) == NULL ||
	    engine_sources(engine, NULL, v->rq->arena, &sources, &n, &e) != 0)
		return;
	for (size_t i = 0; i < n; i++) {
		bool here = asked != NULL && strcmp(asked, sources[i]->name) == 0;

		model_option(list, sources[i]->name, sources[i]->name, here);
		found |= here;
	}
	if (!found)
		model_option(list, asked, asked, true);
}

int
timeline_pick(const struct view *v, const char *pick, int64_t *sec, struct err *e)
{
	const char *at = strchr(pick, '?');
	size_t len = at != NULL ? (size_t)(at - pick) : strlen(pick);
	const struct picture *p;
	struct view copy = *v;
	struct plot plot;
	size_t i = 0;
	char *end;
	long x;

	while (i < PLOTS && (strlen(plots[i].kind) != len || memcmp(plots[i].kind, pick, len) != 0))
		i++;
	x = at != NULL ? strtol(at + 1, &end, 10) : 0;
	if (i == PLOTS || at == NULL || end == at + 1 || *end != ',')
		return err_set(e, ERR_INPUT, "pick: expected wide?x,y or narrow?x,y, not \"%.40s\"", pick);
	copy.size = plots[i].size;
	if (plot_read(&copy, &plot, e) == -1 || (p = plot_draw(&copy, &plot, e)) == NULL)
		return -1;
	*sec = picture_time(p, x);
	return 0;
}
