#include "query/ft_report.h"

/* Numbers of ft_keys. */
enum {
	K_NONE, K_SRCADDR, K_DSTADDR, K_EXPORTER, K_NEXTHOP, K_SRCPORT, K_DSTPORT, K_PROTO, K_TOS, K_INIF, K_OUTIF,
	K_SRCAS, K_DSTAS, K_DSTAS2, K_ENGINEID, K_ENGINETYPE, K_SRCTAG, K_DSTTAG, K_SIZE, K_OCTETS, K_PACKETS, K_BPS,
	K_PPS, K_DSTTYPE, K_FIRST, K_LAST, K_DURATION, K_ADDR, K_PORT, K_SECONDS,
};

/* What the exporter's clock said: the inverse of what the reader did. */
static void
uptime_last(const struct batch *b, void *column)
{
	uint64_t *out = column;

	for (size_t i = 0; i < b->n; i++)
		out[i] = (uint32_t)(COL32(b, F_UPTIME)[i] + COL64(b, F_LAST)[i] - COL64(b, F_RECEIVED)[i]);
}

static void
uptime_first(const struct batch *b, void *column)
{
	uint64_t *out = column;

	for (size_t i = 0; i < b->n; i++)
		out[i] = (uint32_t)(COL32(b, F_UPTIME)[i] + COL64(b, F_FIRST)[i] - COL64(b, F_RECEIVED)[i]);
}

/* 0 class A, 1 B, 2 C, 3 multicast, 4 multicast of one source (232/8), 5 class E. */
static void
address_type(const struct batch *b, void *column)
{
	uint8_t *out = column;

	for (size_t i = 0; i < b->n; i++) {
		unsigned octet = COLADDR(b, F_DSTIP)[i].b[12];

		out[i] = octet < 128 ? 0 : octet < 192 ? 1 : octet < 224 ? 2 : octet == 232 ? 4 : octet < 240 ? 3 : 5;
	}
}

#define NUMBERS(n, f)	{ n, f, false, NULL, { F_PACKETS } }

const struct ft_key ft_keys[] = {
	[K_NONE] = NUMBERS("", F_PACKETS),
	[K_SRCADDR] = NUMBERS("ip-source-address", F_SRCIP),
	[K_DSTADDR] = NUMBERS("ip-destination-address", F_DSTIP),
	[K_EXPORTER] = NUMBERS("ip-exporter-address", F_ROUTER),
	[K_NEXTHOP] = NUMBERS("ip-next-hop-address", F_NEXTHOP),
	[K_SRCPORT] = { "ip-source-port", F_SRCPORT, true, NULL, { F_PACKETS } },
	[K_DSTPORT] = { "ip-destination-port", F_DSTPORT, true, NULL, { F_PACKETS } },
	[K_PROTO] = { "ip-protocol", F_PROTO, true, NULL, { F_PACKETS } },
	[K_TOS] = NUMBERS("ip-tos", F_SRCTOS),
	[K_INIF] = NUMBERS("input-interface", F_INIF),
	[K_OUTIF] = NUMBERS("output-interface", F_OUTIF),
	[K_SRCAS] = NUMBERS("source-as", F_SRCAS),
	[K_DSTAS] = NUMBERS("destination-as", F_DSTAS),
	[K_DSTAS2] = NUMBERS("destination-AS", F_DSTAS),
	[K_ENGINEID] = NUMBERS("engine-id", F_ENGINEID),
	[K_ENGINETYPE] = NUMBERS("engine-type", F_ENGINETYPE),
	[K_SRCTAG] = NUMBERS("source-tag", F_SRCTAG),
	[K_DSTTAG] = NUMBERS("destination-tag", F_DSTTAG),
	[K_SIZE] = NUMBERS("packet size/flow", F_BPP),
	[K_OCTETS] = NUMBERS("octets/flow", F_BYTES),
	[K_PACKETS] = NUMBERS("packets/flow", F_PACKETS),
	[K_BPS] = NUMBERS("bps/flow", F_BPS),
	[K_PPS] = NUMBERS("pps/flow", F_PPS),
	[K_DSTTYPE] = { "ip-destination-address-type", F_DSTTOS, true, address_type, { F_DSTIP, F_PACKETS } },
	[K_FIRST] = { "First", F_FIRST, false, uptime_first, { F_UPTIME, F_RECEIVED, F_PACKETS } },
	[K_LAST] = { "Last", F_LAST, false, uptime_last, { F_UPTIME, F_RECEIVED, F_PACKETS } },
	[K_DURATION] = NUMBERS("Duration", F_DURATION),
	[K_ADDR] = NUMBERS("ip-address", F_SRCIP),
	[K_PORT] = { "ip-port", F_SRCPORT, true, NULL, { F_PACKETS } },
	[K_SECONDS] = NUMBERS("unix-secs", F_FIRST),
};

#define COUNT_ARGS(...)	(sizeof((uint8_t[]){ __VA_ARGS__ }))
#define BY(n, ...)	{ n, FT_HASH, COUNT_ARGS(__VA_ARGS__), { __VA_ARGS__ }, F_COUNT, 0, NULL }
#define BUCKETS(n, k)	{ n, FT_BUCKET, 1, { k }, F_COUNT, 0, NULL }
#define ADDRESS(n, ...) \
	BY("ip-source-address/" n, K_SRCADDR, __VA_ARGS__), \
	BY("ip-destination-address/" n, K_DSTADDR, __VA_ARGS__), \
	BY("ip-source/destination-address/" n, K_SRCADDR, K_DSTADDR, __VA_ARGS__)

const struct ft_type_row ft_report_types[] = {
	{ "summary-detail", FT_DETAIL, 0, { 0 }, F_COUNT, 0, NULL },
	{ "summary-counters", FT_TOTALS, 0, { 0 }, F_COUNT, 0, NULL },
	BY("packet-size", K_SIZE), BY("octets", K_OCTETS), BY("packets", K_PACKETS), BY("bps", K_BPS), BY("pps", K_PPS),
	BUCKETS("ip-source-port", K_SRCPORT), BUCKETS("ip-destination-port", K_DSTPORT),
	BY("ip-source/destination-port", K_SRCPORT, K_DSTPORT),
	BUCKETS("ip-destination-address-type", K_DSTTYPE),
	BUCKETS("ip-protocol", K_PROTO), BUCKETS("ip-tos", K_TOS),
	BY("ip-next-hop-address", K_NEXTHOP), BY("ip-source-address", K_SRCADDR),
	BY("ip-destination-address", K_DSTADDR), BY("ip-exporter-address", K_EXPORTER),
	BY("ip-source/destination-address", K_SRCADDR, K_DSTADDR),
	BUCKETS("input-interface", K_INIF), BUCKETS("output-interface", K_OUTIF),
	BY("input/output-interface", K_INIF, K_OUTIF),
	BUCKETS("source-as", K_SRCAS), BUCKETS("destination-as", K_DSTAS),
	BY("source/destination-as", K_SRCAS, K_DSTAS2),
	ADDRESS("source-as", K_SRCAS), ADDRESS("destination-as", K_DSTAS),
	ADDRESS("source/destination-as", K_SRCAS, K_DSTAS),
	ADDRESS("input-interface", K_INIF), ADDRESS("output-interface", K_OUTIF),
	ADDRESS("input/output-interface", K_INIF, K_OUTIF),
	ADDRESS("ip-source-port", K_SRCPORT), ADDRESS("ip-destination-port", K_DSTPORT),
	ADDRESS("ip-source/destination-port", K_SRCPORT, K_DSTPORT),
	BY("input-interface/source-as", K_INIF, K_SRCAS), BY("input-interface/destination-as", K_INIF, K_DSTAS),
	BY("output-interface/source-as", K_OUTIF, K_SRCAS), BY("output-interface/destination-as", K_OUTIF, K_DSTAS),
	BY("input-interface/source/destination-as", K_INIF, K_SRCAS, K_DSTAS),
	BY("output-interface/source/destination-as", K_OUTIF, K_SRCAS, K_DSTAS),
	BY("input/output-interface/source/destination-as", K_INIF, K_OUTIF, K_SRCAS, K_DSTAS),
	BUCKETS("engine-id", K_ENGINEID), BUCKETS("engine-type", K_ENGINETYPE),
	BY("source-tag", K_SRCTAG), BY("destination-tag", K_DSTTAG), BY("source/destination-tag", K_SRCTAG, K_DSTTAG),
	BY("ip-source-address/source-tag", K_SRCADDR, K_SRCTAG),
	BY("ip-source-address/destination-tag", K_SRCADDR, K_DSTTAG),
	BY("ip-destination-address/source-tag", K_DSTADDR, K_SRCTAG),
	BY("ip-destination-address/destination-tag", K_DSTADDR, K_DSTTAG),
	BY("ip-source/destination-address/source/destination-tag", K_SRCADDR, K_DSTADDR, K_SRCTAG, K_DSTTAG),
	{ "ip-address", FT_HASH, 1, { K_ADDR }, F_DSTIP, 0, NULL },
	{ "ip-port", FT_BUCKET, 1, { K_PORT }, F_DSTPORT, 0, NULL },
	{ "ip-source-address-destination-count", FT_HASH, 1, { K_SRCADDR }, F_COUNT, K_DSTADDR,
	    "ip-destination-address-count" },
	{ "ip-destination-address-source-count", FT_HASH, 1, { K_DSTADDR }, F_COUNT, K_SRCADDR,
	    "ip-source-address-count" },
	BY("ip-source/destination-address/ip-protocol/ip-tos", K_SRCADDR, K_DSTADDR, K_PROTO, K_TOS),
	BY("ip-source/destination-address/ip-protocol/ip-tos/ip-source/destination-port", K_SRCADDR, K_DSTADDR,
	    K_SRCPORT, K_DSTPORT, K_PROTO, K_TOS),
	{ "linear-interpolated-flows-octets-packets", FT_SECONDS, 1, { K_SECONDS }, F_COUNT, 0, NULL },
	BY("first", K_FIRST), BY("last", K_LAST), BY("duration", K_DURATION),
	{ .name = NULL },
};
