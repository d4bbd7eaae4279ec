#include "query/ft_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/when.h"
#include "query/ft_text.h"
#include "query/order.h"

#define CHUNK	65536		/* flow-report walks its groups in chunks of so many, the newest first */

/* A report being printed. */
struct printing {
	const struct ft_count *count;
	const struct ft_type_row *type;
	const struct ft_output *output;
	unsigned columns;		/* that this type has and the output wants */
	struct ft_writer *writer;
	struct batch row;		/* keys of the row at hand */
	uint64_t key_cell[F_COUNT][2];	/* room for any value */
	struct strbuf text;
};

/* What a type can show. */
static unsigned
columns_of(const struct ft_type_row *t)
{
	unsigned keys = ((1u << t->n) - 1) << FTC_KEY;

	switch (t->shape) {
	case FT_DETAIL:
		return FTC_RATES | FTC(OTHER);
	case FT_TOTALS:
		return FTC_RATES;
	case FT_SECONDS:
		return keys | FTC(FLOWS) | FTC(OCTETS) | FTC(PACKETS);
	default:
		return ~FTC_KEYS | keys;
	}
}

static const char *const column_names[FT_COLUMNS] = {
	[FTC_INDEX] = "index", [FTC_FIRST] = "first", [FTC_LAST] = "last", [FTC_COUNT] = "count",
	[FTC_FLOWS] = "flows", [FTC_OCTETS] = "octets", [FTC_PACKETS] = "packets", [FTC_DURATION] = "duration",
	[FTC_AVGBPS] = "avg-bps", [FTC_MINBPS] = "min-bps", [FTC_MAXBPS] = "max-bps",
	[FTC_AVGPPS] = "avg-pps", [FTC_MINPPS] = "min-pps", [FTC_MAXPPS] = "max-pps", [FTC_FRECS] = "frecs",
	[FTC_OTHER] = "other",
};

/* A column's number of a group. */
static double
value_of(const struct ft_counts *g, enum ft_column column)
{
	double timed = g->timed != 0 ? (double)g->timed : 1;

	switch (column) {
	case FTC_COUNT: return (double)g->count;
	case FTC_FLOWS: return (double)g->flows;
	case FTC_OCTETS: return (double)g->octets;
	case FTC_PACKETS: return (double)g->packets;
	case FTC_DURATION: return (double)g->duration;
	case FTC_AVGBPS: return g->bps / timed;
	case FTC_MINBPS: return g->min_bps;
	case FTC_MAXBPS: return g->max_bps;
	case FTC_AVGPPS: return g->pps / timed;
	case FTC_MINPPS: return g->min_pps;
	case FTC_MAXPPS: return g->max_pps;
	case FTC_FRECS: return (double)g->timed;
	default: return 0;
	}
}

struct ranking { size_t key_size; bool largest; size_t key_at, key_width; };

static int
by_key(const void *one, const void *two, const void *ctx)
{
	const struct ft_ranked *a = one, *b = two;
	const struct ranking *r = ctx;

	return memcmp(a->key, b->key, r->key_size);
}

static int
by_place(const void *one, const void *two, const void *ctx)
{
	const struct ft_ranked *a = one, *b = two;

	(void)ctx;
	return a->place < b->place ? -1 : a->place > b->place;
}

/* A stable sort, smallest first, read from its end for the largest first: so the later of equal ones comes first. */
static int
by_value(const void *one, const void *two, const void *ctx)
{
	const struct ft_ranked *a = one, *b = two;
	const struct ranking *r = ctx;
	int order = r->key_width != 0 ? memcmp(a->key + r->key_at, b->key + r->key_at, r->key_width) :
	    a->value < b->value ? -1 : a->value > b->value;

	if (order == 0)
		order = a->place < b->place ? -1 : a->place > b->place;
	return r->largest ? -order : order;
}

struct ft_ranked *
ft_rank(const struct ft_count *c, enum ft_column column, bool smallest_first, uint64_t records, size_t *n)
{
	size_t all = c->table.n, chunks = (all + CHUNK - 1) / CHUNK;
	struct ft_ranked *ranked = xmalloc((all + 1) * sizeof(*ranked));
	struct ranking r = { .key_size = c->keys.size, .largest = !smallest_first };

	for (size_t i = 0; i < all; i++)
		ranked[i] = (struct ft_ranked){ value_of(&c->group[i], column), (uint32_t)i,
		    (chunks - 1 - i / CHUNK) * CHUNK + i % CHUNK, table_key(&c->table, i) };
	if (c->report->type->shape == FT_BUCKET) {
		order_top(ranked, all, sizeof(*ranked), 0, by_key, &r);
		for (size_t i = 0; i < all; i++)
			ranked[i].place = i;
	}
	if (column != FT_COLUMNS && (FTC_KEYS >> column & 1) != 0 && (size_t)(column - FTC_KEY) < c->keys.n) {
		r.key_at = c->keys.offset[column - FTC_KEY];
		r.key_width = fields[c->key[column - FTC_KEY].field].width;
	}
	*n = records != 0 && records < all ? records : all;
	order_top(ranked, all, sizeof(*ranked), *n, column != FT_COLUMNS ? by_value : by_place, &r);
	return ranked;
}

static void
add_named(struct strbuf *sb, const struct ft_key *k, uint64_t v)
{
	static const char *const classes[] = {
		"Class A Unicast", "Class B Unicast", "Class C Unicast", "Class D Multicast-ASM",
		"Class D Multicast-SSM", "Class E",
	};
	char text[80];

	if (k->named && k->compute != NULL && v < sizeof(classes) / sizeof(classes[0])) {
		strbuf_adds(sb, classes[v]);
		return;
	}
	ft_name_text(text, sizeof(text), k->named ? k->field : F_COUNT, v);
	strbuf_adds(sb, text);
}

static void
add_key(struct printing *p, size_t i)
{
	const struct ft_key *k = &ft_keys[p->type->key[i]];
	enum ft_address format = k->field == F_SRCIP ? p->count->report->address[0] :
	    k->field == F_DSTIP ? p->count->report->address[1] : FTA_ADDRESS;

	if (fields[k->field].kind != KIND_ADDR) {
		if ((p->output->options & FTO_NAMES) != 0)
			add_named(&p->text, k, batch_number(&p->row, k->field, 0));
		else
			strbuf_addu(&p->text, batch_number(&p->row, k->field, 0));
	} else if (format == FTA_ADDRESS) {
		char text[ADDR_STRLEN];

		addr_print(&COLADDR(&p->row, k->field)[0], text);
		strbuf_adds(&p->text, text);
	} else {
		char text[80];

		ft_prefix_text(text, sizeof(text), &COLADDR(&p->row, k->field)[0],
		    COL8(&p->row, k->field == F_SRCIP ? F_SRCMASK : F_DSTMASK)[0]);
		strbuf_adds(&p->text, text);
	}
}

/* Rates and shares have six digits behind the point, counters none. */
static void
add_value(struct printing *p, const struct ft_counts *g, enum ft_column column)
{
	const struct ft_counts *all = &p->count->all;
	unsigned bit = 1u << column;
	double v = value_of(g, column), whole = value_of(all, column);

	if ((p->output->options & FTO_PERCENT) != 0 &&
	    (bit & (FTC(COUNT) | FTC(FLOWS) | FTC(OCTETS) | FTC(PACKETS) | FTC(DURATION) | FTC_RATES)) != 0)
		strbuf_addf(&p->text, "%f", whole != 0 ? 100.0 * v / whole : 0.0);
	else if ((bit & FTC_RATES) != 0)
		strbuf_addf(&p->text, "%f", v);
	else
		strbuf_addf(&p->text, "%.0f", v);
}

static void
add_exact(struct printing *p, const struct ft_counts *g, enum ft_column column)
{
	uint64_t v = column == FTC_FLOWS ? g->flows : column == FTC_OCTETS ? g->octets :
	    column == FTC_PACKETS ? g->packets : column == FTC_DURATION ? g->duration : g->timed;
	unsigned bit = 1u << column;

	if ((p->output->options & FTO_PERCENT) == 0 &&
	    (bit & (FTC(FLOWS) | FTC(OCTETS) | FTC(PACKETS) | FTC(DURATION) | FTC(FRECS))) != 0)
		strbuf_addu(&p->text, v);
	else
		add_value(p, g, column);
}

static void
add_cell(struct printing *p, const struct ft_counts *g, enum ft_column column, uint64_t index)
{
	if (p->text.len > 0)
		strbuf_addc(&p->text, ',');
	if (column == FTC_INDEX)
		strbuf_addu(&p->text, index);
	else if (column == FTC_FIRST || column == FTC_LAST)
		strbuf_addu(&p->text, (uint64_t)(column == FTC_FIRST ? p->count->first : p->count->last));
	else if (column >= FTC_KEY && column <= FTC_KEY_LAST)
		add_key(p, column - FTC_KEY);
	else if (p->type->shape == FT_SECONDS)
		strbuf_addf(&p->text, "%f", g->share[column - FTC_FLOWS]);
	else
		add_exact(p, g, column);
}

/* Is the column in the table?  A count only where something is counted. */
static bool
has_column(const struct printing *p, enum ft_column column)
{
	return (p->columns >> column & 1) != 0 && column != FTC_OTHER && (column != FTC_COUNT || p->type->counted != 0);
}

static void
print_heading(struct printing *p)
{
	const char *heading[FT_COLUMNS];
	bool is_key[FT_COLUMNS] = { false };
	size_t n = 0;

	for (enum ft_column i = 0; i < FT_COLUMNS; i++) {
		if (!has_column(p, i))
			continue;
		is_key[n] = i >= FTC_KEY && i <= FTC_KEY_LAST;
		heading[n] = is_key[n] ? ft_keys[p->type->key[i - FTC_KEY]].name :
		    i == FTC_COUNT ? p->type->count_name : column_names[i];
		n++;
	}
	ft_writer_heading(p->writer, "recn", heading, is_key, n);
}

/* How much of all the rows so far are. */
static void
print_tally(struct printing *p, const struct ft_counts *sum, size_t rows)
{
	static const struct { enum ft_column column; const char *name; } shares[] = {
		{ FTC_FLOWS, "flows" }, { FTC_OCTETS, "octets" }, { FTC_PACKETS, "packets" },
		{ FTC_AVGBPS, "avg-bps" }, { FTC_AVGPPS, "avg-pps" },
	};
	struct strbuf sb = { 0 };

	strbuf_addf(&sb, "TALLY %%recs=%3.3f", 100.0 * (double)rows / (double)p->count->table.n);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		double whole = value_of(&p->count->all, shares[i].column);

		if ((p->columns >> shares[i].column & 1) != 0)
			strbuf_addf(&sb, " %%%s=%3.3f", shares[i].name,
			    whole != 0 ? 100.0 * value_of(sum, shares[i].column) / whole : 0.0);
	}
	ft_writer_note(p->writer, "%s", strbuf_text(&sb));
	strbuf_free(&sb);
}

static void
sum_add(struct ft_counts *to, const struct ft_counts *g)
{
	to->flows += g->flows;
	to->octets += g->octets;
	to->packets += g->packets;
	to->timed += g->timed;
	to->bps += g->bps;
	to->pps += g->pps;
}

static void
print_rows(struct printing *p)
{
	const struct ft_output *o = p->output;
	struct ft_counts sum = { .flows = 0 };
	bool plain = p->type->shape == FT_SECONDS;
	size_t n;
	struct ft_ranked *ranked = ft_rank(p->count, plain ? FT_COLUMNS : o->sort, o->smallest_first,
	    plain ? 0 : o->records, &n);

	print_heading(p);
	for (size_t i = 0; i < n; i++) {
		const struct ft_counts *g = &p->count->group[ranked[i].number];

		if (o->tally != 0 && i > 0 && i % o->tally == 0 && !plain && p->writer->form == FT_CSV)
			print_tally(p, &sum, i);
		sum_add(&sum, g);
		group_unpack(&p->count->keys, ranked[i].key, &p->row, 0);
		strbuf_reset(&p->text);
		for (enum ft_column c = 0; c < FT_COLUMNS; c++)
			if (has_column(p, c))
				add_cell(p, g, c, i);
		ft_writer_row(p->writer, strbuf_text(&p->text));
	}
	free(ranked);
	if (o->records != 0 && n == o->records && !plain)
		ft_writer_note(p->writer, " stop, hit record limit.");
}

/* Averages, and which part of the flows is how large. */
static void
print_detail(struct printing *p)
{
	static const char *const names[] = { "time_real", "aflowtime", "aps", "afs", "apf", "fps", "fps_real" };
	const struct ft_count *c = p->count;
	const struct ft_counts *all = &c->all;
	double flows = all->flows != 0 ? (double)all->flows : 1, real = (double)(c->last - c->first);
	double span = c->last_msec > c->first_msec ? (double)(c->last_msec - c->first_msec) / 1000.0 : 0;
	const char *heading[FT_CELLS_MAX];
	struct arena *a = arena_new();
	size_t n = 0;

	for (; n < sizeof(names) / sizeof(names[0]); n++)
		heading[n] = names[n];
	strbuf_reset(&p->text);
	strbuf_addf(&p->text, "%.0f,%f,%f,%f,%f,%f,%f", real, floor((double)all->duration / flows),
	    all->packets != 0 ? floor((double)all->octets / (double)all->packets) : 0, floor((double)all->octets / flows),
	    floor((double)all->packets / flows), span > 0 ? (double)all->flows / span : 0,
	    real > 0 ? (double)all->flows / real : 0);
	for (size_t d = 0; d < FT_DISTRIBUTIONS; d++)
		for (size_t i = 0; i < ft_bins[d].n + ft_bins[d].other; i++) {
			strbuf_addf(&p->text, ",%f", (double)c->bin[d][i] / flows);
			heading[n++] = i < ft_bins[d].n ? arena_printf(a, "%s%u", ft_bins[d].prefix, ft_bins[d].limit[i]) :
			    arena_printf(a, "%s_other", ft_bins[d].prefix);
		}
	ft_writer_heading(p->writer, "rec2", heading, NULL, n);
	ft_writer_row(p->writer, strbuf_text(&p->text));
	ft_writer_end(p->writer);
	arena_free(a);
}

static void
print_totals(struct printing *p)
{
	static const char *const names[] = {
		"records", "ignores", "flows", "octets", "packets", "duration",
		"avg_bps", "min_bps", "max_bps", "avg_pps", "min_pps", "max_pps",
	};
	const struct ft_counts *all = &p->count->all;
	const char *heading[sizeof(names) / sizeof(names[0])];
	size_t n = 0;

	for (; n < 6; n++)
		heading[n] = names[n];
	strbuf_reset(&p->text);
	strbuf_addf(&p->text, "%zu,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, p->count->table.n,
	    p->count->ignored, all->flows, all->octets, all->packets, all->duration);
	for (enum ft_column c = FTC_AVGBPS; c <= FTC_MAXPPS; c++)
		if ((p->columns >> c & 1) != 0) {
			heading[n++] = names[6 + c - FTC_AVGBPS];
			strbuf_addf(&p->text, ",%f", value_of(all, c));
		}
	ft_writer_heading(p->writer, "rec1", heading, NULL, n);
	ft_writer_row(p->writer, strbuf_text(&p->text));
}

/* "+key1,+key2,+flows,…" in the order of flow-report's header, in which rates of packets come first. */
static void
print_columns(struct printing *p)
{
	static const uint8_t order[] = {
		FTC_FLOWS, FTC_OCTETS, FTC_PACKETS, FTC_DURATION, FTC_AVGPPS, FTC_MINPPS, FTC_MAXPPS,
		FTC_AVGBPS, FTC_MINBPS, FTC_MAXBPS, FTC_FRECS, FTC_OTHER,
	};
	struct strbuf sb = { 0 };

	for (unsigned i = 0; i < p->type->n; i++)
		if ((p->columns >> (FTC_KEY + i) & 1) != 0)
			strbuf_addf(&sb, p->type->n > 1 ? ",+key%u" : ",+key", i + 1);
	for (size_t i = 0; i < sizeof(order); i++)
		if ((p->columns >> order[i] & 1) != 0)
			strbuf_addf(&sb, ",+%s", column_names[order[i]]);
	ft_writer_note(p->writer, " fields:               %s", sb.len > 0 ? sb.s + 1 : "");
	strbuf_free(&sb);
}

static void
print_time(struct printing *p, const char *name, int64_t sec)
{
	char text[32];
	struct tm tm;

	when_local(sec, &tm);
	strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm);
	ft_writer_note(p->writer, " %s           %lld %s", name, (long long)sec, text);
}

/* Is it about addresses of that end?  Of both when it counts either end, or one by the other. */
static bool
has_address(const struct ft_type_row *t, enum field f)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct ft_key *k = &ft_keys[t->key[i]];

		if (k->field == f || (k->compute != NULL && k->needs[0] == f) ||
		    (fields[k->field].kind == KIND_ADDR && (t->other_end != F_COUNT || t->counted != 0)))
			return true;
	}
	return false;
}

/* What the report is, in lines that begin with #. */
static void
print_description(struct printing *p)
{
	static const char *const options[] = { "+percent-total", "+names", "+header", "+xheader", "+totals" };
	static const char *const formats[] = { "address", "prefix-len", "prefix-mask" };
	const struct ft_report *r = p->count->report;
	const struct ft_output *o = p->output;
	struct strbuf sb = { 0 };

	ft_writer_note(p->writer, "  --- ---- ---- Report Information --- --- ---");
	ft_writer_note(p->writer, " build-version:        flowlight " FLOWLIGHT_VERSION);
	ft_writer_note(p->writer, " name:                 %s", r->name);
	ft_writer_note(p->writer, " type:                 %s", p->type->name);
	if (r->scale != 1)
		ft_writer_note(p->writer, " scale:                %" PRIu64, r->scale);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if ((o->options >> i & 1) != 0)
			strbuf_addf(&sb, "%s%s", sb.len > 0 ? "," : "", options[i]);
	ft_writer_note(p->writer, " options:              %s", strbuf_text(&sb));
	strbuf_free(&sb);
	if (has_address(p->type, F_SRCIP))
		ft_writer_note(p->writer, " ip-src-addr-type:     %s", formats[r->address[0]]);
	if (has_address(p->type, F_DSTIP))
		ft_writer_note(p->writer, " ip-dst-addr-type:     %s", formats[r->address[1]]);
	if (o->sort != FT_COLUMNS && p->type->shape < FT_SECONDS)
		ft_writer_note(p->writer, " sort_field:           %c%s", o->smallest_first ? '-' : '+', column_names[o->sort] != NULL ?
		    column_names[o->sort] : "key");
	print_columns(p);
	if (o->tally != 0 && p->type->shape < FT_SECONDS)
		ft_writer_note(p->writer, " tally:                %" PRIu64, o->tally);
	ft_writer_note(p->writer, " records:              %zu", p->count->table.n);
	if (o->records != 0 && p->type->shape <= FT_SECONDS)
		ft_writer_note(p->writer, " records_shown:      %" PRIu64, o->records);
	print_time(p, "first-flow:", p->count->first);
	print_time(p, "last-flow: ", p->count->last);
}

void
ft_table_print(const struct ft_count *c, const struct ft_output *o, bool first, struct ft_writer *w)
{
	struct printing p = { .count = c, .type = c->report->type, .output = o, .writer = w };

	p.columns = o->columns & columns_of(p.type);
	p.row.n = 1;
	for (size_t i = 0; i < c->keys.n; i++)
		p.row.col[c->key[i].field] = p.key_cell[c->key[i].field];
	if ((o->options & FTO_HEADER) != 0 && first)
		print_description(&p);
	if ((o->options & FTO_TOTALS) != 0)
		print_totals(&p);
	if (p.type->shape == FT_DETAIL)
		print_detail(&p);
	else if (p.type->shape != FT_TOTALS)
		print_rows(&p);
	ft_writer_end(w);
	strbuf_free(&p.text);
}
