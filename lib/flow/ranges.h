/*
 * What is known of many flows without looking at them: a range for each
 * column.  Lets a filter say that none of them can match.
 */
#ifndef FLOW_RANGES_H
#define FLOW_RANGES_H

#include "base/addr.h"
#include "flow/field.h"

struct block_ranges {
	size_t n;			/* flows */
	uint64_t elements_all;		/* elements that every flow has */
	uint64_t elements_any;		/* that one of them has */
	uint64_t least[F_COUNT];	/* of columns of numbers; derived ones are not known: 0 and UINT64_MAX */
	uint64_t most[F_COUNT];
	/* May a column of addresses hold one from first to last, both of one family? */
	bool (*holds)(void *ctx, enum field, const struct addr *first, const struct addr *last);
	void *ctx;
};

#endif
