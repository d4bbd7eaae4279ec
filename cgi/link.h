/*
 * Addresses of the other pages, as links on one; all live in the request's arena.
 */
#ifndef CGI_LINK_H
#define CGI_LINK_H

#include "serve.h"

/* Explain of a slot; source NULL: of all that there are. */
const char *explain_href(const struct request *, const char *source, int64_t start);

/* What stood out in a window. */
const char *explain_window_href(const struct request *, const char *source, const struct window *);

/* The page of a host or a network. */
const char *host_href(const struct request *, const char *host);

/* What whois says of an address. */
const char *whois_href(const struct request *, const char *ip);

/* Details of a window with the answer to a question: "by" or "keys", or a list of flows for "list". */
struct flows_link {
	struct window window;
	const char *source;		/* NULL: all */
	const char *name, *value;	/* "by", "srcip" */
	const char *order;		/* NULL: none */
	const char *filter;		/* NULL: any */
};
const char *flows_href(const struct request *, const struct flows_link *);

/* The same of a query that asks for one statistic or some keys. */
struct query;
const char *query_href(const struct request *, const struct query *);

#endif
