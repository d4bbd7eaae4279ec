/*
 * What the engine found out, as JSON: the same for the command line and the pages.
 */
#ifndef ENGINE_JSON_H
#define ENGINE_JSON_H

#include <jansson.h>

#include "engine.h"

/*
 * {slot, source, quiet, kind, sentence, changes, evidence, owners, before}.  The
 * lists' items stand in the order of the explanation's arrays, so that a page can
 * add to them what only it knows.
 */
json_t	*peak_json(const struct peak *);

#endif
