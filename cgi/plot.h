/*
 * Series of a query, asked for once, kept in the site's cache, and drawn by
 * librrd in whatever size and theme the browser wants.
 */
#ifndef CGI_PLOT_H
#define CGI_PLOT_H

#include "graph.h"

struct plot {
	struct series series;
	const char **title;		/* of each line; that of others is "all others" */
	bool others;			/* the last line is of all others */
	bool partial;
	uint64_t version;		/* of the index, from before it was asked: plot_version */
};

/* Runs the view's query for this request. */
int	plot_ask(const struct view *, struct result *, struct err *);

/*
 * The series that the view's query asks for: its last, as long as the index
 * says the same of that time, or a new one.  In the request's arena.  One that is a
 * part only is kept for a minute, and for pictures alone.
 */
int	plot_read(const struct view *, struct plot *, struct err *);

/*
 * The same of a result that is there already, and for the pictures that follow.  The
 * version is from before it was asked for: what the index learnt meanwhile is not in it.
 */
void	plot_keep(const struct view *, const struct result *, uint64_t version, struct plot *);

/* The view's picture of it, in the request's arena. */
const struct picture *plot_draw(const struct view *, const struct plot *, struct err *);

/* A number that changes when the index knows more or other files in the query's time. */
int	plot_version(const struct view *, uint64_t *version, struct err *);

/* What may be seen, and in which zone, as part of the key of what is kept; in the arena. */
const char *plot_who(const struct request *);

/* Changes when the picture may; in the arena. */
const char *plot_etag(const struct view *, struct err *);

/* From now on DEFs of PLOT_FEED are of this plot's rates, line k as l<k>. */
#define PLOT_FEED	"cb//series"
void	plot_feed(const struct plot *, enum amount);

const char *plot_colour(const struct plot *, size_t line, bool dark);

/* What metrics[] calls an amount. */
enum amount metric_amount(unsigned metric);

#endif
