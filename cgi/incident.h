/*
 * What stood out, a sentence each.
 */
#ifndef CGI_INCIDENT_H
#define CGI_INCIDENT_H

#include <jansson.h>

#include "engine.h"
#include "serve.h"

/*
 * The incidents as items of a list, for {{>incident}}: {slot, from, to, slot_text, span, source, colour, kind,
 * sentence, href}.  slot is the loudest one, which the sentence is of and the link leads to.
 */
void	incidents_model(json_t *list, const struct request *, const struct incident *, size_t n);

/* "Fri 2026-11-20 14:35 UTC" */
const char *weekday_text(int64_t, struct arena *);

#endif
