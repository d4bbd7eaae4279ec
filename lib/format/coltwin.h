/*
 * Twins in a column file's block: a connection's two directions come as two
 * flows, near each other, and the second is the first turned round.  What they
 * share is kept once, with the first, the leader.
 *
 * A leader's values are kept from the side of the lower port, so that columns of
 * ports have the servers' in one and the clients' in the other.
 *
 * In the file: u32 number of leaders up to each stripe's end, then a column of
 * numbers, one for each flow: 0 for a leader, 1 for one that is kept turned, else
 * one more than how many leaders back its leader is.
 */
#ifndef FORMAT_COLTWIN_H
#define FORMAT_COLTWIN_H

#include "format/colcode.h"

#define COL_TWINS	0xff		/* in the place of a field */

/* Where a flow's value is: the leader's number in the stripe, and this when it is the other side's. */
#define TURNED		STRIPE

_Static_assert((STRIPE & (STRIPE - 1)) == 0 && 2 * STRIPE <= 65536, "a flow's leader has 16 bits");

/* The column of the other side, or F_COUNT for what both directions share. */
enum field col_partner(enum field);

/* ---- writing ---- */

/* What tells flows apart; addresses as numbers. */
struct twin_keys {
	const uint32_t *srcip, *dstip;
	const uint16_t *srcport, *dstport;
	const uint8_t *proto;		/* NULL: all the same */
};

#define TWIN_REVERSE	(1u << 31)	/* it has the other side's */

struct twins {
	struct col_cuts rows, leaders;
	uint32_t *row;			/* of each leader */
	uint16_t *from;			/* of each flow, within its stripe */
	uint32_t *like;			/* of each flow: the one whose values it shares, | TWIN_REVERSE */
	uint64_t *code;
};

struct twins *twins_new(void);
void	twins_free(struct twins *);	/* NULL is fine */

/* Finds the twins among n flows, each in its stripe.  False when there are too few to pay. */
bool	twins_find(struct twins *, const struct twin_keys *, size_t n);
void	twins_write(const struct twins *, struct col_entry *, struct col_bytes *);

/* ---- reading ---- */

struct twin_chunk {
	struct col_chunk codes;
	struct col_cuts leaders;
};

/* Sets it up for the bytes of the entry, which must stay, as the flows' cuts.  0, or -1 when they cannot be. */
int	twins_open(struct twin_chunk *, const struct col_entry *, const uint8_t *p, const struct col_cuts *rows);

/* from[] of a stripe's flows.  0, or -1. */
int	twins_decode(const struct twin_chunk *, size_t stripe, uint16_t from[STRIPE]);

#endif
