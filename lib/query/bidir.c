#include "query/bidir.h"

#include <string.h>

/* Places of the ends in the packed five-tuple: srcip, dstip, srcport, dstport, proto. */
enum { SRC_IP, DST_IP, SRC_PORT, DST_PORT, PROTO };

#define NUMBER_MASK	(((uint64_t)1 << 40) - 1)

static unsigned
port_at(const struct group_keys *keys, const char *packed, int which)
{
	const uint8_t *p = (const uint8_t *)packed + keys->offset[which];

	return (unsigned)p[0] << 8 | p[1];
}

static bool
has_ports(const struct group_keys *keys, const char *packed)
{
	uint8_t proto = (uint8_t)packed[keys->offset[PROTO]];

	return proto == 6 || proto == 17;
}

static void
exchange(char *a, char *b, size_t n)
{
	char t[16];

	memcpy(t, a, n);
	memcpy(a, b, n);
	memcpy(b, t, n);
}

static void
turn(const struct group_keys *keys, char *packed)
{
	exchange(packed + keys->offset[SRC_IP], packed + keys->offset[DST_IP], 16);
	exchange(packed + keys->offset[SRC_PORT], packed + keys->offset[DST_PORT], 2);
}

void
bidir_pack(const struct group_keys *keys, char *packed, size_t n, uint8_t *turned)
{
	for (size_t i = 0; i < n; i++, packed += keys->size) {
		int c = memcmp(packed + keys->offset[SRC_IP], packed + keys->offset[DST_IP], 16);

		if (c == 0)
			c = memcmp(packed + keys->offset[SRC_PORT], packed + keys->offset[DST_PORT], 2);
		turned[i] = c > 0 && has_ports(keys, packed);
		if (turned[i])
			turn(keys, packed);
	}
}

void
bidir_move(uint64_t *counts, const struct table_shape *shape, const struct batch *b, size_t i, uint64_t flags)
{
	uint64_t packets = COL64(b, F_PACKETS)[i] - COL64(b, F_OUTPACKETS)[i];
	uint64_t bytes = COL64(b, F_BYTES)[i] - COL64(b, F_OUTBYTES)[i];
	size_t at = table_out_at(shape);

	counts[COUNT_PACKETS] -= packets;
	counts[COUNT_BYTES] -= bytes;
	counts[at] += packets;
	counts[at + 1] += bytes;
	counts[COUNT_FLAGS] = flags | (uint64_t)COL8(b, F_FLAGS)[i] << 8;
}

uint64_t
bidir_flags(const uint64_t *counts)
{
	return counts[COUNT_FLAGS] >> (counts[COUNT_ORDER] & 1 ? 8 : 0) & 0xff;
}

uint64_t
bidir_order(uint64_t where, bool turned)
{
	return (where & ~NUMBER_MASK) | (where << 1 & NUMBER_MASK) | turned;
}

uint64_t
bidir_where(uint64_t order)
{
	return (order & ~NUMBER_MASK) | (order & NUMBER_MASK) >> 1;
}

/* nfdump's guess: who has the port of a service did not begin. */
static bool
is_from_service(unsigned src, unsigned dst)
{
	return (src < 1024 && dst >= 1024) || (src < 32768 && dst >= 32768) || (src < 49152 && dst >= 49152);
}

bool
bidir_shows_turned(const struct group_keys *keys, const char *packed, uint64_t order, bool *flips)
{
	bool turned = order & 1;
	unsigned src = port_at(keys, packed, turned ? DST_PORT : SRC_PORT);
	unsigned dst = port_at(keys, packed, turned ? SRC_PORT : DST_PORT);

	*flips = keys->bidir == BIDIR_GUESS && has_ports(keys, packed) && is_from_service(src, dst);
	return turned != *flips;
}

void
bidir_turn_key(const struct group_keys *keys, const char *packed, char *to)
{
	memcpy(to, packed, keys->size);
	turn(keys, to);
}

void
bidir_turn_counters(struct counters *c)
{
	uint64_t packets = c->packets, bytes = c->bytes;

	c->packets = c->outpackets;
	c->bytes = c->outbytes;
	c->outpackets = packets;
	c->outbytes = bytes;
}

void
bidir_turn_row(struct batch *rows, size_t i)
{
	static const enum field pairs[][2] = {
		{ F_INIF, F_OUTIF }, { F_SRCAS, F_DSTAS }, { F_SRCMASK, F_DSTMASK },
	};

	for (size_t k = 0; k < sizeof(pairs) / sizeof(pairs[0]); k++) {
		size_t width = fields[pairs[k][0]].width;
		char *a = rows->col[pairs[k][0]], *b = rows->col[pairs[k][1]];

		if (a != NULL && b != NULL)
			exchange(a + i * width, b + i * width, width);
	}
}
