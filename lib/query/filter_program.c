#include <stdlib.h>
#include <string.h>

#include "query/filter_private.h"

/* As in filter_leaf.c. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

/*
 * A program works on a stack of columns of 0s and 1s, one per level; level 0 is
 * the caller's.  A side that decides the whole (none matches of an `and`, all
 * of an `or`) jumps over the others.
 */
enum step_op {
	STEP_LEAF,		/* level = leaf */
	STEP_NOT,		/* level = not level */
	STEP_AND, STEP_OR,	/* level = level op level + 1 */
	STEP_IF_NONE, STEP_IF_ALL,	/* when none, or all, of level are 1: go on at target */
};

struct step {
	enum step_op op;
	unsigned level;
	size_t target;
	const struct leaf *leaf;
};

struct filter_scratch {
	uint8_t *columns;
};

/* What tests become: leaves and operators. */
struct piece {
	enum node_kind kind;		/* NODE_TEST is a leaf */
	const struct leaf *leaf;
	struct piece *child, *next;
};

struct builder {
	struct filter *filter;
	struct arena *arena;
	size_t room;
};

static struct piece *
piece_new(struct arena *a, enum node_kind kind, const struct leaf *leaf)
{
	struct piece *p = arena_alloc(a, sizeof(*p));

	p->kind = kind;
	p->leaf = leaf;
	return p;
}

/* a op b; either may be NULL. */
static struct piece *
piece_join(struct arena *a, enum node_kind kind, struct piece *one, struct piece *other)
{
	struct piece *p;

	if (one == NULL || other == NULL)
		return one != NULL ? one : other;
	p = piece_new(a, kind, NULL);
	p->child = one;
	one->next = other;
	return p;
}

/* The test on any of these columns of its word. */
static struct piece *
piece_columns(const struct filter_test *t, unsigned columns, struct arena *a)
{
	struct piece *p = NULL, **last = &p;

	for (int i = 0; i < 4; i++) {
		enum field f = t->word->columns[i].field + t->index;

		if ((columns >> i & 1) == 0)
			continue;
		*last = piece_new(a, NODE_TEST, leaf_new(t, f, a));
		last = &(*last)->next;
	}
	if (p != NULL && p->next != NULL) {
		struct piece *any = piece_new(a, NODE_OR, NULL);

		any->child = p;
		p = any;
	}
	return p;
}

static struct piece *
piece_byte(enum field f, uint8_t value, struct arena *a)
{
	return piece_new(a, NODE_TEST, leaf_byte(f, value, a));
}

/* What the word says beside its test; NULL for nothing. */
static struct piece *
piece_implied(const struct filter_word *w, struct arena *a)
{
	if (w->flags & WORD_TCP)
		return piece_byte(F_PROTO, 6, a);
	if (w->flags & WORD_DENIED)
		return piece_byte(F_EVENT, 3, a);
	if (w->flags & WORD_ICMP)
		return piece_join(a, NODE_OR, piece_byte(F_PROTO, 1, a), piece_byte(F_PROTO, 58, a));
	return NULL;
}

static struct piece *
piece_test(const struct filter_test *t, struct arena *a)
{
	struct piece *p;

	if (t->word->columns[0].dir == 0)
		p = piece_new(a, NODE_TEST, leaf_new(t, F_COUNT, a));
	else if (t->both)
		p = piece_join(a, NODE_AND, piece_columns(t, filter_columns(t->word, t->dir & ~DIR_DST), a),
		    piece_columns(t, filter_columns(t->word, t->dir & ~DIR_SRC), a));
	else
		p = piece_columns(t, filter_columns(t->word, t->dir), a);
	return piece_join(a, NODE_AND, piece_implied(t->word, a), p);
}

static struct piece *
piece_node(const struct filter_node *n, struct arena *a)
{
	struct piece *p, **last;

	if (n->kind == NODE_TEST)
		return piece_test(n->test, a);
	p = piece_new(a, n->kind, NULL);
	last = &p->child;
	for (const struct filter_node *c = n->child; c != NULL; c = c->next) {
		*last = piece_node(c, a);
		last = &(*last)->next;
	}
	return p;
}

/* ---- steps ---- */

static size_t
add_step(struct builder *b, enum step_op op, unsigned level, const struct leaf *leaf)
{
	struct filter *f = b->filter;

	if (f->n == b->room) {
		struct step *more;

		b->room = b->room == 0 ? 16 : 2 * b->room;
		more = arena_array(b->arena, b->room, sizeof(*more));
		if (f->n != 0)
			memcpy(more, f->steps, f->n * sizeof(*more));
		f->steps = more;
	}
	f->steps[f->n] = (struct step){ .op = op, .level = level, .leaf = leaf };
	if (level + 1 > f->levels)
		f->levels = level + 1;
	return f->n++;
}

static void
add_steps(struct builder *b, const struct piece *p, unsigned level)
{
	struct filter *f = b->filter;
	size_t first_jump = SIZE_MAX;

	if (p->kind == NODE_TEST) {
		leaf_fields(p->leaf, &f->fields);
		add_step(b, STEP_LEAF, level, p->leaf);
		return;
	}
	add_steps(b, p->child, level);
	if (p->kind == NODE_NOT)
		add_step(b, STEP_NOT, level, NULL);
	for (const struct piece *c = p->child->next; c != NULL; c = c->next) {
		size_t jump = add_step(b, p->kind == NODE_AND ? STEP_IF_NONE : STEP_IF_ALL, level, NULL);

		f->steps[jump].target = first_jump;	/* a chain, resolved below */
		first_jump = jump;
		add_steps(b, c, level + 1);
		add_step(b, p->kind == NODE_AND ? STEP_AND : STEP_OR, level, NULL);
	}
	while (first_jump != SIZE_MAX) {
		size_t jump = first_jump;

		first_jump = f->steps[jump].target;
		f->steps[jump].target = f->n;
	}
}

void
filter_program(struct filter *f, struct arena *a)
{
	struct builder b = { .filter = f, .arena = a };

	add_steps(&b, piece_node(f->tree, a), 0);
}

struct filter *
filter_compile(const char *text, struct arena *a, struct err *e)
{
	struct filter *f = arena_alloc(a, sizeof(*f));

	f->tree = filter_parse(text != NULL ? text : "", a, e);
	if (f->tree == NULL)
		return NULL;
	filter_program(f, a);
	return f;
}

struct filter *
filter_both(const struct filter *one, const struct filter *other, struct arena *a)
{
	struct filter *f = arena_alloc(a, sizeof(*f));
	struct filter_node *both = arena_alloc(a, sizeof(*both)), *sides = arena_array(a, 2, sizeof(*sides));

	sides[0] = *one->tree;
	sides[1] = *other->tree;
	sides[0].next = &sides[1];
	sides[1].next = NULL;
	both->kind = NODE_AND;
	both->child = sides;
	f->tree = both;
	filter_program(f, a);
	return f;
}

void
filter_fields(const struct filter *f, struct fieldset *set)
{
	fieldset_join(set, &f->fields);
}

bool
filter_is_any(const struct filter *f)
{
	return f->tree->kind == NODE_TEST && f->tree->test->word->how == HOW_ANY;
}

static bool
node_counts(const struct filter_node *node)
{
	if (node->kind == NODE_TEST)
		return node->test->word->how == HOW_COUNT;
	for (const struct filter_node *child = node->child; child != NULL; child = child->next)
		if (node_counts(child))
			return true;
	return false;
}

bool
filter_counts(const struct filter *f)
{
	return node_counts(f->tree);
}

/* ---- run ---- */

struct filter_scratch *
filter_scratch(const struct filter *f, struct arena *a)
{
	struct filter_scratch *s = arena_alloc(a, sizeof(*s));

	s->columns = arena_array(a, f->levels, BATCH_MAX);	/* level 0 is the caller's */
	return s;
}

static size_t
ones(const uint8_t *column, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += column[i];
	return sum;
}

static void
combine(enum step_op op, uint8_t *restrict to, const uint8_t *restrict from, size_t n)
{
	if (op == STEP_AND)
		for (size_t i = 0; i < n; i++)
			to[i] &= from[i];
	else
		for (size_t i = 0; i < n; i++)
			to[i] |= from[i];
}

size_t
filter_run(const struct filter *f, struct filter_scratch *scratch, const struct batch *b, uint8_t *sel)
{
	for (size_t at = 0; at < f->n; at++) {
		const struct step *s = &f->steps[at];
		uint8_t *column = s->level == 0 ? sel : scratch->columns + s->level * BATCH_MAX;

		switch (s->op) {
		case STEP_LEAF:
			leaf_eval(s->leaf, b, column);
			break;
		case STEP_NOT:
			for (size_t i = 0; i < b->n; i++)
				column[i] ^= 1;
			break;
		case STEP_AND:
		case STEP_OR:
			combine(s->op, column, scratch->columns + (s->level + 1) * BATCH_MAX, b->n);
			break;
		case STEP_IF_NONE:
		case STEP_IF_ALL:
			if (ones(column, b->n) == (s->op == STEP_IF_ALL ? b->n : 0))
				at = s->target - 1;
			break;
		}
	}
	return ones(sel, b->n);
}

/* Each level's share of the block; what is beyond these levels is taken for possible. */
#define SHARES	32

bool
filter_may_match(const struct filter *f, const struct block_ranges *ranges)
{
	enum share share[SHARES + 1];

	if (f->levels > SHARES)
		return true;
	for (size_t at = 0; at < f->n; at++) {
		const struct step *s = &f->steps[at];
		enum share *mine = &share[s->level], *other = mine + 1;

		if (s->op == STEP_LEAF)
			*mine = leaf_share(s->leaf, ranges);
		else if (s->op == STEP_NOT)
			*mine = SHARE_ALL - *mine;
		else if (s->op == STEP_AND)
			*mine = *mine < *other ? *mine : *other;
		else if (s->op == STEP_OR)
			*mine = *mine > *other ? *mine : *other;
	}
	return share[0] != SHARE_NONE;
}
