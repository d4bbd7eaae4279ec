#include "term.h"

#include <string.h>

#include "query/text.h"

/* How a value becomes a term of the filter; two-sided statistics have words of their own. */
static const struct term_row { enum field field; const char *one_sided, *two_sided; } terms[] = {
	{ F_SRCIP, "src ip", "ip" }, { F_DSTIP, "dst ip", "ip" },
	{ F_SRCPORT, "src port", "port" }, { F_DSTPORT, "dst port", "port" },
	{ F_PROTO, "proto", NULL }, { F_FLAGS, "flags", NULL },
	{ F_SRCAS, "src as", "as" }, { F_DSTAS, "dst as", "as" },
	{ F_SRCGEO, "src geo", "geo" }, { F_DSTGEO, "dst geo", "geo" },
	{ F_INIF, "in if", "if" }, { F_OUTIF, "out if", "if" },
	{ F_SRCTOS, "src tos", "tos" }, { F_DSTTOS, "dst tos", "tos" },
	{ F_SRCVLAN, "src vlan", "vlan" }, { F_DSTVLAN, "dst vlan", "vlan" },
	{ F_SRCMASK, "src mask", "mask" }, { F_DSTMASK, "dst mask", "mask" },
	{ F_ROUTER, "router ip", NULL }, { F_NEXTHOP, "next ip", NULL },
	{ F_BGPNEXTHOP, "bgpnext ip", NULL },
};

const char *
term_words(enum field f, bool two_sided)
{
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++)
		if (terms[i].field == f)
			return two_sided ? terms[i].two_sided : terms[i].one_sided;
	return NULL;
}

/* "...AP.SF" as the filter takes it: "APSF". */
static const char *
without_dots(const char *flags, struct arena *a)
{
	char *letters = arena_strdup(a, flags), *to = letters;

	for (; *flags != '\0'; flags++)
		if (*flags != '.')
			*to++ = *flags;
	*to = '\0';
	return letters;
}

const char *
term_of(const char *words, enum field f, bool network, const char *value, struct arena *a)
{
	const char *term;
	struct err e;

	if (f == F_FLAGS)
		value = without_dots(value, a);
	term = network ? arena_printf(a, "%.*s net %s", (int)strcspn(words, " "), words, value) :
	    arena_printf(a, "%s %s", words, value);
	return filter_compile(term, a, &e) != NULL ? term : NULL;
}

const char *
term_of_row(const struct table *t, size_t row, struct arena *a)
{
	const char *all = NULL;

	for (size_t k = 0; k < t->nkeys; k++) {
		const struct key *key = &t->keys[k];
		const char *words = term_words(key->field, false), *term;
		struct strbuf value = { 0 };

		text_field(&value, &t->rows, key->field, row, TEXT_PLAIN | TEXT_IPV6_LONG);
		if (key->family != 0)
			strbuf_addf(&value, "/%u", key->bits);
		term = words != NULL && !key->own_mask ?
		    term_of(words, key->field, key->family != 0, strbuf_text(&value), a) : NULL;
		strbuf_free(&value);
		if (term == NULL)
			return NULL;
		all = filter_and(all, term, a);
	}
	return all;
}
