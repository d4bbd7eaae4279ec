/*
 * The groups whose keys' hashes begin with the same bits.
 *
 * Threads write entries into chunks of their own and give a part those that are
 * full; there they are piled up, and joined with those of the same keys when the
 * pile has grown: so adding is writing one after another, and joining stays in the
 * cache.  An entry is the key and three or four 64-bit words:
 *
 *	first 44 bits | flows 20	milliseconds since 1970
 *	last - first 32 | packets 32
 *	bytes 64
 *	flags 8 | piece 24 | number 32	with records: TCP flags, COUNT_ORDER
 *
 * What does not fit is in a table of its own; after part_finish each key is in one of
 * the two.
 */
#ifndef QUERY_PART_H
#define QUERY_PART_H

#include <pthread.h>

#include "base/slab.h"
#include "query/table.h"

/* How the entries of a group are made. */
struct entry_form {
	unsigned key_words;		/* 64-bit words */
	unsigned words;			/* of an entry */
	bool records;
};

#define CHUNK_ENTRIES	128		/* in a piece of the slabs: of words * 8 * CHUNK_ENTRIES bytes */

struct part {
	pthread_mutex_t lock;		/* of whoever adds */
	struct entry_form form;
	struct slabs *slabs;
	uint64_t **chunk;
	size_t nchunks, room;
	size_t joined;			/* so many are of different keys */
	size_t n;			/* and the pile begins with the next chunk; n == joined: there is none */
	size_t enough;			/* a pile of so many is joined */
	uint32_t *slots;		/* of those joined: some bits of the hash << 26 | entry + 1, 0: free */
	size_t nslots;			/* 0: they are not kept just now */
	struct group_table wide;
	size_t wide_seen;		/* keys in it when the pile was joined */
};

void	entry_form_init(struct entry_form *, size_t key_size, bool records);
size_t	entry_chunk_bytes(const struct entry_form *);

void	part_init(struct part *, const struct entry_form *, struct slabs *);
void	part_free(struct part *);

/* Bytes that it has beside chunks. */
size_t	part_memory(const struct part *);

/* Adds the counts that a key has in a table of that shape (see table.h), which do not fit into an entry. */
void	part_add_wide(struct part *, uint32_t hash, const uint64_t *key, const uint64_t *counts,
	    const struct table_shape *);

/* Takes a chunk full of entries, and joins the pile when it is time. */
void	part_add_chunk(struct part *, uint64_t *chunk);

/* Takes the last few entries: of the first so many words of a chunk. */
void	part_add_rest(struct part *, const uint64_t *chunk, size_t words);

/* Joins what is of one key, for the last time. */
void	part_finish(struct part *);

/* The words of an entry after its key, as the counts of a table with records as the form has, and no out. */
void	entry_counts(const struct entry_form *, const uint64_t *entry, uint64_t *counts);

static inline uint64_t *
part_entry(const struct part *p, size_t i)
{
	return p->chunk[i / CHUNK_ENTRIES] + i % CHUNK_ENTRIES * p->form.words;
}

/* What an entry of one flow, or of a few, is made of. */
struct entry_sum {
	uint64_t flows, packets, bytes, first, last, flags, order;
};

#define ENTRY_NUMBER_BITS	40	/* COUNT_ORDER: piece, and number in this many bits */

/* Does it fit into an entry?  (Beyond the shifts: one test for all.) */
static inline bool
entry_fits(const struct entry_sum *s)
{
	uint64_t number = s->order & (((uint64_t)1 << ENTRY_NUMBER_BITS) - 1);

	return (s->flows >> 20 | s->packets >> 32 | s->first >> 44 | (s->last - s->first) >> 32 |
	    s->flags >> 8 | number >> 32) == 0 && s->flows != 0;
}

/* Writes the words after the key. */
static inline void
entry_write(uint64_t *to, bool records, const struct entry_sum *s)
{
	to[0] = s->first << 20 | s->flows;
	to[1] = (s->last - s->first) << 32 | s->packets;
	to[2] = s->bytes;
	if (records)
		to[3] = s->flags << 56 | s->order >> ENTRY_NUMBER_BITS << 32 | (uint32_t)s->order;
}

static inline void
entry_read(const uint64_t *from, bool records, struct entry_sum *s)
{
	s->flows = from[0] & 0xfffff;
	s->first = from[0] >> 20;
	s->last = s->first + (from[1] >> 32);
	s->packets = (uint32_t)from[1];
	s->bytes = from[2];
	s->flags = records ? from[3] >> 56 : 0;
	s->order = records ? (from[3] >> 32 & 0xffffff) << ENTRY_NUMBER_BITS | (uint32_t)from[3] : 0;
}

#endif
