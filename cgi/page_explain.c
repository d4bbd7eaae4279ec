#include <math.h>
#include <string.h>

#include "engine_json.h"
#include "engine_proof.h"
#include "incident.h"
#include "link.h"
#include "model.h"
#include "route.h"
#include "strip.h"

#define PEAKS_MAX	200	/* sentences of a window */
#define DAY		86400

/* What is asked: one slot, or what stood out in a window. */
struct asked {
	const struct request *rq;
	struct engine *engine;
	const char *sources;		/* NULL: all */
	struct window window;
	bool slot;
	bool empty;			/* there is no data at all yet */
	struct peak *peaks;
	size_t n;
};

static int
take_time(struct pairs *pairs, const char *name, int64_t *to, struct err *e)
{
	const char *value = pairs_take(pairs, name);

	if (value == NULL)
		return 0;
	if (when_parse(value, when_now(), to, e) == -1)
		return err_in(e, "%s", name);
	return 1;
}

/* at=, or from= and to=, or the day that ends with the newest slot. */
static int
take_window(struct asked *q, struct pairs *pairs, struct err *e)
{
	unsigned slot = q->rq->site->conf->slot;
	struct window *w = &q->window;
	int64_t oldest, newest;
	int at, from, to;

	if (engine_extent(q->engine, q->sources, &oldest, &newest, e) == -1) {
		if (e->kind == ERR_ABSENT)
			e->kind = ERR_INPUT;
		return -1;
	}
	q->empty = newest == 0;
	w->to = newest + slot;
	if ((at = take_time(pairs, "at", &w->from, e)) == -1 || (from = take_time(pairs, "from", &w->from, e)) == -1 ||
	    (to = take_time(pairs, "to", &w->to, e)) == -1)
		return -1;
	if (at == 1 && from + to > 0)
		return err_set(e, ERR_INPUT, "at: not together with from and to");
	q->slot = at == 1;
	if (at == 1) {
		w->from -= (w->from % slot + slot) % slot;
		w->to = w->from + slot;
	} else if (from == 0)
		w->from = w->to - DAY;
	return w->from < w->to ? 0 : err_set(e, ERR_INPUT, "from: lies after to");
}

/* The loudest first: what is unusual before what is not, then by how far. */
static int
by_loudness(const void *va, const void *vb)
{
	const struct peak *a = va, *b = vb;

	if (a->why.quiet != b->why.quiet)
		return a->why.quiet ? 1 : -1;
	if (a->why.change[0].z != b->why.change[0].z)
		return a->why.change[0].z > b->why.change[0].z ? -1 : 1;
	return a->source->id - b->source->id;
}

static int
by_newest(const void *va, const void *vb)
{
	const struct peak *a = va, *b = vb;

	if (a->start != b->start)
		return a->start > b->start ? -1 : 1;
	return a->source->id - b->source->id;
}

static int
ask(struct asked *q, const struct request *rq, struct pairs *pairs, struct err *e)
{
	memset(q, 0, sizeof(*q));
	q->rq = rq;
	q->sources = pairs_take(pairs, "source");
	if ((q->engine = site_engine(rq->site, e)) == NULL || take_window(q, pairs, e) == -1 ||
	    pairs_done(pairs, e) == -1 ||
	    engine_explain(q->engine, &q->window, q->sources, q->slot, rq->arena, &q->peaks, &q->n, e) == -1)
		return -1;
	if (q->slot && q->n > 1)
		qsort(q->peaks, q->n, sizeof(*q->peaks), by_loudness);
	return 0;
}

static struct window
slot_window(const struct asked *q, int64_t start)
{
	return (struct window){ start, start + q->rq->site->conf->slot };
}

static void
changes_model(json_t *list, const struct peak *p)
{
	for (size_t i = 0; i < EXPLAIN_METRICS; i++) {
		const struct change *c = &p->why.change[i];
		json_t *item = json_array_get(list, i);

		model_scaled(item, "actual", (uint64_t)c->actual);
		model_scaled(item, "normal", (uint64_t)c->usual);
		model_textf(item, "factor", c->usual > 0 ? "×%.*f" : "new", c->actual / c->usual < 9.95 ? 1 : 0,
		    c->actual / c->usual);
		model_textf(item, "z_text", "%+.1f", c->z);
		model_flag(item, "loud", c->z >= EXPLAIN_LOUD);
	}
}

/* A link to the host's page where the key is one, or has one. */
static void
key_hosts(const struct asked *q, json_t *item, const struct evidence *ev)
{
	json_t *list = model_list(item, "hosts");
	bool net = ev->dim == TOP_SRCNET || ev->dim == TOP_DSTNET;

	for (unsigned at = 0; at + sizeof(struct addr) <= top_dims[ev->dim].size; at += sizeof(struct addr)) {
		struct prefix prefix = { .bits = 128 };
		char text[ADDR_STRLEN + 4];
		json_t *host = model_item(list);

		memcpy(&prefix.addr, ev->key + at, sizeof(prefix.addr));
		if (net)
			prefix.bits = addr_is_v4(&prefix.addr) ? 96 + 24 : 64;
		if (net)
			prefix_print(&prefix, text);
		else
			addr_print(&prefix.addr, text);
		model_text(host, "text", text);
		model_text(host, "href", host_href(q->rq, text));
	}
}

static void
evidence_model(const struct asked *q, json_t *list, const struct peak *p)
{
	for (size_t i = 0; i < p->why.nevidence; i++) {
		const struct evidence *ev = &p->why.evidence[i];
		json_t *item = json_array_get(list, i);
		struct flows_link link = { .window = slot_window(q, p->start), .source = p->source->name,
		    .name = "list", .value = "1", .filter = json_string_value(json_object_get(item, "filter")) };

		model_scaled(item, "actual", (uint64_t)ev->actual);
		model_scaled(item, "normal", (uint64_t)ev->usual);
		if (ev->power_high - ev->power_low < 0.005)
			model_textf(item, "explains", "%.0f %%", 100 * ev->power_high);
		else
			model_textf(item, "explains", "%.0f–%.0f %%", 100 * ev->power_low, 100 * ev->power_high);
		model_textf(item, "share", "%.1f", 100 * fmin(fmax(ev->power_low, 0), 1));
		model_flag(item, "named", ev == p->why.culprit);
		model_text(item, "href", flows_href(q->rq, &link));
		key_hosts(q, item, ev);
	}
}

static void
owners_model(const struct asked *q, json_t *list, const struct peak *p)
{
	for (size_t i = 0; i < p->why.nowners; i++) {
		const struct owner *o = &p->why.owner[i];
		json_t *item = json_array_get(list, i);
		char host[ADDR_STRLEN];
		struct flows_link link = { .window = slot_window(q, p->start), .source = p->source->name,
		    .name = "by", .value = "dstport", .order = top_metric_names[o->metric] };

		addr_print(&o->host, host);
		link.filter = arena_printf(q->rq->arena, "ip %s", host);
		model_textf(item, "share_text", "%.0f %%", 100 * o->share);
		model_textf(item, "usual_text", "%.0f %%", 100 * o->usual_share);
		model_textf(item, "most_text", "%.0f %%", 100 * o->usual_most);
		model_textf(item, "bar", "%.1f", 100 * o->share);
		model_text(item, "href", host_href(q->rq, host));
		model_text(item, "flows", flows_href(q->rq, &link));
	}
}

/* Other slots that the same host owned, with what to look at there. */
static void
before_model(const struct asked *q, json_t *item, const struct peak *p)
{
	json_t *list = model_list(item, "happened");
	char host[ADDR_STRLEN], when[WHEN_STRLEN];
	struct flows_link link = { .source = p->source->name, .name = "by", .value = "dstport" };

	if (p->nbefore == 0)
		return;
	addr_print(&p->why.owner[0].host, host);
	link.filter = arena_printf(q->rq->arena, "ip %s", host);
	link.order = top_metric_names[p->why.owner[0].metric];
	model_text(item, "before_host", host);
	model_number(item, "before_slots", (int64_t)p->nbefore);
	model_flag(item, "before_many", p->nbefore != 1);
	for (size_t i = 0; i < p->nbefore; i++) {
		json_t *slot = model_item(list);

		link.window = slot_window(q, p->before[i]);
		model_text(slot, "slot", when_iso(p->before[i], when));
		model_text(slot, "text", weekday_text(p->before[i], q->rq->arena));
		model_text(slot, "href", explain_href(q->rq, p->source->name, p->before[i]));
		model_text(slot, "flows", flows_href(q->rq, &link));
	}
}

static int
add_proof(const struct asked *q, json_t *list, const char *title, enum top_dim dim, enum top_metric metric,
    const struct query *query, struct err *e)
{
	struct proof lines;
	json_t *item;

	if (query == NULL || proof_print(q->engine, query, q->rq->arena, &lines, e) == -1)
		return -1;
	item = model_item(list);
	model_text(item, "title", title);
	model_text(item, "by", top_dims[dim].name);
	model_text(item, "metric", top_metric_names[metric]);
	model_text(item, "href", query_href(q->rq, query));
	model_text(item, "flowlight", lines.flowlight);
	model_text(item, "nfdump", lines.nfdump);
	model_text(item, "why", lines.why);
	return 0;
}

/* The evidence that the sentence speaks of: its culprit, or else its owner as source or destination. */
static bool
leading(const struct peak *p, struct evidence *lead)
{
	if (p->why.culprit != NULL) {
		*lead = *p->why.culprit;
		return true;
	}
	if (p->why.nowners > 0) {
		*lead = (struct evidence){ .dim = TOP_IP, .metric = p->why.owner[0].metric };
		memcpy(lead->key, &p->why.owner[0].host, sizeof(p->why.owner[0].host));
		return true;
	}
	return false;
}

/* Lines for what the sentence names first; then one for each further table of evidence. */
static int
proofs_model(const struct asked *q, json_t *item, const struct peak *p, struct err *e)
{
	json_t *list = model_list(item, "proofs"), *more = model_list(item, "more_proofs");
	bool done[TOP_DIMS][TOP_METRICS] = { { false } };
	struct strbuf filter = { 0 };
	struct arena *a = q->rq->arena;
	struct evidence lead;
	int rc = 0;

	if (leading(p, &lead)) {
		explain_key_filter(lead.dim, lead.key, &filter);
		rc = add_proof(q, list, "The list that it stands out in", lead.dim, lead.metric,
		    proof_list(q->engine, p, lead.dim, lead.metric, lead.key, a, e), e);
		if (rc == 0)
			rc = add_proof(q, list, arena_printf(a, "What “%s” did", strbuf_text(&filter)), lead.dim,
			    lead.metric, proof_flows(q->engine, p, lead.dim, lead.metric, strbuf_text(&filter), a, e), e);
		done[lead.dim][lead.metric] = true;
	}
	for (size_t i = 0; rc == 0 && i < p->why.nevidence; i++) {
		const struct evidence *ev = &p->why.evidence[i];

		if (done[ev->dim][ev->metric])
			continue;
		done[ev->dim][ev->metric] = true;
		rc = add_proof(q, more, arena_printf(a, "By %s, %s", top_dims[ev->dim].name, top_metric_names[ev->metric]),
		    ev->dim, ev->metric, proof_list(q->engine, p, ev->dim, ev->metric, ev->key, a, e), e);
	}
	strbuf_free(&filter);
	return rc;
}

static void
measures_model(const struct asked *q, json_t *item, const struct peak *p)
{
	json_t *list = model_list(item, "measures");
	struct measure *m;
	size_t n;

	measures(q->engine, p, q->rq->arena, &m, &n);
	for (size_t i = 0; i < n; i++) {
		json_t *measure = model_item(list);

		model_text(measure, "title", m[i].title);
		model_text(measure, "text", m[i].text);
	}
	model_flag(item, "has_measures", n > 0);
}

/* A slot of one source, all that is known of it. */
static int
peak_model(const struct asked *q, json_t *list, const struct peak *p, struct err *e)
{
	json_t *item = peak_json(p);
	struct flows_link link = { .window = slot_window(q, p->start), .source = p->source->name,
	    .name = "by", .value = "srcip", .order = "flows" };
	struct evidence lead;

	json_array_append_new(list, item);
	model_text(item, "colour", p->source->colour);
	model_text(item, "kind_text", p->why.quiet || p->why.kind == INCIDENT_OTHER ? NULL : incident_names[p->why.kind]);
	model_text(item, "flows", flows_href(q->rq, &link));
	if (leading(p, &lead) && top_dims[lead.dim].size >= sizeof(struct addr))
		key_hosts(q, item, &lead);
	changes_model(json_object_get(item, "changes"), p);
	evidence_model(q, json_object_get(item, "evidence"), p);
	model_flag(item, "has_evidence", p->why.nevidence > 0);
	owners_model(q, json_object_get(item, "owners"), p);
	model_flag(item, "has_owners", p->why.nowners > 0);
	before_model(q, item, p);
	measures_model(q, item, p);
	return proofs_model(q, item, p, e);
}

/* What stood out in a window: a sentence each. */
static void
sentences_model(const struct asked *q, json_t *model)
{
	struct incident *incidents;
	size_t n = incidents_of(q->peaks, q->n, q->rq->site->conf->slot, q->rq->arena, &incidents);

	incidents_model(model_list(model, "sentences"), q->rq, incidents, n < PEAKS_MAX ? n : PEAKS_MAX);
	model_flag(model, "more", n > PEAKS_MAX);
	model_number(model, "all", (int64_t)n);
}

/* The page's own address, with another source or time; to 0: one slot. */
static const char *
own_href(const struct asked *q, const char *path, const char *source, int64_t from, int64_t to, const char *table)
{
	struct strbuf url = { 0 };
	char when[WHEN_STRLEN];
	const char *href;

	strbuf_addf(&url, "%s%s?", q->rq->base, path);
	if (source != NULL)
		url_add(&url, "source", source);
	url_add(&url, to == 0 ? "at" : "from", when_iso(from, when));
	if (to != 0)
		url_add(&url, "to", when_iso(to, when));
	if (table != NULL)
		url_add(&url, "table", table);
	href = arena_strdup(q->rq->arena, strbuf_text(&url));
	strbuf_free(&url);
	return href;
}

static int
controls_model(const struct asked *q, json_t *model, struct err *e)
{
	const struct source **all;
	size_t n;
	json_t *sources = model_list(model, "choices"), *moves = model_list(model, "moves");
	int64_t from = q->window.from, to = q->slot ? 0 : q->window.to, step = q->window.to - q->window.from;
	char when[WHEN_STRLEN];

	if (engine_sources(q->engine, NULL, q->rq->arena, &all, &n, e) == -1)
		return -1;
	model_choice(sources, "all", "All sources", own_href(q, "/explain", NULL, from, to, NULL), q->sources == NULL);
	for (size_t i = 0; i < n; i++)
		model_choice(sources, all[i]->name, all[i]->name, own_href(q, "/explain", all[i]->name, from, to, NULL),
		    q->sources != NULL && strcmp(q->sources, all[i]->name) == 0);
	model_choice(moves, "before", q->slot ? "Slot before" : "Before", own_href(q, "/explain", q->sources, from - step,
	    to == 0 ? 0 : to - step, NULL), false);
	model_choice(moves, "after", q->slot ? "Next slot" : "After", own_href(q, "/explain", q->sources, from + step,
	    to == 0 ? 0 : to + step, NULL), false);
	if (q->slot)
		model_choice(moves, "day", "The day around it", own_href(q, "/explain", q->sources, from - DAY / 2,
		    from + DAY / 2, NULL), false);
	model_text(model, "source", q->sources);
	model_text(model, "from", when_iso(q->window.from, when));
	model_text(model, "from_text", weekday_text(q->window.from, q->rq->arena));
	model_text(model, "to", when_iso(q->window.to, when));
	model_text(model, "to_text", weekday_text(q->window.to, q->rq->arena));
	model_text(model, "json", own_href(q, "/explain.json", q->sources, from, to, NULL));
	return 0;
}

int
page_explain(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp,
    struct err *e)
{
	static const char *const tables[] = { "evidence", "changes", "owners", "before" };
	const char *pick = pairs_take(pairs, "pick");
	struct asked q;
	json_t *list;

	if (pick != NULL)
		return (rp->location = strip_pick(rq, pick, pairs, e)) != NULL ? 0 : -1;
	if (ask(&q, rq, pairs, e) == -1)
		return -1;
	model_text(model, "title", "Explain");
	model_flag(model, "single", q.slot);
	model_flag(model, "none", q.n == 0);
	model_flag(model, "no_data", q.empty);
	if (controls_model(&q, model, e) == -1)
		return -1;
	if (!q.slot) {
		sentences_model(&q, model);
		model_text(model, "csv", own_href(&q, "/explain.csv", q.sources, q.window.from, q.window.to, NULL));
		return 0;
	}
	list = model_list(model, "csvs");
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		model_choice(list, tables[i], tables[i], own_href(&q, "/explain.csv", q.sources, q.window.from, 0, tables[i]), false);
	list = model_list(model, "peaks");
	for (size_t i = 0; i < q.n; i++)
		if (peak_model(&q, list, &q.peaks[i], e) == -1)
			return -1;
	return 0;
}

/* Tables as CSV. */

static void
csv_start(const struct peak *p, struct strbuf *sb)
{
	char when[WHEN_STRLEN];

	strbuf_addf(sb, "%s,", when_iso(p->start, when));
	strbuf_add_csv(sb, p->source->name);
}

static void
csv_evidence(const struct peak *p, struct strbuf *sb)
{
	struct strbuf key = { 0 };

	for (size_t i = 0; i < p->why.nevidence; i++) {
		const struct evidence *ev = &p->why.evidence[i];

		csv_start(p, sb);
		strbuf_addf(sb, ",\"%s\",", top_dims[ev->dim].name);
		strbuf_reset(&key);
		explain_key_filter(ev->dim, ev->key, &key);
		strbuf_add_csv(sb, strbuf_text(&key));
		strbuf_addf(sb, ",%s,%.0f,%.0f,%.4f,%.4f\n", top_metric_names[ev->metric], ev->actual, ev->usual,
		    ev->power_low, ev->power_high);
	}
	strbuf_free(&key);
}

static void
csv_changes(const struct peak *p, struct strbuf *sb)
{
	for (size_t i = 0; i < EXPLAIN_METRICS; i++) {
		const struct change *c = &p->why.change[i];

		csv_start(p, sb);
		strbuf_addf(sb, ",%s,%.0f,%.0f,%.2f\n", explain_metric_names[c->metric], c->actual, c->usual, c->z);
	}
}

static void
csv_owners(const struct peak *p, struct strbuf *sb)
{
	char host[ADDR_STRLEN];

	for (size_t i = 0; i < p->why.nowners; i++) {
		const struct owner *o = &p->why.owner[i];

		addr_print(&o->host, host);
		csv_start(p, sb);
		strbuf_addf(sb, ",%s,%s,%.4f,%.4f,%.4f\n", host, top_metric_names[o->metric], o->share, o->usual_share,
		    o->usual_most);
	}
}

static void
csv_before(const struct peak *p, struct strbuf *sb)
{
	char host[ADDR_STRLEN] = "", when[WHEN_STRLEN];

	if (p->nbefore > 0)
		addr_print(&p->why.owner[0].host, host);
	for (size_t i = 0; i < p->nbefore; i++) {
		csv_start(p, sb);
		strbuf_addf(sb, ",%s,%s\n", host, when_iso(p->before[i], when));
	}
}

static void
csv_sentence(const struct peak *p, struct strbuf *sb)
{
	struct strbuf sentence = { 0 };

	explain_sentence(&p->why, &sentence);
	csv_start(p, sb);
	strbuf_addf(sb, ",%s,", incident_names[p->why.kind]);
	strbuf_add_csv(sb, strbuf_text(&sentence));
	strbuf_addc(sb, '\n');
	strbuf_free(&sentence);
}

static const struct csv_table {
	const char *name, *heading;
	void (*print)(const struct peak *, struct strbuf *);
} csv_tables[] = {
	{ "sentences", "slot,source,kind,sentence", csv_sentence },
	{ "evidence", "slot,source,by,filter,metric,now,usual,explains_least,explains_most", csv_evidence },
	{ "changes", "slot,source,metric,now,usual,z", csv_changes },
	{ "owners", "slot,source,host,metric,share,usual_share,usual_most", csv_owners },
	{ "before", "slot,source,host,other_slot", csv_before },
	{ NULL, NULL, NULL }
};

int
explain_csv(const struct request *rq, struct pairs *pairs, struct reply *rp, struct err *e)
{
	const char *name = pairs_take(pairs, "table");
	const struct csv_table *t = csv_tables;
	struct asked q;

	while (name != NULL && t->name != NULL && strcmp(t->name, name) != 0)
		t++;
	if (t->name == NULL)
		return err_set(e, ERR_INPUT, "table: sentences, evidence, changes, owners or before, not \"%.40s\"", name);
	if (ask(&q, rq, pairs, e) == -1)
		return -1;
	if (!q.slot && q.n > 1)
		qsort(q.peaks, q.n, sizeof(*q.peaks), by_newest);
	strbuf_addf(&rp->body, "%s\n", t->heading);
	for (size_t i = 0; i < q.n; i++)
		t->print(&q.peaks[i], &rp->body);
	rp->type = "text/csv; charset=utf-8";
	rp->filename = "flowlight-explain.csv";
	return 0;
}
