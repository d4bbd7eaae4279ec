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

/*
 * The same for other work on flows: calls run when it is its turn, with what is to watch
 * it.  1; -1; without wait also 0, when others would come before it.
 */
int	ask_in_turn(const struct request *, bool wait, int (*run)(void *ctx, const struct watch *, struct err *),
	    void *ctx, struct err *);

#endif
