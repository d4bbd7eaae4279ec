/*
 * Becoming the user and group of the configuration, for programs that root starts.
 */
#ifndef BASE_PRIVILEGE_H
#define BASE_PRIVILEGE_H

#include <sys/types.h>

#include <stdbool.h>

#include "base/conf.h"

/* Has root started this, and does the configuration name somebody else? */
bool	privilege_wanted(const struct conf *);

/* Their numbers; those of this process for what is not named.  -1: there is no such user or group. */
int	privilege_ids(const struct conf *, uid_t *, gid_t *, struct err *);

/* Becomes them, for good. */
int	privilege_drop(const struct conf *, uid_t, gid_t, struct err *);

#endif
