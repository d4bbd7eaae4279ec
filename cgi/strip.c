#include <stdio.h>
#include <string.h>

#include "graph.h"
#include "link.h"
#include "model.h"
#include "strip.h"

#define OWNER_HEIGHT	9
#define TRUST_TOP	11
#define TRUST_HEIGHT	6
#define HEIGHT		(TRUST_TOP + TRUST_HEIGHT)
#define LEVELS		7	/* of shares; the lowest is not drawn */

/* As style.css.  Shares differ in lightness, faults also in height: colours need not be told apart. */
static const struct theme { const char *ground, *owner, *missing, *broken, *gaps, *late; } themes[2] = {
	{ "#e9edf1", "#a35200", "#ab2219", "#ab2219", "#8a5200", "#566372" },
	{ "#252e38", "#f0a35b", "#ff8f85", "#ff8f85", "#f0b95b", "#9aa7b5" },
};

/* Sizes that strips are drawn in, by their names in addresses. */
static const struct { const char *name; enum size size; } sizes[] = {
	{ "wide", SIZE_WIDE }, { "narrow", SIZE_NARROW }, { "thumb", SIZE_THUMB } };
#define NSIZES	(sizeof(sizes) / sizeof(sizes[0]))

/* All metrics and protocols of a range have the same strip. */
static struct view
plain_view(const struct view *v, enum size size)
{
	struct view copy = *v, normal;

	view_init(&normal, v->rq, v->query);
	normal.range = copy.range;
	normal.newest = copy.newest;
	normal.end = copy.end;
	normal.size = size;
	return normal;
}

static struct window
strip_window(const struct view *v)
{
	return (struct window){ v->end - ranges[v->range].seconds, v->end };
}

/* Of which sources, if not of all. */
static const char *
strip_of(const struct view *v)
{
	struct window w = strip_window(v);
	const struct source **sources;
	struct engine *engine;
	struct err ignored;
	size_t n, most;

	if ((engine = site_engine(v->rq->site, &ignored)) == NULL || view_sources(v, &sources, &n, &ignored) != 0 ||
	    n <= (most = engine_strip_most(engine, &w)))
		return "";
	return arena_printf(v->rq->arena, ", of the %zu largest of %zu sources", most, n);
}

void
strip_model(json_t *graph, const struct view *v, enum size size)
{
	json_t *strip = model_object(graph, "strip");
	struct view copy = plain_view(v, size);
	int width, height;
	size_t i = 0;

	while (i + 1 < NSIZES && sizes[i].size != size)
		i++;
	graph_size(size, &width, &height);
	model_number(strip, "width", width);
	model_number(strip, "height", HEIGHT);
	model_text(strip, "light", view_href(&copy, "/strip", VIEW_GRAPH));
	model_textf(strip, "pick", "%s&pick=%s", view_href(&copy, "/explain", VIEW_GRAPH), sizes[i].name);
	copy.dark = 1;
	model_text(strip, "dark", view_href(&copy, "/strip", VIEW_GRAPH));
	model_textf(strip, "alt", "%s%s: the largest host’s share of flows, and slots that are missing, broken, late or "
	    "lack packets", ranges[v->range].title, strip_of(v));
}

int
strip_make(struct strip *s, const struct view *v, enum size size, struct err *e)
{
	struct view copy = plain_view(v, size);
	struct engine *engine = site_engine(v->rq->site, e);
	const struct source **sources;
	const struct picture *p;
	size_t n;

	if (engine == NULL || view_sources(&copy, &sources, &n, e) != 0 ||
	    (p = graph_draw(v->rq->site, &copy, sources, n, e)) == NULL)
		return -1;
	s->left = p->left;
	s->pixels = p->width;
	s->width = p->image_width;
	s->window = strip_window(v);
	s->n = (size_t)(ranges[v->range].seconds / v->rq->site->conf->slot);
	if (s->n > (size_t)s->pixels)
		s->n = (size_t)s->pixels;
	return engine_strip(engine, &s->window, v->query->sources, s->n, v->rq->arena, &s->column, e);
}

static int
level_of(const struct strip_column *c)
{
	int level;

	if (c->source == NULL)
		return 0;
	level = (int)(c->share * LEVELS);
	return level < LEVELS ? level : LEVELS - 1;
}

static double
place(const struct strip *s, size_t column)
{
	return (double)s->left + (double)s->pixels * (double)column / (double)s->n;
}

/* The columns of a kind as one path: runs of them are one piece. */
static void
draw_runs(const struct strip *s, bool (*is)(const struct strip_column *, int), int which, int top, int height,
    struct strbuf *sb)
{
	size_t end;

	for (size_t i = 0; i < s->n; i = end) {
		bool in = is(&s->column[i], which);

		for (end = i + 1; end < s->n && is(&s->column[end], which) == in; end++)
			;
		if (in)
			strbuf_addf(sb, "M%.5g %dH%.5gv%dH%.5gz", place(s, i), top, place(s, end), height, place(s, i));
	}
}

static bool
is_level(const struct strip_column *c, int level)
{
	return level_of(c) == level;
}

enum strip_fault { FAULT_LATE, FAULT_GAPS, FAULT_BROKEN, FAULT_MISSING, FAULTS };

static bool
has_fault(const struct strip_column *c, int fault)
{
	return (fault == FAULT_LATE ? c->late : fault == FAULT_GAPS ? c->gaps : fault == FAULT_BROKEN ? c->broken :
	    c->missing) > 0;
}

void
strip_draw(const struct strip *s, bool dark, struct strbuf *sb)
{
	const struct theme *t = &themes[dark];
	const struct { const char *colour; int top, height; } faults[FAULTS] = {
		[FAULT_LATE] = { t->late, TRUST_TOP + 4, 2 }, [FAULT_GAPS] = { t->gaps, TRUST_TOP + 2, 4 },
		[FAULT_BROKEN] = { t->broken, TRUST_TOP, 3 }, [FAULT_MISSING] = { t->missing, TRUST_TOP, TRUST_HEIGHT },
	};

	strbuf_addf(sb, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%ld\" height=\"%d\" viewBox=\"0 0 %ld %d\" "
	    "shape-rendering=\"crispEdges\"><path fill=\"%s\" d=\"M%ld 0h%ldv%dh-%ldzM%ld %dh%ldv2h-%ldz\"/>", s->width,
	    HEIGHT, s->width, HEIGHT, t->ground, s->left, s->pixels, OWNER_HEIGHT, s->pixels, s->left, TRUST_TOP + 4,
	    s->pixels, s->pixels);
	for (int level = 1; level < LEVELS; level++) {
		strbuf_addf(sb, "<path fill=\"%s\" fill-opacity=\"%.2f\" d=\"", t->owner, (double)level / (LEVELS - 1));
		draw_runs(s, is_level, level, 0, OWNER_HEIGHT, sb);
		strbuf_adds(sb, "\"/>");
	}
	for (int fault = 0; fault < FAULTS; fault++) {
		strbuf_addf(sb, "<path fill=\"%s\" d=\"", faults[fault].colour);
		draw_runs(s, has_fault, fault, faults[fault].top, faults[fault].height, sb);
		strbuf_adds(sb, "\"/>");
	}
	strbuf_adds(sb, "</svg>\n");
}

const char *
strip_pick(const struct request *rq, const char *pick, struct pairs *pairs, struct err *e)
{
	size_t n = strcspn(pick, "?"), size = 0;
	struct strip s;
	struct view v;
	long x, y;
	int64_t at;
	int end = 0;

	while (size < NSIZES && (strlen(sizes[size].name) != n || strncmp(sizes[size].name, pick, n) != 0))
		size++;
	if (size == NSIZES) {
		err_set(e, ERR_INPUT, "pick: \"%.40s\" is no place of a strip", pick);
		return NULL;
	}
	view_init(&v, rq, query_new(rq->arena));
	v.query->sources = pairs_take(pairs, "source");
	if (view_from_pairs(&v, pairs, VIEW_GRAPH, e) != 0 || pairs_done(pairs, e) != 0 || view_newest(&v, e) != 0)
		return NULL;
	view_settle_end(&v);
	if (strip_make(&s, &v, sizes[size].size, e) == -1)
		return NULL;
	/* By keyboard a browser gives no place, or the corner: what stood out in all of it. */
	if (sscanf(pick + n, "?%ld,%ld%n", &x, &y, &end) != 2 || (x == 0 && y == 0) || s.n == 0)
		return explain_window_href(rq, v.query->sources, &s.window);
	x = x < s.left ? 0 : (x - s.left) * (long)s.n / s.pixels;
	x = x >= (long)s.n ? (long)s.n - 1 : x;
	if (s.column[x].source != NULL)
		return explain_href(rq, v.query->sources != NULL ? v.query->sources : s.column[x].source->name,
		    s.column[x].start);
	at = s.window.from + (s.window.to - s.window.from) * x / (int64_t)s.n;
	return explain_href(rq, v.query->sources, view_slot(&v, at));
}
