/*
 * Printing what was counted for a report of flow-report.  Private to lib/query.
 */
#ifndef QUERY_FT_TABLE_H
#define QUERY_FT_TABLE_H

#include "query/ft_count.h"
#include "query/ft_writer.h"

/* `first`: the first block of a time series, which alone has the report's description. */
void	ft_table_print(const struct ft_count *, const struct ft_output *, bool first, struct ft_writer *);

#endif
