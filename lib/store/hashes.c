/*
 * Sets of short hashes: n addresses' hashes in a range of n * 2^bits, sorted;
 * of each the distance from the one before as Rice code, the part above `bits`
 * in unary.  A block begins with its first hash.
 */
#include "store/presence.h"

#include <stdlib.h>
#include <string.h>

/* The range stays below 2^40, for any number of addresses that a tally takes. */
static uint64_t
hash_of(const struct addr *a, size_t n, unsigned bits)
{
	uint64_t word[2], h;

	memcpy(word, a, sizeof(word));
	h = (word[0] ^ 0x9e3779b97f4a7c15ULL) * 0xff51afd7ed558ccdULL;
	h = ((h ^ h >> 32) ^ word[1]) * 0xc4ceb9fe1a85ec53ULL;
	h = (h ^ h >> 29) * 0xff51afd7ed558ccdULL;
	h ^= h >> 32;
	return ((h >> 32) * (uint64_t)n) >> (32 - bits);
}

static void
key_of(uint64_t h, uint8_t key[8])
{
	for (int i = 0; i < 8; i++)
		key[i] = (uint8_t)(h >> 8 * (7 - i));
}

static uint64_t
number_of(const uint8_t key[8])
{
	uint64_t h = 0;

	for (int i = 0; i < 8; i++)
		h = h << 8 | key[i];
	return h;
}

void
hash_key(const struct addr *a, size_t n, unsigned bits, uint8_t key[8])
{
	key_of(hash_of(a, n, bits), key);
}

size_t
hashes_bytes(size_t n, unsigned bits)
{
	size_t bytes = (size_t)((double)n * ((double)bits + 1.75) / 8) + 1;

	return bytes + (bytes / HASH_BLOCK_BYTES + 1) * BLOCK_COST;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

struct bits {
	struct strbuf *sb;
	unsigned byte, n;
};

static void
put_bit(struct bits *w, unsigned bit)
{
	w->byte |= bit << w->n++;
	if (w->n == 8) {
		strbuf_addc(w->sb, (char)w->byte);
		w->byte = w->n = 0;
	}
}

/* The rest of the last byte: ones, the beginning of a distance without end. */
static void
end_block(struct blocks *b, struct bits *w)
{
	if (w->sb == NULL)
		return;
	while (w->n != 0)
		put_bit(w, 1);
	b->size += w->sb->len;
}

void
hashes_put(struct blocks *b, const struct addresses *s, enum tier tier, unsigned bits)
{
	uint64_t *hash = xmalloc((s->n + 1) * sizeof(*hash)), gap;
	struct bits w = { NULL, 0, 0 };
	size_t all = 0, n = 0, i;

	for (i = 0; i < s->n; i++)
		all += s->address[i].tier < tier;
	for (i = 0; i < s->n; i++)
		if (s->address[i].tier < tier)
			hash[n++] = hash_of(&s->address[i].addr, all, bits);
	qsort(hash, n, sizeof(*hash), by_number);
	for (i = 0; i < n; i++) {
		if (i > 0 && hash[i] == hash[i - 1])
			continue;
		if (w.sb == NULL || w.sb->len >= HASH_BLOCK_BYTES) {
			uint8_t first[16] = { 0 };

			end_block(b, &w);
			key_of(hash[i], first);
			w = (struct bits){ blocks_new(b, first), 0, 0 };
			continue;
		}
		gap = hash[i] - hash[i - 1] - 1;
		for (uint64_t high = gap >> bits; high > 0; high--)
			put_bit(&w, 1);
		put_bit(&w, 0);
		for (unsigned j = 0; j < bits; j++)
			put_bit(&w, gap >> j & 1);
	}
	end_block(b, &w);
	free(hash);
}

/* Up to 57 bits from a place on, the first lowest; behind the end there are ones. */
static uint64_t
bits_at(const uint8_t *p, size_t n, size_t at)
{
	uint64_t word = 0;
	size_t byte = at / 8;

	if (byte + 8 <= n)
		for (int i = 0; i < 8; i++)
			word |= (uint64_t)p[byte + (size_t)i] << 8 * i;
	else
		for (size_t i = 0; i < 8; i++)
			word |= (uint64_t)(byte + i < n ? p[byte + i] : 0xff) << 8 * i;
	return word >> at % 8;
}

/* Ones up to the next zero, and behind it: false at the end. */
static bool
skip_ones(const uint8_t *p, size_t n, size_t *at, uint64_t *ones)
{
	for (*ones = 0; *at / 8 < n; ) {
		uint64_t word = ~bits_at(p, n, *at) & ((UINT64_C(1) << 57) - 1);
		unsigned run = word != 0 ? (unsigned)__builtin_ctzll(word) : 57;

		*ones += run;
		*at += run;
		if (word != 0) {
			++*at;
			return true;
		}
	}
	return false;
}

bool
hash_in(const uint8_t key[8], unsigned bits, const uint8_t first[8], const void *block, size_t n)
{
	uint64_t want = number_of(key), h = number_of(first), high;
	size_t at = 0;

	while (h < want) {
		if (!skip_ones(block, n, &at, &high) || at + bits > n * 8)
			return false;
		h += (high << bits | (bits_at(block, n, at) & ((UINT64_C(1) << bits) - 1))) + 1;
		at += bits;
	}
	return h == want;
}
