#include "query/part.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "flow/batch.h"

#define AHEAD		32	/* entries whose memory is asked for ahead of its use */
#define ENOUGH_LEAST	1024
#define TAG_SHIFT	26	/* slots: some bits of the hash << 26 | entry + 1, 0: free */
#define ENTRY_MASK	((1u << TAG_SHIFT) - 1)

void
entry_form_init(struct entry_form *f, size_t key_size, bool records)
{
	f->key_words = (unsigned)(key_size / 8);
	f->words = f->key_words + (records ? 4 : 3);
	f->records = records;
}

size_t
entry_chunk_bytes(const struct entry_form *f)
{
	return CHUNK_ENTRIES * 8 * (size_t)f->words;
}

void
part_init(struct part *p, const struct entry_form *form, struct slabs *slabs)
{
	memset(p, 0, sizeof(*p));
	pthread_mutex_init(&p->lock, NULL);
	p->form = *form;
	p->slabs = slabs;
	p->enough = ENOUGH_LEAST;
}

void
part_free(struct part *p)
{
	pthread_mutex_destroy(&p->lock);
	free(p->chunk);
	table_free(&p->wide);
}

uint64_t *
part_more(struct part *p)
{
	if (p->n == p->nchunks * CHUNK_ENTRIES) {
		if (p->nchunks == p->room) {
			p->room = p->room != 0 ? p->room * 2 : 4;
			p->chunk = xrealloc(p->chunk, p->room, sizeof(*p->chunk));
		}
		p->chunk[p->nchunks++] = slabs_take(p->slabs);
	}
	return part_entry(p, p->n++);
}

/* Adds to the table of what does not fit into entries. */
static void
add_wide(struct part *p, uint32_t hash, const uint64_t *key, const uint64_t *counts, const struct table_shape *shape)
{
	struct table_shape own = { p->form.key_words * 8, p->form.records, shape->out };

	if (p->wide.slots == NULL)
		table_init(&p->wide, &own);
	if (shape->out && !p->wide.shape.out)
		table_widen(&p->wide);
	counts_add(table_find(&p->wide, hash, (const char *)key), &p->wide.shape, counts, shape);
}

void
part_add(struct part *p, uint32_t hash, const uint64_t *key, const uint64_t *counts, const struct table_shape *shape)
{
	struct entry_sum s = { counts[COUNT_FLOWS], counts[COUNT_PACKETS], counts[COUNT_BYTES],
	    counts[COUNT_FIRST], counts[COUNT_LAST], shape->records ? counts[COUNT_FLAGS] : 0,
	    shape->records ? counts[COUNT_ORDER] : 0 };
	size_t out = table_out_at(shape);
	uint64_t *entry;

	if ((shape->out && (counts[out] | counts[out + 1]) != 0) || !entry_fits(&s)) {
		add_wide(p, hash, key, counts, shape);
		return;
	}
	entry = part_more(p);
	memcpy(entry, key, p->form.key_words * 8);
	entry_write(entry + p->form.key_words, p->form.records, &s);
}

void
entry_counts(const struct entry_form *f, const uint64_t *entry, uint64_t *counts)
{
	struct entry_sum s;

	entry_read(entry + f->key_words, f->records, &s);
	counts[COUNT_FLOWS] = s.flows;
	counts[COUNT_PACKETS] = s.packets;
	counts[COUNT_BYTES] = s.bytes;
	counts[COUNT_FIRST] = s.first;
	counts[COUNT_LAST] = s.last;
	if (f->records) {
		counts[COUNT_FLAGS] = s.flags;
		counts[COUNT_ORDER] = s.order;
	}
}

/* An entry's counts to those that do not fit; the entry then stands for nothing. */
static void
make_wide(struct part *p, uint32_t hash, uint64_t *entry)
{
	struct table_shape shape = { p->form.key_words * 8, p->form.records, false };
	uint64_t counts[COUNT_OUTPACKETS];

	entry_counts(&p->form, entry, counts);
	add_wide(p, hash, entry, counts, &shape);
	entry[p->form.key_words] = 0;
}

/* Adds an entry to another of its key; where the sum does not fit both become wide. */
static void
join_entries(struct part *p, uint32_t hash, uint64_t *to, uint64_t *from)
{
	unsigned key = p->form.key_words;
	struct entry_sum a, b;

	entry_read(to + key, p->form.records, &a);
	entry_read(from + key, p->form.records, &b);
	a.flows += b.flows;
	a.packets += b.packets;
	counter_add(&a.bytes, b.bytes);
	a.first = b.first < a.first ? b.first : a.first;
	a.last = b.last > a.last ? b.last : a.last;
	a.flags |= b.flags;
	a.order = b.order < a.order ? b.order : a.order;
	if (entry_fits(&a)) {
		entry_write(to + key, p->form.records, &a);
		return;
	}
	make_wide(p, hash, to);
	make_wide(p, hash, from);
}

static bool
same_key(const uint64_t *a, const uint64_t *b, unsigned words)
{
	uint64_t differ = 0;

	for (unsigned i = 0; i < words; i++)
		differ |= a[i] ^ b[i];
	return differ == 0;
}

static uint32_t
key_hash(const struct part *p, const uint64_t *entry)
{
	return table_hash((const char *)entry, p->form.key_words * 8);
}

/* The part has the hashes' high bits in common. */
static size_t
slot_of(const struct join_scratch *s, uint32_t hash)
{
	return (hash >> 3 ^ hash * 0x9e3779b1u >> 7) & (s->nslots - 1);
}

static void
empty_slots(struct join_scratch *s, size_t n)
{
	size_t need = 256;

	while (need < n + n / 2)
		need *= 2;
	if (need > s->nslots || need < s->nslots / 16) {
		free(s->slots);
		s->slots = xmalloc(need * sizeof(*s->slots));
		memory_in_large_pages(s->slots, need * sizeof(*s->slots));
	}
	s->nslots = need;
	memset(s->slots, 0, need * sizeof(*s->slots));
}

/*
 * Joins entry i with the one of its key among the first `kept`, or makes it the
 * next of those.  The number of those.
 */
static size_t
join_one(struct part *p, struct join_scratch *s, uint32_t hash, size_t i, size_t kept)
{
	uint64_t *entry = part_entry(p, i);
	uint32_t tag = hash << TAG_SHIFT;
	size_t at = slot_of(s, hash);

	if (p->wide.n > 0 && table_seek(&p->wide, hash, (const char *)entry) != NULL) {
		make_wide(p, hash, entry);
		return kept;
	}
	for (; s->slots[at] != 0; at = (at + 1) & (s->nslots - 1)) {
		uint64_t *other = part_entry(p, (s->slots[at] & ENTRY_MASK) - 1);

		if ((s->slots[at] & ~ENTRY_MASK) == tag && same_key(other, entry, p->form.key_words)) {
			join_entries(p, hash, other, entry);
			return kept;
		}
	}
	s->slots[at] = tag | (uint32_t)(kept + 1);
	if (kept != i)
		memcpy(part_entry(p, kept), entry, p->form.words * 8);
	return kept + 1;
}

/* Hashes of n entries from i on; asks for the memory that joining them needs. */
static void
look_ahead(const struct part *p, const struct join_scratch *s, size_t i, size_t n, uint32_t *hash)
{
	for (size_t k = 0; k < n; k++) {
		hash[k] = key_hash(p, part_entry(p, i + k));
		__builtin_prefetch(&s->slots[slot_of(s, hash[k])], 1);
	}
	for (size_t k = 0; k < n; k++) {
		uint32_t slot = s->slots[slot_of(s, hash[k])];

		if (slot != 0)
			__builtin_prefetch(part_entry(p, (slot & ENTRY_MASK) - 1), 1);
	}
}

/* Leaves out the first n entries' that became wide. */
static size_t
drop_wide(struct part *p, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t *entry = part_entry(p, i);

		if (entry[p->form.key_words] == 0)
			continue;
		if (kept != i)
			memcpy(part_entry(p, kept), entry, p->form.words * 8);
		kept++;
	}
	return kept;
}

void
part_join(struct part *p, struct join_scratch *s)
{
	size_t kept = 0, wide = p->wide.n, before = p->n;
	uint32_t hash[AHEAD];

	if (p->n == 0)
		return;
	empty_slots(s, p->n);
	for (size_t i = 0; i < p->n; i += AHEAD) {
		size_t n = p->n - i < AHEAD ? p->n - i : AHEAD;

		look_ahead(p, s, i, n, hash);
		for (size_t k = 0; k < n; k++)
			kept = join_one(p, s, hash[k], i + k, kept);
	}
	if (p->wide.n > wide)
		kept = drop_wide(p, kept);
	p->n = kept;
	while (p->nchunks * CHUNK_ENTRIES >= kept + CHUNK_ENTRIES)
		slabs_give(p->slabs, p->chunk[--p->nchunks]);
	/* Where little was joined there is little to win by the next time. */
	p->enough = kept * (kept > before / 8 * 7 ? 4 : 2);
	if (p->enough < ENOUGH_LEAST)
		p->enough = ENOUGH_LEAST;
}

void
join_scratch_free(struct join_scratch *s)
{
	free(s->slots);
	memset(s, 0, sizeof(*s));
}
