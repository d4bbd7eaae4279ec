#include "format/coladdr.h"

#include <stdlib.h>
#include <string.h>

#include "format/load.h"

#define HEAD		12
#define SLOTS_LEAST	(1 << 14)

/* ---- writing ---- */

struct addr_places {
	struct addr *addr;		/* by number */
	uint32_t n, room;
	uint32_t *slot;			/* one more than the number, 0: free */
	uint32_t nslots;		/* a power of 2 */
	uint64_t *four, *spare;		/* for sorting */
	uint32_t *six;
	uint32_t *place;
};

struct addr_places *
addr_places_new(void)
{
	struct addr_places *a = xcalloc(1, sizeof(*a));

	a->nslots = SLOTS_LEAST;
	a->slot = xcalloc(a->nslots, sizeof(*a->slot));
	return a;
}

void
addr_places_free(struct addr_places *a)
{
	if (a == NULL)
		return;
	free(a->addr);
	free(a->slot);
	free(a->four);
	free(a->spare);
	free(a->six);
	free(a->place);
	free(a);
}

void
addr_places_clear(struct addr_places *a)
{
	a->n = 0;
	memset(a->slot, 0, a->nslots * sizeof(*a->slot));
}

static uint32_t
slot_of(const struct addr_places *a, const struct addr *addr)
{
	uint64_t half[2], hash;
	uint32_t at;

	memcpy(half, addr, sizeof(half));
	hash = half[0] * 0xd6e8feb86659fd93 ^ half[1];
	hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15;
	for (at = hash >> 36 & (a->nslots - 1); a->slot[at] != 0; at = (at + 1) & (a->nslots - 1))
		if (memcmp(&a->addr[a->slot[at] - 1], addr, sizeof(*addr)) == 0)
			break;
	return at;
}

static void
grow(struct addr_places *a)
{
	a->nslots *= 2;
	free(a->slot);
	a->slot = xcalloc(a->nslots, sizeof(*a->slot));
	for (uint32_t i = 0; i < a->n; i++)
		a->slot[slot_of(a, &a->addr[i])] = i + 1;
}

uint32_t
addr_places_add(struct addr_places *a, const struct addr *addr)
{
	uint32_t at = slot_of(a, addr);

	if (a->slot[at] != 0)
		return a->slot[at] - 1;
	if (a->n == a->room) {
		a->room = a->room == 0 ? 4096 : 2 * a->room;
		a->addr = xrealloc(a->addr, a->room, sizeof(*a->addr));
		a->four = xrealloc(a->four, a->room, sizeof(*a->four));
		a->spare = xrealloc(a->spare, a->room, sizeof(*a->spare));
		a->six = xrealloc(a->six, a->room, sizeof(*a->six));
		a->place = xrealloc(a->place, a->room, sizeof(*a->place));
	}
	a->addr[a->n++] = *addr;
	a->slot[at] = a->n;
	if (a->n > a->nslots / 2)
		grow(a);
	return a->n - 1;
}

size_t
addr_places_count(const struct addr_places *a)
{
	return a->n;
}

/* Sorts by the high halves, a byte at a time. */
static void
sort_four(struct addr_places *a, size_t n)
{
	for (unsigned shift = 32; shift < 64; shift += 8) {
		size_t start[257] = { 0 };
		uint64_t *from = a->four;

		for (size_t i = 0; i < n; i++)
			start[(from[i] >> shift & 0xff) + 1]++;
		for (size_t i = 0; i < 256; i++)
			start[i + 1] += start[i];
		for (size_t i = 0; i < n; i++)
			a->spare[start[from[i] >> shift & 0xff]++] = from[i];
		a->four = a->spare;
		a->spare = from;
	}
}

static int
compare_six(const void *x, const void *y, void *addr)
{
	const struct addr *a = addr;

	return memcmp(&a[*(const uint32_t *)x], &a[*(const uint32_t *)y], sizeof(*a));
}

/* A heap, since qsort() knows no context and qsort_r() differs from system to system. */
static void
sift(uint32_t *v, size_t at, size_t n, struct addr *addr)
{
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		uint32_t keep = v[at];

		if (child + 1 < n && compare_six(&v[child], &v[child + 1], addr) < 0)
			child++;
		if (compare_six(&v[at], &v[child], addr) >= 0)
			break;
		v[at] = v[child];
		v[child] = keep;
	}
}

static void
sort_six(struct addr_places *a, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(a->six, i, n, a->addr);
	for (size_t i = n; i-- > 1;) {
		uint32_t keep = a->six[0];

		a->six[0] = a->six[i];
		a->six[i] = keep;
		sift(a->six, 0, i, a->addr);
	}
}

static void
write_four(const struct addr_places *a, size_t n, struct col_bytes *out)
{
	size_t groups = (n + ADDR_GROUP - 1) / ADDR_GROUP, start = out->n;

	col_bytes_add(out, groups * 5);
	for (size_t g = 0; g < groups; g++) {
		uint64_t difference[ADDR_GROUP] = { 0 }, any = 0;
		uint32_t first = a->four[g * ADDR_GROUP] >> 32;
		size_t k = n - g * ADDR_GROUP < ADDR_GROUP ? n - g * ADDR_GROUP : ADDR_GROUP;
		unsigned bits;

		for (size_t i = 1; i < k; i++)
			any |= difference[i] = (a->four[g * ADDR_GROUP + i] >> 32) -
			    (a->four[g * ADDR_GROUP + i - 1] >> 32);
		bits = col_bits(any);
		memcpy(out->p + start + 4 * g, &first, 4);
		out->p[start + 4 * groups + g] = bits;
		col_pack(col_bytes_add(out, ADDR_GROUP / 8 * bits + SLACK), difference, ADDR_GROUP, bits);
		out->n -= SLACK;
	}
	memset(col_bytes_add(out, SLACK), 0, SLACK);
}

static void
write_six(const struct addr_places *a, size_t n, struct col_bytes *out)
{
	struct addr before = { { 0 } };

	for (size_t i = 0; i < n; i++) {
		const struct addr *addr = &a->addr[a->six[i]];
		uint8_t same = 0, *p;

		while (same < 16 && addr->b[same] == before.b[same])
			same++;
		p = col_bytes_add(out, 17u - same);
		*p = same;
		memcpy(p + 1, addr->b + same, 16u - same);
		before = *addr;
	}
}

void
addr_places_write(struct addr_places *a, struct col_bytes *out, const uint32_t **place)
{
	uint32_t n4 = 0, n6 = 0, head[3];
	size_t start = out->n, six;

	for (uint32_t i = 0; i < a->n; i++)
		if (addr_is_v4(&a->addr[i]))
			a->four[n4++] = (uint64_t)addr_v4(&a->addr[i]) << 32 | i;
		else
			a->six[n6++] = i;
	sort_four(a, n4);
	sort_six(a, n6);
	col_bytes_add(out, HEAD);
	write_four(a, n4, out);
	six = out->n;
	write_six(a, n6, out);
	head[0] = n4;
	head[1] = n6;
	head[2] = out->n - six;
	memcpy(out->p + start, head, HEAD);
	for (uint32_t i = 0; i < n4; i++)
		a->place[(uint32_t)a->four[i]] = i;
	for (uint32_t i = 0; i < n6; i++)
		a->place[a->six[i]] = n4 + i;
	*place = a->place;
}

/* ---- reading ---- */

int
addr_dict_open(struct addr_dict *d, const uint8_t *p, size_t n)
{
	size_t groups, left = n;
	uint64_t at = 0;

	if (n < HEAD)
		return -1;
	d->n4 = load32(p);
	d->n6 = load32(p + 4);
	d->has_table = false;
	groups = ((size_t)d->n4 + ADDR_GROUP - 1) / ADDR_GROUP;
	p += HEAD;
	left -= HEAD;
	if (groups > left / 5 || d->n6 > left)
		return -1;
	d->first = p;
	d->bits = p + 4 * groups;
	d->packed = p + 5 * groups;
	left -= 5 * groups;
	if (groups > d->groups_room) {
		d->at = xrealloc(d->at, groups, sizeof(*d->at));
		d->groups_room = groups;
	}
	for (size_t g = 0; g < groups; g++) {
		d->at[g] = at;
		at += ADDR_GROUP / 8 * d->bits[g];
		if (d->bits[g] > 32 || at > left)
			return -1;
	}
	if (left - at < SLACK || left - at - SLACK != load32(d->first - HEAD + 8))
		return -1;
	d->six = d->packed + at + SLACK;
	d->six_end = d->packed + left;
	return 0;
}

void
addr_dict_free(struct addr_dict *d)
{
	free(d->at);
	free(d->table);
}

/* Unpacks a group; returns how many addresses it has. */
static size_t
group_unpack(const struct addr_dict *d, size_t g, uint32_t *out)
{
	size_t n = d->n4 - g * ADDR_GROUP < ADDR_GROUP ? d->n4 - g * ADDR_GROUP : ADDR_GROUP;
	uint64_t difference[ADDR_GROUP];
	uint32_t v = load32(d->first + 4 * g);

	col_unpack(d->packed + d->at[g], 0, n, d->bits[g], 0, difference);
	for (size_t i = 0; i < n; i++)
		out[i] = v += (uint32_t)difference[i];
	return n;
}

int
addr_dict_table(struct addr_dict *d)
{
	size_t all = (size_t)d->n4 + d->n6;
	struct addr before = { { 0 } };
	uint32_t v4[ADDR_GROUP];
	const uint8_t *p = d->six;

	if (d->has_table)
		return 0;
	if (all > d->table_room) {
		d->table = xrealloc(d->table, all, sizeof(*d->table));
		d->table_room = all;
	}
	for (size_t g = 0; g * ADDR_GROUP < d->n4; g++) {
		size_t n = group_unpack(d, g, v4);

		for (size_t i = 0; i < n; i++)
			d->table[g * ADDR_GROUP + i] = addr_from_v4(v4[i]);
	}
	for (size_t i = d->n4; i < all; i++) {
		uint8_t same = p < d->six_end ? *p : 17;

		if (same > 16 || d->six_end - p < 17 - same)
			return -1;
		memcpy(before.b + same, p + 1, 16u - same);
		p += 17 - same;
		d->table[i] = before;
	}
	d->has_table = p == d->six_end;
	return d->has_table ? 0 : -1;
}

static int64_t
four_below(const struct addr_dict *d, uint32_t v4)
{
	size_t g = 0, n = 0;
	uint32_t value[ADDR_GROUP];

	if (d->n4 == 0)
		return 0;
	for (size_t count = ((size_t)d->n4 + ADDR_GROUP - 1) / ADDR_GROUP; count > 1; count -= count / 2)
		g += load32(d->first + 4 * (g + count / 2)) < v4 ? count / 2 : 0;
	for (size_t k = group_unpack(d, g, value); n < k && value[n] < v4;)
		n++;
	return (int64_t)(g * ADDR_GROUP + n);
}

int64_t
addr_dict_below(struct addr_dict *d, const struct addr *addr)
{
	size_t at = d->n4, end = at + d->n6;

	if (addr_is_v4(addr))
		return four_below(d, addr_v4(addr));
	if (d->n6 > 0 && addr_dict_table(d) == -1)
		return -1;
	while (at < end) {
		size_t middle = (at + end) / 2;

		if (memcmp(&d->table[middle], addr, sizeof(*addr)) < 0)
			at = middle + 1;
		else
			end = middle;
	}
	return (int64_t)at;
}
