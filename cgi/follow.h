/*
 * Pages that follow what comes in: they tell a number that changes when the index
 * knows more of their sources, and /newest.json tells it anew.  A script that finds
 * another one there renews what the page shows; nothing waits in between.
 */
#ifndef CGI_FOLLOW_H
#define CGI_FOLLOW_H

#include <jansson.h>

#include "serve.h"

/* "follow": {href, version}.  Called before the page looks at anything; without it when there is no index yet. */
void	follow_model(const struct request *, const char *sources, json_t *model);

#endif
