/*
 * What the engine found out, as JSON: the same for the command line and the pages.
 */
#ifndef ENGINE_JSON_H
#define ENGINE_JSON_H

#include <jansson.h>

#include "engine_host.h"

/*
 * {slot, source, quiet, kind, sentence, changes, evidence, owners, before}.  The
 * lists' items stand in the order of the explanation's arrays, so that a page can
 * add to them what only it knows.
 */
json_t	*peak_json(const struct peak *);

/* {host, from, to, slots, possible, unknown, slots_all, … days}; what is of flows only if they were read. */
json_t	*host_json(const struct host *, const char *name);

/* "2026-11-20": the day's date. */
char	*host_day_text(const struct host_day *, char buf[static WHEN_STRLEN]);

#endif
