/*
 * Countries and AS of the whole world, from a database that libloc reads
 * (location.ipfire.org; on Debian the package libloc-database has one).
 */
#ifndef FLOW_LOCATIONS_H
#define FLOW_LOCATIONS_H

#include "flow/owner.h"

struct locations;

/*
 * Maps the file; from then on no file is opened.  NULL when it is no such database,
 * or where this program was built without libloc.
 */
struct locations *locations_open(const char *path, struct err *);
void	locations_close(struct locations *);	/* NULL is fine */

/* The narrowest network that has the address; its name is its AS's.  Threads may call it at once. */
bool	locations_find(struct locations *, const struct addr *, struct net_owner *);

/* The country of that network: "DE", or "" when none is told.  Threads may call it at once. */
void	locations_country(struct locations *, const struct addr *, char country[static 3]);

bool	locations_as(struct locations *, uint32_t as, char name[static OWNER_NAME]);

#endif
