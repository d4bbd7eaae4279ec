/*
 * A command line of nfdump or of our own, as somebody pastes it, as a query.
 * Nothing is run, and no file is looked at.
 */
#ifndef QUERY_PARSE_H
#define QUERY_PARSE_H

#include "flow/slot.h"
#include "query/query.h"

/*
 * Splits a line as a shell does: blanks, quotes, backslashes; nothing is
 * expanded.  What would make the shell do more than run one command, such as a
 * bar, is an error that names its column.  (*words)[n] is NULL.
 */
int	words_split(const char *line, struct arena *, char ***words, int *n, struct err *);

/*
 * The query of "nfdump -M … -s srcip 'proto tcp'", "flowlight query …", or of
 * options alone.  Options of nfdump that change no answer are dropped; one that
 * writes files or asks for what we have not is an error that says so.
 *
 * When -r, -R and -M name files of these sources, query->sources and its window
 * take their place (slot: seconds of a file).  Else the query keeps the paths:
 * who shows pages must refuse it (query_has_paths).
 */
int	query_from_command(struct query *, int argc, char **argv, const struct source *sources, size_t nsources,
	    unsigned slot, struct err *);

bool	query_has_paths(const struct query *);

#endif
