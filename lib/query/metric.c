#include "query/metric.h"

#include <string.h>
#include <strings.h>

uint64_t
counters_packets(const struct counters *c, enum side side)
{
	return (side != SIDE_OUT ? c->packets : 0) + (side != SIDE_IN ? c->outpackets : 0);
}

uint64_t
counters_bytes(const struct counters *c, enum side side)
{
	return (side != SIDE_OUT ? c->bytes : 0) + (side != SIDE_IN ? c->outbytes : 0);
}

/*
 * nfdump divides by seconds as a double and cuts: 68 bytes in 17 ms are 31999
 * bits per second.  A rate beyond 64 bits stays at their end.
 */
static uint64_t
per_second(double n, uint64_t msec)
{
	double rate = msec != 0 ? n / ((double)msec / 1000.0) : 0;

	return rate < 18446744073709551616.0 ? (uint64_t)rate : UINT64_MAX;
}

uint64_t
rate_pps(uint64_t packets, uint64_t msec)
{
	return per_second((double)packets, msec);
}

uint64_t
rate_bps(uint64_t bytes, uint64_t msec)
{
	return per_second(8.0 * (double)bytes, msec);
}

uint64_t
rate_bpp(uint64_t bytes, uint64_t packets)
{
	return packets != 0 ? bytes / packets : 0;
}

static uint64_t
msec_of(const struct counters *c)
{
	return c->last > c->first ? c->last - c->first : 0;
}

static uint64_t value_flows(const struct counters *c) { return c->flows; }
static uint64_t value_tstart(const struct counters *c) { return c->first; }
static uint64_t value_tend(const struct counters *c) { return c->last; }
static uint64_t value_duration(const struct counters *c) { return msec_of(c); }

/* The same five values for both sides, in, and out. */
#define SIDED(name, side)						\
static uint64_t								\
value_packets_##name(const struct counters *c)				\
{									\
	return counters_packets(c, side);				\
}									\
static uint64_t								\
value_bytes_##name(const struct counters *c)				\
{									\
	return counters_bytes(c, side);					\
}									\
static uint64_t								\
value_pps_##name(const struct counters *c)				\
{									\
	return rate_pps(counters_packets(c, side), msec_of(c));		\
}									\
static uint64_t								\
value_bps_##name(const struct counters *c)				\
{									\
	return rate_bps(counters_bytes(c, side), msec_of(c));		\
}									\
static uint64_t								\
value_bpp_##name(const struct counters *c)				\
{									\
	return rate_bpp(counters_bytes(c, side), counters_packets(c, side)); \
}

SIDED(both, SIDE_BOTH)
SIDED(in, SIDE_IN)
SIDED(out, SIDE_OUT)

const struct order_row orders[ORDERS] = {
	[ORDER_FLOWS] = { "flows", "Flows", SIDE_IN, true, false, value_flows },
	[ORDER_PACKETS] = { "packets", "Packets", SIDE_BOTH, true, false, value_packets_both },
	[ORDER_IPKG] = { "ipkg", "Packets in", SIDE_IN, true, false, value_packets_in },
	[ORDER_OPKG] = { "opkg", "Packets out", SIDE_OUT, true, false, value_packets_out },
	[ORDER_BYTES] = { "bytes", "Bytes", SIDE_BOTH, true, false, value_bytes_both },
	[ORDER_IBYTE] = { "ibyte", "Bytes in", SIDE_IN, true, false, value_bytes_in },
	[ORDER_OBYTE] = { "obyte", "Bytes out", SIDE_OUT, true, false, value_bytes_out },
	[ORDER_PPS] = { "pps", "Packets/s", SIDE_BOTH, true, false, value_pps_both },
	[ORDER_IPPS] = { "ipps", "Packets/s in", SIDE_IN, true, false, value_pps_in },
	[ORDER_OPPS] = { "opps", "Packets/s out", SIDE_OUT, true, false, value_pps_out },
	[ORDER_BPS] = { "bps", "Bits/s", SIDE_BOTH, true, false, value_bps_both },
	[ORDER_IBPS] = { "ibps", "Bits/s in", SIDE_IN, true, false, value_bps_in },
	[ORDER_OBPS] = { "obps", "Bits/s out", SIDE_OUT, true, false, value_bps_out },
	[ORDER_BPP] = { "bpp", "Bytes/packet", SIDE_BOTH, true, false, value_bpp_both },
	[ORDER_IBPP] = { "ibpp", "Bytes/packet in", SIDE_IN, true, false, value_bpp_in },
	[ORDER_OBPP] = { "obpp", "Bytes/packet out", SIDE_OUT, true, false, value_bpp_out },
	[ORDER_TSTART] = { "tstart", "Start time", SIDE_BOTH, false, true, value_tstart },
	[ORDER_TEND] = { "tend", "End time", SIDE_BOTH, false, true, value_tend },
	[ORDER_DURATION] = { "duration", "Duration", SIDE_BOTH, false, false, value_duration },
};

/* What nfdump 1.7.5 and later call some of them. */
static const struct { const char *name; enum order order; } synonyms[] = {
	{ "ipackets", ORDER_IPKG }, { "opackets", ORDER_OPKG },
	{ "ibytes", ORDER_IBYTE }, { "obytes", ORDER_OBYTE },
};

static bool
same(const char *name, const char *word, size_t len)
{
	return strlen(name) == len && strncasecmp(name, word, len) == 0;
}

enum order
order_find(const char *name, size_t len)
{
	for (enum order o = 0; o < ORDERS; o++)
		if (same(orders[o].name, name, len))
			return o;
	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
		if (same(synonyms[i].name, name, len))
			return synonyms[i].order;
	return ORDERS;
}
