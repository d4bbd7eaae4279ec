/*
 * Pictures that are no time series, by libgd: hours of the day by days of the week.
 */
#ifndef CGI_CHART_H
#define CGI_CHART_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"

#define HEAT_DAYS	7	/* Monday first */
#define HEAT_HOURS	24

extern const char *const heat_days[HEAT_DAYS];	/* "Mon" … */

/* Means; NAN where nothing is known. */
struct heat {
	double cell[HEAT_DAYS][HEAT_HOURS];
	double day[HEAT_DAYS], hour[HEAT_HOURS];	/* of all hours, of all days */
	double least, most;		/* of the cells */
	const char *unit;
};

/* least and most, by the cells; 0 when there are none. */
void	heat_bounds(struct heat *);

/* Is it as wide as a window, or as narrow as a telephone?  Twice as many pixels of each, where those are small. */
struct chart_size { bool narrow, dark; unsigned zoom; };

void	chart_pixels(const struct chart_size *, int *width, int *height);

/* Appends a PNG. */
int	chart_heat(const struct heat *, const struct chart_size *, struct strbuf *, struct err *);

/* The cell under a pixel (of zoom 1); false when there is none. */
bool	chart_cell(const struct chart_size *, long x, long y, unsigned *day, unsigned *hour);

#endif
