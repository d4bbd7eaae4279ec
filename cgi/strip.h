/*
 * The strips under a graph: the largest host's share of flows, and where slots are
 * missing, broken, late, or lack packets.  A picture as wide as the graph's, of the
 * same time; a click leads to Explain.
 */
#ifndef CGI_STRIP_H
#define CGI_STRIP_H

#include "engine_strip.h"
#include "view.h"

/*
 * "strip" of a graph's model, for {{>strip}}: {light, dark, width, height, pick,
 * alt}.  One strip serves all metrics and protocols of a range.
 */
void	strip_model(json_t *, const struct view *, enum size);

/* The columns under a settled view's graph of that size, and where they lie. */
struct strip {
	struct strip_column *column;
	size_t n;			/* no more than pixels, nor than slots */
	long left, pixels;		/* where they begin, how wide they are together */
	long width;			/* of the picture */
	struct window window;
};
int	strip_make(struct strip *, const struct view *, enum size, struct err *);

void	strip_draw(const struct strip *, bool dark, struct strbuf *);

/*
 * Where a click on it leads: pick is "thumb?120,5", rest of the parameters the
 * view's.  NULL and err for what is no place.
 */
const char *strip_pick(const struct request *, const char *pick, struct pairs *, struct err *);

#endif
