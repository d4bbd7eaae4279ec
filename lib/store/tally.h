/*
 * What is counted of a file's flows while it is read: a small table for each
 * thing that a top list is made of.
 *
 * An address is looked up once a flow and side; its entry's number stands for
 * it in the tables of pairs, so those have keys of 8 bytes.  Packets and bytes
 * are of both directions.  Counters stay at their greatest value.  When a key's
 * first flow began and its last one ended is kept in one word (tally_times).
 */
#ifndef STORE_TALLY_H
#define STORE_TALLY_H

#include "flow/batch.h"

enum tally_kind {
	TALLY_ADDR,		/* both words of an address; counted as source, then as destination */
	TALLY_PAIR,		/* source's entry << 32 | destination's */
	TALLY_SERVICE,		/* source's entry << 16 | destination port */
	TALLY_SRCPORT, TALLY_DSTPORT, TALLY_PROTO, TALLY_SRCAS, TALLY_DSTAS, TALLY_INIF, TALLY_OUTIF,
	TALLY_KINDS
};

/* The order of counts, everywhere in the tops. */
enum top_metric { TOP_FLOWS, TOP_PACKETS, TOP_BYTES, TOP_METRICS };

/* What an entry of a tally counts of a side: the metrics, then its times. */
enum { TALLY_TIMES = TOP_METRICS, TALLY_SIDE };

/* A table from 64-bit words to counts: entries of key, then counts. */
struct tally_table {
	unsigned key_words, words;	/* of an entry */
	uint64_t *entries;
	size_t n, room;
	uint32_t *slots;		/* bits of the hash << 26 | entry + 1; 0: free */
	size_t mask;
	uint64_t slack[TOP_METRICS];	/* what an entry may have lost in this table, and one that is not there has at most */
	uint64_t lost[TOP_METRICS];	/* all that was taken out, together */
	uint64_t dropped;		/* entries that were */
};

static inline uint64_t *
tally_key(const struct tally_table *t, size_t i)
{
	return t->entries + i * t->words;
}

static inline uint64_t *
tally_counts(const struct tally_table *t, size_t i)
{
	return tally_key(t, i) + t->key_words;
}

struct tally;

/*
 * Tables hold at most about `max` entries each: beyond it those with small
 * counts are taken out, which the table's slack tells.  Some 160 bytes an entry.
 */
struct tally *tally_new(size_t max);
void	tally_free(struct tally *);		/* NULL is fine */

/* Adds the fields that tally_add needs. */
void	tally_fields(struct fieldset *);
void	tally_add(struct tally *, const struct batch *);

/* The table of a kind is needed no more: it is empty now. */
void	tally_forget(struct tally *, enum tally_kind);

const struct tally_table *tally_table(const struct tally *, enum tally_kind);

/*
 * Times are counted from the first flow met, in milliseconds; the begin, turned
 * over, above the end, so that the greater of each half is the wider span and 0 is
 * none.  A flow 24 days off, or without times, has all of the tally's unknown.
 */
static inline uint64_t
tally_wider(uint64_t a, uint64_t b)
{
	uint64_t first = (a >> 32) > (b >> 32) ? a >> 32 : b >> 32;
	uint64_t last = (uint32_t)a > (uint32_t)b ? (uint32_t)a : (uint32_t)b;

	return first << 32 | last;
}
bool	tally_times_known(const struct tally *);
void	tally_times(const struct tally *, uint64_t word, uint64_t *first_msec, uint64_t *last_msec);

/* Were there addresses of IPv4 and of IPv6?  Both, when not all are known. */
void	tally_families(const struct tally *, bool *v4, bool *v6);

/* Tables of one's own; tally_find gives the number of a key's entry, which is made when there is none. */
void	tally_table_init(struct tally_table *, unsigned key_words, unsigned counts);
void	tally_table_free(struct tally_table *);
uint32_t tally_find(struct tally_table *, const uint64_t *key);

/* Adds, staying at the greatest number. */
static inline void
tally_plus(uint64_t *sum, uint64_t more)
{
	uint64_t s = *sum + more;

	*sum = s < more ? UINT64_MAX : s;
}

#endif
