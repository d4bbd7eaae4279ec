/*
 * The records of flow-tools files, a table per version.
 */
#ifndef FORMAT_FTRECORD_H
#define FORMAT_FTRECORD_H

#include "format/fixed.h"

#define FT_RECORD_MAX	72	/* bytes of the longest record */
#define FT_PLACES	26

struct ft_record {
	const char *name;
	uint8_t stream;			/* 1 or 3 */
	uint16_t version;		/* 1, 5, 6, 7, 8, 1005 */
	uint8_t method;			/* of version 8, else 0 */
	uint8_t size;
	/* Offsets of u32: what times are computed from.  Stream 1 has boot time instead of uptime: 0. */
	uint8_t uptime, first, last;
	uint64_t elements;
	struct fixed places[FT_PLACES];
};

/* Ends with size 0. */
extern const struct ft_record ft_records[];

/* The record, or NULL. */
const struct ft_record *ft_record_find(unsigned stream, unsigned version, unsigned method);

/* Does the record have the field?  Times, and what is computed from others, are always there. */
bool	ft_record_has(const struct ft_record *, enum field);

#endif
