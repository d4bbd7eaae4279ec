/*
 * The zone that a request's pages show times in and read them in: that of the site, or
 * one that the viewer picks by the parameter "zone", which all links of the page keep.
 */
#ifndef CGI_ZONE_H
#define CGI_ZONE_H

#include <jansson.h>

#include "serve.h"

#define ZONE_PARAMETER	"zone"

/*
 * Borrows the zone that the request asks for, or that of the site.  Returns what was borrowed
 * before, for zone_leave (a page may ask another page).  ERR_INPUT for a zone that is none: *rc.
 */
const char *zone_enter(const struct request *, int *rc, struct err *);
void	zone_leave(const char *before);

/* An address of ours with the zone, if one is borrowed and it has none yet; in the arena. */
const char *zone_href(const struct request *, const char *href);

/* Completes an HTML page: links, forms and pictures of ours get the zone. */
void	zone_links(const struct request *, struct strbuf *html);

/* Completes a page as JSON: what is a link by its name. */
void	zone_json(const struct request *, json_t *model);

/* "clock": what the choice of a zone needs. */
void	zone_model(const struct request *, json_t *model);

#endif
