/*
 * Blocks of memory by key, in one room that all processes share which are
 * forked after cache_new: what one has made, the others have.  The oldest are
 * given up first.
 */
#ifndef CGI_CACHE_H
#define CGI_CACHE_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct cache;

struct cache *cache_new(size_t bytes);	/* NULL: there is no memory; all functions take that for an empty cache */
void	cache_free(struct cache *);

/* A copy, in the arena, of the block put last under the key, if that was of this version; else NULL. */
void	*cache_get(struct cache *, const char *key, uint64_t version, struct arena *, size_t *size);

/*
 * Keeps a copy.  Blocks of more than an eighth of all the room are not kept,
 * and nothing is while another process is just putting something in.
 */
void	cache_put(struct cache *, const char *key, uint64_t version, const void *block, size_t size);

/* A process has ended, perhaps while it was putting something in. */
void	cache_forget(struct cache *, pid_t);

/* FNV-1a, for versions and entity tags: start with HASH_START. */
#define HASH_START	14695981039346656037ULL
uint64_t hash_add(uint64_t hash, const void *, size_t n);

#endif
