#include "format/ftrecord.h"

/*
 * Streams of version 3.  All records begin with
 *	0 unix_secs  4 unix_nsecs  8 sysUpTime  12 exaddr
 * (three of version 8 with the last two exchanged); what flow-capture got.
 */
#define ROUTER(at)	{ F_ROUTER, at, 4 }, { F_UPTIME, 20 - (at), 4 }

#define BASE \
	ROUTER(12), { F_SRCIP, 16, 4 }, { F_DSTIP, 20, 4 }, { F_NEXTHOP, 24, 4 }, \
	{ F_INIF, 28, 2 }, { F_OUTIF, 30, 2 }, { F_PACKETS, 32, 4 }, { F_BYTES, 36, 4 }, \
	{ F_SRCPORT, 48, 2 }, { F_DSTPORT, 50, 2 }, { F_PROTO, 52, 1 }, { F_SRCTOS, 53, 1 }, { F_FLAGS, 54, 1 }
#define BASE5 \
	BASE, { F_ENGINETYPE, 56, 1 }, { F_ENGINEID, 57, 1 }, { F_SRCMASK, 58, 1 }, { F_DSTMASK, 59, 1 }, \
	{ F_SRCAS, 60, 2 }, { F_DSTAS, 62, 2 }

/* Counters of version 8: with a count of flows, and without. */
#define COUNTED		{ F_FLOWS, 16, 4 }, { F_PACKETS, 20, 4 }, { F_BYTES, 24, 4 }
#define UNCOUNTED	{ F_PACKETS, 16, 4 }, { F_BYTES, 20, 4 }
#define ENGINE(at)	{ F_ENGINETYPE, at, 1 }, { F_ENGINEID, (at) + 1, 1 }
#define PREFIX(src, dst, srcmask, dstmask) \
	{ F_SRCIP, src, 4 }, { F_DSTIP, dst, 4 }, { F_SRCMASK, srcmask, 1 }, { F_DSTMASK, dstmask, 1 }
#define AS(src, dst)	{ F_SRCAS, src, 2 }, { F_DSTAS, dst, 2 }
#define IFS(in, out)	{ F_INIF, in, 2 }, { F_OUTIF, out, 2 }
#define PORTS(src, dst)	{ F_SRCPORT, src, 2 }, { F_DSTPORT, dst, 2 }
#define EXTRA(extra, shortcut, marked) \
	{ F_EXTRAPACKETS, extra, 4 }, { F_SHORTCUT, shortcut, 4 }, { F_MARKEDTOS, marked, 1 }

/* Stream 1: times since boot, no exporter. */
#define STREAM1 \
	{ F_SRCIP, 8, 4 }, { F_DSTIP, 12, 4 }, { F_NEXTHOP, 16, 4 }, IFS(20, 22), \
	{ F_PACKETS, 24, 4 }, { F_BYTES, 28, 4 }, PORTS(40, 42), \
	{ F_PROTO, 46, 1 }, { F_SRCTOS, 47, 1 }, { F_FLAGS, 48, 1 }

/* Elements, by nfcapd's names. */
#define HAS(e)		ELEMENT(E_##e)
#define LEAST		(HAS(HEADER) | HAS(GENERIC))
#define LEAST3		(LEAST | HAS(ROUTER4) | HAS(FLOWTOOLS))
#define BASE_HAS	(LEAST3 | HAS(IPV4) | HAS(MISC) | HAS(NEXT4))
#define BASE5_HAS	(BASE_HAS | HAS(AS))

const struct ft_record ft_records[] = {
	{ "v1", 1, 1, 0, 60, 0, 32, 36, LEAST | HAS(IPV4) | HAS(MISC) | HAS(NEXT4), { STREAM1 } },
	{ "v5", 1, 5, 0, 60, 0, 32, 36, LEAST | HAS(IPV4) | HAS(MISC) | HAS(NEXT4) | HAS(AS),
	    { STREAM1, AS(52, 54), { F_SRCMASK, 56, 1 }, { F_DSTMASK, 57, 1 } } },
	{ "v1", 3, 1, 0, 60, 8, 40, 44, BASE_HAS, { BASE } },
	{ "v5", 3, 5, 0, 64, 8, 40, 44, BASE5_HAS, { BASE5 } },
	{ "v6", 3, 6, 0, 72, 8, 40, 44, BASE5_HAS | HAS(BGPNEXT4), 
	    { BASE5, { F_INENCAPS, 64, 1 }, { F_OUTENCAPS, 65, 1 }, { F_BGPNEXTHOP, 68, 4 } } },
	{ "v7", 3, 7, 0, 68, 8, 40, 44, BASE5_HAS, { BASE5, { F_SHORTCUT, 64, 4 } } },
	{ "v1005", 3, 1005, 0, 72, 8, 40, 44, BASE5_HAS, { BASE5, { F_SRCTAG, 64, 4 }, { F_DSTTAG, 68, 4 } } },
	{ "v8.1 AS", 3, 8, 1, 48, 8, 28, 32, LEAST3 | HAS(AS) | HAS(MISC),
	    { ROUTER(12), COUNTED, AS(36, 38), IFS(40, 42), ENGINE(44) } },
	{ "v8.2 protocol and ports", 3, 8, 2, 48, 8, 28, 32, LEAST3,
	    { ROUTER(12), COUNTED, { F_PROTO, 36, 1 }, PORTS(40, 42), ENGINE(44) } },
	{ "v8.3 source prefix", 3, 8, 3, 48, 12, 28, 32, LEAST3 | HAS(IPV4) | HAS(AS) | HAS(MISC),
	    { ROUTER(8), COUNTED, { F_SRCIP, 36, 4 }, { F_SRCMASK, 40, 1 }, { F_SRCAS, 42, 2 }, { F_INIF, 44, 2 },
	    ENGINE(46) } },
	{ "v8.4 destination prefix", 3, 8, 4, 48, 8, 28, 32, LEAST3 | HAS(IPV4) | HAS(AS) | HAS(MISC),
	    { ROUTER(12), COUNTED, { F_DSTIP, 36, 4 }, { F_DSTMASK, 40, 1 }, ENGINE(42), { F_DSTAS, 44, 2 },
	    { F_OUTIF, 46, 2 } } },
	{ "v8.5 prefixes", 3, 8, 5, 56, 8, 28, 32, LEAST3 | HAS(IPV4) | HAS(AS) | HAS(MISC),
	    { ROUTER(12), COUNTED, PREFIX(36, 40, 45, 44), ENGINE(46), AS(48, 50), IFS(52, 54) } },
	{ "v8.6 destination", 3, 8, 6, 52, 8, 24, 28, LEAST3 | HAS(IPV4) | HAS(MISC),
	    { ROUTER(12), UNCOUNTED, { F_DSTIP, 32, 4 }, EXTRA(36, 40, 49), { F_OUTIF, 44, 2 }, { F_SRCTOS, 48, 1 },
	    ENGINE(50) } },
	{ "v8.7 source and destination", 3, 8, 7, 56, 8, 24, 28, LEAST3 | HAS(IPV4) | HAS(MISC),
	    { ROUTER(12), UNCOUNTED, { F_DSTIP, 32, 4 }, { F_SRCIP, 36, 4 }, EXTRA(40, 44, 53), IFS(50, 48),
	    { F_SRCTOS, 52, 1 }, ENGINE(54) } },
	{ "v8.8 full flow", 3, 8, 8, 64, 8, 24, 28, LEAST3 | HAS(IPV4) | HAS(MISC),
	    { ROUTER(12), UNCOUNTED, { F_DSTIP, 32, 4 }, { F_SRCIP, 36, 4 }, EXTRA(40, 44, 57), PORTS(50, 48),
	    IFS(54, 52), { F_SRCTOS, 56, 1 }, ENGINE(58), { F_PROTO, 60, 1 } } },
	{ "v8.9 ToS, AS", 3, 8, 9, 48, 8, 28, 32, LEAST3 | HAS(AS) | HAS(MISC),
	    { ROUTER(12), COUNTED, AS(36, 38), IFS(40, 42), ENGINE(44), { F_SRCTOS, 46, 1 } } },
	{ "v8.10 ToS, protocol and ports", 3, 8, 10, 48, 8, 28, 32, LEAST3 | HAS(MISC),
	    { ROUTER(12), COUNTED, PORTS(36, 38), IFS(40, 42), ENGINE(44), { F_PROTO, 46, 1 }, { F_SRCTOS, 47, 1 } } },
	{ "v8.11 ToS, source prefix", 3, 8, 11, 48, 12, 28, 32, LEAST3 | HAS(IPV4) | HAS(AS) | HAS(MISC),
	    { ROUTER(8), COUNTED, { F_SRCIP, 36, 4 }, { F_SRCMASK, 40, 1 }, { F_SRCTOS, 41, 1 }, { F_SRCAS, 42, 2 },
	    { F_INIF, 44, 2 }, ENGINE(46) } },
	{ "v8.12 ToS, destination prefix", 3, 8, 12, 48, 12, 28, 32, LEAST3 | HAS(IPV4) | HAS(AS) | HAS(MISC),
	    { ROUTER(8), COUNTED, { F_DSTIP, 36, 4 }, { F_OUTIF, 40, 2 }, { F_DSTAS, 42, 2 }, { F_DSTMASK, 44, 1 },
	    { F_SRCTOS, 45, 1 }, ENGINE(46) } },
	{ "v8.13 ToS, prefixes", 3, 8, 13, 60, 8, 28, 32, LEAST3 | HAS(IPV4) | HAS(AS) | HAS(MISC),
	    { ROUTER(12), COUNTED, PREFIX(36, 40, 53, 52), AS(44, 46), IFS(48, 50), ENGINE(54), { F_SRCTOS, 56, 1 } } },
	{ "v8.14 ToS, prefixes and ports", 3, 8, 14, 60, 8, 28, 32, LEAST3 | HAS(IPV4) | HAS(MISC),
	    { ROUTER(12), COUNTED, PREFIX(36, 40, 53, 52), PORTS(44, 46), IFS(48, 50), ENGINE(54),
	    { F_SRCTOS, 56, 1 }, { F_PROTO, 57, 1 } } },
	{ .size = 0 },
};

const struct ft_record *
ft_record_find(unsigned stream, unsigned version, unsigned method)
{
	for (const struct ft_record *k = ft_records; k->size != 0; k++)
		if (k->stream == stream && k->version == version && k->method == method)
			return k;
	return NULL;
}

bool
ft_record_has(const struct ft_record *k, enum field f)
{
	for (const struct fixed *p = k->places; p->width != 0; p++)
		if (p->field == f)
			return true;
	return f == F_FIRST || f == F_LAST || f == F_RECEIVED || f == F_NFVERSION || f == F_FLOWS || f == F_ELEMENTS ||
	    fields[f].derive != NULL;
}
