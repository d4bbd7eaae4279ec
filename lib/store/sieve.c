/*
 * Sieves: sets of addresses that take little more than log2(1/p) bits for each and
 * take a strange address for one of theirs with probability p; ribbon filters.
 *
 * Addresses go to blocks by their hash.  In a block an address stands for an
 * equation over bits: of the `rows` bits of each column those that its coefficient
 * names, 64 in a row from its place on, add up to its check's bit of that column.
 * The block has bits for which this is so of all its addresses; of others it is so by
 * chance.  What room there is beyond whole columns has the end of a further one,
 * which is for the addresses whose place is there.
 *
 *	u8 seed  u8 columns  u16 rows / 64, big-endian  the columns, rows / 8 bytes each
 *	the end of a further one: to the end of the block
 */
#include "store/presence.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH		64		/* of a coefficient */
#define COLUMNS_MOST	16
#define HEAD		4
#define SEEDS		3		/* tried before a block gets more rows */

static uint64_t
mix(uint64_t h)
{
	h = (h ^ h >> 32) * 0xc4ceb9fe1a85ec53ULL;
	h = (h ^ h >> 29) * 0xff51afd7ed558ccdULL;
	return h ^ h >> 32;
}

static uint64_t
hash_of(const struct addr *a)
{
	uint64_t word[2];

	memcpy(word, a, sizeof(word));
	return mix(mix((word[0] ^ 0x9e3779b97f4a7c15ULL) * 0xff51afd7ed558ccdULL) ^ word[1]);
}

/* A number below n by a hash's upper half. */
static size_t
below(uint64_t hash, size_t n)
{
	return (size_t)((hash >> 32) * (uint64_t)n >> 32);
}

/* What an address asks of a block. */
struct equation {
	size_t place;
	uint64_t coefficient;
	unsigned check;
};

static struct equation
equation_of(uint64_t hash, unsigned seed, size_t rows)
{
	uint64_t h = mix(hash + seed * 0x9e3779b97f4a7c15ULL);

	return (struct equation){ below(h, rows - WIDTH + 1), mix(h + 0x632be59bd9b4e019ULL) | 1, h & 0xffff };
}

/* The equations of a block, each with a first bit of its own. */
struct band {
	uint64_t *coefficient;		/* by row, 0: none */
	uint16_t *check;
	size_t rows;
};

static bool
band_add(struct band *b, struct equation q)
{
	size_t i = q.place;
	unsigned zeros;

	for (;;) {
		if (b->coefficient[i] == 0) {
			b->coefficient[i] = q.coefficient;
			b->check[i] = (uint16_t)q.check;
			return true;
		}
		q.check ^= b->check[i];
		if ((q.coefficient ^= b->coefficient[i]) == 0)
			return q.check == 0;
		zeros = (unsigned)__builtin_ctzll(q.coefficient);
		q.coefficient >>= zeros;
		i += zeros;
	}
}

/* Finds a seed and as few rows as will do. */
static unsigned
band_fill(struct band *b, const uint64_t *hash, size_t n)
{
	unsigned seed = 0;
	size_t i;

	for (b->rows = (n + n / 32 + 2 * WIDTH - 1) / 64 * 64; ; b->rows += 64) {
		b->coefficient = xrealloc(b->coefficient, b->rows, sizeof(*b->coefficient));
		b->check = xrealloc(b->check, b->rows, sizeof(*b->check));
		for (unsigned tries = 0; tries < SEEDS; tries++, seed = (seed + 1) & 0xff) {
			memset(b->coefficient, 0, b->rows * sizeof(*b->coefficient));
			for (i = 0; i < n && band_add(b, equation_of(hash[i], seed, b->rows)); i++)
				;
			if (i == n)
				return seed;
		}
	}
}

/* A column's bits from row `from` on, so that all equations hold. */
static void
solve(const struct band *b, unsigned column, size_t from, uint8_t *bits)
{
	uint64_t window = 0;

	for (size_t i = b->rows; i-- > from; ) {
		unsigned bit = 0;

		window <<= 1;
		if (b->coefficient[i] != 0)
			bit = ((unsigned)__builtin_parityll(window & b->coefficient[i]) ^ b->check[i] >> column) & 1;
		window |= bit;
		bits[(i - from) / 8] |= (uint8_t)(bit << i % 8);
	}
}

static void
put_block(struct blocks *b, struct band *band, size_t number, const uint64_t *hash, size_t n, size_t size)
{
	uint8_t first[16] = { (uint8_t)(number >> 8), (uint8_t)number }, bits[SIEVE_BLOCK_BYTES] = { 0 };
	unsigned seed = band_fill(band, hash, n), columns = 0;
	size_t column = band->rows / 8, at = 0, rest = 0;
	struct strbuf *sb = blocks_new(b, first);

	for (; columns < COLUMNS_MOST && at + column <= size; columns++, at += column)
		solve(band, columns, 0, bits + at);
	if (columns < COLUMNS_MOST) {
		rest = (size - at) / 8 * 8;
		solve(band, columns, band->rows - rest * 8, bits + at);
	}
	strbuf_addc(sb, (char)seed);
	strbuf_addc(sb, (char)columns);
	strbuf_addc(sb, (char)(band->rows / 64 >> 8));
	strbuf_addc(sb, (char)(band->rows / 64));
	strbuf_add(sb, bits, at + rest);
	b->size += sb->len;
}

/* Addresses' hashes in the order of their blocks; block i begins at begin[i]. */
static uint64_t *
sort_hashes(const struct addresses *s, enum tier tier, size_t nblocks, size_t *begin)
{
	uint64_t *hash = xmalloc((s->n + 1) * sizeof(*hash)), h;

	for (size_t i = 0; i < s->n; i++)
		if (s->address[i].tier < tier)
			begin[below(hash_of(&s->address[i].addr), nblocks) + 2]++;
	for (size_t i = 2; i < nblocks + 2; i++)
		begin[i] += begin[i - 1];
	for (size_t i = 0; i < s->n; i++)
		if (s->address[i].tier < tier) {
			h = hash_of(&s->address[i].addr);
			hash[begin[below(h, nblocks) + 1]++] = h;
		}
	return hash;
}

size_t
sieve_put(struct blocks *b, const struct addresses *s, enum tier tier, size_t most)
{
	const size_t cost = SIEVE_BLOCK_BYTES + BLOCK_COST;
	size_t n = 0, nblocks, size, *begin;
	struct band band = { NULL, NULL, 0 };
	uint64_t *hash;

	for (size_t i = 0; i < s->n; i++)
		n += s->address[i].tier < tier;
	if (most > n * SIEVE_BITS_MOST / 8 + BLOCK_COST + 64)
		most = n * SIEVE_BITS_MOST / 8 + BLOCK_COST + 64;
	nblocks = (most + cost - 1) / cost;
	if (n == 0 || nblocks > UINT16_MAX || most < nblocks * (BLOCK_COST + HEAD + 8))
		return 0;
	size = most / nblocks - BLOCK_COST - HEAD;
	if ((double)(size * nblocks) * 8 < (double)n * SIEVE_BITS_LEAST)
		return 0;
	begin = xcalloc(nblocks + 2, sizeof(*begin));
	hash = sort_hashes(s, tier, nblocks, begin);
	for (size_t i = 0; i < nblocks; i++)
		put_block(b, &band, i, hash + begin[i], begin[i + 1] - begin[i], size);
	free(hash);
	free(begin);
	free(band.coefficient);
	free(band.check);
	return nblocks;
}

void
sieve_key(const struct addr *a, size_t nblocks, uint8_t key[SIEVE_KEY])
{
	size_t number = below(hash_of(a), nblocks);

	key[0] = (uint8_t)(number >> 8);
	key[1] = (uint8_t)number;
}

/* The bits of a column from a row on. */
static uint64_t
bits_at(const uint8_t *column, size_t row)
{
	uint64_t word = 0;

	for (int i = 0; i < 8; i++)
		word |= (uint64_t)column[row / 8 + (size_t)i] << 8 * i;
	return row % 8 == 0 ? word : word >> row % 8 | (uint64_t)column[row / 8 + 8] << (64 - row % 8);
}

bool
sieve_has(const struct addr *a, const void *block, size_t size)
{
	const uint8_t *p = block;
	struct equation q;
	size_t rows, column, end;

	if (size < HEAD || (rows = (size_t)(p[2] << 8 | p[3]) * 64) == 0 || p[1] > COLUMNS_MOST)
		return true;		/* says nothing */
	column = rows / 8;
	if (size - HEAD < p[1] * column || (end = size - HEAD - p[1] * column) > column || end % 8 != 0)
		return true;
	q = equation_of(hash_of(a), p[0], rows);
	for (unsigned j = 0; j < p[1]; j++)
		if (((unsigned)__builtin_parityll(bits_at(p + HEAD + j * column, q.place) & q.coefficient) & 1) !=
		    (q.check >> j & 1))
			return false;
	if (p[1] == COLUMNS_MOST || q.place < rows - end * 8)
		return true;
	return ((unsigned)__builtin_parityll(bits_at(p + HEAD + p[1] * column, q.place - (rows - end * 8)) & q.coefficient) & 1) ==
	    (q.check >> p[1] & 1);
}
