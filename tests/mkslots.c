/*
 * mkslots [-wz] [-t SECONDS] DIR ZONE START COUNT FLOWS: files of COUNT slots from
 * START (seconds) on, named as nfcapd does in that time zone, -z: with %z.  Slot i
 * has FLOWS + i % 7 flows, always the same for the same arguments, from addresses
 * that are all different.  A name that is there already is replaced, as newer
 * nfcapd's do.  -w: with times and counters that no honest exporter sends.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/when.h"
#include "format/nfwrite.h"

static uint64_t seed = 1;
static bool weird, with_zone;
static int64_t seconds = 300;

static uint32_t
chance(uint32_t below)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(seed >> 33) % below;
}

static void
fail(const struct err *e)
{
	fprintf(stderr, "mkslots: %s\n", e->text);
	exit(1);
}

/* Flow times of 1970 and 2106, that end before they begin, last for a month; counters at their top. */
static void
make_weird(struct batch *b, size_t i, uint64_t start)
{
	static const uint64_t times[][2] = {
		{ 0, 1000 }, { 4294967295000, 4294967295000 }, { 2000, 1000 },
		{ 1763640000000, 1766232000000 }, { 0, 0 },
	};
	const uint64_t *t = times[i % 5];

	COL64(b, F_FIRST)[i] = t[0];
	COL64(b, F_LAST)[i] = t[1];
	if (i % 7 == 0)
		COL64(b, F_PACKETS)[i] = COL64(b, F_BYTES)[i] = UINT64_MAX;
	if (i % 11 == 0)
		COL64(b, F_RECEIVED)[i] = start * 1000;
}

static void
make_flow(struct batch *b, size_t i, uint64_t start)
{
	static const uint8_t protos[] = { 6, 6, 6, 17, 17, 1, 47 };
	uint64_t first = start * 1000 + chance((uint32_t)seconds * 900);

	COL64(b, F_FIRST)[i] = first;
	COL64(b, F_LAST)[i] = first + chance((uint32_t)seconds * 100);
	COL64(b, F_RECEIVED)[i] = COL64(b, F_LAST)[i];
	COL64(b, F_PACKETS)[i] = 1 + chance(50);
	COL64(b, F_BYTES)[i] = COL64(b, F_PACKETS)[i] * (40 + chance(1400));
	COL8(b, F_PROTO)[i] = protos[chance(7)];
	COL16(b, F_SRCPORT)[i] = (uint16_t)(1024 + chance(60000));
	COL16(b, F_DSTPORT)[i] = 443;
	COLADDR(b, F_SRCIP)[i] = addr_from_v4(chance(0x7fffffff) * 2 + 1);
	COLADDR(b, F_DSTIP)[i] = addr_from_v4(0xcb007100 + chance(20));
	if (weird)
		make_weird(b, i, start);
}

static void
make_file(const char *dir, int64_t start, size_t flows, struct arena *a)
{
	static const enum field columns[] = { F_FIRST, F_LAST, F_RECEIVED, F_PACKETS, F_BYTES, F_PROTO,
	    F_SRCPORT, F_DSTPORT, F_SRCIP, F_DSTIP };
	struct fieldset set = { { 0, 0 } };
	struct nfwrite *w;
	struct err e;
	struct tm tm;
	char name[64];
	const char *path;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fieldset_add(&set, columns[i]);
	when_local(start, &tm);
	strftime(name, sizeof(name), with_zone ? "nfcapd.%Y%m%d%H%M%z" : tm.tm_sec != 0 ?
	    "nfcapd.%Y%m%d%H%M%S" : "nfcapd.%Y%m%d%H%M", &tm);
	path = arena_printf(a, "%s/%s", dir, name);
	if ((w = nfwrite_open(path, "test", PACK_LZ4, &e)) == NULL)
		fail(&e);
	for (size_t done = 0; done < flows;) {
		struct arena *scratch = arena_new();
		struct batch b = { .n = flows - done < BATCH_MAX ? flows - done : BATCH_MAX };

		batch_columns(&b, &set, b.n, scratch);
		for (size_t i = 0; i < b.n; i++)
			make_flow(&b, i, (uint64_t)start);
		if (nfwrite_add(w, &b, &e) != 0)
			fail(&e);
		done += b.n;
		arena_free(scratch);
	}
	if (nfwrite_close(w, &e) != 0)
		fail(&e);
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	int option;

	while ((option = getopt(argc, argv, "t:wz")) != -1)
		if (option == 't')
			seconds = atoll(optarg);
		else if (option == 'w')
			weird = true;
		else
			with_zone = true;
	argv += optind;
	if (argc - optind != 5 || when_zone(argv[1], &e) == -1) {
		fprintf(stderr, "usage: mkslots [-wz] [-t SECONDS] DIR ZONE START COUNT FLOWS\n%s", e.text);
		return 2;
	}
	if (file_mkdirs(argv[0], 0755, &e) == -1)
		fail(&e);
	for (int64_t i = 0; i < atoll(argv[3]); i++)
		make_file(argv[0], atoll(argv[2]) + i * seconds, (size_t)(atoll(argv[4]) +
		    (atoll(argv[4]) != 0 ? i % 7 : 0)), a);
	arena_free(a);
	return 0;
}
