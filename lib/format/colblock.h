/*
 * A block of a column file: which columns it has, and their values, a stripe at
 * a time.  What has a value each differs:
 *
 *	COL_FLOWS	each flow
 *	COL_LEADERS	each leader (coltwin.h); its twins have the same
 *	COL_TURNED	each leader; its twins have what the partner's column says
 *	COL_ADDRESSES	each address of the dictionary; flows have that of their
 *			address in the column `key`
 *
 * but for some flows, whose value is another one: behind the column's bytes
 * u16 of each which flow it is, then u64 of each its value.
 */
#ifndef FORMAT_COLBLOCK_H
#define FORMAT_COLBLOCK_H

#include "format/coladdr.h"
#include "format/colsums.h"
#include "format/coltwin.h"
#include "format/columns.h"

enum col_over { COL_FLOWS, COL_LEADERS, COL_TURNED, COL_ADDRESSES, COL_OVERS };

#define PATCH_BYTES	10

/* The column of addresses that this one may depend on, or F_COUNT. */
enum field col_key(enum field);

/* A field's column. */
struct column {
	const struct col_entry *entry;	/* NULL: all zero */
	uint64_t offset;		/* in the file */
	bool opened;
	struct col_chunk chunk;
	uint8_t *bytes;
	size_t room;
	size_t stripe, leaders;		/* of which there are values, and leaders' values, one more; 0: none */
	uint64_t *values;		/* of a stripe */
	uint64_t *leader;		/* of its leaders; the partner's from TURNED on */
	uint64_t *mapped;		/* of the addresses, when has_mapped */
	size_t mapped_room;
	bool has_mapped;
};

struct colblock {
	struct col_block head;
	struct col_cuts rows, whole;	/* whole: of what is kept for each address */
	struct column column[F_COUNT];
	struct column twins;
	struct column sums[SIDES][SUMS];
	struct twin_chunk twin_chunk;
	size_t from_stripe;		/* of from, one more; 0: none */
	uint16_t from[STRIPE];
	uint8_t *dict_bytes;
	size_t dict_room;
	struct addr_dict dict;
	bool has_dict;
};

/* Of the reader of the file. */
struct reader;

/* Takes the next block from its part of the directory at *at.  0, or -1 when that makes no sense. */
int	colblock_start(struct colblock *, const uint8_t **at, const uint8_t *end, int64_t file_size);
void	colblock_free(struct colblock *);

static inline size_t
colblock_flows(const struct colblock *b, size_t stripe)
{
	return b->rows.at[stripe + 1] - b->rows.at[stripe];
}

/* The dictionary, into dict.  0, or -1 when it is broken. */
int	colblock_dict(struct reader *, struct colblock *);

/*
 * The numbers of a stripe's flows in a column that has an entry, until another
 * stripe or block is asked for; of addresses, their places in the dictionary,
 * which are not checked.  NULL when they are broken.
 */
const uint64_t *colblock_values(struct reader *, struct colblock *, enum field, size_t stripe);

/*
 * The same of n flows of the stripe: out has a value of each row.  Of a few this is quicker than
 * all that are between them.  0, or -1 when they are broken.
 */
int	colblock_few(struct reader *, struct colblock *, enum field, size_t stripe, const uint16_t *row, size_t n,
	    uint64_t *out);

/*
 * Has a flow of the stripe one of these places of the dictionary as its source or destination?
 * 1 also when that is only possible, 0 when not, -1 when what says it is broken.
 * Nothing is unpacked for it.
 */
int	colblock_has_places(struct reader *, struct colblock *, size_t stripe, const uint64_t *place, size_t n);

/*
 * A sum for each address of the dictionary, until the next block.  NULL when it is
 * broken, and with *zero set when there is none: 0 for all.
 */
const uint64_t *colblock_sums(struct reader *, struct colblock *, enum flow_side, enum sum, bool *zero);

#endif
