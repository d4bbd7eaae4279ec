#include "plot.h"

#include <math.h>
#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "cache.h"
#include "draw.h"
#include "note.h"
#include "query/text.h"

/* Paul Tol's light scheme and two more: one apart from the other for all eyes, on white and on black. */
static const char *const line_colours[] = {
	"#77aadd", "#ee8866", "#44bb99", "#eedd88", "#ffaabb", "#aaaa00", "#99ddff", "#bbcc33", "#9467bd", "#8c6d5a",
};
#define LINE_COLOURS	(sizeof(line_colours) / sizeof(line_colours[0]))
/* That of others is also in style.css. */
static const char *const others_colours[2] = { "#cbd3db", "#3d4955" };
static const char single_colour[] = "#0072b2";

enum amount
metric_amount(unsigned metric)
{
	static const enum amount of[METRICS] = { [METRIC_FLOWS] = AMOUNT_FLOWS, [METRIC_PACKETS] = AMOUNT_PACKETS,
	    [METRIC_TRAFFIC] = AMOUNT_BYTES };

	return of[metric];
}

const char *
plot_colour(const struct plot *p, size_t line, bool dark)
{
	if (p->others && line + 1 == p->series.nlines)
		return others_colours[dark];
	return p->others ? line_colours[line % LINE_COLOURS] : single_colour;
}

/* As it is kept: this, the buckets, the titles one after another with their zeros. */
struct block {
	struct series series;
	bool others, partial;
	size_t titles;			/* bytes */
	int64_t made;			/* when_ticks() */
};

#define PARTIAL_MSEC	60000	/* so long a part of a series serves the pictures of the page that asked for it */

static size_t
cells_size(const struct series *s)
{
	return s->n * s->nlines * sizeof(struct totals);
}

/* A plot over a block. */
static void
plot_open(const char *bytes, struct arena *a, struct plot *p)
{
	struct block head;
	const char *title;

	memcpy(&head, bytes, sizeof(head));
	*p = (struct plot){ .series = head.series, .others = head.others, .partial = head.partial };
	p->series.at = arena_alloc(a, cells_size(&p->series) + 1);
	memcpy(p->series.at, bytes + sizeof(head), cells_size(&p->series));
	p->title = arena_array(a, p->series.nlines + 1, sizeof(*p->title));
	title = bytes + sizeof(head) + cells_size(&p->series);
	for (size_t i = 0; i < p->series.nlines; i++) {
		p->title[i] = arena_strdup(a, title);
		title += strlen(title) + 1;
	}
}

/* "10.0.0.0/8, TCP" of a row. */
static void
add_title(const struct table *t, size_t row, struct strbuf *sb)
{
	for (size_t k = 0; k < t->nkeys; k++) {
		strbuf_adds(sb, k > 0 ? ", " : "");
		text_field(sb, &t->rows, t->keys[k].field, row, TEXT_IPV6_LONG);
		if (t->keys[k].family != 0)
			strbuf_addf(sb, "/%u", t->keys[k].bits);
	}
}

/* A block of memory that the cache can take. */
static char *
block_of(const struct result *r, size_t *total)
{
	struct block head = { .series = *r->series, .others = r->ntables > 0, .partial = r->partial,
	    .made = when_ticks() };
	struct strbuf titles = { 0 };
	char *block;

	head.series.at = NULL;
	for (size_t i = 0; r->ntables > 0 && i < r->tables[0].rows.n; i++) {
		add_title(&r->tables[0], i, &titles);
		strbuf_addc(&titles, '\0');
	}
	strbuf_add(&titles, r->ntables > 0 ? "all others" : "all", r->ntables > 0 ? sizeof("all others") : sizeof("all"));
	head.titles = titles.len;
	*total = sizeof(head) + cells_size(r->series) + titles.len;
	block = xmalloc(*total);
	memcpy(block, &head, sizeof(head));
	memcpy(block + sizeof(head), r->series->at, cells_size(r->series));
	memcpy(block + sizeof(head) + cells_size(r->series), titles.s, titles.len);
	strbuf_free(&titles);
	return block;
}

const char *
plot_who(const struct request *rq)
{
	const struct role *role = rq->role;

	return arena_printf(rq->arena, "%s|%s|%s|%d|%s", role->name, role->sources != NULL ? role->sources : "",
	    role->networks != NULL ? role->networks : "", role->mask, when_zone_name());
}

/* The query alone: the same for all pictures of it. */
static const char *
plot_key(const struct view *v)
{
	struct strbuf sb = { 0 };
	const char *key;

	/* Roles see different flows. */
	strbuf_addf(&sb, "series?%s&", plot_who(v->rq));
	query_to_url(v->query, &sb);
	key = arena_strdup(v->rq->arena, strbuf_text(&sb));
	strbuf_free(&sb);
	return key;
}

int
plot_version(const struct view *v, uint64_t *version, struct err *e)
{
	struct engine *engine = site_engine(v->rq->site, e);
	int64_t slot = v->rq->site->conf->slot;
	struct window w = v->query->window;
	const struct source **sources;
	size_t n;

	w.from = w.from / slot * slot;
	*version = HASH_START;
	if (engine == NULL || view_sources(v, &sources, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		uint64_t mark;

		if (index_mark(engine_index(engine), &w, sources[i], &mark, e) == -1)
			return -1;
		*version = hash_add(*version, &mark, sizeof(mark));
	}
	return 0;
}

void
plot_keep(const struct view *v, const struct result *r, uint64_t version, struct plot *p)
{
	size_t total;
	char *block = block_of(r, &total);

	cache_put(v->rq->site->cache, plot_key(v), version, block, total);
	plot_open(block, v->rq->arena, p);
	p->version = version;
	free(block);
}

int
plot_ask(const struct view *v, struct result *r, struct err *e)
{
	return ask(v->rq, v->query, NULL, NULL, r, e);
}

/*
 * The series that is kept.  Of one that is a part only nobody makes an answer, but the
 * page that asked for it has pictures, which come for it presently.
 */
static const void *
plot_kept(const struct view *v, uint64_t version)
{
	struct block head;
	size_t size;
	const void *kept = cache_get(v->rq->site->cache, plot_key(v), version, v->rq->arena, &size);

	if (kept == NULL)
		return NULL;
	memcpy(&head, kept, sizeof(head));
	return !head.partial || (v->rq->picture && when_ticks() - head.made < PARTIAL_MSEC) ? kept : NULL;
}

int
plot_read(const struct view *v, struct plot *p, struct err *e)
{
	struct result r = { 0 };
	const void *kept;
	uint64_t version;

	if (plot_version(v, &version, e) == -1)
		return -1;
	if ((kept = plot_kept(v, version)) != NULL) {
		plot_open(kept, v->rq->arena, p);
		p->version = version;
		return 0;
	}
	if (plot_ask(v, &r, e) == -1)
		return -1;
	plot_keep(v, &r, version, p);
	return 0;
}

/* librrd has it, but none of its headers (its second argument is an enum).  A name that begins with "cb//" is then ours. */
int	rrd_fetch_cb_register(int (*)(const char *, unsigned, time_t *, time_t *, unsigned long *, unsigned long *,
	    char ***, rrd_value_t **));

/* What librrd is just drawing: it asks by a function without a context. */
static struct { const struct plot *plot; enum amount amount; } drawn;

/* Rates, all lines beside each other, bucket by bucket; in malloc's memory, which librrd frees. */
static int
fetch(const char *name, unsigned cf, time_t *start, time_t *end, unsigned long *step, unsigned long *nlines,
    char ***names, rrd_value_t **data)
{
	const struct series *s = &drawn.plot->series;
	rrd_value_t *to;

	(void)name, (void)cf;
	*start = s->from;
	*step = s->bucket;
	*end = s->from + (time_t)(s->n * s->bucket);
	*nlines = s->nlines;
	*names = xcalloc(s->nlines, sizeof(**names));
	to = *data = xcalloc((s->n + 1) * s->nlines, sizeof(**data));
	for (size_t k = 0; k < s->nlines; k++) {
		(*names)[k] = xmalloc(24);
		snprintf((*names)[k], 24, "l%zu", k);
	}
	for (size_t i = 0; i <= s->n; i++)
		for (size_t k = 0; k < s->nlines; k++)
			*to++ = i == s->n ? NAN : (double)totals_amount(&s->at[k * s->n + i], drawn.amount) *
			    amounts[drawn.amount].factor / (double)series_seconds(s, i);
	return 0;
}

void
plot_feed(const struct plot *p, enum amount amount)
{
	rrd_fetch_cb_register(fetch);
	drawn.plot = p;
	drawn.amount = amount;
}

static void
args_lines(struct args *a, const struct view *v, const struct plot *p)
{
	for (size_t i = 0; i < p->series.nlines; i++)
		arg(a, "DEF:l%zu=" PLOT_FEED ":l%zu:AVERAGE", i, i);
	for (size_t i = 0; i < p->series.nlines; i++) {
		const char *colour = plot_colour(p, i, v->dark);

		if (v->lines)
			arg(a, "LINE1.5:l%zu%s", i, colour);
		else
			arg(a, "AREA:l%zu%s%s", i, colour, i > 0 ? "::STACK" : "");
	}
}

static const char *
picture_key(const struct view *v)
{
	return arena_printf(v->rq->arena, "%s %s", plot_who(v->rq),
	    view_href(v, "/plot", VIEW_DETAILS | VIEW_GRAPH));
}

const struct picture *
plot_draw(const struct view *v, const struct plot *p, struct err *e)
{
	struct args a = { .arena = v->rq->arena };
	const struct series *s = &p->series;
	struct series_figures sums;
	struct figures figures;
	struct picture *picture;
	struct frame frame;
	uint64_t version = notes_version(v, &v->query->window, p->version);
	size_t total;

	if (!p->partial && (picture = picture_kept(v->rq->site, picture_key(v), version, v->rq->arena)) != NULL)
		return picture;
	view_frame(v, s->from, s->to, &frame);
	args_frame(&a, &frame);
	args_lines(&a, v, p);
	notes_draw(&a, v, &(struct window){ s->from, s->to });
	series_figures(s, s->nlines, metric_amount(v->metric), &sums);
	figures = figures_of(&sums);
	args_line(&a, v->size, figures_text(&figures, s->nlines > 1 ? FIGURES_TOGETHER : NULL, metrics[v->metric].unit, a.arena));
	plot_feed(p, metric_amount(v->metric));
	picture = graph_render(&a, v->svg, &total, e);
	v->rq->site->graphs++;
	if (picture != NULL && !p->partial)
		cache_put(v->rq->site->cache, picture_key(v), version, picture, total);
	return picture;
}

const char *
plot_etag(const struct view *v, struct err *e)
{
	const char *key = picture_key(v);
	uint64_t version;

	if (plot_version(v, &version, e) == -1)
		return NULL;
	version = notes_version(v, &v->query->window, version);
	return arena_printf(v->rq->arena, "\"%016llx\"", (unsigned long long)hash_add(version, key, strlen(key)));
}
