/*
 * Series: a pass over the files that counts into buckets, after one or two that
 * find whose lines a split series shows.  Private to lib/query/run*.c.
 */
#ifndef QUERY_RUN_SERIES_H
#define QUERY_RUN_SERIES_H

#include "query/run.h"

int	run_series(const struct query *, const struct file_list *, const struct run_limits *, const struct watch *,
	    struct result *, struct err *);

#endif
