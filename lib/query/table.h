/*
 * A table from packed keys to counters: open addressing over entries that
 * stand one after another.  Not shared between threads.
 *
 * An entry is 64-bit words: the key, then the counts that the shape asks for.
 */
#ifndef QUERY_TABLE_H
#define QUERY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "query/metric.h"

/* What stands in an entry after its key. */
enum count {
	COUNT_FLOWS, COUNT_PACKETS, COUNT_BYTES, COUNT_FIRST, COUNT_LAST,
	COUNT_FLAGS, COUNT_ORDER,		/* with records */
	COUNT_OUTPACKETS, COUNT_OUTBYTES,	/* with out, always the last */
};

struct table_shape {
	size_t key_size;	/* bytes, a multiple of 8 */
	bool records;		/* keeps TCP flags, and which flow came first */
	bool out;		/* keeps the other direction's counters */
};

struct group_table {
	struct table_shape shape;
	size_t entry_size;	/* bytes */
	char *entries;
	size_t n, room;
	uint32_t *slots;	/* some bits of the hash << 26 | entry + 1, 0: free */
	size_t mask;		/* slots - 1 */
};

#define TABLE_ENTRIES_MAX	((1u << 26) - 2)

/* Multiplies and folds: a few cycles for each 8 bytes, good in all 32 bits. */
static inline uint32_t
table_hash(const char *key, size_t size)
{
	uint64_t h = size * 0x9e3779b97f4a7c15ULL, word;

	for (size_t i = 0; i < size; i += 8) {
		memcpy(&word, key + i, 8);
		h = (h ^ word) * 0xff51afd7ed558ccdULL;
		h ^= h >> 32;
	}
	h *= 0xc4ceb9fe1a85ec53ULL;
	return (uint32_t)(h >> 32);
}

void	table_init(struct group_table *, const struct table_shape *);
void	table_free(struct group_table *);
void	table_clear(struct group_table *);	/* no entries; keeps its memory */
size_t	table_memory(const struct group_table *);

/* Puts room for the other direction into all entries. */
void	table_widen(struct group_table *);

/* Asks for the memory that keys of these hashes need, ahead of table_find. */
void	table_prefetch(const struct group_table *, const uint32_t *hash, size_t n);

/* The counts of a key, NULL when it is not there. */
uint64_t *table_seek(const struct group_table *, uint32_t hash, const char *key);

/* The same, made if need be; the counts of a new entry are zero, and COUNT_FIRST and COUNT_ORDER at their greatest. */
uint64_t *table_find(struct group_table *, uint32_t hash, const char *key);

static inline char *
table_key(const struct group_table *t, size_t i)
{
	return t->entries + i * t->entry_size;
}

static inline uint64_t *
table_counts(const struct group_table *t, size_t i)
{
	return (uint64_t *)(t->entries + i * t->entry_size + t->shape.key_size);
}

/* Where the other direction's counters are in an entry of this shape. */
static inline size_t
table_out_at(const struct table_shape *shape)
{
	return shape->records ? COUNT_OUTPACKETS : COUNT_FLAGS;
}

/* Adds the counts of an entry of `from` to one of `to`; both have their shape. */
void	counts_add(uint64_t *to, const struct table_shape *, const uint64_t *from, const struct table_shape *);

/* Reads an entry's counts. */
void	counts_read(const uint64_t *, const struct table_shape *, struct counters *);

#endif
