/*
 * A series as a page's model: its picture, and a row for each line that says how
 * much it is and where to go on.
 */
#ifndef CGI_TIMELINE_H
#define CGI_TIMELINE_H

#include <jansson.h>

#include "plot.h"

#define BUCKETS	360		/* at most, where the length of one is left open */

struct timeline_links {
	bool automatic;		/* that length was not asked for: links to another time leave it open again */
	const char *pick;	/* what stands before "wide?120,33" when the picture is clicked */
	const char *apart;	/* Analysis of the same; NULL: this is it */
	uint64_t version;	/* plot_version, from before the query was run */
};

/* "series" of the model, of a query that was run. */
int	timeline_model(json_t *model, const struct view *, const struct result *, const struct timeline_links *,
	    struct err *);

/* "buckets" (0: the first is "automatic", and chosen), "books" and "counts" of a form. */
void	timeline_menus(const struct query *, uint32_t bucket, json_t *form);

/* A number out of an address; as it was when there is none. */
int	take_number(struct pairs *, const char *name, unsigned least, unsigned most, unsigned *, struct err *);

/* "views": the pages on the same sources and filter, with this one's path marked. */
void	timeline_views(const struct view *, const char *path, json_t *model);

/* "sources" of a form: all, each alone, and what the view has. */
void	sources_menu(const struct view *, json_t *form);

/* The time under a click, "wide?120,33", of a picture of the view's query; its bucket is set. */
int	timeline_pick(const struct view *, const char *pick, int64_t *sec, struct err *);

#endif
