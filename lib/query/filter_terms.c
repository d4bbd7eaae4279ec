/*
 * A filter as the terms that it joins by "and": what is added to it, and taken out.
 */
#include <string.h>

#include "query/filter_private.h"

/* From one token up to another, with one blank where there are blanks or comments. */
static const char *
text_between(const char *text, const struct token *from, const struct token *to, bool enclosed, struct arena *a)
{
	struct strbuf sb = { 0 };
	const char *copy;

	strbuf_adds(&sb, enclosed ? "(" : "");
	for (const struct token *t = from; t < to; t++) {
		if (t > from && t->offset > t[-1].end)
			strbuf_addc(&sb, ' ');
		strbuf_add(&sb, text + t->offset, t->end - t->offset);
	}
	strbuf_adds(&sb, enclosed ? ")" : "");
	copy = arena_strdup(a, strbuf_text(&sb));
	strbuf_free(&sb);
	return copy;
}

int
filter_terms(const char *text, struct arena *a, const char ***terms, size_t *n, struct err *e)
{
	const struct token *start, *t, *next;
	struct filter_node *node;
	size_t room = 1;

	*n = 0;
	*terms = NULL;
	if (text == NULL)
		return 0;
	if ((node = filter_parse(text, a, e)) == NULL || (start = filter_scan(text, a, e)) == NULL)
		return -1;
	if (start->kind == T_END || (node->kind == NODE_TEST && node->test->word->how == HOW_ANY))
		return 0;
	for (t = start; t->kind != T_END; t++)
		room += t->kind == T_AND;
	*terms = arena_array(a, room, sizeof(**terms));
	if (node->kind == NODE_OR && filter_term_end(text, start, a)->kind != T_END) {
		(*terms)[(*n)++] = text_between(text, start, t, true, a);
		return 0;
	}
	for (t = start; t->kind != T_END; t = next->kind == T_AND ? next + 1 : next) {
		next = filter_term_end(text, t, a);
		(*terms)[(*n)++] = text_between(text, t, next, false, a);
	}
	return 0;
}

static const char *
join(const char *const *terms, size_t n, const char *more, struct arena *a)
{
	struct strbuf sb = { 0 };
	const char *text;

	for (size_t i = 0; i < n; i++)
		if (terms[i] != NULL)
			strbuf_addf(&sb, "%s%s", sb.len > 0 ? " and " : "", terms[i]);
	if (more != NULL)
		strbuf_addf(&sb, "%s%s", sb.len > 0 ? " and " : "", more);
	text = sb.len > 0 ? arena_strdup(a, strbuf_text(&sb)) : NULL;
	strbuf_free(&sb);
	return text;
}

const char *
filter_and(const char *text, const char *term, struct arena *a)
{
	const char **terms;
	size_t n;
	struct err e;

	if (filter_terms(text, a, &terms, &n, &e) == -1)
		return term;
	for (size_t i = 0; i < n; i++)
		if (strcmp(terms[i], term) == 0)
			return join(terms, n, NULL, a);
	return join(terms, n, term, a);
}

const char *
filter_without(const char *text, size_t k, struct arena *a)
{
	const char **terms;
	size_t n;
	struct err e;

	if (filter_terms(text, a, &terms, &n, &e) == -1 || k >= n)
		return text;
	terms[k] = NULL;
	return join(terms, n, NULL, a);
}
