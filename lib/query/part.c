#include "query/part.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "flow/batch.h"

#define AHEAD		16	/* entries whose memory is asked for ahead of its use, in three steps */
#define ENOUGH_LEAST	1024
#define LEAST_SLOTS	256
#define TAG_SHIFT	26
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
	free(p->slots);
	table_free(&p->wide);
}

size_t
part_memory(const struct part *p)
{
	return p->nslots * sizeof(*p->slots) + (p->wide.slots != NULL ? table_memory(&p->wide) : 0);
}

void
part_add_wide(struct part *p, uint32_t hash, const uint64_t *key, const uint64_t *counts, const struct table_shape *shape)
{
	struct table_shape own = { p->form.key_words * 8, p->form.records, shape->out };

	if (p->wide.slots == NULL)
		table_init(&p->wide, &own);
	if (shape->out && !p->wide.shape.out)
		table_widen(&p->wide);
	counts_add(table_find(&p->wide, hash, (const char *)key), &p->wide.shape, counts, shape);
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
	part_add_wide(p, hash, entry, counts, &shape);
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
static uint32_t
slot_of(const struct part *p, uint32_t hash)
{
	return (hash >> 3 ^ hash * 0x9e3779b1u >> 7) & (p->nslots - 1);
}

static void
forget_slots(struct part *p)
{
	free(p->slots);
	p->slots = NULL;
	p->nslots = 0;
}

/* Makes slots for the first n entries, and for some more. */
static void
make_slots(struct part *p, size_t n)
{
	size_t need = p->nslots != 0 ? p->nslots : LEAST_SLOTS;

	while (need < 3 * (n + AHEAD) / 2)
		need *= 2;
	forget_slots(p);
	p->nslots = need;
	p->slots = xcalloc(need, sizeof(*p->slots));
	for (size_t i = 0; i < n; i++) {
		uint32_t hash = key_hash(p, part_entry(p, i));
		size_t at = slot_of(p, hash);

		while (p->slots[at] != 0)
			at = (at + 1) & (need - 1);
		p->slots[at] = hash << TAG_SHIFT | (uint32_t)(i + 1);
	}
}

/* An entry that is to be joined. */
struct coming {
	uint32_t hash;
	uint32_t at;			/* the first slot where its key may be */
};

/* Of entries that joining comes to later, some things are done already. */
struct ahead {
	size_t hashed, found;		/* behind those of which the hash is known; and the slot */
	struct coming coming[4 * AHEAD];	/* entry i is at i modulo that */
};

#define COMING(a, i)	(&(a)->coming[(i) % (4 * AHEAD)])

/* The first slot from `at` on which is free or whose key may be that of the hash. */
static uint32_t
slot_find(const struct part *p, uint32_t hash, uint32_t at)
{
	uint32_t tag = hash << TAG_SHIFT;

	while (p->slots[at] != 0 && (p->slots[at] & ~ENTRY_MASK) != tag)
		at = (at + 1) & (p->nslots - 1);
	return at;
}

/* Asks for the memory that joining of entries behind i needs: first for slots, then for what slots tell of. */
static void
look_ahead(const struct part *p, struct ahead *a, size_t i)
{
	size_t end = i + 3 * AHEAD < p->n ? i + 3 * AHEAD : p->n;

	for (; a->hashed < end; a->hashed++) {
		struct coming *c = COMING(a, a->hashed);

		c->hash = key_hash(p, part_entry(p, a->hashed));
		__builtin_prefetch(&p->slots[slot_of(p, c->hash)], 1);
	}
	end = i + 2 * AHEAD < p->n ? i + 2 * AHEAD : p->n;
	for (; a->found < end; a->found++) {
		struct coming *c = COMING(a, a->found);

		c->at = slot_find(p, c->hash, slot_of(p, c->hash));
		if (p->slots[c->at] != 0)
			__builtin_prefetch(part_entry(p, (p->slots[c->at] & ENTRY_MASK) - 1), 1);
	}
}

/*
 * Joins entry i with the one of its key among the first `kept`, or makes it the
 * next of those.  The number of those.
 */
static size_t
join_one(struct part *p, const struct coming *c, size_t i, size_t kept)
{
	uint64_t *entry = part_entry(p, i);
	uint32_t at = c->at;

	if (p->wide.n > 0 && table_seek(&p->wide, c->hash, (const char *)entry) != NULL) {
		make_wide(p, c->hash, entry);
		return kept;
	}
	while (p->slots[at = slot_find(p, c->hash, at)] != 0) {
		uint64_t *other = part_entry(p, (p->slots[at] & ENTRY_MASK) - 1);

		if (same_key(other, entry, p->form.key_words)) {
			join_entries(p, c->hash, other, entry);
			return kept;
		}
		at = (at + 1) & (p->nslots - 1);
	}
	p->slots[at] = c->hash << TAG_SHIFT | (uint32_t)(kept + 1);
	if (kept != i)
		memcpy(part_entry(p, kept), entry, p->form.words * 8);
	return kept + 1;
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
	forget_slots(p);
	return kept;
}

/* Of the first n entries those whose keys are wide meanwhile, too. */
static size_t
leave_wide(struct part *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t *entry = part_entry(p, i);
		uint32_t hash = key_hash(p, entry);

		if (table_seek(&p->wide, hash, (const char *)entry) != NULL)
			make_wide(p, hash, entry);
	}
	return drop_wide(p, n);
}

static size_t
round_up(size_t n)
{
	return (n + CHUNK_ENTRIES - 1) / CHUNK_ENTRIES * CHUNK_ENTRIES;
}

static size_t
pile_size(const struct part *p)
{
	return p->n > p->joined ? p->n - round_up(p->joined) : 0;
}

/* Joins the pile with what was joined before. */
static void
join(struct part *p)
{
	size_t start = round_up(p->joined), pile = pile_size(p), before, kept, wide = p->wide.n;
	struct ahead ahead = { .hashed = start, .found = start };

	before = kept = wide != p->wide_seen ? leave_wide(p, p->joined) : p->joined;
	for (size_t i = start, n; i < p->n; i += n) {
		n = p->n - i < AHEAD ? p->n - i : AHEAD;
		if (p->nslots < 3 * (kept + n) / 2) {
			make_slots(p, kept);
			ahead.found = i;
		}
		look_ahead(p, &ahead, i);
		for (size_t k = 0; k < n; k++)
			kept = join_one(p, COMING(&ahead, i + k), i + k, kept);
	}
	/* Where little was joined there is little to win by the next time; until then slots are in the way. */
	p->enough = kept / 2;
	if (kept - before > pile / 8 * 7) {
		p->enough = kept * 3;
		forget_slots(p);
	}
	if (p->enough < ENOUGH_LEAST)
		p->enough = ENOUGH_LEAST;
	if (p->wide.n > wide)
		kept = drop_wide(p, kept);
	p->wide_seen = p->wide.n;
	p->n = p->joined = kept;
	while (p->nchunks > round_up(kept) / CHUNK_ENTRIES)
		slabs_give(p->slabs, p->chunk[--p->nchunks]);
}

/* Begins a chunk of the pile. */
static void
add_chunk(struct part *p, uint64_t *chunk)
{
	if (p->nchunks == p->room) {
		p->room = p->room != 0 ? p->room * 2 : 16;
		p->chunk = xrealloc(p->chunk, p->room, sizeof(*p->chunk));
	}
	p->chunk[p->nchunks++] = chunk;
}

void
part_add_chunk(struct part *p, uint64_t *chunk)
{
	add_chunk(p, chunk);
	p->n = p->nchunks * CHUNK_ENTRIES;
	if (pile_size(p) >= p->enough)
		join(p);
}

void
part_add_rest(struct part *p, const uint64_t *chunk, size_t words)
{
	for (size_t i = 0; i < words; i += p->form.words) {
		if (p->n == p->joined)
			p->n = round_up(p->n);
		if (p->n == p->nchunks * CHUNK_ENTRIES)
			add_chunk(p, slabs_take(p->slabs));
		memcpy(part_entry(p, p->n++), chunk + i, p->form.words * 8);
	}
}

void
part_finish(struct part *p)
{
	join(p);
	forget_slots(p);
}
