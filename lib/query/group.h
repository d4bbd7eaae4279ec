/*
 * Grouping: an open-addressing table from packed keys to counters, one per
 * thread, merged by hash partition; and the top of what it holds.
 *
 * A packed key is the values of its fields, numbers big-endian, so that
 * comparing keys as bytes compares them as values.
 */
#ifndef QUERY_GROUP_H
#define QUERY_GROUP_H

#include "query/query.h"
#include "query/rows.h"

/* How the keys of a flow are packed. */
struct group_keys {
	const struct key *key;
	size_t n;
	uint16_t offset[KEYS_MAX];	/* in the packed key */
	size_t size;			/* of the packed key, a multiple of 8 */
};

void	group_keys_init(struct group_keys *, const struct key *, size_t n);

/* Adds the fields that packing and counting need. */
void	group_fields(const struct group_keys *, struct fieldset *);

struct group;

/*
 * An empty table.  With `firsts` the fields of the flow that came first are
 * kept for each group (by order: see group_add).
 */
struct group *group_new(size_t key_size, const struct fieldset *firsts);
void	group_free(struct group *);		/* NULL is fine */

/*
 * Counts the chosen flows of a batch.  order: where the batch stands in the
 * whole query, growing with files, blocks and batches; among threads the lowest
 * order decides which flow was first.
 */
void	group_add(struct group *, const struct group_keys *, const struct batch *,
	    const uint16_t *chosen, size_t n, uint64_t order);

size_t	group_count(const struct group *);
size_t	group_memory(const struct group *);

/*
 * Merges the tables of `n` threads, in as many threads, into tables with no key
 * in common; those take the places of the old ones, which are freed.
 */
void	group_merge(struct group **, size_t n);

/*
 * The groups of merged tables in the order asked for: the best `top` (0: all),
 * ties by key ascending.  Fills rows' columns, which the caller has chosen among:
 * the keys' fields, the counters, F_FLAGS and those of `firsts`.
 */
void	group_top(struct group *const *, size_t n, const struct group_keys *, enum order,
	    bool ascending, uint64_t top, const struct fieldset *columns, struct arena *, struct batch *rows);

/* Reads a flow's counters out of a row. */
void	counters_of_row(const struct batch *, size_t i, struct counters *);
void	counters_fields(struct fieldset *);

/*
 * The network of an address by its flow's mask.  Where that is unknown (0), an
 * IPv4 address stays and of IPv6 the /64 is taken, as nfdump has it.
 */
void	address_network(struct addr *, unsigned bits);

#endif
