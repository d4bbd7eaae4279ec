/*
 * Regular expressions on payload bytes.  The pattern comes from a web form, so
 * the engine is one that cannot blow up: all states are followed at once, and a
 * pattern has at most INSTS_MAX of them, repetitions counted out.
 */
#include <string.h>

#include "query/filter_private.h"

#define INSTS_MAX	500
#define DEPTH_MAX	50

enum op { OP_SET, OP_SPLIT, OP_JUMP, OP_BEGIN, OP_END, OP_MATCH };

/* Targets are relative, so that a piece of program can be moved and copied. */
struct inst {
	enum op op;
	int16_t x, y;
	uint16_t set;
};

struct set { uint8_t bit[32]; };

struct regex {
	struct inst inst[INSTS_MAX];
	struct set set[INSTS_MAX];
	int n, sets;
	bool lines;			/* ^ and $ also match at line ends */
};

struct compiler {
	struct regex *re;
	const char *p, *why;
	bool fold, dotall;
	int depth;
};

static bool	compile_alternatives(struct compiler *);

static bool
fail(struct compiler *c, const char *why)
{
	if (c->why == NULL)
		c->why = why;
	return false;
}

static void
set_add(struct set *s, unsigned char byte)
{
	s->bit[byte >> 3] |= 1u << (byte & 7);
}

static bool
set_has(const struct set *s, unsigned char byte)
{
	return s->bit[byte >> 3] >> (byte & 7) & 1;
}

static void
set_invert(struct set *s)
{
	for (int i = 0; i < 32; i++)
		s->bit[i] = ~s->bit[i];
}

/* Makes room for n instructions at place `at`. */
static bool
insert(struct compiler *c, int at, int n)
{
	struct regex *re = c->re;

	if (re->n + n > INSTS_MAX - 1)
		return fail(c, "this one is too long");
	memmove(&re->inst[at + n], &re->inst[at], (re->n - at) * sizeof(re->inst[0]));
	re->n += n;
	return true;
}

static bool
emit(struct compiler *c, enum op op, int x, int y)
{
	if (!insert(c, c->re->n, 1))
		return false;
	c->re->inst[c->re->n - 1] = (struct inst){ .op = op, .x = x, .y = y };
	return true;
}

static bool
emit_set(struct compiler *c, struct set *s)
{
	struct regex *re = c->re;

	if (re->sets == INSTS_MAX || !emit(c, OP_SET, 1, 0))
		return fail(c, "this one is too long");
	for (int b = 'a'; c->fold && b <= 'z'; b++)
		if (set_has(s, b) || set_has(s, b - 32)) {
			set_add(s, b);
			set_add(s, b - 32);
		}
	re->set[re->sets] = *s;
	re->inst[re->n - 1].set = re->sets++;
	return true;
}

static int
hex(char ch)
{
	const char *digits = "0123456789abcdef", *d = strchr(digits, ch | (ch >= 'A' ? 32 : 0));

	return ch != '\0' && d != NULL ? (int)(d - digits) : -1;
}

/* What stands after a backslash, added to the set; *byte is it when it is one, else -1. */
static bool
escape(struct compiler *c, struct set *s, int *byte)
{
	static const char *const classes[] = { "d0123456789", "s \t\n\r\f\v",
	    "w0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" };
	static const char controls[] = "n\nr\rt\tf\fv\v";
	struct set class = { { 0 } };
	char ch = *c->p++;
	const char *control;

	*byte = -1;
	if (ch == '\0')
		return c->p--, fail(c, "this one ends in a backslash");
	for (int i = 0; i < 3; i++) {
		if ((ch | 32) != classes[i][0])
			continue;
		for (const char *m = classes[i] + 1; *m != '\0'; m++)
			set_add(&class, *m);
		if (ch != classes[i][0])
			set_invert(&class);
		for (int b = 0; b < 32; b++)
			s->bit[b] |= class.bit[b];
		return true;
	}
	*byte = (unsigned char)ch;
	if (ch == 'x' && hex(c->p[0]) >= 0 && hex(c->p[1]) >= 0) {
		*byte = 16 * hex(c->p[0]) + hex(c->p[1]);
		c->p += 2;
	} else if ((control = strchr(controls, ch)) != NULL && (control - controls) % 2 == 0) {
		*byte = control[1];
	}
	set_add(s, *byte);
	return true;
}

/* [abc], [^a-z\d]; the bracket itself is behind. */
static bool
compile_class(struct compiler *c)
{
	struct set s = { { 0 } };
	bool invert = *c->p == '^', first = true;

	for (c->p += invert; *c->p != ']' || first; first = false) {
		int low = (unsigned char)*c->p++, high;

		if (low == '\0')
			return c->p--, fail(c, "this one has a [ without its ]");
		if (low == '\\' && !escape(c, &s, &low))
			return false;
		if (low == -1)
			continue;
		high = low;
		if (c->p[0] == '-' && c->p[1] != ']' && c->p[1] != '\0') {
			high = (unsigned char)c->p[1];
			c->p += 2;
			if (high == '\\' && !escape(c, &s, &high))
				return false;
		}
		if (high < low)
			return fail(c, "this one has a range that runs backwards");
		for (int b = low; b <= high; b++)
			set_add(&s, b);
	}
	c->p++;
	if (invert)
		set_invert(&s);
	return emit_set(c, &s);
}

static bool
compile_atom(struct compiler *c)
{
	struct set s = { { 0 } };
	char ch = *c->p++;
	int byte;

	switch (ch) {
	case '(':
		if (c->depth == DEPTH_MAX)
			return fail(c, "this one is nested too deep");
		c->depth++;
		if (!compile_alternatives(c))
			return false;
		c->depth--;
		if (*c->p++ != ')')
			return c->p--, fail(c, "this one has a ( without its )");
		return true;
	case '[':
		return compile_class(c);
	case '^':
		return emit(c, OP_BEGIN, 1, 0);
	case '$':
		return emit(c, OP_END, 1, 0);
	case '*': case '+': case '?': case '{':
		return fail(c, "this one repeats nothing");
	case '.':
		if (!c->dotall)
			set_add(&s, '\n');
		set_invert(&s);
		return emit_set(c, &s);
	case '\\':
		return escape(c, &s, &byte) && emit_set(c, &s);
	default:
		set_add(&s, ch);
		return emit_set(c, &s);
	}
}

/* {3}, {3,}, {3,5}: -1 as max is no end. */
static bool
read_bounds(struct compiler *c, int *min, int *max)
{
	int *n = min;

	*min = *max = 0;
	for (c->p++; *c->p != '}'; c->p++) {
		if (*c->p == ',' && n == min)
			n = max;
		else if (*c->p < '0' || *c->p > '9')
			return fail(c, "this one has a { without its }");
		else if ((*n = 10 * *n + (*c->p - '0')) > INSTS_MAX)
			return fail(c, "this one is too long");
	}
	if (n == min)
		*max = *min;
	else if (c->p[-1] == ',')
		*max = -1;
	c->p++;
	return *max == -1 || *max >= *min || fail(c, "this one has a range that runs backwards");
}

/* Appends a copy of the piece, optional (a split before it) or not. */
static bool
append(struct compiler *c, const struct inst *piece, int len, bool optional)
{
	if (optional && !emit(c, OP_SPLIT, 1, len + 1))
		return false;
	if (!insert(c, c->re->n, len))
		return false;
	memcpy(&c->re->inst[c->re->n - len], piece, len * sizeof(*piece));
	return true;
}

/* The piece from `start` on, min to max times. */
static bool
repeat(struct compiler *c, int start, int min, int max)
{
	struct inst piece[INSTS_MAX];
	int len = c->re->n - start;

	memcpy(piece, &c->re->inst[start], len * sizeof(*piece));
	c->re->n = start;
	for (int i = 0; i < min; i++)
		if (!append(c, piece, len, false))
			return false;
	for (int i = min; i < max; i++)
		if (!append(c, piece, len, true))
			return false;
	if (max != -1)
		return true;
	return emit(c, OP_SPLIT, 1, len + 2) && append(c, piece, len, false) && emit(c, OP_JUMP, -len - 1, 0);
}

static bool
compile_sequence(struct compiler *c)
{
	while (*c->p != '\0' && *c->p != '|' && *c->p != ')') {
		int start = c->re->n, min = 1, max = 1;
		bool repeated;

		if (!compile_atom(c))
			return false;
		repeated = *c->p != '\0' && strchr("*+?{", *c->p) != NULL;
		if (repeated && *c->p == '{') {
			if (!read_bounds(c, &min, &max))
				return false;
		} else if (repeated) {
			min = *c->p == '+';
			max = *c->p == '?' ? 1 : -1;
			c->p++;
		}
		if (repeated && !repeat(c, start, min, max))
			return false;
		if (repeated && *c->p == '?')
			c->p++;		/* lazy: the same where only yes or no is asked */
	}
	return true;
}

static bool
compile_alternatives(struct compiler *c)
{
	int start = c->re->n, jump;

	if (!compile_sequence(c) || *c->p != '|')
		return c->why == NULL;
	c->p++;
	if (!insert(c, start, 1) || !emit(c, OP_JUMP, 0, 0))
		return false;
	jump = c->re->n - 1;
	c->re->inst[start] = (struct inst){ .op = OP_SPLIT, .x = 1, .y = c->re->n - start };
	if (!compile_alternatives(c))
		return false;
	c->re->inst[jump].x = c->re->n - jump;
	return true;
}

struct regex *
regex_compile(const char *pattern, const char *options, struct arena *a, const char **why)
{
	struct regex *re = arena_alloc(a, sizeof(*re));
	struct compiler c = { .re = re, .p = pattern };

	c.fold = strpbrk(options, "iI") != NULL;
	c.dotall = strpbrk(options, "sS") != NULL;
	re->lines = strpbrk(options, "mM") != NULL;
	if (compile_alternatives(&c) && *c.p == ')')
		fail(&c, "this one has a ) without its (");
	if (c.why != NULL) {
		*why = c.why;
		return NULL;
	}
	re->inst[re->n++] = (struct inst){ .op = OP_MATCH };
	return re;
}

/* ---- search ---- */

/* States that wait for a byte; seen[i] is the round in which state i was last added. */
struct states {
	int n;
	uint16_t at[INSTS_MAX];
};

struct search {
	const struct regex *re;
	const uint8_t *text;
	size_t len;
	uint32_t round;
	uint32_t seen[INSTS_MAX];
};

/* Does ^ or $ hold in front of byte i? */
static bool
holds(const struct search *s, enum op op, size_t i)
{
	if (op == OP_BEGIN)
		return i == 0 || (s->re->lines && s->text[i - 1] == '\n');
	return i == s->len || (s->re->lines && s->text[i] == '\n');
}

/* Adds the state and all that it leads to without a byte; true when that is a match. */
static bool
add_state(struct search *s, struct states *to, uint16_t state, size_t i)
{
	uint16_t stack[2 * INSTS_MAX];
	int top = 0;

	stack[top++] = state;
	while (top != 0) {
		uint16_t at = stack[--top];
		const struct inst *inst = &s->re->inst[at];

		if (s->seen[at] == s->round)
			continue;
		s->seen[at] = s->round;
		switch (inst->op) {
		case OP_MATCH:
			return true;
		case OP_SET:
			to->at[to->n++] = at;
			break;
		case OP_SPLIT:
			stack[top++] = at + inst->y;
			stack[top++] = at + inst->x;
			break;
		case OP_JUMP:
			stack[top++] = at + inst->x;
			break;
		default:
			if (holds(s, inst->op, i))
				stack[top++] = at + 1;
		}
	}
	return false;
}

bool
regex_search(const struct regex *re, const uint8_t *text, size_t len)
{
	struct search s = { .re = re, .text = text, .len = len, .round = 1 };
	struct states lists[2], *now = &lists[0], *next = &lists[1];

	now->n = 0;
	for (size_t i = 0;; i++) {
		struct states *swap;

		/* A match may begin at any byte. */
		if (add_state(&s, now, 0, i))
			return true;
		if (i == len)
			return false;
		s.round++;
		next->n = 0;
		for (int k = 0; k < now->n; k++) {
			const struct inst *inst = &re->inst[now->at[k]];

			if (set_has(&re->set[inst->set], text[i]) && add_state(&s, next, now->at[k] + 1, i + 1))
				return true;
		}
		swap = now;
		now = next;
		next = swap;
	}
}
