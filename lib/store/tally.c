#include "store/tally.h"

#include <stdlib.h>
#include <string.h>

#define TAG_SHIFT	26
#define ENTRY_MASK	((1u << TAG_SHIFT) - 1)
#define AHEAD		32		/* keys whose memory is asked for ahead of its use */

struct tally {
	size_t max;
	struct tally_table table[TALLY_KINDS];
	/* of the batch at hand */
	uint64_t key[BATCH_MAX * 2];
	uint64_t value[BATCH_MAX][TALLY_SIDE];
	uint64_t base;			/* what times are counted from, milliseconds; 0: nothing was met yet */
	bool times_unknown;
	uint32_t src[BATCH_MAX], dst[BATCH_MAX];
};

void
tally_table_init(struct tally_table *t, unsigned key_words, unsigned counts)
{
	*t = (struct tally_table){ .key_words = key_words, .words = key_words + counts, .mask = 255 };
	t->slots = xcalloc(t->mask + 1, sizeof(*t->slots));
}

void
tally_table_free(struct tally_table *t)
{
	free(t->entries);
	free(t->slots);
	*t = (struct tally_table){ 0 };
}

/* Multiplies and folds. */
static uint32_t
hash_of(const uint64_t *key, unsigned words)
{
	uint64_t h = words * 0x9e3779b97f4a7c15ULL;

	for (unsigned i = 0; i < words; i++) {
		h = (h ^ key[i]) * 0xff51afd7ed558ccdULL;
		h ^= h >> 32;
	}
	return (uint32_t)(h * 0xc4ceb9fe1a85ec53ULL >> 32);
}

static void
place(struct tally_table *t, uint32_t hash, size_t entry)
{
	size_t at = hash & t->mask;

	while (t->slots[at] != 0)
		at = (at + 1) & t->mask;
	t->slots[at] = (hash & ~ENTRY_MASK) | (uint32_t)(entry + 1);
}

static void
place_all(struct tally_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		place(t, hash_of(tally_key(t, i), t->key_words), i);
}

static uint32_t
new_entry(struct tally_table *t, uint32_t hash, const uint64_t *key)
{
	if (t->n * 4 >= t->mask * 3) {
		t->mask = t->mask * 2 + 1;
		free(t->slots);
		t->slots = xcalloc(t->mask + 1, sizeof(*t->slots));
		place_all(t);
	}
	if (t->n == t->room) {
		t->room = t->room != 0 ? t->room * 2 : 128;
		t->entries = xrealloc(t->entries, t->room, t->words * sizeof(*t->entries));
	}
	place(t, hash, t->n);
	memset(tally_key(t, t->n), 0, t->words * sizeof(*t->entries));
	memcpy(tally_key(t, t->n), key, t->key_words * sizeof(*key));
	return (uint32_t)t->n++;
}

static bool
same(const uint64_t *a, const uint64_t *b, unsigned words)
{
	unsigned i = 0;

	while (i < words && a[i] == b[i])
		i++;
	return i == words;
}

static uint32_t
find(struct tally_table *t, uint32_t hash, const uint64_t *key)
{
	for (size_t at = hash & t->mask; t->slots[at] != 0; at = (at + 1) & t->mask) {
		uint32_t entry = (t->slots[at] & ENTRY_MASK) - 1;

		if (((t->slots[at] ^ hash) & ~ENTRY_MASK) == 0 && same(tally_key(t, entry), key, t->key_words))
			return entry;
	}
	return new_entry(t, hash, key);
}

uint32_t
tally_find(struct tally_table *t, const uint64_t *key)
{
	return find(t, hash_of(key, t->key_words), key);
}

struct tally *
tally_new(size_t max)
{
	static const struct { unsigned key_words, counts; } shape[TALLY_KINDS] = {
		[TALLY_ADDR] = { 2, 2 * TALLY_SIDE },
	};
	struct tally *t = xmalloc(sizeof(*t));

	t->base = 0;
	t->times_unknown = false;
	t->max = max < 4 * BATCH_MAX ? 4 * BATCH_MAX : max;
	for (int i = 0; i < TALLY_KINDS; i++)
		tally_table_init(&t->table[i], shape[i].key_words != 0 ? shape[i].key_words : 1,
		    shape[i].counts != 0 ? shape[i].counts : TALLY_SIDE);
	return t;
}

void
tally_free(struct tally *t)
{
	if (t == NULL)
		return;
	for (int i = 0; i < TALLY_KINDS; i++)
		tally_table_free(&t->table[i]);
	free(t);
}

void
tally_forget(struct tally *t, enum tally_kind kind)
{
	struct tally_table *table = &t->table[kind];

	free(table->entries);
	free(table->slots);
	table->entries = NULL;
	table->n = table->room = 0;
	table->mask = 0;
	table->slots = xcalloc(1, sizeof(*table->slots));
}

const struct tally_table *
tally_table(const struct tally *t, enum tally_kind kind)
{
	return &t->table[kind];
}

static const enum field numbers[TALLY_KINDS] = {
	[TALLY_SRCPORT] = F_SRCPORT, [TALLY_DSTPORT] = F_DSTPORT, [TALLY_PROTO] = F_PROTO,
	[TALLY_SRCAS] = F_SRCAS, [TALLY_DSTAS] = F_DSTAS, [TALLY_INIF] = F_INIF, [TALLY_OUTIF] = F_OUTIF,
};

void
tally_fields(struct fieldset *set)
{
	traffic_fields(set);
	fieldset_add(set, F_FIRST);
	fieldset_add(set, F_LAST);
	fieldset_add(set, F_SRCIP);
	fieldset_add(set, F_DSTIP);
	for (int i = TALLY_SRCPORT; i < TALLY_KINDS; i++)
		fieldset_add(set, numbers[i]);
}

/* Counts the n keys at t->key; where their entries are goes to entry if it is not NULL. */
static void
count(struct tally *t, struct tally_table *table, size_t n, unsigned at, uint32_t *entry)
{
	unsigned words = table->key_words;
	uint32_t hash[AHEAD], e = 0;

	for (size_t i = 0; i < n; i += AHEAD) {
		const uint64_t *key = t->key + i * words;
		size_t some = n - i < AHEAD ? n - i : AHEAD;

		for (size_t j = 0; j < some; j++) {
			hash[j] = hash_of(key + j * words, words);
			__builtin_prefetch(&table->slots[hash[j] & table->mask]);
		}
		for (size_t j = 0; j < some; j++) {
			uint32_t slot = table->slots[hash[j] & table->mask];

			if (slot != 0)
				__builtin_prefetch(tally_key(table, (slot & ENTRY_MASK) - 1));
		}
		for (size_t j = 0; j < some; j++) {
			uint64_t *counts;

			/* Flows of one sort often come together. */
			if (i + j == 0 || !same(key + j * words, key + j * words - words, words))
				e = find(table, hash[j], key + j * words);
			counts = tally_counts(table, e) + at;
			for (int m = 0; m < TOP_METRICS; m++)
				tally_plus(&counts[m], t->value[i + j][m]);
			counts[TALLY_TIMES] = tally_wider(counts[TALLY_TIMES], t->value[i + j][TALLY_TIMES]);
			if (entry != NULL)
				entry[i + j] = e;
		}
	}
}

static void
count_addresses(struct tally *t, const struct batch *b)
{
	memcpy(t->key, COLADDR(b, F_SRCIP), b->n * sizeof(struct addr));
	count(t, &t->table[TALLY_ADDR], b->n, 0, t->src);
	memcpy(t->key, COLADDR(b, F_DSTIP), b->n * sizeof(struct addr));
	count(t, &t->table[TALLY_ADDR], b->n, TALLY_SIDE, t->dst);
	for (size_t i = 0; i < b->n; i++)
		t->key[i] = (uint64_t)t->src[i] << 32 | t->dst[i];
	count(t, &t->table[TALLY_PAIR], b->n, 0, NULL);
	for (size_t i = 0; i < b->n; i++)
		t->key[i] = (uint64_t)t->src[i] << 16 | COL16(b, F_DSTPORT)[i];
	count(t, &t->table[TALLY_SERVICE], b->n, 0, NULL);
}

static void
read_numbers(uint64_t *key, const struct batch *b, enum field f)
{
	size_t i;

	if (fields[f].width == 1)
		for (i = 0; i < b->n; i++)
			key[i] = COL8(b, f)[i];
	else if (fields[f].width == 2)
		for (i = 0; i < b->n; i++)
			key[i] = COL16(b, f)[i];
	else
		for (i = 0; i < b->n; i++)
			key[i] = COL32(b, f)[i];
}

/* What an entry counts by a metric, an address on both sides. */
static uint64_t
value_of(const struct tally_table *t, size_t i, int metric)
{
	uint64_t v = tally_counts(t, i)[metric];

	if (t->key_words == 2)
		tally_plus(&v, tally_counts(t, i)[TALLY_SIDE + metric]);
	return v;
}

/* Room is made again: what the entries left out had at most is what any key may have lost. */
static void
close_up(struct tally_table *t, size_t kept, const uint64_t *lost)
{
	t->dropped += t->n - kept;
	t->n = kept;
	for (int m = 0; m < TOP_METRICS; m++)
		tally_plus(&t->slack[m], lost[m]);
	memset(t->slots, 0, (t->mask + 1) * sizeof(*t->slots));
	place_all(t);
}

static void
lose(struct tally_table *t, size_t i, uint64_t *lost)
{
	for (int m = 0; m < TOP_METRICS; m++) {
		uint64_t v = value_of(t, i, m);

		tally_plus(&t->lost[m], v);
		if (v > lost[m])
			lost[m] = v;
	}
}

/*
 * Takes the small entries out; those that have more than six times the average
 * of any metric stay, which are at most half.  renamed[i], if not NULL, becomes
 * an entry's new number, UINT32_MAX for none.
 */
static void
drop_small(struct tally_table *t, uint32_t *renamed)
{
	uint64_t lost[TOP_METRICS] = { 0 };
	double sum[TOP_METRICS] = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < t->n; i++)
		for (int m = 0; m < TOP_METRICS; m++)
			sum[m] += (double)value_of(t, i, m);
	for (size_t i = 0; i < t->n; i++) {
		bool keep = false;

		for (int m = 0; m < TOP_METRICS; m++)
			keep = keep || (double)value_of(t, i, m) * (double)t->n > 6 * sum[m];
		if (renamed != NULL)
			renamed[i] = keep ? (uint32_t)kept : UINT32_MAX;
		if (keep)
			memmove(tally_key(t, kept++), tally_key(t, i), t->words * sizeof(*t->entries));
		else
			lose(t, i, lost);
	}
	close_up(t, kept, lost);
}

/* The addresses in the keys of a table have new numbers; keys of which one has none go. */
static void
rename_keys(struct tally_table *t, unsigned shift, bool pair, const uint32_t *renamed)
{
	uint64_t lost[TOP_METRICS] = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < t->n; i++) {
		uint64_t *key = tally_key(t, i), low = *key & (((uint64_t)1 << shift) - 1);
		uint32_t src = renamed[*key >> shift];

		if (pair)
			low = renamed[low];
		if (src == UINT32_MAX || low == UINT32_MAX) {
			lose(t, i, lost);
			continue;
		}
		*key = (uint64_t)src << shift | low;
		memmove(tally_key(t, kept++), key, t->words * sizeof(*t->entries));
	}
	close_up(t, kept, lost);
}

static void
make_room(struct tally *t)
{
	struct tally_table *addr = &t->table[TALLY_ADDR];
	uint32_t *renamed;

	for (int i = TALLY_PAIR; i < TALLY_KINDS; i++)
		if (t->table[i].n + BATCH_MAX > t->max)
			drop_small(&t->table[i], NULL);
	if (addr->n + 2 * BATCH_MAX <= t->max)
		return;
	renamed = xmalloc(addr->n * sizeof(*renamed));
	drop_small(addr, renamed);
	rename_keys(&t->table[TALLY_PAIR], 32, true, renamed);
	rename_keys(&t->table[TALLY_SERVICE], 16, false, renamed);
	free(renamed);
}

#define HALF_SPAN	(UINT64_C(1) << 31)	/* 24 days */

/* The times of a batch's flows, beside their values. */
static void
read_times(struct tally *t, const struct batch *b)
{
	const uint64_t *first = COL64(b, F_FIRST), *last = COL64(b, F_LAST);

	if (t->base == 0 && b->n > 0 && first[0] > HALF_SPAN)
		t->base = first[0] - HALF_SPAN;
	for (size_t i = 0; i < b->n; i++) {
		uint64_t begin = first[i] - t->base, end = last[i] - t->base;

		if (begin >= 2 * HALF_SPAN || end >= 2 * HALF_SPAN || t->base == 0) {
			t->times_unknown = true;
			begin = end = 0;
		}
		t->value[i][TALLY_TIMES] = (uint64_t)(uint32_t)~begin << 32 | end;
	}
}

bool
tally_times_known(const struct tally *t)
{
	return !t->times_unknown;
}

void
tally_times(const struct tally *t, uint64_t word, uint64_t *first_msec, uint64_t *last_msec)
{
	*first_msec = t->base + (uint32_t)~(word >> 32);
	*last_msec = t->base + (uint32_t)word;
}

void
tally_add(struct tally *t, const struct batch *b)
{
	const uint64_t *packets = COL64(b, F_PACKETS), *outpackets = COL64(b, F_OUTPACKETS);
	const uint64_t *bytes = COL64(b, F_BYTES), *outbytes = COL64(b, F_OUTBYTES);

	make_room(t);
	for (size_t i = 0; i < b->n; i++) {
		t->value[i][TOP_FLOWS] = COL64(b, F_FLOWS)[i];
		t->value[i][TOP_PACKETS] = packets[i];
		tally_plus(&t->value[i][TOP_PACKETS], outpackets[i]);
		t->value[i][TOP_BYTES] = bytes[i];
		tally_plus(&t->value[i][TOP_BYTES], outbytes[i]);
	}
	read_times(t, b);
	count_addresses(t, b);
	for (int i = TALLY_SRCPORT; i < TALLY_KINDS; i++) {
		read_numbers(t->key, b, numbers[i]);
		count(t, &t->table[i], b->n, 0, NULL);
	}
}

void
tally_families(const struct tally *t, bool *v4, bool *v6)
{
	const struct tally_table *addr = &t->table[TALLY_ADDR];

	*v4 = *v6 = addr->dropped != 0;
	for (size_t i = 0; i < addr->n && !(*v4 && *v6); i++)
		*(addr_is_v4((const struct addr *)tally_key(addr, i)) ? v4 : v6) = true;
}
