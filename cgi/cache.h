/*
 * Blocks of memory by key, the least recently used given up first.
 */
#ifndef CGI_CACHE_H
#define CGI_CACHE_H

#include <stddef.h>
#include <stdint.h>

struct cache;

struct cache *cache_new(size_t bytes);	/* at most that many, keys included */
void	cache_free(struct cache *);	/* NULL is fine */

/* The block put under the key with the same version, or NULL.  It lives until the next cache_put. */
const void *cache_get(struct cache *, const char *key, uint64_t version);

/* Takes over a block of malloc; replaces one of another version.  Returns it. */
const void *cache_put(struct cache *, const char *key, uint64_t version, void *block, size_t size);

/* FNV-1a, for versions and entity tags: start with HASH_START. */
#define HASH_START	14695981039346656037ULL
uint64_t hash_add(uint64_t hash, const void *, size_t n);

#endif
