/*
 * The table of Details: flows, packets and traffic of each source by protocol, as
 * sums or per second, with switches for the sources of the graph and the queries.
 */
#ifndef CGI_STATISTICS_H
#define CGI_STATISTICS_H

#include <jansson.h>

#include "view.h"

/* "statistics" of the view's window; on[] are the sources that are switched on. */
int	statistics_model(json_t *model, const struct view *, const struct source **on, size_t non, struct err *);

#endif
