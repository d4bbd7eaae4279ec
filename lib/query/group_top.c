#include "query/group_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "query/bidir.h"
#include "query/order.h"

static const enum field counter_fields[] = {
	F_FLOWS, F_PACKETS, F_BYTES, F_OUTPACKETS, F_OUTBYTES, F_FIRST, F_LAST,
};

void
counters_fields(struct fieldset *set)
{
	for (size_t i = 0; i < sizeof(counter_fields) / sizeof(counter_fields[0]); i++)
		fieldset_add(set, counter_fields[i]);
}

void
counters_of_row(const struct batch *b, size_t i, struct counters *c)
{
	c->flows = COL64(b, F_FLOWS)[i];
	c->packets = COL64(b, F_PACKETS)[i];
	c->bytes = COL64(b, F_BYTES)[i];
	c->outpackets = COL64(b, F_OUTPACKETS)[i];
	c->outbytes = COL64(b, F_OUTBYTES)[i];
	c->first = COL64(b, F_FIRST)[i];
	c->last = COL64(b, F_LAST)[i];
	c->flags = b->col[F_FLAGS] != NULL ? COL8(b, F_FLAGS)[i] : 0;
}

static void
row_of_counters(struct batch *b, size_t i, const struct counters *c)
{
	COL64(b, F_FLOWS)[i] = c->flows;
	COL64(b, F_PACKETS)[i] = c->packets;
	COL64(b, F_BYTES)[i] = c->bytes;
	COL64(b, F_OUTPACKETS)[i] = c->outpackets;
	COL64(b, F_OUTBYTES)[i] = c->outbytes;
	COL64(b, F_FIRST)[i] = c->first;
	COL64(b, F_LAST)[i] = c->last;
	if (b->col[F_FLAGS] != NULL)
		COL8(b, F_FLAGS)[i] = (uint8_t)c->flags;
}

/* How groups are held: of which family, and in what. */
struct holding {
	const struct group_keys *keys;
	const struct entry_form *form;		/* of entries, or NULL */
	const struct table_shape *shape;	/* of the table of those that do not fit into entries */
};

/* A group among the candidates for the top. */
struct ranked {
	uint64_t value;
	const uint64_t *group;		/* the key, and what is held behind it */
	const struct holding *kind;
};

struct ranking {
	bool ascending;
};

/* By their whole keys; those of one family by what is packed of them. */
static int
compare_keys(const struct ranked *a, const struct ranked *b)
{
	const struct group_keys *x = a->kind->keys, *y = b->kind->keys;
	char one[KEYS_MAX * 16], two[KEYS_MAX * 16];

	if (x->narrow == y->narrow)
		return memcmp(a->group, b->group, x->size);
	group_keys_spread(x, (const char *)a->group, one);
	group_keys_spread(y, (const char *)b->group, two);
	return memcmp(one, two, x->narrow ? y->size : x->size);
}

static int
compare_ranked(const void *one, const void *two, const void *ctx)
{
	const struct ranked *a = one, *b = two;
	const struct ranking *r = ctx;

	if (a->value != b->value)
		return (a->value < b->value) == r->ascending ? -1 : 1;
	return compare_keys(a, b);
}

/* A group's counts as in a table; room is for entries', which are packed. */
static const uint64_t *
counts_of(const struct holding *kind, const uint64_t *group, uint64_t *room)
{
	if (kind->form == NULL)
		return group + kind->shape->key_size / 8;
	entry_counts(kind->form, group, room);
	return room;
}

/* A group's counters, as they are shown; is it the other way round? */
static bool
read_group(const struct holding *kind, const uint64_t *group, struct counters *c, uint64_t *order, bool *flips)
{
	struct table_shape packed = { 0, kind->form != NULL && kind->form->records, false };
	const struct group_keys *keys = kind->keys;
	uint64_t room[COUNT_OUTBYTES + 1];
	const uint64_t *counts = counts_of(kind, group, room);
	bool turned;

	counts_read(counts, kind->form != NULL ? &packed : kind->shape, c);
	*order = (kind->form != NULL ? packed.records : kind->shape->records) ? counts[COUNT_ORDER] : 0;
	*flips = false;
	if (keys->bidir == BIDIR_NO)
		return false;
	turned = bidir_shows_turned(keys, (const char *)group, *order, flips);
	c->flags = bidir_flags(counts);
	if (turned)
		bidir_turn_counters(c);
	return turned;
}

/* Row i out of a group. */
static void
fill_row(const struct ranked *r, struct batch *rows, size_t i, uint64_t *where)
{
	const struct group_keys *keys = r->kind->keys;
	const char *packed = (const char *)r->group;
	char key[KEYS_MAX * 16];
	struct counters c;
	uint64_t order;
	bool flips, turned = read_group(r->kind, r->group, &c, &order, &flips);

	row_of_counters(rows, i, &c);
	if (turned)
		bidir_turn_key(keys, packed, key);
	group_unpack(keys, turned ? key : packed, rows, i);
	if (where != NULL)
		*where = keys->bidir == BIDIR_NO ? order : bidir_where(order) | (flips ? FIRST_FLIPPED : 0);
}

/* The best groups so far, of what a thread has seen. */
struct rank {
	enum order order;
	struct ranking ranking;
	uint64_t top, all;
	bool full;			/* the first `top` are the best so far, in order */
	struct ranked *ranked;
	size_t n, room;
};

#define RANK_ROOM	16384		/* candidates beside the top */

static void
rank_sort(struct rank *rank)
{
	rank->n = order_top(rank->ranked, rank->n, sizeof(*rank->ranked), rank->top, compare_ranked,
	    &rank->ranking);
	rank->full = rank->top != 0 && rank->n == rank->top;
}

/* Is that worse than what is in the top already? */
static bool
is_worse(const struct rank *rank, uint64_t value)
{
	uint64_t last;

	if (!rank->full)
		return false;
	last = rank->ranked[rank->top - 1].value;
	return rank->ranking.ascending ? value > last : value < last;
}

static void
rank_add(struct rank *rank, const struct holding *kind, const uint64_t *group)
{
	uint64_t order, value = 0;
	struct counters c;
	bool flips;

	rank->all++;
	if (rank->order != ORDERS) {
		read_group(kind, group, &c, &order, &flips);
		value = orders[rank->order].value(&c);
	}
	if (is_worse(rank, value))
		return;
	if (rank->n == rank->room && rank->top != 0)
		rank_sort(rank);
	if (rank->n == rank->room) {
		rank->room = rank->room != 0 ? rank->room * 2 : (size_t)rank->top + RANK_ROOM;
		rank->ranked = xrealloc(rank->ranked, rank->room, sizeof(*rank->ranked));
	}
	rank->ranked[rank->n++] = (struct ranked){ value, group, kind };
}

/* The groups of a part, some of them after another. */
struct groups {
	const struct part *part;
	struct holding kind[2];		/* entries; those that do not fit */
};

static size_t
groups_count(const struct groups *g)
{
	return g->part->n + g->part->wide.n;
}

static const uint64_t *
groups_at(const struct groups *g, size_t i, const struct holding **kind)
{
	*kind = &g->kind[i >= g->part->n];
	return i < g->part->n ? part_entry(g->part, i) : (const uint64_t *)table_key(&g->part->wide, i - g->part->n);
}

/* The choice of which groups are ranked. */
struct chooser {
	const struct selection *choice;
	struct arena *arena;
	struct batch rows;
	uint8_t *sel;
};

static void
chooser_start(struct chooser *c, const struct selection *choice)
{
	memset(c, 0, sizeof(*c));
	c->choice = choice;
	if (choice == NULL)
		return;
	c->arena = arena_new();
	c->sel = arena_alloc(c->arena, BATCH_MAX);
	batch_columns(&c->rows, &choice->fields, BATCH_MAX, c->arena);
	c->rows.ident = "";
}

/* Some groups of a part, made into rows for who chooses. */
static void
rank_chosen(struct rank *rank, struct chooser *c, const struct groups *g, size_t first, size_t n)
{
	const struct holding *kind;

	c->rows.n = n;
	for (size_t i = 0; i < n; i++) {
		const uint64_t *group = groups_at(g, first + i, &kind);

		fill_row(&(struct ranked){ 0, group, kind }, &c->rows, i, NULL);
	}
	batch_derive(&c->rows);
	c->choice->choose(c->choice->ctx, &c->rows, c->sel);
	for (size_t i = 0; i < n; i++)
		if (c->sel[i]) {
			const uint64_t *group = groups_at(g, first + i, &kind);

			rank_add(rank, kind, group);
		}
}

/* A ranking at work: each thread ranks parts. */
struct ranks {
	struct groups *groups;
	struct rank *rank;		/* by thread */
	struct chooser chooser;
};

static int
rank_part(void *ctx, unsigned worker, size_t number)
{
	struct ranks *r = ctx;
	const struct groups *g = &r->groups[number];
	size_t n = groups_count(g);

	if (r->chooser.choice == NULL) {
		for (size_t i = 0; i < n; i++) {
			const struct holding *kind;
			const uint64_t *group = groups_at(g, i, &kind);

			rank_add(&r->rank[worker], kind, group);
		}
		return 0;
	}
	for (size_t i = 0; i < n; i += BATCH_MAX)
		rank_chosen(&r->rank[worker], &r->chooser, g, i, n - i < BATCH_MAX ? n - i : BATCH_MAX);
	return 0;
}

static struct groups *
all_groups(const struct group *g, const struct group_keys *keys, const struct group_keys *narrow)
{
	struct groups *groups = xcalloc(FAMILIES * PARTS, sizeof(*groups));

	for (size_t i = 0; i < FAMILIES * PARTS; i++) {
		const struct store *s = &g->store[i / PARTS];
		const struct group_keys *k = i / PARTS == FAMILY_V4 ? narrow : keys;

		groups[i].part = &s->part[i % PARTS];
		groups[i].kind[0] = (struct holding){ k, &s->form, NULL };
		groups[i].kind[1] = (struct holding){ k, NULL, &groups[i].part->wide.shape };
	}
	return groups;
}

/* One rank of all threads'. */
static struct rank
join_ranks(struct rank *rank, unsigned n)
{
	struct rank all = rank[0];

	for (unsigned i = 1; i < n; i++) {
		if (all.n + rank[i].n > all.room) {
			all.room = all.n + rank[i].n;
			all.ranked = xrealloc(all.ranked, all.room, sizeof(*all.ranked));
		}
		if (rank[i].n > 0)
			memcpy(all.ranked + all.n, rank[i].ranked, rank[i].n * sizeof(*all.ranked));
		all.n += rank[i].n;
		all.all += rank[i].all;
		free(rank[i].ranked);
	}
	if (all.n > 0)
		rank_sort(&all);
	return all;
}

uint64_t
group_top(struct group *g, const struct group_keys *keys, const struct selection *choice, enum order order,
    bool ascending, uint64_t top, const struct fieldset *columns, struct arena *a, struct batch *rows,
    uint64_t **where)
{
	struct group_keys narrow;
	struct ranks r;
	struct rank all;

	group_keys_narrow(keys, &narrow);
	r.groups = all_groups(g, keys, &narrow);
	r.rank = xcalloc(g->threads, sizeof(*r.rank));
	for (unsigned i = 0; i < g->threads; i++)
		r.rank[i] = (struct rank){ .order = order, .ranking = { ascending }, .top = top };
	chooser_start(&r.chooser, choice);
	/* Who chooses serves one thread. */
	pool_run(choice == NULL ? g->threads : 1, FAMILIES * PARTS, rank_part, &r);
	all = join_ranks(r.rank, g->threads);
	batch_columns(rows, columns, all.n, a);
	rows->n = all.n;
	rows->ident = "";
	if (where != NULL)
		*where = arena_array(a, all.n + 1, sizeof(**where));
	for (size_t i = 0; i < all.n; i++)
		fill_row(&all.ranked[i], rows, i, where != NULL ? &(*where)[i] : NULL);
	arena_free(r.chooser.arena);
	free(all.ranked);
	free(r.rank);
	free(r.groups);
	return all.all;
}
