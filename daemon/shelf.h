/*
 * The shelf: the column files that the daemon keeps, as many as the
 * configuration's `columns` allows.
 */
#ifndef DAEMON_SHELF_H
#define DAEMON_SHELF_H

#include "base/conf.h"

struct shelf;

/* For the one who has the lock on the state directory.  Conf is borrowed. */
struct shelf *shelf_new(const struct conf *);
void	shelf_free(struct shelf *);			/* NULL is fine */

/* Is there a place for the column file of a slot that starts then?  With NULL there never is. */
bool	shelf_wants(const struct shelf *, int64_t start);

/* One was written; or could not be, for a reason that is said from time to time. */
void	shelf_added(struct shelf *, int64_t size);
void	shelf_failed(struct shelf *, const struct err *);

/*
 * Deletes, when it is time to look again, the oldest ones that are too old or too
 * much, and what an interrupted writer left.  Soon after much was written, else every
 * ten minutes.
 */
void	shelf_tidy(struct shelf *);

#endif
