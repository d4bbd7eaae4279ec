/*
 * Columns of numbers as few bytes: how a block's column is kept in a column
 * file, and back.
 *
 * A column is cut into stripes of STRIPE values that can be unpacked alone.
 *
 *	COL_CONST	nothing: all are `least`
 *	COL_PACKED	u64 base  u32 exceptions  u8 bytes of an exception's high part  u8[3] 0
 *			[COL_DELTA: u64 value before each stripe]
 *			values less base, `bits` each, then 8 bytes of 0
 *			u16 position of each exception, then what `bits` cut off of each
 *	COL_DICT	u32 values  u32 bytes of each  the values, ascending
 *			number of each value, `bits` each, then 8 bytes of 0
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

enum col_code { COL_CONST, COL_PACKED, COL_DICT, COL_CODES };
enum col_how { COL_PLAIN, COL_DELTA, COL_DIFFERENCE, COL_HOWS };

/* A column of a block, as the directory has it. */
struct col_entry {
	uint8_t field, code, bits, how;
	uint32_t size;			/* bytes */
	uint64_t check;			/* col_hash of them */
	uint64_t least, most;		/* of the values; of addresses their places in the dictionary */
};

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

/* The column whose differences may be shorter than this one's values, or F_COUNT. */
enum field col_reference(enum field);

/*
 * Appends the column in the shortest way; sets all of the entry but its field and check.
 * n is at most BLOCK_FLOWS; reference (may be NULL) has as many values.
 */
void	col_encode(struct col_entry *, const uint64_t *values, const uint64_t *reference, bool times,
	    size_t n, struct col_bytes *);

/* A column's bytes, checked, as they are needed for unpacking. */
struct col_chunk {
	struct col_entry entry;
	size_t n;			/* values */
	uint64_t base;
	const uint8_t *before;		/* COL_DELTA */
	const uint8_t *packed;
	size_t exceptions, high;	/* how many, and bytes of a high part */
	const uint8_t *position, *part;
	size_t nvalues;			/* COL_DICT */
	uint64_t *values;		/* the caller's, room for DICT_MAX */
};

/* Sets the chunk up for size bytes at p, which must stay.  0, or -1 when they cannot be of this entry. */
int	col_open(struct col_chunk *, const struct col_entry *, const uint8_t *p, size_t size, size_t n);

/*
 * Unpacks the stripe's values; reference has those of the column's reference
 * when how is COL_DIFFERENCE.  Returns how many there are; 0 when they cannot be.
 */
size_t	col_decode(const struct col_chunk *, size_t stripe, const uint64_t *reference, uint64_t *out);

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

/* Numbers of at most 56 bits, or 64; n of them from the first-th on, which must begin at a byte. */
void	col_pack(uint8_t *to, const uint64_t *values, size_t n, unsigned bits);
void	col_unpack(const uint8_t *packed, size_t first, size_t n, unsigned bits, uint64_t base, uint64_t *out);

#endif
