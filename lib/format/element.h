/*
 * Flow records of nfcapd layout 2 and the elements in them: where each field
 * is kept.  The reader and the writer follow the same tables.
 *
 *	record	0 u16 type = 11  2 u16 size  4 u16 elements  6 u8 engine type  7 u8 engine
 *		8 u16 exporter's sysid  10 u8 flags  11 u8 version; then the elements:
 *	element	0 u16 id  2 u16 length, these 4 bytes included  4 … payload
 *
 * All in the byte order of the machine that wrote it, but for access lists;
 * aligned to nothing.
 */
#ifndef FORMAT_ELEMENT_H
#define FORMAT_ELEMENT_H

#include "flow/batch.h"
#include "format/load.h"

#define RECORD_FLOW	11
#define RECORD_HEAD	12
#define ELEMENT_HEAD	4
#define ELEMENTS_KNOWN	64	/* ids below this have a bit in F_ELEMENTS */
#define ELEMENTS_MAX	64	/* in a record */

/* 1.7.0 wrote natCommon (25) with another, longer payload: an id of our own for it. */
#define E_NAT170	63

/* How a value is kept in the file; how it is in the column follows from the field. */
enum load {
	LOAD_ZERO,		/* the record has no such element */
	LOAD_8, LOAD_16, LOAD_32, LOAD_64,
	LOAD_8TO16, LOAD_16TO8, LOAD_16TO32,	/* of another width than the column */
	LOAD_32TO8, LOAD_32TO16, LOAD_32TO64, LOAD_64TO32,
	LOAD_NET32,		/* in network order: nfcapd copies access lists as they came */
	LOAD_V4,		/* u32 in host order */
	LOAD_V6,		/* two u64 in host order, high half first */
	LOAD_FLOWS, LOAD_FLOWS32,	/* u64, u32; 0 means 1 */
	LOAD_TEXT,		/* to the element's end or NUL */
	LOAD_BYTES,		/* to the element's end */
	LOAD_FIRST1, LOAD_LAST1, LOAD_BITS1, LOAD_ICMP1, LOAD_BLOCKEND1,	/* as only layout 1 has them: see record.c */
	LOADS
};

struct place {
	uint8_t element;	/* E_HEADER: offset is from the record's start, else from the payload's */
	uint8_t offset;
	uint8_t load;
	uint8_t field;
};

#define PLACES_MAX	160

/* In the order of elements; ends with field F_COUNT. */
extern const struct place places[];

/* Bytes of payload that an element's places need; 0 for elements without places. */
extern const uint16_t element_need[ELEMENTS_KNOWN];

#endif
