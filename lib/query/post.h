/*
 * What decides about groups and rows of statistics after all flows are
 * counted: -l, -L, and the filter of -P.
 */
#ifndef QUERY_POST_H
#define QUERY_POST_H

#include "format/reader.h"
#include "query/query.h"

/* Compiles -P.  ERR_INPUT when it asks for what a table's rows have not, or when there are no such rows. */
int	post_check(struct query *, struct err *);

bool	post_is_any(const struct query *);

struct post {
	const struct query *query;
	enum side side;			/* -l and -L compare what the order ranks by */
	struct filter_scratch *scratch;
};

/*
 * A selection of rows that have these columns, with all that it needs added to
 * `columns`.  The post is its context; both live as long as the arena.
 */
void	post_selection(struct post *, const struct query *, enum order, struct fieldset *columns,
	    struct arena *, struct selection *);

#endif
