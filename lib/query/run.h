/*
 * Runs a query over a list of collector files: read, filter, group, merge, top.
 */
#ifndef QUERY_RUN_H
#define QUERY_RUN_H

#include "query/result.h"

struct run_limits {
	unsigned workers;	/* threads; 0: one per processor */
	double seconds;		/* wall clock, 0: none */
	uint64_t bytes;		/* memory for groups and rows, 0: none */
};

/*
 * The query must have been checked.  Fields that the output wants in a list
 * are in `show` (filter, keys and counters are added).  With a sink, a list's
 * rows go there and not into the result.  Files that cannot be read are faults
 * of the result; -1 only for what stops everything.
 */
int	run_query(const struct query *, const struct file_list *, const struct fieldset *show,
	    const struct run_limits *, const struct sink *, const struct watch *,
	    struct result *, struct err *);

#endif
