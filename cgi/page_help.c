#include "model.h"
#include "query/param.h"
#include "route.h"

static void
filter_help(json_t *model)
{
	json_t *list = model_list(model, "filter");

	for (const struct filter_help *h = filter_helps; h->word != NULL; h++) {
		json_t *item = model_item(list);

		model_text(item, "word", h->word);
		model_text(item, "qualifiers", h->qualifiers);
		model_text(item, "argument", h->argument);
		model_text(item, "example", h->example);
		model_text(item, "meaning", h->meaning);
	}
}

static void
statistics_help(json_t *model)
{
	json_t *list = model_list(model, "statistics");

	for (const struct statistic *s = statistics; s->name != NULL; s++) {
		json_t *item = model_item(list);

		model_text(item, "name", s->name);
		model_text(item, "title", s->title);
	}
}

static void
orders_help(json_t *model)
{
	json_t *list = model_list(model, "orders");

	for (size_t i = 0; i < ORDERS; i++) {
		json_t *item = model_item(list);

		model_text(item, "name", orders[i].name);
		model_text(item, "title", orders[i].title);
		model_flag(item, "for_stat", orders[i].for_stat);
	}
}

static void
fields_help(json_t *model)
{
	json_t *list = model_list(model, "fields");

	for (size_t f = 0; f < F_COUNT; f++) {
		json_t *item;

		if (fields[f].name == NULL || fields[f].help == NULL)
			continue;
		item = model_item(list);
		model_text(item, "name", fields[f].name);
		model_text(item, "title", fields[f].title);
		model_text(item, "help", fields[f].help);
	}
}

static void
params_help(json_t *model)
{
	json_t *list = model_list(model, "params");

	for (const struct param *p = params; p->name != NULL || p->letter != 0; p++) {
		json_t *item;

		if (!p->in_url)
			continue;
		item = model_item(list);
		model_text(item, "name", p->name);
		model_text(item, "argument", p->argument);
		model_text(item, "help", p->help);
		model_textf(item, "option", p->letter != 0 ? "-%c" : "%c", p->letter != 0 ? p->letter : ' ');
	}
}

int
page_help(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp,
    struct err *e)
{
	(void)rq;
	(void)rp;
	if (pairs_done(pairs, e) != 0)
		return -1;
	model_text(model, "title", "Help");
	filter_help(model);
	params_help(model);
	statistics_help(model);
	orders_help(model);
	fields_help(model);
	return 0;
}
