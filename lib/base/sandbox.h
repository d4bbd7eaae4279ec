/*
 * What a process gives up that only reads and answers: programs and sockets.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>

#include "base/err.h"

/*
 * From now on this process and its threads start no program and, unless
 * `sockets`, open no socket; those it has stay.  Privileges are not gained
 * again either.  0, or -1 where the system has nothing for it: all is then as
 * before.
 */
int	sandbox_enter(bool sockets, struct err *);

#endif
