#include "format/colcode.h"

#include <stdlib.h>
#include <string.h>

#include "format/load.h"

/* gcc leaves loops of unknown length as they are below -O3. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

#define SLOTS		(4 * DICT_MAX)	/* of the table that counts different values */

/* Packed numbers go on from byte to byte from the lowest bit on, whatever the machine. */
static inline uint64_t
little(uint64_t v)
{
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

static inline uint64_t
get_bits(const uint8_t *p)
{
	return little(load64(p));
}

static inline uint64_t
zigzag(uint64_t difference)
{
	return difference << 1 ^ (uint64_t)((int64_t)difference >> 63);
}

static inline uint64_t
unzigzag(uint64_t v)
{
	return v >> 1 ^ -(v & 1);
}

static inline uint64_t
mask_of(unsigned bits)
{
	return bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

void
col_cut(struct col_cuts *cuts, size_t n)
{
	cuts->n = (n + STRIPE - 1) / STRIPE;
	cuts->at[0] = 0;
	for (size_t s = 0; s < cuts->n; s++)
		cuts->at[s + 1] = (s + 1) * STRIPE < n ? (s + 1) * STRIPE : n;
}

uint8_t *
col_bytes_add(struct col_bytes *b, size_t n)
{
	if (b->room - b->n < n) {
		b->room = 2 * b->room + n + 4096;
		b->p = xrealloc(b->p, b->room, 1);
	}
	b->n += n;
	return b->p + b->n - n;
}

/* Four sums side by side, so that they keep up with memory. */
uint64_t
col_hash(const void *data, size_t n)
{
	static const uint64_t prime = 0x9e3779b97f4a7c15;
	uint64_t sum[4] = { n, 1, 2, 3 }, last[4] = { 0 };
	const uint8_t *p = data;

	for (; n >= 32; n -= 32, p += 32)
		for (int i = 0; i < 4; i++) {
			uint64_t v = (sum[i] ^ load64(p + 8 * i)) * prime;

			sum[i] = v ^ v >> 29;
		}
	if (n > 0)
		memcpy(last, p, n);
	for (int i = 0; i < 4; i++) {
		sum[i] = (sum[i] ^ last[i]) * prime;
		sum[0] = (sum[0] ^ sum[i] >> 31) * prime;
	}
	return sum[0] ^ sum[0] >> 32;
}

bool
col_intact(const void *data, size_t n, uint64_t hash)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	(void)data, (void)n, (void)hash;
	return true;
#else
	return col_hash(data, n) == hash;
#endif
}

enum field
col_reference(enum field f)
{
	return f == F_LAST ? F_RECEIVED : f == F_FIRST ? F_LAST : F_COUNT;
}

enum field
col_scale(enum field f)
{
	return f == F_BYTES ? F_PACKETS : f == F_OUTBYTES ? F_OUTPACKETS : F_COUNT;
}

/* ---- numbers of few bits ---- */

void
col_pack(uint8_t *to, const uint64_t *values, size_t n, unsigned bits)
{
	uint64_t word = 0;
	unsigned filled = 0;

	for (size_t i = 0; i < n; i++) {
		word |= values[i] << filled;
		filled += bits;
		if (filled >= 64) {
			memcpy(to, &(uint64_t){ little(word) }, 8);
			to += 8;
			filled -= 64;
			word = filled > 0 ? values[i] >> (bits - filled) : 0;
		}
	}
	memcpy(to, &(uint64_t){ little(word) }, (filled + 7) / 8);
	memset(to + (filled + 7) / 8, 0, SLACK);
}

void
col_unpack(const uint8_t *packed, size_t first, size_t n, unsigned bits, uint64_t base, uint64_t *out)
{
	const uint8_t *p = packed + first * bits / 8;
	uint64_t mask = mask_of(bits);
	size_t at = first * bits % 8;

	if (bits == 64) {
		for (size_t i = 0; i < n; i++)
			out[i] = get_bits(p + 8 * i) + base;
		return;
	}
	for (size_t i = 0; i < n; i++, at += bits)
		out[i] = (get_bits(p + (at >> 3)) >> (at & 7) & mask) + base;
}

/* ---- writing ---- */

/* A way to keep a column, and what it takes. */
struct plan {
	enum col_how how;
	uint64_t base;
	unsigned bits, high;
	size_t exceptions, size;
};

/* The best number of bits when values less base have these lengths. */
static void
plan_bits(struct plan *p, const uint32_t lengths[65], size_t n)
{
	unsigned longest = 64;
	size_t beyond = 0;

	while (longest > 0 && lengths[longest] == 0)
		longest--;
	p->size = SIZE_MAX;
	for (unsigned bits = longest; bits <= longest; bits--) {
		unsigned high = (longest - bits + 7) / 8;
		unsigned packed = bits > 56 ? 64 : bits;
		size_t exceptions = packed == 64 ? 0 : beyond;
		size_t size = PACKED_HEAD + col_packed_size(n, packed) + exceptions * (2 + high);

		if (size < p->size) {
			p->size = size;
			p->bits = packed;
			p->high = exceptions == 0 ? 0 : high;
			p->exceptions = exceptions;
		}
		beyond += lengths[bits];
	}
}

static struct plan
plan_packed(enum col_how how, const uint64_t *v, size_t n, const struct col_cuts *cuts)
{
	struct plan p = { .how = how, .base = UINT64_MAX };
	uint32_t lengths[65] = { 0 };

	for (size_t i = 0; i < n; i++)
		p.base = v[i] < p.base ? v[i] : p.base;
	for (size_t i = 0; i < n; i++)
		lengths[col_bits(v[i] - p.base)]++;
	plan_bits(&p, lengths, n);
	if (how == COL_DELTA)
		p.size += cuts->n * 8;
	return p;
}

/* Different values, each with a number. */
struct dict {
	size_t n;
	uint64_t value[DICT_MAX];
	uint64_t key[SLOTS];
	uint16_t number[SLOTS];		/* 0: free; else one more than the value's place */
};

static size_t
dict_slot(const struct dict *d, uint64_t v)
{
	size_t at = (v * 0x9e3779b97f4a7c15) >> 50;

	while (d->number[at] != 0 && d->key[at] != v)
		at = (at + 1) % SLOTS;
	return at;
}

_Static_assert(SLOTS == 1 << 14, "dict_slot takes 14 bits of a hash");

static int
compare_values(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* False when there are too many to pay. */
static bool
dict_make(struct dict *d, const uint64_t *v, size_t n)
{
	size_t most = n / 4 < DICT_MAX ? n / 4 : DICT_MAX;

	d->n = 0;
	memset(d->number, 0, sizeof(d->number));
	for (size_t i = 0; i < n; i++) {
		size_t at = i > 0 && v[i] == v[i - 1] ? SLOTS : dict_slot(d, v[i]);

		if (at == SLOTS || d->number[at] != 0)
			continue;
		if (d->n == most)
			return false;
		d->key[at] = d->value[d->n++] = v[i];
		d->number[at] = 1;
	}
	qsort(d->value, d->n, sizeof(d->value[0]), compare_values);
	for (size_t i = 0; i < d->n; i++)
		d->number[dict_slot(d, d->value[i])] = i + 1;
	return true;
}

static size_t
dict_size(const struct dict *d, size_t n)
{
	unsigned width = (col_bits(d->value[d->n - 1]) + 7) / 8;

	return 8 + d->n * width + col_packed_size(n, col_bits(d->n - 1));
}

static void
write_dict(struct col_entry *x, const struct dict *d, const uint64_t *v, size_t n, struct col_bytes *out)
{
	uint32_t head[2] = { d->n, (col_bits(d->value[d->n - 1]) + 7) / 8 };
	uint64_t *number = xmalloc(n * sizeof(*number));
	uint8_t *p;

	x->code = COL_DICT;
	x->how = COL_PLAIN;
	x->bits = col_bits(d->n - 1);
	memcpy(col_bytes_add(out, 8), head, 8);
	p = col_bytes_add(out, d->n * head[1]);
	for (size_t i = 0; i < d->n; i++, p += head[1])
		for (unsigned k = 0; k < head[1]; k++)
			p[k] = d->value[i] >> 8 * k;
	for (size_t i = 0; i < n; i++)
		number[i] = d->number[dict_slot(d, v[i])] - 1;
	col_pack(col_bytes_add(out, col_packed_size(n, x->bits)), number, n, x->bits);
	free(number);
}

static void
write_packed(struct col_entry *x, const struct plan *plan, const uint64_t *values, const uint64_t *v,
    const struct col_cuts *cuts, struct col_bytes *out)
{
	size_t n = cuts->at[cuts->n];
	uint64_t *low = xmalloc(n * sizeof(*low)), mask = mask_of(plan->bits);
	uint32_t head[2] = { plan->exceptions, plan->high };
	uint8_t *position, *part;

	x->code = COL_PACKED;
	x->how = plan->how;
	x->bits = plan->bits;
	memcpy(col_bytes_add(out, 8), &plan->base, 8);
	memcpy(col_bytes_add(out, 8), head, 8);
	for (size_t s = 0; plan->how == COL_DELTA && s < cuts->n; s++)
		memcpy(col_bytes_add(out, 8), &values[cuts->at[s] > 0 ? cuts->at[s] - 1 : 0], 8);
	for (size_t i = 0; i < n; i++)
		low[i] = (v[i] - plan->base) & mask;
	col_pack(col_bytes_add(out, col_packed_size(n, plan->bits)), low, n, plan->bits);
	position = col_bytes_add(out, plan->exceptions * (2 + plan->high));
	part = position + plan->exceptions * 2;
	for (size_t i = 0; plan->exceptions > 0 && i < n; i++) {
		uint64_t high = v[i] - plan->base;

		if (high <= mask)
			continue;
		high >>= plan->bits;
		memcpy(position, &(uint16_t){ i }, 2);
		position += 2;
		for (unsigned k = 0; k < plan->high; k++)
			*part++ = high >> 8 * k;
	}
	free(low);
}

/* Values as differences: to the one before (the first is its own), or to a reference. */
static uint64_t *
differences(enum col_how how, const uint64_t *values, const uint64_t *reference, size_t n)
{
	uint64_t *v = xmalloc(n * sizeof(*v));

	if (how == COL_DELTA)
		for (size_t i = n; i-- > 0;)
			v[i] = i > 0 ? zigzag(values[i] - values[i - 1]) : 0;
	else
		for (size_t i = 0; i < n; i++)
			v[i] = zigzag(values[i] - reference[i]);
	return v;
}

/* Bits by the length of another column's value, and what it takes. */
struct scaled {
	uint8_t widths[64];
	size_t exceptions, width, size;	/* width: bytes of an exception */
};

static unsigned
scale_class(uint64_t scale)
{
	return scale == 0 ? 0 : col_bits(scale) - 1;
}

/* For each class the bits that make it shortest, when an exception takes so many bytes. */
static void
plan_scaled(struct scaled *p, const uint64_t *v, const uint64_t *scale, size_t n, uint64_t most, size_t stripes)
{
	static const size_t position = 2;
	uint32_t (*lengths)[65] = xcalloc(64, sizeof(*lengths));
	size_t bits = 0;

	p->width = (col_bits(most) + 7) / 8;
	p->exceptions = 0;
	for (size_t i = 0; i < n; i++)
		lengths[scale_class(scale[i])][col_bits(v[i])]++;
	for (unsigned c = 0; c < 64; c++) {
		size_t all = 0, within = 0, best = SIZE_MAX, left = 0;

		for (unsigned k = 0; k <= 64; k++)
			all += lengths[c][k];
		for (unsigned k = 0; k <= SCALED_BITS; k++) {
			size_t size;

			within += lengths[c][k];
			size = all * k + (all - within) * 8 * (position + p->width);
			if (size < best) {
				best = size;
				left = all - within;
				p->widths[c] = k;
			}
		}
		bits += all * p->widths[c];
		p->exceptions += left;
	}
	p->size = SCALED_HEAD + 4 * stripes + bits / 8 + 1 + SLACK + p->exceptions * (position + p->width);
	free(lengths);
}

static void
put_bits(uint8_t *to, size_t at, uint64_t v)
{
	uint64_t word = little(get_bits(to + at / 8) | v << at % 8);

	memcpy(to + at / 8, &word, 8);
}

static void
write_scaled(struct col_entry *x, const struct scaled *plan, const uint64_t *v, const uint64_t *scale,
    const struct col_cuts *cuts, struct col_bytes *out)
{
	size_t n = cuts->at[cuts->n], at = 0, start = out->n, packed, size;
	uint32_t head[2] = { plan->exceptions, plan->width };
	uint8_t *p, *position, *part;

	x->code = COL_SCALED;
	x->how = COL_PLAIN;
	x->bits = 0;
	memcpy(col_bytes_add(out, 8), head, 8);
	col_bytes_add(out, 4 * cuts->n);
	p = col_bytes_add(out, 64 + 8);
	memcpy(p, plan->widths, 64);
	memset(p + 64, 0, 8);
	for (size_t i = 0; i < n; i++)
		at += plan->widths[scale_class(scale[i])];
	size = at / 8 + 1 + SLACK;
	p = col_bytes_add(out, size + plan->exceptions * (2 + plan->width));
	packed = (size_t)(p - out->p);
	memset(p, 0, size);
	position = p + size;
	part = position + 2 * plan->exceptions;
	at = 0;
	for (size_t s = 0; s < cuts->n; s++) {
		memcpy(out->p + start + 8 + 4 * s, &(uint32_t){ at }, 4);
		for (size_t i = cuts->at[s]; i < cuts->at[s + 1]; i++) {
			unsigned bits = plan->widths[scale_class(scale[i])];

			put_bits(out->p + packed, at, v[i] & mask_of(bits));
			at += bits;
			if (v[i] <= mask_of(bits))
				continue;
			memcpy(position, &(uint16_t){ i }, 2);
			position += 2;
			for (unsigned k = 0; k < plan->width; k++)
				*part++ = v[i] >> 8 * k;
		}
	}
}

/* The shortest of the ways that pack. */
static struct plan
plan_best(const uint64_t *values, uint64_t *v[COL_HOWS], const uint64_t *reference, bool times,
    const struct col_cuts *cuts)
{
	size_t n = cuts->at[cuts->n];
	struct plan best = plan_packed(COL_PLAIN, values, n, cuts);

	for (enum col_how how = COL_DELTA; times && how < COL_HOWS; how++) {
		struct plan p;

		if (how == COL_DIFFERENCE && reference == NULL)
			continue;
		v[how] = differences(how, values, reference, n);
		p = plan_packed(how, v[how], n, cuts);
		if (p.size < best.size)
			best = p;
	}
	return best;
}

void
col_range(const uint64_t *values, size_t n, uint64_t *least, uint64_t *most)
{
	*least = UINT64_MAX;
	*most = 0;
	for (size_t i = 0; i < n; i++) {
		*least = values[i] < *least ? values[i] : *least;
		*most = values[i] > *most ? values[i] : *most;
	}
}

void
col_encode(struct col_entry *x, const uint64_t *values, const uint64_t *reference, const uint64_t *scale,
    bool times, bool constant, const struct col_cuts *cuts, struct col_bytes *out)
{
	size_t n = cuts->at[cuts->n], start = out->n;
	uint64_t *v[COL_HOWS] = { NULL };
	struct scaled scaled = { .size = SIZE_MAX };
	struct plan best;
	struct dict *d;

	col_range(values, n, &x->least, &x->most);
	x->size = x->code = x->bits = x->how = 0;
	if (x->least == x->most && constant)
		return;
	best = plan_best(values, v, reference, times, cuts);
	if (scale != NULL)
		plan_scaled(&scaled, values, scale, n, x->most, cuts->n);
	d = xmalloc(sizeof(*d));
	if (dict_make(d, values, n) && dict_size(d, n) < best.size && dict_size(d, n) < scaled.size)
		write_dict(x, d, values, n, out);
	else if (scaled.size < best.size)
		write_scaled(x, &scaled, values, scale, cuts, out);
	else
		write_packed(x, &best, values, v[best.how] != NULL ? v[best.how] : values, cuts, out);
	x->size = out->n - start;
	for (enum col_how how = 0; how < COL_HOWS; how++)
		free(v[how]);
	free(d);
}

/* ---- reading ---- */

/* Takes n bytes from *p, or fails. */
static const uint8_t *
take(const uint8_t **p, size_t *left, size_t n)
{
	const uint8_t *at = *p;

	if (n > *left)
		return NULL;
	*p += n;
	*left -= n;
	return at;
}

static int
open_packed(struct col_chunk *c, const uint8_t *p, size_t left)
{
	const uint8_t *head = take(&p, &left, PACKED_HEAD);

	if (head == NULL)
		return -1;
	c->base = load64(head);
	c->exceptions = load32(head + 8);
	c->high = load32(head + 12);
	if (c->exceptions > c->n || c->high > 8)
		return -1;
	if (c->entry.how == COL_DELTA && (c->before = take(&p, &left, c->cuts->n * 8)) == NULL)
		return -1;
	if ((c->packed = take(&p, &left, col_packed_size(c->n, c->entry.bits))) == NULL ||
	    (c->position = take(&p, &left, c->exceptions * 2)) == NULL ||
	    (c->part = take(&p, &left, c->exceptions * c->high)) == NULL || left != 0)
		return -1;
	return 0;
}

static int
open_dict(struct col_chunk *c, const uint8_t *p, size_t left)
{
	const uint8_t *head = take(&p, &left, 8), *value;
	size_t width;

	if (head == NULL)
		return -1;
	c->nvalues = load32(head);
	width = load32(head + 4);
	if (c->nvalues == 0 || c->nvalues > DICT_MAX || width > 8 || c->entry.how != COL_PLAIN ||
	    (value = take(&p, &left, c->nvalues * width)) == NULL ||
	    (c->packed = take(&p, &left, col_packed_size(c->n, c->entry.bits))) == NULL || left != 0)
		return -1;
	for (size_t i = 0; i < c->nvalues; i++, value += width) {
		c->values[i] = 0;
		memcpy(&c->values[i], value, width);
		c->values[i] = little(c->values[i]);
	}
	return 0;
}

static int
open_scaled(struct col_chunk *c, const uint8_t *p, size_t left)
{
	const uint8_t *head = take(&p, &left, 8);
	size_t behind;

	if (head == NULL)
		return -1;
	c->exceptions = load32(head);
	c->high = load32(head + 4);
	if (c->exceptions > c->n || c->high > 8 || c->entry.how != COL_PLAIN ||
	    (c->begins = take(&p, &left, 4 * c->cuts->n)) == NULL ||
	    (c->widths = take(&p, &left, 64 + 8)) == NULL)
		return -1;
	behind = c->exceptions * (2 + c->high) + SLACK;
	if (left < behind)
		return -1;
	for (unsigned i = 0; i < 64; i++)
		if (c->widths[i] > SCALED_BITS)
			return -1;
	c->packed = p;
	c->packed_bits = (left - behind) * 8;
	c->position = p + (left - behind) + SLACK;
	c->part = c->position + 2 * c->exceptions;
	return 0;
}

int
col_open(struct col_chunk *c, const struct col_entry *x, const uint8_t *p, size_t size, const struct col_cuts *cuts)
{
	c->entry = *x;
	c->cuts = cuts;
	c->n = cuts->at[cuts->n];
	c->exceptions = 0;
	if (c->n == 0 || c->n > BLOCK_FLOWS || (x->bits > 56 && x->bits != 64) || x->how >= COL_HOWS)
		return -1;
	switch (x->code) {
	case COL_CONST:
		return size == 0 ? 0 : -1;
	case COL_PACKED:
		return open_packed(c, p, size);
	case COL_DICT:
		return open_dict(c, p, size);
	case COL_SCALED:
		return open_scaled(c, p, size);
	default:
		return -1;
	}
}

static uint16_t
position_of(const struct col_chunk *c, size_t i)
{
	uint16_t at;

	memcpy(&at, c->position + 2 * i, sizeof(at));
	return at;
}

/* The first exception from there on.  They stand in order. */
static size_t
exception_from(const struct col_chunk *c, size_t first)
{
	size_t i = 0, count = c->exceptions;

	while (count > 0) {
		size_t half = count / 2;

		if (position_of(c, i + half) < first) {
			i += half + 1;
			count -= half + 1;
		} else
			count = half;
	}
	return i;
}

/* Puts the exceptions into n values from first on: in the value's place, or as high parts on the bits there are. */
static void
add_exceptions(const struct col_chunk *c, size_t first, size_t n, bool instead, unsigned bits, uint64_t *out)
{
	for (size_t i = exception_from(c, first); i < c->exceptions; i++) {
		size_t at = position_of(c, i) - first;
		uint64_t high = 0;

		if (at >= n)
			break;
		for (size_t k = 0; k < c->high; k++)
			high |= (uint64_t)c->part[i * c->high + k] << 8 * k;
		out[at] = (instead ? 0 : out[at]) + (bits < 64 ? high << bits : 0);
	}
}

static int
decode_dict(const struct col_chunk *c, size_t first, size_t n, uint64_t *out)
{
	uint64_t worst = 0;

	col_unpack(c->packed, first, n, c->entry.bits, 0, out);
	for (size_t i = 0; i < n; i++)
		worst |= out[i] >= c->nvalues;
	if (worst != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		out[i] = c->values[out[i]];
	return 0;
}

static int
decode_scaled(const struct col_chunk *c, size_t stripe, size_t n, const uint64_t *scale, uint64_t *out)
{
	size_t at = load32(c->begins + 4 * stripe), end = at;
	uint64_t mask[64];

	if (scale == NULL)
		return -1;
	for (unsigned i = 0; i < 64; i++)
		mask[i] = mask_of(c->widths[i]);
	for (size_t i = 0; i < n; i++)
		end += c->widths[scale_class(scale[i])];
	if (end > c->packed_bits)
		return -1;
	for (size_t i = 0; i < n; i++) {
		unsigned class = scale_class(scale[i]);

		out[i] = get_bits(c->packed + (at >> 3)) >> (at & 7) & mask[class];
		at += c->widths[class];
	}
	add_exceptions(c, c->cuts->at[stripe], n, true, 0, out);
	return 0;
}

static int
decode_packed(const struct col_chunk *c, size_t stripe, size_t n, const uint64_t *reference, uint64_t *out)
{
	size_t first = c->cuts->at[stripe];
	uint64_t before;

	if (c->entry.how == COL_DIFFERENCE && reference == NULL)
		return -1;
	col_unpack(c->packed, first, n, c->entry.bits, c->base, out);
	if (c->exceptions > 0)
		add_exceptions(c, first, n, false, c->entry.bits, out);
	if (c->entry.how == COL_DELTA) {
		before = load64(c->before + stripe * 8);
		for (size_t i = 0; i < n; i++)
			out[i] = before += unzigzag(out[i]);
	} else if (c->entry.how == COL_DIFFERENCE)
		for (size_t i = 0; i < n; i++)
			out[i] = reference[i] + unzigzag(out[i]);
	return 0;
}

int
col_decode(const struct col_chunk *c, size_t stripe, const uint64_t *reference, const uint64_t *scale, uint64_t *out)
{
	size_t first = c->cuts->at[stripe], n = c->cuts->at[stripe + 1] - first;

	switch (c->entry.code) {
	case COL_CONST:
		for (size_t i = 0; i < n; i++)
			out[i] = c->entry.least;
		return 0;
	case COL_DICT:
		return decode_dict(c, first, n, out);
	case COL_SCALED:
		return decode_scaled(c, stripe, n, scale, out);
	default:
		return decode_packed(c, stripe, n, reference, out);
	}
}

/* ---- a single value ---- */

int
col_decode_one(const struct col_chunk *c, size_t stripe, size_t i, uint64_t reference, uint64_t *out)
{
	size_t at = c->cuts->at[stripe] + i;

	if (at >= c->cuts->at[stripe + 1])
		return -1;
	*out = c->entry.least;
	if (c->entry.code == COL_CONST)
		return 0;
	if (c->entry.code == COL_DICT)
		return decode_dict(c, at, 1, out);
	col_unpack(c->packed, at, 1, c->entry.bits, c->base, out);
	if (c->exceptions > 0)
		add_exceptions(c, at, 1, false, c->entry.bits, out);
	if (c->entry.how == COL_DIFFERENCE)
		*out = reference + unzigzag(*out);
	return 0;
}

/* ---- looking for a value ---- */

/*
 * Is one of n packed numbers that one?  As many as a word holds are compared at once: where one is
 * the same, their difference has a field of zeros, and such a field shows in its high bit when 1 is
 * taken from each.
 */
static bool
packed_has(const uint8_t *packed, size_t first, size_t n, unsigned bits, uint64_t value)
{
	size_t at = first * bits, each;
	uint64_t ones = 0, found = 0, mask = mask_of(bits), all, same;

	if (bits == 0 || bits > 56 || n == 0)
		return n > 0 && (bits > 56 || value == 0);
	each = 57 / bits;
	for (size_t i = 0; i < each; i++)
		ones |= (uint64_t)1 << i * bits;
	all = mask_of((unsigned)(each * bits));
	same = ones * value;
	for (; n >= each; n -= each, at += each * bits) {
		uint64_t differ = (get_bits(packed + (at >> 3)) >> (at & 7) & all) ^ same;

		found |= (differ - ones) & ~differ & ones << (bits - 1);
	}
	for (; n > 0; n--, at += bits)
		found |= (get_bits(packed + (at >> 3)) >> (at & 7) & mask) == value;
	return found != 0;
}

bool
col_may_have(const struct col_chunk *c, size_t stripe, uint64_t value)
{
	size_t first = c->cuts->at[stripe], n = c->cuts->at[stripe + 1] - first;

	if (c->entry.code == COL_CONST)
		return value == c->entry.least;
	if (c->entry.code == COL_DICT) {
		for (size_t i = 0; i < c->nvalues; i++)
			if (c->values[i] == value && packed_has(c->packed, first, n, c->entry.bits, i))
				return true;
		return false;
	}
	/* An exception has its low bits in its place. */
	return c->entry.code != COL_PACKED || c->entry.how != COL_PLAIN ||
	    packed_has(c->packed, first, n, c->entry.bits, (value - c->base) & mask_of(c->entry.bits));
}
