#include "query/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "query/order.h"

#define NSIDE	256		/* flows whose memory is asked for ahead of its use */

struct entry {			/* followed by the packed key */
	struct counters counters;
	uint64_t order;		/* of the flow that came first */
	uint32_t table, row;	/* where its fields are: `firsts` of that thread's table */
};

struct group {
	size_t key_size, entry_size;
	char *entries;		/* n of entry_size bytes */
	size_t n, room;
	uint64_t *slots;	/* hash << 32 | entry + 1, 0: free */
	size_t mask;		/* slots - 1 */
	bool has_firsts;
	struct rows firsts;
	struct rows **all_firsts;	/* of all threads, after merging */
	size_t nall;
	char *packed;		/* scratch: keys of a batch */
	uint32_t *hash;
};

static const enum field counter_fields[] = {
	F_FLOWS, F_PACKETS, F_BYTES, F_OUTPACKETS, F_OUTBYTES, F_FIRST, F_LAST,
};

void
counters_fields(struct fieldset *set)
{
	for (size_t i = 0; i < sizeof(counter_fields) / sizeof(counter_fields[0]); i++)
		fieldset_add(set, counter_fields[i]);
}

void
counters_of_row(const struct batch *b, size_t i, struct counters *c)
{
	c->flows = COL64(b, F_FLOWS)[i];
	c->packets = COL64(b, F_PACKETS)[i];
	c->bytes = COL64(b, F_BYTES)[i];
	c->outpackets = COL64(b, F_OUTPACKETS)[i];
	c->outbytes = COL64(b, F_OUTBYTES)[i];
	c->first = COL64(b, F_FIRST)[i];
	c->last = COL64(b, F_LAST)[i];
	c->flags = b->col[F_FLAGS] != NULL ? COL8(b, F_FLAGS)[i] : 0;
}

static void
row_of_counters(struct batch *b, size_t i, const struct counters *c)
{
	COL64(b, F_FLOWS)[i] = c->flows;
	COL64(b, F_PACKETS)[i] = c->packets;
	COL64(b, F_BYTES)[i] = c->bytes;
	COL64(b, F_OUTPACKETS)[i] = c->outpackets;
	COL64(b, F_OUTBYTES)[i] = c->outbytes;
	COL64(b, F_FIRST)[i] = c->first;
	COL64(b, F_LAST)[i] = c->last;
	if (b->col[F_FLAGS] != NULL)
		COL8(b, F_FLAGS)[i] = (uint8_t)c->flags;
}

static enum field
mask_field(const struct key *key)
{
	return key->field == F_SRCIP ? F_SRCMASK : F_DSTMASK;
}

void
group_keys_init(struct group_keys *keys, const struct key *key, size_t n)
{
	size_t at = 0;

	keys->key = key;
	keys->n = n;
	for (size_t i = 0; i < n; i++) {
		keys->offset[i] = (uint16_t)at;
		at += fields[key[i].field].width;
	}
	keys->size = (at + 7) / 8 * 8;
}

void
group_fields(const struct group_keys *keys, struct fieldset *set)
{
	counters_fields(set);
	for (size_t i = 0; i < keys->n; i++) {
		fieldset_add(set, keys->key[i].field);
		if (keys->key[i].own_mask)
			fieldset_add(set, mask_field(&keys->key[i]));
	}
}

struct group *
group_new(size_t key_size, const struct fieldset *firsts)
{
	struct group *g = xcalloc(1, sizeof(*g));

	g->key_size = key_size;
	g->entry_size = sizeof(struct entry) + key_size;
	g->mask = 1023;
	g->slots = xcalloc(g->mask + 1, sizeof(*g->slots));
	g->packed = xmalloc(BATCH_MAX * key_size);
	g->hash = xmalloc(BATCH_MAX * sizeof(*g->hash));
	if (firsts != NULL) {
		g->has_firsts = true;
		rows_init(&g->firsts, firsts);
	}
	return g;
}

void
group_free(struct group *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; i < g->nall; i++) {
		rows_free(g->all_firsts[i]);
		free(g->all_firsts[i]);
	}
	free(g->all_firsts);
	rows_free(&g->firsts);
	free(g->entries);
	free(g->slots);
	free(g->packed);
	free(g->hash);
	free(g);
}

size_t
group_count(const struct group *g)
{
	return g->n;
}

size_t
group_memory(const struct group *g)
{
	return g->room * g->entry_size + (g->mask + 1) * sizeof(*g->slots) +
	    (g->has_firsts ? rows_memory(&g->firsts) : 0);
}

static struct entry *
entry_at(const struct group *g, size_t i)
{
	return (struct entry *)(g->entries + i * g->entry_size);
}

static char *
entry_key(struct entry *entry)
{
	return (char *)(entry + 1);
}

/* Multiplies and folds: a few cycles for each 8 bytes, good in all 32 bits. */
static uint32_t
hash_key(const char *key, size_t size)
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

static uint64_t
big_endian(uint64_t n, unsigned width)
{
	uint8_t b[8];

	for (unsigned i = 0; i < 8; i++)
		b[i] = i < width ? (uint8_t)(n >> 8 * (width - 1 - i)) : 0;
	memcpy(&n, b, 8);
	return n;
}

#define PACK(type)							\
	do {								\
		const type *col = b->col[key->field];			\
									\
		for (size_t i = 0; i < n; i++, to += size) {		\
			uint64_t word = big_endian(col[chosen[i]], sizeof(type)); \
			memcpy(to, &word, sizeof(type));		\
		}							\
	} while (0)

void
address_network(struct addr *a, unsigned bits)
{
	if (!addr_is_v4(a))
		addr_mask(a, bits == 0 ? 64 : bits < 128 ? bits : 128);
	else if (bits != 0 && bits < 32)
		addr_mask(a, 96 + bits);
}

/* An address, or its network.  Addresses of the other family all become that family's zero. */
static struct addr
address_of(const struct key *key, const struct batch *b, size_t row)
{
	struct addr a = COLADDR(b, key->field)[row];
	bool v4 = addr_is_v4(&a);

	if (key->own_mask)
		address_network(&a, COL8(b, mask_field(key))[row]);
	else if (key->family != 0 && v4 != (key->family == 4))
		addr_mask(&a, v4 ? 96 : 0);
	else if (key->family != 0)
		addr_mask(&a, key->bits + (v4 ? 96u : 0));
	return a;
}

static void
pack_addresses(const struct key *key, const struct batch *b, const uint16_t *chosen, size_t n,
    char *to, size_t size)
{
	const struct addr *col = COLADDR(b, key->field);

	if (key->family == 0 && !key->own_mask) {
		for (size_t i = 0; i < n; i++, to += size)
			memcpy(to, &col[chosen[i]], sizeof(*col));
		return;
	}
	for (size_t i = 0; i < n; i++, to += size) {
		struct addr a = address_of(key, b, chosen[i]);

		memcpy(to, &a, sizeof(a));
	}
}

static void
pack_keys(const struct group_keys *keys, const struct batch *b, const uint16_t *chosen, size_t n,
    char *packed)
{
	size_t size = keys->size;

	if (size > 0)
		memset(packed, 0, n * size);
	for (size_t k = 0; k < keys->n; k++) {
		const struct key *key = &keys->key[k];
		char *to = packed + keys->offset[k];

		switch (fields[key->field].width) {
		case 1: PACK(uint8_t); break;
		case 2: PACK(uint16_t); break;
		case 4: PACK(uint32_t); break;
		case 8: PACK(uint64_t); break;
		default: pack_addresses(key, b, chosen, n, to, size); break;
		}
	}
}

static void
grow_slots(struct group *g)
{
	size_t mask = g->mask * 2 + 1;
	uint64_t *slots = xcalloc(mask + 1, sizeof(*slots));

	for (size_t i = 0; i <= g->mask; i++) {
		size_t at = (g->slots[i] >> 32) & mask;

		if (g->slots[i] == 0)
			continue;
		while (slots[at] != 0)
			at = (at + 1) & mask;
		slots[at] = g->slots[i];
	}
	free(g->slots);
	g->slots = slots;
	g->mask = mask;
}

static struct entry *
new_entry(struct group *g, size_t at, uint32_t hash, const char *key)
{
	struct entry *entry;

	if (g->n == g->room) {
		g->room = g->room != 0 ? g->room * 2 : 256;
		g->entries = xrealloc(g->entries, g->room, g->entry_size);
	}
	g->slots[at] = (uint64_t)hash << 32 | (g->n + 1);
	entry = entry_at(g, g->n++);
	memset(entry, 0, sizeof(*entry));
	entry->counters.first = UINT64_MAX;
	memcpy(entry_key(entry), key, g->key_size);
	return entry;
}

/* The entry of a key; *made says that it is new. */
static struct entry *
find_entry(struct group *g, uint32_t hash, const char *key, bool *made)
{
	size_t at = hash & g->mask;

	*made = false;
	for (; g->slots[at] != 0; at = (at + 1) & g->mask) {
		struct entry *entry;

		if (g->slots[at] >> 32 != hash)
			continue;
		entry = entry_at(g, (g->slots[at] & UINT32_MAX) - 1);
		if (memcmp(entry_key(entry), key, g->key_size) == 0)
			return entry;
	}
	*made = true;
	if (g->n * 4 >= g->mask * 3) {
		grow_slots(g);
		for (at = hash & g->mask; g->slots[at] != 0; at = (at + 1) & g->mask)
			;
	}
	return new_entry(g, at, hash, key);
}

static void
counters_add(struct counters *to, const struct counters *from)
{
	to->flows += from->flows;
	to->packets += from->packets;
	to->bytes += from->bytes;
	to->outpackets += from->outpackets;
	to->outbytes += from->outbytes;
	if (from->first < to->first)
		to->first = from->first;
	if (from->last > to->last)
		to->last = from->last;
	to->flags |= from->flags;
}

static void
note_first(struct group *g, struct entry *entry, const struct batch *b, uint16_t row, uint64_t order)
{
	entry->order = order;
	entry->row = (uint32_t)g->firsts.batch.n;
	rows_append(&g->firsts, b, &row, 1);
}

/* Memory of the table is far away: ask for what the next flows need before using it. */
static void
prefetch_side(const struct group *g, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		__builtin_prefetch(&g->slots[g->hash[i] & g->mask]);
	for (size_t i = from; i < to; i++) {
		uint64_t slot = g->slots[g->hash[i] & g->mask];

		if (slot != 0) {
			const char *entry = (const char *)entry_at(g, (slot & UINT32_MAX) - 1);

			__builtin_prefetch(entry);
			__builtin_prefetch(entry + 64);
		}
	}
}

void
group_add(struct group *g, const struct group_keys *keys, const struct batch *b,
    const uint16_t *chosen, size_t n, uint64_t order)
{
	struct counters c;
	bool made;

	pack_keys(keys, b, chosen, n, g->packed);
	for (size_t i = 0; i < n; i++)
		g->hash[i] = hash_key(g->packed + i * g->key_size, g->key_size);
	for (size_t from = 0; from < n; from += NSIDE) {
		size_t to = n - from < NSIDE ? n : from + NSIDE;

		prefetch_side(g, from, to);
		for (size_t i = from; i < to; i++) {
			struct entry *entry = find_entry(g, g->hash[i], g->packed + i * g->key_size, &made);

			counters_of_row(b, chosen[i], &c);
			counters_add(&entry->counters, &c);
			if (made && g->has_firsts)
				note_first(g, entry, b, chosen[i], order + chosen[i]);
		}
	}
}

/* One thread's share of a merge: the keys whose hash falls into its partition. */
struct merge {
	struct group **old, **merged;
	size_t n;
};

static int
merge_partition(void *ctx, unsigned worker, size_t part)
{
	struct merge *m = ctx;
	struct group *to = m->merged[part];
	bool made;

	(void)worker;
	for (size_t t = 0; t < m->n; t++) {
		struct group *from = m->old[t];

		for (size_t i = 0; i < from->n; i++) {
			struct entry *entry = entry_at(from, i), *sum;
			uint32_t hash = hash_key(entry_key(entry), from->key_size);

			/* The high bits choose the partition, the low ones the slot. */
			if (((uint64_t)hash * m->n) >> 32 != part)
				continue;
			sum = find_entry(to, hash, entry_key(entry), &made);
			counters_add(&sum->counters, &entry->counters);
			if (made || entry->order < sum->order) {
				sum->order = entry->order;
				sum->table = (uint32_t)t;
				sum->row = entry->row;
			}
		}
	}
	return 0;
}

/* The first merged table takes over the fields of first flows of all threads. */
static void
take_firsts(struct group *to, struct group **old, size_t n)
{
	to->all_firsts = xcalloc(n, sizeof(*to->all_firsts));
	to->nall = n;
	for (size_t t = 0; t < n; t++) {
		to->all_firsts[t] = xmalloc(sizeof(struct rows));
		*to->all_firsts[t] = old[t]->firsts;
		memset(&old[t]->firsts, 0, sizeof(old[t]->firsts));
	}
}

void
group_merge(struct group **groups, size_t n)
{
	struct merge m = { groups, xcalloc(n, sizeof(*m.merged)), n };

	if (n == 1) {
		if (groups[0]->has_firsts)
			take_firsts(groups[0], groups, 1);
		free(m.merged);
		return;
	}
	for (size_t i = 0; i < n; i++)
		m.merged[i] = group_new(groups[0]->key_size, NULL);
	pool_run((unsigned)n, n, merge_partition, &m);
	if (groups[0]->has_firsts)
		take_firsts(m.merged[0], groups, n);
	for (size_t i = 0; i < n; i++) {
		group_free(groups[i]);
		groups[i] = m.merged[i];
	}
	free(m.merged);
}

/* A group among the candidates for the top. */
struct ranked {
	uint64_t value;
	struct entry *entry;
};

struct ranking {
	size_t key_size;
	bool ascending;
};

static int
compare_ranked(const void *one, const void *two, const void *ctx)
{
	const struct ranked *a = one, *b = two;
	const struct ranking *r = ctx;

	if (a->value != b->value)
		return (a->value < b->value) == r->ascending ? -1 : 1;
	return memcmp(entry_key(a->entry), entry_key(b->entry), r->key_size);
}

static void
unpack_key(const struct group_keys *keys, struct entry *entry, struct batch *rows, size_t i)
{
	for (size_t k = 0; k < keys->n; k++) {
		enum field f = keys->key[k].field;
		const uint8_t *from = (const uint8_t *)entry_key(entry) + keys->offset[k];
		uint64_t n = 0;

		if (fields[f].width == 16) {
			memcpy(&COLADDR(rows, f)[i], from, 16);
			continue;
		}
		for (unsigned j = 0; j < fields[f].width; j++)
			n = n << 8 | from[j];
		batch_set_number(rows, f, i, n);
	}
}

void
group_top(struct group *const *groups, size_t n, const struct group_keys *keys, enum order order,
    bool ascending, uint64_t top, const struct fieldset *columns, struct arena *a, struct batch *rows)
{
	struct ranking ranking = { keys->size, ascending };
	struct ranked *ranked;
	size_t all = 0, k = 0;

	for (size_t i = 0; i < n; i++)
		all += groups[i]->n;
	ranked = xmalloc((all + 1) * sizeof(*ranked));
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < groups[i]->n; j++) {
			struct entry *entry = entry_at(groups[i], j);
			uint64_t value = order != ORDERS ? orders[order].value(&entry->counters) : 0;

			ranked[k++] = (struct ranked){ value, entry };
		}
	k = order_top(ranked, all, sizeof(*ranked), top, compare_ranked, &ranking);
	batch_columns(rows, columns, k, a);
	rows->n = k;
	rows->ident = "";
	for (size_t i = 0; i < k; i++) {
		struct entry *entry = ranked[i].entry;

		if (groups[0]->nall > 0)
			batch_copy(rows, i, &groups[0]->all_firsts[entry->table]->batch, entry->row, a);
		row_of_counters(rows, i, &entry->counters);
		unpack_key(keys, entry, rows, i);
	}
	free(ranked);
}
