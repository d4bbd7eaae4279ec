/*
 * params[]: the parameters of a query, a row each: name in URLs and as a long
 * option, nfdump's option letter, how to parse, how to print.  URL, argv,
 * command lines and the help of the form all follow from it.
 */
#ifndef QUERY_PARAM_H
#define QUERY_PARAM_H

#include "query/query.h"

struct param {
	const char *name;	/* URL parameter and --long option; NULL: only the letter */
	char letter;		/* nfdump's option, 0: none */
	bool takes_value;
	bool in_url;		/* false: never in a URL (files, -q, -N …) */
	bool in_nfdump;		/* printed in nfdump lines; false: handled by command.c or not nfdump's */
	const char *argument;	/* "STAT[/ORDER]" for the help */
	const char *help;	/* half a sentence */
	int (*parse)(struct query *, const char *value, struct err *);
	/* Appends the value and returns 1; 0 when the query has none; call with k = 0, 1, … until 0. */
	int (*print)(const struct query *, size_t k, struct strbuf *);
};

extern const struct param params[];	/* ends with a row without name and letter */

#endif
