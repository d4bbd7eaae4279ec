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
	for (size_t f = 0; f < FAMILIES; f++) {
		hot_init(&l->hot[f], &shape[f]);
		l->chosen[f] = xmalloc(BATCH_MAX * sizeof(*l->chosen[f]));
	}
	l->packed = xmalloc(BATCH_MAX * (shape[FAMILY_ANY].key_size + 1));
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
	free(l->turned);
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
	size_t bytes = atomic_load(&g->beside);

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

/* A part as one thread has it. */
static struct part *
lock_part(struct group *g, enum family f, uint32_t hash, size_t *memory)
{
	struct part *p = &g->store[f].part[part_of(hash)];

	pthread_mutex_lock(&p->lock);
	*memory = part_memory(p);
	return p;
}

static void
unlock_part(struct group *g, struct part *p, size_t memory)
{
	if (part_memory(p) != memory)
		atomic_fetch_add(&g->beside, part_memory(p) - memory);
	pthread_mutex_unlock(&p->lock);
}

static void
add_wide(struct group *g, enum family f, uint32_t hash, const uint64_t *key, const uint64_t *counts,
    const struct table_shape *shape)
{
	size_t memory;
	struct part *p = lock_part(g, f, hash, &memory);

	part_add_wide(p, hash, key, counts, shape);
	unlock_part(g, p, memory);
}

/* Gives the full chunk, if there is one, to the part of the hash and begins another. */
static void __attribute__((noinline))
next_chunk(struct group *g, struct open_chunk *open, enum family f, uint32_t hash)
{
	size_t words = (size_t)g->store[f].form.words * CHUNK_ENTRIES, memory;

	if (open->end != NULL) {
		struct part *p = lock_part(g, f, hash, &memory);

		part_add_chunk(p, open->end - words);
		unlock_part(g, p, memory);
	}
	open->at = slabs_take(g->store[f].slabs);
	open->end = open->at + words;
}

/* Room for an entry of so many words, as the family's form has. */
static inline uint64_t *
entry_room(struct group *g, struct local *l, enum family f, uint32_t hash, unsigned words)
{
	struct open_chunk *open = &l->open[f][part_of(hash)];

	if (open->at == open->end)
		next_chunk(g, open, f, hash);
	open->at += words;
	return open->at - words;
}

/* Adds the counts that a key has in a table of that shape. */
static void
add_counts(struct group *g, struct local *l, enum family f, uint32_t hash, const uint64_t *key,
    const uint64_t *counts, const struct table_shape *shape)
{
	const struct entry_form *form = &g->store[f].form;
	struct entry_sum s = { counts[COUNT_FLOWS], counts[COUNT_PACKETS], counts[COUNT_BYTES],
	    counts[COUNT_FIRST], counts[COUNT_LAST], shape->records ? counts[COUNT_FLAGS] : 0,
	    shape->records ? counts[COUNT_ORDER] : 0 };
	size_t out = table_out_at(shape);
	uint64_t *entry;

	if ((shape->out && (counts[out] | counts[out + 1]) != 0) || !entry_fits(&s)) {
		add_wide(g, f, hash, key, counts, shape);
		return;
	}
	entry = entry_room(g, l, f, hash, form->words);
	for (unsigned k = 0; k < form->key_words; k++)
		entry[k] = key[k];
	entry_write(entry + form->key_words, form->records, &s);
}

/* Empties a thread's table into the parts. */
static void
spill(struct group *g, struct local *l, enum family f)
{
	struct hot *h = &l->hot[f];

	if (h->n == 0)
		return;
	for (uint32_t i = 0; i < HOT_CELLS; i++) {
		const uint64_t *cell = hot_cell(h, i);

		if (cell[0] != 0)
			add_counts(g, l, f, (uint32_t)cell[0], cell + 1, cell + 1 + h->key_words, &h->shape);
	}
	if (h->added < h->n * 2)
		l->direct[f] = DIRECT_BATCHES;
	hot_clear(h);
}

static bool
has_out(const struct batch *b, size_t n)
{
	const uint64_t *packets = COL64(b, F_OUTPACKETS), *bytes = COL64(b, F_OUTBYTES);
	uint64_t any = 0;

	if (fieldset_has(&b->zero, F_OUTPACKETS) && fieldset_has(&b->zero, F_OUTBYTES))
		return false;
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
	const uint64_t *key = (const uint64_t *)l->packed;
	struct columns c = columns_of(p->batch);
	struct hot *h = &l->hot[f];
	uint32_t hash[BATCH_MAX + NEAR];

	for (size_t i = 0; i < p->n; i++)
		hash[i] = table_hash((const char *)(key + i * key_words), key_words * 8);
	memset(&hash[p->n], 0, NEAR * sizeof(*hash));
	for (size_t i = 0; i < p->n; i++, key += key_words) {
		size_t row = p->chosen[i];

		__builtin_prefetch(hot_cell(h, hash[i + NEAR]), 1);
		if (h->n == HOT_FULL)
			spill(g, l, f);
		count_flow(hot_find(h, hash[i], key, key_words), &shape, &c, row,
		    shape.records ? p->where | batch_flow(p->batch, row) : 0);
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

/* A flow that does not fit into an entry. */
static void __attribute__((noinline))
add_flow_wide(struct group *g, enum family f, uint32_t hash, const uint64_t *key, const struct columns *c, size_t i,
    uint64_t order)
{
	const struct entry_form *form = &g->store[f].form;
	struct table_shape shape = { form->key_words * 8, form->records, true };
	uint64_t counts[COUNT_OUTBYTES + 1] = { 0 };

	counts[COUNT_FIRST] = UINT64_MAX;
	if (shape.records)
		counts[COUNT_ORDER] = UINT64_MAX;
	count_flow(counts, &shape, c, i, order);
	add_wide(g, f, hash, key, counts, &shape);
}

/* Past the hot table; key_words and records are the form's, as constants where they are common. */
static inline void __attribute__((always_inline))
add_direct(struct group *g, struct local *l, enum family f, const struct portion *p, const unsigned key_words,
    const bool records)
{
	const unsigned words = key_words + (records ? 4 : 3);
	const uint64_t *key = (const uint64_t *)l->packed;
	struct columns c = columns_of(p->batch);

	for (size_t n = 0; n < p->n; n++, key += key_words) {
		size_t i = p->chosen[n];
		uint32_t hash = table_hash((const char *)key, key_words * 8);
		uint64_t order = records ? p->where | batch_flow(p->batch, i) : 0, *entry;
		struct entry_sum s = { c.flows[i], c.packets[i], c.bytes[i], c.first[i], c.last[i],
		    records ? c.flags[i] : 0, order };

		if (!entry_fits(&s) || (c.outpackets[i] | c.outbytes[i]) != 0) {
			add_flow_wide(g, f, hash, key, &c, i, order);
			continue;
		}
		entry = entry_room(g, l, f, hash, words);
		for (unsigned k = 0; k < key_words; k++)
			entry[k] = key[k];
		entry_write(entry + key_words, records, &s);
	}
}

static void
add_to_parts(struct group *g, struct local *l, enum family f, const struct portion *p)
{
	const struct entry_form *form = &g->store[f].form;

	if (form->key_words == 1 && !form->records)
		add_direct(g, l, f, p, 1, false);
	else
		add_direct(g, l, f, p, form->key_words, form->records);
}

/* The flows by family. */
static void
divide(const struct group_keys *keys, const struct batch *b, size_t n, bool narrow, struct local *l,
    size_t count[FAMILIES])
{
	size_t n4 = 0, other = 0;
	uint8_t v4[BATCH_MAX];

	memset(v4, narrow, n);
	for (size_t k = 0; narrow && k < keys->n; k++) {
		const struct addr *col = COLADDR(b, keys->key[k].field);

		if (fields[keys->key[k].field].kind != KIND_ADDR)
			continue;
		for (size_t i = 0; i < n; i++)
			v4[i] &= addr_is_v4(&col[i]);
	}
	for (size_t i = 0; i < n; i++) {
		l->chosen[FAMILY_V4][n4] = (uint16_t)i;
		l->chosen[FAMILY_ANY][other] = (uint16_t)i;
		n4 += v4[i];
		other += !v4[i];
	}
	count[FAMILY_V4] = n4;
	count[FAMILY_ANY] = other;
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
		add_to_parts(g, l, f, p);
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
		add_to_parts(g, l, f, &p);
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

/* The part, and what threads have not given it yet. */
static int
finish_part(void *ctx, unsigned worker, size_t i)
{
	struct group *g = ctx;
	enum family f = i / PARTS;
	struct part *p = &g->store[f].part[i % PARTS];
	size_t words = (size_t)g->store[f].form.words * CHUNK_ENTRIES;

	(void)worker;
	for (unsigned t = 0; t < g->threads; t++) {
		struct open_chunk *open = &g->local[t].open[f][i % PARTS];

		if (open->end == NULL)
			continue;
		part_add_rest(p, open->end - words, open->at - (open->end - words));
		slabs_give(g->store[f].slabs, open->end - words);
		*open = (struct open_chunk){ NULL, NULL };
	}
	part_finish(p);
	return 0;
}

void
group_finish(struct group *g)
{
	pool_run(g->threads, g->threads, finish_thread, g);
	pool_run(g->threads, FAMILIES * PARTS, finish_part, g);
}
