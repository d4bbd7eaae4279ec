#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "cache.h"

#define BUCKETS	256	/* a power of two */

struct entry {
	struct entry *next;			/* of the bucket */
	struct entry *newer, *older;		/* by use */
	uint64_t hash, version;
	char *key;
	void *block;
	size_t size;
};

struct cache {
	size_t most, bytes;
	struct entry *bucket[BUCKETS];
	struct entry use;			/* ring: use.older is the last used */
};

uint64_t
hash_add(uint64_t hash, const void *p, size_t n)
{
	const unsigned char *s = p;

	while (n-- > 0)
		hash = (hash ^ *s++) * 1099511628211ULL;
	return hash;
}

struct cache *
cache_new(size_t bytes)
{
	struct cache *c = xcalloc(1, sizeof(*c));

	c->most = bytes;
	c->use.newer = c->use.older = &c->use;
	return c;
}

static size_t
entry_bytes(const struct entry *en)
{
	return sizeof(*en) + strlen(en->key) + 1 + en->size;
}

static void
use_unlink(struct entry *en)
{
	en->newer->older = en->older;
	en->older->newer = en->newer;
}

static void
use_first(struct cache *c, struct entry *en)
{
	en->older = c->use.older;
	en->newer = &c->use;
	c->use.older->newer = en;
	c->use.older = en;
}

static void
entry_drop(struct cache *c, struct entry *en)
{
	struct entry **p = &c->bucket[en->hash & (BUCKETS - 1)];

	while (*p != en)
		p = &(*p)->next;
	*p = en->next;
	use_unlink(en);
	c->bytes -= entry_bytes(en);
	free(en->key);
	free(en->block);
	free(en);
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	while (c->use.newer != &c->use)
		entry_drop(c, c->use.newer);
	free(c);
}

static struct entry *
entry_find(struct cache *c, const char *key, uint64_t hash)
{
	struct entry *en = c->bucket[hash & (BUCKETS - 1)];

	while (en != NULL && (en->hash != hash || strcmp(en->key, key) != 0))
		en = en->next;
	return en;
}

const void *
cache_get(struct cache *c, const char *key, uint64_t version)
{
	struct entry *en = entry_find(c, key, hash_add(HASH_START, key, strlen(key)));

	if (en == NULL || en->version != version)
		return NULL;
	use_unlink(en);
	use_first(c, en);
	return en->block;
}

const void *
cache_put(struct cache *c, const char *key, uint64_t version, void *block, size_t size)
{
	uint64_t hash = hash_add(HASH_START, key, strlen(key));
	struct entry *en = entry_find(c, key, hash);

	if (en != NULL)
		entry_drop(c, en);
	en = xcalloc(1, sizeof(*en));
	en->hash = hash;
	en->version = version;
	en->key = xstrdup(key);
	en->block = block;
	en->size = size;
	en->next = c->bucket[hash & (BUCKETS - 1)];
	c->bucket[hash & (BUCKETS - 1)] = en;
	use_first(c, en);
	c->bytes += entry_bytes(en);
	/* The newest stays even when it is larger than all the room: the caller is about to use it. */
	while (c->bytes > c->most && c->use.newer != en)
		entry_drop(c, c->use.newer);
	return block;
}
