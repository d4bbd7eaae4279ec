#include "query/render_private.h"

/* What stands for the key of a line: of the last one, that of no line's own. */
#define OTHERS	"others"

/* Of a bucket and a line: when, whose, how much. */
struct cell {
	const struct series *series;
	const struct table *table;	/* NULL: all flows are one line */
	size_t line, bucket;
	struct totals totals;
	int64_t start, seconds;
};

static bool
is_others(const struct cell *c)
{
	return c->table != NULL && c->line == c->table->rows.n;
}

static double
cell_rate(const struct cell *c, enum amount a)
{
	return (double)totals_amount(&c->totals, a) * amounts[a].factor / (double)c->seconds;
}

/* Calls for each bucket, and in it for each line. */
static void
each_cell(struct render *r, const struct result *res, void (*print)(struct render *, const struct cell *))
{
	const struct series *s = res->series;
	struct cell c = { .series = s, .table = res->ntables > 0 ? &res->tables[0] : NULL };

	for (c.bucket = 0; c.bucket < s->n && !r->gone; c.bucket++)
		for (c.line = 0; c.line < s->nlines; c.line++) {
			c.totals = s->at[c.line * s->n + c.bucket];
			c.start = s->from + (int64_t)c.bucket * s->bucket;
			c.seconds = series_seconds(s, c.bucket);
			print(r, &c);
			render_flush(r, false);
		}
}

/* A key of the line as text, "10.0.0.0/8" of one with a mask. */
static void
add_key(struct strbuf *sb, const struct cell *c, size_t k, unsigned flags)
{
	const struct key *key = &c->table->keys[k];

	text_field(sb, &c->table->rows, key->field, c->line, flags);
	if (key->family != 0)
		strbuf_addf(sb, "/%u", key->bits);
}

static unsigned
key_width(const struct render *r, const struct key *key)
{
	if (fields[key->field].kind != KIND_ADDR)
		return 12;
	return r->flags & TEXT_IPV6_LONG ? ADDR_WIDTH_LONG + 1 : ADDR_WIDTH + 2;
}

static void
text_cell(struct render *r, const struct cell *c)
{
	size_t start;

	text_time_seconds(&r->out, (uint64_t)c->start, ' ');
	for (size_t k = 0; c->table != NULL && k < c->table->nkeys; k++) {
		start = r->out.len;
		if (!is_others(c))
			add_key(&r->out, c, k, r->flags);
		else
			strbuf_adds(&r->out, k == 0 ? OTHERS : "");
		align_right(&r->out, start, key_width(r, &c->table->keys[k]));
	}
	for (enum amount a = 0; a < AMOUNTS; a++) {
		strbuf_addc(&r->out, ' ');
		text_scaled_padded(&r->out, totals_amount(&c->totals, a), r->flags, 9);
	}
	strbuf_addf(&r->out, " %10.1f", cell_rate(c, AMOUNT_FLOWS));
	for (enum amount a = AMOUNT_PACKETS; a < AMOUNTS; a++) {
		strbuf_addc(&r->out, ' ');
		text_scaled_padded(&r->out, (uint64_t)(cell_rate(c, a) + 0.5), r->flags, 9);
	}
	strbuf_addc(&r->out, '\n');
}

static void
text_series_head(struct render *r, const struct result *res)
{
	strbuf_addf(&r->out, "%-19s", "Time");
	for (size_t k = 0; res->ntables > 0 && k < res->tables[0].nkeys; k++) {
		const struct key *key = &res->tables[0].keys[k];

		strbuf_addf(&r->out, "%*s", (int)key_width(r, key), fields[key->field].title);
	}
	for (enum amount a = 0; a < AMOUNTS; a++)
		strbuf_addf(&r->out, " %9s", amounts[a].title);
	strbuf_addf(&r->out, " %10s %9s %9s\n", amounts[AMOUNT_FLOWS].rate, amounts[AMOUNT_PACKETS].rate,
	    amounts[AMOUNT_BYTES].rate);
}

/* What a legend says, of all lines together. */
static void
text_figures(struct render *r, const struct series *s)
{
	for (enum amount a = 0; a < AMOUNTS && s->n > 0; a++) {
		struct series_figures fig;

		series_figures(s, s->nlines, a, &fig);
		strbuf_addf(&r->out, "%s: max %.1f at ", amounts[a].rate_title, fig.most);
		text_time_seconds(&r->out, (uint64_t)s->from + fig.peak * s->bucket, ' ');
		strbuf_addf(&r->out, ", 95th %.1f, average %.1f, last %.1f\n", fig.p95, fig.average, fig.last);
	}
}

static void
text_outside(struct render *r, const char *where, const struct totals *t)
{
	if (t->flows == 0 && t->packets == 0 && t->bytes == 0)
		return;
	strbuf_addf(&r->out, "%s: flows: %llu, packets: %llu, bytes: %llu\n", where,
	    (unsigned long long)t->flows, (unsigned long long)t->packets, (unsigned long long)t->bytes);
}

void
text_series(struct render *r, const struct result *res)
{
	if (!r->query->quiet)
		text_series_head(r, res);
	each_cell(r, res, text_cell);
	if (r->query->quiet)
		return;
	text_figures(r, res->series);
	text_outside(r, "Before this time", &res->series->before);
	text_outside(r, "After this time", &res->series->after);
}

static void
csv_cell(struct render *r, const struct cell *c)
{
	text_time_seconds(&r->out, (uint64_t)c->start, ' ');
	strbuf_addf(&r->out, ",%lld,%lld", (long long)c->start, (long long)c->seconds);
	for (size_t k = 0; c->table != NULL && k < c->table->nkeys; k++) {
		strbuf_addc(&r->out, ',');
		if (!is_others(c))
			add_key(&r->out, c, k, TEXT_PLAIN | TEXT_IPV6_LONG);
		else
			strbuf_adds(&r->out, k == 0 ? OTHERS : "");
	}
	for (enum amount a = 0; a < AMOUNTS; a++)
		strbuf_addf(&r->out, ",%llu", (unsigned long long)totals_amount(&c->totals, a));
	for (enum amount a = 0; a < AMOUNTS; a++)
		strbuf_addf(&r->out, ",%.3f", cell_rate(c, a));
	strbuf_addc(&r->out, '\n');
}

void
csv_series(struct render *r, const struct result *res)
{
	if (!r->query->quiet) {
		strbuf_adds(&r->out, "time,start,seconds");
		for (size_t k = 0; res->ntables > 0 && k < res->tables[0].nkeys; k++) {
			strbuf_addc(&r->out, ',');
			key_print(&res->tables[0].keys[k], &r->out);
		}
		strbuf_adds(&r->out, ",flows,packets,bytes,fps,pps,bps\n");
	}
	each_cell(r, res, csv_cell);
}

static void
json_cell(struct render *r, const struct cell *c)
{
	json_object_start(r);
	strbuf_adds(&r->out, "\"time\":\"");
	text_time_seconds(&r->out, (uint64_t)c->start, 'T');
	strbuf_addf(&r->out, "\",\"start\":%lld,\"seconds\":%lld", (long long)c->start, (long long)c->seconds);
	for (size_t k = 0; c->table != NULL && k < c->table->nkeys && !is_others(c); k++) {
		strbuf_adds(&r->out, ",\"");
		key_print(&c->table->keys[k], &r->out);
		strbuf_adds(&r->out, "\":\"");
		add_key(&r->out, c, k, TEXT_PLAIN | TEXT_IPV6_LONG);
		strbuf_addc(&r->out, '"');
	}
	if (is_others(c))
		strbuf_adds(&r->out, ",\"" OTHERS "\":true");
	for (enum amount a = 0; a < AMOUNTS; a++)
		strbuf_addf(&r->out, ",\"%s\":%llu", amounts[a].name, (unsigned long long)totals_amount(&c->totals, a));
	for (enum amount a = 0; a < AMOUNTS; a++)
		strbuf_addf(&r->out, ",\"%s\":%.3f", amounts[a].rate, cell_rate(c, a));
	strbuf_addc(&r->out, '}');
}

void
json_series(struct render *r, const struct result *res)
{
	each_cell(r, res, json_cell);
}
