#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "query/filter.h"
#include "route.h"

/* The byte before which so many characters stand. */
static size_t
byte_at(const char *text, unsigned long characters)
{
	const char *s = text;

	while (characters-- > 0 && *s != '\0')
		s += utf8_length(s) > 0 ? utf8_length(s) : 1;
	return (size_t)(s - text);
}

/*
 * /filter.json?filter=…&at=N: what is wrong with a filter that is being typed, and
 * what may stand behind its first N characters (at the end, unless said).
 */
int
page_filter(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const char *text = pairs_take(pairs, "filter"), *at = pairs_take(pairs, "at");
	struct filter_advice *v = arena_alloc(rq->arena, sizeof(*v));
	json_t *list;
	size_t place;

	(void)rp;
	if (pairs_done(pairs, e) != 0)
		return -1;
	text = text != NULL ? text : "";
	place = at != NULL ? byte_at(text, strtoul(at, NULL, 10)) : strlen(text);
	filter_advise(text, place, rq->arena, v);
	model_text(model, "error", v->why);
	model_flag(model, "unfinished", v->unfinished);
	model_number(model, "line", (int64_t)v->line);
	model_number(model, "column", (int64_t)v->column);
	model_number(model, "typed", (int64_t)v->typed);
	model_text(model, "expects", v->expects);
	list = model_list(model, "words");
	for (size_t i = 0; i < v->n; i++) {
		json_t *item = model_item(list);

		model_text(item, "word", v->words[i].word);
		model_text(item, "meaning", v->words[i].meaning);
	}
	return 0;
}
