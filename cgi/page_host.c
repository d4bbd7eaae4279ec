#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "counted.h"
#include "engine_json.h"
#include "flow/names.h"
#include "flow/owner.h"
#include "host.h"
#include "link.h"
#include "model.h"
#include "names.h"
#include "query/text.h"
#include "route.h"

#define FILES_MOST	2000	/* read for a page, */
#define SECONDS_MOST	1.5	/* and for so long */
#define COLUMNS		288	/* of the graph */
#define GRAPH_WIDTH	864
#define GRAPH_HALF	70	/* pixels above and below its axis */
#define BUSY_SLOTS	10
#define FLOWS_SHOWN	10

/* A host, what the index knows of it, and what its flows of a window tell. */
struct page {
	struct host_ask ask;
	struct host h;
	bool flows;			/* the last ones are wanted, too */
	struct result last;
};

/* The largest flows of the last slot in which it was seen. */
static int
read_last(struct page *p, const struct watch *watch, struct err *e)
{
	struct query *q = query_new(p->ask.rq->arena);
	struct fieldset show = { { 0, 0 } };
	struct pairs pairs;

	if (pairs_parse("by=record&order=bytes", p->ask.rq->arena, &pairs, e) == -1)
		return -1;
	q->window = (struct window){ p->h.last, p->h.last + p->ask.rq->site->conf->slot };
	q->sources = p->ask.sources;
	q->filter = p->ask.filter;
	q->top = FLOWS_SHOWN;
	return query_from_pairs(q, &pairs, e) == -1 ? -1 :
	    engine_query(p->ask.engine, q, &show, NULL, watch, p->ask.rq->arena, &p->last, e);
}

/* What files have to be read for, in one turn. */
static int
page_run(void *ctx, const struct watch *watch, struct err *e)
{
	struct page *p = ctx;
	struct host_limits limits = { FILES_MOST, SECONDS_MOST, watch };
	struct window w = host_window(&p->ask);

	if (engine_host(p->ask.engine, &p->ask.prefix, p->ask.sources, &w, &limits, p->ask.rq->arena, &p->h, e) == -1)
		return -1;
	return p->flows && p->h.last != 0 ? read_last(p, watch, e) : 0;
}

/*
 * What the index knows is shown at once: only who asks for it (read=1) waits for the
 * queries that come before.
 */
static int
page_read(struct page *p, const struct request *rq, struct pairs *pairs, bool flows, struct err *e)
{
	const char *read = pairs_take(pairs, "read");
	struct window w;
	int rc;

	memset(p, 0, sizeof(*p));
	p->flows = flows;
	if (read != NULL && strcmp(read, "1") != 0)
		return err_set(e, ERR_INPUT, "read: only 1, to wait until files can be read");
	if (host_ask(&p->ask, rq, rq->rest, pairs, e) == -1 || pairs_done(pairs, e) == -1)
		return -1;
	w = host_window(&p->ask);
	rc = ask_in_turn(rq, read != NULL || !flows, page_run, p, e);
	rq->site->unfinished |= rc != 1 || p->h.partial || p->last.partial;
	if (rc == 0)
		rc = engine_host(p->ask.engine, &p->ask.prefix, p->ask.sources, &w, NULL, rq->arena, &p->h, e);
	return rc == -1 ? -1 : 0;
}

static uint64_t
of_metric(const struct totals *t, unsigned metric)
{
	return metric == METRIC_FLOWS ? t->flows : metric == METRIC_PACKETS ? t->packets : t->bytes;
}

static const char *
order_of(unsigned metric)
{
	return metric == METRIC_TRAFFIC ? "bytes" : metrics[metric].name;
}

static void
totals_model(json_t *o, const char *key, const struct totals *t)
{
	json_t *totals = model_object(o, key);

	model_scaled(totals, "flows", t->flows);
	model_scaled(totals, "packets", t->packets);
	model_scaled(totals, "bytes", t->bytes);
}

/* The host's flows of a window in Details, listed or summed up. */
static const char *
flows_of(const struct page *p, const struct window *w, const char *source, const char *name, const char *value,
    const char *filter)
{
	struct flows_link link = { *w, source != NULL ? source : p->ask.sources, name, value,
	    strcmp(name, "list") == 0 ? NULL : order_of(p->ask.metric), filter != NULL ? filter : p->ask.filter };

	return flows_href(p->ask.rq, &link);
}

/* Where it was seen, in words and as a picture. */
static void
seen_model(const struct page *p, json_t *model)
{
	const struct host *k = &p->ask.known;
	/* What the index is not sure of may be certain from the files. */
	int64_t first = k->first == 0 || (p->h.first != 0 && p->h.first < k->first) ? p->h.first : k->first;
	int64_t last = p->h.last > k->last ? p->h.last : k->last;
	json_t *seen = model_object(model, "seen"), *list;
	struct strbuf text = { 0 };
	char when[WHEN_STRLEN];

	model_number(seen, "slots", (int64_t)k->slots);
	model_number(seen, "possible", (int64_t)k->possible);
	model_number(seen, "unknown", (int64_t)k->unknown);
	model_number(seen, "of", (int64_t)k->of);
	strbuf_addf(&text, "%zu of %zu", k->slots, k->of);
	if (k->possible > 0)
		strbuf_addf(&text, ", perhaps %zu more", k->possible);
	if (k->unknown > 0)
		strbuf_addf(&text, ", not known of %zu", k->unknown);
	model_text(seen, "text", strbuf_text(&text));
	strbuf_free(&text);
	model_text(seen, "from", when_iso(k->window.from, when));
	model_text(seen, "first", first != 0 ? when_iso(first, when) : NULL);
	model_text(seen, "first_text", first != 0 ? when_text(first, when) : "–");
	model_text(seen, "last", last != 0 ? when_iso(last, when) : NULL);
	model_text(seen, "last_text", last != 0 ? when_text(last, when) : "–");
	list = model_list(model, "ribbons");
	for (enum presence_size s = 0; s < PRESENCE_SIZES; s++) {
		json_t *item = model_item(list);
		int width, height;

		presence_pixels(&p->ask.presence, s, &width, &height);
		model_text(item, "kind", presence_sizes[s]);
		model_number(item, "width", width);
		model_number(item, "height", height);
		model_text(item, "light", host_link(&p->ask, "/presence", "",
		    s == PRESENCE_NARROW ? "&size=narrow" : ""));
		model_text(item, "dark", host_link(&p->ask, "/presence", "",
		    s == PRESENCE_NARROW ? "&size=narrow&theme=dark" : "&theme=dark"));
		model_text(item, "pick", host_link(&p->ask, "/host/", "",
		    s == PRESENCE_NARROW ? "&pick=narrow" : "&pick=wide"));
	}
}

/* Days and sources in which it was seen, for those who cannot see the picture, and for the index alone. */
static void
days_model(const struct page *p, json_t *model)
{
	const struct host *k = &p->ask.known;
	json_t *list = model_list(model, "days_seen");
	char text[WHEN_STRLEN];

	for (size_t i = k->ndays; i-- > 0; ) {
		const struct host_day *d = &k->day[i];
		struct window day = { d->start, d->start + 86400 };
		json_t *item = model_item(list);

		model_text(item, "day", host_day_text(d, text));
		model_text(item, "source", d->source->name);
		model_text(item, "colour", d->source->colour);
		model_number(item, "slots", (int64_t)d->slots);
		model_number(item, "possible", (int64_t)d->possible);
		model_number(item, "unknown", (int64_t)d->unknown);
		model_text(item, "href", flows_of(p, &day, d->source->name, "by", "dstport", NULL));
	}
	model_flag(model, "has_days", k->ndays > 0);
}

/* In and out of each column of the graph. */
struct columns {
	size_t n;
	int64_t seconds;		/* of a column */
	struct totals in[COLUMNS], out[COLUMNS];
	bool unread[COLUMNS];
};

static void
add_totals(struct totals *t, const struct totals *more)
{
	t->flows += more->flows;
	t->packets += more->packets;
	t->bytes += more->bytes;
}

static void
columns_make(struct columns *c, const struct page *p)
{
	int64_t slot = p->ask.rq->site->conf->slot, slots = (p->h.window.to - p->h.window.from) / slot;
	int64_t per = (slots + COLUMNS - 1) / COLUMNS;

	memset(c, 0, sizeof(*c));
	c->seconds = (per > 0 ? per : 1) * slot;
	c->n = (size_t)((p->h.window.to - p->h.window.from + c->seconds - 1) / c->seconds);
	for (size_t s = 0; s < p->h.nsources; s++) {
		const struct host_slots *hs = &p->h.by_source[s];

		for (size_t i = 0; i < hs->seen.n; i++) {
			int64_t start = hs->seen.from + (int64_t)i * slot;
			size_t at = (size_t)((start - p->h.window.from) / c->seconds);

			if (at >= c->n)
				continue;
			add_totals(&c->in[at], &hs->found[i].in);
			add_totals(&c->out[at], &hs->found[i].out);
			c->unread[at] |= hs->seen.state[i] != SEEN_NOT && !hs->found[i].read;
		}
	}
}

/* Bars up from the axis, or down; their height is their part of the highest of both. */
static void
bars_model(json_t *graph, const char *key, const struct columns *c, const struct totals *t, unsigned metric,
    uint64_t most, int sign)
{
	struct strbuf d = { 0 };
	double width = (double)GRAPH_WIDTH / (double)c->n;

	for (size_t i = 0; i < c->n; i++) {
		uint64_t v = of_metric(&t[i], metric);

		if (v > 0)
			strbuf_addf(&d, "M%.5g %dv%.4g", ((double)i + 0.5) * width, GRAPH_HALF,
			    -sign * ((double)v / (double)most * (GRAPH_HALF - 2) + 1));
	}
	model_text(graph, key, strbuf_text(&d));
	strbuf_free(&d);
}

static void
graph_model(const struct page *p, const struct columns *c, json_t *model)
{
	json_t *graph = model_object(model, "graph");
	unsigned metric = p->ask.metric;
	struct strbuf unread = { 0 };
	char when[WHEN_STRLEN];
	uint64_t in = 0, out = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (of_metric(&c->in[i], metric) > in)
			in = of_metric(&c->in[i], metric);
		if (of_metric(&c->out[i], metric) > out)
			out = of_metric(&c->out[i], metric);
		if (c->unread[i])
			strbuf_addf(&unread, "M%.5g 0v%d", ((double)i + 0.5) * GRAPH_WIDTH / (double)c->n, 2 * GRAPH_HALF);
	}
	model_text(graph, "title", metrics[metric].title);
	model_text(graph, "unit", metrics[metric].unit);
	model_number(graph, "width", GRAPH_WIDTH);
	model_number(graph, "height", 2 * GRAPH_HALF);
	model_number(graph, "axis", GRAPH_HALF);
	model_textf(graph, "bar", "%.4g", (double)GRAPH_WIDTH / (double)c->n);
	bars_model(graph, "in", c, c->in, metric, in > out ? in : out, 1);
	bars_model(graph, "out", c, c->out, metric, in > out ? in : out, -1);
	model_text(graph, "unread", unread.len > 0 ? unread.s : NULL);
	model_rate(graph, "most_in", (double)in * metrics[metric].factor / (double)c->seconds);
	model_rate(graph, "most_out", (double)out * metrics[metric].factor / (double)c->seconds);
	model_text(graph, "from_text", when_text(p->h.window.from, when));
	model_text(graph, "to_text", when_text(p->h.window.to, when));
	model_text(graph, "step", span_text(c->seconds, p->ask.rq->arena));
	model_flag(graph, "nothing", in + out == 0);
	strbuf_free(&unread);
}

/* The slots in which most happened. */
struct busy { const struct source *source; int64_t start; const struct host_found *found; uint64_t value; };

static size_t
busy_slots(const struct page *p, struct busy busy[BUSY_SLOTS])
{
	int64_t slot = p->ask.rq->site->conf->slot;
	size_t n = 0;

	for (size_t s = 0; s < p->h.nsources; s++) {
		const struct host_slots *hs = &p->h.by_source[s];

		for (size_t i = 0; i < hs->seen.n; i++) {
			const struct host_found *f = &hs->found[i];
			struct busy b = { hs->source, hs->seen.from + (int64_t)i * slot, f,
			    of_metric(&f->in, p->ask.metric) + of_metric(&f->out, p->ask.metric) };
			size_t at = n;

			while (at > 0 && busy[at - 1].value < b.value)
				at--;
			if (b.value == 0 || at == BUSY_SLOTS)
				continue;
			n += n < BUSY_SLOTS;
			memmove(&busy[at + 1], &busy[at], (n - 1 - at) * sizeof(b));
			busy[at] = b;
		}
	}
	return n;
}

static void
busy_model(const struct page *p, json_t *model)
{
	json_t *list = model_list(model, "busy");
	struct busy busy[BUSY_SLOTS];
	size_t n = busy_slots(p, busy);
	char when[WHEN_STRLEN];

	for (size_t i = 0; i < n; i++) {
		struct window w = { busy[i].start, busy[i].start + p->ask.rq->site->conf->slot };
		json_t *item = model_item(list);

		model_text(item, "slot", when_iso(w.from, when));
		model_text(item, "text", when_text(w.from, when));
		model_text(item, "source", busy[i].source->name);
		model_text(item, "colour", busy[i].source->colour);
		totals_model(item, "in", &busy[i].found->in);
		totals_model(item, "out", &busy[i].found->out);
		model_text(item, "flows", flows_of(p, &w, busy[i].source->name, "list", "1", NULL));
		model_text(item, "explain", explain_href(p->ask.rq, busy[i].source->name, w.from));
	}
	model_flag(model, "has_busy", n > 0);
}

/* Whose it is, and how to ask further. */
static void
owner_model(const struct page *p, json_t *model)
{
	const struct request *rq = p->ask.rq;
	json_t *owner;
	struct net_owner o;

	if (p->ask.prefix.bits == 128 && rq->role->may >= RIGHT_ANALYSE) {
		if (rq->site->conf->whois != NULL)
			model_text(model, "whois", whois_href(rq, p->ask.name));
		else
			model_textf(model, "whois_command", "whois %s", p->ask.name);
	}
	if (!owner_find(rq->site->owners, &p->ask.prefix.addr, &o))
		return;
	owner = model_object(model, "owner");
	model_text(owner, "country", o.country[0] != '\0' ? o.country : NULL);
	model_text(owner, "name", o.name[0] != '\0' ? o.name : NULL);
	if (o.as != 0)
		model_number(owner, "as", o.as);
}

/* What each source saw of it. */
static void
sources_model(const struct page *p, json_t *model)
{
	json_t *list = model_list(model, "by_source");
	int64_t slot = p->ask.rq->site->conf->slot;

	for (size_t s = 0; s < p->h.nsources; s++) {
		const struct host_slots *hs = &p->h.by_source[s];
		struct totals in = { 0, 0, 0 }, out = { 0, 0, 0 };
		int64_t first = 0, last = 0, slots = 0;
		char when[WHEN_STRLEN];
		json_t *item;

		for (size_t i = 0; i < hs->seen.n; i++) {
			if (hs->seen.state[i] != SEEN)
				continue;
			add_totals(&in, &hs->found[i].in);
			add_totals(&out, &hs->found[i].out);
			last = hs->seen.from + (int64_t)i * slot;
			first = first == 0 ? last : first;
			slots++;
		}
		if (slots == 0)
			continue;
		item = model_item(list);
		model_text(item, "name", hs->source->name);
		model_text(item, "colour", hs->source->colour);
		model_number(item, "slots", slots);
		model_text(item, "first", when_text(first, when));
		model_text(item, "last", when_text(last, when));
		totals_model(item, "in", &in);
		totals_model(item, "out", &out);
		model_text(item, "href", flows_of(p, &p->h.window, hs->source->name, "by", "dstport", NULL));
	}
}

static void
peers_model(const struct page *p, json_t *model)
{
	json_t *list = model_list(model, "peer_rows"), *item;
	struct arena *a = p->ask.rq->arena;
	char text[ADDR_STRLEN], proto[NAME_STRLEN];

	for (size_t i = 0; i < p->h.npeers; i++) {
		const struct host_peer *peer = &p->h.peers[i];

		item = model_item(list);
		addr_print(&peer->addr, text);
		model_text(item, "address", text);
		model_text(item, "host", host_href(p->ask.rq, text));
		model_text(item, "owner", name_of_owner(p->ask.rq->site->owners, &peer->addr, a));
		totals_model(item, "in", &peer->in);
		totals_model(item, "out", &peer->out);
		model_text(item, "flows", flows_of(p, &p->h.window, NULL, "by", "dstport",
		    arena_printf(a, "%s and ip %s", p->ask.filter, text)));
	}
	list = model_list(model, "port_rows");
	for (size_t i = 0; i < p->h.nservices; i++) {
		const struct host_peer *s = &p->h.services[i];
		const char *name = port_name(s->port, s->proto);

		item = model_item(list);
		if (s->port != 0)
			model_textf(item, "port", "%u/%s", s->port, proto_name(s->proto, proto));
		else
			model_text(item, "port", proto_name(s->proto, proto));
		model_text(item, "name", name);
		model_text(item, "whose", s->own ? "its own" : "others’");
		totals_model(item, "sum", s->own ? &s->in : &s->out);
		model_text(item, "flows", flows_of(p, &p->h.window, NULL, "by", s->own ? "srcip" : "dstip",
		    arena_printf(a, "%s %s and proto %u and dst port %u", s->own ? "dst" : "src", p->ask.filter,
		    s->proto, s->port)));
	}
	model_flag(model, "has_peers", p->h.npeers > 0);
}

/* The largest flows of the last slot in which it was seen. */
static void
flows_model(const struct page *p, json_t *model)
{
	static const enum field shown[] = { F_FIRST, F_PROTO, F_SRCIP, F_SRCPORT, F_DSTIP, F_DSTPORT, F_FLOWS,
	    F_PACKETS, F_BYTES };
	json_t *list = model_list(model, "flows_now");
	struct window w = { p->h.last, p->h.last + p->ask.rq->site->conf->slot };
	const struct result *r = &p->last;
	struct strbuf text = { 0 };
	char when[WHEN_STRLEN];

	model_flag(model, "has_flows", p->h.read && p->h.last != 0);
	if (!p->h.read || p->h.last == 0)
		return;
	for (size_t i = 0; r->ntables > 0 && i < r->tables[0].rows.n; i++) {
		json_t *cells = model_list(model_item(list), "cells");

		for (size_t f = 0; f < sizeof(shown) / sizeof(shown[0]); f++) {
			json_t *cell = model_item(cells);

			strbuf_reset(&text);
			text_field(&text, &r->tables[0].rows, shown[f], i, 0);
			model_text(cell, "text", strbuf_text(&text));
			model_flag(cell, "number", f >= 6);
		}
	}
	strbuf_free(&text);
	model_text(model, "flows_slot", when_text(w.from, when));
	model_text(model, "flows_href", flows_of(p, &w, NULL, "list", "1", NULL));
}

static void
read_model(const struct page *p, json_t *model)
{
	const struct host *h = &p->h;
	json_t *read = model_object(model, "reading");

	model_number(read, "files", (int64_t)h->files);
	model_number(read, "of", (int64_t)h->files_all);
	model_number(read, "named", (int64_t)h->files_named);
	model_flag(read, "partial", h->partial);
	model_text(read, "later", h->read ? NULL : host_link(&p->ask, "/host/", "", "&read=1"));
	model_text(read, "note", h->note);
	model_text(read, "gone", h->gone == 0 ? NULL : arena_printf(p->ask.rq->arena,
	    "The files of %zu slots are gone.", h->gone));
	totals_model(model, "came", &h->in);
	totals_model(model, "went", &h->out);
	model_scaled(model, "from_addresses", h->peers_in);
	model_scaled(model, "to_addresses", h->peers_out);
	model_scaled(model, "own_ports", h->ports_in);
	model_scaled(model, "other_ports", h->ports_out);
	model_scaled(model, "addresses", h->peers_all);
	model_scaled(model, "ports_used", h->services_all);
}

static int
controls_model(const struct page *p, json_t *model, struct err *e)
{
	static const char *const tables[] = { "days", "slots", "peers", "ports" };
	struct host_ask other = p->ask;
	json_t *list = model_list(model, "ranges");
	const struct source **sources;
	size_t n;

	if (engine_sources(p->ask.engine, NULL, p->ask.rq->arena, &sources, &n, e) == -1)
		return -1;

	for (other.range = 0; host_ranges[other.range].name != NULL; other.range++)
		model_choice(list, host_ranges[other.range].name, host_ranges[other.range].title,
		    host_link(&other, "/host/", "", ""), other.range == p->ask.range);
	other = p->ask;
	list = model_list(model, "types");
	for (other.metric = 0; other.metric < METRICS; other.metric++)
		model_choice(list, metrics[other.metric].name, metrics[other.metric].title,
		    host_link(&other, "/host/", "", ""), other.metric == p->ask.metric);
	other = p->ask;
	other.sources = NULL;
	list = model_list(model, "choices");
	model_choice(list, "all", "All sources", host_link(&other, "/host/", "", ""), p->ask.sources == NULL);
	for (size_t i = 0; i < n; i++) {
		other.sources = sources[i]->name;
		model_choice(list, other.sources, other.sources, host_link(&other, "/host/", "", ""),
		    p->ask.sources != NULL && strcmp(p->ask.sources, other.sources) == 0);
	}
	list = model_list(model, "csvs");
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		model_choice(list, tables[i], tables[i], host_link(&p->ask, "/host/", ".csv",
		    arena_printf(p->ask.rq->arena, "&table=%s", tables[i])), false);
	model_text(model, "json_href", host_link(&p->ask, "/host/", ".json", ""));
	model_text(model, "details", flows_of(p, &p->h.window, NULL, "by", "dstport", NULL));
	model_text(model, "listed", flows_of(p, &p->h.window, NULL, "list", "1", NULL));
	return 0;
}

/* Who scans, and who is scanned: in the files of the last hour. */
static void
fans_model(const struct request *rq, int64_t to, json_t *model)
{
	struct query *q = query_new(rq->arena);
	json_t *list = model_list(model, "fans");

	q->window = (struct window){ to - 3600, to };
	model_choice(list, "fanout", "Fan-out", counted_href(rq, q, "fanout"), false);
	model_choice(list, "fanin", "Fan-in", counted_href(rq, q, "fanin"), false);
}

/* Without a host: those that had most in the last day, to choose from. */
static int
start_model(const struct request *rq, json_t *model, struct err *e)
{
	struct engine *engine = site_engine(rq->site, e);
	json_t *list = model_list(model, "hosts");
	int64_t oldest, newest, slot = rq->site->conf->slot;
	struct host_rank *hosts;
	struct window day;
	size_t n;

	if (engine == NULL || engine_extent(engine, NULL, &oldest, &newest, e) == -1)
		return -1;
	day = (struct window){ newest + slot - 86400, newest + slot };
	if (engine_hosts(engine, &day, rq->arena, &hosts, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_t *item = model_item(list);
		char text[ADDR_STRLEN];

		addr_print(&hosts[i].addr, text);
		model_text(item, "address", text);
		model_text(item, "href", host_href(rq, text));
		model_scaled(item, "flows", hosts[i].sum.flows);
		model_scaled(item, "packets", hosts[i].sum.packets);
		model_scaled(item, "bytes", hosts[i].sum.bytes);
	}
	fans_model(rq, newest + slot, model);
	model_text(model, "title", "Host");
	model_flag(model, "start", true);
	model_flag(model, "has_hosts", n > 0);
	model_flag(model, "no_data", newest == 0);
	return 0;
}

/* A click on the picture: the flows of that slot. */
static int
pick(const struct host_ask *ask, const char *where, struct reply *rp, struct err *e)
{
	size_t n = strcspn(where, "?");
	struct flows_link link = { { 0, 0 }, ask->sources, "list", "1", NULL, ask->filter };
	enum presence_size size = 0;
	long x, y;
	int end = 0;

	while (size < PRESENCE_SIZES && (strlen(presence_sizes[size]) != n || strncmp(presence_sizes[size], where, n) != 0))
		size++;
	if (size == PRESENCE_SIZES)
		return err_set(e, ERR_INPUT, "pick: \"%.40s\" is no place of the picture", where);
	/* By keyboard a browser gives no place, or the corner. */
	if (sscanf(where + n, "?%ld,%ld%n", &x, &y, &end) == 2 && where[n + (size_t)end] == '\0' &&
	    presence_at(&ask->presence, size, x, y, &link.window))
		rp->location = flows_href(ask->rq, &link);
	else
		rp->location = host_link(ask, "/host/", "", "");
	return 0;
}

int
page_host(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const char *host = pairs_take(pairs, "host"), *where = pairs_take(pairs, "pick");
	struct columns columns;
	struct page p;
	json_t *known;

	if (host != NULL && *rq->rest == '\0') {
		if (host_ask(&p.ask, rq, host, pairs, e) == -1 || pairs_done(pairs, e) == -1)
			return -1;
		rp->location = host_link(&p.ask, "/host/", "", "");
		return 0;
	}
	if (*rq->rest == '\0')
		return pairs_done(pairs, e) == -1 ? -1 : start_model(rq, model, e);
	if (where != NULL) {
		if (host_ask(&p.ask, rq, rq->rest, pairs, e) == -1 || pairs_done(pairs, e) == -1)
			return -1;
		return pick(&p.ask, where, rp, e);
	}
	if (page_read(&p, rq, pairs, true, e) == -1)
		return -1;
	known = host_json(&p.h, p.ask.name);
	json_object_update(model, known);
	json_decref(known);
	model_text(model, "title", p.ask.name);
	model_flag(model, "start", false);
	model_text(model, "find", p.ask.name);
	columns_make(&columns, &p);
	if (controls_model(&p, model, e) == -1)
		return -1;
	owner_model(&p, model);
	seen_model(&p, model);
	days_model(&p, model);
	graph_model(&p, &columns, model);
	read_model(&p, model);
	busy_model(&p, model);
	sources_model(&p, model);
	peers_model(&p, model);
	flows_model(&p, model);
	return 0;
}

/* Tables as CSV. */

static void
csv_totals(const struct totals *in, const struct totals *out, struct strbuf *sb)
{
	strbuf_addf(sb, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", in->flows,
	    in->packets, in->bytes, out->flows, out->packets, out->bytes);
}

static void
csv_days(const struct page *p, struct strbuf *sb)
{
	char day[WHEN_STRLEN];

	for (size_t i = 0; i < p->ask.known.ndays; i++) {
		const struct host_day *d = &p->ask.known.day[i];

		strbuf_addf(sb, "%s,", host_day_text(d, day));
		strbuf_add_csv(sb, d->source->name);
		strbuf_addf(sb, ",%zu,%zu,%zu\n", d->slots, d->possible, d->unknown);
	}
}

static void
csv_slots(const struct page *p, struct strbuf *sb)
{
	static const char *const states[] = { [SEEN_NOT] = "not", [SEEN_UNKNOWN] = "unknown",
	    [SEEN_POSSIBLY] = "possible", [SEEN] = "seen" };
	char when[WHEN_STRLEN];

	for (size_t s = 0; s < p->h.nsources; s++) {
		const struct host_slots *hs = &p->h.by_source[s];

		for (size_t i = 0; i < hs->seen.n; i++) {
			if (hs->seen.state[i] == SEEN_NOT)
				continue;
			strbuf_addf(sb, "%s,", when_iso(hs->seen.from + (int64_t)i * p->ask.rq->site->conf->slot, when));
			strbuf_add_csv(sb, hs->source->name);
			strbuf_addf(sb, ",%s,%s", states[hs->seen.state[i]], hs->found[i].read ? "yes" : "no");
			csv_totals(&hs->found[i].in, &hs->found[i].out, sb);
		}
	}
}

static void
csv_peers(const struct page *p, struct strbuf *sb)
{
	char text[ADDR_STRLEN];

	for (size_t i = 0; i < p->h.npeers; i++) {
		addr_print(&p->h.peers[i].addr, text);
		strbuf_adds(sb, text);
		csv_totals(&p->h.peers[i].in, &p->h.peers[i].out, sb);
	}
}

static void
csv_ports(const struct page *p, struct strbuf *sb)
{
	for (size_t i = 0; i < p->h.nservices; i++) {
		const struct host_peer *s = &p->h.services[i];

		strbuf_addf(sb, "%u,%u,%s", s->proto, s->port, s->own ? "own" : "other");
		csv_totals(&s->in, &s->out, sb);
	}
}

#define COUNTS	"flows_in,packets_in,bytes_in,flows_out,packets_out,bytes_out"

static const struct csv_table {
	const char *name, *heading;
	void (*print)(const struct page *, struct strbuf *);
} csv_tables[] = {
	{ "days", "day,source,slots,possible,unknown", csv_days },
	{ "slots", "slot,source,state,read," COUNTS, csv_slots },
	{ "peers", "address," COUNTS, csv_peers },
	{ "ports", "proto,port,whose," COUNTS, csv_ports },
	{ NULL, NULL, NULL }
};

int
host_csv(const struct request *rq, struct pairs *pairs, struct reply *rp, struct err *e)
{
	const char *name = pairs_take(pairs, "table");
	const struct csv_table *t = csv_tables;
	struct page p;

	while (name != NULL && t->name != NULL && strcmp(t->name, name) != 0)
		t++;
	if (t->name == NULL)
		return err_set(e, ERR_INPUT, "table: days, slots, peers or ports, not \"%.40s\"", name);
	if (page_read(&p, rq, pairs, false, e) == -1)
		return -1;
	strbuf_addf(&rp->body, "%s\n", t->heading);
	t->print(&p, &rp->body);
	rp->type = "text/csv; charset=utf-8";
	rp->filename = "flowlight-host.csv";
	return 0;
}
