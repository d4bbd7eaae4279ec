/*
 * The collectors: an nfcapd (or sfcapd) for each source that has a port.
 * Started without a shell and with an empty environment, watched, started
 * again after 1, 2, 4 … 60 s when they end, stopped at the end.
 */
#ifndef DAEMON_COLLECTOR_H
#define DAEMON_COLLECTOR_H

#include <poll.h>

#include "base/conf.h"

struct collectors;

/* Makes the directories of sources with a port.  The conf is borrowed. */
struct collectors *collectors_new(const struct conf *);
void	collectors_free(struct collectors *);	/* after collectors_stop() */

/* Starts what should run and does not, picks up those that ended. */
void	collectors_look(struct collectors *);

/*
 * Moves to a new configuration: collectors whose command line is the same go
 * on, others are stopped and started.
 */
void	collectors_change(struct collectors *, const struct conf *);

/* Ends them all and waits until they have written their files: some seconds at most. */
void	collectors_stop(struct collectors *);

/* Descriptors of their output for poll(): how many were added; and reads what is there, into the log. */
size_t	collectors_poll(const struct collectors *, struct pollfd *, size_t max);
void	collectors_output(struct collectors *);

/* "running, process 123"; NULL when the source has no port. */
const char *collectors_text(const struct collectors *, const struct source *);

#endif
