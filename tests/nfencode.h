/*
 * Encoders of nfcapd files for tests, written from the description of the
 * formats and not from the readers: what a value is follows from its place
 * alone (value_of), so that a test knows what it must read.
 */
#ifndef TESTS_NFENCODE_H
#define TESTS_NFENCODE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bzlib.h>
#include <lz4.h>
#include <lzo/lzo1x.h>
#include <zstd.h>

#include "format/unpack.h"

struct out {
	uint8_t *p;
	size_t n, room;
};

static inline void
out_bytes(struct out *o, const void *p, size_t n)
{
	if (o->n + n > o->room) {
		o->room = (o->n + n) * 2;
		if ((o->p = realloc(o->p, o->room)) == NULL)
			abort();
	}
	if (n > 0)
		memcpy(o->p + o->n, p, n);
	o->n += n;
}

/* The low `width` bytes of a number, in the machine's order. */
static inline void
out_number(struct out *o, unsigned width, uint64_t v)
{
	uint8_t v8 = v;
	uint16_t v16 = v;
	uint32_t v32 = v;

	out_bytes(o, width == 1 ? (void *)&v8 : width == 2 ? (void *)&v16 : width == 4 ? (void *)&v32 : (void *)&v,
	    width);
}

static inline void
out_zeros(struct out *o, size_t n)
{
	while (n-- > 0)
		out_number(o, 1, 0);
}

static inline void
out_set(struct out *o, size_t at, unsigned width, uint64_t v)
{
	size_t n = o->n;

	o->n = at;
	out_number(o, width, v);
	o->n = n;
}

static inline void
out_file(const struct out *o, const char *path)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(o->p, 1, o->n, f) != o->n || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

/* Packs what lies behind `at`, in place. */
static inline void
out_pack(struct out *o, size_t at, enum packing pack)
{
	size_t n = o->n - at, room = n + n / 8 + 1024;
	uint8_t *in = malloc(n + 1), *packed = malloc(room);
	void *work = malloc(LZO1X_1_MEM_COMPRESS);
	unsigned bz = room;
	lzo_uint lzo = room;

	memcpy(in, o->p + at, n);
	switch (pack) {
	case PACK_LZO:
		lzo1x_1_compress(in, n, packed, &lzo, work);
		room = lzo;
		break;
	case PACK_BZ2:
		BZ2_bzBuffToBuffCompress((char *)packed, &bz, (char *)in, n, 9, 0, 0);
		room = bz;
		break;
	case PACK_LZ4:
		room = LZ4_compress_default((char *)in, (char *)packed, n, room);
		break;
	case PACK_ZSTD:
		room = ZSTD_compress(packed, room, in, n, 3);
		break;
	default:
		memcpy(packed, in, n);
		room = n;
	}
	o->n = at;
	out_bytes(o, packed, room);
	free(in);
	free(packed);
	free(work);
}

#define BASE_MSEC	1700000000000	/* 2023-11-14 22:13:20 UTC */

/*
 * A member of a kind of extension: its width, and 't' a time, 'm' a MAC, 'e' an
 * event, 's' text, 'p' the destination port again, '0' filling.
 */
struct member { uint8_t width; char kind; };

/* The value of the k-th member of an extension in a flow. */
static inline uint64_t
value_of(unsigned flow, unsigned extension, unsigned k, struct member m)
{
	uint64_t v = ((uint64_t)flow * 64 + extension) * 64 + k + 1;

	if (m.kind == '0')
		return 0;
	if (m.kind == 't')
		return BASE_MSEC + v % 1000000;
	v *= 0x9e3779b97f4a7c15;
	v ^= v >> 29;
	if (m.kind == 'e')
		return v >> 40 & 1;
	if (m.kind == 'm')
		return v & 0xffffffffffff;
	return m.width >= 8 ? v : v & (((uint64_t)1 << (m.width * 8)) - 1);
}

/* The parts that every flow has are members of "extension" 0. */
enum {
	BASE_FIRST, BASE_LAST, BASE_FWD, BASE_FLAGS, BASE_PROTO, BASE_TOS, BASE_SRCPORT, BASE_DSTPORT, BASE_SYSID,
	BASE_BIDIR, BASE_END, BASE_VERSION, BASE_ADDR, BASE_PACKETS = BASE_ADDR + 4, BASE_BYTES
};

static inline uint64_t
base_of(unsigned flow, unsigned k, unsigned width)
{
	static const uint8_t protos[] = { 6, 17, 1, 58, 47, 50, 6, 17 };
	uint64_t v = value_of(flow, 0, k, (struct member){ width, k <= BASE_LAST ? 't' : 'n' });

	return k == BASE_PROTO ? protos[v % sizeof(protos)] : v;
}

/* Text of a flow: shorter than its room, and of a length that differs. */
static inline void
text_of(unsigned flow, unsigned extension, char text[static 32])
{
	snprintf(text, 32, "%.*s-%u", (int)(flow % 7), "abcdefg", extension * 1000 + flow);
}

static inline void
out_member(struct out *o, unsigned flow, unsigned extension, unsigned k, struct member m)
{
	char text[72] = "";

	if (m.kind == 'p') {
		out_number(o, m.width, base_of(flow, BASE_DSTPORT, m.width));
	} else if (m.kind == 's') {
		text_of(flow, extension, text);
		out_bytes(o, text, m.width);
	} else {
		out_number(o, m.width, value_of(flow, extension, k, m));
	}
}

#define MEMBERS	12

/* Layout 1: extensions as nfdump 1.6 had them. */
static const struct member members1[50][MEMBERS] = {
	[4] = { { 2, 'n' }, { 2, 'n' } },
	[5] = { { 4, 'n' }, { 4, 'n' } },
	[6] = { { 2, 'n' }, { 2, 'n' } },
	[7] = { { 4, 'n' }, { 4, 'n' } },
	[8] = { { 1, 'n' }, { 1, 'n' }, { 1, 'n' }, { 1, 'n' } },
	[9] = { { 4, 'n' } },
	[10] = { { 8, 'n' }, { 8, 'n' } },
	[11] = { { 4, 'n' } },
	[12] = { { 8, 'n' }, { 8, 'n' } },
	[13] = { { 2, 'n' }, { 2, 'n' } },
	[14] = { { 4, 'n' } },
	[15] = { { 8, 't' } },
	[16] = { { 4, 'n' } },
	[17] = { { 8, 't' } },
	[18] = { { 4, 'n' } },
	[19] = { { 8, 't' } },
	[20] = { { 8, 'm' }, { 8, 'm' } },
	[21] = { { 8, 'm' }, { 8, 'm' } },
	[22] = { { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' },
	    { 4, 'n' }, { 4, 'n' } },
	[23] = { { 4, 'n' } },
	[24] = { { 8, 'n' }, { 8, 'n' } },
	[25] = { { 2, '0' }, { 1, 'n' }, { 1, 'n' } },
	[26] = { { 4, 'n' }, { 4, 'n' } },
	[27] = { { 8, 't' } },
	/* event time, connection, ICMP, event, filling, extended event, tag */
	[37] = { { 8, 't' }, { 4, 'n' }, { 2, 'p' }, { 1, 'e' }, { 1, '0' }, { 2, 'n' }, { 2, 'n' } },
	[38] = { { 2, 'n' }, { 2, 'n' } },
	[39] = { { 4, 'n' }, { 4, 'n' } },
	[40] = { { 8, 'n' }, { 8, 'n' }, { 8, 'n' }, { 8, 'n' } },
	[41] = { { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' } },
	[42] = { { 24, 's' } },
	[43] = { { 72, 's' } },
	[45] = { { 8, 't' }, { 8, 't' }, { 8, 't' } },
	[46] = { { 1, 'e' }, { 1, '0' }, { 2, '0' }, { 4, 'n' }, { 4, 'n' } },
	[47] = { { 8, 'n' } },
	[48] = { { 2, 'n' }, { 2, 'n' }, { 2, 'n' }, { 2, 'n' } },
};

struct map1 { uint8_t ids[40]; };	/* ends with 0 */

/* Where a block begins, to be closed. */
struct block1 { size_t at; uint32_t records; };

static inline void
out_head1(struct out *o, uint32_t flags, uint32_t blocks, const char *ident)
{
	char text[128] = "";

	snprintf(text, sizeof(text), "%s", ident);
	out_number(o, 2, 0xa50c);
	out_number(o, 2, 1);
	out_number(o, 4, flags);
	out_number(o, 4, blocks);
	out_bytes(o, text, sizeof(text));
	for (unsigned k = 0; k < 15; k++)
		out_number(o, 8, 1000 + k);
	out_number(o, 4, BASE_MSEC / 1000);
	out_number(o, 4, BASE_MSEC / 1000 + 300);
	out_number(o, 2, 17);
	out_number(o, 2, 999);
	out_number(o, 4, 42);
}

static inline struct block1
out_block1(struct out *o)
{
	struct block1 b = { o->n, 0 };

	out_zeros(o, 8);
	out_number(o, 2, 2);
	out_number(o, 2, 0);
	return b;
}

static inline void
out_block1_end(struct out *o, const struct block1 *b, enum packing pack)
{
	out_pack(o, b->at + 12, pack);
	out_set(o, b->at, 4, b->records);
	out_set(o, b->at + 4, 4, o->n - b->at - 12);
}

static inline size_t
extension1_size(unsigned id)
{
	size_t n = 0;

	for (unsigned k = 0; k < MEMBERS; k++)
		n += members1[id][k].width;
	return n;
}

static inline void
out_map1(struct out *o, struct block1 *b, unsigned number, const struct map1 *m)
{
	size_t at = o->n, bytes = 0;

	out_number(o, 2, 2);
	out_number(o, 2, 0);
	out_number(o, 2, number);
	out_number(o, 2, 0);
	for (size_t i = 0; m->ids[i] != 0; i++) {
		out_number(o, 2, m->ids[i]);
		bytes += extension1_size(m->ids[i]);
	}
	out_number(o, 2, 0);
	if ((o->n - at) % 4 != 0)
		out_number(o, 2, 0);
	out_set(o, at + 2, 2, o->n - at);
	out_set(o, at + 6, 2, bytes);
	b->records++;
}

/* type 10, or 1 for a flow as before 1.6.12; bits: 1 IPv6, 2 and 4 long counters, 64 event, 128 sampled. */
static inline void
out_flow1(struct out *o, struct block1 *b, unsigned type, unsigned flow, unsigned bits, unsigned number,
    const struct map1 *m)
{
	uint64_t first = base_of(flow, BASE_FIRST, 8), last = base_of(flow, BASE_LAST, 8);
	size_t at = o->n;

	out_number(o, 2, type);
	out_number(o, 2, 0);
	out_number(o, 1, bits);
	out_number(o, 1, base_of(flow, type == 1 ? BASE_SYSID : BASE_VERSION, 1));
	out_number(o, 2, number);
	out_number(o, 2, first % 1000);
	out_number(o, 2, last % 1000);
	out_number(o, 4, first / 1000);
	out_number(o, 4, last / 1000);
	out_number(o, 1, base_of(flow, BASE_FWD, 1));
	out_number(o, 1, base_of(flow, BASE_FLAGS, 1));
	out_number(o, 1, base_of(flow, BASE_PROTO, 1));
	out_number(o, 1, base_of(flow, BASE_TOS, 1));
	out_number(o, 2, base_of(flow, BASE_SRCPORT, 2));
	out_number(o, 2, base_of(flow, BASE_DSTPORT, 2));
	if (type != 1) {
		out_number(o, 2, base_of(flow, BASE_SYSID, 2));
		out_number(o, 1, base_of(flow, BASE_BIDIR, 1));
		out_number(o, 1, base_of(flow, BASE_END, 1));
	}
	for (unsigned k = 0; k < (bits & 1 ? 4 : 2); k++)
		out_number(o, bits & 1 ? 8 : 4, base_of(flow, BASE_ADDR + k, bits & 1 ? 8 : 4));
	out_number(o, bits & 2 ? 8 : 4, base_of(flow, BASE_PACKETS, 4));
	out_number(o, bits & 4 ? 8 : 4, base_of(flow, BASE_BYTES, 4));
	for (size_t i = 0; m->ids[i] != 0; i++)
		for (unsigned k = 0; k < MEMBERS; k++)
			if (members1[m->ids[i]][k].width != 0)
				out_member(o, flow, m->ids[i], k, members1[m->ids[i]][k]);
	out_set(o, at + 2, 2, o->n - at);
	b->records++;
}

/* Maps that have every extension alone and with others. */
static const struct map1 maps1[] = {
	{ { 0 } }, { { 4 } }, { { 5 } }, { { 6 } }, { { 7 } }, { { 8 } }, { { 9 } }, { { 10 } }, { { 11 } },
	{ { 13 } }, { { 14 } }, { { 15 } }, { { 16 } }, { { 17 } }, { { 18 } }, { { 19 } }, { { 20 } }, { { 21 } },
	{ { 22 } }, { { 23 } }, { { 24 } }, { { 25 } }, { { 26 } }, { { 27 } }, { { 37 } }, { { 38 } }, { { 39 } },
	{ { 40 } }, { { 41 } }, { { 42 } }, { { 43 } }, { { 45 } }, { { 46 } }, { { 48 } },
	{ { 4, 6, 8, 9, 11, 13, 14, 16, 18, 20, 21, 22, 23, 25, 26, 27, 45 } },
	{ { 27, 26, 25, 24, 22, 21, 20, 19, 17, 15, 13, 10, 8, 7, 5 } },
	{ { 5, 7, 8, 37, 38, 39, 41, 43 } }, { { 37, 38, 40, 42 } }, { { 46, 47, 39, 48, 4 } },
};

#define MAPS1	(sizeof(maps1) / sizeof(maps1[0]))

/* nfdump 1.7.1 takes those with extension 47 for broken, and shows an IPv6 next hop of BGP wrong. */
#define MAPS1_NFDUMP	(MAPS1 - 4)

static inline void
out_exporters1(struct out *o, struct block1 *b)
{
	out_number(o, 2, 7);		/* exporter 3 */
	out_number(o, 2, 32);
	out_number(o, 4, 9);
	out_number(o, 8, 0);
	out_number(o, 8, 0xc0000207);
	out_number(o, 2, 2);
	out_number(o, 2, 3);
	out_number(o, 4, 77);
	out_number(o, 2, 9);		/* its sampler */
	out_number(o, 2, 16);
	out_number(o, 4, -1);
	out_number(o, 4, 100);
	out_number(o, 2, 2);
	out_number(o, 2, 3);
	out_number(o, 2, 8);		/* its packets */
	out_number(o, 2, 32);
	out_number(o, 4, 1);
	out_number(o, 4, 3);
	out_number(o, 4, 5);
	out_number(o, 8, 600);
	out_number(o, 8, 12000);
	b->records += 3;
}

/* A file of so many maps and flows, two thirds of these in a second block; type 0: both kinds of flows. */
static inline void
out_sample1(struct out *o, unsigned nmaps, unsigned nflows, unsigned type, enum packing pack)
{
	static const uint32_t flags[PACKINGS] = { 0, 0x01, 0x08, 0x10, 0 };
	struct block1 b;

	out_head1(o, flags[pack], 2, "sample1");
	b = out_block1(o);
	for (unsigned i = 0; i < nmaps; i++)
		out_map1(o, &b, i, &maps1[i]);
	out_exporters1(o, &b);
	for (unsigned i = 0; i < nflows; i++) {
		unsigned bits = i / nmaps % 8 | (i % 5 == 0 ? 128 : 0) | (i % 7 == 0 ? 64 : 0);

		if (i == nflows / 3) {
			out_block1_end(o, &b, pack);
			b = out_block1(o);
		}
		out_flow1(o, &b, type != 0 ? type : i % 2 != 0 ? 1 : 10, i, bits, i % nmaps, &maps1[i % nmaps]);
	}
	out_block1_end(o, &b, pack);
}

/* Layout 3: extensions of development versions of nfdump 1.8; 'b' are bytes of any number. */
#define EXTENSIONS3	40

static const struct member members3[EXTENSIONS3][MEMBERS] = {
	[1] = { { 8, 't' }, { 8, 't' }, { 8, 't' }, { 8, 'n' }, { 8, 'n' }, { 2, 'n' }, { 2, 'n' }, { 1, 'n' },
	    { 1, 'n' }, { 1, 'n' }, { 1, 'n' } },
	[2] = { { 4, 'n' }, { 4, 'n' } },
	[3] = { { 8, 'n' }, { 8, 'n' }, { 8, 'n' }, { 8, 'n' } },
	[4] = { { 4, 'n' }, { 4, 'n' } },
	[5] = { { 1, 'n' }, { 1, 'n' }, { 1, 'n' }, { 1, 'n' }, { 1, 'n' }, { 1, 'n' }, { 2, '0' } },
	[6] = { { 8, 'n' }, { 8, 'n' }, { 8, 'n' } },
	[7] = { { 4, 'n' }, { 4, 'n' } },
	[8] = { { 4, 'n' }, { 4, 'n' } },
	[9] = { { 4, 'n' }, { 4, 'n' } },
	[10] = { { 8, 'n' }, { 8, 'n' }, { 8, 'n' }, { 8, 'n' } },
	[11] = { { 4, 'n' }, { 4, '0' } },
	[12] = { { 8, 'n' }, { 8, 'n' } },
	[13] = { { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' },
	    { 4, 'n' }, { 4, 'n' } },
	[14] = { { 8, 'm' }, { 8, 'm' } },
	[15] = { { 8, 'm' }, { 8, 'm' } },
	[16] = { { 4, 'n' }, { 4, 'n' } },
	[17] = { { 8, 't' }, { 8, 't' }, { 8, 't' } },
	[18] = { { 4, 'n' }, { 4, 'n' } },
	[19] = { { 8, 'n' }, { 8, 'n' }, { 8, 'n' }, { 8, 'n' } },
	[20] = { { 2, 'n' }, { 2, 'n' }, { 4, '0' } },
	/* time, connection, extended event, event, filling, which of both, NAT event, pool */
	[21] = { { 8, 't' }, { 4, 'n' }, { 2, 'n' }, { 1, 'n' }, { 1, '0' }, { 2, 'e' }, { 2, 'e' }, { 4, 'n' } },
	[22] = { { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' } },
	[23] = { { 72, 's' } },
	[24] = { { 2, 'n' }, { 2, 'n' }, { 2, 'n' }, { 2, 'n' } },
	[25] = { { 0, 'b' } },
	[26] = { { 0, 'b' } },
	[27] = { { 0, 'b' } },
	[28] = { { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, '0' } },
	[29] = { { 8, 'n' }, { 8, 'n' }, { 8, 'n' }, { 8, 'n' }, { 4, 'n' }, { 4, '0' } },
	[30] = { { 8, 'n' }, { 8, 'n' } },
	[31] = { { 2, 'n' }, { 2, 'n' }, { 4, '0' } },
	[32] = { { 0, 'b' } },
	[33] = { { 4, 'n' }, { 4, 'n' } },
	[34] = { { 1, 'n' }, { 1, 'n' }, { 1, 'n' }, { 1, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' }, { 4, 'n' },
	    { 20, 's' } },
	[35] = { { 2, 'n' }, { 2, 'n' }, { 2, 'n' }, { 2, 'n' }, { 4, 'n' }, { 4, 'n' }, { 8, 'n' }, { 2, 'n' },
	    { 1, '0' }, { 1, '0' }, { 4, '0' } },
	[36] = { { 8, 'n' } },
	[37] = { { 2, 'n' }, { 2, 'n' }, { 4, '0' } },
	[38] = { { 0, 'b' } },
	[39] = { { 1, 'n' }, { 1, 'n' }, { 1, 'n' }, { 1, '0' }, { 4, '0' } },
};

struct block3 { size_t at; uint32_t records; };

struct file3 {
	struct out o, directory;
	uint32_t nentries;
};

static inline void
file3_start(struct file3 *f, uint16_t compression, uint32_t flags)
{
	out_number(&f->o, 2, 0xa50c);
	out_number(&f->o, 2, 3);
	out_number(&f->o, 4, 0x01080000);
	out_number(&f->o, 8, BASE_MSEC / 1000);
	out_number(&f->o, 2, 1);
	out_number(&f->o, 2, compression);
	out_number(&f->o, 4, flags);
	out_number(&f->o, 4, 4 << 20);
	out_zeros(&f->o, 20);
}

static inline struct block3
file3_block(struct file3 *f, uint32_t type, uint16_t compression)
{
	struct block3 b = { f->o.n, 0 };

	out_number(&f->o, 4, type);
	out_zeros(&f->o, 8);
	out_number(&f->o, 2, compression);
	out_zeros(&f->o, 10);
	if (type == 1)
		out_zeros(&f->o, 32);
	return b;
}

static inline void
file3_block_end(struct file3 *f, struct block3 *b, uint32_t type, enum packing pack)
{
	if (type == 1)
		out_set(&f->o, b->at + 24, 4, b->records);
	out_set(&f->o, b->at + 8, 4, f->o.n - b->at);
	out_pack(&f->o, b->at + 24, pack);
	out_set(&f->o, b->at + 4, 4, f->o.n - b->at);
	out_number(&f->directory, 4, type);
	out_number(&f->directory, 4, f->o.n - b->at);
	out_number(&f->directory, 8, b->at);
	f->nentries++;
}

static inline void
file3_end(struct file3 *f)
{
	size_t at = f->o.n, n = f->directory.n + 8;

	out_number(&f->o, 4, 0xb10cb10c);
	out_number(&f->o, 4, f->nentries);
	out_bytes(&f->o, f->directory.p, f->directory.n);
	out_number(&f->o, 4, 0xa50f);
	out_number(&f->o, 4, n);
	out_number(&f->o, 8, at);
	out_zeros(&f->o, 40);
	out_set(&f->o, 28, 4, n);
	out_set(&f->o, 32, 8, at);
}

/* How many bytes a flow has in an extension of any number of bytes. */
static inline unsigned
bytes_of(unsigned flow, unsigned extension)
{
	return (flow + extension) % 21;
}

static inline void
out_extension3(struct out *o, unsigned flow, unsigned id)
{
	size_t at = o->n;

	if (members3[id][0].kind == 'b') {
		out_number(o, 4, bytes_of(flow, id));
		for (unsigned i = 0; i < bytes_of(flow, id); i++)
			out_number(o, 1, flow + id + i);
	}
	for (unsigned k = 0; k < MEMBERS; k++)
		if (members3[id][k].width != 0)
			out_member(o, flow, id, k, members3[id][k]);
	while ((o->n - at) % 8 != 0)
		out_number(o, 1, 0);
}

/* A flow with the extensions of these bits; backwards: the last extension's bytes come first. */
static inline void
out_flow3(struct out *o, struct block3 *b, unsigned flow, uint64_t bits, bool backwards)
{
	unsigned n = 0, before;
	size_t at = o->n;

	for (unsigned id = 0; id < 64; id++)
		n += bits >> id & 1;
	out_number(o, 2, 16);
	out_number(o, 2, 0);
	out_number(o, 2, n);
	out_number(o, 2, 2);
	out_number(o, 4, base_of(flow, BASE_SYSID, 2));
	out_number(o, 1, base_of(flow, BASE_FWD, 1));
	out_number(o, 1, base_of(flow, BASE_TOS, 1));
	out_number(o, 1, base_of(flow, BASE_VERSION, 1));
	out_number(o, 1, 0);
	out_number(o, 8, bits);
	out_zeros(o, (2 * n + 7) / 8 * 8);
	for (unsigned i = 0; i < EXTENSIONS3; i++) {
		unsigned id = backwards ? EXTENSIONS3 - 1 - i : i;

		if (!(bits >> id & 1))
			continue;
		before = 0;
		for (unsigned k = 0; k < id; k++)
			before += bits >> k & 1;
		out_set(o, at + 24 + 2 * before, 2, o->n - at);
		out_extension3(o, flow, id);
	}
	out_set(o, at + 2, 2, o->n - at);
	b->records++;
}

#define BITS3_ALL	(((uint64_t)1 << EXTENSIONS3) - 2)

/* The extensions of flow i: one beside the first two, or one family of all. */
static inline uint64_t
bits3_of(unsigned flow)
{
	uint64_t one = (uint64_t)1 << (flow % EXTENSIONS3), base = 1 << 1 | 1 << (2 + flow / EXTENSIONS3 % 2);

	if (flow % 7 == 3)
		return BITS3_ALL & ~((uint64_t)1 << 3 | 1 << 10 | 1 << 12 | 1 << 19 | 1 << 29);
	if (flow % 7 == 4)
		return BITS3_ALL & ~((uint64_t)1 << 2 | 1 << 9 | 1 << 11 | 1 << 18 | 1 << 28);
	return base | (one & BITS3_ALL & ~(uint64_t)0xc);
}

/* Ident, flows in blocks of so many with each compression in turn (or one), a block of any kind, stat. */
static inline void
file3_sample(struct file3 *f, unsigned nflows, unsigned each, int pack)
{
	struct block3 b;
	char ident[128] = "sample3";

	file3_start(f, pack >= 0 ? pack + 1 : 1, 0);
	b = file3_block(f, 4, 1);
	out_bytes(&f->o, ident, sizeof(ident));
	file3_block_end(f, &b, 4, PACK_NONE);
	for (unsigned i = 0; i < nflows; i += each) {
		enum packing p = pack >= 0 ? (unsigned)pack : i / each % PACKINGS;

		b = file3_block(f, 1, pack >= 0 ? 0 : p + 1);
		for (unsigned k = i; k < i + each && k < nflows; k++)
			out_flow3(&f->o, &b, k, bits3_of(k), k % 3 == 0);
		file3_block_end(f, &b, 1, p);
	}
	b = file3_block(f, 7, 1);
	out_zeros(&f->o, 64);
	file3_block_end(f, &b, 7, PACK_NONE);
	b = file3_block(f, 3, 1);
	for (unsigned k = 0; k < 15; k++)
		out_number(&f->o, 8, 1000 + k);
	out_number(&f->o, 8, BASE_MSEC + 17);
	out_number(&f->o, 8, BASE_MSEC + 300999);
	out_number(&f->o, 8, 42);
	file3_block_end(f, &b, 3, PACK_NONE);
	file3_end(f);
}

static inline void
file3_free(struct file3 *f)
{
	free(f->o.p);
	free(f->directory.p);
}

#endif
