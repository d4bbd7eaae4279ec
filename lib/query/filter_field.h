/*
 * Filters for people who fill in fields: each field of the form, with what is
 * typed into it, as a term of the filter language.
 */
#ifndef QUERY_FILTER_FIELD_H
#define QUERY_FILTER_FIELD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

struct made;

struct filter_field {
	const char *name;		/* of the form's field: "f_srcip" */
	const char *title;
	const char *example;
	const char *word, *net;		/* of the filter language: "src ip", and of networks, NULL: the same */
	int (*item)(const struct filter_field *, const char *text, struct arena *, struct made *);
	bool is_interface;		/* also by name */
	bool takes_list;		/* the word may stand before in [ … ] */
};

extern const struct filter_field filter_fields_typed[];	/* ends with a NULL name */

/*
 * What a name means, as a filter: "in if 3", "(router ip 192.0.2.1 and in if 3)"; NULL
 * when there is no interface of that name.  word is "in if" or "out if".
 */
struct interface_names {
	const char *(*filter)(const void *ctx, const char *word, const char *name, struct arena *);
	const void *ctx;
};

/*
 * The term of a field: a comma list of values, ranges "20:25", value/mask for flags
 * and type of service; one with "-" before it is left out.  In the arena; NULL for a
 * field without any.  -1 and ERR_INPUT that says which value is none.
 */
int	filter_field_term(const struct filter_field *, const char *typed, const struct interface_names *,
	    struct arena *, const char **term, struct err *);

#endif
