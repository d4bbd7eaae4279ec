/*
 * Compare: two times or two sources by a statistic: what differs most, what is
 * new, what has gone.
 */
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "commands.h"
#include "fields.h"
#include "link.h"
#include "model.h"
#include "query/group.h"
#include "query/text.h"
#include "route.h"
#include "term.h"
#include "timeline.h"

#define VALUES_MAX	65536	/* of each side: what is below so many counts as not there */
#define ROWS		20	/* of each table, unless asked otherwise */
#define ROWS_MAX	1000
#define SECONDS		3600	/* of the newest time, where none was asked for */

struct side_of {
	struct query query;
	struct result result;
	struct view view;		/* for links to its flows */
};

struct compare {
	const struct request *rq;
	struct view view;
	struct query *query;		/* as in the address: of the first side */
	struct side_of side[2];
	uint64_t rows;
	const char *wrong;		/* a filter that does not compile */
	struct err error;
	enum amount amount;
};

/* A value on both sides, and its place among all values; b is scaled to the time of a. */
struct pair_row { size_t row[2], place; uint64_t a, b; };
#define NO_ROW	SIZE_MAX

struct pairing {
	const struct compare *c;
	struct pair_row *rows;		/* once sorted: the greatest difference first */
	size_t n;
};

static int
take_time(struct pairs *pairs, const char *name, int64_t *sec, struct err *e)
{
	const char *value = pairs_take(pairs, name);

	if (value == NULL || when_parse(value, when_now(), sec, e) == 0)
		return 0;
	return err_in(e, "%s", name);
}

/* The second side is the time just before, unless the address says which. */
static int
take_other(struct compare *c, struct pairs *pairs, struct err *e)
{
	struct query *q = &c->side[1].query;
	struct window w = { 0, 0 };
	const char *source = pairs_take(pairs, "source2");

	if (take_time(pairs, "from2", &w.from, e) != 0 || take_time(pairs, "to2", &w.to, e) != 0)
		return -1;
	if ((w.from == 0) != (w.to == 0) || w.from > w.to)
		return err_set(e, ERR_INPUT, "from2: needs a to2 that is later");
	q->window = w;
	q->sources = source;
	return 0;
}

static int
check_question(struct compare *c, struct err *e)
{
	struct query *q = c->query;

	if (q->nstats != 1 || statistic_is_record(q->stats[0].stat) || q->stats[0].by_proto)
		return err_set(e, ERR_INPUT, "by: one statistic of a field is compared, like srcip or port");
	c->amount = q->stats[0].order == ORDER_PACKETS ? AMOUNT_PACKETS : q->stats[0].order == ORDER_BYTES ?
	    AMOUNT_BYTES : AMOUNT_FLOWS;
	if (q->stats[0].order != ORDER_FLOWS && q->stats[0].order != ORDER_PACKETS && q->stats[0].order != ORDER_BYTES)
		return err_set(e, ERR_INPUT, "order: flows, packets or bytes are compared");
	if (c->rows == 0 || c->rows > ROWS_MAX)
		return err_set(e, ERR_INPUT, "top: a page shows from 1 to %d rows", ROWS_MAX);
	return 0;
}

/* Both sides, with what the address leaves open. */
static int
set_sides(struct compare *c, struct err *e)
{
	struct window *w = &c->query->window, other = c->side[1].query.window;
	const char *source2 = c->side[1].query.sources;

	if (view_newest(&c->view, e) != 0)
		return -1;
	if (w->from == w->to) {
		w->to = c->view.newest != 0 ? c->view.newest : view_slot(&c->view, when_now());
		w->from = w->to - SECONDS;
	}
	c->query->top = VALUES_MAX;
	for (int i = 0; i < 2; i++) {
		c->side[i].query = *c->query;
		c->side[i].view = c->view;
		c->side[i].view.query = &c->side[i].query;
	}
	if (other.from != other.to)
		c->side[1].query.window = other;
	else if (source2 == NULL)
		c->side[1].query.window = (struct window){ w->from - (w->to - w->from), w->from };
	if (source2 != NULL)
		c->side[1].query.sources = source2;
	return query_check(&c->side[0].query, e) == 0 ? query_check(&c->side[1].query, e) : -1;
}

static int
compare_read(struct compare *c, const struct request *rq, struct pairs *pairs, struct err *e)
{
	const struct source **sources;
	const char *filter;
	size_t n;

	memset(c, 0, sizeof(*c));
	c->rq = rq;
	c->query = query_new(rq->arena);
	view_init(&c->view, rq, c->query);
	c->query->top = ROWS;
	if (!fields_have(pairs, "by"))
		c->query->stats[c->query->nstats++] = (struct stat_request){ .stat = statistic_find("srcip", 5), .order = ORDERS };
	filter = pairs_take(pairs, "filter");
	if (filter != NULL && filter_compile(filter, rq->arena, &c->error) == NULL) {
		c->wrong = filter;
		fields_drop(pairs, "filter");
	}
	if (take_other(c, pairs, e) != 0 || query_from_pairs(c->query, pairs, e) != 0 || pairs_done(pairs, e) != 0)
		return -1;
	c->rows = c->query->top;
	if (check_question(c, e) != 0 || set_sides(c, e) != 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (view_sources(&c->side[i].view, &sources, &n, e) != 0)
			return -1;
	return 0;
}

static uint64_t
row_amount(const struct compare *c, const struct batch *b, size_t row)
{
	struct counters n;

	counters_of_row(b, row, &n);
	return c->amount == AMOUNT_FLOWS ? n.flows : c->amount == AMOUNT_PACKETS ? counters_packets(&n, SIDE_BOTH) :
	    counters_bytes(&n, SIDE_BOTH);
}

/* A row of either side, for bringing those of one value together. */
struct either { const char *value; size_t width, row; int side; };

static int
by_value(const void *one, const void *two)
{
	const struct either *a = one, *b = two;
	int diff = memcmp(a->value, b->value, a->width);

	return diff != 0 ? diff : a->side - b->side;
}

static uint64_t
scaled(const struct compare *c, uint64_t n)
{
	const struct window *a = &c->side[0].query.window, *b = &c->side[1].query.window;

	return (uint64_t)((double)n * (double)(a->to - a->from) / (double)(b->to - b->from) + 0.5);
}

static void
pair_up(struct pairing *p, const struct compare *c)
{
	const struct table *t[2] = { &c->side[0].result.tables[0], &c->side[1].result.tables[0] };
	struct arena *a = c->rq->arena;
	size_t all = t[0]->rows.n + t[1]->rows.n, n = 0;
	struct either *either = arena_array(a, all + 1, sizeof(*either));

	*p = (struct pairing){ .c = c, .rows = arena_array(a, all + 1, sizeof(*p->rows)) };
	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < t[s]->rows.n; i++) {
			size_t width = fields[t[s]->value_field].width;

			either[n++] = (struct either){ (const char *)t[s]->rows.col[t[s]->value_field] + i * width, width, i, s };
		}
	qsort(either, n, sizeof(*either), by_value);
	for (size_t i = 0; i < n; i++) {
		bool same = i > 0 && memcmp(either[i].value, either[i - 1].value, either[i].width) == 0;
		struct pair_row *row = same ? &p->rows[p->n - 1] : &p->rows[p->n++];

		if (!same)
			*row = (struct pair_row){ .row = { NO_ROW, NO_ROW }, .place = p->n };
		row->row[either[i].side] = either[i].row;
		if (either[i].side == 0)
			row->a = row_amount(c, &t[0]->rows, either[i].row);
		else
			row->b = scaled(c, row_amount(c, &t[1]->rows, either[i].row));
	}
}

static uint64_t
difference(const struct pair_row *r)
{
	return r->a > r->b ? r->a - r->b : r->b - r->a;
}

/* The greatest first; equals by value. */
static int
by_difference(const void *one, const void *two)
{
	const struct pair_row *a = one, *b = two;
	uint64_t x = difference(a), y = difference(b);

	return x != y ? (x > y ? -1 : 1) : a->place < b->place ? -1 : a->place > b->place;
}

/* Details of a side's flows of that value. */
static const char *
flows_of(const struct side_of *side, const char *term)
{
	struct query q = side->query;
	struct view copy = side->view;

	q.filter = filter_and(q.filter, term, side->view.rq->arena);
	q.nstats = 0;
	q.order = ORDERS;
	q.top = TOP_DEFAULT;
	copy.query = &q;
	copy.list = 1;
	return view_href(&copy, "/details", VIEW_DETAILS);
}

static void
row_model(const struct pairing *p, const struct pair_row *r, json_t *list)
{
	const struct compare *c = p->c;
	int side = r->row[0] != NO_ROW ? 0 : 1;
	const struct table *t = &c->side[side].result.tables[0];
	const struct statistic *stat = c->query->stats[0].stat;
	const char *words = term_words(t->value_field, stat->side[1] != F_COUNT), *term = NULL;
	struct strbuf value = { 0 };
	json_t *item = model_item(list);

	text_field(&value, &t->rows, t->value_field, r->row[side], TEXT_PLAIN | TEXT_IPV6_LONG);
	if (words != NULL)
		term = term_of(words, t->value_field, false, strbuf_text(&value), c->rq->arena);
	if (fields[t->value_field].kind == KIND_ADDR)
		model_text(item, "host", host_href(c->rq, strbuf_text(&value)));
	strbuf_reset(&value);
	text_field(&value, &t->rows, t->value_field, r->row[side], TEXT_IPV6_LONG);
	model_text(item, "value", strbuf_text(&value));
	strbuf_free(&value);
	model_scaled(item, "a", r->a);
	model_scaled(item, "b", r->b);
	model_scaled(item, "difference", difference(r));
	if (difference(r) > 0)
		model_textf(item, "share", "%.1f", 100.0 * (double)difference(r) / (double)difference(&p->rows[0]));
	model_flag(item, "more", r->a >= r->b);
	if (r->a > 0 && r->b > 0)
		model_textf(item, "times", "%.2f", (double)r->a / (double)r->b);
	else
		model_text(item, "times", r->a > 0 ? "new" : "gone");
	model_text(item, "a_href", term != NULL ? flows_of(&c->side[0], term) : NULL);
	model_text(item, "b_href", term != NULL ? flows_of(&c->side[1], term) : NULL);
}

enum which { WHICH_ALL, WHICH_NEW, WHICH_GONE };

/* Of rows that are sorted, so many of that kind. */
static void
rows_model(const struct pairing *p, enum which which, const char *title, json_t *tables)
{
	json_t *table = model_item(tables), *list = model_list(table, "rows");
	size_t shown = 0, all = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct pair_row *r = &p->rows[i];

		if ((which == WHICH_NEW && r->row[1] != NO_ROW) || (which == WHICH_GONE && r->row[0] != NO_ROW))
			continue;
		all++;
		if (shown < p->c->rows && shown++ < p->c->rows)
			row_model(p, r, list);
	}
	model_text(table, "title", title);
	model_number(table, "shown", (int64_t)shown);
	model_number(table, "all", (int64_t)all);
	model_flag(table, "none", all == 0);
}

static void
side_model(const struct compare *c, int side, json_t *list)
{
	const struct query *q = &c->side[side].query;
	const struct result *r = &c->side[side].result;
	json_t *item = model_item(list);
	struct query shown = *q;

	model_text(item, "name", side == 0 ? "A" : "B");
	model_moment(item, "from", q->window.from);
	model_moment(item, "to", q->window.to);
	model_text(item, "source", q->sources != NULL ? q->sources : "all sources");
	model_flag(item, "partial", r->partial);
	model_text(item, "note", r->note);
	model_flag(item, "cut", r->tables[0].nall > r->tables[0].rows.n);
	model_number(item, "values", (int64_t)r->tables[0].nall);
	model_scaled(item, "flows", r->kept.flows);
	model_scaled(item, "packets", r->kept.packets);
	model_scaled(item, "bytes", r->kept.bytes);
	shown.top = c->rows;
	commands_model(c->rq, &shown, r, item);
}

static int
result_model(struct compare *c, json_t *model, struct err *e)
{
	json_t *result, *list;
	struct pairing p;

	for (int i = 0; i < 2; i++)
		if (ask(c->rq, &c->side[i].query, NULL, NULL, &c->side[i].result, e) != 0)
			return -1;
	pair_up(&p, c);
	qsort(p.rows, p.n, sizeof(*p.rows), by_difference);
	result = model_object(model, "result");
	model_text(result, "amount", amounts[c->amount].title);
	model_text(result, "statistic", c->query->stats[0].stat->title);
	model_flag(result, "scaled", scaled(c, 1000000) != 1000000);
	list = model_list(result, "sides");
	side_model(c, 0, list);
	side_model(c, 1, list);
	list = model_list(result, "tables");
	rows_model(&p, WHICH_ALL, "What differs most", list);
	rows_model(&p, WHICH_NEW, "New: only in A", list);
	rows_model(&p, WHICH_GONE, "Gone: only in B", list);
	return 0;
}

/* All of the address, with another second side (from == to: just before). */
static const char *
compare_href(const struct compare *c, struct window other, const char *source2)
{
	struct strbuf sb = { 0 };
	struct query q = *c->query;
	char when[WHEN_STRLEN];
	const char *href;

	q.top = c->rows;
	strbuf_adds(&sb, "?");
	query_to_url(&q, &sb);
	if (other.from != other.to) {
		url_add(&sb, "from2", when_iso(other.from, when));
		url_add(&sb, "to2", when_iso(other.to, when));
	}
	if (source2 != NULL)
		url_add(&sb, "source2", source2);
	href = arena_strdup(c->rq->arena, strbuf_text(&sb));
	strbuf_free(&sb);
	return href;
}

/* What one compares with most. */
static void
usual_model(const struct compare *c, json_t *model)
{
	static const struct { const char *name, *title; int64_t seconds; } usual[] = {
		{ "before", "The time before", 0 }, { "day", "A day before", 86400 }, { "week", "A week before", 7 * 86400 },
	};
	const struct window *w = &c->query->window, *other = &c->side[1].query.window;
	json_t *list = model_list(model, "usual");

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		int64_t back = usual[i].seconds != 0 ? usual[i].seconds : w->to - w->from;
		struct window then = { w->from - back, w->to - back };

		model_choice(list, usual[i].name, usual[i].title, compare_href(c, then, NULL),
		    other->from == then.from && other->to == then.to);
	}
}

static void
form_of(const struct compare *c, json_t *model)
{
	static const enum order shown[] = { ORDER_FLOWS, ORDER_PACKETS, ORDER_BYTES };
	static const char *const usual[] = { "srcip", "dstip", "ip", "srcport", "dstport", "port", "proto", "srcas", "dstas",
	    "as", "inif", "outif", "router", "srctos" };
	json_t *form = model_object(model, "form"), *list;
	const char *by = c->query->stats[0].stat->name;
	char when[WHEN_STRLEN];
	bool found = false;

	model_text(form, "filter", c->wrong != NULL ? c->wrong : c->query->filter);
	model_text(form, "error", c->wrong != NULL ? c->error.text : NULL);
	model_text(form, "from", when_iso(c->side[0].query.window.from, when));
	model_text(form, "to", when_iso(c->side[0].query.window.to, when));
	model_text(form, "from2", when_iso(c->side[1].query.window.from, when));
	model_text(form, "to2", when_iso(c->side[1].query.window.to, when));
	model_number(form, "top", (int64_t)c->rows);
	list = model_list(form, "by");
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		found |= strcmp(usual[i], by) == 0;
		model_option(list, usual[i], statistic_find(usual[i], strlen(usual[i]))->title, strcmp(usual[i], by) == 0);
	}
	if (!found)
		model_option(list, by, c->query->stats[0].stat->title, true);
	list = model_list(form, "orders");
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		model_option(list, orders[shown[i]].name, orders[shown[i]].title, c->query->stats[0].order == shown[i]);
	sources_menu(&c->side[0].view, form);
	sources_menu(&c->side[1].view, model_object(form, "other"));
}

int
page_compare(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	struct compare c;

	if (compare_read(&c, rq, pairs, e) != 0)
		return -1;
	model_text(model, "title", "Compare");
	timeline_views(&c.view, "/compare", model);
	usual_model(&c, model);
	form_of(&c, model);
	if (c.wrong == NULL)
		return result_model(&c, model, e);
	rp->status = err_http(c.error.kind);
	json_object_set_new(model, "result", json_null());
	return 0;
}

/* A line for each value of either side. */
int
compare_csv(const struct request *rq, struct pairs *pairs, struct reply *rp, struct err *e)
{
	struct compare c;
	struct pairing p;

	if (compare_read(&c, rq, pairs, e) != 0)
		return -1;
	if (c.wrong != NULL) {
		*e = c.error;
		return -1;
	}
	for (int i = 0; i < 2; i++)
		if (ask(rq, &c.side[i].query, NULL, NULL, &c.side[i].result, e) != 0)
			return -1;
	pair_up(&p, &c);
	qsort(p.rows, p.n, sizeof(*p.rows), by_difference);
	strbuf_addf(&rp->body, "%s,a,b,difference\n", c.query->stats[0].stat->name);
	for (size_t i = 0; i < p.n; i++) {
		const struct pair_row *r = &p.rows[i];
		const struct table *t = &c.side[r->row[0] == NO_ROW].result.tables[0];

		text_field(&rp->body, &t->rows, t->value_field, r->row[r->row[0] == NO_ROW], TEXT_PLAIN | TEXT_IPV6_LONG);
		strbuf_addf(&rp->body, ",%llu,%llu,%s%llu\n", (unsigned long long)r->a, (unsigned long long)r->b,
		    r->a < r->b ? "-" : "", (unsigned long long)difference(r));
	}
	rp->type = "text/csv; charset=utf-8";
	rp->filename = "compare.csv";
	return 0;
}
