/*
 * A query's result as a model: tables whose cells know their text, their
 * exact value, and the link that narrows the query to them.
 */
#include <stddef.h>
#include <string.h>

#include "flow/owner.h"
#include "model.h"
#include "names.h"
#include "term.h"
#include "query/text.h"

/* What a flow or group was counted as, and what follows from it, a column each. */
enum measure { M_FIRST, M_DURATION, M_FLOWS, M_PACKETS, M_BYTES, M_PPS, M_BPS, M_BPP, M_BPF, M_PPF, MEASURES };

struct row_counts { struct counters c; enum side side; };

static uint64_t
count_first(const struct row_counts *r)
{
	return r->c.first;
}

static uint64_t
count_duration(const struct row_counts *r)
{
	return r->c.last > r->c.first ? r->c.last - r->c.first : 0;
}

static uint64_t
count_flows(const struct row_counts *r)
{
	return r->c.flows;
}

static uint64_t
count_packets(const struct row_counts *r)
{
	return counters_packets(&r->c, r->side);
}

static uint64_t
count_bytes(const struct row_counts *r)
{
	return counters_bytes(&r->c, r->side);
}

static uint64_t
count_pps(const struct row_counts *r)
{
	return rate_pps(count_packets(r), count_duration(r));
}

static uint64_t
count_bps(const struct row_counts *r)
{
	return rate_bps(count_bytes(r), count_duration(r));
}

static uint64_t
count_bpp(const struct row_counts *r)
{
	return rate_bpp(count_bytes(r), count_packets(r));
}

static uint64_t
per_flow(uint64_t n, const struct row_counts *r)
{
	return r->c.flows > 0 ? n / r->c.flows : 0;
}

static uint64_t
count_bpf(const struct row_counts *r)
{
	return per_flow(count_bytes(r), r);
}

static uint64_t
count_ppf(const struct row_counts *r)
{
	return per_flow(count_packets(r), r);
}

static const struct measure_row {
	const char *name, *title;
	enum kind kind;
	uint64_t (*count)(const struct row_counts *);
	enum order order;		/* that ranks by it; ORDERS: none */
	size_t total;			/* its place in struct totals plus one, for shares; 0: has none */
} measure_rows[MEASURES] = {
	[M_FIRST] = { "first", "First seen", KIND_TIME, count_first, ORDER_TSTART, 0 },
	[M_DURATION] = { "duration", "Duration", KIND_MSEC, count_duration, ORDER_DURATION, 0 },
	[M_FLOWS] = { "flows", "Flows", KIND_COUNTER, count_flows, ORDER_FLOWS,
	    offsetof(struct totals, flows) + 1 },
	[M_PACKETS] = { "packets", "Packets", KIND_COUNTER, count_packets, ORDER_PACKETS,
	    offsetof(struct totals, packets) + 1 },
	[M_BYTES] = { "bytes", "Bytes", KIND_COUNTER, count_bytes, ORDER_BYTES,
	    offsetof(struct totals, bytes) + 1 },
	[M_PPS] = { "pps", "Packets/s", KIND_RATE, count_pps, ORDER_PPS, 0 },
	[M_BPS] = { "bps", "Bit/s", KIND_RATE, count_bps, ORDER_BPS, 0 },
	[M_BPP] = { "bpp", "Bytes/packet", KIND_RATE, count_bpp, ORDER_BPP, 0 },
	[M_BPF] = { "bpf", "Bytes/flow", KIND_RATE, count_bpf, ORDERS, 0 },
	[M_PPF] = { "ppf", "Packets/flow", KIND_RATE, count_ppf, ORDERS, 0 },
};

#define COLUMNS_MAX	(KEYS_MAX + MEASURES + 8)

/* A column of the table shown. */
struct column {
	bool is_measure;
	enum measure measure;
	enum field field;
	const struct key *key;		/* with a mask: the value is a network */
	const char *title;
	const char *term;		/* filter word, NULL: no link */
	bool ranked;			/* the table is ordered by it */
};

struct table_view {
	const struct view *v;
	const struct table *t;
	const struct totals *kept;
	const struct source **sources;	/* that are asked; NULL: all */
	size_t nsources;
	struct arena *arena;
	struct column column[COLUMNS_MAX];
	size_t n;
	enum side side;
};

static struct column *
add_field(struct table_view *tv, enum field f)
{
	struct column *c = &tv->column[tv->n];

	if (tv->n == COLUMNS_MAX || !fieldset_has(&tv->t->rows.have, f))
		return NULL;
	tv->n++;
	*c = (struct column) { .field = f, .title = fields[f].title, .term = term_words(f, false) };
	return c;
}

static void
add_measure(struct table_view *tv, enum measure m, enum order ranked)
{
	if (tv->n < COLUMNS_MAX)
		tv->column[tv->n++] = (struct column) { .is_measure = true, .measure = m,
		    .title = measure_rows[m].title,
		    .ranked = ranked != ORDERS && measure_rows[m].order == ranked };
}

/* The order whose column in the table is the one ranked by: "ibyte" is shown under Bytes. */
static enum order
order_shown(enum order order)
{
	static const enum order both[ORDERS] = {
		[ORDER_IPKG] = ORDER_PACKETS, [ORDER_OPKG] = ORDER_PACKETS,
		[ORDER_IBYTE] = ORDER_BYTES, [ORDER_OBYTE] = ORDER_BYTES,
		[ORDER_IPPS] = ORDER_PPS, [ORDER_OPPS] = ORDER_PPS,
		[ORDER_IBPS] = ORDER_BPS, [ORDER_OBPS] = ORDER_BPS,
		[ORDER_IBPP] = ORDER_BPP, [ORDER_OBPP] = ORDER_BPP,
	};

	return order < ORDERS && both[order] != 0 ? both[order] : order;
}

static void
columns_of_flows(struct table_view *tv)
{
	static const enum field shown[] = { F_PROTO, F_SRCIP, F_SRCPORT, F_DSTIP, F_DSTPORT, F_FLAGS };
	static const enum measure measures[] = { M_PACKETS, M_BYTES, M_BPS };
	enum order order = order_shown(tv->v->query->order);

	add_measure(tv, M_FIRST, order);
	add_measure(tv, M_DURATION, order);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		add_field(tv, shown[i]);
	for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++)
		add_measure(tv, measures[i], order);
}

static void
add_measures(struct table_view *tv, enum order order)
{
	static const enum measure shown[] = { M_FLOWS, M_PACKETS, M_BYTES, M_PPS, M_BPS, M_BPP, M_BPF, M_PPF,
	    M_FIRST, M_DURATION };

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		add_measure(tv, shown[i], order);
}

static void
columns_of_stat(struct table_view *tv)
{
	const struct stat_request *s = tv->t->stat;
	struct column *c = add_field(tv, tv->t->value_field);

	if (c != NULL) {
		c->title = s->stat->title;
		c->term = term_words(tv->t->value_field, s->stat->side[1] != F_COUNT);
	}
	if (s->by_proto)
		add_field(tv, F_PROTO);
	tv->side = s->order < ORDERS ? orders[s->order].side : SIDE_BOTH;
	add_measures(tv, order_shown(s->order));
}

static void
columns_of_groups(struct table_view *tv)
{
	for (size_t i = 0; i < tv->t->nkeys; i++) {
		const struct key *key = &tv->t->keys[i];
		struct column *c = add_field(tv, key->field);

		if (c != NULL && key->family != 0)
			c->key = key;
	}
	add_measures(tv, order_shown(tv->v->query->order));
}

/* "10.1.2.0/24" of a key with a mask, else the value as the filter takes it. */
static void
add_value(const struct table_view *tv, const struct column *c, size_t row, struct strbuf *sb)
{
	text_field(sb, &tv->t->rows, c->field, row, TEXT_PLAIN | TEXT_IPV6_LONG);
	if (c->key != NULL)
		strbuf_addf(sb, "/%u", c->key->bits);
}

static void
cell_links(const struct table_view *tv, const struct column *c, const char *value, json_t *cell)
{
	const char *term = term_of(c->term, c->field, c->key != NULL, value, tv->arena);

	if (term == NULL)
		return;
	model_text(cell, "term", term);
	model_text(cell, "narrow", view_filter_href(tv->v, filter_and(tv->v->query->filter, term, tv->arena)));
	model_text(cell, "exclude", view_filter_href(tv->v, filter_and(tv->v->query->filter,
	    arena_printf(tv->arena, "not %s", term), tv->arena)));
}

/* What is called otherwise than by its number: interfaces, ports. */
static const char *
value_name(const struct table_view *tv, enum field f, size_t row)
{
	const struct batch *b = &tv->t->rows;
	const struct owners *owners = tv->v->rq->site->owners;
	bool has_proto = fieldset_has(&b->have, F_PROTO);
	char name[OWNER_NAME];

	if (fields[f].kind == KIND_ADDR)
		return name_of_owner(owners, &COLADDR(b, f)[row], tv->arena);
	if (fields[f].kind == KIND_AS)
		return owner_of_as(owners, (uint32_t)batch_number(b, f, row), name) ? arena_strdup(tv->arena, name) : NULL;
	if (f == F_INIF || f == F_OUTIF)
		return name_of_interface(tv->v->rq->site->conf, tv->sources, tv->nsources,
		    fieldset_has(&b->have, F_ROUTER) ? &COLADDR(b, F_ROUTER)[row] : NULL,
		    (uint32_t)batch_number(b, f, row), tv->arena);
	if (fields[f].kind != KIND_PORT || (has_proto && text_is_icmp(COL8(b, F_PROTO)[row])))
		return NULL;
	return name_of_port((uint16_t)batch_number(b, f, row), has_proto ? COL8(b, F_PROTO)[row] : -1);
}

/* May the page's script ask what DNS calls an address? */
static bool
names_are_asked(const struct request *rq)
{
	return rq->site->conf->host_names && rq->role != NULL && rq->role->may >= RIGHT_ANALYSE && !rq->role->mask;
}

static void
field_cell(const struct table_view *tv, const struct column *c, size_t row, json_t *cell)
{
	struct strbuf sb = { 0 };
	const char *value;

	add_value(tv, c, row, &sb);
	value = arena_strdup(tv->arena, strbuf_text(&sb));
	model_text(cell, "value", value);
	model_text(cell, "exact", value);
	strbuf_reset(&sb);
	text_field(&sb, &tv->t->rows, c->field, row, TEXT_IPV6_LONG);
	if (c->key != NULL)
		strbuf_addf(&sb, "/%u", c->key->bits);
	model_text(cell, "text", strbuf_text(&sb));
	strbuf_free(&sb);
	model_text(cell, "name", value_name(tv, c->field, row));
	if (fields[c->field].kind == KIND_ADDR && c->key == NULL && names_are_asked(tv->v->rq))
		model_text(cell, "ip", value);
	if (c->term != NULL)
		cell_links(tv, c, value, cell);
}

static uint64_t
row_number(const struct batch *b, enum field f, size_t row, uint64_t without)
{
	return fieldset_has(&b->have, f) ? batch_number(b, f, row) : without;
}

static void
row_counters(const struct table_view *tv, size_t row, struct row_counts *r)
{
	const struct batch *b = &tv->t->rows;

	r->side = tv->side;
	r->c = (struct counters) {
		.flows = row_number(b, F_FLOWS, row, 1),
		.packets = row_number(b, F_PACKETS, row, 0),
		.bytes = row_number(b, F_BYTES, row, 0),
		.outpackets = row_number(b, F_OUTPACKETS, row, 0),
		.outbytes = row_number(b, F_OUTBYTES, row, 0),
		.first = row_number(b, F_FIRST, row, 0),
		.last = row_number(b, F_LAST, row, 0),
	};
}

static void
measure_text(const struct measure_row *m, uint64_t n, json_t *cell, struct strbuf *sb)
{
	char when[WHEN_STRLEN];

	if (m->kind == KIND_TIME)
		strbuf_adds(sb, n == 0 ? "–" : when_msec((int64_t)n, when));
	else if (m->kind == KIND_MSEC)
		text_duration(sb, n);
	else
		text_scaled(sb, n, 0);
	model_text(cell, "text", strbuf_text(sb));
	strbuf_reset(sb);
	strbuf_addu(sb, n);
	model_text(cell, "exact", m->kind == KIND_COUNTER || m->kind == KIND_RATE ? strbuf_text(sb) :
	    NULL);
	model_number(cell, "value", (int64_t)n);
}

/* Of the kept flows, in percent; two-sided statistics may come to more than 100 together. */
static void
measure_share(const struct table_view *tv, const struct measure_row *m, uint64_t n, json_t *cell)
{
	uint64_t all;
	double share;

	if (m->total == 0 || tv->t->kind == TABLE_FLOWS)
		return;
	all = *(const uint64_t *)((const char *)tv->kept + m->total - 1);
	if (all == 0)
		return;
	share = (double)n * 100 / (double)all;
	json_object_set_new(cell, "share", json_real(share > 100 ? 100 : (int)(share * 10 + 0.5) / 10.0));
	model_textf(cell, "percent", "%.1f", share);
	model_textf(cell, "exact", "%llu, %.1f %%", (unsigned long long)n, share);
}

/* Of a row of bounds: at least what is shown, and at most how much. */
static void
measure_bound(const struct table_view *tv, const struct measure_row *m, size_t row, uint64_t n, json_t *cell)
{
	uint64_t over;

	if (m->total == 0 || tv->t->over == NULL)
		return;
	over = *(const uint64_t *)((const char *)&tv->t->over[row] + m->total - 1);
	if (over == 0)
		return;
	model_flag(cell, "least", true);
	model_number(cell, "over", (int64_t)over);
	model_textf(cell, "exact", "%llu to %llu", (unsigned long long)n, (unsigned long long)(n + over));
}

static void
table_row(const struct table_view *tv, size_t row, json_t *list)
{
	json_t *cells = model_list(model_item(list), "cells");
	struct row_counts counts;
	struct strbuf sb = { 0 };

	row_counters(tv, row, &counts);
	for (size_t i = 0; i < tv->n; i++) {
		const struct column *c = &tv->column[i];
		json_t *cell = model_item(cells);

		if (!c->is_measure) {
			field_cell(tv, c, row, cell);
		} else {
			const struct measure_row *m = &measure_rows[c->measure];
			uint64_t n = m->count(&counts);

			strbuf_reset(&sb);
			measure_text(m, n, cell, &sb);
			measure_share(tv, m, n, cell);
			measure_bound(tv, m, row, n, cell);
			model_flag(cell, "number", true);
		}
	}
	strbuf_free(&sb);
}

static bool
ranked_ascending(const struct table_view *tv)
{
	return tv->t->kind == TABLE_STAT ? tv->t->stat->ascending : tv->v->query->ascending;
}

/* The same query ranked by a column; by the one that it is ranked by, the other way round. */
static const char *
order_href(const struct table_view *tv, const struct column *c)
{
	enum order order = measure_rows[c->measure].order;
	bool ascending = c->ranked ? !ranked_ascending(tv) : order == ORDER_TSTART || orders[order].ascending;
	struct view copy = *tv->v;
	struct query q = *tv->v->query;

	if (tv->t->kind == TABLE_STAT && !orders[order].for_stat)
		return NULL;
	for (size_t i = 0; i < q.nstats; i++) {
		q.stats[i].order = order;
		q.stats[i].ascending = ascending;
	}
	if (tv->t->kind == TABLE_FLOWS && q.order >= ORDERS) {
		q.top = q.limit;
		q.limit = 0;
	}
	if (tv->t->kind != TABLE_STAT) {
		q.order = order;
		q.ascending = ascending;
	}
	copy.query = &q;
	return view_href(&copy, "", VIEW_DETAILS);
}

static void
table_columns(const struct table_view *tv, json_t *table)
{
	json_t *list = model_list(table, "columns");

	for (size_t i = 0; i < tv->n; i++) {
		const struct column *c = &tv->column[i];
		json_t *item = model_item(list);

		model_text(item, "name", c->is_measure ? measure_rows[c->measure].name :
		    fields[c->field].name);
		model_text(item, "title", c->title);
		model_flag(item, "number", c->is_measure);
		model_flag(item, "ranked", c->ranked);
		model_flag(item, "ascending", c->ranked && ranked_ascending(tv));
		if (c->is_measure && measure_rows[c->measure].order != ORDERS)
			model_text(item, "href", order_href(tv, c));
	}
}

static void
table_model(struct table_view *tv, json_t *list)
{
	static void (*const columns[])(struct table_view *) = {
		[TABLE_FLOWS] = columns_of_flows,
		[TABLE_STAT] = columns_of_stat,
		[TABLE_GROUPS] = columns_of_groups,
	};
	json_t *table = model_item(list), *rows;
	struct strbuf sb = { 0 };

	columns[tv->t->kind](tv);
	if (tv->t->kind == TABLE_STAT)
		stat_print(tv->t->stat, &sb);
	model_text(table, "heading", NULL);
	if (tv->t->kind == TABLE_STAT)
		model_textf(table, "heading", "%s by %s", tv->column[0].title, orders[tv->t->stat->order].title);
	model_text(table, "statistic", tv->t->kind == TABLE_STAT ? strbuf_text(&sb) : NULL);
	strbuf_free(&sb);
	table_columns(tv, table);
	rows = model_list(table, "rows");
	for (size_t i = 0; i < tv->t->rows.n; i++)
		table_row(tv, i, rows);
	model_number(table, "shown", (int64_t)tv->t->rows.n);
	model_number(table, "all", (int64_t)tv->t->nall);
	model_flag(table, "more", tv->t->nall > tv->t->rows.n);
	if (tv->t->nall_least)
		model_flag(table, "all_least", true);
	if (tv->t->over != NULL) {
		model_flag(table, "bounds", true);
		model_number(table, "proven", (int64_t)tv->t->proven);
	}
	model_flag(table, "none", tv->t->rows.n == 0);
}

static void
result_faults(json_t *model, const struct result *r)
{
	json_t *list = model_list(model, "faults");

	for (size_t i = 0; i < r->nfaults; i++) {
		json_t *item = model_item(list);

		model_text(item, "path", r->faults[i].path);
		model_number(item, "block", r->faults[i].fault.block);
		model_text(item, "reason", r->faults[i].fault.reason);
		model_number(item, "more", (int64_t)r->faults[i].more);
		model_flag(item, "has_more", r->faults[i].more > 0);
	}
}

void
model_result(json_t *model, const struct view *v, const struct result *r, struct arena *a)
{
	const struct source **sources = NULL;
	size_t nsources = 0;
	struct err ignored;
	json_t *list = model_list(model, "tables"), *kept = model_object(model, "kept"), *read;

	if (view_sources(v, &sources, &nsources, &ignored) != 0)
		sources = NULL;
	for (size_t i = 0; i < r->ntables; i++) {
		struct table_view tv = { .v = v, .t = &r->tables[i], .kept = &r->kept, .sources = sources,
		    .nsources = nsources, .arena = a };

		table_model(&tv, list);
	}
	model_scaled(kept, "flows", r->kept.flows);
	model_scaled(kept, "packets", r->kept.packets);
	model_scaled(kept, "bytes", r->kept.bytes);
	read = model_object(model, "read");
	model_scaled(read, "flows", r->flows_read);
	model_scaled(read, "bytes", r->bytes_read);
	model_number(read, "files", (int64_t)r->files);
	model_flag(read, "one_file", r->files == 1);
	model_number(read, "files_bad", (int64_t)r->files_bad);
	model_flag(read, "index", r->from_index);
	if (names_are_asked(v->rq))
		model_textf(model, "names", "%s/name.json", v->rq->base);
	model_flag(model, "several", r->ntables > 1);
	model_flag(model, "partial", r->partial);
	model_text(model, "note", r->note);
	result_faults(model, r);
}
