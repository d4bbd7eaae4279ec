#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "query/filter_private.h"

#define WORD_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:.-+/@"

/* Longest first. */
static const struct {
	const char *text;
	enum token_kind kind;
	enum filter_compare compare;
} signs[] = {
	{ "&&", T_AND, 0 }, { "||", T_OR, 0 }, { "==", T_COMPARE, CMP_EQ }, { ">=", T_COMPARE, CMP_GE },
	{ "<=", T_COMPARE, CMP_LE }, { "=", T_COMPARE, CMP_EQ }, { ">", T_COMPARE, CMP_GT },
	{ "<", T_COMPARE, CMP_LT }, { "!", T_NOT, 0 }, { "(", T_OPEN, 0 }, { ")", T_CLOSE, 0 },
	{ "[", T_LIST, 0 }, { "]", T_LIST_END, 0 }, { ",", T_COMMA, 0 },
}, named[] = {
	{ "and", T_AND, 0 }, { "or", T_OR, 0 }, { "not", T_NOT, 0 }, { "eq", T_COMPARE, CMP_EQ },
	{ "gt", T_COMPARE, CMP_GT }, { "lt", T_COMPARE, CMP_LT }, { "ge", T_COMPARE, CMP_GE },
	{ "le", T_COMPARE, CMP_LE },
};

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))

struct scanner {
	const char *text, *p;
	struct arena *arena;
	struct err *err;
	struct token *tokens;
	size_t n, room;
};

bool
filter_in_word(char c)
{
	return c != '\0' && strchr(WORD_CHARS, c) != NULL;
}

int
filter_error(const char *filter, size_t offset, struct err *e, const char *fmt, ...)
{
	char what[900];
	size_t line = 1, column = 1;
	va_list ap;

	for (size_t i = 0; i < offset; i++) {
		if (filter[i] == '\n') {
			line++;
			column = 1;
		} else if ((filter[i] & 0xc0) != 0x80) {
			column++;	/* a character of UTF-8, not a byte */
		}
	}
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	/* A quoted text may hold line ends; an error is one line. */
	for (char *c = what; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return err_set(e, ERR_INPUT, "filter, line %zu, column %zu: %s", line, column, what);
}

static struct token *
add(struct scanner *s, enum token_kind kind, const char *text, size_t len)
{
	struct token *t;

	if (s->n == s->room) {
		s->room = s->room == 0 ? 32 : 2 * s->room;
		t = arena_array(s->arena, s->room, sizeof(*t));
		if (s->n != 0)
			memcpy(t, s->tokens, s->n * sizeof(*t));
		s->tokens = t;
	}
	t = &s->tokens[s->n++];
	t->kind = kind;
	t->offset = s->p - s->text;
	t->text = arena_strndup(s->arena, text, len);
	return t;
}

static void
skip_blanks(struct scanner *s)
{
	for (;;) {
		s->p += strspn(s->p, " \t\r\n\f\v");
		if (*s->p != '#')
			return;
		s->p += strcspn(s->p, "\n");
	}
}

static bool
scan_sign(struct scanner *s)
{
	for (size_t i = 0; i < NELEM(signs); i++) {
		size_t len = strlen(signs[i].text);

		if (strncmp(s->p, signs[i].text, len) == 0) {
			add(s, signs[i].kind, s->p, len)->compare = signs[i].compare;
			s->p += len;
			return true;
		}
	}
	return false;
}

static bool
scan_word(struct scanner *s)
{
	size_t len = strspn(s->p, WORD_CHARS);
	struct token *t;

	if (len == 0)
		return false;
	t = add(s, T_WORD, s->p, len);
	for (size_t i = 0; i < NELEM(named); i++)
		if (strcasecmp(t->text, named[i].text) == 0) {
			t->kind = named[i].kind;
			t->compare = named[i].compare;
		}
	s->p += len;
	return true;
}

static int
scan_quoted(struct scanner *s)
{
	const char *end = strchr(s->p + 1, *s->p);

	if (end == NULL)
		return filter_error(s->text, s->p - s->text, s->err, "expected a closing %c after this one", *s->p);
	add(s, T_QUOTED, s->p + 1, end - s->p - 1);
	s->p = end + 1;
	return 0;
}

static int
scan_one(struct scanner *s)
{
	size_t len;

	if (*s->p == '\'' || *s->p == '"')
		return scan_quoted(s);
	if (*s->p == '%' && (len = strspn(s->p + 1, WORD_CHARS)) != 0) {
		add(s, T_LABEL, s->p + 1, len);
		s->p += len + 1;
		return 0;
	}
	if (scan_sign(s) || scan_word(s))
		return 0;
	for (len = 1; (s->p[len] & 0xc0) == 0x80; len++)
		;
	return filter_error(s->text, s->p - s->text, s->err,
	    (unsigned char)*s->p >= ' ' ? "expected a word, a sign or a quoted text, not \"%.*s\"" :
	    "expected a word, a sign or a quoted text, not a control character", (int)len, s->p);
}

struct token *
filter_scan(const char *text, struct arena *a, struct err *e)
{
	struct scanner s = { .text = text, .p = text, .arena = a, .err = e };

	for (skip_blanks(&s); *s.p != '\0'; skip_blanks(&s)) {
		if (scan_one(&s) == -1)
			return NULL;
		s.tokens[s.n - 1].end = s.p - s.text;
	}
	add(&s, T_END, "", 0);
	return s.tokens;
}
