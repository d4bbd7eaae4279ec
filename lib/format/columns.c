#include "format/columns.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow/ranges.h"
#include "format/colblock.h"
#include "format/format.h"

/* gcc leaves loops of unknown length as they are below -O3. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

#define DIRECTORY_MAX	(64 << 20)
#define EXPORTERS_MAX	65536
#define FEW		16	/* chosen flows of a stripe whose values are unpacked one by one */

/* How many rows of a batch's column hold the same number. */
struct filled { uint64_t value; size_t n; };

struct columns {
	struct col_meta meta;
	uint8_t *directory;
	const uint8_t *at, *end;	/* of the next block's part of it */
	struct colblock block;
	size_t nblock;			/* blocks so far */
	size_t stripe;			/* the next one of the block */
	uint64_t flows;			/* in the blocks before */
	struct filled filled[2][F_COUNT];	/* of the reader's batch, and of its probe's */
	uint16_t chosen[STRIPE];
	struct batch_places places;	/* of the reader's batch, when that may have some */
	uint32_t *place[F_COUNT];
	struct reader *instead;		/* of the collector file, since a block was broken */
	struct probe *asked;		/* what it is to choose */
	uint64_t from;			/* number of the first flow that is wanted of it */
	bool seeks;			/* only flows of hosts, which have these places in the block's dictionary */
	size_t nhosts;
	uint64_t host[NEEDLES_MAX];
};

static bool
columns_probe(const uint8_t *head, size_t n)
{
	return n >= 8 && memcmp(head, COLUMNS_MAGIC, 8) == 0;
}

/* ---- opening ---- */

/* Is the collector file the one that this was made of? */
static int
check_collector(const struct reader *r, const struct col_head *head, struct err *e)
{
	struct stamp now;
	uint64_t origin;
	int fd = file_open(r->collector, &now, e), rc;

	if (fd == -1)
		return -1;
	rc = columns_origin(fd, r->collector, &origin, e);
	close(fd);
	if (rc == 0 && (now.size != head->size || now.mtime_nsec != head->mtime_nsec || now.ino != head->ino ||
	    origin != head->origin))
		return err_set(e, ERR_DATA, "the collector file has changed");
	return rc;
}

static int
head_read(struct reader *r, struct err *e)
{
	struct col_head head;
	ssize_t n = file_read_at(r->fd, &head, sizeof(head), 0, e);

	if (n == -1)
		return -1;
	if (n != sizeof(head) || head.order != 0x01020304 || head.version != COLUMNS_VERSION ||
	    !col_intact(&head, offsetof(struct col_head, check), head.check))
		return err_set(e, ERR_DATA, "columns: the header is broken, or of another version or machine");
	if (r->collector != NULL && check_collector(r, &head, e) == -1)
		return -1;
	r->info.stamp.size = head.size;
	r->info.stamp.mtime_nsec = head.mtime_nsec;
	r->info.stamp.ino = head.ino;
	return 0;
}

static int
directory_read(struct reader *r, struct err *e)
{
	struct columns *s = r->state;
	struct col_foot foot;
	int64_t at = r->size - (int64_t)sizeof(foot);
	ssize_t n = at >= (int64_t)sizeof(struct col_head) ? file_read_at(r->fd, &foot, sizeof(foot), at, e) : 0;

	if (n == -1)
		return -1;
	if (n != sizeof(foot) || memcmp(foot.magic, COLUMNS_MAGIC, sizeof(foot.magic)) != 0 ||
	    foot.offset > (uint64_t)at || foot.size != (uint64_t)at - foot.offset ||
	    foot.size < sizeof(s->meta) || foot.size > DIRECTORY_MAX)
		return err_set(e, ERR_DATA, "columns: no footer where the file ends");
	s->directory = xmalloc(foot.size);
	if ((n = file_read_at(r->fd, s->directory, foot.size, (int64_t)foot.offset, e)) == -1)
		return -1;
	if ((uint64_t)n != foot.size || !col_intact(s->directory, foot.size, foot.check))
		return err_set(e, ERR_DATA, "columns: the directory is broken");
	memcpy(&s->meta, s->directory, sizeof(s->meta));
	s->at = s->directory + sizeof(s->meta);
	s->end = s->directory + foot.size;
	return 0;
}

static void
take_text(char *to, size_t size, const char *from, size_t n)
{
	snprintf(to, size, "%.*s", (int)strnlen(from, n), from);
}

static void
take_meta(struct reader *r)
{
	struct columns *s = r->state;
	const struct col_meta *m = &s->meta;
	struct file_info *info = &r->info;
	char compression[sizeof(m->compression)];

	take_text(compression, sizeof(compression), m->compression, sizeof(m->compression));
	info->compression = arena_strdup(r->arena, compression);
	take_text(info->ident, sizeof(info->ident), m->ident, sizeof(m->ident));
	take_text(info->writer, sizeof(info->writer), m->writer, sizeof(m->writer));
	take_text(info->comment, sizeof(info->comment), m->comment, sizeof(m->comment));
	info->created = m->created;
	info->blocks = m->data_blocks;
	info->has_stat = m->has_stat;
	for (int p = 0; p < PROTO_CLASSES; p++)
		info->stat.by[p] = (struct totals){ m->stat[p][0], m->stat[p][1], m->stat[p][2] };
	info->first_msec = m->first_msec;
	info->last_msec = m->last_msec;
	info->sequence_failures = m->sequence_failures;
	info->packets_corrupt = m->packets_corrupt;
	info->sequence_resets = m->sequence_resets;
	info->lacks = (struct fieldset){ { m->lacks[0], m->lacks[1] } };
}

static int
take_exporters(struct reader *r, struct err *e)
{
	struct columns *s = r->state;

	if (s->meta.exporters > EXPORTERS_MAX ||
	    s->meta.exporters * sizeof(struct col_exporter) > (size_t)(s->end - s->at))
		return err_set(e, ERR_DATA, "columns: %" PRIu64 " exporters cannot be", s->meta.exporters);
	for (uint64_t i = 0; i < s->meta.exporters; i++, s->at += sizeof(struct col_exporter)) {
		struct col_exporter from;
		struct exporter *x;

		memcpy(&from, s->at, sizeof(from));
		x = reader_exporter(r, from.sysid);
		memcpy(x->addr.b, from.addr, sizeof(from.addr));
		x->id = from.id;
		x->version = from.version;
		x->packets = from.packets;
		x->flows = from.flows;
		x->sequence_failures = from.sequence_failures;
		x->sampling = from.sampling;
	}
	return 0;
}

static int
columns_open(struct reader *r, struct err *e)
{
	struct columns *s = xcalloc(1, sizeof(*s));

	r->state = s;
	for (int i = 0; i < 2; i++)
		for (int f = 0; f < F_COUNT; f++)
			s->filled[i][f].n = BATCH_MAX;		/* as batch_columns made them */
	if (head_read(r, e) == -1 || directory_read(r, e) == -1)
		return -1;
	take_meta(r);
	return take_exporters(r, e);
}

static void
columns_close(struct reader *r)
{
	struct columns *s = r->state;

	if (s == NULL)
		return;
	reader_close(s->instead);
	colblock_free(&s->block);
	for (int f = 0; f < F_COUNT; f++)
		free(s->place[f]);
	free(s->directory);
	free(s);
}

static size_t
columns_blocks(struct reader *r, struct err *e)
{
	const struct columns *s = r->state;

	(void)e;
	return s->meta.blocks;
}

/* ---- a block ---- */

/* Sets up the columns of the next block.  1, 0 at the end, -1 when the directory makes no sense. */
static int
block_step(struct reader *r)
{
	struct columns *s = r->state;

	s->flows += s->block.head.flows;
	s->block.head.flows = 0;
	s->stripe = 0;
	if (s->nblock >= s->meta.blocks || s->nblock >= r->last_block)
		return 0;
	if (colblock_start(&s->block, &s->at, s->end, r->size) == -1) {
		s->block.head.flows = 0;
		s->at = s->end;		/* nor is there another one then */
		return -1;
	}
	s->nblock++;
	return 1;
}

/* ---- into a batch ---- */

#define NARROW(type)							\
	do {								\
		type *to = b->col[f];			\
									\
		if (chosen == NULL)					\
			for (size_t i = 0; i < n; i++)			\
				to[i] = (type)v[i];			\
		else							\
			for (size_t i = 0; i < n; i++)			\
				to[i] = (type)v[chosen[i]];		\
	} while (0)

static void
put_numbers(struct batch *b, enum field f, const uint64_t *v, const uint16_t *chosen, size_t n)
{
	switch (fields[f].width) {
	case 1: NARROW(uint8_t); break;
	case 2: NARROW(uint16_t); break;
	case 4: NARROW(uint32_t); break;
	case 8: NARROW(uint64_t); break;
	default: break;
	}
}

static int
put_addresses(struct reader *r, struct batch *b, enum field f, const uint64_t *v, const uint16_t *chosen, size_t n)
{
	struct columns *s = r->state;
	struct addr *to = COLADDR(b, f);
	uint64_t all;

	if (colblock_dict(r, &s->block) == -1 || addr_dict_table(&s->block.dict) == -1)
		return -1;
	all = (uint64_t)s->block.dict.n4 + s->block.dict.n6;
	for (size_t i = 0; i < n; i++) {
		uint64_t place = v[chosen != NULL ? chosen[i] : i];

		if (place >= all)
			return -1;
		to[i] = s->block.dict.table[place];
	}
	return 0;
}

/* Places in the addresses' stead. */
static int
put_places(struct reader *r, enum field f, const uint64_t *v, const uint16_t *chosen, size_t n)
{
	struct columns *s = r->state;
	uint64_t all, worst = 0;
	uint32_t *to;

	if (colblock_dict(r, &s->block) == -1 || addr_dict_table(&s->block.dict) == -1)
		return -1;
	if (s->place[f] == NULL)
		s->place[f] = xmalloc(STRIPE * sizeof(*s->place[f]));
	to = s->place[f];
	all = (uint64_t)s->block.dict.n4 + s->block.dict.n6;
	for (size_t i = 0; i < n; i++) {
		uint64_t place = v[chosen != NULL ? chosen[i] : i];

		worst |= place >= all;
		to[i] = (uint32_t)place;
	}
	s->places.addr = s->block.dict.table;
	s->places.n = all;
	s->places.serial = s->nblock;
	s->places.place[f] = to;
	r->batch.places = &s->places;
	return worst == 0 ? 0 : -1;
}

/* The same number in the first n rows, unless they hold it. */
static void
put_same(struct batch *b, enum field f, struct filled *filled, uint64_t value, size_t n)
{
	if (filled->value == value && filled->n >= n)
		return;
	*filled = (struct filled){ value, n };
	if (fields[f].width == 16)
		memset(b->col[f], 0, n * 16);
	else
		for (size_t i = 0; i < n; i++)
			batch_set_number(b, f, i, value);
}

/* A stripe's values of a field into the batch: of n chosen flows, or of the first n. */
static int
put_field(struct reader *r, struct batch *b, struct filled *filled, enum field f, const uint16_t *chosen, size_t n)
{
	struct columns *s = r->state;
	const struct col_entry *x = s->block.column[f].entry;
	uint64_t few[FEW];
	const uint64_t *v;

	if (x == NULL || (x->code == COL_CONST && fields[f].width != 16)) {
		if (r->source != NULL)
			filled->n = 0;		/* quirks may have changed it since */
		put_same(b, f, filled, x == NULL ? 0 : x->least, n);
		return 0;
	}
	filled->n = 0;
	if (chosen != NULL && n <= FEW) {
		if (colblock_few(r, &s->block, f, s->stripe, chosen, n, few) == -1)
			return -1;
		v = few;
		chosen = NULL;
	} else if ((v = colblock_values(r, &s->block, f, s->stripe)) == NULL)
		return -1;
	if (fields[f].width == 16 && b == &r->batch && r->takes_places && r->source == NULL)
		return put_places(r, f, v, chosen, n);
	if (fields[f].width == 16)
		return put_addresses(r, b, f, v, chosen, n);
	put_numbers(b, f, v, chosen, n);
	return 0;
}

static int
put_fields(struct reader *r, struct batch *b, struct filled *filled, const uint16_t *chosen, size_t n)
{
	for (enum field f = 0; f < F_COUNT; f++)
		if (b->col[f] != NULL && fields[f].derive == NULL &&
		    put_field(r, b, &filled[f], f, chosen, n) == -1)
			return -1;
	return 0;
}

/* ---- what can be left out ---- */

static bool
is_above_all(const struct addr *a)
{
	for (size_t i = addr_is_v4(a) ? 12 : 0; i < sizeof(a->b); i++)
		if (a->b[i] != 0xff)
			return false;
	return true;
}

static struct addr
addr_after(struct addr a)
{
	for (size_t i = sizeof(a.b); i-- > 0 && ++a.b[i] == 0;)
		;
	return a;
}

/* struct block_ranges's holds. */
static bool
holds(void *ctx, enum field f, const struct addr *first, const struct addr *last)
{
	struct reader *r = ctx;
	struct columns *s = r->state;
	const struct col_entry *x = s->block.column[f].entry;
	const struct addr_dict *dict = &s->block.dict;
	struct addr after = addr_after(*last);
	int64_t low, high;

	if (x == NULL)
		return !addr_is_v4(first);	/* all zero, as IPv6 */
	if (colblock_dict(r, &s->block) == -1 || (low = addr_dict_below(&s->block.dict, first)) == -1)
		return true;			/* found broken when it is decoded */
	if (is_above_all(last))
		high = addr_is_v4(last) ? dict->n4 : (int64_t)dict->n4 + dict->n6;
	else
		high = addr_dict_below(&s->block.dict, &after);
	return high == -1 || (low < high && (uint64_t)low <= x->most && (uint64_t)high > x->least);
}

/* What quirk_apply changes. */
static void
counters_and_times(struct fieldset *set)
{
	for (enum field f = 0; f < F_COUNT; f++)
		if (fields[f].kind == KIND_COUNTER || fields[f].kind == KIND_TIME)
			fieldset_add(set, f);
}

static bool
may_match(struct reader *r)
{
	struct columns *s = r->state;
	const struct selection *selection = &r->probe->selection;
	struct block_ranges ranges = { .n = s->block.head.flows, .elements_all = s->block.head.elements_all,
	    .elements_any = s->block.head.elements_any, .holds = holds, .ctx = r };

	struct fieldset changed = { { 0, 0 } };	/* by quirks */

	if (selection->may_match == NULL)
		return true;
	counters_and_times(&changed);
	for (int f = 0; f < F_COUNT; f++)
		if (fields[f].derive != NULL || (r->probe->source != NULL && fieldset_has(&changed, f)))
			ranges.most[f] = UINT64_MAX;
		else if (s->block.column[f].entry != NULL) {
			ranges.least[f] = s->block.column[f].entry->least;
			ranges.most[f] = s->block.column[f].entry->most;
		}
	return selection->may_match(selection->ctx, &ranges);
}

/*
 * Finds the hosts that are looked for in the block's dictionary.  False when it has none of them, and
 * so none of its flows is wanted.  Zero, which a column that is not there stands for, is not looked for.
 */
static bool
find_hosts(struct reader *r)
{
	static const struct addr zero;
	struct columns *s = r->state;
	const struct selection *selection = &r->probe->selection;
	struct addr_dict *dict = &s->block.dict;

	s->seeks = false;
	s->nhosts = 0;
	if (selection->nhosts == 0 || selection->nhosts > NEEDLES_MAX || colblock_dict(r, &s->block) == -1)
		return true;
	for (size_t i = 0; i < selection->nhosts; i++) {
		struct addr after = addr_after(selection->hosts[i]);
		int64_t at = addr_dict_below(dict, &selection->hosts[i]);
		int64_t end = is_above_all(&selection->hosts[i]) ? -1 : addr_dict_below(dict, &after);

		if (at == -1 || end == -1 || addr_cmp(&selection->hosts[i], &zero) == 0)
			return true;
		if (at < end)
			s->host[s->nhosts++] = (uint64_t)at;
	}
	s->seeks = true;
	return s->nhosts > 0;
}

/* ---- reading ---- */

/* The next n flows are not wanted, or lost. */
static void
pass_flows(struct reader *r, size_t n)
{
	if (r->probe == NULL)
		return;
	r->probe->next += n;
	r->info.flows += n;
}

/* Shows the probe n flows of the stripe: from its first one on, or the one that row says.  How many it chooses, or -1. */
static ssize_t
show(struct reader *r, const uint16_t *row, size_t n)
{
	struct columns *s = r->state;
	struct probe *p = r->probe;

	if (put_fields(r, &p->batch, s->filled[1], row, n) == -1)
		return -1;
	p->batch.n = n;
	p->batch.elements_all = s->block.head.elements_all;
	p->batch.first_number = p->next + (row != NULL ? *row : 0);
	quirk_apply(p->source, &p->batch);
	batch_derive(&p->batch);
	return (ssize_t)p->selection.choose(p->selection.ctx, &p->batch, p->sel);
}

/* The stripe's flows of the hosts that are looked for, into row; FEW + 1 when they are more, -1. */
static ssize_t
flows_of_hosts(struct reader *r, size_t n, uint16_t row[FEW])
{
	static const enum field ends[] = { F_SRCIP, F_DSTIP };
	struct columns *s = r->state;
	const uint64_t *v[2];
	size_t k = 0;

	for (int side = 0; side < 2; side++)
		if (s->block.column[ends[side]].entry == NULL)
			return FEW + 1;
		else if ((v[side] = colblock_values(r, &s->block, ends[side], s->stripe)) == NULL)
			return -1;
	for (size_t i = 0; i < n; i++) {
		bool is = false;

		for (size_t h = 0; h < s->nhosts; h++)
			is |= v[0][i] == s->host[h] || v[1][i] == s->host[h];
		if (is && k == FEW)
			return FEW + 1;
		if (is)
			row[k++] = i;
	}
	return (ssize_t)k;
}

/* As choose, where those that can be are few.  FEW + 1: they are not. */
static ssize_t
choose_few(struct reader *r, size_t n)
{
	struct columns *s = r->state;
	uint16_t row[FEW];
	ssize_t few = flows_of_hosts(r, n, row), chosen;
	size_t k = 0;

	for (ssize_t i = 0; few <= FEW && i < few; i++) {
		if ((chosen = show(r, &row[i], 1)) == -1)
			return -1;
		s->chosen[k] = row[i];
		r->probe->number[k] = r->probe->next + row[i];
		k += chosen == 1;
	}
	return few == -1 || few > FEW ? few : (ssize_t)k;
}

/* Which of the stripe's flows the probe chooses, into s->chosen; their number, or -1. */
static ssize_t
choose(struct reader *r, size_t n)
{
	struct columns *s = r->state;
	struct probe *p = r->probe;
	ssize_t few = s->seeks ? choose_few(r, n) : FEW + 1, all;
	size_t k = 0;

	if (few <= FEW)
		return few;
	if ((all = show(r, NULL, n)) < 1)
		return all;
	for (size_t i = 0; i < n; i++) {
		s->chosen[k] = i;
		p->number[k] = p->next + i;
		k += p->sel[i];
	}
	return (ssize_t)k;
}

/* Takes the next stripe into the empty batch.  0, or -1 when it is broken. */
static int
take_stripe(struct reader *r)
{
	struct columns *s = r->state;
	struct batch *b = &r->batch;
	size_t n = colblock_flows(&s->block, s->stripe);
	ssize_t k = (ssize_t)n;

	if (s->seeks && (k = colblock_has_places(r, &s->block, s->stripe, s->host, s->nhosts)) == -1)
		return -1;
	if (k > 0 && r->probe != NULL && (k = choose(r, n)) == -1)
		return -1;
	b->elements_all = s->block.head.elements_all;
	b->places = NULL;
	memset(s->places.place, 0, sizeof(s->places.place));
	if (k > 0 && put_fields(r, b, s->filled[0], r->probe != NULL && (size_t)k < n ? s->chosen : NULL,
	    (size_t)k) == -1)
		return -1;
	b->n = (size_t)k;
	pass_flows(r, n);
	s->stripe++;
	return 0;
}

/* The block's other stripes are not wanted, or lost. */
static void
leave_block(struct reader *r)
{
	struct columns *s = r->state;

	pass_flows(r, s->block.head.flows - s->stripe * STRIPE);
	s->stripe = STRIPES;
}

/* ---- the collector file instead, from where a block is broken ---- */

static size_t
choose_rest(void *ctx, const struct batch *b, uint8_t *sel)
{
	const struct columns *s = ctx;
	size_t n = 0;

	if (s->asked != NULL)
		s->asked->selection.choose(s->asked->selection.ctx, b, sel);
	else
		memset(sel, 1, b->n);
	for (size_t i = 0; i < b->n; i++) {
		sel[i] = sel[i] && b->first_number + i >= s->from;
		n += sel[i];
	}
	return n;
}

static int
instead_start(struct reader *r, struct err *e)
{
	struct columns *s = r->state;
	struct selection selection = { .choose = choose_rest, .ctx = s };

	s->asked = r->probe;
	s->from = s->flows + s->stripe * STRIPE + 1;
	if (r->probe != NULL)
		selection.fields = r->probe->selection.fields;
	s->instead = reader_open_source(r->collector, r->source, &r->want, &selection, e);
	r->source = NULL;		/* it does what quirks do */
	return s->instead != NULL ? 0 : -1;
}

static int
instead_next(struct reader *r, struct err *e)
{
	struct columns *s = r->state;
	uint64_t first = r->batch.first_number;
	struct batch *b;
	int rc = reader_next(s->instead, &b, e);

	r->faults = *reader_faults(s->instead);
	if (r->probe != NULL)
		r->info.flows = reader_info(s->instead)->flows;
	if (rc != 1)
		return rc;
	r->batch = *b;
	r->batch.first_number = first;
	if (r->probe == NULL)
		r->batch.number = NULL;		/* all from one number on */
	return 1;
}

/* A block cannot be read.  As columns_next. */
static int
broken(struct reader *r, struct err *e)
{
	struct columns *s = r->state;

	if (r->collector != NULL)
		return instead_start(r, e) == -1 ? -1 : instead_next(r, e);
	reader_fault(r, s->nblock, (int64_t)s->block.head.offset, "the block's columns are broken: %zu flows lost",
	    s->block.head.flows - s->stripe * STRIPE);
	leave_block(r);
	return 1;
}

static int
columns_next(struct reader *r, struct err *e)
{
	struct columns *s = r->state;
	int rc;

	if (s->instead != NULL)
		return instead_next(r, e);
	while (r->batch.n == 0 && !reader_is_stopped(r)) {
		if (s->stripe * STRIPE >= s->block.head.flows) {
			if ((rc = block_step(r)) == 0)
				return 0;
			if (rc == -1 && r->collector == NULL)
				return err_set(e, ERR_DATA, "columns: block %zu: the directory makes no sense", s->nblock);
			if (rc == -1)
				return broken(r, e);
			if (s->nblock <= r->first_block)
				s->stripe = STRIPES;
			else if (r->probe != NULL && (!may_match(r) || !find_hosts(r)))
				leave_block(r);
		} else if (take_stripe(r) == -1 && (rc = broken(r, e)) != 1)
			return rc;
		else if (s->instead != NULL)
			return 1;
	}
	return 1;
}

/* Sums of the next block, when it has some.  If not, or when they are broken, its flows are read. */
static bool
columns_sums(struct reader *r, struct flow_sums *sums)
{
	struct columns *s = r->state;
	struct colblock *b = &s->block;
	bool none;

	if (s->instead != NULL || s->stripe * STRIPE < b->head.flows || block_step(r) != 1 ||
	    s->nblock <= r->first_block || b->sums[SIDE_SRC][SUM_FLOWS].entry == NULL ||
	    b->sums[SIDE_DST][SUM_FLOWS].entry == NULL || colblock_dict(r, b) == -1 || addr_dict_table(&b->dict) == -1)
		return false;
	for (enum flow_side side = 0; side < SIDES; side++)
		for (enum sum sum = 0; sum < SUMS; sum++) {
			sums->of[side][sum] = colblock_sums(r, b, side, sum, &none);
			if (sums->of[side][sum] == NULL && !none)
				return false;
		}
	sums->addr = b->dict.table;
	sums->n = (size_t)b->dict.n4 + b->dict.n6;
	sums->records = b->head.flows;
	s->stripe = STRIPES;
	return true;
}

const struct format format_columns = {
	"columns 2", columns_probe, columns_open, columns_next, columns_blocks, columns_close, true, columns_sums,
};
