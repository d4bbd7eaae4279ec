#include "incident.h"

#include <time.h>

#include "link.h"
#include "model.h"

const char *
weekday_text(int64_t start, struct arena *a)
{
	char when[WHEN_STRLEN], day[16];
	struct tm tm;

	when_local(start, &tm);
	strftime(day, sizeof(day), "%a", &tm);
	return arena_printf(a, "%s %s", day, when_text(start, when));
}

void
incidents_model(json_t *list, const struct request *rq, const struct incident *in, size_t n)
{
	struct strbuf sentence = { 0 };
	char when[WHEN_STRLEN];

	for (; n > 0; n--, in++) {
		const struct peak *p = in->loudest;
		json_t *item = model_item(list);

		strbuf_reset(&sentence);
		explain_sentence(&p->why, &sentence);
		model_text(item, "slot", when_iso(p->start, when));
		model_text(item, "from", when_iso(in->window.from, when));
		model_text(item, "to", when_iso(in->window.to, when));
		model_text(item, "slot_text", weekday_text(in->window.from, rq->arena));
		model_text(item, "span", in->slots > 1 ? span_text(in->window.to - in->window.from, rq->arena) : NULL);
		model_text(item, "source", p->source->name);
		model_text(item, "colour", p->source->colour);
		model_text(item, "kind", incident_names[p->why.kind]);
		model_text(item, "sentence", strbuf_text(&sentence));
		model_text(item, "href", explain_href(rq, p->source->name, p->start));
	}
	strbuf_free(&sentence);
}
