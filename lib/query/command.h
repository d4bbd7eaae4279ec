/*
 * A query as a line for the shell.
 */
#ifndef QUERY_COMMAND_H
#define QUERY_COMMAND_H

#include "query/result.h"

/* "flowlight query --source a,b --from … -s srcip/flows -n 10 -- 'proto tcp'" */
void	command_flowlight(const struct query *, const char *conf_path, struct strbuf *);

/*
 * "nfdump -M base/a:b -R first:last -s srcip/flows -n 10 -- 'proto tcp'", over
 * the files that the index chose (slots: oldest first).  -1 when nfdump cannot
 * ask this; then *why is a sentence that says what it cannot.
 */
int	command_nfdump(const struct query *, const struct slot *slots, size_t nslots,
	    struct strbuf *, const char **why);

#endif
