/*
 * Flow records of nfcapd layout 3.
 *
 *	record	0 u16 type = 16  2 u16 size  4 u16 extensions  6 u16 flags  8 u32 exporter's sysid
 *		12 u8 engine type  13 u8 engine  14 u8 version  16 u64 bit n: has extension n
 *		24 u16 offset of each extension, by ascending id, from the record's start
 *
 * The extensions follow at multiples of 8, in any order, with no heads of their own.
 */
#include "format/record.h"

#include <stdio.h>

#define RECORD3_FLOW	16
#define RECORD3_HEAD	24

/* Extensions that are read in a way of their own. */
#define X3_IPV4		2
#define X3_IPV6		3
#define X3_NSEL		21
#define X3_LAYER2	35

static const struct place places3[] = {
	{ E_HEADER, 6, LOAD_16TO8, F_RECFLAGS },
	{ E_HEADER, 8, LOAD_32TO16, F_SYSID },
	{ E_HEADER, 12, LOAD_8, F_ENGINETYPE },
	{ E_HEADER, 13, LOAD_8, F_ENGINEID },
	{ E_HEADER, 14, LOAD_8, F_NFVERSION },

	{ 1, 0, LOAD_64, F_FIRST },
	{ 1, 8, LOAD_64, F_LAST },
	{ 1, 16, LOAD_64, F_RECEIVED },
	{ 1, 24, LOAD_64, F_PACKETS },
	{ 1, 32, LOAD_64, F_BYTES },
	{ 1, 40, LOAD_16, F_SRCPORT },
	{ 1, 42, LOAD_16, F_DSTPORT },
	{ 1, 44, LOAD_8, F_PROTO },
	{ 1, 45, LOAD_8, F_FLAGS },
	{ 1, 46, LOAD_8, F_FWDSTAT },
	{ 1, 47, LOAD_8, F_SRCTOS },
	{ X3_IPV4, 0, LOAD_V4, F_SRCIP },
	{ X3_IPV4, 4, LOAD_V4, F_DSTIP },
	{ X3_IPV6, 0, LOAD_V6, F_SRCIP },
	{ X3_IPV6, 16, LOAD_V6, F_DSTIP },
	{ 4, 0, LOAD_32, F_INIF },
	{ 4, 4, LOAD_32, F_OUTIF },
	{ 5, 0, LOAD_8, F_SRCMASK },
	{ 5, 1, LOAD_8, F_DSTMASK },
	{ 5, 2, LOAD_8, F_DIR },
	{ 5, 3, LOAD_8, F_BIDIR },
	{ 5, 4, LOAD_8, F_DSTTOS },
	{ 5, 5, LOAD_8, F_ENDREASON },
	{ 6, 0, LOAD_FLOWS, F_FLOWS },
	{ 6, 8, LOAD_64, F_OUTPACKETS },
	{ 6, 16, LOAD_64, F_OUTBYTES },
	{ 7, 0, LOAD_32, F_SRCVLAN },
	{ 7, 4, LOAD_32, F_DSTVLAN },
	{ 8, 0, LOAD_32, F_SRCAS },
	{ 8, 4, LOAD_32, F_DSTAS },
	{ 9, 0, LOAD_V4, F_NEXTHOP },
	{ 9, 4, LOAD_V4, F_BGPNEXTHOP },
	{ 10, 0, LOAD_V6, F_NEXTHOP },
	{ 10, 16, LOAD_V6, F_BGPNEXTHOP },
	{ 11, 0, LOAD_V4, F_ROUTER },
	{ 12, 0, LOAD_V6, F_ROUTER },
	{ 13, 0, LOAD_32, F_MPLS1 },
	{ 13, 4, LOAD_32, F_MPLS2 },
	{ 13, 8, LOAD_32, F_MPLS3 },
	{ 13, 12, LOAD_32, F_MPLS4 },
	{ 13, 16, LOAD_32, F_MPLS5 },
	{ 13, 20, LOAD_32, F_MPLS6 },
	{ 13, 24, LOAD_32, F_MPLS7 },
	{ 13, 28, LOAD_32, F_MPLS8 },
	{ 13, 32, LOAD_32, F_MPLS9 },
	{ 13, 36, LOAD_32, F_MPLS10 },
	{ 14, 0, LOAD_64, F_INSRCMAC },
	{ 14, 8, LOAD_64, F_OUTDSTMAC },
	{ 15, 0, LOAD_64, F_INDSTMAC },
	{ 15, 8, LOAD_64, F_OUTSRCMAC },
	{ 16, 0, LOAD_32, F_NEXTAS },
	{ 16, 4, LOAD_32, F_PREVAS },
	{ 17, 0, LOAD_64, F_CLIENTLATENCY },
	{ 17, 8, LOAD_64, F_SERVERLATENCY },
	{ 17, 16, LOAD_64, F_APPLATENCY },
	{ 18, 0, LOAD_V4, F_XSRCIP },
	{ 18, 4, LOAD_V4, F_XDSTIP },
	{ 19, 0, LOAD_V6, F_XSRCIP },
	{ 19, 16, LOAD_V6, F_XDSTIP },
	{ 20, 0, LOAD_16, F_XSRCPORT },
	{ 20, 2, LOAD_16, F_XDSTPORT },
	{ X3_NSEL, 0, LOAD_64, F_EVENTTIME },
	{ X3_NSEL, 8, LOAD_32, F_CONNID },
	{ X3_NSEL, 12, LOAD_16, F_XEVENT },
	{ X3_NSEL, 14, LOAD_8, F_EVENT },
	{ X3_NSEL, 18, LOAD_16TO8, F_NATEVENT },
	{ X3_NSEL, 20, LOAD_32, F_NATPOOL },
	{ 22, 0, LOAD_32, F_IACL },
	{ 22, 4, LOAD_32, F_IACE },
	{ 22, 8, LOAD_32, F_IXACE },
	{ 22, 12, LOAD_32, F_EACL },
	{ 22, 16, LOAD_32, F_EACE },
	{ 22, 20, LOAD_32, F_EXACE },
	{ 23, 0, LOAD_TEXT, F_USER },
	{ 24, 0, LOAD_16, F_PBSTART },
	{ 24, 2, LOAD_16, F_PBEND },
	{ 24, 4, LOAD_16, F_PBSTEP },
	{ 24, 6, LOAD_16, F_PBSIZE },
	{ 25, 0, LOAD_BYTES, F_NBAR },
	{ 26, 0, LOAD_BYTES, F_INPAYLOAD },
	{ 27, 0, LOAD_BYTES, F_OUTPAYLOAD },
	{ 28, 0, LOAD_V4, F_TUNSRCIP },
	{ 28, 4, LOAD_V4, F_TUNDSTIP },
	{ 28, 8, LOAD_32TO8, F_TUNPROTO },
	{ 29, 0, LOAD_V6, F_TUNSRCIP },
	{ 29, 16, LOAD_V6, F_TUNDSTIP },
	{ 29, 32, LOAD_32TO8, F_TUNPROTO },
	{ 30, 0, LOAD_64, F_OBSPOINT },
	{ 30, 8, LOAD_64TO32, F_OBSDOMAIN },
	{ 33, 0, LOAD_32, F_EVRF },
	{ 33, 4, LOAD_32, F_IVRF },
	{ 34, 0, LOAD_8, F_PFACTION },
	{ 34, 1, LOAD_8, F_PFREASON },
	{ 34, 2, LOAD_8, F_PFDIR },
	{ 34, 4, LOAD_32, F_PFRULE },
	{ 34, 20, LOAD_TEXT, F_PFIF },
	{ X3_LAYER2, 0, LOAD_16, F_LAYER2VLAN },
	{ X3_LAYER2, 2, LOAD_16, F_CUSTVLAN },
	{ X3_LAYER2, 4, LOAD_16, F_POSTVLAN },
	{ X3_LAYER2, 6, LOAD_16, F_POSTCUSTVLAN },
	{ X3_LAYER2, 8, LOAD_32, F_PHYSIN },
	{ X3_LAYER2, 12, LOAD_32, F_PHYSOUT },
	{ X3_LAYER2, 16, LOAD_64, F_VXLAN },
	{ X3_LAYER2, 24, LOAD_16, F_ETHERTYPE },
	{ 36, 0, LOAD_64, F_FLOWID },
	{ 37, 0, LOAD_16, F_NATINSERVICE },
	{ 37, 2, LOAD_16, F_NATOUTSERVICE },
	{ 39, 0, LOAD_8, F_FRAGFLAGS },
	{ 39, 1, LOAD_8, F_MINTTL },
	{ 39, 2, LOAD_8, F_MAXTTL },
	{ .field = F_COUNT },
};

_Static_assert(sizeof(places3) / sizeof(places3[0]) <= PLACES_MAX, "PLACES_MAX is too small");

/* How an extension is kept: so many bytes; those or more, to where it ends; a u32 length and bytes. */
enum keep { KEEP_FIXED, KEEP_TAIL, KEEP_LENGTH };

static const struct extension {
	uint8_t need, keep;
	uint64_t elements;	/* that have its fields */
} extensions[] = {
	[1] = { 48, KEEP_FIXED, ELEMENT(E_GENERIC) },
	[X3_IPV4] = { 8, KEEP_FIXED, ELEMENT(E_IPV4) },
	[X3_IPV6] = { 32, KEEP_FIXED, ELEMENT(E_IPV6) },
	[4] = { 8, KEEP_FIXED, ELEMENT(E_MISC) },
	[5] = { 6, KEEP_FIXED, ELEMENT(E_MISC) },
	[6] = { 24, KEEP_FIXED, ELEMENT(E_CNT) },
	[7] = { 8, KEEP_FIXED, ELEMENT(E_VLAN) },
	[8] = { 8, KEEP_FIXED, ELEMENT(E_AS) },
	[9] = { 8, KEEP_FIXED, ELEMENT(E_NEXT4) | ELEMENT(E_BGPNEXT4) },
	[10] = { 32, KEEP_FIXED, ELEMENT(E_NEXT6) | ELEMENT(E_BGPNEXT6) },
	[11] = { 4, KEEP_FIXED, ELEMENT(E_ROUTER4) },
	[12] = { 16, KEEP_FIXED, ELEMENT(E_ROUTER6) },
	[13] = { 40, KEEP_FIXED, ELEMENT(E_MPLS) },
	[14] = { 16, KEEP_FIXED, ELEMENT(E_MAC) },
	[15] = { 16, KEEP_FIXED, ELEMENT(E_MAC) },
	[16] = { 8, KEEP_FIXED, ELEMENT(E_ASADJ) },
	[17] = { 24, KEEP_FIXED, ELEMENT(E_LATENCY) },
	[18] = { 8, KEEP_FIXED, ELEMENT(E_XLATE4) },
	[19] = { 32, KEEP_FIXED, ELEMENT(E_XLATE6) },
	[20] = { 4, KEEP_FIXED, ELEMENT(E_XPORT) },
	[X3_NSEL] = { 24, KEEP_FIXED, ELEMENT(E_NSEL) | ELEMENT(E_NAT) },
	[22] = { 24, KEEP_FIXED, ELEMENT(E_ACL) },
	[23] = { 72, KEEP_FIXED, ELEMENT(E_USER) },
	[24] = { 8, KEEP_FIXED, ELEMENT(E_PBLOCK) },
	[25] = { 4, KEEP_LENGTH, ELEMENT(E_NBAR) },
	[26] = { 4, KEEP_LENGTH, ELEMENT(E_INPAYLOAD) },
	[27] = { 4, KEEP_LENGTH, ELEMENT(E_OUTPAYLOAD) },
	[28] = { 12, KEEP_FIXED, ELEMENT(E_TUN4) },
	[29] = { 36, KEEP_FIXED, ELEMENT(E_TUN6) },
	[30] = { 16, KEEP_FIXED, ELEMENT(E_OBSERVATION) },
	[33] = { 8, KEEP_FIXED, ELEMENT(E_VRF) },
	[34] = { 20, KEEP_TAIL, ELEMENT(E_PF) },
	[X3_LAYER2] = { 27, KEEP_FIXED, ELEMENT(E_LAYER2) },
	[36] = { 8, KEEP_FIXED, ELEMENT(E_FLOWID) },
	[37] = { 4, KEEP_FIXED, ELEMENT(E_NOKIANAT) },
	[39] = { 3, KEEP_FIXED, ELEMENT(E_IPINFO) },
};

#define EXTENSION_IDS	(sizeof(extensions) / sizeof(extensions[0]))

/* Bytes that an extension may take: to the next one or the record's end.  0 when it lies where it cannot. */
static size_t
extension_room(const uint8_t *record, size_t size, unsigned n, unsigned i)
{
	size_t at = load16(record + RECORD3_HEAD + 2 * i), end = size;

	for (unsigned k = 0; k < n; k++) {
		size_t other = load16(record + RECORD3_HEAD + 2 * k);

		if (k != i && other >= at && other < end)
			end = other;
	}
	return at >= RECORD3_HEAD + 2 * n && at < end ? end - at : 0;
}

/* Places extension id, which may have so many bytes.  0, or 1 when it is left out and why. */
static int
lay_extension(const struct decoder *d, struct layout *l, const uint8_t *record, unsigned id, size_t at,
    size_t room, char *why)
{
	const struct extension *x = &extensions[id];
	size_t len = x->need;

	if (room < x->need) {
		snprintf(why, 96, "extension %u has %zu of %u bytes: left out", id, room, x->need);
		return 1;
	}
	if (x->keep == KEEP_TAIL)
		len = room;
	if (x->keep == KEEP_LENGTH) {
		layout_word(l, record, at);
		len = load32(record + at);
		if (len > room - 4) {
			snprintf(why, 96, "extension %u has %zu of %zu bytes: left out", id, room - 4, len);
			return 1;
		}
		at += 4;
	}
	layout_place(d, l, id, at, len);
	l->elements |= x->elements;
	return 0;
}

/* The event of a firewall or that of a translator, where it is said which. */
static void
lay_event(struct layout *l, const uint8_t *record, size_t at)
{
	uint16_t type = load16(record + at + 16);

	layout_word(l, record, at + 16);
	if (type == 1 || type == 2)
		l->elements &= ~ELEMENT(type == 1 ? E_NAT : E_NSEL);
}

/* Notes the words that tell a layout: bits and offsets, the last two of which may overlap with others. */
static void
lay_words(struct layout *l, const uint8_t *record, unsigned n)
{
	layout_word(l, record, 16);
	layout_word(l, record, 20);
	for (unsigned i = 0; i + 1 < n; i += 2)
		layout_word(l, record, RECORD3_HEAD + 2 * i);
	if (n % 2 != 0)
		layout_word(l, record, RECORD3_HEAD + 2 * n - 4);
}

static int
lay_extensions(const struct decoder *d, struct layout *l, const uint8_t *record, size_t size, char *why)
{
	uint64_t bits = load64(record + 16);
	unsigned n = l->second, i = 0;
	size_t at[EXTENSION_IDS] = { 0 };
	int odd = 0;

	if ((unsigned)__builtin_popcountll(bits) != n || RECORD3_HEAD + 2 * n > size) {
		snprintf(why, 96, "%u extensions claimed in %zu bytes, %d named", n, size, __builtin_popcountll(bits));
		return -1;
	}
	lay_words(l, record, n);
	for (unsigned id = 0; id < 64; id++) {
		size_t room;

		if (!(bits >> id & 1))
			continue;
		room = extension_room(record, size, n, i);
		if (id < EXTENSION_IDS && extensions[id].need != 0) {
			at[id] = load16(record + RECORD3_HEAD + 2 * i);
			if (lay_extension(d, l, record, id, at[id], room, why) == 1) {
				at[id] = 0;
				odd = 1;
			}
		}
		i++;
	}
	if (at[X3_NSEL] != 0)
		lay_event(l, record, at[X3_NSEL]);
	if (at[X3_IPV4] != 0 && at[X3_IPV6] != 0)
		layout_family(d, l, record, at[X3_IPV4], at[X3_IPV6], at[X3_LAYER2] != 0 ? at[X3_LAYER2] + 26 : 0);
	return odd;
}

const struct record_form form_extensions = {
	1u << RECORD3_FLOW, RECORD3_HEAD, places3, lay_extensions
};
