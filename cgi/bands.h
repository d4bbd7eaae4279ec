/*
 * A table of groups by two keys or more as a Sankey picture: "sankey" of a result's model.
 */
#ifndef CGI_BANDS_H
#define CGI_BANDS_H

#include <jansson.h>

#include "view.h"

/* Nothing when the result is no such table, or a series of one, has less than two rows, or only bounds of them. */
void	bands_model(json_t *result, const struct view *, const struct result *);

#endif
