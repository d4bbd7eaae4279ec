/*
 * flowlightd's loop: collectors, directories, files into the index, RRDs.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "base/conf.h"

struct daemon;

/*
 * Reads the configuration.  It names programs to start: root takes it only from a
 * file that nobody else may write to.
 */
struct conf *daemon_conf(const char *path, struct err *);

/* Opens index and lock.  Takes over the conf in any case. */
struct daemon *daemon_open(struct conf *, struct err *);

/* Catches SIGTERM, SIGINT, SIGHUP and SIGCHLD, and works until told to end.  The exit status. */
int	daemon_run(struct daemon *);

void	daemon_close(struct daemon *);		/* NULL is fine */

#endif
