#include "engine_json.h"

#include <string.h>

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

char *
host_day_text(const struct host_day *d, char buf[static WHEN_STRLEN])
{
	when_text(d->start, buf);
	buf[strcspn(buf, " ")] = '\0';
	return buf;
}

static json_t *
totals_json(const struct totals *t)
{
	return json_pack("{s:I, s:I, s:I}", "flows", (json_int_t)t->flows, "packets", (json_int_t)t->packets,
	    "bytes", (json_int_t)t->bytes);
}

static json_t *
days_json(const struct host *h)
{
	json_t *list = json_array();
	char day[WHEN_STRLEN];

	for (size_t i = 0; i < h->ndays; i++) {
		const struct host_day *d = &h->day[i];
		json_t *o = json_pack("{s:s, s:s, s:I, s:I, s:I}", "day", host_day_text(d, day), "source",
		    d->source->name, "slots", (json_int_t)d->slots, "possible", (json_int_t)d->possible,
		    "unknown", (json_int_t)d->unknown);

		if (h->read) {
			json_object_set_new(o, "in", totals_json(&d->in));
			json_object_set_new(o, "out", totals_json(&d->out));
		}
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *
peers_json(const struct host_peer *p, size_t n, bool services)
{
	json_t *list = json_array(), *o;
	char text[ADDR_STRLEN];

	for (size_t i = 0; i < n; i++) {
		if (services)
			o = json_pack("{s:i, s:i, s:b}", "proto", p[i].proto, "port", p[i].port, "own", p[i].own);
		else {
			addr_print(&p[i].addr, text);
			o = json_pack("{s:s}", "address", text);
		}
		json_object_set_new(o, "in", totals_json(&p[i].in));
		json_object_set_new(o, "out", totals_json(&p[i].out));
		json_array_append_new(list, o);
	}
	return list;
}

static void
add_flows(json_t *o, const struct host *h)
{
	char utc[WHEN_STRLEN];

	json_object_set_new(o, "files", json_integer((json_int_t)h->files));
	json_object_set_new(o, "files_all", json_integer((json_int_t)h->files_all));
	json_object_set_new(o, "slots_without_file", json_integer((json_int_t)h->gone));
	json_object_set_new(o, "partial", json_boolean(h->partial));
	if (h->note != NULL)
		json_object_set_new(o, "note", json_string(h->note));
	if (h->first_msec != 0) {
		json_object_set_new(o, "first_flow", json_string(when_utc((int64_t)h->first_msec / 1000, utc)));
		json_object_set_new(o, "last_flow", json_string(when_utc((int64_t)h->last_msec / 1000, utc)));
	}
	json_object_set_new(o, "in", totals_json(&h->in));
	json_object_set_new(o, "out", totals_json(&h->out));
	json_object_set_new(o, "fan_in", json_pack("{s:I, s:I}", "addresses", (json_int_t)h->peers_in, "ports",
	    (json_int_t)h->ports_in));
	json_object_set_new(o, "fan_out", json_pack("{s:I, s:I}", "addresses", (json_int_t)h->peers_out, "ports",
	    (json_int_t)h->ports_out));
	json_object_set_new(o, "peers_all", json_integer((json_int_t)h->peers_all));
	json_object_set_new(o, "peers", peers_json(h->peers, h->npeers, false));
	json_object_set_new(o, "ports_all", json_integer((json_int_t)h->services_all));
	json_object_set_new(o, "ports", peers_json(h->services, h->nservices, true));
}

json_t *
host_json(const struct host *h, const char *name)
{
	char from[WHEN_STRLEN], to[WHEN_STRLEN], first[WHEN_STRLEN], last[WHEN_STRLEN];
	json_t *o = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "host", name, "from",
	    when_utc(h->window.from, from), "to", when_utc(h->window.to, to), "slots", (json_int_t)h->slots,
	    "possible", (json_int_t)h->possible, "unknown", (json_int_t)h->unknown, "slots_all", (json_int_t)h->of);

	if (h->slots > 0) {
		json_object_set_new(o, "first_slot", json_string(when_utc(h->first, first)));
		json_object_set_new(o, "last_slot", json_string(when_utc(h->last, last)));
	}
	if (h->read)
		add_flows(o, h);
	json_object_set_new(o, "days", days_json(h));
	return o;
}
