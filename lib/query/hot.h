/*
 * A thread's own table, for the groups that it meets most: of a fixed size that
 * stays in the cache, and emptied when it is full.
 *
 * A cell is 64-bit words: the hash (0: free), the key, the counts as in table.h.
 * With a short key that is one cache line.
 */
#ifndef QUERY_HOT_H
#define QUERY_HOT_H

#include <string.h>

#include "query/table.h"

#define HOT_CELLS	8192
#define HOT_FULL	(HOT_CELLS / 8 * 5)	/* groups that it takes */
#define HOT_USED	((uint64_t)1 << 32)

struct hot {
	struct table_shape shape;
	unsigned key_words, words;	/* of a cell */
	size_t n;			/* groups in it */
	uint64_t added;			/* flows since it was empty */
	uint64_t *cells;
};

void	hot_init(struct hot *, const struct table_shape *);	/* empty; its memory comes with hot_clear */
void	hot_free(struct hot *);
void	hot_clear(struct hot *);
size_t	hot_memory(const struct hot *);

/* Only when it is empty: keeps the other direction's counters from now on. */
void	hot_widen(struct hot *);

/* A free cell becomes that of a key; its counts are as those of table_find. */
uint64_t *hot_new(struct hot *, uint64_t *cell, uint32_t hash, const uint64_t *key);

static inline uint64_t *
hot_cell(const struct hot *h, uint32_t hash)
{
	return h->cells + (size_t)(hash & (HOT_CELLS - 1)) * h->words;
}

/* The counts of a key; there must be room for a new one.  key_words is h's: where it is a constant this is quicker. */
static inline uint64_t *
hot_find(struct hot *h, uint32_t hash, const uint64_t *key, unsigned key_words)
{
	for (uint32_t at = hash; ; at++) {
		uint64_t *cell = hot_cell(h, at), differ = cell[0] ^ (HOT_USED | hash);

		for (unsigned i = 0; i < key_words; i++)
			differ |= cell[1 + i] ^ key[i];
		if (differ == 0)
			return cell + 1 + key_words;
		if (cell[0] == 0)
			return hot_new(h, cell, hash, key);
	}
}

#endif
