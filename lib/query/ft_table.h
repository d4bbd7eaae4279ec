/*
 * Printing what was counted for a report of flow-report.  Private to lib/query.
 */
#ifndef QUERY_FT_TABLE_H
#define QUERY_FT_TABLE_H

#include "query/ft_count.h"
#include "query/ft_writer.h"

/* A group: its number, and where it stands without sorting. */
struct ft_ranked {
	double value;
	uint32_t number;
	size_t place;
	const char *key;		/* packed */
};

/*
 * The first `records` (0: all) groups by a column (FT_COLUMNS: as they came), to
 * be freed by the caller.
 */
struct ft_ranked *ft_rank(const struct ft_count *, enum ft_column, bool smallest_first, uint64_t records, size_t *n);

/* `first`: the first block of a time series, which alone has the report's description. */
void	ft_table_print(const struct ft_count *, const struct ft_output *, bool first, struct ft_writer *);

#endif
