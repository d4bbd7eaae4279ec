/*
 * flowd's stores: flow after flow, all in network order.
 *
 *	3	each: u8 version (major << 5 | minor)  u8 length in words  u16 0
 *		u32 fields, then those fields in the order of their bits
 *	2	16 bytes: 0x012cf047, u32 2, u32 start, u32 flags; each flow: u32
 *		fields, then those fields, some shorter than in version 3
 *
 * A field says nothing of its length: behind a flow that is broken no other
 * one can be found, unless its length is right and just its sum is wrong.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "format/fixed.h"
#include "format/format.h"

#define BUFFER		(256 * 1024)
#define MAGIC2		0x012cf047
#define HEAD2		16
#define HEAD3		8
#define RECORD_MAX	(HEAD3 + 255 * 4)

enum bit { BIT_RECV_TIME = 1, BIT_AGENT4 = 3, BIT_AGENT6, BIT_SRC4, BIT_SRC6, BIT_DST4, BIT_DST6, BIT_GATE4, BIT_GATE6,
    BIT_AGENT_INFO = 15, BIT_FLOW_TIMES, BIT_ENGINE = 18, BIT_CRC = 30, BITS };

#define KNOWN	((1u << (BIT_ENGINE + 1)) - 1)
#define CRC	(1u << BIT_CRC)

/* What a bit of `fields` stands for, in version 2 and in 3. */
static const struct part {
	uint8_t size2, size3;
	uint8_t element;
	struct fixed places2[5], places3[5];	/* places3 empty: as in version 2 */
} parts[BITS] = {
	[0] = { 4, 4, E_FLOWTOOLS, { { F_SRCTAG, 0, 4 } }, { { 0 } } },
	[BIT_RECV_TIME] = { 4, 8, 0, { { 0 } }, { { 0 } } },
	[2] = { 4, 4, 0, { { F_FLAGS, 0, 1 }, { F_PROTO, 1, 1 }, { F_SRCTOS, 2, 1 } }, { { 0 } } },
	[BIT_AGENT4] = { 4, 4, E_ROUTER4, { { F_ROUTER, 0, 4 } }, { { 0 } } },
	[BIT_AGENT6] = { 16, 16, E_ROUTER6, { { F_ROUTER, 0, 16 } }, { { 0 } } },
	[BIT_SRC4] = { 4, 4, E_IPV4, { { F_SRCIP, 0, 4 } }, { { 0 } } },
	[BIT_SRC6] = { 16, 16, E_IPV6, { { F_SRCIP, 0, 16 } }, { { 0 } } },
	[BIT_DST4] = { 4, 4, E_IPV4, { { F_DSTIP, 0, 4 } }, { { 0 } } },
	[BIT_DST6] = { 16, 16, E_IPV6, { { F_DSTIP, 0, 16 } }, { { 0 } } },
	[BIT_GATE4] = { 4, 4, E_NEXT4, { { F_NEXTHOP, 0, 4 } }, { { 0 } } },
	[BIT_GATE6] = { 16, 16, E_NEXT6, { { F_NEXTHOP, 0, 16 } }, { { 0 } } },
	[11] = { 4, 4, 0, { { F_SRCPORT, 0, 2 }, { F_DSTPORT, 2, 2 } }, { { 0 } } },
	[12] = { 8, 8, 0, { { F_PACKETS, 0, 8 } }, { { 0 } } },
	[13] = { 8, 8, 0, { { F_BYTES, 0, 8 } }, { { 0 } } },
	[14] = { 4, 8, E_MISC, { { F_INIF, 0, 2 }, { F_OUTIF, 2, 2 } }, { { F_INIF, 0, 4 }, { F_OUTIF, 4, 4 } } },
	[BIT_AGENT_INFO] = { 16, 16, E_FLOWTOOLS, { { F_UPTIME, 0, 4 }, { F_NFVERSION, 12, 2 } }, { { 0 } } },
	[BIT_FLOW_TIMES] = { 8, 8, 0, { { 0 } }, { { 0 } } },
	[17] = { 8, 12, E_AS,
	    { { F_SRCAS, 0, 2 }, { F_DSTAS, 2, 2 }, { F_SRCMASK, 4, 1 }, { F_DSTMASK, 5, 1 } },
	    { { F_SRCAS, 0, 4 }, { F_DSTAS, 4, 4 }, { F_SRCMASK, 8, 1 }, { F_DSTMASK, 9, 1 } } },
	[BIT_ENGINE] = { 8, 12, 0, { { F_ENGINETYPE, 0, 1 }, { F_ENGINEID, 1, 1 } }, { { 0 } } },
	[BIT_CRC] = { 4, 4, 0, { { 0 } }, { { 0 } } },
};

struct flowd {
	unsigned version;
	uint8_t *buf;
	size_t at, len;		/* what is left in buf */
	int64_t next;		/* to be read from the file */
	bool done;
};

/* Bytes of the fields; 0 when one is not known. */
static size_t
fields_size(uint32_t set, unsigned version)
{
	size_t size = 0;

	if ((set & ~(KNOWN | CRC)) != 0)
		return 0;
	for (int i = 0; i < BITS; i++)
		if ((set >> i & 1) != 0)
			size += version == 2 ? parts[i].size2 : parts[i].size3;
	return size;
}

static bool
two_families(uint32_t set)
{
	for (int i = BIT_AGENT4; i <= BIT_GATE4; i += 2)
		if ((set >> i & 3) == 3)
			return true;
	return false;
}

static bool
flowd2_probe(const uint8_t *head, size_t n)
{
	return n >= 8 && be32(head) == MAGIC2 && be32(head + 4) == 2;
}

/* Version 3 has no magic: its first flow must make sense. */
static bool
flowd3_probe(const uint8_t *head, size_t n)
{
	uint32_t set = n >= HEAD3 ? be32(head + 4) : 0;
	size_t size = fields_size(set & (KNOWN | CRC), 3);

	return set != 0 && head[0] >> 5 == 3 && be16(head + 2) == 0 && !two_families(set) &&
	    ((head[0] & 31) == 0 ? size == head[1] * (size_t)4 : size <= head[1] * (size_t)4);
}

static int
flowd_open(struct reader *r, unsigned version)
{
	struct flowd *s = arena_alloc(r->arena, sizeof(*s));

	r->state = s;
	s->version = version;
	s->next = version == 2 ? HEAD2 : 0;
	s->buf = xmalloc(BUFFER);
	r->info.compression = "none";
	r->info.blocks = 1;
	fixed_fill(&r->batch, F_FLOWS, 1);
	return 0;
}

static int
flowd2_open(struct reader *r, struct err *e)
{
	uint8_t head[HEAD2];
	ssize_t n = file_read_at(r->fd, head, sizeof(head), 0, e);

	if (n == -1)
		return -1;
	if (n < HEAD2)
		return err_set(e, ERR_DATA, "flowd 2: %zd bytes, the header alone has %d", n, HEAD2);
	r->info.created = be32(head + 8);
	return flowd_open(r, 2);
}

static int
flowd3_open(struct reader *r, struct err *e)
{
	(void)e;
	return flowd_open(r, 3);
}

static int	flow_broken(struct reader *, const char *, ...) __attribute__((format(printf, 2, 3)));

/* Puts down that the flow at hand ends the file. */
static int
flow_broken(struct reader *r, const char *fmt, ...)
{
	struct flowd *s = r->state;
	int64_t offset = s->next - (int64_t)(s->len - s->at);
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	reader_fault(r, 1, offset, "%s: the rest of the file is lost", text);
	s->done = true;
	return 0;
}

/* The sum begins with 0 and is not inverted at the end, both unlike zlib's. */
static uint32_t
sum(const uint8_t *p, size_t n)
{
	return ~(uint32_t)crc32(0xffffffff, p, n);
}

/*
 * Where the parts of the flow at p lie: its size, head included, or 0 when it
 * cannot be.  left: bytes that there are.
 */
static size_t
flow_size(struct reader *r, const uint8_t *p, size_t left, uint32_t *set)
{
	struct flowd *s = r->state;
	size_t head = s->version == 2 ? 4 : HEAD3, known, size;

	if (left < head)
		return flow_broken(r, "%zu bytes left for a flow", left);
	*set = be32(p + head - 4);
	if (s->version == 3 && (p[0] >> 5 != 3 || be16(p + 2) != 0))
		return flow_broken(r, "no flow begins with %02x %02x %02x %02x", p[0], p[1], p[2], p[3]);
	/* A later minor version may put more fields before the sum. */
	if (s->version == 3 && (p[0] & 31) != 0)
		*set &= KNOWN | CRC;
	known = fields_size(*set, s->version);
	size = s->version == 3 ? p[1] * (size_t)4 : known;
	if (known == 0 || known > size || (s->version == 3 && (p[0] & 31) == 0 && known != size))
		return flow_broken(r, "fields %08" PRIx32 " in %zu bytes", *set, size);
	if (two_families(*set))
		return flow_broken(r, "fields %08" PRIx32 ": an address of both families", *set);
	if (head + size > left)
		return flow_broken(r, "%zu bytes claimed, %zu left", head + size, left);
	return head + size;
}

/* What a flow's times are computed from; NULL: the flow has no such part. */
struct clock { const uint8_t *received, *agent, *times; };

static void
load_times(const struct flowd *s, struct batch *b, const struct clock *c)
{
	int64_t agent = c->agent != NULL ? (int64_t)be32(c->agent + 4) * 1000 + be32(c->agent + 8) / 1000000 : 0;
	int64_t received = c->received == NULL ? agent : (int64_t)be32(c->received) * 1000 +
	    (s->version == 3 ? be32(c->received + 4) / 1000 : 0);
	/* Flows that came by IPFIX have no times of their own. */
	struct flow_times t = { received, received };

	if (c->agent != NULL && c->times != NULL)
		t = times_by_uptime(agent, be32(c->agent), be32(c->times), be32(c->times + 4));
	if (b->col[F_FIRST] != NULL)
		COL64(b, F_FIRST)[b->n] = t.first;
	if (b->col[F_LAST] != NULL)
		COL64(b, F_LAST)[b->n] = t.last;
	if (b->col[F_RECEIVED] != NULL)
		COL64(b, F_RECEIVED)[b->n] = received;
}

/*
 * flowd 0.9 on little-endian machines turns the bytes of version 3's engine,
 * two bytes for what has one: 42 is kept as 0x2a00.
 */
static void
load_engine(struct batch *b, const uint8_t *p)
{
	static const enum field engine[2] = { F_ENGINETYPE, F_ENGINEID };

	for (int i = 0; i < 2; i++) {
		uint16_t v = be16(p + i * 2);

		if (b->col[engine[i]] != NULL)
			COL8(b, engine[i])[b->n] = v > 255 ? v >> 8 : v;
	}
}

/* What the flow does not have must not be what an earlier one in this row had. */
static void
row_clear(struct batch *b)
{
	static const struct addr none = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff } };

	for (int f = 0; f < F_COUNT; f++)
		if (b->col[f] != NULL && f != F_FLOWS && fields[f].width < 16)
			batch_set_number(b, f, b->n, 0);
		else if (b->col[f] != NULL && fields[f].kind == KIND_ADDR)
			COLADDR(b, f)[b->n] = none;
}

static void
flow_load(const struct flowd *s, struct batch *b, const uint8_t *p, uint32_t set)
{
	struct clock c = { NULL, NULL, NULL };
	uint64_t elements = ELEMENT(E_HEADER) | ELEMENT(E_GENERIC);

	row_clear(b);
	for (int i = 0; i < BITS; i++) {
		const struct part *part = &parts[i];
		const struct fixed *place = s->version == 3 && part->places3[0].width != 0 ? part->places3 : part->places2;

		if ((set >> i & 1) == 0)
			continue;
		elements |= ELEMENT(part->element);
		if (i == BIT_RECV_TIME)
			c.received = p;
		else if (i == BIT_AGENT_INFO)
			c.agent = p;
		else if (i == BIT_FLOW_TIMES)
			c.times = p;
		if (i == BIT_ENGINE && s->version == 3)
			load_engine(b, p);
		else
			for (; place->width != 0; place++)
				fixed_load(b, b->n, place, p, 0, 1, true);
		p += s->version == 2 ? part->size2 : part->size3;
	}
	load_times(s, b, &c);
	if (b->col[F_ELEMENTS] != NULL)
		COL64(b, F_ELEMENTS)[b->n] = elements;
	b->elements_all &= elements;
	b->n++;
}

/* Takes the flow at hand; its size, or 0 at the end. */
static size_t
flow_take(struct reader *r)
{
	struct flowd *s = r->state;
	const uint8_t *p = s->buf + s->at;
	uint32_t set = 0;
	size_t size = flow_size(r, p, s->len - s->at, &set), head = s->version == 2 ? 4 : HEAD3;

	if (size == 0)
		return 0;
	if ((set & CRC) != 0 && sum(p, size - 4) != be32(p + size - 4))
		reader_fault(r, 1, s->next - (int64_t)(s->len - s->at), "flow of %zu bytes: wrong sum: left out", size);
	else
		flow_load(s, &r->batch, p + head, set);
	return size;
}

/* Sees to it that the next flow is in the buffer as a whole, if the file has it.  -1, or how much is there. */
static ssize_t
buffer_fill(struct reader *r, struct err *e)
{
	struct flowd *s = r->state;
	ssize_t got;

	if (s->len - s->at >= RECORD_MAX)
		return s->len - s->at;
	memmove(s->buf, s->buf + s->at, s->len - s->at);
	s->len -= s->at;
	s->at = 0;
	if ((got = file_read_at(r->fd, s->buf + s->len, BUFFER - s->len, s->next, e)) == -1)
		return -1;
	s->next += got;
	s->len += got;
	r->info.raw_bytes += got;
	return s->len;
}

static int
flowd_next(struct reader *r, struct err *e)
{
	struct flowd *s = r->state;

	r->batch.elements_all = UINT64_MAX;
	while (r->batch.n < BATCH_MAX && !s->done && r->first_block == 0 && r->last_block > 0) {
		ssize_t left = buffer_fill(r, e);

		if (left == -1)
			return -1;
		if (left == 0)
			s->done = true;
		else
			s->at += flow_take(r);
	}
	return r->batch.n > 0;
}

static size_t
flowd_blocks(struct reader *r, struct err *e)
{
	(void)e;
	return r->info.blocks;
}

static void
flowd_close(struct reader *r)
{
	struct flowd *s = r->state;

	if (s != NULL)
		free(s->buf);
}

const struct format format_flowd2 = { "flowd 2", flowd2_probe, flowd2_open, flowd_next, flowd_blocks, flowd_close, false, NULL };
const struct format format_flowd3 = { "flowd 3", flowd3_probe, flowd3_open, flowd_next, flowd_blocks, flowd_close, false, NULL };
