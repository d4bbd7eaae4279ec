/*
 * What the pages of a host have in common: which host, which window, and what the
 * index knows of thirty days.
 */
#ifndef CGI_HOST_H
#define CGI_HOST_H

#include "presence.h"
#include "view.h"

struct host_range { const char *name, *title; int64_t seconds; };
extern const struct host_range host_ranges[];	/* ends with a NULL name */

struct host_ask {
	const struct request *rq;
	struct engine *engine;
	struct prefix prefix;
	const char *name;		/* as it is written: "192.0.2.1", "192.0.2.0/24" */
	const char *filter;		/* "ip 192.0.2.1", "net 192.0.2.0/24" */
	const char *sources;		/* NULL: all */
	unsigned range, metric;		/* of host_ranges[], of metrics[] */
	int64_t end;			/* of the window as asked for, 0: not */
	int64_t newest;			/* start of the newest slot of these sources, 0: no data */
	struct host known;		/* of thirty days, by the index alone */
	struct presence presence;
};

/* Reads `text` and the parameters, and asks the index.  Other parameters stay. */
int	host_ask(struct host_ask *, const struct request *, const char *text, struct pairs *, struct err *);

/* What is looked at in detail: the range that ends where asked, or where the host was last seen. */
struct window host_window(const struct host_ask *);

/*
 * A link to its pages: path "/host/" or "/host/" with a suffix (".csv"), or
 * "/presence"; with the parameters as they are, and more ("&table=peers"), which
 * may be "".  In the arena.
 */
const char *host_link(const struct host_ask *, const char *path, const char *suffix, const char *more);

#endif
