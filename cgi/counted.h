/*
 * Outputs that count the flows of a list, and are tables of their own on a page: what
 * flows are like ("summary"), and who has to do with how many ("fanout", "fanin").
 */
#ifndef CGI_COUNTED_H
#define CGI_COUNTED_H

#include <jansson.h>

#include "serve.h"

/* Is that what the query's output is? */
bool	counted_asked(const struct query *);

/* Runs the query: "digest" or "fan" of the result, or neither when no flow matches; or CSV. */
int	counted_model(const struct request *, const struct query *, struct result *, json_t *result, struct err *);
int	counted_csv(const struct request *, const struct query *, struct strbuf *, struct err *);

/* "counted": links to what else can be counted of the same flows, a list of {name, title, href}. */
void	counted_links(const struct request *, const struct query *, json_t *result);

/* Details with such an output of a window. */
const char *counted_href(const struct request *, const struct query *, const char *output);

#endif
