/*
 * What the index leaves open about the first rows of a top list, counted in files.
 */
#ifndef ENGINE_SETTLE_H
#define ENGINE_SETTLE_H

#include "engine_private.h"

/*
 * Makes the open rows of rest exact, by reading the files of its slots: 1; 0 when that
 * is not possible or, of the nslots that the window has, those would be too many; -1.
 * key: the dimension's fields.  Files read are added to the result's; or, when there is
 * a cost, not read but added to that.
 */
int	engine_settle(struct engine *, enum top_dim, const enum field key[2], struct top_rest *rest, size_t nslots,
	    const struct watch *, struct cost *, struct result *, struct err *);

#endif
