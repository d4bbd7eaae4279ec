#include "format/colblock.h"

#include <stdlib.h>
#include <string.h>

#include "format/format.h"

/* gcc leaves loops of unknown length as they are below -O3. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

enum field
col_key(enum field f)
{
	switch (f) {
	case F_SRCMASK: case F_SRCAS: case F_PREVAS: case F_INIF: case F_SRCVLAN: case F_INSRCMAC: case F_ELEMENTS:
		return F_SRCIP;
	case F_DSTMASK: case F_DSTAS: case F_NEXTAS: case F_OUTIF: case F_DSTVLAN: case F_OUTDSTMAC:
	case F_NEXTHOP: case F_BGPNEXTHOP:
		return F_DSTIP;
	default:
		return F_COUNT;
	}
}

/* ---- what there is ---- */

_Static_assert(sizeof(struct col_meta) % 8 == 0 && sizeof(struct col_exporter) % 8 == 0 &&
    sizeof(struct col_block) % 8 == 0 && sizeof(struct col_entry) % 8 == 0,
    "entries in the directory are aligned");

static void
column_forget(struct column *c)
{
	c->entry = NULL;
	c->opened = c->has_mapped = false;
	c->stripe = c->leaders = 0;
}

static bool
is_sums(uint8_t field)
{
	return field >= COL_SUMS && field < COL_SUMS_END && field % 8 < SUMS;
}

_Static_assert(COL_SUMS % 8 == 0 && COL_SUMS > F_COUNT, "sums are in no field's place");

static bool
entry_fits(const struct col_entry *x)
{
	if (x->field == COL_TWINS || is_sums(x->field))
		return x->over == COL_FLOWS && x->patches == 0;
	return x->field < F_COUNT && fields[x->field].derive == NULL && fields[x->field].kind != KIND_TEXT &&
	    fields[x->field].kind != KIND_BINARY && x->over < COL_OVERS &&
	    (x->over != COL_ADDRESSES || x->key == F_SRCIP || x->key == F_DSTIP) &&
	    x->size >= (size_t)x->patches * PATCH_BYTES;
}

int
colblock_start(struct colblock *b, const uint8_t **at, const uint8_t *end, int64_t file_size)
{
	uint64_t offset;

	memset(&b->head, 0, sizeof(b->head));
	b->has_dict = false;
	b->from_stripe = 0;
	for (int f = 0; f < F_COUNT; f++)
		column_forget(&b->column[f]);
	column_forget(&b->twins);
	for (enum flow_side side = 0; side < SIDES; side++)
		for (enum sum sum = 0; sum < SUMS; sum++)
			column_forget(&b->sums[side][sum]);
	if ((size_t)(end - *at) < sizeof(b->head))
		return -1;
	memcpy(&b->head, *at, sizeof(b->head));
	*at += sizeof(b->head);
	if (b->head.flows == 0 || b->head.flows > BLOCK_FLOWS ||
	    b->head.entries > (size_t)(end - *at) / sizeof(struct col_entry))
		return -1;
	col_cut(&b->rows, b->head.flows);
	offset = b->head.offset + b->head.dict;
	for (uint32_t i = 0; i < b->head.entries; i++, *at += sizeof(struct col_entry)) {
		const struct col_entry *x = (const struct col_entry *)(const void *)*at;
		struct column *c;

		if (!entry_fits(x))
			return -1;
		c = x->field == COL_TWINS ? &b->twins : is_sums(x->field) ?
		    &b->sums[(x->field - COL_SUMS) / 8][x->field % 8] : &b->column[x->field];
		c->entry = x;
		c->offset = offset;
		offset += x->size;
	}
	return offset > (uint64_t)file_size || offset < b->head.offset ? -1 : 0;
}

static void
column_free(struct column *c)
{
	free(c->bytes);
	free(c->values);
	free(c->leader);
	free(c->mapped);
	free(c->chunk.values);
}

void
colblock_free(struct colblock *b)
{
	for (int f = 0; f < F_COUNT; f++)
		column_free(&b->column[f]);
	column_free(&b->twins);
	for (enum flow_side side = 0; side < SIDES; side++)
		for (enum sum sum = 0; sum < SUMS; sum++)
			column_free(&b->sums[side][sum]);
	free(b->twin_chunk.codes.values);
	addr_dict_free(&b->dict);
	free(b->dict_bytes);
}

/* ---- bytes ---- */

/* Reads bytes of the file that have that check.  0 or -1. */
static int
bytes_read(struct reader *r, uint64_t offset, size_t n, uint64_t check, uint8_t **bytes, size_t *room)
{
	struct err e;

	if (offset > (uint64_t)r->size || n > (uint64_t)r->size - offset)
		return -1;
	if (n > *room) {
		free(*bytes);
		*bytes = xmalloc(n);
		*room = n;
	}
	if (n > 0 && file_read_at(r->fd, *bytes, n, (int64_t)offset, &e) != (ssize_t)n)
		return -1;
	r->info.raw_bytes += n;
	return n == 0 || col_intact(*bytes, n, check) ? 0 : -1;
}

int
colblock_dict(struct reader *r, struct colblock *b)
{
	if (b->has_dict)
		return 0;
	if (b->head.dict == 0 ||
	    bytes_read(r, b->head.offset, b->head.dict, b->head.check, &b->dict_bytes, &b->dict_room) == -1 ||
	    addr_dict_open(&b->dict, b->dict_bytes, b->head.dict) == -1)
		return -1;
	b->has_dict = true;
	return 0;
}

static int
column_load(struct reader *r, struct column *c)
{
	return bytes_read(r, c->offset, c->entry->size, c->entry->check, &c->bytes, &c->room);
}

static void
room_for_values(struct col_chunk *chunk, const struct col_entry *x)
{
	if (x->code == COL_DICT && chunk->values == NULL)
		chunk->values = xmalloc(DICT_MAX * sizeof(*chunk->values));
}

/* Reads the twins.  0, or -1 when there are none, or broken ones. */
static int
twins_load(struct reader *r, struct colblock *b)
{
	const struct col_entry *x = b->twins.entry;

	if (b->twins.opened)
		return 0;
	if (x == NULL || column_load(r, &b->twins) == -1)
		return -1;
	room_for_values(&b->twin_chunk.codes, x);
	if (twins_open(&b->twin_chunk, x, b->twins.bytes, &b->rows) == -1)
		return -1;
	b->twins.opened = true;
	return 0;
}

/* Where values are cut into stripes, or NULL. */
static const struct col_cuts *
cuts_of(struct reader *r, struct colblock *b, const struct col_entry *x)
{
	if (x->over == COL_FLOWS && !is_sums(x->field))
		return &b->rows;
	if (x->over != COL_ADDRESSES && !is_sums(x->field))
		return twins_load(r, b) == 0 ? &b->twin_chunk.leaders : NULL;
	if (colblock_dict(r, b) == -1)
		return NULL;
	b->whole.n = 1;
	b->whole.at[1] = b->dict.n4 + b->dict.n6;
	return &b->whole;
}

static int
column_open(struct reader *r, struct colblock *b, struct column *c)
{
	const struct col_entry *x = c->entry;
	const struct col_cuts *cuts;

	if (c->opened)
		return 0;
	if (x == NULL || (cuts = cuts_of(r, b, x)) == NULL || column_load(r, c) == -1)
		return -1;
	room_for_values(&c->chunk, x);
	if (col_open(&c->chunk, x, c->bytes, x->size - x->patches * PATCH_BYTES, cuts) == -1)
		return -1;
	c->opened = true;
	return 0;
}

/* ---- values ---- */

static void
room_for_stripe(uint64_t **values, size_t n)
{
	if (*values == NULL)
		*values = xmalloc(n * sizeof(**values));
}

/* Which leader each flow of the stripe has, or NULL. */
static const uint16_t *
stripe_from(struct reader *r, struct colblock *b, size_t stripe)
{
	if (b->from_stripe == stripe + 1)
		return b->from;
	if (twins_load(r, b) == -1 || twins_decode(&b->twin_chunk, stripe, b->from) == -1)
		return NULL;
	b->from_stripe = stripe + 1;
	return b->from;
}

static bool
is_over_leaders(const struct column *c)
{
	return c->entry != NULL && (c->entry->over == COL_LEADERS || c->entry->over == COL_TURNED);
}

/* The values of a stripe's leaders, or NULL. */
static const uint64_t *
leader_values(struct reader *r, struct colblock *b, enum field f, size_t stripe)
{
	struct column *c = &b->column[f];
	const uint64_t *reference = NULL, *scale = NULL;

	if (!is_over_leaders(c) || column_open(r, b, c) == -1)
		return NULL;
	if (c->leaders == stripe + 1)
		return c->leader;
	if (c->entry->how == COL_DIFFERENCE &&
	    (col_reference(f) == F_COUNT || (reference = leader_values(r, b, col_reference(f), stripe)) == NULL))
		return NULL;
	if (c->entry->code == COL_SCALED &&
	    (col_scale(f) == F_COUNT || (scale = leader_values(r, b, col_scale(f), stripe)) == NULL))
		return NULL;
	room_for_stripe(&c->leader, 2 * STRIPE);
	if (col_decode(&c->chunk, stripe, reference, scale, c->leader) == -1)
		return NULL;
	c->leaders = stripe + 1;
	return c->leader;
}

static int
values_of_leaders(struct reader *r, struct colblock *b, enum field f, size_t stripe)
{
	struct column *c = &b->column[f];
	const uint16_t *from = stripe_from(r, b, stripe);
	size_t n = colblock_flows(b, stripe);
	const uint64_t *own = leader_values(r, b, f, stripe), *other;
	uint64_t *out = c->values;

	if (from == NULL || own == NULL)
		return -1;
	if (c->entry->over == COL_LEADERS) {
		for (size_t i = 0; i < n; i++)
			out[i] = own[from[i] & (TURNED - 1)];
		return 0;
	}
	if (col_partner(f) == F_COUNT || (other = leader_values(r, b, col_partner(f), stripe)) == NULL)
		return -1;
	memcpy(c->leader + TURNED, other,
	    (b->twin_chunk.leaders.at[stripe + 1] - b->twin_chunk.leaders.at[stripe]) * sizeof(*other));
	for (size_t i = 0; i < n; i++)
		out[i] = own[from[i]];
	return 0;
}

/* Unpacks what has a value for each address.  0 or -1. */
static int
map_values(const struct colblock *b, struct column *c, const uint64_t *reference, const uint64_t *scale)
{
	size_t all = b->whole.at[1];

	if (c->has_mapped)
		return 0;
	if (all > c->mapped_room) {
		free(c->mapped);
		c->mapped = xmalloc(all * sizeof(*c->mapped));
		c->mapped_room = all;
	}
	if (col_decode(&c->chunk, 0, reference, scale, c->mapped) == -1)
		return -1;
	c->has_mapped = true;
	return 0;
}

static int
values_of_addresses(struct reader *r, struct colblock *b, enum field f, size_t stripe)
{
	struct column *c = &b->column[f];
	const struct column *key = &b->column[c->entry->key];
	size_t n = colblock_flows(b, stripe), all;
	const uint64_t *place;
	uint64_t worst = 0;

	if (column_open(r, b, c) == -1 || key->entry == NULL || key->entry->over == COL_ADDRESSES ||
	    (place = colblock_values(r, b, c->entry->key, stripe)) == NULL || map_values(b, c, NULL, NULL) == -1)
		return -1;
	all = b->whole.at[1];
	for (size_t i = 0; i < n; i++)
		worst |= place[i] >= all;
	for (size_t i = 0; worst == 0 && i < n; i++)
		c->values[i] = c->mapped[place[i]];
	return worst == 0 ? 0 : -1;
}

static int
values_of_flows(struct reader *r, struct colblock *b, enum field f, size_t stripe)
{
	struct column *c = &b->column[f];
	enum field other = col_reference(f), by = col_scale(f);
	const uint64_t *reference = NULL, *scale = NULL;

	if (column_open(r, b, c) == -1)
		return -1;
	if (c->entry->how == COL_DIFFERENCE &&
	    (other == F_COUNT || (reference = colblock_values(r, b, other, stripe)) == NULL))
		return -1;
	if (c->entry->code == COL_SCALED && (by == F_COUNT || (scale = colblock_values(r, b, by, stripe)) == NULL))
		return -1;
	return col_decode(&c->chunk, stripe, reference, scale, c->values);
}

/* Puts in their place the values that are other ones, of n from the block's first-th flow on. */
static void
put_patches(const struct column *c, size_t first, size_t n, uint64_t *values)
{
	const struct col_entry *x = c->entry;
	const uint8_t *position, *value;

	if (x->patches == 0)
		return;		/* there may be no bytes at all */
	position = c->bytes + x->size - x->patches * PATCH_BYTES;
	value = position + 2 * x->patches;
	for (size_t i = 0; i < x->patches; i++) {
		uint16_t at;

		memcpy(&at, position + 2 * i, sizeof(at));
		if (at >= first && at - first < n)
			memcpy(&values[at - first], value + 8 * i, 8);
	}
}

const uint64_t *
colblock_values(struct reader *r, struct colblock *b, enum field f, size_t stripe)
{
	static int (*const values_of[COL_OVERS])(struct reader *, struct colblock *, enum field, size_t) = {
		[COL_FLOWS] = values_of_flows, [COL_LEADERS] = values_of_leaders,
		[COL_TURNED] = values_of_leaders, [COL_ADDRESSES] = values_of_addresses,
	};
	struct column *c = &b->column[f];

	if (c->entry == NULL)
		return NULL;
	if (c->stripe == stripe + 1)
		return c->values;
	c->stripe = 0;
	room_for_stripe(&c->values, STRIPE);
	if (values_of[c->entry->over](r, b, f, stripe) == -1)
		return NULL;
	put_patches(c, b->rows.at[stripe], colblock_flows(b, stripe), c->values);
	c->stripe = stripe + 1;
	return c->values;
}

/* ---- values of a few flows ---- */

enum found { FOUND_BROKEN = -1, FOUND, FOUND_NOT_ALONE };

static enum found value_at(struct reader *, struct colblock *, enum field, size_t stripe, size_t i, uint64_t *out);

/* The i-th of the values that the column keeps for the stripe. */
static enum found
kept_at(struct reader *r, struct colblock *b, enum field f, size_t stripe, size_t i, bool leaders, uint64_t *out)
{
	struct column *c = &b->column[f];
	enum field other = col_reference(f);
	uint64_t reference = 0;
	enum found found = FOUND;

	if (leaders != is_over_leaders(c) || column_open(r, b, c) == -1)
		return FOUND_BROKEN;
	if (leaders && c->leaders == stripe + 1) {
		*out = c->leader[i];
		return FOUND;
	}
	if (!col_is_single(&c->chunk))
		return FOUND_NOT_ALONE;
	if (c->entry->how == COL_DIFFERENCE && other == F_COUNT)
		return FOUND_BROKEN;
	if (c->entry->how == COL_DIFFERENCE)
		found = leaders ? kept_at(r, b, other, stripe, i, true, &reference) :
		    value_at(r, b, other, stripe, i, &reference);
	if (found != FOUND)
		return found;
	return col_decode_one(&c->chunk, stripe, i, reference, out) == 0 ? FOUND : FOUND_BROKEN;
}

static enum found
at_leader(struct reader *r, struct colblock *b, enum field f, size_t stripe, size_t i, uint64_t *out)
{
	const uint16_t *from = stripe_from(r, b, stripe);

	/* Of its own column there may be patches, wherever the value is. */
	if (from == NULL || column_open(r, b, &b->column[f]) == -1)
		return FOUND_BROKEN;
	if (b->column[f].entry->over == COL_TURNED && from[i] >= TURNED)
		f = col_partner(f);
	return f == F_COUNT ? FOUND_BROKEN : kept_at(r, b, f, stripe, from[i] & (TURNED - 1), true, out);
}

static enum found
at_address(struct reader *r, struct colblock *b, enum field f, size_t stripe, size_t i, uint64_t *out)
{
	struct column *c = &b->column[f];
	const struct col_entry *key = b->column[c->entry->key].entry;
	enum found found;
	uint64_t place;

	if (column_open(r, b, c) == -1 || key == NULL || key->over == COL_ADDRESSES)
		return FOUND_BROKEN;
	if (!col_is_single(&c->chunk) || c->entry->how == COL_DIFFERENCE)
		return FOUND_NOT_ALONE;
	if ((found = value_at(r, b, c->entry->key, stripe, i, &place)) != FOUND)
		return found;
	return col_decode_one(&c->chunk, 0, place, 0, out) == 0 ? FOUND : FOUND_BROKEN;
}

/* The value of the stripe's i-th flow. */
static enum found
value_at(struct reader *r, struct colblock *b, enum field f, size_t stripe, size_t i, uint64_t *out)
{
	struct column *c = &b->column[f];
	enum found found;

	if (c->entry == NULL)
		return FOUND_BROKEN;
	if (c->stripe == stripe + 1) {
		*out = c->values[i];
		return FOUND;
	}
	if (is_over_leaders(c))
		found = at_leader(r, b, f, stripe, i, out);
	else if (c->entry->over == COL_ADDRESSES)
		found = at_address(r, b, f, stripe, i, out);
	else
		found = kept_at(r, b, f, stripe, i, false, out);
	if (found == FOUND)
		put_patches(c, b->rows.at[stripe] + i, 1, out);
	return found;
}

int
colblock_few(struct reader *r, struct colblock *b, enum field f, size_t stripe, const uint16_t *row, size_t n,
    uint64_t *out)
{
	const uint64_t *v;

	for (size_t i = 0; i < n; i++)
		switch (value_at(r, b, f, stripe, row[i], &out[i])) {
		case FOUND:
			break;
		case FOUND_BROKEN:
			return -1;
		case FOUND_NOT_ALONE:
			if ((v = colblock_values(r, b, f, stripe)) == NULL)
				return -1;
			out[i] = v[row[i]];
			break;
		}
	return 0;
}

/* ---- looking for addresses ---- */

/* Of what the column keeps for the stripe; what is kept turned may be the other side's. */
static int
column_has_places(struct reader *r, struct colblock *b, enum field f, size_t stripe, const uint64_t *place, size_t n)
{
	struct column *c = &b->column[f];

	if (c->entry == NULL)
		return 0;
	if (c->entry->patches > 0 || c->entry->over == COL_ADDRESSES)
		return 1;
	if (column_open(r, b, c) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (col_may_have(&c->chunk, stripe, place[i]))
			return 1;
	return 0;
}

static bool
is_in_range(const struct col_entry *x, const uint64_t *place, size_t n)
{
	for (size_t i = 0; x != NULL && i < n; i++)
		if (place[i] >= x->least && place[i] <= x->most)
			return true;
	return false;
}

int
colblock_has_places(struct reader *r, struct colblock *b, size_t stripe, const uint64_t *place, size_t n)
{
	int rc;

	if (!is_in_range(b->column[F_SRCIP].entry, place, n) && !is_in_range(b->column[F_DSTIP].entry, place, n))
		return 0;
	rc = column_has_places(r, b, F_SRCIP, stripe, place, n);
	return rc != 0 ? rc : column_has_places(r, b, F_DSTIP, stripe, place, n);
}

/* ---- sums ---- */

const uint64_t *
colblock_sums(struct reader *r, struct colblock *b, enum flow_side side, enum sum sum, bool *zero)
{
	struct column *c = &b->sums[side][sum];
	const uint64_t *reference = NULL, *scale = NULL;
	enum flow_side other = side;
	enum sum by = sum;
	bool none;

	*zero = c->entry == NULL;
	if (*zero || column_open(r, b, c) == -1)
		return NULL;
	if (c->entry->how == COL_DIFFERENCE &&
	    (!sum_reference(&other, &by) || (reference = colblock_sums(r, b, other, by, &none)) == NULL))
		return NULL;
	if (c->entry->code == COL_SCALED &&
	    (!sum_scale(&by) || (scale = colblock_sums(r, b, side, by, &none)) == NULL))
		return NULL;
	return map_values(b, c, reference, scale) == 0 ? c->mapped : NULL;
}
