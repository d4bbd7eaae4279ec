/*
 * Presence: which addresses a file has, and how runs of them are coded.
 *
 * A run is a list of addresses in order, cut into blocks of about 4 kB; with
 * each stands in which slots it was seen, when the run is of several slots.  A
 * block's first address is kept beside it, so that one look-up finds the block.
 *
 * A flood of made-up addresses would make runs larger than flows are worth.  So
 * addresses have tiers, a file's run has only those tiers that fit its budget,
 * and the others go, as far as there is room, into a sieve, which knows of an
 * address that it has not been seen, or only that it may have been.
 */
#ifndef STORE_PRESENCE_H
#define STORE_PRESENCE_H

#include "store/toptable.h"

/* Why an address deserves to be found. */
enum tier {
	TIER_STRANGER,		/* one flow of at most two packets */
	TIER_PEER,
	TIER_REGULAR,		/* ten flows, or 50 packets */
	TIER_TOP,		/* in the top table */
	TIERS
};

/* A file's addresses, in order. */
struct addresses {
	struct address { struct addr addr; uint8_t tier; } *address;
	size_t n;
	bool partial;		/* there were more, of which nothing is known */
};

void	addresses_of_tally(const struct tally *, const struct toptable *ip, struct addresses *);
void	addresses_free(struct addresses *);

/* Blocks with the keys that they begin with: 16 bytes of an address, or a number. */
struct blocks {
	struct coded_block { struct strbuf bytes; uint8_t first[16]; } *block;
	size_t n, room;
	size_t size;		/* bytes, with what keeping a block costs */
	struct addr last;
};
void	blocks_free(struct blocks *);
struct strbuf *blocks_new(struct blocks *, const uint8_t first[16]);	/* a further block, for its bytes */

#define BLOCK_BYTES	3960
#define BLOCK_COST	64	/* of a row and its key in the database */

/* Appends an address that is after the last.  slots: bits, NULL for a run of one slot; nslots of them. */
void	blocks_put(struct blocks *, const struct addr *, const uint8_t *slots, size_t nslots);

/* Reading a block. */
struct block_reader {
	const uint8_t *p, *end;
	size_t nslots;		/* of the run, 0: of one slot */
	bool first;
	struct addr addr;
};
void	block_start(struct block_reader *, const uint8_t first[16], const void *, size_t, size_t nslots);

/* The next address in r->addr, and its slots: 1, 0 at the end, -1 when the block is broken. */
int	block_next(struct block_reader *, uint8_t *slots);

/*
 * The set of the addresses of a tier below `tier`, as good as it can be in so many
 * bytes: in how many blocks it is; 0 when there is not room enough for it to be of use.
 */
#define SIEVE_BLOCK_BYTES 4000	/* a page each */
#define SIEVE_BITS_MOST	12	/* for an address: one of 2,600 strange ones seems to be in it */
#define SIEVE_BITS_LEAST 1.3	/* one of two or three does */
#define SIEVE_KEY	2
size_t	sieve_put(struct blocks *, const struct addresses *, enum tier tier, size_t most);

/* The key of the block where an address would be; and may it be one of those?  If not, it is none. */
void	sieve_key(const struct addr *, size_t nblocks, uint8_t key[SIEVE_KEY]);
bool	sieve_has(const struct addr *, const void *block, size_t);

#endif
