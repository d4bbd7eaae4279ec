#include "digest.h"

#include <inttypes.h>
#include <string.h>

#include "ask.h"
#include "model.h"
#include "query/text.h"

static int
take_rows(void *ctx, const struct batch *rows, struct err *e)
{
	(void)e;
	digest_add(ctx, rows);
	return 0;
}

struct digest *
digest_ask(const struct request *rq, const struct query *q, struct result *r, struct err *e)
{
	struct digest *d = digest_new(rq->arena);
	struct fieldset show = { { 0, 0 } };
	struct sink sink = { take_rows, d, NULL };

	digest_fields(&show);
	return ask(rq, q, &show, &sink, r, e) == 0 ? d : NULL;
}

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

void
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

const char *
digest_href(const struct request *rq, const struct query *q)
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
	copy.output = "summary";
	strbuf_addf(&url, "%s/details?", rq->base);
	query_to_url(&copy, &url);
	url_add(&url, "list", "1");
	href = arena_strdup(rq->arena, strbuf_text(&url));
	strbuf_free(&url);
	return href;
}
