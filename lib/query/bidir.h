/*
 * Both directions of a conversation as one group (-b, -B).
 *
 * The key of a TCP or UDP flow is packed with the smaller of its two ends
 * first, so that both directions meet in one group; its counters are kept by
 * the ends' places.  Which end is shown as source is that of the group's first
 * flow, whatever thread met it: so it is known when all flows are in.
 */
#ifndef QUERY_BIDIR_H
#define QUERY_BIDIR_H

#include "query/group.h"
#include "query/table.h"

/* Turns the packed five-tuples whose source is the greater end; turned[i] tells which. */
void	bidir_pack(const struct group_keys *, char *packed, size_t n, uint8_t *turned);

/* Moves a turned flow's counters, which were added as if it were not; flags: those before it. */
void	bidir_move(uint64_t *counts, const struct table_shape *, const struct batch *, size_t i, uint64_t flags);

/* TCP flags of the flows that went as the first one did, as nfdump has it. */
uint64_t bidir_flags(const uint64_t *counts);

/*
 * COUNT_ORDER of these groups has which way the first flow went in its lowest
 * bit; where the flow stands without it.
 */
uint64_t bidir_order(uint64_t where, bool turned);
uint64_t bidir_where(uint64_t order);

/* Is the group to be shown the other way round?  `flips`: also compared with its first flow. */
bool	bidir_shows_turned(const struct group_keys *, const char *packed, uint64_t order, bool *flips);

/* The other way round: the key into `to` (of keys->size), the counters in place. */
void	bidir_turn_key(const struct group_keys *, const char *packed, char *to);
void	bidir_turn_counters(struct counters *);

/* Exchanges what a row has of both sides beside key and counters: interfaces, AS, masks … */
void	bidir_turn_row(struct batch *, size_t row);

#endif
