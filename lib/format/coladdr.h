/*
 * The dictionary of addresses of a column file's block: each address once,
 * IPv4 before IPv6, in order, so that places in it are in the addresses' order.
 *
 *	u32 IPv4 addresses  u32 IPv6 addresses  u32 bytes of those
 *	of each group of 64 IPv4 addresses: u32 first; then of each u8 bits;
 *	then of each 64 differences to the address before, `bits` each; 8 bytes of 0
 *	of each IPv6 address: u8 bytes that it has in common with the one before, the others
 */
#ifndef FORMAT_COLADDR_H
#define FORMAT_COLADDR_H

#include "base/addr.h"
#include "format/colcode.h"

#define ADDR_GROUP	64

/* ---- writing ---- */

struct addr_places;

struct addr_places *addr_places_new(void);
void	addr_places_free(struct addr_places *);		/* NULL is fine */
void	addr_places_clear(struct addr_places *);

/* Adds an address unless it is there.  Its number, in the order of coming. */
uint32_t addr_places_add(struct addr_places *, const struct addr *);

/* How many addresses there are. */
size_t	addr_places_count(const struct addr_places *);

/* Appends the dictionary; place[number] becomes where in it that address is. */
void	addr_places_write(struct addr_places *, struct col_bytes *, const uint32_t **place);

/* ---- reading ---- */

struct addr_dict {
	uint32_t n4, n6;
	const uint8_t *first;		/* of groups */
	const uint8_t *bits;
	const uint8_t *packed;
	uint32_t *at;			/* of groups, in packed */
	const uint8_t *six, *six_end;
	size_t groups_room, table_room;
	struct addr *table;		/* all of them, when has_table */
	bool has_table;
};

/* Sets it up for the bytes at p, which must stay.  0, or -1 when they cannot be. */
int	addr_dict_open(struct addr_dict *, const uint8_t *p, size_t n);
void	addr_dict_free(struct addr_dict *);

/* Unpacks all into the table.  0, or -1. */
int	addr_dict_table(struct addr_dict *);

/* How many of its addresses are less than this one; -1 when the dictionary cannot be. */
int64_t	addr_dict_below(struct addr_dict *, const struct addr *);

#endif
