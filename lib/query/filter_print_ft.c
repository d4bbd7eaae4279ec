#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "query/filter_private.h"

/*
 * A definition of flow-nfilter is lists of matches, of which one must hold as a
 * whole, and there is no "not".  So what a filter negates becomes a primitive that
 * denies, its tests become at most 64 matches, and the filter a set of sets of them.
 */
#define MATCHES_MAX	64
#define LISTS_MAX	128
#define WORK_MAX	2000000		/* comparisons of lists: a page cannot wait for more */

enum shape { SHAPE_LIST, SHAPE_ADDRESS, SHAPE_COUNTER, SHAPE_RATE, SHAPE_TIME };

/* What flow-nfilter can match. */
static const struct match_row {
	enum field field;		/* of the filter */
	enum field stored;		/* that it is computed from, in the files */
	const char *match, *type;
	enum shape shape;
	uint32_t max;			/* of a value */
	uint8_t shift;			/* the filter's value is the stored one shifted, */
	uint8_t mask;			/* and of it these bits; 0: all */
} rows[] = {
	{ F_SRCIP, F_SRCIP, "ip-source-address", NULL, SHAPE_ADDRESS, 0, 0, 0 },
	{ F_DSTIP, F_DSTIP, "ip-destination-address", NULL, SHAPE_ADDRESS, 0, 0, 0 },
	{ F_ROUTER, F_ROUTER, "ip-exporter-address", NULL, SHAPE_ADDRESS, 0, 0, 0 },
	{ F_NEXTHOP, F_NEXTHOP, "ip-nexthop-address", NULL, SHAPE_ADDRESS, 0, 0, 0 },
	{ F_PROTO, F_PROTO, "ip-protocol", "ip-protocol", SHAPE_LIST, 255, 0, 0 },
	{ F_SRCPORT, F_SRCPORT, "ip-source-port", "ip-port", SHAPE_LIST, 65535, 0, 0 },
	{ F_DSTPORT, F_DSTPORT, "ip-destination-port", "ip-port", SHAPE_LIST, 65535, 0, 0 },
	{ F_ICMPTYPE, F_DSTPORT, "ip-destination-port", "ip-port", SHAPE_LIST, 65535, 8, 0 },
	{ F_ICMPCODE, F_DSTPORT, "ip-destination-port", "ip-port", SHAPE_LIST, 65535, 0, 255 },
	{ F_FLAGS, F_FLAGS, "ip-tcp-flags", "ip-tcp-flags", SHAPE_LIST, 255, 0, 0 },
	{ F_SRCTOS, F_SRCTOS, "ip-tos", "ip-tos", SHAPE_LIST, 255, 0, 0 },
	{ F_SRCAS, F_SRCAS, "source-as", "as", SHAPE_LIST, 65535, 0, 0 },
	{ F_DSTAS, F_DSTAS, "destination-as", "as", SHAPE_LIST, 65535, 0, 0 },
	{ F_INIF, F_INIF, "input-interface", "ifindex", SHAPE_LIST, 65535, 0, 0 },
	{ F_OUTIF, F_OUTIF, "output-interface", "ifindex", SHAPE_LIST, 65535, 0, 0 },
	{ F_SRCMASK, F_SRCMASK, "ip-source-address-prefix-len", "ip-address-prefix-len", SHAPE_LIST, 32, 0, 0 },
	{ F_DSTMASK, F_DSTMASK, "ip-destination-address-prefix-len", "ip-address-prefix-len", SHAPE_LIST, 32, 0, 0 },
	{ F_ENGINETYPE, F_ENGINETYPE, "engine-type", "engine", SHAPE_LIST, 255, 0, 0 },
	{ F_ENGINEID, F_ENGINEID, "engine-id", "engine", SHAPE_LIST, 255, 0, 0 },
	{ F_FLOWS, F_FLOWS, "flows", "counter", SHAPE_COUNTER, UINT32_MAX, 0, 0 },
	{ F_PACKETS, F_PACKETS, "packets", "counter", SHAPE_COUNTER, UINT32_MAX, 0, 0 },
	{ F_BYTES, F_BYTES, "octets", "counter", SHAPE_COUNTER, UINT32_MAX, 0, 0 },
	{ F_DURATION, F_LAST, "duration", "counter", SHAPE_COUNTER, INT32_MAX, 0, 0 },
	{ F_PPS, F_PACKETS, "pps", "double", SHAPE_RATE, 0, 0, 0 },
	{ F_BPS, F_BYTES, "bps", "double", SHAPE_RATE, 0, 0, 0 },
	{ F_FIRST, F_FIRST, "start-time", "time-date", SHAPE_TIME, 0, 0, 0 },
	{ F_LAST, F_LAST, "end-time", "time-date", SHAPE_TIME, 0, 0, 0 },
};

/* Matches are bits of a number; a flow must match all of one of these. */
struct lists {
	uint64_t *set;
	size_t n;
};

struct printer {
	struct arena *arena;
	const struct fieldset *lacks;
	struct { const char *type, *rules; } primitive[MATCHES_MAX];
	size_t nprimitives;
	struct { const char *what; size_t primitive; } match[MATCHES_MAX];
	size_t nmatches;
	size_t work;
	bool many;			/* more matches or lists than there may be */
	const char *why;
};

/* A primitive in the making. */
struct maker {
	struct printer *printer;
	const struct filter_test *test;	/* NULL: of times */
	const struct match_row *row;
	const char *type;
	const char *yes, *no;		/* "permit", "deny", or exchanged */
	struct strbuf rules;
};

/* Which flows a primitive lets through, before it is negated. */
enum extent { NO_FLOW, SOME_FLOWS, ALL_FLOWS };

static void
refuse(struct printer *p, const struct filter_test *t, const char *because)
{
	struct strbuf text = { 0 };

	if (p->why == NULL && t != NULL) {
		filter_print_test(t, &text);
		p->why = arena_printf(p->arena, "flow-nfilter cannot test \"%.100s\"%s%s.", strbuf_text(&text),
		    *because != '\0' ? ": " : "", because);
		strbuf_free(&text);
	} else if (p->why == NULL) {
		p->why = arena_printf(p->arena, "flow-nfilter cannot test the times: %s.", because);
	}
}

/* ---- primitives ---- */

/* Which stored values a test accepts. */
static void
mark_values(const struct maker *m, uint8_t *accepted)
{
	const struct match_row *row = m->row;
	const struct filter_test *t = m->test;
	uint64_t low, high;

	if (t->list) {
		for (size_t i = 0; i < t->n; i++)
			if (t->values[i].number <= row->max)
				accepted[t->values[i].number] = 1;
	} else if (filter_range(t->compare, t->values->number, &low, &high)) {
		for (uint64_t v = 0; v <= row->max; v++) {
			uint64_t value = v >> row->shift & (row->mask != 0 ? row->mask : UINT64_MAX);

			accepted[v] = low <= value && value <= high;
		}
	}
}

/* "permit 80,443,1024-65535", in lines that flow-nfilter can read. */
static enum extent
make_list(struct maker *m)
{
	uint32_t max = m->row->max, count = 0;
	uint8_t *accepted;
	size_t line = 0;

	if (m->test->letters) {
		unsigned flags = (unsigned)m->test->values->number;

		strbuf_addf(&m->rules, "  mask 0x%02x\n  %s 0x%02x\n", flags, m->yes, flags);
		return SOME_FLOWS;
	}
	accepted = xcalloc(max + 2, 1);
	mark_values(m, accepted);
	for (uint32_t from = 0, to; from <= max; from = to + 1) {
		to = from;
		if (!accepted[from])
			continue;
		while (accepted[to + 1])
			to++;
		count += to - from + 1;
		if (line == 0 || m->rules.len - line > 90) {
			strbuf_addf(&m->rules, "%s  %s ", line == 0 ? "" : "\n", m->yes);
			line = m->rules.len;
		} else {
			strbuf_addc(&m->rules, ',');
		}
		strbuf_addu(&m->rules, from);
		if (to > from)
			strbuf_addf(&m->rules, "-%" PRIu32, to);
	}
	strbuf_addc(&m->rules, '\n');
	free(accepted);
	return count == 0 ? NO_FLOW : count > max ? ALL_FLOWS : SOME_FLOWS;
}

static enum extent
make_address(struct maker *m)
{
	const struct filter_test *t = m->test;
	char text[ADDR_STRLEN + 4];

	m->type = "ip-address";
	for (size_t i = 0; i < t->n; i++) {
		const struct prefix *p = &t->values[i].prefix;

		if (!addr_is_v4(&p->addr)) {
			refuse(m->printer, t, "flow-tools knows no IPv6");
			return NO_FLOW;
		}
		if (p->bits <= 96)
			return ALL_FLOWS;
		if (p->bits != 128)
			m->type = "ip-address-prefix";
	}
	for (size_t i = 0; i < t->n; i++) {
		const struct prefix *p = &t->values[i].prefix;

		addr_print(&p->addr, text);
		strbuf_addf(&m->rules, "  %s %s", m->yes, text);
		if (m->type[strlen("ip-address")] != '\0')
			strbuf_addf(&m->rules, "/%u", p->bits - 96u);
		strbuf_addc(&m->rules, '\n');
	}
	return SOME_FLOWS;
}

static void
add_rule(struct maker *m, const char *mode, const char *op, uint64_t number)
{
	strbuf_addf(&m->rules, "  %s %s ", mode, op);
	strbuf_addu(&m->rules, number);
	strbuf_addc(&m->rules, '\n');
}

static enum extent
make_counter(struct maker *m)
{
	uint64_t max = m->row->max, low, high;

	if (!filter_range(m->test->compare, m->test->values->number, &low, &high) || low > max)
		return NO_FLOW;
	if (low == 0 && high >= max)
		return ALL_FLOWS;
	/* The time of a flow that ends before it begins is 0 with us, there nearly 2^32. */
	if (m->row->field == F_DURATION)
		add_rule(m, low == 0 ? m->yes : m->no, "gt", max);
	if (low == high) {
		add_rule(m, m->yes, "eq", low);
	} else if (high >= max) {
		add_rule(m, m->yes, "ge", low);
	} else {
		if (low != 0)
			add_rule(m, m->no, "lt", low);
		add_rule(m, m->yes, "le", high);
	}
	return SOME_FLOWS;
}

/* Ours are whole numbers: 31999 is all that is less than 32000. */
static enum extent
make_rate(struct maker *m)
{
	uint64_t low, high;

	if (!filter_range(m->test->compare, m->test->values->number, &low, &high))
		return NO_FLOW;
	if (low == 0 && high == UINT64_MAX)
		return ALL_FLOWS;
	if (low != 0 && high != UINT64_MAX)
		add_rule(m, m->no, "lt", low);
	if (high != UINT64_MAX)
		add_rule(m, m->yes, "lt", high + 1);
	else
		add_rule(m, m->yes, "ge", low);
	return SOME_FLOWS;
}

static void
add_date(struct maker *m, const char *mode, const char *op, uint64_t msec)
{
	int64_t sec = (int64_t)(msec / 1000);
	char text[64];

	if (msec % 1000 != 0 || msec / 1000 > INT32_MAX)
		refuse(m->printer, m->test, "it compares whole seconds, up to 2038");
	else if (!when_english(sec, text))
		refuse(m->printer, m->test, "the hour comes twice");
	else
		strbuf_addf(&m->rules, "  %s %s %s\n", mode, op, text);
}

static enum extent
make_span(struct maker *m, uint64_t low, uint64_t high)
{
	if (low == 0 && high >= INT64_MAX)
		return ALL_FLOWS;
	if (low != 0 && high < INT64_MAX)
		add_date(m, m->no, "lt", low);
	if (high < INT64_MAX)
		add_date(m, m->yes, "lt", high + 1);
	else
		add_date(m, m->yes, "ge", low);
	return SOME_FLOWS;
}

static enum extent
make_time(struct maker *m)
{
	uint64_t low, high;

	return filter_range(m->test->compare, m->test->values->number, &low, &high) ? make_span(m, low, high) : NO_FLOW;
}

static enum extent (*const make[])(struct maker *) = {
	[SHAPE_LIST] = make_list,
	[SHAPE_ADDRESS] = make_address,
	[SHAPE_COUNTER] = make_counter,
	[SHAPE_RATE] = make_rate,
	[SHAPE_TIME] = make_time,
};

/* ---- lists of matches ---- */

static struct lists
lists_of(struct printer *p, uint64_t set)
{
	struct lists l = { arena_array(p->arena, LISTS_MAX, sizeof(*l.set)), 1 };

	l.set[0] = set;
	return l;
}

static struct lists
lists_const(struct printer *p, bool all)
{
	struct lists l = lists_of(p, 0);

	l.n = all;
	return l;
}

/* A list that asks more than another one asks nothing new. */
static void
lists_add(struct printer *p, struct lists *l, uint64_t set)
{
	size_t to = 0;

	p->work += l->n + 1;
	for (size_t i = 0; i < l->n; i++)
		if ((l->set[i] & set) == l->set[i])
			return;
	for (size_t i = 0; i < l->n; i++)
		if ((l->set[i] & set) != set)
			l->set[to++] = l->set[i];
	l->n = to;
	if (l->n == LISTS_MAX || p->work > WORK_MAX)
		p->many = true;
	else
		l->set[l->n++] = set;
}

static struct lists
lists_join(struct printer *p, bool and, const struct lists *a, const struct lists *b)
{
	struct lists l = lists_const(p, false);

	for (size_t i = 0; i < a->n && !p->many; i++) {
		if (!and)
			lists_add(p, &l, a->set[i]);
		for (size_t k = 0; and && k < b->n && !p->many; k++)
			lists_add(p, &l, a->set[i] | b->set[k]);
	}
	for (size_t k = 0; !and && k < b->n && !p->many; k++)
		lists_add(p, &l, b->set[k]);
	return l;
}

static size_t
find_primitive(struct printer *p, const char *type, const char *rules)
{
	for (size_t i = 0; i < p->nprimitives; i++)
		if (strcmp(p->primitive[i].type, type) == 0 && strcmp(p->primitive[i].rules, rules) == 0)
			return i;
	p->primitive[p->nprimitives].type = type;
	p->primitive[p->nprimitives].rules = arena_strdup(p->arena, rules);
	return p->nprimitives++;
}

static struct lists
add_match(struct printer *p, const char *what, const char *type, const char *rules)
{
	size_t primitive, i = 0;

	if (p->nmatches == MATCHES_MAX) {
		p->many = true;
		return lists_const(p, false);
	}
	primitive = find_primitive(p, type, rules);
	while (i < p->nmatches && (p->match[i].primitive != primitive || strcmp(p->match[i].what, what) != 0))
		i++;
	if (i == p->nmatches) {
		p->match[p->nmatches].what = what;
		p->match[p->nmatches++].primitive = primitive;
	}
	return lists_of(p, (uint64_t)1 << i);
}

/* The primitive is made, and lets through what `extent` says. */
static struct lists
finish(struct maker *m, enum extent extent, bool negated)
{
	struct lists l;

	strbuf_addf(&m->rules, "  default %s\n", m->no);
	if (extent != SOME_FLOWS)
		l = lists_const(m->printer, (extent == ALL_FLOWS) != negated);
	else
		l = add_match(m->printer, m->row->match, m->type, strbuf_text(&m->rules));
	strbuf_free(&m->rules);
	return l;
}

static struct maker
maker_of(struct printer *p, const struct filter_test *t, const struct match_row *row, bool negated)
{
	return (struct maker){ .printer = p, .test = t, .row = row, .type = row->type,
	    .yes = negated ? "deny" : "permit", .no = negated ? "permit" : "deny" };
}

static const struct match_row *
find_row(enum field f)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].field == f)
			return &rows[i];
	return NULL;
}

/* ---- tests and expressions ---- */

static struct lists
print_column(struct printer *p, const struct filter_test *t, enum field f, bool negated)
{
	const struct match_row *row = find_row(f);
	enum filter_how how = t->word->how;
	struct maker m;

	if (row == NULL || (how != HOW_NUMBER && how != HOW_FLAGS && how != HOW_ADDR)) {
		refuse(p, t, "");
		return lists_const(p, false);
	}
	if (p->lacks != NULL && fieldset_has(p->lacks, row->stored)) {
		refuse(p, t, "there are files whose flows do not have it");
		return lists_const(p, false);
	}
	m = maker_of(p, t, row, negated);
	return finish(&m, make[row->shape](&m), negated);
}

/* Any of these columns; negated, none. */
static struct lists
print_columns(struct printer *p, const struct filter_test *t, unsigned columns, bool negated)
{
	struct lists l = lists_const(p, negated);

	for (int i = 0; i < 4; i++)
		if (columns >> i & 1) {
			struct lists one = print_column(p, t, t->word->columns[i].field + t->index, negated);

			l = lists_join(p, negated, &l, &one);
		}
	return l;
}

/* A match of the protocol that a word implies. */
static struct lists
print_implied(struct printer *p, const struct filter_test *t, bool negated)
{
	const char *yes = negated ? "deny" : "permit", *no = negated ? "permit" : "deny";
	const char *protos = t->word->flags & WORD_TCP ? "6" : "1,58";

	if (p->lacks != NULL && fieldset_has(p->lacks, F_PROTO))
		refuse(p, t, "there are files whose flows have no protocol");
	return add_match(p, "ip-protocol", "ip-protocol",
	    arena_printf(p->arena, "  %s %s\n  default %s\n", yes, protos, no));
}

static struct lists
print_test(struct printer *p, const struct filter_test *t, bool negated)
{
	const struct filter_word *w = t->word;
	struct lists l, other;

	if (w->how == HOW_ANY || (w->how == HOW_ELEMENT && w->element == ELEMENT(E_IPV4)))
		return lists_const(p, !negated);
	if (w->columns[0].dir == 0) {
		refuse(p, t, "");
		return lists_const(p, false);
	}
	if (t->both) {
		l = print_columns(p, t, filter_columns(w, t->dir & ~DIR_DST), negated);
		other = print_columns(p, t, filter_columns(w, t->dir & ~DIR_SRC), negated);
		l = lists_join(p, !negated, &l, &other);
	} else {
		l = print_columns(p, t, filter_columns(w, t->dir), negated);
	}
	if (w->flags & (WORD_TCP | WORD_ICMP)) {
		other = print_implied(p, t, negated);
		l = lists_join(p, !negated, &other, &l);
	}
	return l;
}

static struct lists
print_node(struct printer *p, const struct filter_node *n, bool negated)
{
	bool and = (n->kind == NODE_AND) != negated;
	struct lists l;

	if (n->kind == NODE_TEST)
		return print_test(p, n->test, negated);
	if (n->kind == NODE_NOT)
		return print_node(p, n->child, !negated);
	l = lists_const(p, and);
	for (const struct filter_node *c = n->child; c != NULL && p->why == NULL && !p->many; c = c->next) {
		struct lists one = print_node(p, c, negated);

		l = lists_join(p, and, &l, &one);
	}
	return l;
}

/* Flows that begin at `from` at the earliest and end at `to` at the latest. */
static struct lists
print_times(struct printer *p, int64_t from, int64_t to)
{
	struct maker first = maker_of(p, NULL, find_row(F_FIRST), false);
	struct maker last = maker_of(p, NULL, find_row(F_LAST), false);
	enum extent after = make_span(&first, from == INT64_MIN ? 0 : (uint64_t)from, UINT64_MAX);
	enum extent before = make_span(&last, 0, to < 0 ? 0 : (uint64_t)to);
	struct lists begin = finish(&first, after, false), end = finish(&last, before, false);

	return lists_join(p, true, &begin, &end);
}

/* ---- the text ---- */

static void
print_text(const struct printer *p, const struct lists *l, bool invert, const char *name, struct strbuf *out)
{
	uint64_t used = 0;

	for (size_t i = 0; i < l->n; i++)
		used |= l->set[i];
	for (size_t i = 0; i < p->nprimitives; i++) {
		bool matched = false;

		for (size_t k = 0; k < p->nmatches; k++)
			matched |= p->match[k].primitive == i && (used >> k & 1) != 0;
		if (matched)
			strbuf_addf(out, "filter-primitive %s-%zu\n  type %s\n%s", p->primitive[i].type, i + 1,
			    p->primitive[i].type, p->primitive[i].rules);
	}
	strbuf_addf(out, "filter-definition %s\n", name);
	for (size_t i = 0; i < l->n && used != 0; i++) {
		if (i > 0)
			strbuf_adds(out, "  or\n");
		for (size_t k = 0; k < p->nmatches; k++)
			if (l->set[i] >> k & 1)
				strbuf_addf(out, "  match %s %s-%zu\n", p->match[k].what,
				    p->primitive[p->match[k].primitive].type, p->match[k].primitive + 1);
	}
	/* No match lets nothing through. */
	if (invert != (l->n != 0 && used == 0))
		strbuf_adds(out, "  invert\n");
}

int
filter_print_flowtools(const struct filter *f, const struct filter_flowtools *ft, struct arena *a, struct strbuf *out,
    const char **why)
{
	struct printer *p = NULL;
	struct lists l = { NULL, 0 };
	bool invert = false;

	/* What is too much as it is may be little when all of it is negated. */
	for (int i = 0; i < 2; i++) {
		struct lists times;

		p = arena_alloc(a, sizeof(*p));
		p->arena = a;
		p->lacks = ft->lacks;
		invert = i == 1;
		l = print_node(p, f->tree, invert);
		if (!invert) {
			times = print_times(p, ft->from_msec, ft->to_msec);
			l = lists_join(p, true, &l, &times);
		}
		if (!p->many || ft->from_msec != INT64_MIN || ft->to_msec != INT64_MAX)
			break;
	}
	if (p->why == NULL && p->many)
		p->why = "The filter has more tests or alternatives than a definition of flow-nfilter can sensibly have.";
	if (p->why == NULL)
		print_text(p, &l, invert, ft->name, out);
	*why = p->why;
	return p->why == NULL ? 0 : -1;
}
