/*
 * Time series drawn by librrd, kept in the site's cache by what is asked and
 * by the state of the RRDs.
 */
#ifndef CGI_GRAPH_H
#define CGI_GRAPH_H

#include "figures.h"
#include "view.h"

struct picture {
	const char *type;		/* "image/png" */
	const void *bytes;
	size_t size;
	bool empty;			/* no RRD yet: a picture that says so */
	/* Pixels: the image, and in it the area of the graph. */
	long image_width, image_height, left, top, width, height;
	int64_t start, end;		/* times of the area's edges */
};

/* One that was put into the cache whole, in the arena; NULL if there is none. */
struct picture *picture_kept(struct site *, const char *key, uint64_t version, struct arena *);

/* The picture of a view for these sources, in the request's arena.  Not thread-safe, as librrd is not. */
const struct picture *graph_draw(struct site *, const struct view *, const struct source **,
	    size_t nsources, struct err *);

/*
 * Its figures, in whatever size: of the sources in order, then of all together; in the
 * request's arena.
 */
const struct figures *graph_figures(struct site *, const struct view *, const struct source **, size_t nsources,
	    struct err *);

/* A picture of these arguments in one block of the arguments' arena, *total bytes, as the cache keeps it. */
struct picture *graph_render(struct args *, bool svg, size_t *total, struct err *);

/* The same of nothing, said calmly: there is nothing wrong with a source that is new. */
struct picture *graph_empty(const struct view *, size_t *total);

/* What a request asks to be drawn: the whole of its parameters, and the sources. */
int	graph_view(struct view *, const struct request *, struct pairs *, const struct source ***, size_t *n,
	    struct err *);

/* Pixels of the whole image of a size. */
void	graph_size(enum size, int *width, int *height);

/* An entity tag that changes when the picture would; in the arena. */
const char *graph_etag(struct site *, const struct view *, const struct source **, size_t nsources);

#endif
