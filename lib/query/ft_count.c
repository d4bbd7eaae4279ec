#include "query/ft_count.h"

#include <stdlib.h>
#include <string.h>

#define AHEAD	128	/* flows whose memory is asked for ahead of its use */

static const uint32_t size_limits[] = {
	32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 480, 512, 544, 576, 1024, 1536, 2048, 2560,
	3072, 3584, 4096, 4608,
};
static const uint32_t packet_limits[] = {
	1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 60, 100, 200, 300, 400, 500, 600, 700, 800, 900,
};
static const uint32_t octet_limits[] = {
	32, 64, 128, 256, 512, 1280, 2048, 2816, 3584, 4352, 5120, 5888, 6656, 7424, 8192, 8960, 9728, 10496, 11264,
	12032, 12800, 13568, 14336, 15104, 15872,
};
static const uint32_t time_limits[] = {
	10, 50, 100, 200, 500, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000, 12000, 14000, 16000, 18000,
	20000, 22000, 24000, 26000, 28000, 30000,
};

#define LIMITS(a)	sizeof(a) / sizeof((a)[0]), a

const struct ft_bins ft_bins[FT_DISTRIBUTIONS] = {
	{ "psize", LIMITS(size_limits), false },
	{ "fpsize", LIMITS(packet_limits), true },
	{ "fosize", LIMITS(octet_limits), true },
	{ "ftime", LIMITS(time_limits), true },
};

/* Which mask an address is shown with. */
static enum field
mask_of(enum field f)
{
	return f == F_SRCIP ? F_SRCMASK : F_DSTMASK;
}

static enum ft_address
address_format(const struct ft_report *r, enum field f)
{
	return f == F_SRCIP ? r->address[0] : f == F_DSTIP ? r->address[1] : FTA_ADDRESS;
}

static void
add_key(struct ft_count *c, enum field f)
{
	c->key[c->nkeys++] = (struct key){ .field = f };
}

void
ft_count_init(struct ft_count *c, const struct ft_report *r, struct arena *a)
{
	const struct ft_type_row *t = r->type;
	struct table_shape shape = { 0, false, false };

	memset(c, 0, sizeof(*c));
	c->report = r;
	c->arena = a;
	for (size_t i = 0; i < t->n; i++)
		add_key(c, ft_keys[t->key[i]].field);
	for (size_t i = 0; i < t->n; i++)
		if (address_format(r, ft_keys[t->key[i]].field) != FTA_ADDRESS)
			add_key(c, mask_of(ft_keys[t->key[i]].field));
	group_keys_init(&c->keys, c->key, c->nkeys);
	shape.key_size = c->keys.size;
	table_init(&c->table, &shape);
	if (t->counted != 0) {
		c->key[c->nkeys] = (struct key){ .field = ft_keys[t->counted].field };
		group_keys_init(&c->pair_keys, c->key, c->nkeys + 1);
		shape.key_size = c->pair_keys.size;
		table_init(&c->pairs, &shape);
	}
	c->packed = arena_alloc(a, BATCH_MAX * (c->keys.size + c->pair_keys.size + 8));
	c->chosen = arena_alloc(a, BATCH_MAX * sizeof(*c->chosen));
	c->first = c->last = 0;
	c->first_msec = UINT64_MAX;
}

void
ft_count_free(struct ft_count *c)
{
	table_free(&c->table);
	table_free(&c->pairs);
	free(c->group);
	c->group = NULL;
}

void
ft_count_clear(struct ft_count *c)
{
	table_clear(&c->table);
	if (c->report->type->counted != 0)
		table_clear(&c->pairs);
	memset(&c->all, 0, sizeof(c->all));
	memset(c->bin, 0, sizeof(c->bin));
	c->ignored = 0;
	c->first = c->last = 0;
	c->first_msec = UINT64_MAX;
	c->last_msec = 0;
}

/* The fields of a key: its own, or those that it is computed from. */
static void
key_fields(const struct ft_key *k, struct fieldset *set)
{
	if (k->compute == NULL)
		fieldset_add(set, k->field);
	for (size_t i = 0; i < 3 && k->needs[i] != F_PACKETS; i++)
		fieldset_add(set, k->needs[i]);
	if (k->field == F_FIRST || k->field == F_LAST)
		fieldset_add(set, k->field);
}

void
ft_count_needs(const struct ft_report *r, struct fieldset *set)
{
	const struct ft_type_row *t = r->type;

	for (size_t i = 0; i < t->n; i++) {
		key_fields(&ft_keys[t->key[i]], set);
		if (address_format(r, ft_keys[t->key[i]].field) != FTA_ADDRESS)
			fieldset_add(set, mask_of(ft_keys[t->key[i]].field));
	}
	if (t->other_end != F_COUNT)
		fieldset_add(set, t->other_end);
	if (t->counted != 0)
		key_fields(&ft_keys[t->counted], set);
}

void
ft_count_fields(const struct ft_report *r, struct fieldset *set)
{
	static const enum field always[] = { F_FLOWS, F_PACKETS, F_BYTES, F_DURATION, F_RECEIVED, F_FIRST, F_LAST };

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		fieldset_add(set, always[i]);
	ft_count_needs(r, set);
}

int
ft_count_check(const struct ft_report *r, const struct fieldset *lacks, struct err *e)
{
	struct fieldset set = { { 0, 0 } };

	ft_count_needs(r, &set);
	for (int f = 0; f < F_COUNT; f++)
		if (fieldset_has(&set, f) && fieldset_has(lacks, f) && f != F_UPTIME)
			return err_set(e, ERR_DATA, "report %s: the flows have no %s", r->name, fields[f].title);
	return 0;
}

static void
count_rate(double v, double *sum, double *min, double *max)
{
	*sum += v;
	if (*min == 0 || v < *min)
		*min = v;
	if (v > *max)
		*max = v;
}

/* What a flow adds to its group, and to all. */
struct flow { uint64_t flows, octets, packets, duration; double bps, pps; };

static struct flow
flow_at(const struct ft_count *c, const struct batch *b, size_t i)
{
	struct flow f = { COL64(b, F_FLOWS)[i], COL64(b, F_BYTES)[i] * c->report->scale,
	    COL64(b, F_PACKETS)[i] * c->report->scale, COL64(b, F_DURATION)[i], 0, 0 };

	if (f.duration > 0) {
		f.bps = (double)f.octets * 8 / ((double)f.duration / 1000.0);
		f.pps = (double)f.packets / ((double)f.duration / 1000.0);
	}
	return f;
}

static void
counts_take(struct ft_counts *to, const struct flow *f)
{
	to->flows += f->flows;
	to->octets += f->octets;
	to->packets += f->packets;
	to->duration += f->duration;
	if (f->duration == 0)
		return;
	to->timed++;
	count_rate(f->bps, &to->bps, &to->min_bps, &to->max_bps);
	count_rate(f->pps, &to->pps, &to->min_pps, &to->max_pps);
}

/* The number of a key's group; a new one has nothing counted yet. */
static size_t
group_number(struct ft_count *c, uint32_t hash, const char *key)
{
	struct group_table *t = &c->table;
	size_t before = t->n, number;
	uint64_t *counts = table_find(t, hash, key);

	number = ((char *)counts - t->shape.key_size - t->entries) / t->entry_size;
	if (number >= c->room) {
		c->room = c->room != 0 ? c->room * 2 : 256;
		c->group = xrealloc(c->group, c->room, sizeof(*c->group));
	}
	if (t->n > before)
		memset(&c->group[number], 0, sizeof(c->group[number]));
	return number;
}

static struct ft_counts *
group_of(struct ft_count *c, const char *key)
{
	size_t number = group_number(c, table_hash(key, c->keys.size), key);

	return &c->group[number];
}

/* Columns that are not the reader's, of BATCH_MAX rows. */
static void *
scratch_column(struct ft_count *c, enum field f)
{
	if (c->computed[f] == NULL)
		c->computed[f] = arena_array(c->arena, BATCH_MAX, fields[f].width);
	return c->computed[f];
}

static void
mask_addresses(struct ft_count *c, enum field f)
{
	const uint8_t *mask = COL8(&c->keyed, mask_of(f));
	const struct addr *from = COLADDR(&c->keyed, f);
	struct addr *to = scratch_column(c, f);

	for (size_t i = 0; i < c->keyed.n; i++) {
		unsigned whole = addr_is_v4(&from[i]) ? 32 : 128;

		to[i] = from[i];
		/* 0: the exporter does not know. */
		if (mask[i] != 0 && mask[i] < whole)
			addr_mask(&to[i], 128 - whole + mask[i]);
	}
	c->keyed.col[f] = to;
}

/* The batch as the keys see it. */
static void
make_keyed(struct ft_count *c, const struct batch *b)
{
	const struct ft_type_row *t = c->report->type;

	c->keyed = *b;
	for (size_t i = 0; i < t->n; i++) {
		const struct ft_key *k = &ft_keys[t->key[i]];

		if (k->compute != NULL) {
			k->compute(b, scratch_column(c, k->field));
			c->keyed.col[k->field] = c->computed[k->field];
		}
		if (address_format(c->report, k->field) == FTA_MASK)
			mask_addresses(c, k->field);
	}
}

static void
count_pairs(struct ft_count *c, size_t n)
{
	char *pairs = c->packed + BATCH_MAX * c->keys.size;

	group_pack(&c->pair_keys, &c->keyed, c->chosen, n, pairs);
	for (size_t i = 0; i < n; i++) {
		const char *pair = pairs + i * c->pair_keys.size;
		size_t before = c->pairs.n;

		table_find(&c->pairs, table_hash(pair, c->pair_keys.size), pair);
		if (c->pairs.n > before)
			group_of(c, c->packed + i * c->keys.size)->count++;
		c->all.count = c->pairs.n;
	}
}

/* Memory of the groups is far away: what the next flows need is asked for before it is used. */
static void
count_groups(struct ft_count *c, const struct batch *b, size_t n)
{
	uint32_t hash[AHEAD], number[AHEAD];

	group_pack(&c->keys, &c->keyed, c->chosen, n, c->packed);
	for (size_t from = 0; from < n; from += AHEAD) {
		const char *key = c->packed + from * c->keys.size;
		size_t k = n - from < AHEAD ? n - from : AHEAD;

		for (size_t i = 0; i < k; i++)
			hash[i] = table_hash(key + i * c->keys.size, c->keys.size);
		table_prefetch(&c->table, hash, k);
		for (size_t i = 0; i < k; i++) {
			number[i] = (uint32_t)group_number(c, hash[i], key + i * c->keys.size);
			__builtin_prefetch(&c->group[number[i]]);
			__builtin_prefetch((char *)&c->group[number[i]] + 64);
		}
		for (size_t i = 0; i < k; i++) {
			struct flow f = flow_at(c, b, c->chosen[from + i]);

			counts_take(&c->group[number[i]], &f);
		}
	}
	if (c->report->type->counted != 0)
		count_pairs(c, n);
}

/* Each flow twice, once for either end, in turn: the order in which groups come is part of the output. */
static void
count_ends(struct ft_count *c, const struct batch *b, size_t n)
{
	enum field one = c->key[0].field, other = c->report->type->other_end;
	size_t width = fields[one].width, size = c->keys.size;
	struct batch ends = { .n = 0 };
	uint16_t row[2] = { 0, 1 };
	uint64_t two[4];		/* room for two values of any kind */

	ends.col[one] = two;
	for (size_t i = 0; i < n; i++) {
		struct flow f = flow_at(c, b, c->chosen[i]);

		memcpy(two, (const char *)c->keyed.col[one] + c->chosen[i] * width, width);
		memcpy((char *)two + width, (const char *)c->keyed.col[other] + c->chosen[i] * width, width);
		group_pack(&c->keys, &ends, row, 2, c->packed);
		counts_take(group_of(c, c->packed), &f);
		counts_take(group_of(c, c->packed + size), &f);
	}
}

/* A flow's counters in equal parts for each second that it touches. */
static void
count_seconds(struct ft_count *c, const struct batch *b, size_t n)
{
	uint64_t second;
	struct batch one = { .n = 1 };
	uint16_t row = 0;

	one.col[F_FIRST] = &second;
	for (size_t i = 0; i < n; i++) {
		struct flow f = flow_at(c, b, c->chosen[i]);
		uint64_t from = COL64(b, F_FIRST)[c->chosen[i]] / 1000, to = COL64(b, F_LAST)[c->chosen[i]] / 1000;
		double seconds;

		/* Longer than the exporter's clock can say: what is wrong is not spread over years. */
		if (to < from || to - from > UINT32_MAX / 1000)
			to = from;
		seconds = (double)(to - from + 1);
		if ((c->full = c->table.n > FT_GROUPS_MAX))
			return;
		for (second = from; second <= to; second++) {
			struct ft_counts *g;

			group_pack(&c->keys, &one, &row, 1, c->packed);
			g = group_of(c, c->packed);
			g->share[0] += (double)f.flows / seconds;
			g->share[1] += (double)f.octets / seconds;
			g->share[2] += (double)f.packets / seconds;
		}
	}
}

static void
count_bins(struct ft_count *c, const struct flow *f)
{
	uint64_t v[FT_DISTRIBUTIONS] = { f->octets / f->packets, f->packets, f->octets, f->duration };

	for (size_t d = 0; d < FT_DISTRIBUTIONS; d++) {
		size_t i = 0;

		while (i < ft_bins[d].n && v[d] > ft_bins[d].limit[i])
			i++;
		c->bin[d][i]++;
	}
}

/* Totals, and which flows count at all. */
static size_t
choose(struct ft_count *c, const struct batch *b, const uint8_t *sel, size_t from, size_t to)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++) {
		int64_t sec = (int64_t)(COL64(b, F_RECEIVED)[i] / 1000);
		struct flow f;

		if (sel != NULL && sel[i] == 0)
			continue;
		if (COL64(b, F_PACKETS)[i] == 0) {
			c->ignored++;
			continue;
		}
		f = flow_at(c, b, i);
		if (c->all.flows == 0 || sec < c->first)
			c->first = sec;
		if (sec > c->last)
			c->last = sec;
		if (COL64(b, F_FIRST)[i] < c->first_msec)
			c->first_msec = COL64(b, F_FIRST)[i];
		if (COL64(b, F_LAST)[i] > c->last_msec)
			c->last_msec = COL64(b, F_LAST)[i];
		counts_take(&c->all, &f);
		if (c->report->type->shape == FT_DETAIL)
			count_bins(c, &f);
		c->chosen[n++] = (uint16_t)i;
	}
	return n;
}

void
ft_count_add(struct ft_count *c, const struct batch *b, const uint8_t *sel, size_t from, size_t to)
{
	size_t n = choose(c, b, sel, from, to);

	c->full |= c->table.n > FT_GROUPS_MAX || c->pairs.n > FT_GROUPS_MAX;
	if (c->nkeys == 0 || c->full)
		return;
	make_keyed(c, b);
	if (c->report->type->shape == FT_SECONDS)
		count_seconds(c, b, n);
	else if (c->report->type->other_end != F_COUNT)
		count_ends(c, b, n);
	else
		count_groups(c, b, n);
}
