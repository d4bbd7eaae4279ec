/*
 * The output "summary" on a page: what the flows of a query are like.
 */
#ifndef CGI_DIGEST_H
#define CGI_DIGEST_H

#include <jansson.h>

#include "query/digest.h"
#include "serve.h"

/* Runs the query; NULL on error.  The digest lives in the request's arena. */
struct digest *digest_ask(const struct request *, const struct query *, struct result *, struct err *);

/* "digest": figures, and spreads with a share for each step that has flows. */
void	digest_model(const struct digest *, json_t *result);

/* The same query's address on Details, but for its flows' summary. */
const char *digest_href(const struct request *, const struct query *);

#endif
