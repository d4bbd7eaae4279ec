/*
 * Running a query for a page: in its turn, watched, and told about while it
 * goes on.
 */
#ifndef CGI_ASK_H
#define CGI_ASK_H

#include "serve.h"

/*
 * engine_query for a request: waits while others are before it, stops when the
 * client has gone or somebody has cancelled it, and sends events to those who
 * listen.  ERR_LIMIT when the queue is full, its turn does not come in the time
 * of a query, or it was cancelled before it came.
 */
int	ask(const struct request *, const struct query *, const struct fieldset *show,
	    const struct sink *, struct result *, struct err *);

#endif
