#include "store/presence.h"

#include <stdlib.h>
#include <string.h>

static enum tier
tier_of(uint64_t flows, uint64_t packets)
{
	if (flows >= 10 || packets >= 50)
		return TIER_REGULAR;
	return flows >= 2 || packets >= 3 ? TIER_PEER : TIER_STRANGER;
}

static int
by_address(const void *a, const void *b)
{
	return memcmp(&((const struct address *)a)->addr, &((const struct address *)b)->addr,
	    sizeof(struct addr));
}

/* Sorts numbers by their bits from 8 on: IPv4 addresses above their tiers, in four passes. */
static void
sort_v4(uint64_t *v, size_t n)
{
	uint64_t *from = v, *to = xmalloc((n + 1) * sizeof(*to)), *t, *other = to;

	for (unsigned shift = 8; shift < 40; shift += 8) {
		size_t at[257] = { 0 };

		for (size_t i = 0; i < n; i++)
			at[(from[i] >> shift & 0xff) + 1]++;
		for (size_t i = 0; i < 256; i++)
			at[i + 1] += at[i];
		for (size_t i = 0; i < n; i++)
			to[at[from[i] >> shift & 0xff]++] = from[i];
		t = from, from = to, to = t;
	}
	free(other);
}

/* Both sorts of addresses into one list; IPv4 is within IPv6's range. */
static void
interleave(struct addresses *s, const uint64_t *v4, size_t nv4, struct address *v6, size_t nv6)
{
	struct addr low = addr_from_v4(0);
	size_t i = 0, j;

	qsort(v6, nv6, sizeof(*v6), by_address);
	for (; i < nv6 && memcmp(&v6[i].addr, &low, sizeof(low)) < 0; i++)
		s->address[s->n++] = v6[i];
	for (j = 0; j < nv4; j++)
		s->address[s->n++] = (struct address){ addr_from_v4((uint32_t)(v4[j] >> 8)), v4[j] & 0xff };
	for (; i < nv6; i++)
		s->address[s->n++] = v6[i];
}

static void
mark_top(struct addresses *s, const struct toptable *ip)
{
	size_t i = 0, row = 0;
	int order;

	while (i < s->n && row < ip->n)
		if ((order = memcmp(&s->address[i].addr, ip->row[row].key, 16)) < 0)
			i++;
		else {
			if (order == 0)
				s->address[i].tier = TIER_TOP;
			row++;
		}
}

void
addresses_of_tally(const struct tally *t, const struct toptable *ip, struct addresses *s)
{
	const struct tally_table *table = tally_table(t, TALLY_ADDR);
	uint64_t *v4 = xmalloc((table->n + 1) * sizeof(*v4));
	struct address *v6;
	size_t nv4 = 0, nv6 = 0, i;

	for (i = 0; i < table->n; i++)
		nv6 += !addr_is_v4((const struct addr *)tally_key(table, i));
	v6 = xmalloc((nv6 + 1) * sizeof(*v6));
	for (nv6 = 0, i = 0; i < table->n; i++) {
		const uint64_t *c = tally_counts(table, i);
		uint64_t flows = c[TOP_FLOWS], packets = c[TOP_PACKETS];
		struct address a;

		tally_plus(&flows, c[TALLY_SIDE + TOP_FLOWS]);
		tally_plus(&packets, c[TALLY_SIDE + TOP_PACKETS]);
		memcpy(&a.addr, tally_key(table, i), sizeof(a.addr));
		a.tier = tier_of(flows, packets);
		if (addr_is_v4(&a.addr))
			v4[nv4++] = (uint64_t)addr_v4(&a.addr) << 8 | a.tier;
		else
			v6[nv6++] = a;
	}
	sort_v4(v4, nv4);
	*s = (struct addresses){ xmalloc((table->n + 1) * sizeof(*s->address)), 0, table->dropped != 0 };
	interleave(s, v4, nv4, v6, nv6);
	mark_top(s, ip);
	free(v4);
	free(v6);
}

void
addresses_free(struct addresses *s)
{
	free(s->address);
	*s = (struct addresses){ 0 };
}

void
blocks_free(struct blocks *b)
{
	for (size_t i = 0; i < b->n; i++)
		strbuf_free(&b->block[i].bytes);
	free(b->block);
	*b = (struct blocks){ 0 };
}

struct strbuf *
blocks_new(struct blocks *b, const uint8_t first[16])
{
	struct coded_block *block;

	if (b->n == b->room) {
		b->room = b->room == 0 ? 16 : b->room * 2;
		b->block = xrealloc(b->block, b->room, sizeof(*b->block));
	}
	block = &b->block[b->n++];
	*block = (struct coded_block){ 0 };
	memcpy(block->first, first, sizeof(block->first));
	b->size += BLOCK_COST;
	return &block->bytes;
}

static void
put(struct strbuf *sb, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		strbuf_addc(sb, (char)(n | 0x80));
	strbuf_addc(sb, (char)n);
}

static bool
get(struct block_reader *r, uint64_t *n)
{
	unsigned shift = 0;

	for (*n = 0; r->p < r->end && shift < 63; shift += 7) {
		uint8_t b = *r->p++;

		*n |= (uint64_t)(b & 0x7f) << shift;
		if (b < 0x80)
			return true;
	}
	return false;
}

static bool
bit(const uint8_t *slots, size_t i)
{
	return slots[i / 8] >> i % 8 & 1;
}

/*
 * The slots of an address, as a number whose two low bits say what it is: 1, one
 * slot; 0, a count of runs, of each the gap before it and its length - 1; 2, bits.
 */
enum { SLOTS_RUNS, SLOTS_ONE, SLOTS_BITS };

static void
put_slots(struct strbuf *sb, const uint8_t *slots, size_t n)
{
	size_t runs = 0, set = 0, only = 0, end = 0;

	for (size_t i = 0; i < n; i++)
		if (bit(slots, i)) {
			runs += i == 0 || !bit(slots, i - 1);
			only = i;
			set++;
		}
	if (set == 1) {
		put(sb, only << 2 | SLOTS_ONE);
		return;
	}
	if (2 * runs > (n + 7) / 8) {
		put(sb, SLOTS_BITS);
		strbuf_add(sb, slots, (n + 7) / 8);
		return;
	}
	put(sb, runs << 2 | SLOTS_RUNS);
	for (size_t i = 0; i < n; i++)
		if (bit(slots, i)) {
			size_t from = i;

			while (i + 1 < n && bit(slots, i + 1))
				i++;
			put(sb, from - end);
			put(sb, i - from);
			end = i + 1;
		}
}

static bool
get_runs(struct block_reader *r, uint64_t runs, uint8_t *slots)
{
	uint64_t at = 0, gap, more;

	while (runs-- > 0) {
		if (!get(r, &gap) || !get(r, &more) || gap >= r->nslots - at ||
		    more >= r->nslots - at - gap)
			return false;
		for (at += gap; more != UINT64_MAX; more--, at++)
			slots[at / 8] |= (uint8_t)(1 << at % 8);
	}
	return true;
}

static bool
get_slots(struct block_reader *r, uint8_t *slots)
{
	size_t size = (r->nslots + 7) / 8;
	uint64_t x;

	memset(slots, 0, size);
	if (!get(r, &x))
		return false;
	if ((x & 3) == SLOTS_ONE) {
		if (x >> 2 >= r->nslots)
			return false;
		slots[x >> 5] |= (uint8_t)(1 << (x >> 2) % 8);
		return true;
	}
	if ((x & 3) == SLOTS_RUNS)
		return get_runs(r, x >> 2, slots);
	if (x != SLOTS_BITS || (size_t)(r->end - r->p) < size)
		return false;
	memcpy(slots, r->p, size);
	r->p += size;
	return true;
}

/* After the first, an IPv4 address is the distance from the one before; another: bytes in common, and the rest. */
void
blocks_put(struct blocks *b, const struct addr *a, const uint8_t *slots, size_t nslots)
{
	struct strbuf *sb = b->n > 0 ? &b->block[b->n - 1].bytes : NULL;
	size_t before, common = 0;

	if (sb == NULL || sb->len >= BLOCK_BYTES || addr_is_v4(a) != addr_is_v4(&b->last)) {
		sb = blocks_new(b, a->b);
		before = 0;
	} else {
		before = sb->len;
		if (addr_is_v4(a))
			put(sb, addr_v4(a) - addr_v4(&b->last));
		else {
			while (common < 15 && a->b[common] == b->last.b[common])
				common++;
			put(sb, common);
			strbuf_add(sb, a->b + common, 16 - common);
		}
	}
	if (slots != NULL)
		put_slots(sb, slots, nslots);
	b->size += sb->len - before;
	b->last = *a;
}

void
block_start(struct block_reader *r, const uint8_t first[16], const void *bytes, size_t n, size_t nslots)
{
	static const uint8_t none[1];
	const uint8_t *p = n > 0 ? bytes : none;

	*r = (struct block_reader){ p, p + n, nslots, true, { { 0 } } };
	memcpy(&r->addr, first, sizeof(r->addr));
}

int
block_next(struct block_reader *r, uint8_t *slots)
{
	struct addr before = r->addr;
	uint64_t n;

	if (r->first) {
		r->first = false;
		return r->nslots == 0 || get_slots(r, slots) ? 1 : -1;
	}
	if (r->p == r->end)
		return 0;
	if (!get(r, &n))
		return -1;
	if (addr_is_v4(&before)) {
		if (n == 0 || n > UINT32_MAX - addr_v4(&before))
			return -1;
		r->addr = addr_from_v4(addr_v4(&before) + (uint32_t)n);
	} else {
		if (n > 15 || (size_t)(r->end - r->p) < 16 - n)
			return -1;
		memcpy(r->addr.b + n, r->p, 16 - n);
		r->p += 16 - n;
		if (memcmp(&before, &r->addr, sizeof(before)) >= 0)
			return -1;
	}
	return r->nslots == 0 || get_slots(r, slots) ? 1 : -1;
}
