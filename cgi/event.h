/*
 * Server-sent events: a page that is asked for as text/event-stream tells of
 * its query while that runs, and ends with where to find what it made.
 */
#ifndef CGI_EVENT_H
#define CGI_EVENT_H

#include <jansson.h>

#include "serve.h"

struct events;

/* Is this a request for events? */
bool	events_wanted(const struct request *, const char *accept);

/* Nothing is sent before the first event. */
struct events *events_new(const struct request *);

/* Sends one; takes over the data. */
void	event_send(struct events *, const char *name, json_t *data);

/* Tells the token of a query, with which it may be cancelled, and that of the browser. */
void	event_job(struct events *, const char *token);

/*
 * The last event: where the reply is that was made meanwhile.  Redirects
 * are passed on; what came of a query, also of a part of it, is kept for its owner
 * a while and has an address of its own.
 */
void	events_end(const struct request *, const struct reply *);

/*
 * A reply that was kept so, with job=TOKEN among the parameters: true, and the
 * reply is filled.  When it is not there any more, the reply is a redirect to
 * the address without that parameter.
 */
bool	events_kept(struct request *, struct reply *);

#endif
