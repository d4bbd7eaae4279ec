#include "query/render_private.h"

#include <string.h>

#define FLUSH_BYTES	65536

enum {
	OUT_LINE, OUT_LONG, OUT_EXTENDED, OUT_BILINE, OUT_BILONG, OUT_NSEL, OUT_NEL,
	OUT_RAW, OUT_PIPE, OUT_FMT, OUT_CSV_FORMAT, OUT_CSV, OUT_JSON, OUT_NDJSON, OUT_SUMMARY, OUT_FANOUT, OUT_FANIN,
	OUT_NULL,
	OUTPUTS
};

const struct render_help renders[] = {
	[OUT_LINE] = { "line", "a line for each flow (the default)" },
	[OUT_LONG] = { "long", "line, with TCP flags and type of service" },
	[OUT_EXTENDED] = { "extended", "long, with packets and bits per second, bytes per packet" },
	[OUT_BILINE] = { "biline", "line, with the counters of both directions" },
	[OUT_BILONG] = { "bilong", "long, with the counters of both directions" },
	[OUT_NSEL] = { "nsel", "firewall events with translated addresses" },
	[OUT_NEL] = { "nel", "NAT events with translated addresses" },
	[OUT_FMT] = { "fmt", "fmt:FORMAT, a line of %tags for each flow" },
	[OUT_RAW] = { "raw", "all that a flow has, over many lines" },
	[OUT_PIPE] = { "pipe", "numbers between bars, as nfdump of old had them" },
	[OUT_CSV_FORMAT] = { "csv", "csv:FORMAT, comma separated: the %tags of a format" },
	[OUT_CSV] = { "csv", "comma separated: 48 columns of a flow, 14 of a statistic" },
	[OUT_JSON] = { "json", "JSON: an array of objects" },
	[OUT_NDJSON] = { "ndjson", "JSON: an object a line" },
	[OUT_SUMMARY] = { "summary", "no flows, but what they are like: totals, averages, sizes and durations" },
	[OUT_FANOUT] = { "fanout", "no flows, but the hosts that sent to the most others, or the most ports" },
	[OUT_FANIN] = { "fanin", "no flows, but the hosts that the most others sent to" },
	[OUT_NULL] = { "null", "no flows, only statistics and the summary" },
	{ NULL, NULL }
};

static int	null_start(struct render *, const char *, struct err *);
static void	null_rows(struct render *, const struct batch *);

/* How the outputs that print lines of tags do the rest. */
#define LINES(fmt) {							\
	.format = fmt, .start = fmt_start, .head = fmt_head, .rows = fmt_rows, \
	.stat = text_stat, .series = text_series, .finish = summary_finish, .title = true, .says_empty = true, \
	.apart = true							\
}

#define FANS {								\
	.start = fan_start, .rows = fan_print_rows, .stat = text_stat, .finish = fan_finish, .says_empty = true, \
	.always_ends = true							\
}

static const struct output outputs[OUTPUTS] = {
	[OUT_LINE] = LINES("%ts %td %pr %sap -> %dap %pkt %byt %fl"),
	[OUT_LONG] = LINES("%ts %td %pr %sap -> %dap %flg %tos %pkt %byt %fl"),
	[OUT_EXTENDED] = LINES("%ts %td %pr %sap -> %dap %flg %tos %pkt %byt %pps %bps %bpp %fl"),
	[OUT_BILINE] = LINES("%ts %td %pr %sap <-> %dap %opkt %ipkt %obyt %ibyt %fl"),
	[OUT_BILONG] = LINES("%ts %td %pr %sap <-> %dap %flg %tos %opkt %ipkt %obyt %ibyt %fl"),
	[OUT_NSEL] = LINES("%tevt %evt %xevt %pr %sap -> %dap %xsap -> %xdap %ibyt %obyt"),
	[OUT_NEL] = LINES("%tevt %nevt %pr %sap -> %dap %nsap -> %ndap"),
	[OUT_RAW] = {
		.start = raw_start, .rows = raw_rows,
		.stat = text_stat, .finish = summary_finish, .title = true, .says_empty = true,
	},
	[OUT_PIPE] = {
		.start = pipe_start, .rows = pipe_rows, .stat = pipe_stat, .says_empty = true,
	},
	[OUT_FMT] = {
		.start = fmt_start, .head = fmt_head, .rows = fmt_rows,
		.stat = text_stat, .finish = summary_finish, .takes_format = true, .title = true, .says_empty = true,
		.apart = true,
	},
	[OUT_CSV_FORMAT] = {
		.start = csv_format_start, .head = csv_format_head, .rows = csv_format_rows,
		.stat = csv_stat, .takes_format = true, .apart = true,
	},
	[OUT_CSV] = {
		.start = csv_start, .head = csv_head, .rows = fmt_rows,
		.stat = csv_stat, .series = csv_series, .finish = csv_finish, .says_empty = true, .apart = true,
	},
	[OUT_JSON] = {
		.start = json_start, .head = json_head, .rows = json_rows, .groups = json_groups,
		.stat = json_stat, .series = json_series, .finish = json_finish,
	},
	[OUT_NDJSON] = {
		.start = ndjson_start, .rows = json_rows, .groups = json_groups,
		.stat = json_stat, .series = json_series, .finish = json_finish,
	},
	[OUT_SUMMARY] = {
		.start = digest_start, .rows = digest_rows, .stat = text_stat, .finish = digest_finish, .says_empty = true,
		.always_ends = true,
	},
	[OUT_FANOUT] = FANS,
	[OUT_FANIN] = FANS,
	[OUT_NULL] = {
		.start = null_start, .rows = null_rows,
		.stat = text_stat, .finish = summary_finish, .says_empty = true, .apart = true,
	},
};

static int
null_start(struct render *r, const char *argument, struct err *e)
{
	(void)r, (void)argument, (void)e;
	return 0;
}

static void
null_rows(struct render *r, const struct batch *b)
{
	(void)r, (void)b;
}

const char *
render_format(const char *name, size_t len)
{
	for (size_t i = 0; i < OUTPUTS; i++)
		if (outputs[i].format != NULL && strlen(renders[i].name) == len &&
		    memcmp(renders[i].name, name, len) == 0)
			return outputs[i].format;
	return NULL;
}

/* Is there a table of groups by keys of the query's own? */
static bool
shows_groups(const struct query *q)
{
	bool groups = q->mode == QUERY_GROUP;

	for (size_t i = 0; q->mode == QUERY_STAT && i < q->nstats; i++)
		groups = groups || statistic_is_record(q->stats[i].stat);
	return groups && !q->five_tuple;
}

/* nfdump's format for groups, with its blanks: "%ts %td  %sa %dp  %pkt %byt %bps %bpp %fl". */
static const char *
groups_format(const struct query *q, struct arena *a)
{
	struct strbuf sb = { 0 };
	const char *s;

	strbuf_adds(&sb, "%ts %td ");
	for (size_t i = 0; i < q->nkeys; i++) {
		const struct key *k = &q->keys[i];

		if (k->own_mask)
			strbuf_adds(&sb, k->field == F_SRCIP ? " %sn" : " %dn");
		else if (fields[k->field].tag != NULL)
			strbuf_addf(&sb, " %%%s", fields[k->field].tag);
	}
	strbuf_adds(&sb, "  %pkt %byt %bps %bpp %fl");
	s = arena_strdup(a, strbuf_text(&sb));
	strbuf_free(&sb);
	return s;
}

/* Finds "long", "long6", "fmt:…"; *argument is what follows a colon. */
static int
output_find(struct render *r, const char *name, const char **argument, struct err *e)
{
	const char *colon = strchr(name, ':');
	size_t len = colon != NULL ? (size_t)(colon - name) : strlen(name);

	*argument = colon != NULL ? colon + 1 : NULL;
	for (size_t i = 0; i < OUTPUTS; i++) {
		size_t n = strlen(renders[i].name);
		bool six = len == n + 1 && name[n] == '6';

		if (strncmp(renders[i].name, name, n) != 0 || (len != n && !six) ||
		    (colon != NULL) != outputs[i].takes_format)
			continue;
		if (six)
			r->flags |= TEXT_IPV6_LONG;
		r->output = &outputs[i];
		return 0;
	}
	return err_set(e, ERR_INPUT, "output: there is no \"%s\"; there are line, long, extended, "
	    "biline, bilong, nsel, nel, raw, pipe, fmt:FORMAT, csv:FORMAT, csv, json, ndjson, summary, fanout, fanin, null", name);
}

struct render *
render_start(const struct query *q, struct arena *a,
    int (*write)(void *ctx, const char *s, size_t n), void *ctx, struct err *e)
{
	struct render *r = arena_alloc(a, sizeof(*r));
	const char *argument = NULL;

	r->query = q;
	r->arena = a;
	r->write = write;
	r->ctx = ctx;
	r->masked = shows_groups(q);
	r->flags = (q->plain_numbers ? TEXT_PLAIN : 0) | (q->long_ipv6 ? TEXT_IPV6_LONG : 0);
	if (q->output != NULL) {
		if (output_find(r, q->output, &argument, e) == -1)
			return NULL;
	} else if (r->masked) {
		r->output = &outputs[OUT_FMT];
		argument = groups_format(q, a);
	} else
		r->output = &outputs[q->bidir != BIDIR_NO ? OUT_BILINE : OUT_LINE];
	if (q->mode == QUERY_SERIES && r->output->series == NULL) {
		err_set(e, ERR_INPUT, "output: a series is printed as line, csv, json or ndjson");
		return NULL;
	}
	return r->output->start(r, argument, e) == 0 ? r : NULL;
}

void
render_fields(const struct render *r, struct fieldset *set)
{
	fieldset_join(set, &r->fields);
}

void
render_flush(struct render *r, bool all)
{
	if (r->write == NULL || (r->out.len < FLUSH_BYTES && !all))
		return;
	if (!r->gone && r->out.len != 0 && r->write(r->ctx, r->out.s, r->out.len) == -1)
		r->gone = true;
	strbuf_reset(&r->out);
}

static void
head(struct render *r)
{
	if (!r->headed && (!r->query->quiet || r->framed) && r->output->head != NULL)
		r->output->head(r);
	r->headed = true;
}

static int
gone(struct render *r, struct err *e)
{
	render_close(r);
	return err_set(e, ERR_SYSTEM, "output: the reader is gone");
}

int
render_rows(void *ctx, const struct batch *rows, struct err *e)
{
	struct render *r = ctx;

	head(r);
	r->output->rows(r, rows);
	return r->gone ? gone(r, e) : 0;
}

/* A renderer that prints what this one does, for another thread. */
static void *
printer_open(void *ctx, struct arena *a)
{
	const struct render *r = ctx;
	struct render *twin;

	if (!r->output->apart || !steps_are_apart(r))
		return NULL;
	twin = arena_alloc(a, sizeof(*twin));
	*twin = *r;
	twin->arena = a;
	twin->write = NULL;
	memset(&twin->out, 0, sizeof(twin->out));
	memset(&twin->constants, 0, sizeof(twin->constants));
	steps_copy(twin, r);
	return twin;
}

static void
printer_print(void *printer, const struct batch *rows, struct strbuf *text)
{
	struct render *twin = printer;

	twin->out = *text;
	twin->output->rows(twin, rows);
	*text = twin->out;
	memset(&twin->out, 0, sizeof(twin->out));
}

static void
printer_close(void *printer)
{
	render_close(printer);
}

static int
take_text(void *ctx, const struct strbuf *text, uint64_t nrows, struct err *e)
{
	struct render *r = ctx;

	head(r);
	render_flush(r, true);
	r->nrows += nrows;
	if (!r->gone && text->len != 0 && r->write(r->ctx, text->s, text->len) == -1)
		r->gone = true;
	return r->gone ? gone(r, e) : 0;
}

struct sink
render_sink(struct render *r)
{
	static const struct printing printing = { printer_open, printer_print, printer_close, take_text };

	return (struct sink){ render_rows, r, &printing };
}

/* "Top 10 flows ordered by bytes:" above groups that -s record asked for. */
static void
groups_title(struct render *r, const struct table *t)
{
	uint64_t top = query_top(r->query);

	strbuf_adds(&r->out, "Top ");
	if (top != 0) {
		strbuf_addu(&r->out, top);
		strbuf_addc(&r->out, ' ');
	}
	strbuf_addf(&r->out, "flows ordered by %s:\n", orders[t->stat->order].name);
	r->headed = false;
}

static void
print_table(struct render *r, const struct table *t, const struct result *res)
{
	if (t->kind == TABLE_STAT) {
		r->output->stat(r, t, res);
		return;
	}
	/* -s record prints nothing at all when nothing matched. */
	if (t->stat != NULL && r->output->says_empty && t->rows.n == 0)
		return;
	if (t->stat != NULL && r->output->title && !r->query->quiet)
		groups_title(r, t);
	if (t->stat != NULL && !r->framed)
		r->headed = false;
	head(r);
	if (t->kind == TABLE_GROUPS && r->output->groups != NULL)
		r->output->groups(r, t);
	else
		r->output->rows(r, &t->rows);
}

/* nfdump shows -s record before other statistics, wherever it stands. */
static void
print_tables(struct render *r, const struct result *res)
{
	for (int records = 1; records >= 0; records--)
		for (size_t i = 0; i < res->ntables; i++)
			if ((res->tables[i].kind != TABLE_STAT) == records)
				print_table(r, &res->tables[i], res);
}

int
render_finish(struct render *r, const struct result *res, struct err *e)
{
	bool lines = r->query->mode == QUERY_LIST || r->query->mode == QUERY_GROUP, nothing = res->kept.flows == 0;

	if (lines || r->framed)
		head(r);
	if (nothing && r->output->says_empty)
		strbuf_adds(&r->out, "No matching flows\n");
	if (res->series != NULL)
		r->output->series(r, res);
	else
		print_tables(r, res);
	if (r->output->finish != NULL && (!r->query->quiet || r->framed || r->output->always_ends))
		r->output->finish(r, res);
	render_flush(r, true);
	if (r->gone)
		return gone(r, e);
	render_close(r);
	return 0;
}

void
render_close(struct render *r)
{
	if (r == NULL)
		return;
	strbuf_free(&r->out);
	strbuf_free(&r->constants);
	digest_free(r->digest);
	fan_free(r->fan);
	r->digest = NULL;
	r->fan = NULL;
}
