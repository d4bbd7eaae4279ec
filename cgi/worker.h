/*
 * FastCGI: a master that keeps worker processes, each of which serves one
 * request at a time, so that a crash costs one request.
 */
#ifndef CGI_WORKER_H
#define CGI_WORKER_H

#include <sys/types.h>

#include "site.h"

/* Makes a listening unix socket; group (gid_t)-1: unchanged.  A dead one in its place is removed.  The descriptor, or -1. */
int	socket_open(const char *path, mode_t mode, gid_t group, struct err *);

/*
 * Master: keeps n workers on a listening socket, and one more for each query
 * that is at work or waits, until SIGTERM or SIGINT, and returns when they have
 * ended.  SIGHUP reads configuration and templates
 * again; with a fault in them the old ones stay.  Returns an exit status.
 */
int	workers_run(struct site *, const char *conf_path, int listener, unsigned n);

/* A worker's life: serves until `control` is closed or it has drawn its share of graphs. */
void	worker_run(struct site *, int listener, int control);

#endif
