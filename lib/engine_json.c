#include "engine_json.h"

static json_t *
changes_json(const struct explanation *ex)
{
	json_t *list = json_array();

	for (size_t i = 0; i < EXPLAIN_METRICS; i++) {
		const struct change *c = &ex->change[i];

		json_array_append_new(list, json_pack("{s:s, s:f, s:f, s:f}", "metric",
		    explain_metric_names[c->metric], "now", c->actual, "usual", c->usual, "z", c->z));
	}
	return list;
}

static json_t *
evidence_json(const struct explanation *ex)
{
	json_t *list = json_array();
	struct strbuf key = { 0 }, filter = { 0 };

	for (size_t i = 0; i < ex->nevidence; i++) {
		const struct evidence *ev = &ex->evidence[i];

		strbuf_reset(&key);
		strbuf_reset(&filter);
		explain_key_text(ev->dim, ev->key, &key);
		explain_key_filter(ev->dim, ev->key, &filter);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:f, s:f, s:f, s:f}", "by",
		    top_dims[ev->dim].name, "key", strbuf_text(&key), "filter", strbuf_text(&filter), "metric",
		    top_metric_names[ev->metric], "now", ev->actual, "usual", ev->usual, "explains_least",
		    ev->power_low, "explains_most", ev->power_high));
	}
	strbuf_free(&key);
	strbuf_free(&filter);
	return list;
}

static json_t *
owners_json(const struct explanation *ex)
{
	json_t *list = json_array();
	char host[ADDR_STRLEN];

	for (size_t i = 0; i < ex->nowners; i++) {
		const struct owner *o = &ex->owner[i];

		addr_print(&o->host, host);
		json_array_append_new(list, json_pack("{s:s, s:s, s:f, s:f, s:f}", "host", host, "metric",
		    top_metric_names[o->metric], "share", o->share, "usual_share", o->usual_share, "usual_most",
		    o->usual_most));
	}
	return list;
}

json_t *
peak_json(const struct peak *p)
{
	json_t *before = json_array(), *o;
	struct strbuf sentence = { 0 };
	char when[WHEN_STRLEN];

	for (size_t i = 0; i < p->nbefore; i++)
		json_array_append_new(before, json_string(when_utc(p->before[i], when)));
	explain_sentence(&p->why, &sentence);
	o = json_pack("{s:s, s:s, s:b, s:s, s:s, s:o, s:o, s:o, s:o}", "slot", when_utc(p->start, when),
	    "source", p->source->name, "quiet", p->why.quiet, "kind", incident_names[p->why.kind],
	    "sentence", strbuf_text(&sentence), "changes", changes_json(&p->why), "evidence",
	    evidence_json(&p->why), "owners", owners_json(&p->why), "before", before);
	strbuf_free(&sentence);
	return o;
}
