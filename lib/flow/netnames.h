/*
 * Whose addresses are: countries and AS of networks, from a file of the site's own.
 */
#ifndef FLOW_NETNAMES_H
#define FLOW_NETNAMES_H

#include "base/addr.h"
#include "base/err.h"

struct net_name {
	struct prefix prefix;
	size_t parent;			/* the next wider network that is named, plus one; 0: none */
	uint32_t as;			/* 0: none is told */
	char country[3];		/* "DE", "" */
	const char *name;		/* "Example Net", "" */
};

struct netnames;

/*
 * Lines "network,country,AS,name", each but the first may be empty; # begins a
 * comment.  NULL and "file:line: what is wrong".
 */
struct netnames *netnames_read(const char *path, struct err *);
struct netnames *netnames_parse(const char *path, char *text, struct err *);	/* of a text, which it changes and borrows */
void	netnames_free(struct netnames *);	/* NULL is fine */

/* The narrowest network that has the address; NULL when none. */
const struct net_name *netnames_find(const struct netnames *, const struct addr *);

/* The name of an AS; NULL when none. */
const char *netnames_as(const struct netnames *, uint32_t as);

#endif
