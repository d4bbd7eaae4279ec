/*
 * Writes an nfcapd file of flows with values that formatting could get wrong:
 * counters on both sides of a million and of 2^32, rates whose division is not
 * exact, durations over a day, ICMP, IPv6 short and long, masks, labels, MACs.
 * The same seed gives the same file.
 *
 *	nfrandom FILE FLOWS SEED
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "format/nfwrite.h"

static uint64_t state;

static uint64_t
random_below(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

/* Mostly small, now and then huge: the number of bits is what is random. */
static uint64_t
random_size(unsigned bits)
{
	return random_below((uint64_t)1 << random_below(bits));
}

static struct addr
random_addr(bool v6)
{
	static const uint64_t highs[] = { 0x20010db800000000, 0x20010db8ffff0001, 0xfe80000000000000 };

	if (!v6)
		return addr_from_v4(random_below(4) != 0 ? 0xc0a80000 + random_below(40) :
		    0xcb007100 + random_below(200));
	return addr_from_v6(highs[random_below(3)], random_below(2) ? 1 + random_below(9) :
	    0x021122fffe000000 + random_below(1000000));
}

static void
random_flow(struct batch *b, size_t i)
{
	static const uint8_t protos[] = { 6, 6, 6, 17, 17, 1, 47, 255 };
	static const uint64_t spans[] = { 0, 17, 34, 1000, 3999, 61003, 86400000, 1000000000 };
	bool v6 = random_below(4) == 0;
	unsigned proto = protos[random_below(8)];
	uint64_t span = spans[random_below(8)];

	if (v6 && proto == 1)
		proto = 58;
	COL64(b, F_FIRST)[i] = 1795197000000 + random_below(300000);
	COL64(b, F_LAST)[i] = COL64(b, F_FIRST)[i] + (span > 34 ? random_below(span) : span);
	COL64(b, F_RECEIVED)[i] = 1795197300000 + random_below(1000);
	COL64(b, F_PACKETS)[i] = 1 + random_size(34);
	COL64(b, F_BYTES)[i] = COL64(b, F_PACKETS)[i] * (40 + random_below(1400));
	if (random_below(8) == 0)
		COL64(b, F_BYTES)[i] = 1250000 + 100000 * random_below(100);
	COL64(b, F_OUTPACKETS)[i] = random_below(3) == 0 ? random_size(20) : 0;
	COL64(b, F_OUTBYTES)[i] = COL64(b, F_OUTPACKETS)[i] * 77;
	COL64(b, F_FLOWS)[i] = random_below(10) == 0 ? 1 + random_size(24) : 1;
	COL8(b, F_PROTO)[i] = proto;
	COL8(b, F_FLAGS)[i] = proto == 6 ? random_below(256) : 0;
	COL16(b, F_SRCPORT)[i] = proto == 1 || proto == 58 ? 0 : random_below(65536);
	COL16(b, F_DSTPORT)[i] = random_below(2) ? random_below(200) : random_below(65536);
	COL8(b, F_SRCTOS)[i] = random_size(9);
	COL8(b, F_DSTTOS)[i] = random_size(9);
	COL8(b, F_FWDSTAT)[i] = random_size(9);
	COL8(b, F_DIR)[i] = random_below(2);
	COLADDR(b, F_SRCIP)[i] = random_addr(v6);
	COLADDR(b, F_DSTIP)[i] = random_addr(v6);
	COL8(b, F_SRCMASK)[i] = random_below(v6 ? 129 : 33);
	COL8(b, F_DSTMASK)[i] = random_below(v6 ? 129 : 33);
	COL32(b, F_INIF)[i] = random_size(32);
	COL32(b, F_OUTIF)[i] = random_size(10);
	COL32(b, F_SRCAS)[i] = random_size(32);
	COL32(b, F_DSTAS)[i] = random_below(5);
	COLADDR(b, F_NEXTHOP)[i] = random_addr(false);
	COLADDR(b, F_ROUTER)[i] = random_addr(false);
	COL64(b, F_INSRCMAC)[i] = 0x005056c00000 + random_below(9);
	COL64(b, F_OUTDSTMAC)[i] = 0x005056c00000 + random_below(9);
	COL64(b, F_INDSTMAC)[i] = random_size(48);
	COL64(b, F_OUTSRCMAC)[i] = random_size(48);
	for (enum field f = F_MPLS1; f <= F_MPLS9; f++)
		COL32(b, f)[i] = random_size(24);
	COL64(b, F_CLIENTLATENCY)[i] = random_size(24);
	COL64(b, F_SERVERLATENCY)[i] = random_size(12);
	COL64(b, F_APPLATENCY)[i] = random_size(26);
	COL16(b, F_SYSID)[i] = 1;
	COL8(b, F_NFVERSION)[i] = 9;
}

int
main(int argc, char **argv)
{
	static const enum field columns[] = {
		F_SYSID, F_NFVERSION, F_FIRST, F_LAST, F_RECEIVED, F_PACKETS, F_BYTES, F_SRCPORT,
		F_DSTPORT, F_PROTO, F_FLAGS, F_FWDSTAT, F_SRCTOS, F_SRCIP, F_DSTIP, F_INIF, F_OUTIF,
		F_SRCMASK, F_DSTMASK, F_DIR, F_DSTTOS, F_FLOWS, F_OUTPACKETS, F_OUTBYTES, F_SRCAS,
		F_DSTAS, F_NEXTHOP, F_ROUTER, F_MPLS1, F_MPLS2, F_MPLS3, F_MPLS4, F_MPLS5, F_MPLS6,
		F_MPLS7, F_MPLS8, F_MPLS9, F_MPLS10, F_INSRCMAC, F_OUTDSTMAC, F_INDSTMAC, F_OUTSRCMAC,
		F_CLIENTLATENCY, F_SERVERLATENCY, F_APPLATENCY,
	};
	struct arena *a = arena_new();
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };
	struct nfwrite *w;
	struct err e;

	if (argc != 4)
		errx(2, "usage: nfrandom FILE FLOWS SEED");
	state = strtoull(argv[3], NULL, 10) * 0x9e3779b97f4a7c15 + 1;
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fieldset_add(&set, columns[i]);
	batch_columns(&b, &set, BATCH_MAX, a);
	if ((w = nfwrite_open(argv[1], "random", PACK_NONE, &e)) == NULL)
		errx(1, "%s", e.text);
	for (size_t left = strtoull(argv[2], NULL, 10); left > 0; left -= b.n) {
		b.n = left < BATCH_MAX ? left : BATCH_MAX;
		for (size_t i = 0; i < b.n; i++)
			random_flow(&b, i);
		if (nfwrite_add(w, &b, &e) == -1)
			errx(1, "%s", e.text);
	}
	if (nfwrite_close(w, &e) == -1)
		errx(1, "%s", e.text);
	arena_free(a);
	return 0;
}
