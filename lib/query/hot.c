#include "query/hot.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/slab.h"

#define CACHE_LINE	64

static void
set_words(struct hot *h)
{
	h->key_words = (unsigned)(h->shape.key_size / 8);
	h->words = 1 + h->key_words + (unsigned)table_out_at(&h->shape) + (h->shape.out ? 2 : 0);
	if (h->words < CACHE_LINE / 8)
		h->words = CACHE_LINE / 8;
}

void
hot_init(struct hot *h, const struct table_shape *shape)
{
	memset(h, 0, sizeof(*h));
	h->shape = *shape;
	set_words(h);
}

void
hot_free(struct hot *h)
{
	free(h->cells);
}

size_t
hot_memory(const struct hot *h)
{
	return h->cells != NULL ? HOT_CELLS * (size_t)h->words * 8 : 0;
}

void
hot_clear(struct hot *h)
{
	size_t size = HOT_CELLS * (size_t)h->words * 8;
	void *p;

	if (h->cells == NULL) {
		if (posix_memalign(&p, CACHE_LINE, size) != 0)
			p = xmalloc(size);
		h->cells = p;
	}
	memset(h->cells, 0, size);
	h->n = 0;
	h->added = 0;
}

void
hot_widen(struct hot *h)
{
	free(h->cells);
	h->cells = NULL;
	h->shape.out = true;
	set_words(h);
	hot_clear(h);
}

uint64_t *
hot_new(struct hot *h, uint64_t *cell, uint32_t hash, const uint64_t *key)
{
	uint64_t *counts = cell + 1 + h->key_words;

	h->n++;
	cell[0] = HOT_USED | hash;
	memcpy(cell + 1, key, h->shape.key_size);
	counts[COUNT_FIRST] = UINT64_MAX;
	if (h->shape.records)
		counts[COUNT_ORDER] = UINT64_MAX;
	return counts;
}
