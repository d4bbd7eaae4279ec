/*
 * A window in columns, as they stand under a graph: who owned it, and how far what
 * the graph shows can be trusted.  From the index alone.
 */
#ifndef ENGINE_STRIP_H
#define ENGINE_STRIP_H

#include "engine.h"

struct strip_column {
	/* The slot with the largest share that one host had of its flows. */
	const struct source *source;	/* NULL: nothing is known; then the rest of these is not set */
	int64_t start;
	double share;
	struct addr owner;
	/* Slots, each source's for itself. */
	unsigned expected;		/* of the time from its first data to now */
	unsigned missing;		/* have no file, or none that can be read */
	unsigned broken;		/* have a file that could be read in part, or not */
	unsigned gaps;			/* the exporter numbered packets that never came */
	unsigned late;			/* came after the slot that follows */
};

/*
 * So many sources are looked at for a window: all, but of a long time and many sources
 * only those that had most flows of late.  Ninety days of slots, which the index keeps by
 * default, are 26 thousand of each source; a year is a hundred thousand.  (Its sums of
 * hours and days do not know the largest share of a slot, and are larger to read.)
 */
size_t	engine_strip_most(const struct engine *, const struct window *);

/* n columns of equal length, in the arena.  For a role that does not see all flows shares are not known. */
int	engine_strip(struct engine *, const struct window *, const char *sources, size_t n, struct arena *,
	    struct strip_column **, struct err *);

#endif
