/*
 * Sums of a block's flows by address, as source and as destination: what
 * statistics of addresses without a filter need, without reading the flows.
 *
 * In the file, in the place of fields, COL_SUMS + 8 * side + enum sum: columns
 * with a value for each address of the dictionary.  Blocks where many flows have
 * addresses of their own have none, nor those with records that count no flow.
 */
#ifndef FORMAT_COLSUMS_H
#define FORMAT_COLSUMS_H

#include "format/colcode.h"
#include "format/reader.h"

#define COL_SUMS	0xe0
#define COL_SUMS_END	(COL_SUMS + 16)

/* What is summed up. */
extern const uint8_t sum_fields[SUMS];

/* The sum that this one may be kept by as differences, or with bits by the length of its values; false: none. */
bool	sum_reference(enum flow_side *, enum sum *);
bool	sum_scale(enum sum *);

/* ---- writing ---- */

struct sums {
	size_t n;			/* addresses */
	uint64_t *of[SIDES][SUMS];
	size_t room;
};

/* Begins with n addresses. */
void	sums_start(struct sums *, size_t n);
void	sums_free(struct sums *);

/* Adds a column of n flows by their addresses' numbers. */
void	sums_add(struct sums *, enum flow_side, enum sum, const uint32_t *place, const uint64_t *values, size_t n);

/* Appends the column of a sum.  False when it is 0 for all. */
bool	sums_write(struct sums *, enum flow_side, enum sum, struct col_entry *, struct col_bytes *);

#endif
