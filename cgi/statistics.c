#include "statistics.h"

#include <math.h>

#include "model.h"

/* What the parts of the table are made from. */
struct statistics {
	const struct view *view;
	const struct source **on;
	size_t non;
	const struct source_traffic *of;	/* of all sources that there are */
	size_t n;
};

static bool
switched_on(const struct statistics *s, const struct source *source)
{
	for (size_t i = 0; i < s->non; i++)
		if (s->on[i] == source)
			return true;
	return false;
}

/* The address with these sources switched on; NULL: all. */
static const char *
sources_href(const struct view *v, const char *names)
{
	struct view copy = *v;
	struct query q = *v->query;

	q.sources = names;
	copy.query = &q;
	return view_href(&copy, "", VIEW_DETAILS);
}

/* The address with a source switched. */
static const char *
switch_href(const struct statistics *s, const struct source *source)
{
	struct strbuf names = { 0 };
	const char *href;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct source *x = s->of[i].source;

		if (switched_on(s, x) != (x == source))
			strbuf_addf(&names, "%s%s", n++ > 0 ? "," : "", x->name);
	}
	href = sources_href(s->view, n == s->n ? NULL : n == 0 ? SOURCES_NONE : strbuf_text(&names));
	strbuf_free(&names);
	return href;
}

/* Of a folded metric the protocols are not shown, only their sum. */
static bool
is_folded(const struct view *v, unsigned metric)
{
	return (v->fold & 1U << metric) != 0;
}

/* As sums or per second. */
static void
number_model(const struct view *v, json_t *cell, unsigned metric, uint64_t n, double seconds)
{
	json_t *value;

	if (v->rate)
		model_rate(cell, "number", (double)n * view_factor(v, metric) / seconds);
	else
		model_scaled(cell, "number", n);
	value = json_object_get(cell, "number");
	json_object_update(cell, value);
	json_object_del(cell, "number");
}

/* Metrics by protocol classes; t NULL: nothing is known. */
static void
cells_model(const struct view *v, json_t *item, const struct traffic *t)
{
	json_t *cells = model_list(item, "cells");
	const struct window w = view_slots(v);
	double seconds = (double)(w.to - w.from);

	for (unsigned m = 0; m < METRICS; m++)
		for (unsigned p = 0; p < (is_folded(v, m) ? 1 : PROTO_CLASSES); p++) {
			json_t *cell = model_item(cells);

			model_flag(cell, "first", p == 0);
			model_flag(cell, "shown", m == v->metric && p == v->proto);
			if (t == NULL) {
				model_text(cell, "text", "–");
				model_text(cell, "exact", "no data");
				json_object_set_new(cell, "value", json_null());
			} else {
				const uint64_t of[METRICS] = { t->by[p].flows, t->by[p].packets, t->by[p].bytes };

				number_model(v, cell, m, of[m], seconds);
			}
		}
}

static void
group_model(const struct view *v, json_t *group, unsigned metric)
{
	static const char *const sums[METRICS] = { "Flows", "Packets", "Bytes" };
	const char *const rates[METRICS] = { "Flows/s", "Packets/s", v->bytes ? "Bytes/s" : "Bit/s" };
	struct view copy = *v;

	copy.fold ^= 1U << metric;
	model_text(group, "title", v->rate ? rates[metric] : sums[metric]);
	model_text(group, "metric", metrics[metric].name);
	model_flag(group, "folded", is_folded(v, metric));
	model_number(group, "span", is_folded(v, metric) ? 1 : PROTO_CLASSES);
	model_text(group, "href", view_href(&copy, "", VIEW_DETAILS));
}

static void
columns_model(const struct view *v, json_t *s)
{
	json_t *groups = model_list(s, "groups"), *columns = model_list(s, "columns");

	for (unsigned m = 0; m < METRICS; m++) {
		group_model(v, model_item(groups), m);
		for (unsigned p = 0; p < (is_folded(v, m) ? 1 : PROTO_CLASSES); p++) {
			struct view copy = *v;
			json_t *item = model_item(columns);

			copy.metric = m;
			model_text(item, "metric", metrics[m].name);
			model_text(item, "title", view_proto_title(p));
			model_text(item, "href", view_proto_href(&copy, p));
			model_flag(item, "first", p == 0);
			model_flag(item, "shown", m == v->metric && p == v->proto);
		}
	}
}

static void
row_model(const struct statistics *s, json_t *item, const struct source_traffic *t)
{
	model_text(item, "name", t->source->name);
	model_text(item, "colour", t->source->colour);
	model_flag(item, "on", switched_on(s, t->source));
	model_text(item, "switch", switch_href(s, t->source));
	model_text(item, "only", sources_href(s->view, t->source->name));
	cells_model(s->view, item, t->slots > 0 ? &t->traffic : NULL);
}

int
statistics_model(json_t *model, const struct view *v, const struct source **on, size_t non, struct err *e)
{
	struct statistics s = { .view = v, .on = on, .non = non };
	struct engine *engine = site_engine(v->rq->site, e);
	json_t *table = model_object(model, "statistics"), *rows = model_list(table, "rows");
	struct source_traffic *all;
	struct traffic total = { 0 };
	size_t slots = 0, expected = 0;

	if (engine == NULL || engine_traffic(engine, &v->query->window, NULL, v->rq->arena, &all, &s.n, e) != 0)
		return -1;
	s.of = all;
	columns_model(v, table);
	for (size_t i = 0; i < s.n; i++) {
		row_model(&s, model_item(rows), &all[i]);
		if (!switched_on(&s, all[i].source))
			continue;
		traffic_join(&total, &all[i].traffic);
		slots += all[i].slots;
		expected += all[i].expected;
	}
	cells_model(v, model_object(table, "total"), slots > 0 ? &total : NULL);
	model_text(table, "all", non < s.n ? sources_href(v, NULL) : NULL);
	model_text(table, "none", non > 0 ? sources_href(v, SOURCES_NONE) : NULL);
	model_number(table, "slots", (int64_t)slots);
	model_number(table, "expected", (int64_t)expected);
	model_flag(table, "missing", slots < expected);
	return 0;
}
