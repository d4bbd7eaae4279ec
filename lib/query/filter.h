/*
 * nfdump's filter language (flowlight-filter(7)), compiled into a short
 * program whose steps are loops over one column of a batch.
 *
 * Meaning where nfdump's versions differ: a test on an element that the record
 * lacks is false, except counters and proto, which are zero; `not flags XY` is
 * the negation of "all of X and Y"; host bits of a network are cleared; IPv4 never
 * matches IPv6; `flows N` counts 1 for a raw flow; MPLS labels count from 1.
 */
#ifndef QUERY_FILTER_H
#define QUERY_FILTER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "flow/batch.h"
#include "flow/ranges.h"

struct filter;

/*
 * Compiles; NULL or "" means any.  The program lives in the arena.  A syntax
 * error is ERR_INPUT: "filter, line 1, column 9: expected a port number, not "prot"".
 */
struct filter *filter_compile(const char *text, struct arena *, struct err *);

/*
 * Lets this process look up host names that stand for addresses in filters, by the
 * system's resolver.  Off unless the configuration says "resolve = true", and never on
 * for the web: a look-up waits, and tells others what one looks at.
 */
void	filter_look_up_names(bool allow);

/* What passes both; they are left as they are. */
struct filter *filter_both(const struct filter *, const struct filter *, struct arena *);

/* Adds the fields that filter_run needs. */
void	filter_fields(const struct filter *, struct fieldset *);

bool	filter_is_any(const struct filter *);

/* Does it ask for the number of the flow (count), so that flows must come in order, numbered on from file to file? */
bool	filter_counts(const struct filter *);

/* Scratch memory for filter_run, one per thread. */
struct filter_scratch;
struct filter_scratch *filter_scratch(const struct filter *, struct arena *);

/*
 * Sets sel[i] to 1 for each flow of the batch that matches, else to 0;
 * returns how many match.  sel has room for BATCH_MAX; batch->n <= BATCH_MAX.
 */
size_t	filter_run(const struct filter *, struct filter_scratch *, const struct batch *, uint8_t *sel);

/*
 * Networks of which a flow that matches has an address in one, as source or
 * destination: how many; 0 when the filter says no such thing, or names more than max.
 */
size_t	filter_hosts(const struct filter *, struct prefix *, size_t max);

/* False when by their ranges none of a block's flows can match. */
bool	filter_may_match(const struct filter *, const struct block_ranges *);

/*
 * The parts of a filter between its outermost "and"s, as they are written but
 * without comments; with an outermost "or" it is one part, in parentheses.  Joined by "and"
 * they mean the same.  None for any.  In the arena; -1 when it does not compile.
 */
int	filter_terms(const char *text, struct arena *, const char ***terms, size_t *n, struct err *);

/* The filter and one more term, which is not said twice; the term alone when the filter is any. */
const char *filter_and(const char *text, const char *term, struct arena *);

/* The filter without its k-th term; NULL when that is any. */
const char *filter_without(const char *text, size_t k, struct arena *);

/* What may stand at a place of a filter that is being typed. */
struct filter_advice {
	/* What is wrong with all of it; why NULL: nothing. */
	const char *why;
	size_t line, column;		/* from 1, characters */
	bool unfinished;		/* at its end: something is still to come */
	size_t typed;			/* bytes before the place that are of the word there */
	const char *expects;		/* of a value: "a port number", else NULL */
	struct { const char *word, *meaning; } words[48];
	size_t n;
};

/* The place is between bytes at - 1 and at.  All in the arena. */
void	filter_advise(const char *text, size_t at, struct arena *, struct filter_advice *);

enum filter_dialect {
	FILTER_OURS,		/* canonical; parsing it gives the same program */
	FILTER_NFDUMP,		/* a text that nfdump 1.7.1 and later take to mean the same as we do */
};

/*
 * Prints the filter.  With FILTER_NFDUMP -1 when a term has no such text; then
 * *why (may be NULL) is a constant that says which.
 */
int	filter_print(const struct filter *, enum filter_dialect, struct strbuf *, const char **why);

/* What flow-nfilter is to be given. */
struct filter_flowtools {
	const char *name;		/* of the definition */
	const struct fieldset *lacks;	/* that not all files have: a test on one is refused; NULL: none */
	int64_t from_msec, to_msec;	/* of the flows, as a query has them; INT64_MIN and INT64_MAX: open */
};

/*
 * Prints the filter in flow-nfilter's language: primitives and a definition.  -1
 * when it cannot say it; then *why is a sentence that names the test, in the arena.
 */
int	filter_print_flowtools(const struct filter *, const struct filter_flowtools *, struct arena *, struct strbuf *,
	    const char **why);

/* The words of the language, for the help page: the parser's own table.  Ends with a NULL word. */
struct filter_help {
	const char *word;		/* "ip, host": all spellings, ours first */
	const char *qualifiers;		/* that may stand before it: "src, dst", "" */
	const char *argument;		/* "C N | in [N …]", "" */
	const char *example, *meaning;
};
extern const struct filter_help filter_helps[];

#endif
