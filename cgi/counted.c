#include "counted.h"

#include <inttypes.h>
#include <string.h>

#include "ask.h"
#include "link.h"
#include "model.h"
#include "names.h"
#include "query/digest.h"
#include "query/fan.h"
#include "query/text.h"

/* An output: what counts rows, and tells of it. */
struct counting_row {
	const char *output, *title;
	bool (*asked)(const struct query *);
	int (*rows)(void *counter, const struct batch *, struct err *);
	void (*fields)(struct fieldset *);
};

static int
digest_rows(void *counter, const struct batch *rows, struct err *e)
{
	(void)e;
	digest_add(counter, rows);
	return 0;
}

static int
fan_take(void *counter, const struct batch *rows, struct err *e)
{
	(void)e;
	fan_add(counter, rows);
	return 0;
}

static const struct counting_row countings[] = {
	{ "summary", "Sizes and durations", digest_asked, digest_rows, digest_fields },
	{ "fanout", "Fan-out", fan_asked, fan_take, fan_fields },
	{ "fanin", "Fan-in", fan_asked, fan_take, fan_fields },
};

#define COUNTINGS	(sizeof(countings) / sizeof(countings[0]))

static const struct counting_row *
counting_of(const struct query *q)
{
	for (size_t i = 0; i < COUNTINGS; i++)
		if (countings[i].asked(q))
			return &countings[i];
	return NULL;
}

bool
counted_asked(const struct query *q)
{
	return counting_of(q) != NULL;
}

static int
count(const struct request *rq, const struct query *q, void *counter, struct result *r, struct err *e)
{
	const struct counting_row *c = counting_of(q);
	struct fieldset show = { { 0, 0 } };
	struct sink sink = { c->rows, counter, NULL };

	c->fields(&show);
	return ask(rq, q, &show, &sink, r, e);
}

/* ---- summary ---- */

static void
figure_model(json_t *list, const struct digest_figure *f)
{
	json_t *item = model_item(list);
	struct strbuf text = { 0 };
	char when[WHEN_STRLEN];

	model_text(item, "name", f->name);
	model_text(item, "title", f->title);
	if (strcmp(f->name, "first") == 0 || strcmp(f->name, "last") == 0) {
		model_text(item, "value", when_msec((int64_t)(f->value * 1000 + 0.5), when));
		model_text(item, "text", when_text((int64_t)f->value, when));
		return;
	}
	if (f->whole)
		text_scaled(&text, (uint64_t)f->value, 0);
	else
		rate_text(f->value, &text);
	model_text(item, "text", strbuf_text(&text));
	strbuf_free(&text);
	json_object_set_new(item, "value", f->whole ? json_integer((json_int_t)f->value) :
	    json_real((double)(int64_t)(f->value * 1000 + 0.5) / 1000));
}

static void
step_model(json_t *list, const struct digest_step *step, uint64_t all)
{
	json_t *item = model_item(list);
	double share = (double)step->flows * 100 / (double)all;

	model_number(item, "least", (int64_t)step->least);
	if (step->most == UINT64_MAX) {
		json_object_set_new(item, "most", json_null());
		model_textf(item, "text", "%" PRIu64 " and more", step->least);
	} else {
		model_number(item, "most", (int64_t)step->most);
		if (step->most == step->least)
			model_textf(item, "text", "%" PRIu64, step->least);
		else
			model_textf(item, "text", "%" PRIu64 " – %" PRIu64, step->least, step->most);
	}
	model_scaled(item, "flows", step->flows);
	json_object_set_new(item, "share", json_real((double)(int64_t)(share * 10 + 0.5) / 10));
	model_textf(item, "percent", "%.1f", share);
}

static void
digest_model(const struct digest *d, json_t *result)
{
	struct digest_figure figure[DIGEST_FIGURES];
	size_t n = digest_figures(d, figure);
	json_t *model = model_object(result, "digest"), *list = model_list(model, "figures");

	for (size_t i = 0; i < n; i++)
		figure_model(list, &figure[i]);
	list = model_list(model, "spreads");
	for (unsigned k = 0; k < DIGEST_SPREADS; k++) {
		json_t *item = model_item(list), *steps;
		struct digest_spread s;

		digest_spread(d, k, &s);
		model_text(item, "name", s.name);
		model_text(item, "title", s.title);
		model_text(item, "unit", s.unit);
		steps = model_list(item, "steps");
		for (size_t i = 0; i < s.n; i++)
			if (s.step[i].flows != 0)
				step_model(steps, &s.step[i], s.flows);
	}
}

/* ---- fan-out and fan-in ---- */

static struct fan *
fan_for(const struct request *rq, const struct query *q)
{
	return fan_new(q, (uint64_t)rq->site->conf->query_mbytes << 20);
}

static void
fan_model(const struct request *rq, const struct query *q, const struct fan *f, json_t *result)
{
	json_t *model = model_object(result, "fan"), *list = model_list(model, "rows");
	bool in = strcmp(q->output, "fanin") == 0;
	size_t n;
	struct fan_row *rows = fan_top(f, fan_rows(q), rq->arena, &n);

	model_flag(model, "in", in);
	model_flag(model, "least", fan_is_least(f));
	model_number(model, "shown", (int64_t)n);
	model_scaled(model, "hosts", fan_hosts(f));
	for (size_t i = 0; i < n; i++) {
		struct flows_link link = { q->window, q->sources, "by", in ? "srcip" : "dstport", "flows", NULL };
		json_t *item = model_item(list);
		char text[ADDR_STRLEN];

		addr_print(&rows[i].host, text);
		link.filter = filter_and(q->filter, arena_printf(rq->arena, "%s ip %s", in ? "dst" : "src", text), rq->arena);
		model_text(item, "host", text);
		model_text(item, "name", name_of_owner(rq->site->owners, &rows[i].host, rq->arena));
		model_text(item, "href", host_href(rq, text));
		model_text(item, "flows_href", flows_href(rq, &link));
		model_scaled(item, "peers", rows[i].peers);
		model_scaled(item, "ports", rows[i].ports);
		model_scaled(item, "flows", rows[i].flows);
		model_scaled(item, "packets", rows[i].packets);
		model_scaled(item, "bytes", rows[i].bytes);
		model_rate(item, "flows_per_peer", rows[i].peers > 0 ? (double)rows[i].flows / (double)rows[i].peers : 0);
		model_rate(item, "bytes_per_flow", rows[i].flows > 0 ? (double)rows[i].bytes / (double)rows[i].flows : 0);
	}
}

/* ---- all of them ---- */

int
counted_model(const struct request *rq, const struct query *q, struct result *r, json_t *result, struct err *e)
{
	struct digest *d = digest_asked(q) ? digest_new(rq->arena) : NULL;
	struct fan *f = d == NULL ? fan_for(rq, q) : NULL;
	int rc = count(rq, q, d != NULL ? (void *)d : f, r, e);

	if (rc == 0 && r->kept.flows == 0)
		model_text(result, "printed", "No flow matches.");
	else if (rc == 0 && d != NULL)
		digest_model(d, result);
	else if (rc == 0)
		fan_model(rq, q, f, result);
	digest_free(d);
	fan_free(f);
	return rc;
}

int
counted_csv(const struct request *rq, const struct query *q, struct strbuf *sb, struct err *e)
{
	struct digest *d = digest_asked(q) ? digest_new(rq->arena) : NULL;
	struct fan *f = d == NULL ? fan_for(rq, q) : NULL;
	struct result r = { 0 };
	int rc = count(rq, q, d != NULL ? (void *)d : f, &r, e);

	if (rc == 0 && d != NULL) {
		digest_csv(d, sb);
	} else if (rc == 0) {
		size_t n;
		struct fan_row *rows = fan_top(f, fan_rows(q), rq->arena, &n);

		fan_csv(rows, n, sb);
	}
	digest_free(d);
	fan_free(f);
	return rc;
}

void
counted_links(const struct request *rq, const struct query *q, json_t *result)
{
	json_t *list = model_list(result, "counted");

	for (size_t i = 0; i < COUNTINGS; i++) {
		json_t *item;

		if (q->output != NULL && strcmp(q->output, countings[i].output) == 0)
			continue;
		item = model_item(list);
		model_text(item, "name", countings[i].output);
		model_text(item, "title", countings[i].title);
		model_text(item, "href", counted_href(rq, q, countings[i].output));
	}
}

const char *
counted_href(const struct request *rq, const struct query *q, const char *output)
{
	struct query copy = *q;
	struct strbuf url = { 0 };
	const char *href;

	copy.mode = QUERY_LIST;
	copy.nstats = copy.nkeys = 0;
	copy.aggregate = copy.ascending = copy.quick = false;
	copy.bidir = BIDIR_NO;
	copy.bucket = 0;
	copy.order = ORDERS;
	copy.top = TOP_DEFAULT;
	copy.limit = 0;
	copy.post = NULL;
	copy.packets_limit.given = copy.bytes_limit.given = false;
	copy.output = output;
	strbuf_addf(&url, "%s/details?", rq->base);
	query_to_url(&copy, &url);
	url_add(&url, "list", "1");
	href = arena_strdup(rq->arena, strbuf_text(&url));
	strbuf_free(&url);
	return href;
}
