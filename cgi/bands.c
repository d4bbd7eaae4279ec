#include "bands.h"

#include <string.h>

#include "model.h"
#include "names.h"
#include "sankey.h"
#include "term.h"
#include "query/group.h"
#include "query/text.h"

#define COLOURS		8	/* of style.css; then they come again */
#define LABEL_MAX	17	/* characters; the whole value is in the title */

/* What the picture is made from. */
struct bands {
	const struct view *view;
	const struct table *table;
	const struct totals *kept;
	size_t key[SANKEY_LAYERS];	/* that are shown */
	enum amount amount;
	struct sankey_row *row;
	struct totals *totals;		/* of the rows */
	const struct sankey *s;
	struct arena *arena;
};

/* What rows are ordered by is what bands are as high as; without such an order it is bytes. */
static enum amount
amount_of(enum order order)
{
	switch (order) {
	case ORDER_FLOWS:
		return AMOUNT_FLOWS;
	case ORDER_PACKETS: case ORDER_IPKG: case ORDER_OPKG: case ORDER_PPS: case ORDER_IPPS: case ORDER_OPPS:
		return AMOUNT_PACKETS;
	default:
		return AMOUNT_BYTES;
	}
}

/* Keys that say little of where traffic goes: left out where there are too many. */
static bool
is_minor(enum field f)
{
	return f == F_SRCPORT || f == F_PROTO || f == F_FLAGS;
}

/* The first keys, minor ones only when there is room. */
static size_t
choose_keys(struct bands *b)
{
	size_t n = b->table->nkeys, spare = n > SANKEY_LAYERS ? n - SANKEY_LAYERS : 0, k = 0;

	for (size_t i = 0; i < n && k < SANKEY_LAYERS; i++)
		if (spare > 0 && is_minor(b->table->keys[i].field))
			spare--;
		else
			b->key[k++] = i;
	return k;
}

static const char *
value_text(const struct bands *b, size_t layer, size_t row)
{
	const struct key *key = &b->table->keys[b->key[layer]];
	struct strbuf sb = { 0 };
	const char *text, *name;

	text_field(&sb, &b->table->rows, key->field, row, TEXT_IPV6_LONG);
	if (key->family != 0)
		strbuf_addf(&sb, "/%u", key->bits);
	if (fields[key->field].kind == KIND_PORT &&
	    (name = name_of_port((uint16_t)batch_number(&b->table->rows, key->field, row), -1)) != NULL)
		strbuf_addf(&sb, " %s", name);
	text = arena_strdup(b->arena, strbuf_text(&sb));
	strbuf_free(&sb);
	return text;
}

static void
read_rows(struct bands *b, size_t nlayers)
{
	const struct batch *rows = &b->table->rows;

	b->row = arena_array(b->arena, rows->n, sizeof(*b->row));
	b->totals = arena_array(b->arena, rows->n, sizeof(*b->totals));
	for (size_t i = 0; i < rows->n; i++) {
		struct counters c;

		counters_of_row(rows, i, &c);
		b->totals[i] = (struct totals){ c.flows, counters_packets(&c, SIDE_BOTH), counters_bytes(&c, SIDE_BOTH) };
		b->row[i].weight = totals_amount(&b->totals[i], b->amount);
		for (size_t k = 0; k < nlayers; k++)
			b->row[i].value[k] = value_text(b, k, i);
	}
}

/* "2001:db8:5100:1…"; an address in the middle, where networks and hosts look alike at both ends. */
static const char *
shortened(const char *text, struct arena *a)
{
	size_t n = 0, end = 0;

	for (const char *s = text; *s != '\0'; s++)
		if (((unsigned char)*s & 0xc0) != 0x80 && n++ == LABEL_MAX - 1)
			end = (size_t)(s - text);
	if (n <= LABEL_MAX)
		return text;
	if (strchr(text, ' ') == NULL && strchr(text, ':') != NULL)
		return arena_printf(a, "%.8s…%s", text, text + strlen(text) - 8);
	return arena_printf(a, "%.*s…", (int)end, text);
}

/* Where a column stands, in hundredths of the width. */
static double
column_x(const struct bands *b, size_t layer)
{
	return 100.0 * (double)layer / (double)(b->s->nlayers - 1);
}

static const char *
key_title(const struct bands *b, size_t layer)
{
	const struct key *key = &b->table->keys[b->key[layer]];

	return key->family != 0 || key->own_mask ? key->field == F_SRCIP ? "Source network" :
	    key->field == F_DSTIP ? "Destination network" : fields[key->field].title : fields[key->field].title;
}

static double
percent_of(const struct bands *b, uint64_t weight)
{
	uint64_t all = totals_amount(b->kept, b->amount);

	return all > 0 ? 100.0 * (double)weight / (double)all : 0;
}

/* Which side of its bar the words of a column stand on: the last ones before it. */
static void
side_model(const struct bands *b, json_t *item, size_t layer)
{
	bool last = layer + 1 == b->s->nlayers;

	model_textf(item, "x", "%.4g%%", column_x(b, layer));
	model_flag(item, "last", last);
	model_flag(item, "middle", layer > 0 && !last);
}

static void
nodes_model(const struct bands *b, json_t *sankey)
{
	json_t *columns = model_list(sankey, "columns"), *nodes = model_list(sankey, "nodes");

	for (size_t k = 0; k < b->s->nlayers; k++) {
		json_t *item = model_item(columns);

		model_text(item, "title", key_title(b, k));
		side_model(b, item, k);
	}
	for (size_t i = 0; i < b->s->nnodes; i++) {
		const struct sankey_node *n = &b->s->node[i];
		json_t *item = model_item(nodes);
		const char *value = n->value != NULL ? n->value :
		    arena_printf(b->arena, "%zu others", n->nvalues);

		side_model(b, item, n->layer);
		model_text(item, "label", shortened(value, b->arena));
		model_text(item, "value", value);
		model_number(item, "amount", (int64_t)n->weight);
		model_textf(item, "percent", "%.1f", percent_of(b, n->weight));
		model_textf(item, "y", "%.2f", n->y);
		model_textf(item, "height", "%.2f", n->height);
		model_textf(item, "text_y", "%.2f", n->y + n->height / 2);
		model_flag(item, "others", n->value == NULL);
	}
}

/* A band's outline: along its upper edge to the right, and back below. */
static const char *
outline(const struct bands *b, const struct sankey_band *band)
{
	size_t last = b->s->nlayers - 1;
	struct strbuf sb = { 0 };
	const char *d;

	strbuf_addf(&sb, "M0 %.2f", band->y[0]);
	for (size_t k = 1; k <= last; k++) {
		double middle = (column_x(b, k - 1) + column_x(b, k)) / 2;

		strbuf_addf(&sb, "C%.4g %.2f %.4g %.2f %.4g %.2f", middle, band->y[k - 1], middle, band->y[k],
		    column_x(b, k), band->y[k]);
	}
	strbuf_addf(&sb, "V%.2f", band->y[last] + band->height);
	for (size_t k = last; k-- > 0; ) {
		double middle = (column_x(b, k) + column_x(b, k + 1)) / 2;

		strbuf_addf(&sb, "C%.4g %.2f %.4g %.2f %.4g %.2f", middle, band->y[k + 1] + band->height, middle,
		    band->y[k] + band->height, column_x(b, k), band->y[k] + band->height);
	}
	strbuf_addc(&sb, 'Z');
	d = arena_strdup(b->arena, strbuf_text(&sb));
	strbuf_free(&sb);
	return d;
}

/* "192.0.2.1 → 443 https" */
static const char *
band_name(const struct bands *b, const struct sankey_band *band)
{
	const char *name = NULL;

	for (size_t k = 0; k < b->s->nlayers; k++) {
		const char *value = b->s->node[band->node[k]].value;

		value = value != NULL ? value : "others";
		name = name == NULL ? value : arena_printf(b->arena, "%s → %s", name, value);
	}
	return name;
}

/* What the bands' rows come to, each at its first row. */
static struct totals *
band_totals(const struct bands *b)
{
	struct totals *sum = arena_array(b->arena, b->table->rows.n, sizeof(*sum));

	for (size_t i = 0; i < b->table->rows.n; i++) {
		struct totals *t = &sum[b->s->with[i]];

		counter_add(&t->flows, b->totals[i].flows);
		counter_add(&t->packets, b->totals[i].packets);
		counter_add(&t->bytes, b->totals[i].bytes);
	}
	return sum;
}

static void
bands_list(const struct bands *b, json_t *sankey)
{
	json_t *list = model_list(sankey, "bands");
	const struct totals *sum = band_totals(b);

	for (size_t i = 0; i < b->s->nbands; i++) {
		const struct sankey_band *band = &b->s->band[i];
		const struct sankey_node *from = &b->s->node[band->node[0]];
		const struct totals *t = &sum[band->row];
		const char *term = band->nrows == 1 ? term_of_row(b->table, band->row, b->arena) : NULL;
		json_t *item = model_item(list);

		model_text(item, "d", outline(b, band));
		if (from->value == NULL)
			model_text(item, "colour", "rest");
		else
			model_textf(item, "colour", "c%zu", from->colour % COLOURS);
		model_number(item, "rows", (int64_t)band->nrows);
		model_text(item, "term", term);
		model_text(item, "href", term == NULL ? NULL : view_filter_href(b->view, filter_and(b->view->query->filter, term, b->arena)));
		model_textf(item, "title", "%s: %llu flows, %llu packets, %llu bytes; %.1f %% of the %s", band_name(b, band),
		    (unsigned long long)t->flows, (unsigned long long)t->packets, (unsigned long long)t->bytes,
		    percent_of(b, band->weight), amounts[b->amount].name);
	}
}

void
bands_model(json_t *result, const struct view *v, const struct result *r)
{
	const struct table *t = r->tables;
	struct bands b = { .view = v, .table = t, .kept = &r->kept, .arena = v->rq->arena };
	size_t nlayers;
	json_t *sankey;

	if (r->ntables != 1 || r->series != NULL || t->kind != TABLE_GROUPS || t->nkeys < 2 || t->rows.n < 2 ||
	    t->over != NULL)
		return;
	b.amount = amount_of(t->stat != NULL ? t->stat->order : v->query->order);
	nlayers = choose_keys(&b);
	read_rows(&b, nlayers);
	if ((b.s = sankey_lay(b.row, t->rows.n, nlayers, b.arena)) == NULL)
		return;
	sankey = model_object(result, "sankey");
	model_text(sankey, "unit", amounts[b.amount].name);
	model_textf(sankey, "percent", "%.1f", percent_of(&b, b.s->weight));
	model_number(sankey, "rows", (int64_t)t->rows.n);
	model_textf(sankey, "height", "%.2f", b.s->height);
	model_textf(sankey, "box", "%.0f", b.s->height + 30);
	model_flag(sankey, "three", nlayers == 3);
	nodes_model(&b, sankey);
	bands_list(&b, sankey);
}
