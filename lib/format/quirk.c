#include "format/quirk.h"

#include <string.h>

#define SAMPLED		2	/* record flag: the collector knew the rate, and has multiplied */

static bool
is_any(const struct quirks *q)
{
	return q->scale > 1 || q->count != COUNT_BOTH || q->fix_times || q->mask;
}

static bool
drops(const struct quirks *q)
{
	return q->count != COUNT_BOTH;
}

static bool
scales(const struct quirks *q)
{
	return q->scale > 1;
}

static bool
fixes_times(const struct quirks *q)
{
	return q->fix_times;
}

static bool
masks(const struct quirks *q)
{
	return q->mask;
}

/* Is it so of the source or of one of its exporters? */
static bool
has(const struct source *src, bool (*is_so)(const struct quirks *))
{
	bool so = src != NULL && is_so(&src->quirks);

	for (size_t i = 0; src != NULL && i < src->nexporters; i++)
		so |= is_so(&src->exporters[i].quirks);
	return so;
}

bool
quirk_any(const struct source *src)
{
	return has(src, is_any);
}

bool
quirk_masks(const struct source *src)
{
	return has(src, masks);
}

bool
quirk_drops(const struct source *src)
{
	return has(src, drops);
}

static bool
has_counters(const struct fieldset *set)
{
	return fieldset_has(set, F_PACKETS) || fieldset_has(set, F_BYTES) ||
	    fieldset_has(set, F_OUTPACKETS) || fieldset_has(set, F_OUTBYTES);
}

void
quirk_fields(const struct source *src, struct fieldset *set)
{
	if (src->nexporters > 0)
		fieldset_add(set, F_ROUTER);
	if (has(src, scales) && has_counters(set))
		fieldset_add(set, F_RECFLAGS);
	if (has(src, fixes_times) && (fieldset_has(set, F_FIRST) || fieldset_has(set, F_LAST))) {
		fieldset_add(set, F_FIRST);
		fieldset_add(set, F_LAST);
		fieldset_add(set, F_NFVERSION);
	}
}

static const struct quirks *
quirks_of(const struct source *src, const struct batch *b, size_t i)
{
	for (size_t k = 0; k < src->nexporters; k++)
		if (memcmp(&src->exporters[k].addr, &COLADDR(b, F_ROUTER)[i], sizeof(struct addr)) == 0)
			return &src->exporters[k].quirks;
	return &src->quirks;
}

static void
scale(struct batch *b, size_t i, unsigned by)
{
	static const enum field counters[] = { F_PACKETS, F_BYTES, F_OUTPACKETS, F_OUTBYTES };

	for (size_t k = 0; k < sizeof(counters) / sizeof(counters[0]); k++) {
		uint64_t *v = COL64(b, counters[k]);

		if (v != NULL)
			v[i] = v[i] <= UINT64_MAX / by ? v[i] * by : UINT64_MAX;
	}
}

static void
fix_times(struct batch *b, size_t i)
{
	uint64_t *first = COL64(b, F_FIRST), *last = COL64(b, F_LAST), swapped = first[i];

	if (last[i] >= first[i])
		return;
	if (COL8(b, F_NFVERSION)[i] == 10 && last[i] != 0)
		first[i] = last[i];
	last[i] = swapped;
}

/* All addresses of all flows. */
static void
mask_addresses(struct batch *b)
{
	for (enum field f = 0; f < F_COUNT; f++) {
		struct addr *a = fields[f].kind == KIND_ADDR && fields[f].derive == NULL ? COLADDR(b, f) : NULL;

		for (size_t i = 0; a != NULL && i < b->n; i++)
			quirk_mask(&a[i]);
	}
}

void
quirk_mask(struct addr *a)
{
	addr_mask(a, addr_is_v4(a) ? 96 + MASK_BITS_4 : MASK_BITS_6);
}

void
quirk_apply(const struct source *src, struct batch *b)
{
	const uint8_t *flags = COL8(b, F_RECFLAGS);
	bool times = COL64(b, F_FIRST) != NULL && COL64(b, F_LAST) != NULL && COL8(b, F_NFVERSION) != NULL;

	if (src == NULL)
		return;
	for (size_t i = 0; i < b->n; i++) {
		const struct quirks *q = quirks_of(src, b, i);

		if (q->scale > 1 && flags != NULL && (flags[i] & SAMPLED) == 0)
			scale(b, i, q->scale);
		if (q->fix_times && times)
			fix_times(b, i);
	}
	if (has(src, masks))
		mask_addresses(b);
}

static bool
is_outside(const struct quirks *q, uint32_t interface)
{
	for (size_t i = 0; i < q->outside.n; i++)
		if (q->outside.number[i] == interface)
			return true;
	return false;
}

/*
 * pf keeps a state for each interface that a connection crosses, and exports
 * them all.  A state knows one interface, told as input and output both, or as
 * one of them when packets went one way only.  Flows that tell two interfaces,
 * or none, are of no such state, and count.
 */
static bool
counts(const struct quirks *q, uint32_t in, uint32_t out)
{
	uint32_t interface = in != 0 ? in : out;

	if (q->count == COUNT_BOTH || interface == 0 || (out != 0 && out != interface))
		return true;
	return is_outside(q, interface) == (q->count == COUNT_OUT);
}

size_t
quirk_choose(void *ctx, const struct batch *b, uint8_t *sel)
{
	const struct quirk_filter *f = ctx;
	size_t n = b->n;

	if (f->inner.choose != NULL)
		n = f->inner.choose(f->inner.ctx, b, sel);
	else
		memset(sel, 1, n);
	if (n == 0)
		return 0;
	n = 0;
	for (size_t i = 0; i < b->n; i++) {
		if (sel[i] != 0 &&
		    !counts(quirks_of(f->source, b, i), COL32(b, F_INIF)[i], COL32(b, F_OUTIF)[i]))
			sel[i] = 0;
		n += sel[i];
	}
	return n;
}

static uint64_t
mix(uint64_t hash, uint64_t v)
{
	return (hash ^ v) * 0x9e3779b97f4a7c15 ^ hash >> 29;
}

static uint64_t
mix_quirks(uint64_t hash, const struct quirks *q)
{
	hash = mix(hash, q->scale > 1 ? q->scale : 1);
	hash = mix(hash, q->fix_times);
	hash = mix(hash, q->count);
	for (size_t i = 0; drops(q) && i < q->outside.n; i++)
		hash = mix(hash, q->outside.number[i]);
	return hash;
}

uint64_t
quirk_hash(const struct source *src)
{
	uint64_t hash;

	if (!quirk_any(src))
		return 0;
	hash = mix_quirks(1, &src->quirks);
	for (size_t i = 0; i < src->nexporters; i++) {
		uint64_t half[2];

		memcpy(half, src->exporters[i].addr.b, sizeof(half));
		hash = mix_quirks(mix(mix(hash, half[0]), half[1]), &src->exporters[i].quirks);
	}
	return hash;
}

const char *
quirk_note(const struct source *src)
{
	return has(src, masks) ? "Your role sees networks instead of addresses, which nfdump would show." :
	    quirk_drops(src) ? "A source's setting \"count\" leaves flows out that nfdump would count." :
	    has(src, scales) ? "A source's setting \"scale\" multiplies packets and bytes, which nfdump would not." :
	    has(src, fixes_times) ? "A source's setting \"fix_times\" changes times, which nfdump would show as they are." : NULL;
}
