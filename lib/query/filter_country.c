/*
 * Countries of addresses in filters, where there is a database of them.
 */
#include <ctype.h>
#include <string.h>

#include "flow/country.h"
#include "query/filter_private.h"

const char *
filter_refused(const struct filter_word *w)
{
	if (w->how == HOW_REFUSED)
		return w->why;
	if (w->how == HOW_COUNTRY && !countries_known())
		return "expected a test that needs no database of countries, there is none, not \"geo\"";
	return NULL;
}

bool
filter_is_country(const struct token *t)
{
	const unsigned char *s = (const unsigned char *)t->text;

	if (t->kind != T_WORD && t->kind != T_QUOTED && t->kind != T_COMPARE)
		return false;
	if (strlen(t->text) != 2 || !isalpha(s[0]) || !isalpha(s[1]))
		return false;
	/* The one comparator that is no country stays what it is. */
	return t->kind != T_COMPARE || t->compare != CMP_EQ;
}

static void
run_country(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	const uint8_t *bitmap = l->set;
	uint16_t country[BATCH_MAX];

	countries_of(COLADDR(b, l->field), b->n, country);
	for (size_t i = 0; i < b->n; i++)
		out[i] = bitmap[country[i] >> 3] >> (country[i] & 7) & 1;
}

void
leaf_country(struct leaf *l, const struct filter_test *t, struct arena *a)
{
	uint8_t *bitmap = arena_alloc(a, 65536 / 8);

	for (size_t i = 0; i < t->n; i++)
		bitmap[t->values[i].number >> 3] |= 1u << (t->values[i].number & 7);
	l->set = bitmap;
	l->run = run_country;
}
