#include "query/group_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "query/bidir.h"

#define NEAR		32	/* flows whose memory is asked for ahead of its use */
#define DIRECT_BATCHES	64	/* go past the hot table before it is tried again */

/* What is read of flows for counting them. */
struct columns {
	const uint64_t *flows, *packets, *bytes, *first, *last, *outpackets, *outbytes;
	const uint8_t *flags;
};

static struct columns
columns_of(const struct batch *b)
{
	return (struct columns){ COL64(b, F_FLOWS), COL64(b, F_PACKETS), COL64(b, F_BYTES), COL64(b, F_FIRST),
	    COL64(b, F_LAST), COL64(b, F_OUTPACKETS), COL64(b, F_OUTBYTES), COL8(b, F_FLAGS) };
}

static void
start_local(struct local *l, const struct table_shape shape[FAMILIES])
{
	size_t most = BATCH_MAX > HOT_FULL ? BATCH_MAX : HOT_FULL;

	for (size_t f = 0; f < FAMILIES; f++) {
		hot_init(&l->hot[f], &shape[f]);
		l->chosen[f] = xmalloc(BATCH_MAX * sizeof(*l->chosen[f]));
	}
	l->packed = xmalloc(BATCH_MAX * (shape[FAMILY_ANY].key_size + 1));
	l->hash = xmalloc(most * sizeof(*l->hash));
	l->by_part = xmalloc(most * sizeof(*l->by_part));
	l->turned = xmalloc(BATCH_MAX);
}

struct group *
group_new(const struct group_keys *keys, bool records, unsigned threads)
{
	struct group *g = xcalloc(1, sizeof(*g));
	struct table_shape shape[FAMILIES];
	struct group_keys narrow;

	group_keys_narrow(keys, &narrow);
	shape[FAMILY_V4] = (struct table_shape){ narrow.size, records, keys->bidir != BIDIR_NO };
	shape[FAMILY_ANY] = (struct table_shape){ keys->size, records, keys->bidir != BIDIR_NO };
	g->threads = threads;
	g->local = xcalloc(threads, sizeof(*g->local));
	for (unsigned i = 0; i < threads; i++)
		start_local(&g->local[i], shape);
	for (size_t f = 0; f < FAMILIES; f++) {
		struct store *s = &g->store[f];

		entry_form_init(&s->form, shape[f].key_size, records);
		s->slabs = slabs_new(entry_chunk_bytes(&s->form));
		for (size_t p = 0; p < PARTS; p++)
			part_init(&s->part[p], &s->form, s->slabs);
	}
	return g;
}

static void
free_local(struct local *l)
{
	for (size_t f = 0; f < FAMILIES; f++) {
		hot_free(&l->hot[f]);
		free(l->chosen[f]);
	}
	free(l->packed);
	free(l->hash);
	free(l->by_part);
	free(l->turned);
	join_scratch_free(&l->scratch);
}

void
group_free(struct group *g)
{
	if (g == NULL)
		return;
	for (unsigned i = 0; i < g->threads; i++)
		free_local(&g->local[i]);
	free(g->local);
	for (size_t f = 0; f < FAMILIES; f++) {
		for (size_t p = 0; p < PARTS; p++)
			part_free(&g->store[f].part[p]);
		slabs_free(g->store[f].slabs);
	}
	free(g);
}

uint64_t
group_count(const struct group *g)
{
	uint64_t n = 0;

	for (size_t f = 0; f < FAMILIES; f++)
		for (size_t p = 0; p < PARTS; p++)
			n += g->store[f].part[p].n + g->store[f].part[p].wide.n;
	return n;
}

size_t
group_memory(struct group *g)
{
	size_t bytes = atomic_load(&g->wide);

	for (size_t f = 0; f < FAMILIES; f++)
		bytes += slabs_memory(g->store[f].slabs);
	return bytes;
}

/* The part takes the high bits of the hash, the hot table's cells the low ones. */
static size_t
part_of(uint32_t hash)
{
	return hash >> (32 - PART_BITS);
}

/*
 * Sorts n places by the part of their hashes into l->by_part; part p then has
 * those from start[p] to start[p + 1].
 */
static void
sort_by_part(struct local *l, size_t n, uint32_t start[PARTS + 1])
{
	uint32_t at[PARTS];

	memset(start, 0, (PARTS + 1) * sizeof(*start));
	for (size_t i = 0; i < n; i++)
		start[part_of(l->hash[i]) + 1]++;
	for (size_t p = 0; p < PARTS; p++) {
		start[p + 1] += start[p];
		at[p] = start[p];
	}
	for (size_t i = 0; i < n; i++)
		l->by_part[at[part_of(l->hash[i])]++] = (uint16_t)i;
}

static size_t
wide_memory(const struct part *p)
{
	return p->wide.slots != NULL ? table_memory(&p->wide) : 0;
}

/* Gives a part back that was locked to add to it. */
static void
release(struct group *g, struct local *l, struct part *p, size_t wide)
{
	if (p->n >= p->enough)
		part_join(p, &l->scratch);
	if (wide_memory(p) != wide)
		atomic_fetch_add(&g->wide, wide_memory(p) - wide);
	pthread_mutex_unlock(&p->lock);
}

/* Empties a thread's table into the parts. */
static void
spill(struct group *g, struct local *l, enum family f)
{
	struct hot *h = &l->hot[f];
	uint32_t start[PARTS + 1];
	uint16_t *cell;
	size_t n = 0;

	if (h->n == 0)
		return;
	cell = xmalloc(h->n * sizeof(*cell));
	for (uint32_t i = 0; i < HOT_CELLS; i++)
		if (hot_cell(h, i)[0] != 0) {
			cell[n] = (uint16_t)i;
			l->hash[n++] = (uint32_t)hot_cell(h, i)[0];
		}
	sort_by_part(l, n, start);
	for (size_t p = 0; p < PARTS; p++) {
		struct part *part = &g->store[f].part[p];
		size_t wide;

		if (start[p + 1] == start[p])
			continue;
		pthread_mutex_lock(&part->lock);
		wide = wide_memory(part);
		for (size_t i = start[p]; i < start[p + 1]; i++) {
			const uint64_t *c = hot_cell(h, cell[l->by_part[i]]) + 1;

			part_add(part, l->hash[l->by_part[i]], c, c + h->key_words, &h->shape);
		}
		release(g, l, part, wide);
	}
	if (h->added < h->n * 2)
		l->direct[f] = DIRECT_BATCHES;
	free(cell);
	hot_clear(h);
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

static inline void
count_flow(uint64_t *counts, const struct table_shape *shape, const struct columns *c, size_t i, uint64_t order)
{
	counter_add(&counts[COUNT_FLOWS], c->flows[i]);
	counter_add(&counts[COUNT_PACKETS], c->packets[i]);
	counter_add(&counts[COUNT_BYTES], c->bytes[i]);
	counts[COUNT_FIRST] = c->first[i] < counts[COUNT_FIRST] ? c->first[i] : counts[COUNT_FIRST];
	counts[COUNT_LAST] = c->last[i] > counts[COUNT_LAST] ? c->last[i] : counts[COUNT_LAST];
	if (shape->records) {
		counts[COUNT_FLAGS] |= c->flags[i];
		counts[COUNT_ORDER] = order < counts[COUNT_ORDER] ? order : counts[COUNT_ORDER];
	}
	if (shape->out) {
		size_t at = table_out_at(shape);

		counter_add(&counts[at], c->outpackets[i]);
		counter_add(&counts[at + 1], c->outbytes[i]);
	}
}

/* Some flows of a batch: the keys of one family. */
struct portion {
	const struct group_keys *keys;
	const struct batch *batch;
	const uint16_t *chosen;		/* flows */
	size_t n;
	uint64_t where;			/* COUNT_ORDER is this | the flow's number */
};

/* To the hot table; key_words and shape are h's, as constants where they are common. */
static inline void __attribute__((always_inline))
add_hot(struct group *g, struct local *l, enum family f, const struct portion *p, const unsigned key_words,
    const struct table_shape shape)
{
	struct columns c = columns_of(p->batch);
	struct hot *h = &l->hot[f];
	uint32_t hash[NEAR];

	for (size_t i = 0; i < p->n; i += NEAR) {
		size_t n = p->n - i < NEAR ? p->n - i : NEAR;
		const uint64_t *key = (const uint64_t *)l->packed + i * key_words;

		if (h->n + n > HOT_FULL)
			spill(g, l, f);
		for (size_t k = 0; k < n; k++) {
			hash[k] = table_hash((const char *)(key + k * key_words), key_words * 8);
			__builtin_prefetch(hot_cell(h, hash[k]), 1);
		}
		for (size_t k = 0; k < n; k++) {
			size_t row = p->chosen[i + k];

			count_flow(hot_find(h, hash[k], key + k * key_words, key_words), &shape, &c, row,
			    shape.records ? p->where | batch_flow(p->batch, row) : 0);
		}
	}
	h->added += p->n;
}

/* The usual keys: of up to 8 and 16 bytes. */
static void
add_to_hot(struct group *g, struct local *l, enum family f, const struct portion *p)
{
	struct hot *h = &l->hot[f];

	if (h->shape.out || h->shape.records || h->key_words > 2)
		add_hot(g, l, f, p, h->key_words, h->shape);
	else if (h->key_words == 1)
		add_hot(g, l, f, p, 1, (struct table_shape){ 8, false, false });
	else
		add_hot(g, l, f, p, h->key_words, (struct table_shape){ 0, false, false });
}

/* Both directions as one group: how a flow is counted depends on whether its key was turned. */
static void
add_bidir(struct group *g, struct local *l, const struct portion *p)
{
	struct columns c = columns_of(p->batch);
	struct hot *h = &l->hot[FAMILY_ANY];

	for (size_t i = 0; i < p->n; i++) {
		const uint64_t *key = (const uint64_t *)l->packed + i * h->key_words;
		uint64_t *counts, flags;

		if (h->n == HOT_FULL)
			spill(g, l, FAMILY_ANY);
		counts = hot_find(h, table_hash((const char *)key, h->shape.key_size), key, h->key_words);
		flags = counts[COUNT_FLAGS];
		count_flow(counts, &h->shape, &c, i, bidir_order(p->where | batch_flow(p->batch, i), l->turned[i]));
		if (l->turned[i])
			bidir_move(counts, &h->shape, p->batch, i, flags);
	}
	h->added += p->n;
}

/* A flow of its own to a part. */
static inline void
add_flow(struct part *part, uint32_t hash, const uint64_t *key, const struct columns *c, size_t i, uint64_t order)
{
	struct entry_sum s = { c->flows[i], c->packets[i], c->bytes[i], c->first[i], c->last[i],
	    part->form.records ? c->flags[i] : 0, order };
	uint64_t counts[COUNT_OUTBYTES + 1] = { 0 }, *entry;

	if (entry_fits(&s) && (c->outpackets[i] | c->outbytes[i]) == 0) {
		entry = part_more(part);
		for (unsigned k = 0; k < part->form.key_words; k++)
			entry[k] = key[k];
		entry_write(entry + part->form.key_words, part->form.records, &s);
	} else {
		struct table_shape shape = { part->form.key_words * 8, part->form.records, true };

		counts[COUNT_FIRST] = UINT64_MAX;
		if (shape.records)
			counts[COUNT_ORDER] = UINT64_MAX;
		count_flow(counts, &shape, c, i, order);
		part_add(part, hash, key, counts, &shape);
	}
}

/* Past the hot table. */
static void
add_direct(struct group *g, struct local *l, enum family f, const struct portion *p)
{
	unsigned key_words = g->store[f].form.key_words;
	struct columns c = columns_of(p->batch);
	uint32_t start[PARTS + 1];

	for (size_t i = 0; i < p->n; i++)
		l->hash[i] = table_hash(l->packed + i * key_words * 8, key_words * 8);
	sort_by_part(l, p->n, start);
	for (size_t i = 0; i < PARTS; i++) {
		struct part *part = &g->store[f].part[i];
		size_t wide;

		if (start[i + 1] == start[i])
			continue;
		pthread_mutex_lock(&part->lock);
		wide = wide_memory(part);
		for (size_t k = start[i]; k < start[i + 1]; k++) {
			size_t at = l->by_part[k], row = p->chosen[at];

			add_flow(part, l->hash[at], (const uint64_t *)l->packed + at * key_words, &c, row,
			    p->where | batch_flow(p->batch, row));
		}
		release(g, l, part, wide);
	}
}

/* The flows by family. */
static void
divide(const struct group_keys *keys, const struct batch *b, size_t n, bool narrow, struct local *l,
    size_t count[FAMILIES])
{
	uint8_t v4[BATCH_MAX];

	memset(v4, narrow, n);
	for (size_t k = 0; narrow && k < keys->n; k++) {
		const struct addr *col = COLADDR(b, keys->key[k].field);

		if (fields[keys->key[k].field].kind != KIND_ADDR)
			continue;
		for (size_t i = 0; i < n; i++)
			v4[i] &= addr_is_v4(&col[i]);
	}
	count[FAMILY_V4] = count[FAMILY_ANY] = 0;
	for (size_t i = 0; i < n; i++) {
		l->chosen[FAMILY_V4][count[FAMILY_V4]] = (uint16_t)i;
		l->chosen[FAMILY_ANY][count[FAMILY_ANY]] = (uint16_t)i;
		count[FAMILY_V4] += v4[i];
		count[FAMILY_ANY] += !v4[i];
	}
}

static void
add_family(struct group *g, struct local *l, enum family f, const struct portion *p, bool out)
{
	struct hot *h = &l->hot[f];

	group_pack(p->keys, p->batch, p->chosen, p->n, l->packed);
	if (h->cells == NULL)
		hot_clear(h);
	if (out && !h->shape.out) {
		spill(g, l, f);
		hot_widen(h);
	}
	if (p->keys->bidir != BIDIR_NO) {
		bidir_pack(p->keys, l->packed, p->n, l->turned);
		add_bidir(g, l, p);
	} else if (l->direct[f] > 0) {
		l->direct[f]--;
		add_direct(g, l, f, p);
	} else {
		add_to_hot(g, l, f, p);
	}
}

void
group_add(struct group *g, unsigned thread, const struct group_keys *keys, const struct batch *b,
    size_t n, uint32_t piece)
{
	struct local *l = &g->local[thread];
	bool out = has_out(b, n), narrow;
	struct group_keys v4;
	size_t count[FAMILIES];

	narrow = group_keys_narrow(keys, &v4);
	divide(keys, b, n, narrow, l, count);
	for (enum family f = 0; f < FAMILIES; f++) {
		struct portion p = { f == FAMILY_V4 ? &v4 : keys, b, l->chosen[f], count[f], (uint64_t)piece << 40 };

		if (p.n > 0)
			add_family(g, l, f, &p, out);
	}
}

void
group_add_sums(struct group *g, unsigned thread, const struct group_keys *keys, const struct batch *b)
{
	struct local *l = &g->local[thread];
	struct group_keys v4;
	size_t count[FAMILIES];

	divide(keys, b, b->n, group_keys_narrow(keys, &v4), l, count);
	for (enum family f = 0; f < FAMILIES; f++) {
		struct portion p = { f == FAMILY_V4 ? &v4 : keys, b, l->chosen[f], count[f], 0 };

		group_pack(p.keys, b, p.chosen, p.n, l->packed);
		add_direct(g, l, f, &p);
	}
}

static int
finish_thread(void *ctx, unsigned worker, size_t i)
{
	struct group *g = ctx;

	(void)worker;
	for (enum family f = 0; f < FAMILIES; f++)
		spill(g, &g->local[i], f);
	return 0;
}

static int
finish_part(void *ctx, unsigned worker, size_t i)
{
	struct group *g = ctx;

	part_join(&g->store[i / PARTS].part[i % PARTS], &g->local[worker].scratch);
	return 0;
}

void
group_finish(struct group *g)
{
	pool_run(g->threads, g->threads, finish_thread, g);
	pool_run(g->threads, FAMILIES * PARTS, finish_part, g);
}
