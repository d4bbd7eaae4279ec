/*
 * mksite DIR UNTIL HOURS SHARE: a small site for tests of the pages, always the
 * same for the same arguments: two sources with layout 1 files of up to some
 * sixty flows, and flowlight.conf.  One host opens most flows at one time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/when.h"
#include "flow/slot.h"
#include "format/nfwrite.h"

#define SLOT	300

static const char *const names[] = { "upstream1", "upstream2" };
static uint32_t seed = 1;

static uint32_t
chance(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void
fail(const struct err *e)
{
	fprintf(stderr, "mksite: %s\n", e->text);
	exit(1);
}

static void
flow_make(struct batch *b, size_t i, int64_t start, bool scan)
{
	static const uint8_t protos[] = { 6, 6, 6, 17, 17, 1, 47 };
	static const uint16_t ports[] = { 443, 443, 80, 53, 25, 22, 123 };
	uint64_t first = (uint64_t)start * 1000 + chance(200000);
	uint32_t client = chance(40) * chance(6), packets = scan ? 1 : 1 + chance(400);
	uint8_t proto = scan ? 6 : protos[chance(7)];
	bool v6 = !scan && chance(7) == 0;

	COL64(b, F_FIRST)[i] = first;
	COL64(b, F_LAST)[i] = scan ? first : first + chance(90000);
	COL64(b, F_RECEIVED)[i] = COL64(b, F_LAST)[i] + 1000;
	COL64(b, F_PACKETS)[i] = packets;
	COL64(b, F_BYTES)[i] = (uint64_t)packets * (scan ? 40 : 60 + chance(1400));
	COL8(b, F_PROTO)[i] = proto;
	COL8(b, F_FLAGS)[i] = proto != 6 ? 0 : scan ? 0x02 : 0x1b;
	COL16(b, F_SRCPORT)[i] = proto == 6 || proto == 17 ? (uint16_t)(1024 + chance(60000)) : 0;
	COL16(b, F_DSTPORT)[i] = scan ? 23 : proto == 6 || proto == 17 ? ports[chance(7)] : 0;
	COL32(b, F_SRCAS)[i] = 64500 + client % 5;
	COL32(b, F_DSTAS)[i] = 64510;
	COL32(b, F_INIF)[i] = 1;
	COL32(b, F_OUTIF)[i] = 2;
	COLADDR(b, F_SRCIP)[i] = scan ? addr_from_v4(0xc633640d) :
	    v6 ? addr_from_v6(0x20010db800000000, 0x100 + client) : addr_from_v4(0xc0000200 + client);
	COLADDR(b, F_DSTIP)[i] = v6 ? addr_from_v6(0x20010db800010000, 1 + chance(9)) :
	    addr_from_v4(scan ? 0xcb007100 + (uint32_t)i : 0xcb007100 + chance(20));
}

static void
file_make(const char *dir, unsigned source, int64_t start, bool scan, struct arena *a)
{
	static const enum field columns[] = { F_FIRST, F_LAST, F_RECEIVED, F_PACKETS, F_BYTES, F_PROTO,
	    F_FLAGS, F_SRCPORT, F_DSTPORT, F_SRCAS, F_DSTAS, F_INIF, F_OUTIF, F_SRCIP, F_DSTIP };
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };
	struct nfwrite *w;
	struct err e;
	char name[128], *path;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fieldset_add(&set, columns[i]);
	/* Busy by day, quiet at night. */
	b.n = 12 + chance(8) + (size_t)(12 - labs((start / 3600) % 24 - 14)) * (source + 1) +
	    (scan ? 240 : 0);
	batch_columns(&b, &set, b.n, a);
	for (size_t i = 0; i < b.n; i++)
		flow_make(&b, i, start, scan && i < 240);
	slot_name(1, start, name, sizeof(name));
	path = arena_printf(a, "%s/flows/%s/%s", dir, names[source], name);
	*strrchr(path, '/') = '\0';
	if (file_mkdirs(path, 0755, &e) != 0)
		fail(&e);
	path[strlen(path)] = '/';
	if ((w = nfwrite_open(path, names[source], PACK_LZ4, &e)) == NULL ||
	    nfwrite_add(w, &b, &e) != 0 || nfwrite_close(w, &e) != 0)
		fail(&e);
}

static void
conf_make(const char *dir, const char *share, struct arena *a)
{
	const char *text = arena_printf(a,
	    "state = \"%s/state\"\nshare = \"%s\"\nzone = \"UTC\"\nlayout = 1\ncolumns = off\naccess = open\n"
	    "source \"upstream1\" { dir = \"%s/flows/upstream1\"  colour = \"#2a78d0\"  interfaces = \"1:uplink, 2:lan\" }\n"
	    "source \"upstream2\" { dir = \"%s/flows/upstream2\"  colour = \"#e08a1e\"  interfaces = \"1:uplink, 2:dmz\" }\n",
	    dir, share, dir, dir);
	const char *path = arena_printf(a, "%s/flowlight.conf", dir);
	struct err e;

	if (file_mkdirs(arena_printf(a, "%s/state", dir), 0755, &e) != 0 ||
	    file_write(path, text, strlen(text), 0644, &e) != 0)
		fail(&e);
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct err e;
	int64_t until, hours;

	if (argc != 5 || when_zone("UTC", &e) != 0 || when_parse(argv[2], 0, &until, &e) != 0 ||
	    (hours = atol(argv[3])) < 1) {
		fprintf(stderr, "usage: mksite DIR UNTIL HOURS SHARE\n");
		return 2;
	}
	conf_make(argv[1], argv[4], a);
	for (int64_t start = until - hours * 3600; start < until; start += SLOT)
		for (unsigned s = 0; s < 2; s++)
			file_make(argv[1], s, start, s == 0 && until - start == 3 * 3600, a);
	arena_free(a);
	return 0;
}
