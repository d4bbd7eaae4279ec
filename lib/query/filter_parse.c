#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "query/filter_private.h"

#define DEPTH_MAX	200	/* of parentheses and nots: recursion stays bounded */
#define SIDES		(DIR_SRC | DIR_DST)

static struct filter_node *parse_or(struct parser *);

static bool
is_word(const struct token *t, const char *word)
{
	return t->kind == T_WORD && strcasecmp(t->text, word) == 0;
}

/* ---- tree ---- */

static struct filter_node *
node_new(struct parser *p, enum node_kind kind, struct filter_node *child)
{
	struct filter_node *n = arena_alloc(p->arena, sizeof(*n));

	n->kind = kind;
	n->child = child;
	return n;
}

/* ---- words ---- */

static const char *
next_spelling(const char *s)
{
	s += strcspn(s, ",");
	return *s == ',' ? s + 2 : NULL;
}

/*
 * How many tokens the spelling matches, and whether it is all of it; *index
 * from a spelling that ends in N.  *next is the word after the matching ones.
 */
static size_t
match_spelling(const struct token *t, const char *s, bool *whole, uint8_t *index, struct filter_value *next)
{
	size_t n = 0, len = strcspn(s, ",");

	*whole = false;
	while (len != 0) {
		const char *blank = memchr(s, ' ', len);
		size_t word = blank != NULL ? (size_t)(blank - s) : len;
		bool numbered = s[word - 1] == 'N';

		next->text = s;
		next->number = word;
		if (t[n].kind != T_WORD || strncasecmp(t[n].text, s, word - numbered) != 0)
			return n;
		if (numbered) {
			char *end;
			unsigned long i = strtoul(t[n].text + word - 1, &end, 10);

			if (t[n].text[word - 1] < '1' || t[n].text[word - 1] > '9' || *end != '\0' || i > 10)
				return n;
			*index = i - 1;
		} else if (t[n].text[word] != '\0') {
			return n;
		}
		n++;
		len -= blank != NULL ? word + 1 : word;
		s += word + 1;
	}
	*whole = true;
	return n;
}

size_t
filter_spelling(const struct token *t, const char *spelling, const char **rest, size_t *len)
{
	struct filter_value next = { 0 };
	uint8_t index;
	bool whole;
	size_t n = match_spelling(t, spelling, &whole, &index, &next);

	*rest = whole ? "" : next.text;
	*len = whole ? 0 : strcspn(next.text, ",");
	return n;
}

/* At the end of the text: what would come now. */
static void
expect(struct parser *p, const struct token *t, enum expecting what)
{
	if (p->expected == NULL || t->kind != T_END)
		return;
	p->expected->what = what;
	p->expected->begin = p->t;
	p->expected->n = (size_t)(t - p->t);
}

/* What could have followed the first n tokens: "a", "b" or "c" (the N of a numbered word as 1). */
static void
expected_next(const struct parser *p, size_t n)
{
	struct filter_value seen[16], next;
	struct strbuf list = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < filter_words_n && count < 16; i++) {
		for (const char *s = filter_words[i].words; s != NULL; s = next_spelling(s)) {
			uint8_t index;
			bool whole, known = false;

			if (match_spelling(p->t, s, &whole, &index, &next) != n || whole)
				continue;
			for (size_t j = 0; j < count; j++)
				known = known || (seen[j].number == next.number &&
				    memcmp(seen[j].text, next.text, next.number) == 0);
			if (!known && count < 16)
				seen[count++] = next;
		}
	}
	for (size_t i = 0; i < count; i++) {
		bool numbered = seen[i].text[seen[i].number - 1] == 'N';

		strbuf_addf(&list, "%s\"%.*s%s\"", i == 0 ? "" : i + 1 == count ? " or " : ", ",
		    (int)seen[i].number - numbered, seen[i].text, numbered ? "1" : "");
	}
	filter_expected(p, p->t + n, strbuf_text(&list));
	strbuf_free(&list);
}

static bool
argument_follows(const struct token *t)
{
	return t->kind == T_WORD || t->kind == T_QUOTED || t->kind == T_COMPARE;
}

/* The row whose spelling matches most tokens, which are taken. */
static const struct filter_word *
parse_word(struct parser *p, uint8_t *index)
{
	const struct filter_word *best = NULL;
	size_t taken = 0, partly = 0;

	for (size_t i = 0; i < filter_words_n; i++) {
		for (const char *s = filter_words[i].words; s != NULL; s = next_spelling(s)) {
			struct filter_value next;
			uint8_t found = 0;
			bool whole;
			size_t n = match_spelling(p->t, s, &whole, &found, &next);

			/* "asa event denied" alone is an event, "asa event denied ingress" a denial. */
			if (whole && taken != 0 && filter_words[i].arg != ARG_NONE && !argument_follows(&p->t[n]))
				continue;
			if (whole && n > taken) {
				best = &filter_words[i];
				taken = n;
				*index = found;
			}
			if (n > partly)
				partly = n;
		}
	}
	expect(p, p->t + partly, partly == 0 ? EXPECT_TEST : EXPECT_REST);
	if (best != NULL)
		p->t += taken;
	else if (partly == 0)
		filter_expected(p, p->t, "a test such as \"port 53\" or \"src ip 192.0.2.1\"");
	else
		expected_next(p, partly);
	return best;
}

/* ---- qualifiers ---- */

static const struct { const char *word; uint8_t dir; } qualifiers[] = {
	{ "src", DIR_SRC }, { "dst", DIR_DST }, { "in", DIR_IN }, { "out", DIR_OUT },
};

static uint8_t
qualifier(const struct token *t)
{
	for (size_t i = 0; i < 4; i++)
		if (is_word(t, qualifiers[i].word))
			return qualifiers[i].dir;
	return 0;
}

/* "src", "in dst", "src or dst", "dst and src"; nothing is fine too. */
static int
parse_qualifiers(struct parser *p, uint8_t *dir, bool *both)
{
	uint8_t q;

	for (*dir = 0; (q = qualifier(p->t)) != 0; p->t++) {
		uint8_t other = q == DIR_SRC ? DIR_DST : q == DIR_DST ? DIR_SRC : 0;

		if ((q & (DIR_SRC | DIR_DST) ? *dir & (DIR_SRC | DIR_DST) : *dir & (DIR_IN | DIR_OUT)) != 0)
			return filter_expected(p, p->t, "a word such as \"port\" or \"ip\"");
		*dir |= q;
		if (other == 0 || (p->t[1].kind != T_AND && p->t[1].kind != T_OR))
			continue;
		if (p->expected != NULL)
			p->expected->dir = other;
		expect(p, &p->t[2], EXPECT_SIDE);
		if (qualifier(&p->t[2]) != other)
			return filter_expected(p, &p->t[2], q == DIR_SRC ? "\"dst\"" : "\"src\"");
		*both = p->t[1].kind == T_AND;
		*dir |= other;
		p->t += 2;
	}
	return 0;
}

unsigned
filter_columns(const struct filter_word *w, uint8_t dir)
{
	unsigned set = 0;

	if (dir == 0)
		dir = w->standard;
	if ((dir & SIDES) == SIDES)
		return filter_columns(w, dir & ~DIR_DST) | filter_columns(w, dir & ~DIR_SRC);
	for (int i = 0; i < 4 && w->columns[i].dir != 0; i++)
		if ((w->columns[i].dir & dir) == dir)
			set |= 1u << i;
	return set;
}

/*
 * Checks that the word takes the qualifiers, and leaves out those that change
 * nothing, so that each test has one form.
 */
static int
settle_qualifiers(struct parser *p, const struct token *at, struct filter_test *test, uint8_t dir)
{
	const struct filter_word *w = test->word;
	unsigned columns = filter_columns(w, dir), one = 0, other = 0;
	char what[160];

	if ((dir & SIDES) == SIDES) {
		one = filter_columns(w, dir & ~DIR_DST);
		other = filter_columns(w, dir & ~DIR_SRC);
		if (one == 0 || other == 0)
			columns = 0;
		if (one == other)
			test->both = false;
	}
	if (dir != 0 && columns == 0) {
		if (w->qualifiers[0] == '\0')
			snprintf(what, sizeof(what), "\"%.60s\" without a qualifier", w->words);
		else
			snprintf(what, sizeof(what), "one of \"%s\" before \"%.60s\"", w->qualifiers, w->words);
		return filter_expected(p, at, what);
	}
	test->dir = test->both || columns != filter_columns(w, 0) ? dir : 0;
	return 0;
}

/* ---- tests ---- */

static void
expect_value(struct parser *p, const struct filter_word *w, bool compared, bool list)
{
	if (p->expected == NULL || p->t->kind != T_END)
		return;
	/* A longer spelling that begins the same may also be meant: begin and n stay. */
	p->expected->what = EXPECT_VALUE;
	p->expected->word = w;
	p->expected->compared = compared;
	p->expected->list = list;
}

static int
parse_list(struct parser *p, struct filter_test *test)
{
	size_t room = 0;

	if (p->t->kind != T_LIST)
		return filter_expected(p, p->t, "\"[\"");
	p->t++;
	do {
		expect_value(p, test->word, true, true);
		if (test->n == room) {
			struct filter_value *more;

			room = room == 0 ? 16 : 2 * room;
			more = arena_array(p->arena, room, sizeof(*more));
			if (test->n != 0)
				memcpy(more, test->values, test->n * sizeof(*more));
			test->values = more;
		}
		if (filter_value[test->word->arg](p, test, &test->values[test->n]) == -1)
			return -1;
		test->n++;
		if (p->t->kind == T_COMMA)
			p->t++;
	} while (p->t->kind != T_LIST_END);
	p->t++;
	return 0;
}

static int
parse_argument(struct parser *p, struct filter_test *test)
{
	const struct filter_word *w = test->word;

	if (w->arg == ARG_NONE)
		return 0;
	expect_value(p, w, false, false);
	/* India is also "in". */
	if ((w->flags & WORD_LIST) != 0 && is_word(p->t, "in") && (w->arg != ARG_COUNTRY || p->t[1].kind == T_LIST)) {
		p->t++;
		test->list = true;
		return parse_list(p, test);
	}
	if (p->t->kind == T_COMPARE && (w->arg != ARG_COUNTRY || !filter_is_country(p->t))) {
		if (p->t->compare != CMP_EQ && (w->flags & WORD_COMPARE) == 0)
			return filter_expected(p, p->t, "\"=\" or the value itself");
		test->compare = p->t->compare;
		test->compared = true;
		p->t++;
		expect_value(p, w, true, false);
	}
	if (w->arg == ARG_ADDR) {
		int found = filter_resolve(p, test);

		if (found != 0)
			return found == 1 ? 0 : -1;
	}
	test->n = 1;
	test->values = arena_alloc(p->arena, sizeof(*test->values));
	return filter_value[w->arg](p, test, test->values);
}

static struct filter_node *
parse_test(struct parser *p)
{
	struct filter_node *node = node_new(p, NODE_TEST, NULL);
	struct filter_test *test = node->test = arena_alloc(p->arena, sizeof(*test));
	const struct token *at = p->t, *word;
	const char *why;
	uint8_t dir;

	if (parse_qualifiers(p, &dir, &test->both) == -1)
		return NULL;
	word = p->t;
	if (p->expected != NULL)
		p->expected->dir = dir;
	if ((test->word = parse_word(p, &test->index)) == NULL)
		return NULL;
	if ((why = filter_refused(test->word)) != NULL) {
		filter_error(p->text, word->offset, p->err, "%s", why);
		return NULL;
	}
	if (settle_qualifiers(p, at, test, dir) == -1 || parse_argument(p, test) == -1)
		return NULL;
	return node;
}

/* ---- expressions ---- */

static struct filter_node *
parse_group(struct parser *p)
{
	struct filter_node *n;

	if (p->t->kind != T_OPEN) {
		filter_expected(p, p->t, "\"(\"");
		return NULL;
	}
	p->t++;
	if ((n = parse_or(p)) == NULL)
		return NULL;
	if (p->expected != NULL && p->t->kind == T_END)
		*p->expected = (struct expected){ .what = EXPECT_JOIN, .closes = true };
	if (p->t->kind != T_CLOSE) {
		filter_expected(p, p->t, "\"and\", \"or\" or \")\"");
		return NULL;
	}
	p->t++;
	return n;
}

/* A label names a part of the filter in nfdump's output; it has no meaning for what matches. */
static struct filter_node *
parse_labelled(struct parser *p)
{
	struct filter_node *n;

	if (p->t->kind == T_LABEL) {
		p->t++;
		return parse_group(p);
	}
	n = p->t->kind == T_OPEN ? parse_group(p) : parse_test(p);
	if (n != NULL && p->t->kind == T_LABEL)
		p->t++;
	return n;
}

static struct filter_node *
parse_not(struct parser *p)
{
	struct filter_node *n;

	if (p->depth == DEPTH_MAX) {
		filter_error(p->text, p->t->offset, p->err, "expected no more than %d levels of parentheses and nots",
		    DEPTH_MAX);
		return NULL;
	}
	p->depth++;
	if (p->t->kind == T_NOT) {
		p->t++;
		n = parse_not(p);
		if (n != NULL)
			n = n->kind == NODE_NOT ? n->child : node_new(p, NODE_NOT, n);
	} else {
		n = parse_labelled(p);
	}
	p->depth--;
	return n;
}

/* Operands of one kind of operator become the children of one node. */
static struct filter_node *
parse_chain(struct parser *p, enum token_kind operator, enum node_kind kind,
    struct filter_node *(*operand)(struct parser *))
{
	struct filter_node *first = operand(p), *parent = NULL, **last;

	if (first == NULL || p->t->kind != operator)
		return first;
	parent = node_new(p, kind, NULL);
	last = &parent->child;
	for (struct filter_node *n = first;; n = operand(p)) {
		if (n == NULL)
			return NULL;
		/* (a and b) and c is a and b and c. */
		*last = n->kind == kind ? n->child : n;
		while (*last != NULL)
			last = &(*last)->next;
		if (p->t->kind != operator)
			return parent;
		p->t++;
	}
}

static struct filter_node *
parse_and(struct parser *p)
{
	return parse_chain(p, T_AND, NODE_AND, parse_not);
}

static struct filter_node *
parse_or(struct parser *p)
{
	return parse_chain(p, T_OR, NODE_OR, parse_and);
}

struct filter_node *
filter_parse(const char *text, struct arena *a, struct err *e)
{
	struct parser p = { .text = text, .arena = a, .err = e };
	struct filter_node *n;

	if ((p.t = filter_scan(text, a, e)) == NULL)
		return NULL;
	if (p.t->kind == T_END)
		p.t = filter_scan("any", a, e);
	n = parse_or(&p);
	if (n != NULL && p.t->kind != T_END) {
		filter_expected(&p, p.t, "\"and\", \"or\" or the end");
		return NULL;
	}
	return n;
}

const struct token *
filter_term_end(const char *text, const struct token *t, struct arena *a)
{
	struct err ignored;
	struct parser p = { .text = text, .t = t, .arena = a, .err = &ignored };

	parse_not(&p);
	return p.t;
}

bool
filter_expects(const char *text, struct arena *a, struct expected *expected)
{
	struct err e;
	struct parser p = { .text = text, .arena = a, .err = &e, .expected = expected };
	struct filter_node *n;

	*expected = (struct expected){ .what = EXPECT_TEST };
	if ((p.t = filter_scan(text, a, &e)) == NULL)
		return false;
	if (p.t->kind == T_END)
		return true;
	n = parse_or(&p);
	if (n != NULL)
		*expected = (struct expected){ .what = EXPECT_JOIN };
	return n != NULL ? p.t->kind == T_END : expected->begin != NULL || p.t->kind == T_END;
}
