/*
 * Where a Sankey picture has what: rows of several keys as bands from one column of
 * values to the next, as high as they are much.  Only numbers; bands.c draws them.
 */
#ifndef CGI_SANKEY_H
#define CGI_SANKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define SANKEY_LAYERS	3	/* columns of values, at most */
#define SANKEY_NODES	14	/* values that a column names */
#define SANKEY_LEAST	4.0	/* and how high one of them is at least */
#define SANKEY_GAP	12.0	/* between values, at least: a line of text has room for each */

struct sankey_row {
	const char *value[SANKEY_LAYERS];
	uint64_t weight;
};

/* A value, or those of a column that are too little to be named. */
struct sankey_node {
	const char *value;		/* NULL: the others */
	size_t layer, nvalues;
	uint64_t weight;
	double y, height;
	size_t colour;			/* of the first column's: 0, 1, …; of the others they have none */
};

/* Rows that go through the same nodes. */
struct sankey_band {
	size_t row, nrows;		/* the first of them */
	uint64_t weight;
	size_t node[SANKEY_LAYERS];
	double y[SANKEY_LAYERS], height;
};

struct sankey {
	size_t nlayers;
	uint64_t weight;		/* of all rows */
	double height;
	struct sankey_node *node;	/* by column, in each from the top */
	size_t nnodes;
	struct sankey_band *band;	/* the greatest first */
	size_t nbands;
	size_t *with;			/* of each row, the first one of its band */
};

/* The values stay the caller's.  NULL when there is nothing to show: no row, or no weight. */
struct sankey *sankey_lay(const struct sankey_row *, size_t n, size_t nlayers, struct arena *);

#endif
