/*
 * Heat map: what is usual at which hour of which day of the week.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cache.h"
#include "chart.h"
#include "model.h"
#include "picture.h"
#include "route.h"
#include "timeline.h"
#include "weeks.h"

#define WEEKS	4	/* unless asked otherwise */
#define HOUR	3600

struct heat_page {
	const struct request *rq;
	struct view view;
	struct query *query;		/* of all the weeks */
	unsigned weeks;
	const char *wrong;		/* a filter that does not compile */
	struct err error;
	int64_t end;			/* as asked for, 0: the newest */
	const char *pick;
	bool partial;
	struct heat heat;
	uint64_t version;
};

/* Amount and time that are known of a cell, a day, an hour. */
struct part { double amount, seconds; };
struct sums { struct part cell[HEAT_DAYS][HEAT_HOURS], day[HEAT_DAYS], hour[HEAT_HOURS]; };

static int
heat_read(struct heat_page *h, const struct request *rq, struct pairs *pairs, struct err *e)
{
	const char *filter;

	memset(h, 0, sizeof(*h));
	h->rq = rq;
	h->query = query_new(rq->arena);
	h->weeks = WEEKS;
	view_init(&h->view, rq, h->query);
	if (take_number(pairs, "weeks", 1, WEEKS_MAX, &h->weeks, e) != 0 ||
	    view_from_pairs(&h->view, pairs, VIEW_GRAPH, e) != 0)
		return -1;
	filter = pairs_take(pairs, "filter");
	if (filter != NULL && filter_compile(filter, rq->arena, &h->error) == NULL)
		h->wrong = filter;
	else
		h->query->filter = filter;
	h->query->sources = pairs_take(pairs, "source");
	h->pick = pairs_take(pairs, "pick");
	if (pairs_done(pairs, e) != 0 || view_newest(&h->view, e) != 0)
		return -1;
	h->end = h->view.end;
	if (filter != NULL)
		h->view.proto = PROTO_ALL;
	view_settle_end(&h->view);
	/* Whole hours, so that each is in as many weeks as any other. */
	h->query->window.to = (h->view.end + HOUR - 1) / HOUR * HOUR;
	h->query->window.from = h->query->window.to - (int64_t)h->weeks * WEEK_SECONDS;
	h->query->bucket = HOUR;
	return query_check(h->query, e);
}

static void
add(struct sums *sums, int64_t start, double amount, double seconds)
{
	struct tm tm;
	struct part *to[3];

	when_local(start, &tm);
	to[0] = &sums->cell[(tm.tm_wday + 6) % 7][tm.tm_hour];
	to[1] = &sums->day[(tm.tm_wday + 6) % 7];
	to[2] = &sums->hour[tm.tm_hour];
	for (int i = 0; i < 3; i++) {
		to[i]->amount += amount;
		to[i]->seconds += seconds;
	}
}

/* Of all flows of the sources, by the index.  A slot that is missing is not known, not empty; of several sources it counts once. */
static int
sum_index(struct heat_page *h, struct sums *sums, struct err *e)
{
	struct engine *engine = site_engine(h->rq->site, e);
	const struct source **sources;
	struct slot *slots;
	size_t nsources, n;

	if (engine == NULL || view_sources(&h->view, &sources, &nsources, e) == -1 ||
	    index_slots(engine_index(engine), &h->query->window, sources, nsources, h->rq->arena, &slots, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct totals *t = &slots[i].traffic.by[h->view.proto];
		bool again = i > 0 && slots[i - 1].start == slots[i].start;

		add(sums, slots[i].start, (double)totals_amount(t, metric_amount(h->view.metric)),
		    again ? 0 : (double)slots[i].seconds);
	}
	return 0;
}

/* Of a filter, by a series in hours; before the oldest slot nothing is known. */
static int
sum_filter(struct heat_page *h, struct sums *sums, struct err *e)
{
	enum amount amount = metric_amount(h->view.metric);
	int64_t oldest, newest;
	struct plot plot;

	if (plot_read(&h->view, &plot, e) == -1 ||
	    engine_extent(site_engine(h->rq->site, e), h->query->sources, &oldest, &newest, e) == -1)
		return -1;
	h->partial = plot.partial;
	for (size_t i = 0; i < plot.series.n; i++) {
		int64_t start = plot.series.from + (int64_t)i * HOUR;

		if (start + HOUR > oldest && start < h->view.end)
			add(sums, start, (double)totals_amount(&plot.series.at[i], amount), HOUR);
	}
	return 0;
}

static double
mean(const struct part *s, unsigned factor)
{
	return s->seconds > 0 ? s->amount * factor / s->seconds : NAN;
}

static int
heat_fill(struct heat_page *h, struct err *e)
{
	struct sums *sums = arena_alloc(h->rq->arena, sizeof(*sums));
	unsigned factor = amounts[metric_amount(h->view.metric)].factor;

	if ((h->query->filter != NULL ? sum_filter(h, sums, e) : sum_index(h, sums, e)) == -1)
		return -1;
	for (unsigned d = 0; d < HEAT_DAYS; d++) {
		h->heat.day[d] = mean(&sums->day[d], factor);
		for (unsigned i = 0; i < HEAT_HOURS; i++)
			h->heat.cell[d][i] = mean(&sums->cell[d][i], factor);
	}
	for (unsigned i = 0; i < HEAT_HOURS; i++)
		h->heat.hour[i] = mean(&sums->hour[i], factor);
	h->heat.unit = metrics[h->view.metric].unit;
	heat_bounds(&h->heat);
	return 0;
}

static const char *
heat_href(const struct heat_page *h, const char *path)
{
	struct strbuf sb = { 0 };
	const char *href;

	strbuf_adds(&sb, view_href(&h->view, path, VIEW_GRAPH));
	if (h->query->filter != NULL)
		url_add(&sb, "filter", h->query->filter);
	if (h->weeks != WEEKS)
		url_add(&sb, "weeks", arena_printf(h->rq->arena, "%u", h->weeks));
	href = arena_strdup(h->rq->arena, strbuf_text(&sb));
	strbuf_free(&sb);
	return href;
}

/* The last time that it was this hour of this day of the week. */
static struct window
last_time(const struct heat_page *h, unsigned day, unsigned hour)
{
	struct window w = { 0, 0 };
	struct tm tm;

	for (int64_t t = h->query->window.to - HOUR; t >= h->query->window.to - WEEK_SECONDS; t -= HOUR) {
		when_local(t, &tm);
		if ((unsigned)(tm.tm_wday + 6) % 7 == day && (unsigned)tm.tm_hour == hour) {
			w = (struct window){ t, t + HOUR };
			break;
		}
	}
	return w;
}

static const char *
cell_href(const struct heat_page *h, unsigned day, unsigned hour)
{
	struct view copy = h->view;
	struct query q = *h->query;

	q.window = last_time(h, day, hour);
	q.bucket = 0;
	copy.query = &q;
	copy.end = 0;
	return q.window.from == q.window.to ? NULL : view_href(&copy, "/details", VIEW_DETAILS);
}

static struct chart_size
size_of(const struct heat_page *h)
{
	return (struct chart_size){ .narrow = h->view.size == SIZE_NARROW, .dark = h->view.dark,
	    .zoom = h->view.zoom + 1 };
}

/* The picture that the page refers to. */
int
page_hours(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	struct chart_size size;
	struct heat_page h;
	uint64_t version;
	const char *key;

	(void)model;
	if (heat_read(&h, rq, pairs, e) != 0)
		return -1;
	if (h.wrong != NULL) {
		*e = h.error;
		return -1;
	}
	if (plot_version(&h.view, &version, e) != 0)
		return -1;
	key = arena_printf(rq->arena, "%s %s", plot_who(rq), heat_href(&h, "/hours"));
	rp->cache_control = "private, no-cache";
	if (!reply_unless_same(rq, rp, arena_printf(rq->arena, "\"%016llx\"",
	    (unsigned long long)hash_add(version, key, strlen(key)))))
		return 0;
	size = size_of(&h);
	rp->type = "image/png";
	if (heat_fill(&h, e) != 0)
		return -1;
	if (h.partial)
		reply_partial(rp);
	return chart_heat(&h.heat, &size, &rp->body, e);
}

static void
table_model(const struct heat_page *h, json_t *model)
{
	json_t *table = model_object(model, "table"), *days = model_list(table, "days"), *hours = model_list(table, "hours");
	char text[8];

	for (unsigned i = 0; i < HEAT_HOURS; i++) {
		json_t *item = model_item(hours);

		snprintf(text, sizeof(text), "%02u", i);
		model_text(item, "hour", text);
		model_rate(item, "mean", h->heat.hour[i]);
	}
	for (unsigned d = 0; d < HEAT_DAYS; d++) {
		json_t *item = model_item(days), *cells;

		model_text(item, "day", heat_days[d]);
		model_rate(item, "mean", h->heat.day[d]);
		cells = model_list(item, "cells");
		for (unsigned i = 0; i < HEAT_HOURS; i++) {
			json_t *cell = model_item(cells);

			model_rate(cell, "mean", h->heat.cell[d][i]);
			model_text(cell, "href", cell_href(h, d, i));
		}
	}
}

static void
pictures_model(const struct heat_page *h, json_t *map)
{
	static const struct { const char *kind; enum size size; } plots[] = {
		{ "narrow", SIZE_NARROW }, { "wide", SIZE_FULL } };
	static const char *const names[2][2] = { { "light", "light2" }, { "dark", "dark2" } };
	json_t *list = model_list(map, "plots");
	struct heat_page copy = *h;

	for (size_t i = 0; i < sizeof(plots) / sizeof(plots[0]); i++) {
		struct chart_size size;
		json_t *item = model_item(list);
		int width, height;

		copy.view = h->view;
		model_textf(item, "pick", "%s&pick=", heat_href(&copy, ""));
		copy.view.size = plots[i].size;
		size = size_of(&copy);
		chart_pixels(&size, &width, &height);
		model_text(item, "kind", plots[i].kind);
		model_number(item, "width", width);
		model_number(item, "height", height);
		for (copy.view.dark = 0; copy.view.dark < 2; copy.view.dark++)
			for (copy.view.zoom = 0; copy.view.zoom < 2; copy.view.zoom++)
				model_text(item, names[copy.view.dark][copy.view.zoom], heat_href(&copy, "/hours"));
		copy.view.dark = copy.view.zoom = 0;
	}
}

static void
choices_of(const struct heat_page *h, json_t *model)
{
	struct heat_page copy = *h;
	json_t *list = model_list(model, "types");

	copy.view.end = h->end;
	for (copy.view.metric = 0; copy.view.metric < METRICS; copy.view.metric++)
		model_choice(list, metrics[copy.view.metric].name, metrics[copy.view.metric].title, heat_href(&copy, ""),
		    copy.view.metric == h->view.metric);
	copy.view.metric = h->view.metric;
	model_flag(model, "by_proto", h->query->filter == NULL);
	list = model_list(model, "protos");
	for (copy.view.proto = 0; copy.view.proto < PROTO_CLASSES; copy.view.proto++)
		model_choice(list, proto_class_names[copy.view.proto], view_proto_title(copy.view.proto),
		    heat_href(&copy, ""), copy.view.proto == h->view.proto);
}

static void
form_of(const struct heat_page *h, json_t *model)
{
	json_t *form = model_object(model, "form");
	char when[WHEN_STRLEN];

	model_text(form, "filter", h->wrong != NULL ? h->wrong : h->query->filter);
	model_text(form, "error", h->wrong != NULL ? h->error.text : NULL);
	model_number(form, "weeks", h->weeks);
	model_number(form, "weeks_max", WEEKS_MAX);
	model_text(form, "end", h->end != 0 ? when_iso(h->end, when) : NULL);
	model_text(form, "type", h->view.metric != METRIC_TRAFFIC ? metrics[h->view.metric].name : NULL);
	model_text(form, "proto", h->view.proto != PROTO_ALL ? proto_class_names[h->view.proto] : NULL);
	sources_menu(&h->view, form);
}

/* A click into a cell: "wide?300,40". */
static int
go_cell(const struct heat_page *h, const char **href, struct err *e)
{
	struct chart_size size = { .narrow = strncmp(h->pick, "narrow", strlen("narrow")) == 0 };
	const char *at = strchr(h->pick, '?'), *comma = at != NULL ? strchr(at, ',') : NULL;
	unsigned day, hour;

	if (comma == NULL)
		return err_set(e, ERR_INPUT, "pick: expected wide?x,y or narrow?x,y, not \"%.40s\"", h->pick);
	*href = chart_cell(&size, strtol(at + 1, NULL, 10), strtol(comma + 1, NULL, 10), &day, &hour) ?
	    cell_href(h, day, hour) : NULL;
	if (*href == NULL)
		*href = heat_href(h, "/heat");
	return 0;
}

int
page_heat(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	struct heat_page h;
	json_t *map;
	char when[WHEN_STRLEN];

	if (heat_read(&h, rq, pairs, e) != 0)
		return -1;
	if (h.pick != NULL && h.wrong == NULL)
		return go_cell(&h, &rp->location, e);
	model_text(model, "title", "Heat map");
	timeline_views(&h.view, "/heat", model);
	choices_of(&h, model);
	form_of(&h, model);
	if (h.wrong != NULL) {
		rp->status = err_http(h.error.kind);
		json_object_set_new(model, "map", json_null());
		return 0;
	}
	if (heat_fill(&h, e) != 0)
		return -1;
	map = model_object(model, "map");
	model_text(map, "title", metrics[h.view.metric].title);
	model_text(map, "unit", metrics[h.view.metric].unit);
	model_text(map, "zone", when_zone_name());
	model_number(map, "weeks", h.weeks);
	model_text(map, "from", when_text(h.query->window.from, when));
	model_text(map, "to", when_text(h.view.end, when));
	model_rate(map, "least", h.heat.least);
	model_rate(map, "most", h.heat.most);
	model_flag(map, "partial", h.partial);
	model_text(map, "csv", heat_href(&h, "/heat.csv"));
	model_text(map, "json", heat_href(&h, "/heat.json"));
	pictures_model(&h, map);
	table_model(&h, map);
	return 0;
}

/* A line for each cell. */
int
heat_csv(const struct request *rq, struct pairs *pairs, struct reply *rp, struct err *e)
{
	struct heat_page h;

	if (heat_read(&h, rq, pairs, e) != 0)
		return -1;
	if (h.wrong != NULL) {
		*e = h.error;
		return -1;
	}
	if (heat_fill(&h, e) != 0)
		return -1;
	strbuf_adds(&rp->body, "day,hour,mean\n");
	for (unsigned d = 0; d < HEAT_DAYS; d++)
		for (unsigned i = 0; i < HEAT_HOURS; i++) {
			strbuf_addf(&rp->body, "%s,%u,", heat_days[d], i);
			if (!isnan(h.heat.cell[d][i]))
				strbuf_addf(&rp->body, "%.3f", h.heat.cell[d][i]);
			strbuf_addc(&rp->body, '\n');
		}
	rp->type = "text/csv; charset=utf-8";
	rp->filename = "heat.csv";
	return 0;
}
