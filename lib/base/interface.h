/*
 * Names of interfaces, as the configuration lists them: "1:uplink, 2:lan".
 */
#ifndef BASE_INTERFACE_H
#define BASE_INTERFACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"

#define INTERFACE_NAME	32

/* The next of a list, which goes on behind it; false at the end, and where there is none. */
bool	interface_next(const char **list, uint32_t *number, char name[static INTERFACE_NAME]);

/* Is all of it such a list? */
bool	interface_list(const char *);

/* What the interface of a number is called there. */
struct interface_name {
	const struct source *source;
	const struct source_exporter *exporter;	/* NULL: of all of the source that have no list */
	uint32_t number;
	char name[INTERFACE_NAME];
};

/* Calls each for all names, until that returns false. */
void	interface_each(const struct conf *, bool (*each)(void *ctx, const struct interface_name *), void *ctx);

#endif
