#include <stddef.h>
#include <string.h>

#include "model.h"
#include "view.h"
#include "zone.h"

#define HOUR	3600
#define DAY	86400

const struct metric_row metrics[METRICS] = {
	[METRIC_FLOWS] = { "flows", "Flows", "flows/s", 1, 0.1 },
	[METRIC_PACKETS] = { "packets", "Packets", "packets/s", 1, 1 },
	[METRIC_TRAFFIC] = { "traffic", "Traffic", "bit/s", 8, 1000 },
};

const struct range_row ranges[] = {
	{ "1h", "1 hour", HOUR },
	{ "6h", "6 hours", 6 * HOUR },
	{ "12h", "12 hours", 12 * HOUR },
	{ "1d", "1 day", DAY },
	{ "2d", "2 days", 2 * DAY },
	{ "4d", "4 days", 4 * DAY },
	{ "1w", "1 week", 7 * DAY },
	{ "2w", "2 weeks", 14 * DAY },
	{ "1mo", "1 month", 30 * DAY },
	{ "2mo", "2 months", 61 * DAY },
	{ "6mo", "6 months", 183 * DAY },
	{ "1y", "1 year", 365 * DAY },
	{ "2y", "2 years", 730 * DAY },
	{ "3y", "3 years", 1095 * DAY },
	{ NULL, NULL, 0 }
};
#define RANGE_DAY	3

const unsigned overview_ranges[4] = { RANGE_DAY, 6, 8, 11 };

struct word { const char *name, *title; };

static const struct word types[] = {
	{ "flows", "Flows" }, { "packets", "Packets" }, { "traffic", "Traffic" }, { NULL, NULL } };
static const struct word protos[] = {
	{ "all", "All" }, { "tcp", "TCP" }, { "udp", "UDP" }, { "icmp", "ICMP" },
	{ "other", "Other" }, { NULL, NULL } };
static const struct word scales[] = { { "lin", "Linear" }, { "log", "Log" }, { NULL, NULL } };
static const struct word styles[] = { { "stacked", "Stacked" }, { "line", "Lines" }, { NULL, NULL } };
static const struct word units[] = { { "bits", "Bits" }, { "bytes", "Bytes" }, { NULL, NULL } };
static const struct word figures[] = { { "sum", "Sum" }, { "rate", "Rate" }, { NULL, NULL } };
/* By the bits of view.fold. */
static const struct word folds[] = { { "none", "" }, { "flows", "" }, { "packets", "" }, { "flows,packets", "" },
	{ "traffic", "" }, { "flows,traffic", "" }, { "packets,traffic", "" }, { "flows,packets,traffic", "" },
	{ NULL, NULL } };
static const struct word off_on[] = { { "0", "no" }, { "1", "yes" }, { NULL, NULL } };
static const struct word sizes[] = {
	{ "wide", "" }, { "narrow", "" }, { "thumb", "" }, { "mini", "" }, { "full", "" }, { NULL, NULL } };
static const struct word themes[] = { { "light", "" }, { "dark", "" }, { NULL, NULL } };
static const struct word zooms[] = { { "1", "" }, { "2", "" }, { NULL, NULL } };
static const struct word pictures[] = { { "png", "" }, { "svg", "" }, { NULL, NULL } };


/* A parameter whose value is one of a few words.  Ranges have rows of their own. */
static const struct choice {
	const char *name;
	const struct word *words;	/* NULL: ranges[] */
	size_t member;			/* an unsigned of struct view */
	unsigned normal;		/* left out of URLs */
	unsigned pages;
} choices[] = {
	{ "range", NULL, offsetof(struct view, range), RANGE_DAY, VIEW_DETAILS | VIEW_GRAPH },
	{ "type", types, offsetof(struct view, metric), METRIC_TRAFFIC, VIEW_DETAILS | VIEW_GRAPH },
	{ "proto", protos, offsetof(struct view, proto), PROTO_ALL, VIEW_DETAILS | VIEW_GRAPH },
	{ "scale", scales, offsetof(struct view, log), 0, VIEW_DETAILS | VIEW_GRAPH },
	{ "style", styles, offsetof(struct view, lines), 0, VIEW_DETAILS | VIEW_GRAPH },
	{ "unit", units, offsetof(struct view, bytes), 0, VIEW_DETAILS | VIEW_GRAPH },
	{ "figures", figures, offsetof(struct view, rate), 1, VIEW_DETAILS },
	{ "fold", folds, offsetof(struct view, fold), 0, VIEW_DETAILS },
	{ "list", off_on, offsetof(struct view, list), 0, VIEW_DETAILS },
	{ "refresh", off_on, offsetof(struct view, refresh), 0, VIEW_DETAILS },
	{ "size", sizes, offsetof(struct view, size), SIZE_WIDE, VIEW_GRAPH },
	{ "theme", themes, offsetof(struct view, dark), 0, VIEW_GRAPH },
	{ "zoom", zooms, offsetof(struct view, zoom), 0, VIEW_GRAPH },
	{ "format", pictures, offsetof(struct view, svg), 0, VIEW_GRAPH },
	{ NULL, NULL, 0, 0, 0 }
};

static struct word
choice_word(const struct choice *c, unsigned i)
{
	if (c->words != NULL)
		return c->words[i];
	return (struct word) { ranges[i].name, ranges[i].title };
}

static unsigned
choice_get(const struct choice *c, const struct view *v)
{
	return *(const unsigned *)((const char *)v + c->member);
}

static void
choice_set(const struct choice *c, struct view *v, unsigned value)
{
	*(unsigned *)((char *)v + c->member) = value;
}

void
view_init(struct view *v, const struct request *rq, struct query *q)
{
	memset(v, 0, sizeof(*v));
	v->rq = rq;
	v->query = q;
	for (const struct choice *c = choices; c->name != NULL; c++)
		choice_set(c, v, c->normal);
}

static int
choice_parse(const struct choice *c, const char *value, unsigned *to, struct err *e)
{
	struct strbuf all = { 0 };

	for (unsigned i = 0; choice_word(c, i).name != NULL; i++) {
		if (strcmp(choice_word(c, i).name, value) == 0) {
			*to = i;
			strbuf_free(&all);
			return 0;
		}
		strbuf_addf(&all, "%s%s", i > 0 ? ", " : "", choice_word(c, i).name);
	}
	err_set(e, ERR_INPUT, "%s: \"%.40s\" is none of %s", c->name, value, strbuf_text(&all));
	strbuf_free(&all);
	return -1;
}

int
view_from_pairs(struct view *v, struct pairs *pairs, unsigned pages, struct err *e)
{
	const char *value;
	unsigned word;

	for (const struct choice *c = choices; c->name != NULL; c++) {
		if ((c->pages & pages) == 0 || (value = pairs_take(pairs, c->name)) == NULL)
			continue;
		if (choice_parse(c, value, &word, e) != 0)
			return -1;
		choice_set(c, v, word);
	}
	if ((value = pairs_take(pairs, "end")) != NULL &&
	    when_parse(value, when_now(), &v->end, e) != 0)
		return err_in(e, "end");
	return 0;
}

/* Do the times of a link to the page itself go without saying? */
static bool
view_follows(const struct view *v, const char *path)
{
	const struct window *w = &v->query->window;

	return v->live && *path == '\0' && v->end == v->live_end && w->from == v->live_window.from &&
	    w->to == v->live_window.to;
}

static void
add_query(const struct view *v, bool follows, struct strbuf *sb)
{
	struct query q = *v->query;

	if (follows)
		q.window = (struct window){ 0, 0 };
	if (follows && v->live_from != NULL)
		url_add(sb, "from", v->live_from);
	query_to_url(&q, sb);
}

const char *
view_href(const struct view *v, const char *path, unsigned pages)
{
	bool follows = view_follows(v, path);
	struct strbuf sb = { 0 };
	char when[WHEN_STRLEN];
	const char *href;

	if (*path != '\0')
		strbuf_adds(&sb, v->rq->base);
	strbuf_adds(&sb, path);
	strbuf_addc(&sb, '?');
	if (when_zone_borrowed() != NULL)
		url_add(&sb, ZONE_PARAMETER, when_zone_borrowed());
	if (pages & VIEW_DETAILS)
		add_query(v, follows, &sb);
	else if (v->query->sources != NULL)
		url_add(&sb, "source", v->query->sources);
	for (const struct choice *c = choices; c->name != NULL; c++)
		if ((c->pages & pages) != 0 && choice_get(c, v) != c->normal)
			url_add(&sb, c->name, choice_word(c, choice_get(c, v)).name);
	if (v->end != 0 && !follows)
		url_add(&sb, "end", when_iso(v->end, when));
	href = arena_strdup(v->rq->arena, sb.s);
	strbuf_free(&sb);
	return href;
}

const char *
view_filter_href(const struct view *v, const char *filter)
{
	struct view copy = *v;
	struct query q = *v->query;

	q.filter = filter;
	copy.query = &q;
	return view_href(&copy, "", VIEW_DETAILS);
}

static const char *const proto_filters[PROTO_CLASSES] = {
	[PROTO_TCP] = "proto tcp", [PROTO_UDP] = "proto udp", [PROTO_ICMP] = "proto icmp or proto icmp6",
	[PROTO_OTHER] = "not (proto tcp or proto udp or proto icmp or proto icmp6)",
};

static bool
filter_is_own(const char *filter)
{
	for (unsigned i = 0; filter != NULL && i < PROTO_CLASSES; i++)
		if (proto_filters[i] != NULL && strcmp(filter, proto_filters[i]) == 0)
			return false;
	return filter != NULL;
}

const char *
view_proto_title(unsigned proto)
{
	return protos[proto].title;
}

const char *
view_proto_href(const struct view *v, unsigned proto)
{
	struct view copy = *v;
	struct query q = *v->query;

	if (!filter_is_own(q.filter))
		q.filter = proto_filters[proto];
	copy.query = &q;
	copy.proto = proto;
	return view_href(&copy, "", VIEW_DETAILS);
}

const char *
view_unit(const struct view *v, enum metric m)
{
	return v->bytes && m == METRIC_TRAFFIC ? "bytes/s" : metrics[m].unit;
}

double
view_factor(const struct view *v, enum metric m)
{
	return v->bytes && m == METRIC_TRAFFIC ? 1 : metrics[m].factor;
}

int
view_sources(const struct view *v, const struct source ***sources, size_t *n, struct err *e)
{
	struct engine *engine = site_engine(v->rq->site, e);

	if (engine == NULL)
		return -1;
	if (engine_sources(engine, v->query->sources, v->rq->arena, sources, n, e) == 0)
		return 0;
	/* Not the page is absent, the parameter is wrong. */
	if (e->kind == ERR_ABSENT)
		e->kind = ERR_INPUT;
	return -1;
}

bool
view_no_source(const struct view *v)
{
	return v->query->sources != NULL && strcmp(v->query->sources, SOURCES_NONE) == 0;
}

int
view_newest(struct view *v, struct err *e)
{
	struct engine *engine = site_engine(v->rq->site, e);
	int64_t oldest, newest;

	if (engine == NULL || engine_extent(engine, view_no_source(v) ? NULL : v->query->sources, &oldest, &newest, e) != 0)
		return -1;
	v->newest = newest == 0 ? 0 : newest + v->rq->site->conf->slot;
	return 0;
}

int64_t
view_slot(const struct view *v, int64_t sec)
{
	int64_t slot = v->rq->site->conf->slot;

	/* Slots count from midnight of the zone; zones differ by whole quarters of an hour. */
	return sec - (sec % slot + slot) % slot;
}

struct window
view_slots(const struct view *v)
{
	const struct window *w = &v->query->window;

	return (struct window){ view_slot(v, w->from), view_slot(v, w->to + v->rq->site->conf->slot - 1) };
}

void
view_settle_end(struct view *v)
{
	if (v->end != 0)
		v->end = view_slot(v, v->end + v->rq->site->conf->slot - 1);
	else
		v->end = v->newest != 0 ? v->newest : view_slot(v, when_now());
}

void
view_settle(struct view *v)
{
	struct window *w = &v->query->window;
	int64_t slot = v->rq->site->conf->slot, range = ranges[v->range].seconds;
	int64_t newest = v->newest != 0 ? v->newest : view_slot(v, when_now());

	bool given = v->end != 0;

	view_settle_end(v);
	if (w->from == w->to) {
		w->to = given && v->end < newest ? v->end : newest;
		w->from = w->to - slot;
	}
	if (v->query->match == MATCH_FILES)
		*w = view_slots(v);
	/* "Until now" ends with what there is. */
	if (w->to > newest && w->from < newest)
		w->to = newest;
	/* A window outside of what the graph shows brings the graph to itself. */
	if (w->from < v->end - range || w->to > v->end)
		v->end = view_slot(v, (w->from + w->to) / 2 + range / 2);
	if (w->to <= newest && v->end > newest && w->from >= newest - range)
		v->end = newest;
}

void
view_choices(const struct view *v, const char *name, json_t *model, const char *key)
{
	json_t *list = model_list(model, key);
	const struct choice *c = choices;
	struct view copy = *v;

	while (strcmp(c->name, name) != 0)
		c++;
	for (unsigned i = 0; choice_word(c, i).name != NULL; i++) {
		json_t *item = model_item(list);

		choice_set(c, &copy, i);
		model_text(item, "name", choice_word(c, i).name);
		model_text(item, "title", choice_word(c, i).title);
		model_text(item, "href", c->member == offsetof(struct view, proto) ? view_proto_href(v, i) :
		    view_href(&copy, "", VIEW_DETAILS));
		model_flag(item, "here", i == choice_get(c, v));
	}
}

bool
view_runs(const struct view *v)
{
	const struct query *q = v->query;

	return v->list || q->nstats > 0 || q->nkeys > 0 || q->aggregate || q->bidir != BIDIR_NO || q->bucket != 0;
}
