/*
 * The lines for a shell that give the numbers of a page.
 */
#ifndef CGI_COMMANDS_H
#define CGI_COMMANDS_H

#include <jansson.h>

#include "serve.h"

/* "commands" of a query that was run: {flowlight, nfdump, nfdump_note, why_not, flowtools, why_no_flowtools}. */
void	commands_model(const struct request *, const struct query *, const struct result *, json_t *);

#endif
