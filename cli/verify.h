/*
 * Holds an answer, of whatever the engine chose to read, against the collector files.
 */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "engine.h"

/* Prints the rows that differ: 0 when none does, 1, -1.  Bounds are not taken for an answer. */
int	verify(struct engine *, const struct query *, struct err *);

#endif
