/*
 * A series as a page's model: its picture, and a row for each line that says how
 * much it is and where to go on.
 */
#ifndef CGI_TIMELINE_H
#define CGI_TIMELINE_H

#include <jansson.h>

#include "plot.h"

/*
 * "series" of the model, of a query that was run.  automatic: the length of a
 * bucket was not asked for, so that links to another time leave it open again.
 */
int	timeline_model(json_t *model, const struct view *, const struct result *, bool automatic, struct err *);

/* The time under a click, "wide?120,33", of a picture of the view's query; its bucket is set. */
int	timeline_pick(const struct view *, const char *pick, int64_t *sec, struct err *);

#endif
