/*
 * Questions whose answers show what an explanation says, and what an operator may
 * do about it.
 */
#ifndef ENGINE_PROOF_H
#define ENGINE_PROOF_H

#include "engine.h"

#define PROOF_TOP	20

/*
 * The top list of a dimension by a metric, in the peak's slot and source: it has
 * the explanation's keys with their numbers.  key tells the family of a network's
 * addresses.  In the arena; NULL and err if there is no such list.
 */
struct query *proof_list(const struct engine *, const struct peak *, enum top_dim, enum top_metric,
	    const uint8_t *key, struct arena *, struct err *);

/* What the flows of a filter go to: a top list of the other side. */
struct query *proof_flows(const struct engine *, const struct peak *, enum top_dim, enum top_metric,
	    const char *filter, struct arena *, struct err *);

/* Lines for the shell, in the arena; nfdump NULL: it cannot ask this, why says so (or warns). */
struct proof { const char *flowlight, *nfdump, *why; };
int	proof_print(struct engine *, const struct query *, struct arena *, struct proof *, struct err *);

/*
 * Text to paste where it helps, of floods and amplification: for pf, nftables and
 * BGP FlowSpec.  To be considered by a person; nothing here runs it.  Made from
 * addresses and numbers alone.  None: *n is 0; so it is for a role that does not see
 * whole addresses.
 */
struct measure { const char *title, *text; };
void	measures(const struct engine *, const struct peak *, struct arena *, struct measure **, size_t *n);

#endif
