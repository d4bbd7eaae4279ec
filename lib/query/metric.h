/*
 * What is counted for a group of flows, the rates that follow from it, and
 * the orders in which groups are ranked.  Formulas as nfdump 1.7.1 has them.
 */
#ifndef QUERY_METRIC_H
#define QUERY_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct counters {
	uint64_t flows;
	uint64_t packets, bytes;		/* as exported (nfdump: in) */
	uint64_t outpackets, outbytes;		/* of the other direction */
	uint64_t first, last;			/* milliseconds since 1970 */
	uint64_t flags;				/* TCP flags, or-ed */
};

/* Which side's counters an order ranks by, and stat tables show: nfdump's in, out or both. */
enum side { SIDE_BOTH, SIDE_IN, SIDE_OUT };

enum order {
	ORDER_FLOWS, ORDER_PACKETS, ORDER_IPKG, ORDER_OPKG, ORDER_BYTES, ORDER_IBYTE, ORDER_OBYTE,
	ORDER_PPS, ORDER_IPPS, ORDER_OPPS, ORDER_BPS, ORDER_IBPS, ORDER_OBPS,
	ORDER_BPP, ORDER_IBPP, ORDER_OBPP,
	ORDER_TSTART, ORDER_TEND, ORDER_DURATION,
	ORDERS
};

struct order_row {
	const char *name;	/* nfdump's: "flows", "ibyte" */
	const char *title;	/* "Flows" */
	enum side side;
	bool for_stat;		/* may follow -s element/ */
	bool ascending;		/* unless :d is said */
	uint64_t (*value)(const struct counters *);
};

extern const struct order_row orders[ORDERS];

/* By name, also 1.7.5's "ipackets", "obytes"; ORDERS when there is none. */
enum order order_find(const char *name, size_t len);

uint64_t counters_packets(const struct counters *, enum side);
uint64_t counters_bytes(const struct counters *, enum side);

/* Rates as printed: per second over a duration in milliseconds, 0 if that is 0; bytes per packet. */
uint64_t rate_pps(uint64_t packets, uint64_t msec);
uint64_t rate_bps(uint64_t bytes, uint64_t msec);	/* bits per second */
uint64_t rate_bpp(uint64_t bytes, uint64_t packets);

#endif
