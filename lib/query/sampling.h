/*
 * A sampling rate that is told with the query, as if the sources' settings had it.
 */
#ifndef QUERY_SAMPLING_H
#define QUERY_SAMPLING_H

#include "flow/slot.h"

/* The files with sources whose packets and bytes count `by` times what they do now; in the arena. */
struct file_list sampling_files(const struct file_list *, uint64_t by, struct arena *);

#endif
