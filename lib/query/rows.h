/*
 * Rows that are gathered while files are read: a batch that grows.
 */
#ifndef QUERY_ROWS_H
#define QUERY_ROWS_H

#include "flow/batch.h"

struct rows {
	struct batch batch;		/* batch.n rows so far */
	size_t room;
	struct arena *texts;		/* bytes of slices; made when the first comes */
};

/* Starts with no rows and these columns. */
void	rows_init(struct rows *, const struct fieldset *);
void	rows_reset(struct rows *);	/* no rows; keeps its columns and their memory */
void	rows_free(struct rows *);

/* Appends the flows of a batch; columns that it lacks stay zero. */
void	rows_append(struct rows *, const struct batch *);

/* Bytes held. */
size_t	rows_memory(const struct rows *);

#endif
