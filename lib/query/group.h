/*
 * Grouping flows by packed keys, in several threads.
 *
 * Each thread counts into a small table of its own that stays in its cache
 * (hot.h); when that is full, its groups are added to parts that all share, one for
 * each of the hash's first bits, each under a lock (part.h).  Where hardly a flow
 * meets another of its key, flows go to the parts at once.
 *
 * A packed key is the values of its fields, numbers big-endian, so that
 * comparing keys as bytes compares them as values.
 */
#ifndef QUERY_GROUP_H
#define QUERY_GROUP_H

#include "format/reader.h"
#include "query/query.h"

/* How the keys of a flow are packed. */
struct group_keys {
	const struct key *key;
	size_t n;
	uint16_t offset[KEYS_MAX];	/* in the packed key */
	size_t size;			/* of the packed key, a multiple of 8 */
	enum bidir bidir;		/* set by the caller for five-tuples: both directions are one group */
	bool narrow;			/* addresses are IPv4 and take 4 bytes */
};

void	group_keys_init(struct group_keys *, const struct key *, size_t n);

/* Adds the fields that packing and counting need. */
void	group_fields(const struct group_keys *, struct fieldset *);

/* Packs the chosen flows' keys (chosen NULL: the first n), one after another; and back, a key into row i of the batch's columns. */
void	group_pack(const struct group_keys *, const struct batch *, const uint16_t *chosen, size_t n, char *packed);
void	group_unpack(const struct group_keys *, const char *packed, struct batch *rows, size_t i);

/*
 * nfdump's network of an address by the mask that a flow carries: IPv4 keeps its
 * first `bits` unless they are 0 or 32 and more, IPv6 with 0 bits its first 64.
 */
void	address_network(struct addr *, unsigned bits);

struct group;

/*
 * For keys packed like these, and so many threads.  records: TCP flags are or-ed, and it
 * is known which flow of a group came first; keys of both directions need it.
 */
struct group *group_new(const struct group_keys *, bool records, unsigned threads);
void	group_free(struct group *);		/* NULL is fine */

/*
 * Counts the first n flows of a batch.  piece: the number of the piece of work
 * that the batch is of; among a group's flows the one with the lowest piece, and
 * of those the one with the lowest number (batch_flow), is its first.
 */
void	group_add(struct group *, unsigned thread, const struct group_keys *, const struct batch *,
	    size_t n, uint32_t piece);

/* Counts rows that are sums of many flows each, without records: they know nothing of who came first. */
void	group_add_sums(struct group *, unsigned thread, const struct group_keys *, const struct batch *);

/* Where a first flow stands, as group_top gives it. */
#define FIRST_PIECE(where)	((uint32_t)((where) >> 40))
#define FIRST_NUMBER(where)	((where) & (FIRST_FLIPPED - 1))
#define FIRST_FLIPPED		((uint64_t)1 << 39)	/* the row shows it the other way round */

/* After the last group_add, before the functions below. */
void	group_finish(struct group *);

uint64_t group_count(const struct group *);
size_t	group_memory(struct group *);		/* bytes, at any time */

/*
 * The groups in the order asked for (ORDERS: by key): the best `top` (0: all) of
 * those that are chosen (NULL: all), ties by key ascending.  Makes these columns
 * in rows and fills the keys', the counters' and F_FLAGS; (*first)[i], if first is
 * not NULL, is where row i's first flow stands.  How many were chosen.
 */
uint64_t group_top(struct group *, const struct group_keys *, const struct selection *,
	    enum order, bool ascending, uint64_t top, const struct fieldset *columns,
	    struct arena *, struct batch *rows, uint64_t **first);

/* Reads a flow's counters out of a row. */
void	counters_of_row(const struct batch *, size_t i, struct counters *);
void	counters_fields(struct fieldset *);

#endif
