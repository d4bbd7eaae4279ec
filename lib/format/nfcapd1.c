/*
 * nfcapd files of layout 1, as nfdump 1.6 and before wrote them.
 *
 *	header 140 bytes | stat 136 bytes | blocks, as in layout 2
 *	header	0 u16 0xa50c  2 u16 1  4 u32 flags  8 u32 blocks  12 char ident[128]
 *	stat	the 15 numbers of layout 2; 120 u32 first second  124 u32 last second
 *		128 u16 first's milliseconds  130 u16 last's  132 u32 sequence failures
 *	map	0 u16 type = 2  2 u16 size  4 u16 its number  6 u16 bytes of the extensions
 *		8 u16 extension ids, ending with 0
 *	flow	0 u16 type = 10  2 u16 size  4 u8 flags  5 u8 version  6 u16 number of the map
 *		8 u16 first's milliseconds  10 u16 last's  12 u32 first second  16 u32 last second
 *		20 u8 forwarding  21 u8 TCP flags  22 u8 protocol  23 u8 ToS  24 u16 port  26 u16 port
 *		28 u16 exporter's sysid  30 u8 direction of a biflow  31 u8 why it ended
 *		32 addresses, packets, bytes; then the extensions in the map's order
 *	old	(type 1, until 1.6.12) the same, but 5 u8 exporter's sysid and addresses at 28
 *
 * A flow can only be read with its map.  Most files repeat their maps at their
 * start, but a map may come, and another take its number, in any later block;
 * only unpacking all blocks before would tell.  So a file is one unit of work:
 * threads share the files, not the blocks of one.
 */
#include "format/nfcapd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD1		140
#define STAT1		136
#define FILE_LZO	0x01	/* flags of the file */
#define FILE_ANON	0x02
#define FILE_BZ2	0x08
#define FILE_LZ4	0x10
#define FILE_PACKED	(FILE_LZO | FILE_BZ2 | FILE_LZ4)

#define RECORD_OLD	1
#define RECORD_MAP	2
#define RECORD_COMMON	10
#define OLD_HEAD	28
#define COMMON_HEAD	32

#define FLOW_V6		0x01	/* flags of a flow */
#define FLOW_PACKETS64	0x02
#define FLOW_BYTES64	0x04

#define MAPS		65536
#define MAP_IDS		60	/* of one map; there are 46 extensions */

/* Parts of a flow that are no extensions get ids that no extension has. */
enum {
	X_PACKETS32 = 50, X_PACKETS64, X_BYTES32, X_BYTES64,
	X_FIRST, X_BITS, X_OLD, X_COMMON, X_TWOWAY
};

static const struct place places1[] = {
	{ E_HEADER, 16, LOAD_LAST1, F_LAST },
	{ E_HEADER, 20, LOAD_8, F_FWDSTAT },
	{ E_HEADER, 21, LOAD_8, F_FLAGS },
	{ E_HEADER, 22, LOAD_8, F_PROTO },
	{ E_HEADER, 23, LOAD_8, F_SRCTOS },
	{ E_HEADER, 24, LOAD_16, F_SRCPORT },
	{ E_HEADER, 26, LOAD_16, F_DSTPORT },
	{ E_IPV4, 0, LOAD_V4, F_SRCIP },
	{ E_IPV4, 4, LOAD_V4, F_DSTIP },
	{ E_IPV6, 0, LOAD_V6, F_SRCIP },
	{ E_IPV6, 16, LOAD_V6, F_DSTIP },

	{ 4, 0, LOAD_16TO32, F_INIF },
	{ 4, 2, LOAD_16TO32, F_OUTIF },
	{ 5, 0, LOAD_32, F_INIF },
	{ 5, 4, LOAD_32, F_OUTIF },
	{ 6, 0, LOAD_16TO32, F_SRCAS },
	{ 6, 2, LOAD_16TO32, F_DSTAS },
	{ 7, 0, LOAD_32, F_SRCAS },
	{ 7, 4, LOAD_32, F_DSTAS },
	{ 8, 0, LOAD_8, F_DSTTOS },
	{ 8, 1, LOAD_8, F_DIR },
	{ 8, 2, LOAD_8, F_SRCMASK },
	{ 8, 3, LOAD_8, F_DSTMASK },
	{ 9, 0, LOAD_V4, F_NEXTHOP },
	{ 10, 0, LOAD_V6, F_NEXTHOP },
	{ 11, 0, LOAD_V4, F_BGPNEXTHOP },
	{ 12, 0, LOAD_V6, F_BGPNEXTHOP },
	{ 13, 0, LOAD_16TO32, F_SRCVLAN },
	{ 13, 2, LOAD_16TO32, F_DSTVLAN },
	{ 14, 0, LOAD_32TO64, F_OUTPACKETS },
	{ 15, 0, LOAD_64, F_OUTPACKETS },
	{ 16, 0, LOAD_32TO64, F_OUTBYTES },
	{ 17, 0, LOAD_64, F_OUTBYTES },
	{ 18, 0, LOAD_FLOWS32, F_FLOWS },
	{ 19, 0, LOAD_FLOWS, F_FLOWS },
	{ 20, 0, LOAD_64, F_INSRCMAC },
	{ 20, 8, LOAD_64, F_OUTDSTMAC },
	{ 21, 0, LOAD_64, F_INDSTMAC },
	{ 21, 8, LOAD_64, F_OUTSRCMAC },
	{ 22, 0, LOAD_32, F_MPLS1 },
	{ 22, 4, LOAD_32, F_MPLS2 },
	{ 22, 8, LOAD_32, F_MPLS3 },
	{ 22, 12, LOAD_32, F_MPLS4 },
	{ 22, 16, LOAD_32, F_MPLS5 },
	{ 22, 20, LOAD_32, F_MPLS6 },
	{ 22, 24, LOAD_32, F_MPLS7 },
	{ 22, 28, LOAD_32, F_MPLS8 },
	{ 22, 32, LOAD_32, F_MPLS9 },
	{ 22, 36, LOAD_32, F_MPLS10 },
	{ 23, 0, LOAD_V4, F_ROUTER },
	{ 24, 0, LOAD_V6, F_ROUTER },
	{ 25, 2, LOAD_8, F_ENGINETYPE },
	{ 25, 3, LOAD_8, F_ENGINEID },
	{ 26, 0, LOAD_32, F_NEXTAS },
	{ 26, 4, LOAD_32, F_PREVAS },
	{ 27, 0, LOAD_64, F_RECEIVED },

	{ 37, 0, LOAD_64, F_EVENTTIME },
	{ 37, 8, LOAD_32, F_CONNID },
	{ 37, 12, LOAD_ICMP1, F_DSTPORT },
	{ 37, 14, LOAD_8, F_EVENT },
	{ 37, 16, LOAD_16, F_XEVENT },
	{ 38, 0, LOAD_16, F_XSRCPORT },
	{ 38, 2, LOAD_16, F_XDSTPORT },
	{ 39, 0, LOAD_V4, F_XSRCIP },
	{ 39, 4, LOAD_V4, F_XDSTIP },
	{ 40, 0, LOAD_V6, F_XSRCIP },
	{ 40, 16, LOAD_V6, F_XDSTIP },
	{ 41, 0, LOAD_32, F_IACL },
	{ 41, 4, LOAD_32, F_IACE },
	{ 41, 8, LOAD_32, F_IXACE },
	{ 41, 12, LOAD_32, F_EACL },
	{ 41, 16, LOAD_32, F_EACE },
	{ 41, 20, LOAD_32, F_EXACE },
	{ 42, 0, LOAD_TEXT, F_USER },
	{ 43, 0, LOAD_TEXT, F_USER },
	{ 45, 0, LOAD_64, F_CLIENTLATENCY },
	{ 45, 8, LOAD_64, F_SERVERLATENCY },
	{ 45, 16, LOAD_64, F_APPLATENCY },
	{ 46, 0, LOAD_8, F_NATEVENT },
	{ 46, 4, LOAD_32, F_EVRF },
	{ 46, 8, LOAD_32, F_IVRF },
	{ 48, 0, LOAD_16, F_PBSTART },
	{ 48, 2, LOAD_BLOCKEND1, F_PBEND },
	{ 48, 4, LOAD_16, F_PBSTEP },
	{ 48, 6, LOAD_16, F_PBSIZE },

	{ X_PACKETS32, 0, LOAD_32TO64, F_PACKETS },
	{ X_PACKETS64, 0, LOAD_64, F_PACKETS },
	{ X_BYTES32, 0, LOAD_32TO64, F_BYTES },
	{ X_BYTES64, 0, LOAD_64, F_BYTES },
	{ X_FIRST, 0, LOAD_FIRST1, F_FIRST },		/* len: where the time of an event is, or 0 */
	{ X_BITS, 0, LOAD_BITS1, F_RECFLAGS },		/* len: bits to add */
	{ X_OLD, 5, LOAD_8TO16, F_SYSID },
	{ X_COMMON, 5, LOAD_8, F_NFVERSION },
	{ X_COMMON, 28, LOAD_16, F_SYSID },
	{ X_TWOWAY, 30, LOAD_8, F_BIDIR },
	{ X_TWOWAY, 31, LOAD_8, F_ENDREASON },
	{ .field = F_COUNT },
};

_Static_assert(sizeof(places1) / sizeof(places1[0]) <= PLACES_MAX, "PLACES_MAX is too small");

/* Bytes of an extension, 0: nobody knows; and the elements that have its fields. */
static const struct extension {
	uint8_t size;
	uint64_t elements;
} extensions[] = {
	[4] = { 4, ELEMENT(E_MISC) }, [5] = { 8, ELEMENT(E_MISC) }, [6] = { 4, ELEMENT(E_AS) },
	[7] = { 8, ELEMENT(E_AS) }, [8] = { 4, ELEMENT(E_MISC) }, [9] = { 4, ELEMENT(E_NEXT4) },
	[10] = { 16, ELEMENT(E_NEXT6) }, [11] = { 4, ELEMENT(E_BGPNEXT4) }, [12] = { 16, ELEMENT(E_BGPNEXT6) },
	[13] = { 4, ELEMENT(E_VLAN) }, [14] = { 4, ELEMENT(E_CNT) }, [15] = { 8, ELEMENT(E_CNT) },
	[16] = { 4, ELEMENT(E_CNT) }, [17] = { 8, ELEMENT(E_CNT) }, [18] = { 4, ELEMENT(E_CNT) },
	[19] = { 8, ELEMENT(E_CNT) }, [20] = { 16, ELEMENT(E_MAC) }, [21] = { 16, ELEMENT(E_MAC) },
	[22] = { 40, ELEMENT(E_MPLS) }, [23] = { 4, ELEMENT(E_ROUTER4) }, [24] = { 16, ELEMENT(E_ROUTER6) },
	[25] = { 4, 0 }, [26] = { 8, ELEMENT(E_ASADJ) }, [27] = { 8, 0 },
	[37] = { 20, ELEMENT(E_NSEL) }, [38] = { 4, ELEMENT(E_XPORT) }, [39] = { 8, ELEMENT(E_XLATE4) },
	[40] = { 32, ELEMENT(E_XLATE6) }, [41] = { 24, ELEMENT(E_ACL) }, [42] = { 24, ELEMENT(E_USER) },
	[43] = { 72, ELEMENT(E_USER) }, [45] = { 24, ELEMENT(E_LATENCY) },
	[46] = { 12, ELEMENT(E_NAT) | ELEMENT(E_VRF) }, [47] = { 8, 0 }, [48] = { 8, ELEMENT(E_PBLOCK) },
};

#define EXTENSION_IDS	(sizeof(extensions) / sizeof(extensions[0]))

struct map {
	bool known;
	uint8_t n;
	uint8_t id[MAP_IDS];
	uint16_t strange;	/* an extension of unknown size; those behind it cannot be found */
};

struct nfcapd1 {
	struct nfcapd blocks;
	struct map *maps;	/* MAPS of them; only pages that are used take memory */
	uint8_t bits;		/* of the file, for all its flows */
};

/* What every flow has behind its head, as its flags say. */
static const struct {
	uint8_t flag, id[2], size[2];	/* flag clear, set */
} parts[] = {
	{ FLOW_V6, { E_IPV4, E_IPV6 }, { 8, 32 } },
	{ FLOW_PACKETS64, { X_PACKETS32, X_PACKETS64 }, { 4, 8 } },
	{ FLOW_BYTES64, { X_BYTES32, X_BYTES64 }, { 4, 8 } },
};

/* Places the extensions of a map from pos on; returns where they end, which may be beyond the record. */
static size_t
lay_map(const struct decoder *d, struct layout *l, const struct map *m, bool old, size_t pos, size_t *event)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct extension *x = &extensions[m->id[i]];

		layout_place(d, l, m->id[i], pos, x->size);
		l->elements |= x->elements;
		if (x->elements == ELEMENT(E_MISC) && !old)
			layout_place(d, l, X_TWOWAY, 0, COMMON_HEAD);
		if (m->id[i] == 37)
			*event = pos;
		pos += x->size;
	}
	return pos;
}

static int
lay_common(const struct decoder *d, struct layout *l, const uint8_t *record, size_t size, char *why)
{
	const struct nfcapd1 *s = decoder_state(d);
	bool old = load16(record) == RECORD_OLD;
	unsigned number = load16(record + 6);
	const struct map *m = &s->maps[number];
	size_t pos = old ? OLD_HEAD : COMMON_HEAD, event = 0;

	layout_word(l, record, 4);
	if (!m->known) {
		snprintf(why, 96, "extension map %u was not given", number);
		return -1;
	}
	l->elements |= ELEMENT(E_GENERIC) | ELEMENT(record[4] & FLOW_V6 ? E_IPV6 : E_IPV4);
	layout_place(d, l, old ? X_OLD : X_COMMON, 0, COMMON_HEAD);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		bool set = record[4] & parts[i].flag;

		layout_place(d, l, parts[i].id[set], pos, parts[i].size[set]);
		pos += parts[i].size[set];
	}
	pos = lay_map(d, l, m, old, pos, &event);
	layout_place(d, l, X_FIRST, 12, event);
	layout_place(d, l, X_BITS, 4, s->bits);
	if (pos > size) {
		snprintf(why, 96, "extension map %u asks for %zu bytes, the flow has %zu", number, pos, size);
		return -1;
	}
	if (m->strange != 0) {
		snprintf(why, 96, "extension %u of map %u is unknown: left out with what follows", m->strange, number);
		return 1;
	}
	return 0;
}

static const struct record_form form_common = {
	1u << RECORD_OLD | 1u << RECORD_COMMON, OLD_HEAD, places1, lay_common
};

/* Another map of the same number takes the place of the first. */
static void
take_map(struct reader *r, const uint8_t *p, size_t size)
{
	struct nfcapd1 *s = r->state;
	struct map *slot = &s->maps[load16(p + 4)], m;

	memset(&m, 0, sizeof(m));
	m.known = true;
	for (size_t at = 8; at + 2 <= size && load16(p + at) != 0; at += 2) {
		unsigned id = load16(p + at);

		if (id < 4)	/* what every flow has */
			continue;
		if (id >= EXTENSION_IDS || extensions[id].size == 0) {
			m.strange = id;
			break;
		}
		if (m.n == MAP_IDS) {
			nfcapd_record_fault(r, "extension map %u of more than %u: left out", load16(p + 4), MAP_IDS);
			return;
		}
		m.id[m.n++] = id;
	}
	if (memcmp(slot, &m, sizeof(m)) == 0)
		return;
	if (slot->known)
		decoder_forget(s->blocks.decoder);
	memcpy(slot, &m, sizeof(m));
}

static const struct kind_of_record kinds[] = {
	{ RECORD_MAP, 8, take_map },
	{ RECORD_EXPORTER, 32, nfcapd_take_exporter },
	{ RECORD_EXPORTER_STAT, 8, nfcapd_take_exporter_stat },
	{ RECORD_OLD_SAMPLER, 16, nfcapd_take_old_sampler },
	{ 3, 4, NULL },		/* histograms, by ports and by bytes per packet */
	{ 4, 4, NULL },
	{ 5, 4, NULL },		/* samplers and exporters as development versions wrote them */
	{ 6, 4, NULL },
	{ 0, 0, NULL },
};

static bool
nfcapd1_probe(const uint8_t *head, size_t n)
{
	return n >= 4 && load16(head) == NFCAPD_MAGIC && load16(head + 2) == 1;
}

static void
take_head(struct reader *r, const uint8_t *head)
{
	const uint8_t *stat = head + HEAD1;

	snprintf(r->info.writer, sizeof(r->info.writer), "nfdump 1.6");
	r->info.blocks = load32(head + 8);
	nfcapd_ident(r, head + 12, 128);
	if (r->info.blocks == 0)	/* a collector is writing it, the numbers come at the end */
		return;
	nfcapd_totals(r, stat);
	r->info.first_msec = load32(stat + 120) * (uint64_t)1000 + load16(stat + 128);
	r->info.last_msec = load32(stat + 124) * (uint64_t)1000 + load16(stat + 130);
	r->info.sequence_failures = load32(stat + 132);
}

/* Exactly one kind of packing, or none. */
static int
take_packing(struct reader *r, uint32_t flags, struct err *e)
{
	static const struct { uint32_t flag; enum packing packing; } packings[] = {
		{ 0, PACK_NONE }, { FILE_LZO, PACK_LZO }, { FILE_BZ2, PACK_BZ2 }, { FILE_LZ4, PACK_LZ4 },
	};
	struct nfcapd1 *s = r->state;

	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
		if ((flags & FILE_PACKED) == packings[i].flag) {
			s->blocks.packing = packings[i].packing;
			r->info.compression = packing_names[s->blocks.packing];
			return 0;
		}
	return err_set(e, ERR_DATA, "nfcapd 1: flags %#" PRIx32 " name more than one compression", flags);
}

static int
nfcapd1_open(struct reader *r, struct err *e)
{
	struct nfcapd1 *s = arena_alloc(r->arena, sizeof(*s));
	uint8_t head[HEAD1 + STAT1];
	ssize_t n = file_read_at(r->fd, head, sizeof(head), 0, e);

	r->state = s;
	if (n == -1)
		return -1;
	if ((size_t)n < sizeof(head))
		return err_set(e, ERR_DATA, "nfcapd 1: %zd bytes, the header alone has %zu", n, sizeof(head));
	if (take_packing(r, load32(head + 4), e) == -1)
		return -1;
	take_head(r, head);
	s->bits = load32(head + 4) & FILE_ANON ? 4 : 0;
	s->blocks.live = r->info.blocks == 0;
	s->blocks.data_end = r->size;
	s->blocks.next = sizeof(head);
	s->blocks.blocks_at = 8;
	s->maps = xcalloc(MAPS, sizeof(*s->maps));
	nfcapd_start(r, &form_common, kinds, s);
	return 0;
}

/* All blocks are the first unit's. */
static int
nfcapd1_next(struct reader *r, struct err *e)
{
	if (r->first_block > 0)
		return 0;
	r->last_block = SIZE_MAX;
	return nfcapd_next(r, e);
}

static size_t
nfcapd1_blocks(struct reader *r, struct err *e)
{
	(void)r;
	(void)e;
	return 1;
}

static void
nfcapd1_close(struct reader *r)
{
	struct nfcapd1 *s = r->state;

	if (s != NULL)
		free(s->maps);
	nfcapd_close(r);
}

const struct format format_nfcapd1 = {
	"nfcapd 1", nfcapd1_probe, nfcapd1_open, nfcapd1_next, nfcapd1_blocks, nfcapd1_close, true, NULL,
};
