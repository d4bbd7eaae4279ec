/*
 * What the daemon does when no file waits: sums of hours and days, taking out what
 * is too old, and reading some files once more to see that the index is right.
 */
#ifndef DAEMON_IDLE_H
#define DAEMON_IDLE_H

#include "store/index.h"

struct idle;

/* Conf and index are borrowed. */
struct idle *idle_new(const struct conf *, struct index *);
void	idle_free(struct idle *);		/* NULL is fine */

/*
 * Works for a moment; marks the sources whose slots were put right in
 * changed[source->id].  *stop ends it early.
 */
int	idle_work(struct idle *, bool *changed, const volatile int *stop, struct err *);

#endif
