/*
 * Graphs as a page's model: addresses of the picture in light and dark, its
 * geometry, the mark of the selected window.
 */
#ifndef CGI_PICTURE_H
#define CGI_PICTURE_H

#include "graph.h"

/* {light, light2, dark, dark2}: the addresses of the view's picture. */
void	picture_links(json_t *, const struct view *, const char *path, unsigned pages);

/* {width, height, graph_left, …}: for clicks and drags. */
void	picture_geometry(json_t *, const struct picture *);

/*
 * {light, light2, dark, dark2, width, height, figures} of a size known beforehand: the
 * browser fetches it.  A small one has its figures beside it only.
 */
void	picture_refs(json_t *, const char *key, const struct view *, enum size, const struct source **,
	    size_t nsources);

/*
 * The same and where the graph lies in the picture (for clicks and drags), and
 * the window's mark.  Draws the picture.  It is returned for its figures.
 */
const struct picture *picture_model(json_t *, const struct view *, enum size,
	    const struct source **, size_t nsources, struct err *);

/* The time under a pixel of the graph. */
int64_t	picture_time(const struct picture *, long x);

#endif
