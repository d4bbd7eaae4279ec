/*
 * Outputs of a query: line, long, extended, csv, json, fmt:… (nfdump's -o).
 * A renderer is a struct of functions chosen once.
 */
#ifndef QUERY_RENDER_H
#define QUERY_RENDER_H

#include "query/result.h"

struct render;

/*
 * Chooses the renderer by query->output and the mode; ERR_INPUT names an
 * unknown output or %tag with its column.  Text goes to write(ctx, s, n), which
 * returns -1 when its reader is gone.  Lives in the arena.
 */
struct render *render_start(const struct query *, struct arena *,
	    int (*write)(void *ctx, const char *s, size_t n), void *ctx, struct err *);

/* Adds the fields that the output shows of a flow. */
void	render_fields(const struct render *, struct fieldset *);

/* A sink's rows(): prints rows of a list, with the header before the first. */
int	render_rows(void *render, const struct batch *rows, struct err *);

/* Prints the result's tables, and summary unless quiet. */
int	render_finish(struct render *, const struct result *, struct err *);

/* Names and one-line descriptions for usage and manual; ends with a NULL name. */
struct render_help { const char *name, *help; };
extern const struct render_help renders[];

#endif
