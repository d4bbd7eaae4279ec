/*
 * mkhostile DIR: small files of the formats that tests/data has none of, for
 * mutate to damage (small.FORMAT.PACKING), and files of nfcapd's layouts with a
 * block of a few bytes that unpacks to far more than a block can have
 * (bomb.FORMAT.PACKING).  The block before it is good.
 */
#include "nfencode.h"

#include <zlib.h>

#define FLOWS		12
#define BOMB_BYTES	(200 * 1024 * 1024)

static const char *dir;

static void
file_end(struct out *o, const char *kind, const char *format, enum packing pack)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s.%s.%s", dir, kind, format, packing_names[pack]);
	out_file(o, path);
	free(o->p);
	*o = (struct out){ NULL, 0, 0 };
}

/* Zeros, packed once for all layouts; a packer that needs the plain bytes is given them. */
static void
out_bomb(struct out *o, enum packing pack)
{
	static struct out packed[PACKINGS];
	struct out *p = &packed[pack];

	if (p->n == 0) {
		p->p = calloc(1, BOMB_BYTES);
		p->n = p->room = BOMB_BYTES;
		out_pack(p, 0, pack);
		p->p = realloc(p->p, p->n);
	}
	out_bytes(o, p->p, p->n);
}

static void
layout1(enum packing pack)
{
	static const uint32_t flags[PACKINGS] = { 0, 0x01, 0x08, 0x10, 0 };
	static const struct map1 map = { { 4, 8, 9 } };
	struct out o = { 0 };

	out_sample1(&o, 6, FLOWS, 0, pack);
	out_set(&o, 140, 8, FLOWS);	/* the file's own sum */
	file_end(&o, "small", "nfcapd1", pack);
	if (pack == PACK_NONE)
		return;
	out_head1(&o, flags[pack], 2, "bomb");
	for (int bomb = 0; bomb < 2; bomb++) {
		struct block1 b = out_block1(&o);

		if (bomb) {
			out_bomb(&o, pack);
			out_set(&o, b.at, 4, 1000);
			out_set(&o, b.at + 4, 4, o.n - b.at - 12);
			continue;
		}
		out_map1(&o, &b, 0, &map);
		out_flow1(&o, &b, 10, 1, 0, 0, &map);
		out_block1_end(&o, &b, pack);
	}
	file_end(&o, "bomb", "nfcapd1", pack);
}

/* A file of layout 2, but for its header a block like those of layout 1; nothing in it is good. */
static void
layout2(enum packing pack)
{
	static const uint8_t numbers[PACKINGS] = { 0, 1, 2, 3, 4 };
	struct out o = { 0 };

	if (pack == PACK_NONE)
		return;
	out_number(&o, 2, 0xa50c);
	out_number(&o, 2, 2);
	out_number(&o, 4, 0xf1070100);
	out_number(&o, 8, BASE_MSEC / 1000);
	out_number(&o, 1, numbers[pack]);
	out_zeros(&o, 7);
	out_zeros(&o, 12);
	out_number(&o, 4, 1);
	out_number(&o, 4, 1000);
	out_number(&o, 4, 0);
	out_number(&o, 2, 3);
	out_number(&o, 2, 0);
	out_bomb(&o, pack);
	out_set(&o, 44, 4, o.n - 52);
	file_end(&o, "bomb", "nfcapd2", pack);
}

static void
layout3(enum packing pack)
{
	struct file3 f = { .nentries = 0 };
	struct block3 b;
	uint64_t stat_at;

	file3_sample(&f, FLOWS, 8, pack);
	memcpy(&stat_at, f.directory.p + f.directory.n - 8, 8);
	out_set(&f.o, stat_at + 24, 8, FLOWS);
	file_end(&f.o, "small", "nfcapd3", pack);
	file3_free(&f);
	if (pack == PACK_NONE)
		return;
	f = (struct file3){ .nentries = 0 };
	file3_start(&f, pack + 1, 0);
	b = file3_block(&f, 1, 0);
	out_flow3(&f.o, &b, 1, bits3_of(1), false);
	file3_block_end(&f, &b, 1, pack);
	b = file3_block(&f, 1, 0);
	f.o.n = b.at + 24;	/* a block's own head is packed with its flows */
	out_bomb(&f.o, pack);
	out_set(&f.o, b.at + 4, 4, f.o.n - b.at);
	out_set(&f.o, b.at + 8, 4, 1 << 20);
	out_number(&f.directory, 4, 1);
	out_number(&f.directory, 4, f.o.n - b.at);
	out_number(&f.directory, 8, b.at);
	f.nentries++;
	file3_end(&f);
	file_end(&f.o, "bomb", "nfcapd3", pack);
	file3_free(&f);
}

static void
out_be(struct out *o, unsigned width, uint64_t v)
{
	while (width-- > 0)
		out_number(o, 1, v >> 8 * width & 0xff);
}

/* flowd's version 2: flows of ports, counters, times, one family, and their sum. */
static void
flowd2(void)
{
	struct out o = { 0 };

	out_be(&o, 4, 0x012cf047);
	out_be(&o, 4, 2);
	out_be(&o, 8, (uint64_t)1000000000 << 32);
	for (unsigned i = 0; i < 6; i++) {
		size_t at = o.n;

		out_be(&o, 4, i % 2 == 0 ? 0x4001b8ae : 0x4001b94e);
		out_be(&o, 4, 1000000300);
		out_be(&o, 4, 0x1b061000);
		for (unsigned k = 0; k < (i % 2 == 0 ? 3 : 5); k++)
			out_be(&o, i % 2 == 0 || k == 0 ? 4 : 8, 0xc0000200 + i * 8 + k);
		out_be(&o, 4, 1234 << 16 | 80);
		out_be(&o, 8, i);
		out_be(&o, 8, 1000 + i);
		for (unsigned k = 0; k < 4; k++)
			out_be(&o, 4, 5000 + k);
		out_be(&o, 8, (uint64_t)20000 << 32 | 40000);
		out_be(&o, 4, ~(uint32_t)crc32(0xffffffff, o.p + at, o.n - at));
	}
	file_end(&o, "small", "flowd2", PACK_NONE);
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	dir = argv[1];
	for (int pack = PACK_NONE; pack < PACKINGS; pack++) {
		if (pack <= PACK_LZ4)
			layout1(pack);
		layout2(pack);
		layout3(pack);
	}
	flowd2();
	return 0;
}
