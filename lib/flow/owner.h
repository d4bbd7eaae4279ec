/*
 * Whose addresses are: countries and AS, from files of the site's own.  Nobody is asked.
 */
#ifndef FLOW_OWNER_H
#define FLOW_OWNER_H

#include <stdbool.h>

#include "base/addr.h"
#include "base/err.h"

#define OWNER_NAME	128

struct net_owner {
	uint32_t as;			/* 0: none is told */
	char country[3];		/* "DE", "" */
	char name[OWNER_NAME];		/* "Example Net", "" */
};

struct owners;

/*
 * The networks of a file of lines (flow/netnames.h), and those of a database of libloc
 * (flow/locations.h); either path may be NULL.  An error names the setting and the file.
 */
struct owners *owners_open(const char *networks, const char *locations, struct err *);
void	owners_close(struct owners *);		/* NULL is fine */

/*
 * What the two know of an address; what the lines say counts, and what they leave open
 * is the database's.  False when nothing is known.
 */
bool	owner_find(const struct owners *, const struct addr *, struct net_owner *);

/* Is there a database, so that addresses all over the world have a country? */
bool	owners_know_countries(const struct owners *);

/* The country of an address as owner_find tells it, and no more: "DE", or "".  Threads may call it at once. */
void	owner_country(const struct owners *, const struct addr *, char country[static 3]);

/* The name of an AS; false when none is known. */
bool	owner_of_as(const struct owners *, uint32_t as, char name[static OWNER_NAME]);

#endif
