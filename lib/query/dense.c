#include "query/dense.h"

#include <stdlib.h>
#include <string.h>

/* Of an address. */
struct count {
	uint64_t flows, packets, bytes, first, last;
};

struct count_out {
	uint64_t packets, bytes;
};

struct dense {
	uint64_t serial;		/* of the dictionary; 0: none */
	struct addr *addr;		/* its addresses */
	struct count *count;
	struct count_out *out;
	size_t n, room;
	bool any_out;
	struct arena *arena;		/* of rows */
	struct batch rows;		/* what goes to the group */
	enum field key;			/* of the rows; F_COUNT: there are none */
	enum field field;		/* of their addresses */
};

struct dense *
dense_new(void)
{
	struct dense *d = xcalloc(1, sizeof(*d));

	d->key = F_COUNT;
	return d;
}

void
dense_free(struct dense *d)
{
	if (d == NULL)
		return;
	if (d->arena != NULL)
		arena_free(d->arena);
	free(d->addr);
	free(d->count);
	free(d->out);
	free(d);
}

enum field
dense_field(const struct group_keys *keys)
{
	enum field f = keys->key[0].field;

	return fields[f].kind == KIND_COUNTRY ? fields[f].needs[0] : f;
}

bool
dense_fits(const struct group_keys *keys)
{
	return keys->n == 1 && keys->bidir == BIDIR_NO && fields[dense_field(keys)].kind == KIND_ADDR &&
	    keys->key[0].family == 0 && !keys->key[0].own_mask;
}

/* Begins with another dictionary, whose addresses stay only as long as its block. */
static void
start(struct dense *d, const struct batch_places *p)
{
	if (p->n > d->room) {
		d->room = p->n + p->n / 4;
		free(d->addr);
		free(d->count);
		free(d->out);
		d->addr = xmalloc(d->room * sizeof(*d->addr));
		d->count = xmalloc(d->room * sizeof(*d->count));
		d->out = xmalloc(d->room * sizeof(*d->out));
	}
	d->serial = p->serial;
	d->n = p->n;
	d->any_out = false;
	memcpy(d->addr, p->addr, p->n * sizeof(*d->addr));
	for (size_t i = 0; i < p->n; i++)
		d->count[i] = (struct count){ .first = UINT64_MAX };
}

/* Counts of the other direction are rare, and have their own array. */
static void
add_out(struct dense *d, const uint32_t *place, const struct batch *b, size_t n)
{
	const uint64_t *packets = COL64(b, F_OUTPACKETS), *bytes = COL64(b, F_OUTBYTES);
	uint64_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= packets[i] | bytes[i];
	if (any == 0)
		return;
	if (!d->any_out)
		memset(d->out, 0, d->n * sizeof(*d->out));
	d->any_out = true;
	for (size_t i = 0; i < n; i++) {
		counter_add(&d->out[place[i]].packets, packets[i]);
		counter_add(&d->out[place[i]].bytes, bytes[i]);
	}
}

void
dense_add(struct dense *d, struct group *g, unsigned thread, const struct group_keys *keys,
    const struct batch *b, size_t n)
{
	const uint32_t *place = b->places->place[dense_field(keys)];
	const uint64_t *flows = COL64(b, F_FLOWS), *packets = COL64(b, F_PACKETS), *bytes = COL64(b, F_BYTES);
	const uint64_t *first = COL64(b, F_FIRST), *last = COL64(b, F_LAST);

	if (d->serial != b->places->serial) {
		dense_flush(d, g, thread, keys);
		start(d, b->places);
	}
	for (size_t i = 0; i < n; i++) {
		struct count *c = &d->count[place[i]];

		counter_add(&c->flows, flows[i]);
		counter_add(&c->packets, packets[i]);
		counter_add(&c->bytes, bytes[i]);
		c->first = first[i] < c->first ? first[i] : c->first;
		c->last = last[i] > c->last ? last[i] : c->last;
	}
	add_out(d, place, b, n);
}

static void
flush_rows(struct dense *d, struct group *g, unsigned thread, const struct group_keys *keys)
{
	if (d->rows.n > 0) {
		batch_derive(&d->rows);
		group_add_sums(g, thread, keys, &d->rows);
	}
	d->rows.n = 0;
}

static void
make_rows(struct dense *d, const struct group_keys *keys)
{
	struct fieldset set = { { 0, 0 } };

	if (d->arena != NULL)
		arena_free(d->arena);
	d->arena = arena_new();
	group_fields(keys, &set);
	fieldset_close(&set);
	d->rows = (struct batch){ 0 };
	batch_columns(&d->rows, &set, BATCH_MAX, d->arena);
	d->rows.ident = "";
	d->key = keys->key[0].field;
	d->field = dense_field(keys);
}

static void
put_row(struct batch *b, enum field f, const struct addr *addr, const struct count *c, const struct count_out *out)
{
	COLADDR(b, f)[b->n] = *addr;
	COL64(b, F_FLOWS)[b->n] = c->flows;
	COL64(b, F_PACKETS)[b->n] = c->packets;
	COL64(b, F_BYTES)[b->n] = c->bytes;
	COL64(b, F_FIRST)[b->n] = c->first;
	COL64(b, F_LAST)[b->n] = c->last;
	COL64(b, F_OUTPACKETS)[b->n] = out->packets;
	COL64(b, F_OUTBYTES)[b->n] = out->bytes;
	b->n++;
}

void
dense_flush(struct dense *d, struct group *g, unsigned thread, const struct group_keys *keys)
{
	static const struct count_out none = { 0, 0 };
	struct batch *b = &d->rows;

	if (d->serial == 0)
		return;
	if (d->key != keys->key[0].field)
		make_rows(d, keys);
	for (size_t i = 0; i < d->n; i++) {
		if (d->count[i].first == UINT64_MAX)
			continue;
		put_row(b, d->field, &d->addr[i], &d->count[i], d->any_out ? &d->out[i] : &none);
		if (b->n == BATCH_MAX)
			flush_rows(d, g, thread, keys);
	}
	flush_rows(d, g, thread, keys);
	d->serial = 0;
}

bool
dense_fits_sums(const struct group_keys *keys)
{
	return dense_fits(keys) && (dense_field(keys) == F_SRCIP || dense_field(keys) == F_DSTIP);
}

/* Adds an address's sums of a side to its count. */
static void
join_sums(struct count *c, struct count_out *out, const uint64_t *const of[SUMS], size_t i)
{
	counter_add(&c->flows, of[SUM_FLOWS][i]);
	counter_add(&c->packets, of[SUM_PACKETS] != NULL ? of[SUM_PACKETS][i] : 0);
	counter_add(&c->bytes, of[SUM_BYTES] != NULL ? of[SUM_BYTES][i] : 0);
	counter_add(&out->packets, of[SUM_OUTPACKETS] != NULL ? of[SUM_OUTPACKETS][i] : 0);
	counter_add(&out->bytes, of[SUM_OUTBYTES] != NULL ? of[SUM_OUTBYTES][i] : 0);
	if (of[SUM_FIRST] == NULL || of[SUM_FIRST][i] < c->first)
		c->first = of[SUM_FIRST] != NULL ? of[SUM_FIRST][i] : 0;
	if (of[SUM_LAST] != NULL && of[SUM_LAST][i] > c->last)
		c->last = of[SUM_LAST][i];
}

void
dense_add_sums(struct dense *d, struct group *g, unsigned thread, const struct group_keys *sides, size_t nsides,
    const struct flow_sums *sums)
{
	struct batch *b = &d->rows;

	if (d->key != sides[0].key[0].field)
		make_rows(d, &sides[0]);
	for (size_t i = 0; i < sums->n; i++) {
		struct count c = { .first = UINT64_MAX };
		struct count_out out = { 0, 0 };

		for (size_t s = 0; s < nsides; s++) {
			const uint64_t *const *of = sums->of[dense_field(&sides[s]) == F_SRCIP ? SIDE_SRC : SIDE_DST];

			if (of[SUM_FLOWS][i] != 0)
				join_sums(&c, &out, of, i);
		}
		if (c.flows == 0)
			continue;
		put_row(b, d->field, &sums->addr[i], &c, &out);
		if (b->n == BATCH_MAX)
			flush_rows(d, g, thread, &sides[0]);
	}
	flush_rows(d, g, thread, &sides[0]);
}
