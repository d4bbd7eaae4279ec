/*
 * A query as a line for the shell.
 */
#ifndef QUERY_COMMAND_H
#define QUERY_COMMAND_H

#include "query/result.h"

/* "flowlight query --source a,b --from … -s srcip/flows -n 10 -- 'proto tcp'" */
void	command_flowlight(const struct query *, const char *conf_path, struct strbuf *);

/* Is one of the files of flow-tools?  Then nfdump reads not all of them. */
bool	command_has_flowtools(const struct slot *slots, size_t nslots);

/*
 * "flow-cat FILE… | flow-nfilter … | flow-report …" (or flow-print for lists)
 * over the files that the index chose, lines to be pasted into a shell, with all
 * they need in here-documents; filter_text is what flow-nfilter needs, empty
 * without a filter.  -1 when flow-tools cannot ask this; then *why is a
 * sentence that says what it cannot, in the query's arena.
 *
 * flow-report leaves out flows of no packets, which we count.
 */
int	command_flowtools(const struct query *, const struct slot *slots, size_t nslots,
	    struct strbuf *line, struct strbuf *filter_text, const char **why);

/*
 * "nfdump -M base/a:b -R first:last -s srcip/flows -n 10 -- 'proto tcp'", over
 * the files that the index chose (slots: oldest first).  -1 when nfdump cannot
 * ask this; then *why is a sentence that says what it cannot.
 */
int	command_nfdump(const struct query *, const struct slot *slots, size_t nslots,
	    struct strbuf *, const char **why);

#endif
