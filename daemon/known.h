/*
 * A set of things that a source's directory holds, found by source and name.
 */
#ifndef DAEMON_KNOWN_H
#define DAEMON_KNOWN_H

#include "base/conf.h"

struct known {
	struct known_item { uint64_t hash; void *thing; } *item;
	size_t n, room;
	const char *(*name)(const void *thing);
	const struct source *(*source)(const void *thing);
};

/* The thing of that source and name (len bytes), or NULL. */
void	*known_find(const struct known *, const struct source *, const char *name, size_t len);

/* Adds one that is not in it. */
void	known_add(struct known *, void *thing);

void	known_free(struct known *);		/* the set, not the things */

#endif
