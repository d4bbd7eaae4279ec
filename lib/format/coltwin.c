#include "format/coltwin.h"

#include <stdlib.h>
#include <string.h>

#define SLOT_BITS	13

enum field
col_partner(enum field f)
{
	static const uint8_t pairs[][2] = {
		{ F_SRCIP, F_DSTIP }, { F_SRCPORT, F_DSTPORT }, { F_INIF, F_OUTIF }, { F_SRCMASK, F_DSTMASK },
		{ F_SRCAS, F_DSTAS }, { F_PREVAS, F_NEXTAS }, { F_SRCVLAN, F_DSTVLAN }, { F_SRCTOS, F_DSTTOS },
		{ F_INSRCMAC, F_OUTDSTMAC }, { F_OUTSRCMAC, F_INDSTMAC },
		{ F_XSRCIP, F_XDSTIP }, { F_XSRCPORT, F_XDSTPORT }, { F_TUNSRCIP, F_TUNDSTIP },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (f == pairs[i][0] || f == pairs[i][1])
			return f == pairs[i][0] ? pairs[i][1] : pairs[i][0];
	return F_COUNT;
}

/* ---- writing ---- */

struct twins *
twins_new(void)
{
	struct twins *t = xcalloc(1, sizeof(*t));

	t->row = xmalloc(BLOCK_FLOWS * sizeof(*t->row));
	t->from = xmalloc(BLOCK_FLOWS * sizeof(*t->from));
	t->like = xmalloc(BLOCK_FLOWS * sizeof(*t->like));
	t->code = xmalloc(BLOCK_FLOWS * sizeof(*t->code));
	return t;
}

void
twins_free(struct twins *t)
{
	if (t == NULL)
		return;
	free(t->row);
	free(t->from);
	free(t->like);
	free(t->code);
	free(t);
}

/* The same for both directions. */
static size_t
slot_of(const struct twin_keys *k, size_t i)
{
	uint64_t one = ((uint64_t)k->srcip[i] << 16 | k->srcport[i]) * 0xd6e8feb86659fd93;
	uint64_t other = ((uint64_t)k->dstip[i] << 16 | k->dstport[i]) * 0xd6e8feb86659fd93;

	return ((one ^ one >> 32) + (other ^ other >> 32)) * 0x9e3779b97f4a7c15 >> (64 - SLOT_BITS);
}

static bool
is_reverse(const struct twin_keys *k, size_t i, size_t j)
{
	return k->srcip[i] == k->dstip[j] && k->dstip[i] == k->srcip[j] && k->srcport[i] == k->dstport[j] &&
	    k->dstport[i] == k->srcport[j] && (k->proto == NULL || k->proto[i] == k->proto[j]);
}

/* The leaders of flows first … end - 1; returns how many leaders there are now. */
static size_t
find_in_stripe(struct twins *t, const struct twin_keys *k, size_t first, size_t end, size_t leaders)
{
	uint16_t slot[1 << SLOT_BITS] = { 0 };	/* one more than a leader's number in the stripe */
	size_t before = leaders;

	for (size_t i = first; i < end; i++) {
		uint16_t *s = &slot[slot_of(k, i)];
		size_t leader = *s == 0 ? SIZE_MAX : before + *s - 1;

		if (leader != SIZE_MAX && is_reverse(k, t->row[leader], i)) {
			t->from[i] = t->from[t->row[leader]] ^ TURNED;
			t->like[i] = t->row[leader] | TWIN_REVERSE;
			t->code[i] = leaders - leader + 1;
			continue;
		}
		t->code[i] = k->srcport[i] > k->dstport[i];
		t->from[i] = (leaders - before) | (t->code[i] ? TURNED : 0);
		t->like[i] = t->row[leaders++] = i;
		*s = leaders - before;
	}
	return leaders;
}

bool
twins_find(struct twins *t, const struct twin_keys *k, size_t n)
{
	size_t leaders = 0;

	col_cut(&t->rows, n);
	t->leaders.n = t->rows.n;
	for (size_t s = 0; s < t->rows.n; s++) {
		leaders = find_in_stripe(t, k, t->rows.at[s], t->rows.at[s + 1], leaders);
		t->leaders.at[s + 1] = leaders;
	}
	return leaders < n - n / 16;
}

void
twins_write(const struct twins *t, struct col_entry *x, struct col_bytes *out)
{
	size_t size = t->leaders.n * sizeof(t->leaders.at[0]);

	x->field = COL_TWINS;
	memcpy(col_bytes_add(out, size), t->leaders.at + 1, size);
	col_encode(x, t->code, NULL, NULL, false, false, &t->rows, out);
	x->size += size;
}

/* ---- reading ---- */

int
twins_open(struct twin_chunk *t, const struct col_entry *x, const uint8_t *p, const struct col_cuts *rows)
{
	size_t size = rows->n * sizeof(t->leaders.at[0]);

	if (x->size < size)
		return -1;
	t->leaders.n = rows->n;
	t->leaders.at[0] = 0;
	memcpy(t->leaders.at + 1, p, size);
	for (size_t s = 0; s < rows->n; s++)
		if (t->leaders.at[s + 1] <= t->leaders.at[s] ||
		    t->leaders.at[s + 1] - t->leaders.at[s] > rows->at[s + 1] - rows->at[s])
			return -1;
	return col_open(&t->codes, x, p + size, x->size - size, rows);
}

int
twins_decode(const struct twin_chunk *t, size_t stripe, uint16_t from[STRIPE])
{
	size_t n = t->codes.cuts->at[stripe + 1] - t->codes.cuts->at[stripe];
	size_t all = t->leaders.at[stripe + 1] - t->leaders.at[stripe], leaders = 0;
	uint16_t leader[STRIPE];
	uint64_t code[STRIPE];

	if (col_decode(&t->codes, stripe, NULL, NULL, code) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (code[i] < 2 && leaders < all) {
			from[i] = leader[leaders] = leaders | code[i] * TURNED;
			leaders++;
		} else if (code[i] >= 2 && code[i] - 1 <= leaders)
			from[i] = leader[leaders - (code[i] - 1)] ^ TURNED;
		else
			return -1;
	return leaders == all ? 0 : -1;
}
