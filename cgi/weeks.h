/*
 * The same days of several weeks on top of one another, by librrd: of sources
 * out of their RRDs, of a filter out of series.
 */
#ifndef CGI_WEEKS_H
#define CGI_WEEKS_H

#include "plot.h"

#define WEEK_SECONDS	(7 * 86400)
#define WEEKS_MAX	12		/* before this one */

struct weeks {
	const struct view *view;	/* metric, protocol, sources or filter; end: the right edge of this week */
	int64_t seconds;		/* that are seen */
	unsigned before;		/* weeks before this one */
	unsigned alpha;			/* percent: how much of a week's colour one sees */
	bool band;			/* what the weeks before let expect */
	const struct plot *plot;	/* with a filter: a line for each week, this one first; else NULL */
	bool partial;			/* of a part only: the picture is not kept */
	const char *key;		/* of this picture among all that are kept */
	const char *plain;		/* the same of whatever size and theme */
};

/* The picture, in the request's arena. */
const struct picture *weeks_draw(const struct weeks *, struct err *);

/* The figures of each week, this one first; in the request's arena. */
const struct figures *weeks_figures(const struct weeks *, struct err *);

/* An entity tag that changes when the picture would; in the arena. */
const char *weeks_etag(const struct weeks *, struct err *);

/* How a week is drawn: its colour, and how much of that is seen, in percent. */
const char *week_colour(unsigned week, bool dark);
unsigned week_alpha(const struct weeks *, unsigned week);

#endif
