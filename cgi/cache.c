#include "cache.h"

#include <sys/mman.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLACES	8192		/* a power of two */
#define ALIGN	64

/*
 * The room is a ring that is written round and round.  Positions count all
 * bytes ever written, so that a position tells by itself whether its block has
 * been written over: it has when `next` is further than the ring is long.
 * Only one process writes at a time; readers do not wait for it, but copy, and
 * look afterwards whether what they copied was still there.
 */
struct shared {
	atomic_int writer;		/* process that is writing, 0: none */
	_Atomic uint64_t next;		/* where the next block goes: nothing before next - bytes is whole */
	_Atomic uint64_t place[PLACES];	/* by hash: position of a block, 0: none */
};

/* In front of each block. */
struct head {
	uint64_t hash, version;
	size_t key, size;		/* bytes of the key with its NUL, and of the block after it */
};

struct cache {
	size_t bytes;			/* of the ring */
	struct shared *shared;
	unsigned char *ring;
};

uint64_t
hash_add(uint64_t hash, const void *p, size_t n)
{
	const unsigned char *s = p;

	while (n-- > 0)
		hash = (hash ^ *s++) * 1099511628211ULL;
	return hash;
}

static size_t
shared_bytes(void)
{
	return (sizeof(struct shared) + ALIGN - 1) / ALIGN * ALIGN;
}

struct cache *
cache_new(size_t bytes)
{
	struct cache *c;
	void *p = mmap(NULL, shared_bytes() + bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	c = xcalloc(1, sizeof(*c));
	c->bytes = bytes;
	c->shared = p;
	c->ring = (unsigned char *)p + shared_bytes();
	atomic_init(&c->shared->next, ALIGN);	/* 0 is no position */
	return c;
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	munmap(c->shared, shared_bytes() + c->bytes);
	free(c);
}

static _Atomic uint64_t *
place_of(struct cache *c, uint64_t hash)
{
	return &c->shared->place[(hash ^ hash >> 32) & (PLACES - 1)];
}

/* Has nothing been written over a block that begins there? */
static bool
still_there(struct cache *c, uint64_t at)
{
	atomic_thread_fence(memory_order_acquire);
	return at != 0 && at + c->bytes >= atomic_load(&c->shared->next);
}

static size_t
head_bytes(const struct head *h)
{
	return (sizeof(*h) + h->key + h->size + ALIGN - 1) / ALIGN * ALIGN;
}

void *
cache_get(struct cache *c, const char *key, uint64_t version, struct arena *arena, size_t *size)
{
	size_t nkey = strlen(key) + 1;
	uint64_t hash = hash_add(HASH_START, key, nkey), at;
	const unsigned char *from;
	struct head h;
	char *copy;

	if (c == NULL || !still_there(c, at = atomic_load(place_of(c, hash))))
		return NULL;
	from = c->ring + at % c->bytes;
	memcpy(&h, from, sizeof(h));
	if (!still_there(c, at) || h.hash != hash || h.version != version || h.key != nkey)
		return NULL;
	copy = arena_alloc(arena, nkey + h.size + ALIGN);
	/* The block begins where any type may: what is asked for is often a struct. */
	memcpy(copy, from + sizeof(h) + nkey, h.size);
	memcpy(copy + h.size, from + sizeof(h), nkey);
	if (!still_there(c, at) || memcmp(copy + h.size, key, nkey) != 0)
		return NULL;
	*size = h.size;
	return copy;
}

/* Blocks do not go round the ring's end: what is left there is passed over. */
static uint64_t
room_for(const struct cache *c, uint64_t next, size_t bytes)
{
	size_t left = c->bytes - next % c->bytes;

	return bytes <= left ? next : next + left;
}

void
cache_put(struct cache *c, const char *key, uint64_t version, const void *block, size_t size)
{
	struct head h = { .version = version, .key = strlen(key) + 1, .size = size };
	unsigned char *to;
	uint64_t at;
	int nobody = 0;

	if (c == NULL || size > c->bytes / 8 || head_bytes(&h) > c->bytes / 8 ||
	    !atomic_compare_exchange_strong(&c->shared->writer, &nobody, (int)getpid()))
		return;
	h.hash = hash_add(HASH_START, key, h.key);
	at = room_for(c, atomic_load(&c->shared->next), head_bytes(&h));
	/* First said, then done: whoever is reading there notices. */
	atomic_store(&c->shared->next, at + head_bytes(&h));
	atomic_thread_fence(memory_order_seq_cst);
	to = c->ring + at % c->bytes;
	memcpy(to, &h, sizeof(h));
	memcpy(to + sizeof(h), key, h.key);
	memcpy(to + sizeof(h) + h.key, block, size);
	atomic_store(place_of(c, h.hash), at);
	atomic_store(&c->shared->writer, 0);
}

void
cache_forget(struct cache *c, pid_t pid)
{
	int writer = (int)pid;

	/* Nothing points to a block that is not whole: the next one goes behind it. */
	if (c != NULL)
		atomic_compare_exchange_strong(&c->shared->writer, &writer, 0);
}
