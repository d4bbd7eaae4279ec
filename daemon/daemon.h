/*
 * flowlightd's loop: collectors, directories, files into the index, RRDs.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "base/conf.h"

struct daemon;

/* Opens index and lock.  Takes over the conf in any case. */
struct daemon *daemon_open(struct conf *, struct err *);

/* Catches SIGTERM, SIGINT, SIGHUP and SIGCHLD, and works until told to end.  The exit status. */
int	daemon_run(struct daemon *);

void	daemon_close(struct daemon *);		/* NULL is fine */

#endif
