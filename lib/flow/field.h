/*
 * fields[]: everything that one can know about a flow, a row each.
 *
 * Filter words, group keys, statistics, columns of a batch, CSV headers, JSON
 * keys, table headings and form menus are readings of this table.
 */
#ifndef FLOW_FIELD_H
#define FLOW_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field {
	/* record header */
	F_ENGINETYPE, F_ENGINEID, F_SYSID, F_NFVERSION, F_RECFLAGS,
	/* generic */
	F_FIRST, F_LAST, F_RECEIVED, F_PACKETS, F_BYTES, F_SRCPORT, F_DSTPORT,
	F_PROTO, F_FLAGS, F_FWDSTAT, F_SRCTOS,
	/* addresses */
	F_SRCIP, F_DSTIP,
	/* flow misc */
	F_INIF, F_OUTIF, F_SRCMASK, F_DSTMASK, F_DIR, F_DSTTOS, F_BIDIR, F_ENDREASON,
	/* counters of the other direction, aggregated flows */
	F_FLOWS, F_OUTPACKETS, F_OUTBYTES,
	F_SRCVLAN, F_DSTVLAN, F_SRCAS, F_DSTAS, F_NEXTAS, F_PREVAS,
	F_NEXTHOP, F_BGPNEXTHOP, F_ROUTER,
	F_MPLS1, F_MPLS2, F_MPLS3, F_MPLS4, F_MPLS5,
	F_MPLS6, F_MPLS7, F_MPLS8, F_MPLS9, F_MPLS10,
	F_INSRCMAC, F_OUTDSTMAC, F_INDSTMAC, F_OUTSRCMAC,
	F_CLIENTLATENCY, F_SERVERLATENCY, F_APPLATENCY,
	/* NSEL, NAT */
	F_EVENTTIME, F_CONNID, F_XEVENT, F_EVENT,
	F_XSRCIP, F_XDSTIP, F_XSRCPORT, F_XDSTPORT,
	F_IACL, F_IACE, F_IXACE, F_EACL, F_EACE, F_EXACE, F_USER,
	F_NATEVENT, F_NATPOOL, F_PBSTART, F_PBEND, F_PBSTEP, F_PBSIZE,
	/* applications, payloads, tunnels, metering */
	F_NBAR, F_LABEL, F_INPAYLOAD, F_OUTPAYLOAD,
	F_TUNSRCIP, F_TUNDSTIP, F_TUNPROTO, F_OBSPOINT, F_OBSDOMAIN, F_IVRF, F_EVRF,
	F_PFACTION, F_PFREASON, F_PFDIR, F_PFRULE, F_PFIF,
	F_LAYER2VLAN, F_CUSTVLAN, F_POSTVLAN, F_POSTCUSTVLAN, F_PHYSIN, F_PHYSOUT, F_VXLAN, F_ETHERTYPE,
	F_FLOWID, F_NATINSERVICE, F_NATOUTSERVICE, F_FRAGFLAGS, F_MINTTL, F_MAXTTL,
	/* flow-tools: of tagged, Catalyst and aggregated records, and what a flow's times were counted from */
	F_SRCTAG, F_DSTTAG, F_SHORTCUT, F_EXTRAPACKETS, F_MARKEDTOS, F_INENCAPS, F_OUTENCAPS, F_UPTIME,
	/* which elements the record carries: bit n for nfcapd element id n, bit 0 always set */
	F_ELEMENTS,
	/* derived: computed from the above by their row's function */
	F_DURATION, F_PPS, F_BPS, F_BPP, F_ICMPTYPE, F_ICMPCODE, F_SRCGEO, F_DSTGEO,
	F_COUNT		/* how many there are */
};

/* What a value means: how to parse, print and compare it. */
enum kind {
	KIND_NUMBER,		/* unsigned */
	KIND_COUNTER,		/* packets, bytes, flows: summed in groups, scaled in text */
	KIND_TIME,		/* milliseconds since 1970 UTC */
	KIND_MSEC,		/* a length of time in milliseconds */
	KIND_USEC,		/* a length of time in microseconds */
	KIND_RATE,		/* per second */
	KIND_ADDR,		/* struct addr */
	KIND_MAC,		/* u64, low 48 bits */
	KIND_PORT, KIND_PROTO, KIND_AS,
	KIND_COUNTRY,		/* flow/country.h */
	KIND_TCPFLAGS,		/* bits CEUAPRSF */
	KIND_MPLS,		/* label << 4 | exp << 1 | bottom of stack */
	KIND_FWDSTAT, KIND_FLOWDIR, KIND_FWEVENT, KIND_NATEVENT,
	KIND_BITS,
	KIND_TEXT,		/* struct slice, printable */
	KIND_BINARY,		/* struct slice */
};

/* Bytes of the file's block; valid until the next batch. */
struct slice {
	const uint8_t *p;
	uint32_t len;
};

/* nfcapd's element ids (FORMAT v2); other formats' fields are put under the same ones. */
enum element {
	E_HEADER = 0, E_GENERIC = 1, E_IPV4 = 2, E_IPV6 = 3, E_MISC = 4, E_CNT = 5, E_VLAN = 6, E_AS = 7,
	E_BGPNEXT4 = 8, E_BGPNEXT6 = 9, E_NEXT4 = 10, E_NEXT6 = 11, E_ROUTER4 = 12, E_ROUTER6 = 13,
	E_MPLS = 14, E_MAC = 15, E_ASADJ = 16, E_LATENCY = 17, E_SAMPLER = 18, E_NSEL = 19,
	E_XLATE4 = 20, E_XLATE6 = 21, E_XPORT = 22, E_ACL = 23, E_USER = 24, E_NAT = 25, E_PBLOCK = 26,
	E_NBAR = 27, E_LABEL = 28, E_INPAYLOAD = 29, E_OUTPAYLOAD = 30, E_TUN4 = 31, E_TUN6 = 32,
	E_OBSERVATION = 33, E_VRF = 36, E_PF = 37, E_LAYER2 = 38, E_FLOWID = 39, E_NOKIANAT = 40,
	E_NOKIATEXT = 41, E_IPINFO = 42,
	E_FLOWTOOLS = 62,	/* of our own: what nfcapd has no element for */
};

#define ELEMENT(id)	((uint64_t)1 << (id))

struct batch;

struct field_row {
	const char *name;	/* in -A, in URLs and in our JSON: "srcip" */
	const char *title;	/* table heading: "Source IP" */
	enum kind kind;
	uint8_t width;		/* bytes of a value in a column: 1, 2, 4, 8; 16 for struct addr and struct slice */
	uint64_t elements;	/* the value is there when the record has one of these; 0: always */
	const char *tag;	/* nfdump's %tag and CSV heading without %, NULL if none */
	const char *json;	/* nfdump's JSON key, NULL if none; of an address that of IPv4, IPv6's has 6 for its 4 */
	const char *help;	/* half a sentence for the manual and the form; says the unit */
	/* Derived fields: what they are computed from (ends at the first F_COUNT or at 3), and how. */
	enum field needs[3];
	void (*derive)(const struct batch *, void *column);
};

extern const struct field_row fields[F_COUNT];

/* The field of that name, or F_COUNT. */
enum field field_find(const char *name);

/* A set of fields. */
struct fieldset { uint64_t word[2]; };

_Static_assert(F_COUNT <= 128, "struct fieldset has a bit for each field");

static inline void
fieldset_add(struct fieldset *s, enum field f)
{
	s->word[f >> 6] |= (uint64_t)1 << (f & 63);
}

static inline void
fieldset_remove(struct fieldset *s, enum field f)
{
	s->word[f >> 6] &= ~((uint64_t)1 << (f & 63));
}

static inline bool
fieldset_has(const struct fieldset *s, enum field f)
{
	return s->word[f >> 6] >> (f & 63) & 1;
}

static inline void
fieldset_join(struct fieldset *s, const struct fieldset *more)
{
	s->word[0] |= more->word[0];
	s->word[1] |= more->word[1];
}

/* Adds what the derived fields in the set are computed from. */
void	fieldset_close(struct fieldset *);

#endif
