#include "query/group.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "query/bidir.h"
#include "query/order.h"
#include "query/table.h"

#define PART_BITS	4
#define PARTS		(1 << PART_BITS)	/* shared tables; huge pages of each are half used in the mean */
#define LOCAL_GROUPS	8192	/* in a thread's own table */
#define NEAR		32	/* the same, in a thread's own table */
#define AHEAD		128	/* flows whose memory is asked for ahead of its use */

struct part {
	pthread_mutex_t lock;
	struct group_table table;
};

/* What a thread has for itself. */
struct local {
	struct group_table table;
	char *packed;			/* keys of a batch */
	uint32_t *hash;
	uint16_t *by_part;		/* the table's entries, sorted by their part */
	uint8_t *turned;		/* of groups of both directions: which keys of a batch were turned */
};

struct group {
	size_t key_size;
	unsigned threads;
	struct local *local;
	struct part part[PARTS];
	atomic_size_t memory;
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
	keys->bidir = BIDIR_NO;
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
group_new(size_t key_size, bool records, bool bidir, unsigned threads)
{
	struct table_shape shape = { key_size, records, bidir };
	struct group *g = xcalloc(1, sizeof(*g));

	g->key_size = key_size;
	g->threads = threads;
	g->local = xcalloc(threads, sizeof(*g->local));
	for (unsigned i = 0; i < threads; i++) {
		struct local *l = &g->local[i];

		table_init(&l->table, &shape);
		l->packed = xmalloc(BATCH_MAX * key_size);
		l->turned = xmalloc(BATCH_MAX);
		l->hash = xmalloc((BATCH_MAX + LOCAL_GROUPS) * sizeof(*l->hash));
		l->by_part = xmalloc((BATCH_MAX + LOCAL_GROUPS) * sizeof(*l->by_part));
	}
	for (size_t i = 0; i < PARTS; i++) {
		pthread_mutex_init(&g->part[i].lock, NULL);
		table_init(&g->part[i].table, &shape);
	}
	return g;
}

void
group_free(struct group *g)
{
	if (g == NULL)
		return;
	for (unsigned i = 0; i < g->threads; i++) {
		table_free(&g->local[i].table);
		free(g->local[i].packed);
		free(g->local[i].turned);
		free(g->local[i].hash);
		free(g->local[i].by_part);
	}
	free(g->local);
	for (size_t i = 0; i < PARTS; i++) {
		pthread_mutex_destroy(&g->part[i].lock);
		table_free(&g->part[i].table);
	}
	free(g);
}

uint64_t
group_count(const struct group *g)
{
	uint64_t n = 0;

	for (size_t i = 0; i < PARTS; i++)
		n += g->part[i].table.n;
	return n;
}

size_t
group_memory(struct group *g)
{
	return atomic_load(&g->memory);
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

#define PACK(type, row)							\
	do {								\
		const type *col = b->col[key->field];			\
									\
		for (size_t i = 0; i < n; i++, to += size) {		\
			uint64_t word = big_endian(col[row], sizeof(type)); \
			memcpy(to, &word, sizeof(type));		\
		}							\
	} while (0)

#define PACK_NUMBERS(type)						\
	do {								\
		if (chosen != NULL)					\
			PACK(type, chosen[i]);				\
		else							\
			PACK(type, i);					\
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
			memcpy(to, &col[chosen != NULL ? chosen[i] : i], sizeof(*col));
		return;
	}
	for (size_t i = 0; i < n; i++, to += size) {
		struct addr a = address_of(key, b, chosen != NULL ? chosen[i] : i);

		memcpy(to, &a, sizeof(a));
	}
}

void
group_pack(const struct group_keys *keys, const struct batch *b, const uint16_t *chosen, size_t n,
    char *packed)
{
	size_t size = keys->size;

	if (size > 0)
		memset(packed, 0, n * size);
	for (size_t k = 0; k < keys->n; k++) {
		const struct key *key = &keys->key[k];
		char *to = packed + keys->offset[k];

		switch (fields[key->field].width) {
		case 1: PACK_NUMBERS(uint8_t); break;
		case 2: PACK_NUMBERS(uint16_t); break;
		case 4: PACK_NUMBERS(uint32_t); break;
		case 8: PACK_NUMBERS(uint64_t); break;
		default: pack_addresses(key, b, chosen, n, to, size); break;
		}
	}
}

/* The part takes high bits of the hash, which its table's slots hardly use. */
static size_t
part_of(uint32_t hash)
{
	return hash >> (32 - PART_BITS);
}

/* Adds some entries of a thread's table to a shared one. */
static void
add_to_part(struct group *g, struct local *l, struct part *part, const uint16_t *entry, size_t n)
{
	struct group_table *from = &l->table, *to = &part->table;
	uint32_t hash[AHEAD];
	size_t before;

	pthread_mutex_lock(&part->lock);
	before = table_memory(to);
	if (from->shape.out && !to->shape.out)
		table_widen(to);
	while (n > 0) {
		size_t k = n < AHEAD ? n : AHEAD;

		for (size_t i = 0; i < k; i++)
			hash[i] = l->hash[entry[i]];
		table_prefetch(to, hash, k);
		for (size_t i = 0; i < k; i++)
			counts_add(table_find(to, hash[i], table_key(from, entry[i])), &to->shape,
			    table_counts(from, entry[i]), &from->shape);
		entry += k;
		n -= k;
	}
	atomic_fetch_add(&g->memory, table_memory(to) - before);
	pthread_mutex_unlock(&part->lock);
}

/* Empties a thread's table into the shared ones, a part at a time. */
static void
spill(struct group *g, struct local *l)
{
	size_t start[PARTS + 1] = { 0 }, at[PARTS];

	for (size_t i = 0; i < l->table.n; i++) {
		l->hash[i] = table_hash(table_key(&l->table, i), g->key_size);
		start[part_of(l->hash[i]) + 1]++;
	}
	for (size_t p = 0; p < PARTS; p++) {
		start[p + 1] += start[p];
		at[p] = start[p];
	}
	for (size_t i = 0; i < l->table.n; i++)
		l->by_part[at[part_of(l->hash[i])]++] = (uint16_t)i;
	for (size_t p = 0; p < PARTS; p++)
		if (start[p + 1] > start[p])
			add_to_part(g, l, &g->part[p], l->by_part + start[p], start[p + 1] - start[p]);
	table_clear(&l->table);
}

static bool
has_out(const struct batch *b, size_t n)
{
	const uint64_t *packets = COL64(b, F_OUTPACKETS), *bytes = COL64(b, F_OUTBYTES);
	uint64_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= packets[i] | bytes[i];
	return any != 0;
}

static void
count_flow(uint64_t *counts, const struct table_shape *shape, const struct batch *b, size_t i, uint64_t order)
{
	uint64_t first = COL64(b, F_FIRST)[i], last = COL64(b, F_LAST)[i];

	counts[COUNT_FLOWS] += COL64(b, F_FLOWS)[i];
	counts[COUNT_PACKETS] += COL64(b, F_PACKETS)[i];
	counts[COUNT_BYTES] += COL64(b, F_BYTES)[i];
	if (first < counts[COUNT_FIRST])
		counts[COUNT_FIRST] = first;
	if (last > counts[COUNT_LAST])
		counts[COUNT_LAST] = last;
	if (shape->records) {
		counts[COUNT_FLAGS] |= COL8(b, F_FLAGS)[i];
		if (order < counts[COUNT_ORDER])
			counts[COUNT_ORDER] = order;
	}
	if (shape->out) {
		size_t at = table_out_at(shape);

		counts[at] += COL64(b, F_OUTPACKETS)[i];
		counts[at + 1] += COL64(b, F_OUTBYTES)[i];
	}
}

static void
add_bidir(struct local *l, const struct group_keys *keys, const struct batch *b, size_t n, uint64_t where)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t *counts = table_find(&l->table, l->hash[i], l->packed + i * keys->size);
		uint64_t flags = counts[COUNT_FLAGS];

		count_flow(counts, &l->table.shape, b, i, bidir_order(where | batch_flow(b, i), l->turned[i]));
		if (l->turned[i])
			bidir_move(counts, &l->table.shape, b, i, flags);
	}
}

void
group_add(struct group *g, unsigned thread, const struct group_keys *keys, const struct batch *b,
    size_t n, uint32_t piece)
{
	struct local *l = &g->local[thread];
	struct group_table *t = &l->table;
	uint64_t where = (uint64_t)piece << 40;

	group_pack(keys, b, NULL, n, l->packed);
	if (keys->bidir != BIDIR_NO)
		bidir_pack(keys, l->packed, n, l->turned);
	if (!t->shape.out && has_out(b, n))
		table_widen(t);
	/* A batch adds at most BATCH_MAX groups, so the table never holds more than the scratch has room for. */
	if (t->n >= LOCAL_GROUPS)
		spill(g, l);
	for (size_t i = 0; i < n; i++)
		l->hash[i] = table_hash(l->packed + i * g->key_size, g->key_size);
	if (keys->bidir != BIDIR_NO) {
		add_bidir(l, keys, b, n, where);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (i % NEAR == 0)
			table_prefetch(t, l->hash + i, n - i < NEAR ? n - i : NEAR);
		count_flow(table_find(t, l->hash[i], l->packed + i * g->key_size), &t->shape, b, i,
		    where | batch_flow(b, i));
	}
}

static int
finish_thread(void *ctx, unsigned worker, size_t i)
{
	struct group *g = ctx;

	(void)worker;
	spill(g, &g->local[i]);
	return 0;
}

void
group_finish(struct group *g)
{
	pool_run(g->threads, g->threads, finish_thread, g);
}

/* A group among the candidates for the top. */
struct ranked {
	uint64_t value;
	const char *key;
	const struct table_shape *shape;
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
	return memcmp(a->key, b->key, r->key_size);
}

/* A group's counters, as they are shown; is it the other way round? */
static bool
read_group(const struct group_keys *keys, const char *key, const struct table_shape *shape, struct counters *c,
    bool *flips)
{
	const uint64_t *counts = (const uint64_t *)(key + keys->size);
	bool turned;

	counts_read(counts, shape, c);
	*flips = false;
	if (keys->bidir == BIDIR_NO)
		return false;
	turned = bidir_shows_turned(keys, key, counts[COUNT_ORDER], flips);
	c->flags = bidir_flags(counts);
	if (turned)
		bidir_turn_counters(c);
	return turned;
}

void
group_unpack(const struct group_keys *keys, const char *packed, struct batch *rows, size_t i)
{
	for (size_t k = 0; k < keys->n; k++) {
		enum field f = keys->key[k].field;
		const uint8_t *from = (const uint8_t *)packed + keys->offset[k];
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

/* Row i out of a group. */
static void
fill_row(const struct group_keys *keys, const struct ranked *group, struct batch *rows, size_t i, uint64_t *where)
{
	const uint64_t *counts = (const uint64_t *)(group->key + keys->size);
	char key[KEYS_MAX * 16];
	struct counters c;
	bool flips, turned = read_group(keys, group->key, group->shape, &c, &flips);

	row_of_counters(rows, i, &c);
	if (turned)
		bidir_turn_key(keys, group->key, key);
	group_unpack(keys, turned ? key : group->key, rows, i);
	if (where != NULL)
		*where = keys->bidir == BIDIR_NO ? counts[COUNT_ORDER] :
		    bidir_where(counts[COUNT_ORDER]) | (flips ? FIRST_FLIPPED : 0);
}

/* The best groups so far. */
struct rank {
	const struct group_keys *keys;
	enum order order;
	struct ranking ranking;
	uint64_t top, all;
	struct ranked *ranked;
	size_t n, room;
};

static void
rank_add(struct rank *rank, const char *key, const struct table_shape *shape)
{
	struct counters c;
	bool flips;

	if (rank->n == rank->room)
		rank->n = order_top(rank->ranked, rank->n, sizeof(*rank->ranked), rank->top, compare_ranked,
		    &rank->ranking);
	read_group(rank->keys, key, shape, &c, &flips);
	rank->ranked[rank->n++] = (struct ranked){ rank->order != ORDERS ? orders[rank->order].value(&c) : 0, key, shape };
	rank->all++;
}

/* Some groups of a table, made into rows for who chooses. */
static void
rank_chosen(struct rank *rank, const struct group_table *t, size_t first, size_t n, const struct selection *choice,
    struct batch *rows, uint8_t *sel)
{
	rows->n = n;
	for (size_t i = 0; i < n; i++)
		fill_row(rank->keys, &(struct ranked){ 0, table_key(t, first + i), &t->shape }, rows, i, NULL);
	batch_derive(rows);
	choice->choose(choice->ctx, rows, sel);
	for (size_t i = 0; i < n; i++)
		if (sel[i])
			rank_add(rank, table_key(t, first + i), &t->shape);
}

static void
rank_table(struct rank *rank, const struct group_table *t, const struct selection *choice)
{
	struct arena *a;
	struct batch rows = { 0 };
	uint8_t *sel;

	if (choice == NULL) {
		for (size_t i = 0; i < t->n; i++)
			rank_add(rank, table_key(t, i), &t->shape);
		return;
	}
	a = arena_new();
	sel = arena_alloc(a, BATCH_MAX);
	batch_columns(&rows, &choice->fields, BATCH_MAX, a);
	rows.ident = "";
	for (size_t i = 0; i < t->n; i += BATCH_MAX)
		rank_chosen(rank, t, i, t->n - i < BATCH_MAX ? t->n - i : BATCH_MAX, choice, &rows, sel);
	arena_free(a);
}

/* Ranks in portions when few are wanted, so that memory is for those and not for all. */
uint64_t
group_top(struct group *g, const struct group_keys *keys, const struct selection *choice, enum order order,
    bool ascending, uint64_t top, const struct fieldset *columns, struct arena *a, struct batch *rows,
    uint64_t **where)
{
	uint64_t all = group_count(g);
	struct rank rank = { .keys = keys, .order = order, .ranking = { g->key_size, ascending }, .top = top };

	rank.room = top == 0 || top > all ? (size_t)all : (size_t)top + 65536;
	rank.ranked = xmalloc((rank.room + 1) * sizeof(*rank.ranked));
	for (size_t p = 0; p < PARTS; p++)
		rank_table(&rank, &g->part[p].table, choice);
	rank.n = order_top(rank.ranked, rank.n, sizeof(*rank.ranked), top, compare_ranked, &rank.ranking);
	batch_columns(rows, columns, rank.n, a);
	rows->n = rank.n;
	rows->ident = "";
	if (where != NULL)
		*where = arena_array(a, rank.n + 1, sizeof(**where));
	for (size_t i = 0; i < rank.n; i++)
		fill_row(keys, &rank.ranked[i], rows, i, where != NULL ? &(*where)[i] : NULL);
	free(rank.ranked);
	return rank.all;
}
