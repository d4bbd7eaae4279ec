/*
 * Countries of addresses in filters, where there is a database of them.
 */
#include <ctype.h>
#include <string.h>

#include "flow/owner.h"
#include "query/filter_private.h"

static const struct owners *countries;

void
filter_countries(const struct owners *owners)
{
	countries = owners != NULL && owners_know_countries(owners) ? owners : NULL;
}

const char *
filter_refused(const struct filter_word *w)
{
	if (w->how == HOW_REFUSED)
		return w->why;
	if (w->how == HOW_COUNTRY && countries == NULL)
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

static bool
is_of(const struct leaf *l, const struct addr *addr)
{
	const uint8_t *bitmap = l->set;
	char code[3];
	unsigned n;

	owner_country(l->owners, addr, code);
	n = code[0] == '\0' ? 0 : (unsigned)(unsigned char)code[0] << 8 | (unsigned char)code[1];
	return bitmap[n >> 3] >> (n & 7) & 1;
}

#define SEEN_BITS	11

static size_t
hash(const struct addr *addr)
{
	uint64_t half[2];

	memcpy(half, addr, sizeof(half));
	return (half[0] ^ half[1]) * 0x9e3779b97f4a7c15 >> (64 - SEEN_BITS);
}

/* Asking takes long, and addresses come again: one that was there in this batch has its answer. */
static void
run_country(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	const struct addr *col = COLADDR(b, l->field);
	uint16_t seen[1 << SEEN_BITS] = { 0 };	/* the last flow whose address has the hash, from 1 */

	_Static_assert(BATCH_MAX <= UINT16_MAX, "a flow's number in its batch fits");
	for (size_t i = 0; i < b->n; i++) {
		uint16_t *row = &seen[hash(&col[i])];

		if (*row != 0 && memcmp(&col[*row - 1], &col[i], sizeof(*col)) == 0)
			out[i] = out[*row - 1];
		else
			out[i] = is_of(l, &col[i]);
		*row = (uint16_t)(i + 1);
	}
}

void
leaf_country(struct leaf *l, const struct filter_test *t, struct arena *a)
{
	uint8_t *bitmap = arena_alloc(a, 65536 / 8);

	for (size_t i = 0; i < t->n; i++)
		bitmap[t->values[i].number >> 3] |= 1u << (t->values[i].number & 7);
	l->set = bitmap;
	l->owners = countries;
	l->run = run_country;
}
