/*
 * When the flows of files begin and end.
 */
#ifndef QUERY_SPAN_H
#define QUERY_SPAN_H

#include "flow/slot.h"
#include "format/reader.h"

/*
 * The first start and the last end among the flows of these files, by the
 * files' own words where they have such, else by reading them.  Both 0 when
 * nobody knows.
 */
void	files_span(const struct file_list *, uint64_t *first_msec, uint64_t *last_msec);

#endif
