/*
 * Columns of numbers as few bytes: how a column is kept in a column file, and
 * back.
 *
 * A column is cut into stripes that can be unpacked alone.
 *
 *	COL_CONST	nothing: all are `least`
 *	COL_PACKED	u64 base  u32 exceptions  u8 bytes of an exception's high part  u8[3] 0
 *			[COL_DELTA: u64 value before each stripe]
 *			values less base, `bits` each, then 8 bytes of 0
 *			u16 position of each exception, then what `bits` cut off of each
 *	COL_DICT	u32 values  u32 bytes of each  the values, ascending
 *			number of each value, `bits` each, then 8 bytes of 0
 *	COL_SCALED	u32 exceptions  u32 bytes of an exception  u32 first bit of each stripe
 *			u8[64] bits of a value, by the length of the reference's
 *			u8[8] 0  values, then 8 bytes of 0
 *			u16 position of each exception, then the exceptions
 *
 * What is packed may stand for something else (`how`): differences to the value
 * before or to another column, as zigzag numbers.  All numbers are in the byte
 * order of the machine: the files are of the machine that has them.
 */
#ifndef FORMAT_COLCODE_H
#define FORMAT_COLCODE_H

#include "base/arena.h"
#include "flow/batch.h"

#define STRIPE		BATCH_MAX
#define BLOCK_FLOWS	65536		/* flows in a block: positions have 16 bits */
#define STRIPES		(BLOCK_FLOWS / STRIPE)
#define DICT_MAX	4096		/* values */
#define PACKED_HEAD	16
#define SLACK		8		/* behind packed numbers, so that 8 bytes can be loaded anywhere */
#define SCALED_BITS	48		/* of a value at most */
#define SCALED_HEAD	(8 + 64 + 8)	/* and the stripes' first bits */

enum col_code { COL_CONST, COL_PACKED, COL_DICT, COL_SCALED, COL_CODES };
enum col_how { COL_PLAIN, COL_DELTA, COL_DIFFERENCE, COL_HOWS };

/* A column of a block, as the directory has it. */
struct col_entry {
	uint8_t field, code, bits, how;
	uint32_t size;			/* bytes */
	uint64_t check;			/* col_hash of them */
	uint64_t least, most;		/* of the values; of addresses their places in the dictionary */
	uint8_t over, key;		/* enum col_over (colblock.h), and of which column the addresses are */
	uint16_t patches;		/* flows whose value is another one */
	uint32_t unused;
};

/* Where stripes begin, and the last one ends: at[0] = 0 … at[n]. */
struct col_cuts {
	size_t n;
	uint32_t at[STRIPES + 1];
};

/* Those of n flows. */
void	col_cut(struct col_cuts *, size_t n);

/* Bytes that grow. */
struct col_bytes {
	uint8_t *p;
	size_t n, room;
};

/* Room for n more bytes behind those there are, which then count. */
uint8_t	*col_bytes_add(struct col_bytes *, size_t n);

uint64_t col_hash(const void *, size_t n);

/* Do the bytes have that hash?  When fuzzing they always do, or nothing behind would be reached. */
bool	col_intact(const void *, size_t n, uint64_t hash);

/* Columns that this one may be kept by: as differences, or with bits by the length of its values; or F_COUNT. */
enum field col_reference(enum field);
enum field col_scale(enum field);

/* The least and the greatest of n values. */
void	col_range(const uint64_t *values, size_t n, uint64_t *least, uint64_t *most);

/*
 * Appends the column in the shortest way; sets all of the entry but field, check
 * and what follows `most`.  There are at most BLOCK_FLOWS values; reference and
 * scale (may be NULL) have as many.  constant: it may be COL_CONST.
 */
void	col_encode(struct col_entry *, const uint64_t *values, const uint64_t *reference, const uint64_t *scale,
	    bool times, bool constant, const struct col_cuts *, struct col_bytes *);

/* A column's bytes, checked, as they are needed for unpacking. */
struct col_chunk {
	struct col_entry entry;
	const struct col_cuts *cuts;
	size_t n;			/* values */
	uint64_t base;
	const uint8_t *before;		/* COL_DELTA */
	const uint8_t *packed;
	size_t packed_bits;		/* COL_SCALED */
	const uint8_t *begins, *widths;
	size_t exceptions, high;	/* how many, and bytes of a high part */
	const uint8_t *position, *part;
	size_t nvalues;			/* COL_DICT */
	uint64_t *values;		/* the caller's, room for DICT_MAX */
};

/* Sets the chunk up for size bytes at p, which must stay, as the cuts.  0, or -1 when they cannot be of this entry. */
int	col_open(struct col_chunk *, const struct col_entry *, const uint8_t *p, size_t size, const struct col_cuts *);

/*
 * Unpacks the stripe's values; reference has those of the column's reference
 * when how is COL_DIFFERENCE, scale those of its scale for COL_SCALED.  0, or -1
 * when they cannot be.
 */
int	col_decode(const struct col_chunk *, size_t stripe, const uint64_t *reference, const uint64_t *scale,
	    uint64_t *out);

/* Can a value be unpacked without those before it? */
static inline bool
col_is_single(const struct col_chunk *c)
{
	return c->entry.code != COL_SCALED && c->entry.how != COL_DELTA;
}

/* Unpacks only the stripe's i-th value, of a column where that can be.  0, or -1 when it cannot be. */
int	col_decode_one(const struct col_chunk *, size_t stripe, size_t i, uint64_t reference, uint64_t *out);

/* Can the stripe have that value?  True also where that is not known without unpacking it. */
bool	col_may_have(const struct col_chunk *, size_t stripe, uint64_t value);

/* Bits that hold a number. */
static inline unsigned
col_bits(uint64_t v)
{
	return v == 0 ? 0 : 64 - (unsigned)__builtin_clzll(v);
}

/* Bytes of n numbers of so many bits, with what is behind. */
static inline size_t
col_packed_size(size_t n, unsigned bits)
{
	return (n * bits + 7) / 8 + SLACK;
}

/* Numbers of at most 56 bits, or 64; n of them from the first-th on. */
void	col_pack(uint8_t *to, const uint64_t *values, size_t n, unsigned bits);
void	col_unpack(const uint8_t *packed, size_t first, size_t n, unsigned bits, uint64_t base, uint64_t *out);

#endif
