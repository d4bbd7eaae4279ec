/*
 * Outputs of a query: line, long, extended, csv, json, fmt:… (nfdump's -o).
 * A renderer is a struct of functions chosen once.
 *
 * What nfdump 1.7.1 prints is printed alike, byte for byte, but for this:
 *	- without -o flows are shown as "line" (Debian's nfdump: nsel, if built so);
 *	- the summary has no line "Sys: …";
 *	- JSON of statistics and groups is an array with an object a line (1.7.1 has
 *	  none), and JSON is valid when nothing matched;
 *	- a flow that ends before it starts lasts "-00:00:03.969" (2^64 less that);
 *	- %ter has its milliseconds, %mpls10 is the tenth label, csv's nhb is the BGP
 *	  next hop, csv statistics of latencies, events and ACLs have values,
 *	  and numbers of ACLs are not printed with their bytes swapped;
 *	- JSON's src_net and dst_net of IPv6 are the networks;
 *	- the outer header of a tunnel is not a row of its own.
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

/* A sink that prints rows of a list, with the header before the first; and its rows(). */
struct sink render_sink(struct render *);
int	render_rows(void *render, const struct batch *rows, struct err *);

/* Prints the result's tables, and summary unless quiet; frees what is not in the arena. */
int	render_finish(struct render *, const struct result *, struct err *);

/* For those that do not come as far as render_finish; harmless after it, and for NULL. */
void	render_close(struct render *);

/* Names and one-line descriptions for usage and manual; ends with a NULL name. */
struct render_help { const char *name, *help; };
extern const struct render_help renders[];

#endif
