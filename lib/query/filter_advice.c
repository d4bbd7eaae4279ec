/*
 * Advice for somebody who types a filter: the parser runs up to the word being
 * typed, and says what it was about to read there.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "flow/names.h"
#include "query/filter_private.h"

#define WORDS_MAX	(sizeof(((struct filter_advice *)0)->words) / sizeof(((struct filter_advice *)0)->words[0]))

struct adviser {
	struct filter_advice *advice;
	struct arena *arena;
	const char *typed;		/* of the word at the place */
};

static void
offer(struct adviser *a, const char *word, size_t len, const char *meaning)
{
	struct filter_advice *v = a->advice;
	size_t typed = strlen(a->typed);

	if (v->n == WORDS_MAX || len < typed || strncasecmp(word, a->typed, typed) != 0)
		return;
	for (size_t i = 0; i < v->n; i++)
		if (strncmp(v->words[i].word, word, len) == 0 && v->words[i].word[len] == '\0')
			return;
	v->words[v->n].word = arena_strndup(a->arena, word, len);
	v->words[v->n++].meaning = meaning;
}

static void
offer_word(struct adviser *a, const char *word, const char *meaning)
{
	offer(a, word, strlen(word), meaning);
}

/* A spelling to its end, its N as 1. */
static void
offer_spelling(struct adviser *a, const char *s, size_t len, const char *meaning)
{
	if (s[len - 1] == 'N') {
		s = arena_printf(a->arena, "%.*s1", (int)len - 1, s);
		len = strlen(s);
	}
	offer(a, s, len, meaning);
}

static void
advise_tests(struct adviser *a, const struct expected *x)
{
	static const struct { const char *word, *meaning; } before[] = {
		{ "src", "of the source" }, { "dst", "of the destination" }, { "in", "on the way in" },
		{ "out", "on the way out" }, { "not", "flows that do not" }, { "(", "terms that belong together" } };

	for (size_t i = 0; x->dir == 0 && i < sizeof(before) / sizeof(before[0]); i++)
		offer_word(a, before[i].word, before[i].meaning);
	for (size_t i = 0; i < filter_words_n; i++) {
		const struct filter_word *w = &filter_words[i];

		if (filter_refused(w) == NULL && (x->dir == 0 || filter_columns(w, x->dir) != 0))
			offer_spelling(a, w->words, strcspn(w->words, ","), w->meaning);
	}
}

/* Words whose spellings begin with what is there, and go on. */
static void
advise_rest(struct adviser *a, const struct expected *x)
{
	for (size_t i = 0; x->begin != NULL && x->n > 0 && i < filter_words_n; i++) {
		const struct filter_word *w = &filter_words[i];

		for (const char *s = w->words; filter_refused(w) == NULL && s != NULL; ) {
			const char *rest;
			size_t len;

			if (filter_spelling(x->begin, s, &rest, &len) == x->n && len > 0)
				offer_spelling(a, rest, len, w->meaning);
			s += strcspn(s, ",");
			s = *s == ',' ? s + 2 : NULL;
		}
	}
}

static const char *
value_expected(const struct filter_word *w)
{
	static const char *const kinds[ARG_KINDS] = {
		[ARG_NUMBER] = "a number", [ARG_PROTO] = "a protocol: its name or number", [ARG_NAME] = "a name or number",
		[ARG_FLAGS] = "letters of CEUAPRSF", [ARG_ADDR] = "an address", [ARG_NET] = "a network: 10.0.0.0/8",
		[ARG_MAC] = "a MAC address", [ARG_TIME] = "a time: 2026-11-20T14:30", [ARG_TEXT] = "a text",
		[ARG_REGEX] = "a regular expression in quotes", [ARG_COUNTRY] = "a country: DE",
	};

	return w->expects != NULL ? w->expects : kinds[w->arg];
}

static void
advise_value(struct adviser *a, const struct expected *x)
{
	static const char *const comparators[] = { ">", "<", ">=", "<=", "=" };
	static const uint8_t protos[] = { 6, 17, 1, 58, 47, 50, 51, 89, 132, 2 };
	const struct filter_word *w = x->word;
	char name[NAME_STRLEN];

	a->advice->expects = value_expected(w);
	if ((w->flags & WORD_LIST) != 0 && !x->compared)
		offer_word(a, "in [", w->arg == ARG_COUNTRY ? "one of a list: in [DE FR]" : "one of a list: in [80 443]");
	for (size_t i = 0; (w->flags & WORD_COMPARE) != 0 && !x->compared && i < 5; i++)
		offer_word(a, comparators[i], NULL);
	for (size_t i = 0; w->arg == ARG_PROTO && i < sizeof(protos); i++) {
		snprintf(name, sizeof(name), "%s", proto_name(protos[i], name));
		for (char *c = name; *c != '\0'; c++)
			*c |= 32 * (*c >= 'A' && *c <= 'Z');
		offer_word(a, name, NULL);
	}
	for (int i = 0; w->names != NULL && w->names->name != NULL && i <= 255; i++)
		if (w->names->name((uint8_t)i) != NULL)
			offer_word(a, w->names->name((uint8_t)i), NULL);
	if (w->arg == ARG_FLAGS)
		offer_word(a, "S", "SYN"), offer_word(a, "A", "ACK"), offer_word(a, "F", "FIN"), offer_word(a, "R", "RST");
}

static void
advise_join(struct adviser *a, const struct expected *x)
{
	offer_word(a, "and", "and also");
	offer_word(a, "or", "or instead");
	if (x->closes)
		offer_word(a, ")", "the end of what belongs together");
}

/* "filter, line 1, column 9: …" taken apart. */
static void
find_fault(const char *text, struct filter_advice *v, struct arena *a)
{
	struct err e;
	int n = 0;

	if (filter_compile(text, a, &e) != NULL)
		return;
	v->why = arena_strdup(a, e.text);
	if (sscanf(e.text, "filter, line %zu, column %zu: %n", &v->line, &v->column, &n) == 2 && n > 0)
		v->why = arena_strdup(a, e.text + n);
	v->unfinished = strlen(v->why) > 8 && strcmp(v->why + strlen(v->why) - 8, " the end") == 0;
}

void
filter_advise(const char *text, size_t at, struct arena *arena, struct filter_advice *v)
{
	struct adviser a = { .advice = v, .arena = arena };
	struct expected x;

	memset(v, 0, sizeof(*v));
	find_fault(text, v, arena);
	if (at > strlen(text))
		at = strlen(text);
	while (v->typed < at && filter_in_word(text[at - v->typed - 1]))
		v->typed++;
	a.typed = arena_strndup(arena, text + at - v->typed, v->typed);
	if (!filter_expects(arena_strndup(arena, text, at - v->typed), arena, &x))
		return;
	if (x.what == EXPECT_TEST)
		advise_tests(&a, &x);
	else if (x.what == EXPECT_VALUE)
		advise_value(&a, &x);
	else if (x.what == EXPECT_JOIN)
		advise_join(&a, &x);
	else if (x.what == EXPECT_SIDE)
		offer_word(&a, x.dir == DIR_SRC ? "src" : "dst", NULL);
	advise_rest(&a, &x);
}
