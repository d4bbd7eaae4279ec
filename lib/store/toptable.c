#include "store/toptable.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct top_dim_row top_dims[TOP_DIMS] = {
	[TOP_SRCIP] = { "srcip", 16, 256, 16 },
	[TOP_DSTIP] = { "dstip", 16, 256, 16 },
	[TOP_IP] = { "ip", 16, 256, 16 },
	[TOP_SRCPORT] = { "srcport", 2, 64, 8 },
	[TOP_DSTPORT] = { "dstport", 2, 64, 8 },
	[TOP_PAIR] = { "srcip,dstip", 32, 64, 8 },
	[TOP_SERVICE] = { "srcip,dstport", 18, 64, 8 },
	[TOP_PROTO] = { "proto", 1, 64, 64 },
	[TOP_SRCAS] = { "srcas", 4, 64, 32 },
	[TOP_DSTAS] = { "dstas", 4, 64, 32 },
	[TOP_INIF] = { "inif", 4, 64, 16 },
	[TOP_OUTIF] = { "outif", 4, 64, 16 },
	[TOP_SRCNET] = { "srcnet", 16, 64, 8 },
	[TOP_DSTNET] = { "dstnet", 16, 64, 8 },
};

const char *const top_metric_names[TOP_METRICS] = { "flows", "packets", "bytes" };

/*
 * The best few of many: a heap whose worst is on top and gives way to anything
 * better.
 */
struct best {
	struct best_one { uint64_t value; size_t i; } *heap;
	size_t n, max;
};

static void
best_sink(struct best *b)
{
	struct best_one *h = b->heap, t;

	for (size_t i = 0, c; (c = 2 * i + 1) < b->n; i = c) {
		if (c + 1 < b->n && h[c + 1].value < h[c].value)
			c++;
		if (h[i].value <= h[c].value)
			return;
		t = h[i], h[i] = h[c], h[c] = t;
	}
}

static void
best_offer(struct best *b, uint64_t value, size_t i)
{
	struct best_one *h = b->heap, t;

	if (b->n == b->max) {
		if (value <= h[0].value)
			return;
		h[0] = (struct best_one){ value, i };
		best_sink(b);
		return;
	}
	h[b->n] = (struct best_one){ value, i };
	for (i = b->n++; i > 0 && h[i].value < h[(i - 1) / 2].value; i = (i - 1) / 2)
		t = h[i], h[i] = h[(i - 1) / 2], h[(i - 1) / 2] = t;
}

/* Values of things that stand at equal distances in memory. */
struct view {
	const uint64_t *value;
	size_t n, stride;
};

static const uint64_t *
view_at(const struct view *v, size_t i)
{
	return v->value + i * v->stride;
}

/* Marks those that are among the first `keep` by any metric; how many. */
static size_t
mark_best(const struct view *v, size_t keep, uint8_t *marked)
{
	struct best best = { xmalloc((keep + 1) * sizeof(struct best_one)), 0, keep };
	size_t n = 0;

	for (int m = 0; m < TOP_METRICS; m++) {
		best.n = 0;
		for (size_t i = 0; i < v->n; i++)
			if (view_at(v, i)[m] != 0)
				best_offer(&best, view_at(v, i)[m], i);
		for (size_t i = 0; i < best.n; i++) {
			n += !marked[best.heap[i].i];
			marked[best.heap[i].i] = 1;
		}
	}
	free(best.heap);
	return n;
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct top_row *)a)->key, ((const struct top_row *)b)->key, TOP_KEY_MAX);
}

static void
big_endian(uint8_t *to, uint64_t n, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		to[i] = (uint8_t)(n >> 8 * (size - 1 - i));
}

/* An entry's key as a row has it. */
static void
row_key(const struct tally_table *t, const struct tally_table *addr, enum top_dim d, size_t i,
    uint8_t *key)
{
	uint64_t k = tally_key(t, i)[0];

	memset(key, 0, TOP_KEY_MAX);
	if (d == TOP_PAIR) {
		memcpy(key, tally_key(addr, k >> 32), 16);
		memcpy(key + 16, tally_key(addr, k & UINT32_MAX), 16);
	} else if (d == TOP_SERVICE) {
		memcpy(key, tally_key(addr, k >> 16), 16);
		big_endian(key + 16, k & UINT16_MAX, 2);
	} else if (top_dims[d].size == 16)
		memcpy(key, tally_key(t, i), 16);
	else
		big_endian(key, k, top_dims[d].size);
}

/* The best of a table by the values in view, and the cut of the others. */
static void
choose(const struct tally *tally, const struct tally_table *t, const struct view *v, enum top_dim d,
    struct arena *a, struct toptable *top)
{
	uint8_t *marked = xcalloc(v->n + 1, 1);
	struct top_row *row;

	*top = (struct toptable){ .dim = d, .timed = tally_times_known(tally) };
	top->row = arena_array(a, mark_best(v, top_dims[d].keep, marked) + 1, sizeof(*top->row));
	for (size_t i = 0; i < v->n; i++) {
		const uint64_t *value = view_at(v, i);

		if (!marked[i]) {
			for (int m = 0; m < TOP_METRICS; m++)
				if (value[m] > top->cut[m])
					top->cut[m] = value[m];
			continue;
		}
		row = &top->row[top->n++];
		row_key(t, tally_table(tally, TALLY_ADDR), d, i, row->key);
		memcpy(row->value, value, sizeof(row->value));
		if (top->timed)
			tally_times(tally, value[TALLY_TIMES], &row->first_msec, &row->last_msec);
		memcpy(row->over, t->slack, sizeof(row->over));
	}
	for (int m = 0; m < TOP_METRICS; m++)
		tally_plus(&top->cut[m], t->slack[m]);
	qsort(top->row, top->n, sizeof(*top->row), by_key);
	free(marked);
}

static void
plain(const struct tally *t, enum tally_kind kind, unsigned at, enum top_dim d, struct arena *a,
    struct toptable *top)
{
	const struct tally_table *table = tally_table(t, kind);
	struct view v = { tally_counts(table, 0) + at, table->n, table->words };

	choose(t, table, &v, d, a, top);
}

/* Adds an entry's side to another. */
static void
add_side(uint64_t *sum, const uint64_t *more)
{
	for (int m = 0; m < TOP_METRICS; m++)
		tally_plus(&sum[m], more[m]);
	sum[TALLY_TIMES] = tally_wider(sum[TALLY_TIMES], more[TALLY_TIMES]);
}

/* Addresses on either side. */
static void
hosts(const struct tally *t, struct arena *a, struct toptable *top)
{
	const struct tally_table *addr = tally_table(t, TALLY_ADDR);
	uint64_t (*sum)[TALLY_SIDE] = xcalloc(addr->n + 1, sizeof(*sum));
	struct view v = { sum[0], addr->n, TALLY_SIDE };

	for (size_t i = 0; i < addr->n; i++) {
		add_side(sum[i], tally_counts(addr, i));
		add_side(sum[i], tally_counts(addr, i) + TALLY_SIDE);
	}
	choose(t, addr, &v, TOP_IP, a, top);
	free(sum);
}

/* A net has lost what its addresses lost: how many there were is not known, so at most all of them together. */
static void
nets(const struct tally *t, struct arena *a, struct toptable *src, struct toptable *dst)
{
	const struct tally_table *addr = tally_table(t, TALLY_ADDR);
	struct tally_table net;
	struct view v = { NULL, 0, 0 };

	tally_table_init(&net, 2, 2 * TALLY_SIDE);
	for (size_t i = 0; i < addr->n; i++) {
		uint64_t key[2], *counts;
		struct addr ip;

		memcpy(&ip, tally_key(addr, i), sizeof(ip));
		addr_mask(&ip, addr_is_v4(&ip) ? 120 : 64);
		memcpy(key, &ip, sizeof(key));
		counts = tally_counts(&net, tally_find(&net, key));
		add_side(counts, tally_counts(addr, i));
		add_side(counts + TALLY_SIDE, tally_counts(addr, i) + TALLY_SIDE);
	}
	memcpy(net.slack, addr->lost, sizeof(net.slack));
	v = (struct view){ tally_counts(&net, 0), net.n, net.words };
	choose(t, &net, &v, TOP_SRCNET, a, src);
	v.value += TALLY_SIDE;
	choose(t, &net, &v, TOP_DSTNET, a, dst);
	tally_table_free(&net);
}

void
toptable_of_tally(struct tally *t, struct arena *a, struct toptable tops[static TOP_DIMS])
{
	static const struct { enum tally_kind kind; enum top_dim dim; unsigned at; } rows[] = {
		{ TALLY_ADDR, TOP_SRCIP, 0 }, { TALLY_ADDR, TOP_DSTIP, TALLY_SIDE },
		{ TALLY_SRCPORT, TOP_SRCPORT, 0 }, { TALLY_DSTPORT, TOP_DSTPORT, 0 },
		{ TALLY_PAIR, TOP_PAIR, 0 }, { TALLY_SERVICE, TOP_SERVICE, 0 },
		{ TALLY_PROTO, TOP_PROTO, 0 }, { TALLY_SRCAS, TOP_SRCAS, 0 },
		{ TALLY_DSTAS, TOP_DSTAS, 0 }, { TALLY_INIF, TOP_INIF, 0 },
		{ TALLY_OUTIF, TOP_OUTIF, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		plain(t, rows[i].kind, rows[i].at, rows[i].dim, a, &tops[rows[i].dim]);
	/* Large where addresses are many; and so are the nets. */
	tally_forget(t, TALLY_PAIR);
	tally_forget(t, TALLY_SERVICE);
	hosts(t, a, &tops[TOP_IP]);
	nets(t, a, &tops[TOP_SRCNET], &tops[TOP_DSTNET]);
}

/* How evenly flows are spread over the keys that have any; how many keys those are. */
static double
entropy(const struct tally_table *t, unsigned at, uint64_t *keys)
{
	double sum = 0, parts = 0, n;

	*keys = 0;
	for (size_t i = 0; i < t->n; i++) {
		const uint64_t *c = tally_counts(t, i) + at;

		*keys += (c[TOP_FLOWS] | c[TOP_PACKETS] | c[TOP_BYTES]) != 0;
		n = (double)c[TOP_FLOWS];
		sum += n;
		if (c[TOP_FLOWS] > 1)
			parts += n * log(n);
	}
	n = sum > 0 && *keys > 1 ? (log(sum) - parts / sum) / log((double)*keys) : 0;
	return n < 0 ? 0 : n > 1 ? 1 : n;
}

void
digest_of_tally(const struct tally *t, const struct toptable tops[static TOP_DIMS],
    struct digest *d)
{
	const struct tally_table *addr = tally_table(t, TALLY_ADDR);
	const struct toptable *ip = &tops[TOP_IP];
	uint64_t ports;

	*d = (struct digest){ .at_least = addr->dropped != 0 };
	d->entropy[0] = entropy(addr, 0, &d->sources);
	d->entropy[1] = entropy(addr, TALLY_SIDE, &d->destinations);
	d->entropy[2] = entropy(tally_table(t, TALLY_SRCPORT), 0, &ports);
	d->entropy[3] = entropy(tally_table(t, TALLY_DSTPORT), 0, &d->ports);
	for (size_t i = 0; i < ip->n; i++)
		for (int m = 0; m < TOP_METRICS; m++)
			if (ip->row[i].value[m] > d->owned[m]) {
				d->owned[m] = ip->row[i].value[m];
				memcpy(&d->owner[m], ip->row[i].key, sizeof(d->owner[m]));
			}
}

/*
 * A blob: number of rows; the cuts; flags; in a timed one with rows, when the first
 * flow began; then rows: bytes that the key has in common with the one before, of
 * both addresses of a pair (the second's times 16), the key's other bytes, values, overs if there are any, times: begin after that of the
 * first, end after the begin (if it is before, a flow ends before it begins, the
 * difference wraps).  Numbers are varints.
 */
enum { BLOB_OVER = 1, BLOB_TIMED = 2, BLOB_PARTS = 4, BLOB_FLAGS = 7 };

#define PART	16	/* bytes of an address */

static void
put(struct strbuf *sb, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		strbuf_addc(sb, (char)(n | 0x80));
	strbuf_addc(sb, (char)n);
}

/* Which flags a table's blob has, and when its first flow began. */
static unsigned
flags_of(const struct toptable *t, uint64_t *base)
{
	unsigned flags = BLOB_PARTS | (t->timed ? BLOB_TIMED : 0);

	*base = t->n > 0 ? UINT64_MAX : 0;
	for (size_t i = 0; i < t->n; i++) {
		for (int m = 0; m < TOP_METRICS; m++)
			flags |= t->row[i].over[m] != 0 ? BLOB_OVER : 0;
		if (t->row[i].first_msec < *base)
			*base = t->row[i].first_msec;
	}
	return flags;
}

/* Bytes that two keys have in common from a place on, but the last. */
static unsigned
in_common(const uint8_t *a, const uint8_t *b, unsigned size)
{
	unsigned n = 0;

	while (n + 1 < size && a[n] == b[n])
		n++;
	return n;
}

static void
put_key(struct strbuf *sb, const uint8_t *key, const uint8_t *before, unsigned size)
{
	unsigned first = in_common(key, before, size == 2 * PART ? PART : size), second;

	if (size != 2 * PART) {
		put(sb, first);
		strbuf_add(sb, key + first, size - first);
		return;
	}
	second = in_common(key + PART, before + PART, PART);
	strbuf_addc(sb, (char)(second * 16 + first));
	strbuf_add(sb, key + first, PART - first);
	strbuf_add(sb, key + PART + second, PART - second);
}

static void
put_row(struct strbuf *sb, const struct top_row *r, unsigned flags, uint64_t base)
{
	int m;

	for (m = 0; m < TOP_METRICS; m++)
		put(sb, r->value[m]);
	for (m = 0; (flags & BLOB_OVER) != 0 && m < TOP_METRICS; m++)
		put(sb, r->over[m]);
	if ((flags & BLOB_TIMED) != 0) {
		put(sb, r->first_msec - base);
		put(sb, r->last_msec - r->first_msec);
	}
}

void
toptable_encode(const struct toptable *t, struct strbuf *sb)
{
	static const uint8_t none[TOP_KEY_MAX];
	const uint8_t *before = none;
	unsigned size = top_dims[t->dim].size, flags;
	uint64_t base;

	flags = flags_of(t, &base);
	put(sb, t->n);
	for (int m = 0; m < TOP_METRICS; m++)
		put(sb, t->cut[m]);
	put(sb, flags);
	if ((flags & BLOB_TIMED) != 0 && t->n > 0)
		put(sb, base);
	for (size_t i = 0; i < t->n; i++) {
		const struct top_row *r = &t->row[i];

		put_key(sb, r->key, before, size);
		put_row(sb, r, flags, base);
		before = r->key;
	}
}

struct input {
	const uint8_t *p, *end;
};

static bool
get(struct input *in, uint64_t *n)
{
	unsigned shift = 0;

	for (*n = 0; in->p < in->end && shift < 64; shift += 7) {
		uint8_t b = *in->p++;

		if (shift == 63 && b > 1)
			return false;
		*n |= (uint64_t)(b & 0x7f) << shift;
		if (b < 0x80)
			return true;
	}
	return false;
}

static bool
get_all(struct input *in, uint64_t *n)
{
	for (int m = 0; m < TOP_METRICS; m++)
		if (!get(in, &n[m]))
			return false;
	return true;
}

static bool
get_times(struct input *in, uint64_t base, struct top_row *r)
{
	if (!get(in, &r->first_msec) || !get(in, &r->last_msec))
		return false;
	r->first_msec += base;
	r->last_msec += r->first_msec;
	return true;
}

/* The bytes of a key, or of an address of it, that the one before has not. */
static bool
get_part(struct input *in, uint8_t *key, unsigned size, uint64_t common)
{
	if (common >= size || (size_t)(in->end - in->p) < size - common)
		return false;
	memcpy(key + common, in->p, size - common);
	in->p += size - common;
	return true;
}

static bool
get_key(struct input *in, uint8_t *key, unsigned size, uint64_t flags)
{
	uint8_t common;

	if (size != 2 * PART || (flags & BLOB_PARTS) == 0) {
		uint64_t n;

		return get(in, &n) && get_part(in, key, size, n);
	}
	if (in->p == in->end)
		return false;
	common = *in->p++;
	return get_part(in, key, PART, common % 16) && get_part(in, key + PART, PART, common / 16);
}

static bool
get_row(struct input *in, unsigned size, const struct top_row *before, struct top_row *r, uint64_t flags,
    uint64_t base)
{
	if (before != NULL)
		memcpy(r->key, before->key, sizeof(r->key));
	if (!get_key(in, r->key, size, flags) || (before != NULL && memcmp(before->key, r->key, size) >= 0))
		return false;
	return get_all(in, r->value) && ((flags & BLOB_OVER) == 0 || get_all(in, r->over)) &&
	    ((flags & BLOB_TIMED) == 0 || get_times(in, base, r));
}

bool
toptable_is_older(const void *blob, size_t size)
{
	struct input in = { blob, (const uint8_t *)blob + size };
	uint64_t n, cut[TOP_METRICS], flags;

	return get(&in, &n) && get_all(&in, cut) && get(&in, &flags) && (flags & BLOB_PARTS) == 0;
}

int
toptable_decode(const void *blob, size_t size, enum top_dim d, struct arena *a, struct toptable *t,
    struct err *e)
{
	struct input in = { blob, (const uint8_t *)blob + size };
	uint64_t n, flags, base = 0;

	*t = (struct toptable){ .dim = d };
	if (!get(&in, &n) || !get_all(&in, t->cut) || !get(&in, &flags) || flags > BLOB_FLAGS ||
	    n > (size_t)(in.end - in.p) / 5 || ((flags & BLOB_TIMED) != 0 && n > 0 && !get(&in, &base)))
		return err_set(e, ERR_DATA, "top %s: not a table", top_dims[d].name);
	t->timed = (flags & BLOB_TIMED) != 0;
	t->row = arena_array(a, n + 1, sizeof(*t->row));
	for (; t->n < n; t->n++)
		if (!get_row(&in, top_dims[d].size, t->n > 0 ? &t->row[t->n - 1] : NULL, &t->row[t->n], flags, base))
			return err_set(e, ERR_DATA, "top %s: row %zu is broken", top_dims[d].name, t->n + 1);
	if (in.p != in.end)
		return err_set(e, ERR_DATA, "top %s: %zu bytes too many", top_dims[d].name,
		    (size_t)(in.end - in.p));
	return 0;
}
