/*
 * What a filter does to columns: each function here is one loop, without
 * branches where it matters, so that the compiler makes vectors of it.
 */
#include <stdlib.h>
#include <string.h>

#include "query/filter_private.h"

/* gcc leaves loops of unknown length as they are below -O3. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

/* Every comparison of numbers is a range, so one loop per width does for all of them. */
#define RANGE(width, type) \
	static void \
	run_range##width(const struct leaf *l, const struct batch *b, uint8_t *restrict out) \
	{ \
		const type *restrict col = b->col[l->field]; \
		type low = (type)l->low, span = (type)l->span; \
\
		for (size_t i = 0, n = b->n; i < n; i++) \
			out[i] = (type)(col[i] - low) <= span; \
	} \
	static void \
	run_bits##width(const struct leaf *l, const struct batch *b, uint8_t *restrict out) \
	{ \
		const type *restrict col = b->col[l->field]; \
		type low = (type)l->low, span = (type)l->span, mask = (type)l->mask; \
		unsigned shift = l->shift; \
\
		for (size_t i = 0, n = b->n; i < n; i++) \
			out[i] = (type)(((col[i] >> shift) & mask) - low) <= span; \
	}

RANGE(8, uint8_t)
RANGE(16, uint16_t)
RANGE(32, uint32_t)
RANGE(64, uint64_t)

static leaf_run *
range_run(size_t width, bool bits)
{
	switch (width) {
	case 1:
		return bits ? run_bits8 : run_range8;
	case 2:
		return bits ? run_bits16 : run_range16;
	case 4:
		return bits ? run_bits32 : run_range32;
	default:
		return bits ? run_bits64 : run_range64;
	}
}

static void
run_none(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	(void)l;
	memset(out, 0, b->n);
}

static void
run_all(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	(void)l;
	memset(out, 1, b->n);
}

static void
run_addr(const struct leaf *l, const struct batch *b, uint8_t *restrict out)
{
	const struct addr *restrict col = COLADDR(b, l->field);
	const uint64_t mask0 = l->addr.mask[0], mask1 = l->addr.mask[1];
	const uint64_t value0 = l->addr.value[0], value1 = l->addr.value[1];

	for (size_t i = 0, n = b->n; i < n; i++) {
		uint64_t half[2];

		memcpy(half, &col[i], sizeof(half));
		out[i] = (((half[0] & mask0) ^ value0) | ((half[1] & mask1) ^ value1)) == 0;
	}
}

/* An address as two numbers in host order, so that ranges can be compared. */
struct wide { uint64_t high, low; };
struct span { struct wide first, last; };

static uint64_t
load_be64(const uint8_t *p)
{
	uint64_t n;

	memcpy(&n, p, sizeof(n));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	n = __builtin_bswap64(n);
#endif
	return n;
}

static struct wide
wide_of(const struct addr *a)
{
	return (struct wide){ load_be64(a->b), load_be64(a->b + 8) };
}

static bool
wide_less(struct wide a, struct wide b)
{
	return a.high != b.high ? a.high < b.high : a.low < b.low;
}

/*
 * A list of addresses and networks.  Networks are sorted spans that do not
 * touch.  Single addresses, often thousands, are sorted, too; most flows are
 * told to be none of them by a bitmap of hashes that stays in cache.
 */
struct addr_set {
	struct span *spans;
	struct wide *single;
	size_t spans_n, single_n;
	uint8_t *hashes;
	unsigned shift;			/* of a hash, down to the bitmap's size */
};

static uint64_t
wide_hash(struct wide w, unsigned shift)
{
	return ((w.high ^ w.low * 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93) >> shift;
}

/* The last span that begins at or before the address holds it, or none does. */
static bool
in_spans(const struct addr_set *set, struct wide w)
{
	const struct span *s = set->spans;

	for (size_t n = set->spans_n; n > 1; n -= n / 2)
		s += wide_less(w, s[n / 2].first) ? 0 : n / 2;
	return set->spans_n != 0 && !wide_less(w, s->first) && !wide_less(s->last, w);
}

static bool
in_single(const struct addr_set *set, struct wide w)
{
	uint64_t hash = wide_hash(w, set->shift);
	const struct wide *s = set->single;

	if ((set->hashes[hash >> 3] >> (hash & 7) & 1) == 0)
		return false;
	for (size_t n = set->single_n; n > 1; n -= n / 2)
		s += wide_less(w, s[n / 2]) ? 0 : n / 2;
	return s->high == w.high && s->low == w.low;
}

static void
run_set(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	const struct addr *col = COLADDR(b, l->field);
	const struct addr_set *set = l->set;

	for (size_t i = 0; i < b->n; i++) {
		struct wide w = wide_of(&col[i]);

		out[i] = (set->single_n != 0 && in_single(set, w)) || in_spans(set, w);
	}
}

static void
run_bitmap(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	const uint16_t *col = COL16(b, l->field);
	const uint8_t *bitmap = l->set;

	for (size_t i = 0; i < b->n; i++)
		out[i] = bitmap[col[i] >> 3] >> (col[i] & 7) & 1;
}

static void
run_numbers(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	const uint64_t *set = l->set;

	for (size_t i = 0; i < b->n; i++) {
		uint64_t v = batch_number(b, l->field, i);
		size_t at = 0;

		for (size_t n = l->n; n > 1; n -= n / 2)
			at += set[at + n / 2] <= v ? n / 2 : 0;
		out[i] = set[at] == v;
	}
}

static void
run_text(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	const struct slice *col = COLSLICE(b, l->field);

	for (size_t i = 0; i < b->n; i++)
		out[i] = col[i].len == l->n && memcmp(col[i].p, l->text, l->n) == 0;
}

static bool
contains(const struct slice *s, const char *text, size_t len)
{
	const uint8_t *p = s->p, *end = s->p + s->len;

	while ((size_t)(end - p) >= len && (p = memchr(p, text[0], end - p - len + 1)) != NULL) {
		if (memcmp(p, text, len) == 0)
			return true;
		p++;
	}
	return false;
}

static void
run_content(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	const struct slice *col = COLSLICE(b, l->field);

	for (size_t i = 0; i < b->n; i++)
		out[i] = col[i].len != 0 && contains(&col[i], l->text, l->n);
}

static void
run_regex(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	const struct slice *col = COLSLICE(b, l->field);

	for (size_t i = 0; i < b->n; i++)
		out[i] = col[i].len != 0 && regex_search(l->regex, col[i].p, col[i].len);
}

static void
run_ident(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	memset(out, b->ident != NULL && strcmp(b->ident, l->text) == 0, b->n);
}

static void
run_count(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	for (size_t i = 0; i < b->n; i++)
		out[i] = b->first_number + i - l->low <= l->span;
}

static void
run_pblock(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	const uint16_t *col = COL16(b, l->field), *first = COL16(b, l->second), *last = COL16(b, l->third);

	for (size_t i = 0; i < b->n; i++)
		out[i] = (col[i] >= first[i]) & (col[i] <= last[i]);
}

static void
run_equal8(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	const uint8_t *one = COL8(b, l->field), *other = COL8(b, l->second);

	for (size_t i = 0; i < b->n; i++)
		out[i] = one[i] == other[i];
}

/* The first label with the bottom-of-stack bit. */
static void
run_mpls_eos(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	memset(out, 0, b->n);
	for (size_t i = 0; i < b->n; i++) {
		for (int f = F_MPLS1; f <= F_MPLS10; f++) {
			uint32_t v = COL32(b, f)[i];

			if ((v & 1) != 0) {
				out[i] = (v >> 4) - l->low <= l->span;
				break;
			}
		}
	}
}

/* Any label down to the bottom; the rest of the ten is padding. */
static void
run_mpls_any(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	memset(out, 0, b->n);
	for (size_t i = 0; i < b->n; i++) {
		for (int f = F_MPLS1; f <= F_MPLS10; f++) {
			uint32_t v = COL32(b, f)[i];

			if (v != 0 && (v >> 4) - l->low <= l->span)
				out[i] = 1;
			if ((v & 1) != 0)
				break;
		}
	}
}

/* ---- making leaves ---- */

bool
filter_range(enum filter_compare compare, uint64_t n, uint64_t *low, uint64_t *high)
{
	*low = 0;
	*high = UINT64_MAX;
	switch (compare) {
	case CMP_EQ:
		*low = *high = n;
		break;
	case CMP_GT:
		*low = n + 1;
		return n != UINT64_MAX;
	case CMP_LT:
		*high = n - 1;
		return n != 0;
	case CMP_GE:
		*low = n;
		break;
	case CMP_LE:
		*high = n;
		break;
	}
	return true;
}

/*
 * Sets the leaf to match values from low to high of a column that holds no
 * more than max.
 */
static void
leaf_range(struct leaf *l, uint64_t low, uint64_t high, uint64_t max, leaf_run *run)
{
	if (high > max)
		high = max;
	l->low = low;
	l->span = high - low;
	l->run = low > high ? run_none : run;
}

static uint64_t
width_max(size_t width)
{
	return width >= 8 ? UINT64_MAX : ((uint64_t)1 << 8 * width) - 1;
}

static int
compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
leaf_numbers(struct leaf *l, const struct filter_test *t, size_t width, struct arena *a)
{
	if (width == 2) {
		uint8_t *bitmap = arena_alloc(a, 65536 / 8);

		for (size_t i = 0; i < t->n; i++)
			bitmap[(t->values[i].number & 0xffff) >> 3] |= 1u << (t->values[i].number & 7);
		l->set = bitmap;
		l->run = run_bitmap;
	} else {
		uint64_t *set = arena_array(a, t->n, sizeof(*set));

		for (size_t i = 0; i < t->n; i++)
			set[i] = t->values[i].number;
		qsort(set, t->n, sizeof(*set), compare_numbers);
		l->set = set;
		l->n = t->n;
		l->run = run_numbers;
	}
}

static void
leaf_number(struct leaf *l, const struct filter_test *t, struct arena *a)
{
	const struct filter_word *w = t->word;
	size_t width = fields[l->field].width;
	uint64_t low, high, max = w->mask != 0 ? w->mask : width_max(width);

	l->shift = w->shift;
	l->mask = max;
	if (t->list)
		leaf_numbers(l, t, width, a);
	else if (filter_range(t->compare, t->values->number, &low, &high))
		leaf_range(l, low, high, max, range_run(width, w->mask != 0));
	else
		l->run = run_none;
}

static void
leaf_flags(struct leaf *l, const struct filter_test *t, struct arena *a)
{
	if (!t->letters) {
		leaf_number(l, t, a);
		return;
	}
	l->mask = l->low = t->values->number;
	l->span = 0;
	l->run = run_bits8;
}

static int
compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return wide_less(x->first, y->first) ? -1 : wide_less(y->first, x->first);
}

static struct span
span_of(const struct prefix *p)
{
	struct addr last = p->addr;

	for (unsigned bit = p->bits; bit < 128; bit++)
		last.b[bit >> 3] |= 0x80 >> (bit & 7);
	return (struct span){ wide_of(&p->addr), wide_of(&last) };
}

/* Sorts, joins what overlaps; returns how many are left. */
static size_t
join_spans(struct span *s, size_t n)
{
	size_t kept = 0;

	qsort(s, n, sizeof(*s), compare_spans);
	for (size_t i = 1; i < n; i++) {
		if (wide_less(s[kept].last, s[i].first))
			s[++kept] = s[i];
		else if (wide_less(s[kept].last, s[i].last))
			s[kept].last = s[i].last;
	}
	return kept + 1;
}

/* All of IPv4, as addresses are kept. */
static const struct span all_v4 = { { 0, 0xffff00000000 }, { 0, 0xffffffffffff } };

/* An IPv6 network so large that the place where IPv4 is kept lies in it? */
static bool
covers_v4(const struct prefix *p)
{
	struct span s = span_of(p);

	return p->bits < 96 && !wide_less(all_v4.first, s.first) && !wide_less(s.last, all_v4.last);
}

static void
set_add_network(struct addr_set *set, const struct prefix *p)
{
	struct span *s = &set->spans[set->spans_n++];

	*s = span_of(p);
	if (covers_v4(p)) {
		/* What is below and what is above IPv4: that never matches an IPv6 network. */
		s[1].first = (struct wide){ 0, all_v4.last.low + 1 };
		s[1].last = s[0].last;
		s[0].last = (struct wide){ 0, all_v4.first.low - 1 };
		set->spans_n++;
	}
}

static int
compare_wide(const void *a, const void *b)
{
	const struct wide *x = a, *y = b;

	return wide_less(*x, *y) ? -1 : wide_less(*y, *x);
}

/* Eight bits of the bitmap or more per address. */
static void
set_hash(struct addr_set *set, struct arena *a)
{
	unsigned bits = 6;

	while (bits < 30 && (size_t)1 << bits < 8 * set->single_n)
		bits++;
	set->shift = 64 - bits;
	set->hashes = arena_alloc(a, ((size_t)1 << bits) / 8);
	for (size_t i = 0; i < set->single_n; i++) {
		uint64_t hash = wide_hash(set->single[i], set->shift);

		set->hashes[hash >> 3] |= 1u << (hash & 7);
	}
}

static void
leaf_set(struct leaf *l, const struct filter_test *t, struct arena *a)
{
	struct addr_set *set = arena_alloc(a, sizeof(*set));

	set->spans = arena_array(a, 2 * t->n, sizeof(*set->spans));
	set->single = arena_array(a, t->n, sizeof(*set->single));
	for (size_t i = 0; i < t->n; i++)
		if (t->values[i].prefix.bits == 128)
			set->single[set->single_n++] = wide_of(&t->values[i].prefix.addr);
		else
			set_add_network(set, &t->values[i].prefix);
	if (set->spans_n != 0)
		set->spans_n = join_spans(set->spans, set->spans_n);
	qsort(set->single, set->single_n, sizeof(*set->single), compare_wide);
	set_hash(set, a);
	l->set = set;
	l->run = run_set;
}

static void
leaf_addr(struct leaf *l, const struct filter_test *t, struct arena *a)
{
	const struct prefix *p = &t->values->prefix;
	struct addr mask;

	if (t->list || covers_v4(p)) {
		leaf_set(l, t, a);
		return;
	}
	memset(&mask, 0xff, sizeof(mask));
	addr_mask(&mask, p->bits);
	memcpy(l->addr.mask, &mask, sizeof(mask));
	memcpy(l->addr.value, &p->addr, sizeof(p->addr));
	l->run = run_addr;
}

static void
leaf_text(struct leaf *l, const struct filter_test *t, leaf_run *run)
{
	l->text = t->values->text;
	l->n = strlen(l->text);
	l->run = run;
}

/* Counters and the protocol are 0 where a record has none; other values have to be there to match. */
static uint64_t
must_have(enum field f)
{
	return fields[f].kind == KIND_COUNTER || f == F_PROTO ? 0 : fields[f].elements;
}

struct leaf *
leaf_new(const struct filter_test *t, enum field field, struct arena *a)
{
	struct leaf *l = arena_alloc(a, sizeof(*l));
	uint64_t low, high;

	l->field = l->second = l->third = field;
	if (field != F_COUNT)
		l->present = must_have(field);
	switch (t->word->how) {
	case HOW_NUMBER:
		leaf_number(l, t, a);
		break;
	case HOW_FLAGS:
		leaf_flags(l, t, a);
		break;
	case HOW_ADDR:
		leaf_addr(l, t, a);
		break;
	case HOW_COUNTRY:
		leaf_country(l, t, a);
		break;
	case HOW_TEXT:
		leaf_text(l, t, run_text);
		break;
	case HOW_CONTENT:
		leaf_text(l, t, run_content);
		break;
	case HOW_REGEX:
		l->regex = t->regex;
		l->run = run_regex;
		break;
	case HOW_ELEMENT:
		l->present = t->word->element;
		l->run = run_all;
		break;
	case HOW_IDENT:
		leaf_text(l, t, run_ident);
		break;
	case HOW_COUNT:
	case HOW_MPLS_EOS:
	case HOW_MPLS_ANY:
		l->run = run_none;
		if (filter_range(t->compare, t->values->number, &low, &high))
			leaf_range(l, low, high, UINT64_MAX, t->word->how == HOW_COUNT ? run_count :
			    t->word->how == HOW_MPLS_EOS ? run_mpls_eos : run_mpls_any);
		break;
	case HOW_PBLOCK:
		l->second = F_PBSTART;
		l->third = F_PBEND;
		l->present = fields[F_PBSTART].elements;
		l->run = run_pblock;
		break;
	case HOW_TTL_EQUAL:
		l->second = l->third = F_MAXTTL;
		l->run = run_equal8;
		break;
	default:
		l->run = run_all;
		break;
	}
	return l;
}

struct leaf *
leaf_byte(enum field field, uint8_t value, struct arena *a)
{
	struct leaf *l = arena_alloc(a, sizeof(*l));

	l->field = l->second = l->third = field;
	l->present = must_have(field);
	leaf_range(l, value, value, 255, run_range8);
	return l;
}

void
leaf_fields(const struct leaf *l, struct fieldset *set)
{
	if (l->present != 0)
		fieldset_add(set, F_ELEMENTS);
	if (l->field == F_COUNT || l->run == run_none)
		return;
	fieldset_add(set, l->field);
	fieldset_add(set, l->second);
	fieldset_add(set, l->third);
	for (int f = F_MPLS1; (l->run == run_mpls_eos || l->run == run_mpls_any) && f <= F_MPLS10; f++)
		fieldset_add(set, f);
}

void
leaf_eval(const struct leaf *l, const struct batch *b, uint8_t *out)
{
	const uint64_t *elements = COL64(b, F_ELEMENTS);

	if (l->field != F_COUNT && (b->col[l->field] == NULL || b->col[l->second] == NULL || b->col[l->third] == NULL)) {
		memset(out, 0, b->n);
		return;
	}
	l->run(l, b, out);
	if (l->present == 0 || (b->elements_all & l->present) != 0)
		return;
	if (elements == NULL) {
		memset(out, 0, b->n);
		return;
	}
	for (size_t i = 0; i < b->n; i++)
		out[i] &= (elements[i] & l->present) != 0;
}

/* ---- ranges ---- */

#define SET_ASKED	64	/* longer lists of addresses are not looked for in a block's ranges */

static enum share
share_range(const struct leaf *l, const struct block_ranges *r)
{
	uint64_t low = l->low, high = l->low + l->span, least = r->least[l->field], most = r->most[l->field];

	if (most < low || least > high)
		return SHARE_NONE;
	return least >= low && most <= high ? SHARE_ALL : SHARE_SOME;
}

static enum share
share_numbers(const struct leaf *l, const struct block_ranges *r)
{
	const uint64_t *set = l->set;

	for (size_t i = 0; i < l->n; i++)
		if (set[i] >= r->least[l->field] && set[i] <= r->most[l->field])
			return SHARE_SOME;
	return SHARE_NONE;
}

static enum share
share_addr(const struct leaf *l, const struct block_ranges *r)
{
	uint64_t end[2] = { l->addr.value[0] | ~l->addr.mask[0], l->addr.value[1] | ~l->addr.mask[1] };
	struct addr first, last;

	memcpy(&first, l->addr.value, sizeof(first));
	memcpy(&last, end, sizeof(last));
	return r->holds(r->ctx, l->field, &first, &last) ? SHARE_SOME : SHARE_NONE;
}

static bool
holds_span(const struct leaf *l, const struct block_ranges *r, struct wide first, struct wide last)
{
	struct addr a = addr_from_v6(first.high, first.low), b = addr_from_v6(last.high, last.low);

	return r->holds(r->ctx, l->field, &a, &b);
}

static enum share
share_set(const struct leaf *l, const struct block_ranges *r)
{
	const struct addr_set *set = l->set;

	if (set->single_n + set->spans_n > SET_ASKED)
		return SHARE_SOME;
	for (size_t i = 0; i < set->single_n; i++)
		if (holds_span(l, r, set->single[i], set->single[i]))
			return SHARE_SOME;
	for (size_t i = 0; i < set->spans_n; i++)
		if (holds_span(l, r, set->spans[i].first, set->spans[i].last))
			return SHARE_SOME;
	return SHARE_NONE;
}

/* Functions that say more than that some may match. */
static const struct {
	leaf_run *run;
	enum share (*share)(const struct leaf *, const struct block_ranges *);
} shares[] = {
	{ run_range8, share_range }, { run_range16, share_range }, { run_range32, share_range },
	{ run_range64, share_range }, { run_numbers, share_numbers }, { run_addr, share_addr },
	{ run_set, share_set },
};

enum share
leaf_share(const struct leaf *l, const struct block_ranges *r)
{
	enum share share = l->run == run_all ? SHARE_ALL : SHARE_SOME;

	if (l->run == run_none || (l->present != 0 && (r->elements_any & l->present) == 0))
		return SHARE_NONE;
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		if (shares[i].run == l->run)
			share = shares[i].share(l, r);
	return share == SHARE_ALL && l->present != 0 && (r->elements_all & l->present) == 0 ? SHARE_SOME : share;
}
