#include "query/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/slab.h"
#include "flow/batch.h"

#define TAG_SHIFT	26
#define ENTRY_MASK	((1u << TAG_SHIFT) - 1)

static size_t
entry_bytes(const struct table_shape *shape)
{
	return shape->key_size + 8 * (table_out_at(shape) + (shape->out ? 2 : 0));
}

void
table_init(struct group_table *t, const struct table_shape *shape)
{
	memset(t, 0, sizeof(*t));
	t->shape = *shape;
	t->entry_size = entry_bytes(shape);
	t->mask = 255;
	t->slots = xcalloc(t->mask + 1, sizeof(*t->slots));
}

void
table_free(struct group_table *t)
{
	free(t->entries);
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

void
table_clear(struct group_table *t)
{
	t->n = 0;
	memset(t->slots, 0, (t->mask + 1) * sizeof(*t->slots));
}

size_t
table_memory(const struct group_table *t)
{
	return t->n * t->entry_size + (t->mask + 1) * sizeof(*t->slots);
}

/* The slot is chosen by the high bits, the tag is made of the low ones. */
static size_t
slot_of(const struct group_table *t, uint32_t hash)
{
	return (hash * 0x9e3779b1u >> 7 ^ hash >> 3) & t->mask;
}

static uint32_t
tag_of(uint32_t hash)
{
	return hash << TAG_SHIFT;
}

static bool
same_key(const char *a, const char *b, size_t size)
{
	uint64_t x, y;

	for (size_t i = 0; i < size; i += 8) {
		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		if (x != y)
			return false;
	}
	return true;
}

static void
place(struct group_table *t, uint32_t hash, size_t entry)
{
	size_t at = slot_of(t, hash);

	while (t->slots[at] != 0)
		at = (at + 1) & t->mask;
	t->slots[at] = tag_of(hash) | (uint32_t)(entry + 1);
}

static void
grow_slots(struct group_table *t)
{
	t->mask = t->mask * 2 + 1;
	free(t->slots);
	t->slots = xcalloc(t->mask + 1, sizeof(*t->slots));
	memory_in_large_pages(t->slots, (t->mask + 1) * sizeof(*t->slots));
	for (size_t i = 0; i < t->n; i++)
		place(t, table_hash(table_key(t, i), t->shape.key_size), i);
}

static uint64_t *
new_entry(struct group_table *t, uint32_t hash, const char *key)
{
	uint64_t *counts;

	if (t->n * 4 >= t->mask * 3)
		grow_slots(t);
	if (t->n == t->room) {
		t->room = t->room != 0 ? t->room * 2 : 128;
		t->entries = xrealloc(t->entries, t->room, t->entry_size);
		memory_in_large_pages(t->entries, t->room * t->entry_size);
	}
	place(t, hash, t->n);
	memcpy(table_key(t, t->n), key, t->shape.key_size);
	counts = table_counts(t, t->n++);
	memset(counts, 0, t->entry_size - t->shape.key_size);
	counts[COUNT_FIRST] = UINT64_MAX;
	if (t->shape.records)
		counts[COUNT_ORDER] = UINT64_MAX;
	return counts;
}

uint64_t *
table_seek(const struct group_table *t, uint32_t hash, const char *key)
{
	uint32_t tag = tag_of(hash);

	for (size_t at = slot_of(t, hash); t->slots[at] != 0; at = (at + 1) & t->mask) {
		size_t entry = (t->slots[at] & ENTRY_MASK) - 1;

		if ((t->slots[at] & ~ENTRY_MASK) == tag && same_key(table_key(t, entry), key, t->shape.key_size))
			return table_counts(t, entry);
	}
	return NULL;
}

uint64_t *
table_find(struct group_table *t, uint32_t hash, const char *key)
{
	uint64_t *counts = table_seek(t, hash, key);

	return counts != NULL ? counts : new_entry(t, hash, key);
}

void
table_prefetch(const struct group_table *t, const uint32_t *hash, size_t n)
{
	for (size_t i = 0; i < n; i++)
		__builtin_prefetch(&t->slots[slot_of(t, hash[i])]);
	for (size_t i = 0; i < n; i++) {
		uint32_t slot = t->slots[slot_of(t, hash[i])];

		if (slot != 0) {
			const char *entry = table_key(t, (slot & ENTRY_MASK) - 1);

			__builtin_prefetch(entry);
			__builtin_prefetch(entry + t->entry_size - 1);
		}
	}
}

void
table_widen(struct group_table *t)
{
	struct table_shape wide = t->shape;
	size_t size = t->entry_size;
	char *entries;

	wide.out = true;
	t->entry_size = entry_bytes(&wide);
	entries = t->room > 0 ? xcalloc(t->room, t->entry_size) : NULL;
	for (size_t i = 0; i < t->n; i++)
		memcpy(entries + i * t->entry_size, t->entries + i * size, size);
	free(t->entries);
	t->entries = entries;
	t->shape = wide;
}

void
counts_add(uint64_t *to, const struct table_shape *ts, const uint64_t *from, const struct table_shape *fs)
{
	counter_add(&to[COUNT_FLOWS], from[COUNT_FLOWS]);
	counter_add(&to[COUNT_PACKETS], from[COUNT_PACKETS]);
	counter_add(&to[COUNT_BYTES], from[COUNT_BYTES]);
	if (from[COUNT_FIRST] < to[COUNT_FIRST])
		to[COUNT_FIRST] = from[COUNT_FIRST];
	if (from[COUNT_LAST] > to[COUNT_LAST])
		to[COUNT_LAST] = from[COUNT_LAST];
	if (ts->records) {
		to[COUNT_FLAGS] |= from[COUNT_FLAGS];
		if (from[COUNT_ORDER] < to[COUNT_ORDER])
			to[COUNT_ORDER] = from[COUNT_ORDER];
	}
	if (fs->out) {
		size_t at = table_out_at(ts);

		counter_add(&to[at], from[at]);
		counter_add(&to[at + 1], from[at + 1]);
	}
}

void
counts_read(const uint64_t *counts, const struct table_shape *shape, struct counters *c)
{
	size_t at = table_out_at(shape);

	c->flows = counts[COUNT_FLOWS];
	c->packets = counts[COUNT_PACKETS];
	c->bytes = counts[COUNT_BYTES];
	c->first = counts[COUNT_FIRST];
	c->last = counts[COUNT_LAST];
	c->flags = shape->records ? counts[COUNT_FLAGS] : 0;
	c->outpackets = shape->out ? counts[at] : 0;
	c->outbytes = shape->out ? counts[at + 1] : 0;
}
