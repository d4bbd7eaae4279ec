/*
 * Counting flows by an address or its country, where a column file's reader gives places in a
 * block's dictionary in the address's stead: what has a place is counted in an
 * array, and comes to the groups once for each address of a block.
 */
#ifndef QUERY_DENSE_H
#define QUERY_DENSE_H

#include "query/group.h"

struct dense;

struct dense *dense_new(void);
void	dense_free(struct dense *);	/* NULL is fine */

/* Can these keys be counted by place?  The places are those of dense_field. */
bool	dense_fits(const struct group_keys *);
enum field dense_field(const struct group_keys *);

/*
 * Counts the first n flows of a batch, which has places of the key's dense_field.
 * What was counted of another dictionary is added to the group first.
 */
void	dense_add(struct dense *, struct group *, unsigned thread, const struct group_keys *,
	    const struct batch *, size_t n);

/* Can these keys be counted by sums of addresses (reader_next_sums)? */
bool	dense_fits_sums(const struct group_keys *);

/* Adds to the group the sums of the keys' sides. */
void	dense_add_sums(struct dense *, struct group *, unsigned thread, const struct group_keys *sides, size_t nsides,
	    const struct flow_sums *);

/* Adds to the group what was counted. */
void	dense_flush(struct dense *, struct group *, unsigned thread, const struct group_keys *);

#endif
