#include <sys/stat.h>

#include <math.h>
#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "draw.h"
#include "graph.h"
#include "note.h"
#include "store/rrd.h"

/*
 * One source's series by three letters, "das": d<i> as the RRD has it, a<i> in the
 * graph's unit, s<i> the sum of those so far.
 */
static void
args_rows(struct args *a, const struct view *v, size_t i, const char *path, const char *function, const char *letters)
{
	char ds[20];

	rrd_ds(v->metric, (enum proto_class)v->proto, ds);
	arg(a, "DEF:%c%zu=%s:%s:%s", letters[0], i, draw_path(path, a->arena), ds, function);
	arg(a, "CDEF:%c%zu=%c%zu,%g,*", letters[1], i, letters[0], i, view_factor(v, v->metric));
	if (i == 0)
		arg(a, "CDEF:%c0=%c0,1,*", letters[2], letters[1]);
	else
		arg(a, "CDEF:%c%zu=%c%zu,%c%zu,ADDNAN", letters[2], i, letters[2], i - 1, letters[1], i);
}

/* As drawn: a<i>, and their sums s<i>. */
static void
args_series(struct args *a, const struct view *v, size_t i, const char *path)
{
	args_rows(a, v, i, path, "AVERAGE", "das");
}

/* Of the highest slots: m<i> and n<i>. */
static void
args_highest(struct args *a, const struct view *v, size_t i, const char *path)
{
	args_rows(a, v, i, path, "MAX", "emn");
}

struct drawn { const struct source *source; const char *path; size_t place; };

/* Traffic that goes out stands on its head below the axis; a logarithm has no below. */
static bool
is_below(const struct view *v, const struct drawn *d)
{
	return d->source->direction == DIRECTION_OUT && !v->log;
}

static void
draw_side(struct args *a, const struct view *v, const struct drawn *series, size_t n, enum direction side)
{
	size_t drawn = 0;

	for (size_t i = 0; i < n; i++) {
		bool below = is_below(v, &series[i]);
		char name = below ? 'b' : 'a';

		if (below != (side == DIRECTION_OUT))
			continue;
		if (below)
			arg(a, "CDEF:b%zu=a%zu,-1,*", i, i);
		if (v->lines)
			arg(a, "LINE1.5:%c%zu%s", name, i, series[i].source->colour);
		else
			arg(a, "AREA:%c%zu%s%s", name, i, series[i].source->colour, drawn > 0 ? "::STACK" : "");
		drawn++;
	}
	if (side == DIRECTION_OUT && drawn > 0)
		arg(a, "HRULE:0%s", draw_themes[v->dark].text);
}

static void
args_drawing(struct args *a, const struct view *v, const struct drawn *series, size_t n)
{
	for (size_t i = 0; i < n; i++)
		args_series(a, v, i, series[i].path);
	if (!draw_sizes[v->size].bare) {
		arg(a, "CDEF:u=s%zu,UN,INF,UNKN,IF", n - 1);
		arg(a, "AREA:u%s", draw_themes[v->dark].unknown);
		for (size_t i = 0; i < n; i++)
			if (is_below(v, &series[i])) {
				arg(a, "CDEF:w=s%zu,UN,NEGINF,UNKN,IF", n - 1);
				arg(a, "AREA:w%s", draw_themes[v->dark].unknown);
				break;
			}
	}
	draw_side(a, v, series, n, DIRECTION_IN);
	draw_side(a, v, series, n, DIRECTION_OUT);
}

/* A picture in one block of memory, its bytes behind it. */
static struct picture *
picture_new(const void *bytes, size_t size, struct arena *arena, size_t *total)
{
	struct picture *p;

	*total = sizeof(*p) + size;
	p = arena_alloc(arena, *total);
	memcpy(p + 1, bytes, size);
	p->bytes = p + 1;
	p->size = size;
	return p;
}

static void
picture_numbers(struct picture *p, const rrd_info_t *info)
{
	const struct { const char *key; long *to; } longs[] = {
		{ "graph_left", &p->left }, { "graph_top", &p->top },
		{ "graph_width", &p->width }, { "graph_height", &p->height },
		{ "image_width", &p->image_width }, { "image_height", &p->image_height },
	};

	for (; info != NULL; info = info->next) {
		for (size_t i = 0; i < sizeof(longs) / sizeof(longs[0]); i++)
			if (info->type == RD_I_CNT && strcmp(info->key, longs[i].key) == 0)
				*longs[i].to = (long)info->value.u_cnt;
		if (info->type == RD_I_CNT && strcmp(info->key, "graph_start") == 0)
			p->start = (int64_t)info->value.u_cnt;
		if (info->type == RD_I_CNT && strcmp(info->key, "graph_end") == 0)
			p->end = (int64_t)info->value.u_cnt;
	}
}

struct picture *
graph_empty(const struct view *v, size_t *total)
{
	const struct draw_size *size = &draw_sizes[v->size];
	const struct draw_theme *theme = &draw_themes[v->dark];
	struct strbuf sb = { 0 };
	struct picture *p;

	strbuf_addf(&sb, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\">"
	    "<rect width=\"100%%\" height=\"100%%\" fill=\"%s\"/>"
	    "<path d=\"M0 %d.5h%d\" stroke=\"%s\" stroke-opacity=\".3\"/>"
	    "<text x=\"50%%\" y=\"50%%\" fill=\"%s\" font-family=\"sans-serif\" font-size=\"%d\" "
	    "text-anchor=\"middle\">%s</text></svg>\n",
	    size->width, size->height, theme->back, size->height - 8, size->width, theme->text,
	    theme->text, size->font + 4, view_no_source(v) ? "no source is on" : "no data yet");
	p = picture_new(sb.s, sb.len, v->rq->arena, total);
	strbuf_free(&sb);
	p->type = "image/svg+xml";
	p->empty = true;
	p->image_width = p->width = size->width;
	p->image_height = p->height = size->height;
	p->start = v->end - ranges[v->range].seconds;
	p->end = v->end;
	return p;
}

struct picture *
graph_render(struct args *a, bool svg, size_t *total, struct err *e)
{
	struct picture *p = NULL;
	rrd_info_t *info, *i;

	rrd_clear_error();
	info = rrd_graph_v(a->n, a->v);
	for (i = info; i != NULL && strcmp(i->key, "image") != 0; i = i->next)
		;
	if (i == NULL) {
		err_set(e, ERR_SYSTEM, "the graph cannot be drawn: %s",
		    rrd_test_error() ? rrd_get_error() : "no image");
	} else {
		p = picture_new(i->value.u_blo.ptr, i->value.u_blo.size, a->arena, total);
		p->type = svg ? "image/svg+xml" : "image/png";
		picture_numbers(p, info);
	}
	rrd_info_free(info);
	return p;
}

static struct picture *
picture_draw(const struct view *v, const struct drawn *series, size_t n, const char *line, size_t *total,
    struct err *e)
{
	struct args a = { .arena = v->rq->arena };
	struct frame frame;

	view_frame(v, v->end - ranges[v->range].seconds, v->end, &frame);
	args_frame(&a, &frame);
	args_drawing(&a, v, series, n);
	notes_draw(&a, v, &(struct window){ frame.start, frame.end });
	args_line(&a, v->size, line);
	return graph_render(&a, v->svg, total, e);
}

/* The sources that have an RRD, and a number that changes with any of them. */
static size_t
series_find(struct site *site, const struct view *v, const struct source **sources, size_t n,
    struct drawn *series, uint64_t *version)
{
	size_t found = 0;

	*version = HASH_START;
	for (size_t i = 0; i < n; i++) {
		struct stat st = { 0 };
		const char *path = rrd_path(site->conf, sources[i], v->rq->arena);

		if (stat(path, &st) == 0)
			series[found++] = (struct drawn) { sources[i], path, i };
		*version = hash_add(*version, &st.st_ino, sizeof(st.st_ino));
		*version = hash_add(*version, &st.st_mtim, sizeof(st.st_mtim));
	}
	return found;
}

/* The same number, which notes change, too. */
static uint64_t
with_notes(const struct view *v, uint64_t version)
{
	return notes_version(v, &(struct window){ v->end - ranges[v->range].seconds, v->end }, version);
}

static int
figures_of_series(const struct view *v, const struct drawn *series, size_t found, struct figures *f, size_t n,
    struct err *e)
{
	struct args a = { .arena = v->rq->arena };
	struct figures *read = arena_array(a.arena, found + 1, sizeof(*read));

	for (size_t i = 0; i <= n; i++)
		f[i] = (struct figures){ NAN, NAN, NAN, NAN };
	if (found == 0)
		return 0;
	figures_start(&a, v->end - ranges[v->range].seconds, v->end);
	for (size_t i = 0; i < found; i++) {
		args_series(&a, v, i, series[i].path);
		args_highest(&a, v, i, series[i].path);
	}
	for (size_t i = 0; i < found; i++)
		figures_ask(&a, "f", "a", "m", i);
	figures_ask(&a, "t", "s", "n", found - 1);
	if (figures_read(&a, read, found + 1, e) != 0)
		return -1;
	for (size_t i = 0; i < found; i++)
		f[series[i].place] = read[i];
	f[n] = read[found];
	return 0;
}

/* How it is drawn does not change them. */
static const char *
figures_key(const struct view *v)
{
	struct view plain = *v;

	plain.size = plain.dark = plain.zoom = plain.svg = plain.log = plain.lines = 0;
	return view_href(&plain, "/figures", VIEW_GRAPH);
}

const struct figures *
graph_figures(struct site *site, const struct view *v, const struct source **sources, size_t n, struct err *e)
{
	struct arena *arena = v->rq->arena;
	struct drawn *series = arena_array(arena, n + 1, sizeof(*series));
	const char *key = figures_key(v);
	struct figures *f;
	uint64_t version;
	size_t found = series_find(site, v, sources, n, series, &version);

	if ((f = figures_kept(site, key, version, n + 1, arena)) != NULL)
		return f;
	f = arena_array(arena, n + 1, sizeof(*f));
	if (figures_of_series(v, series, found, f, n, e) != 0)
		return NULL;
	cache_put(site->cache, key, version, f, (n + 1) * sizeof(*f));
	return f;
}

void
graph_size(enum size size, int *width, int *height)
{
	*width = draw_sizes[size].width;
	*height = draw_sizes[size].height;
}

struct picture *
picture_kept(struct site *site, const char *key, uint64_t version, struct arena *arena)
{
	size_t size;
	struct picture *p = cache_get(site->cache, key, version, arena, &size);

	if (p == NULL)
		return NULL;
	/* Of the pointers in it only that to the type's name is good in this place. */
	p->bytes = p + 1;
	return p;
}

/* The line below the graph; NULL and err when it cannot be said. */
static const char *
graph_line(struct site *site, const struct view *v, const struct source **sources, size_t n, struct err *e)
{
	const struct figures *f;

	if (!draw_sizes[v->size].figures)
		return "";
	if ((f = graph_figures(site, v, sources, n, e)) == NULL)
		return NULL;
	return figures_text(&f[n], n > 1 ? FIGURES_TOGETHER : NULL, view_unit(v, v->metric), v->rq->arena);
}

const struct picture *
graph_draw(struct site *site, const struct view *v, const struct source **sources, size_t n,
    struct err *e)
{
	struct arena *arena = v->rq->arena;
	struct drawn *series = arena_array(arena, n + 1, sizeof(*series));
	const char *key = view_href(v, "/graph", VIEW_GRAPH), *line;
	size_t found, total;
	struct picture *p;
	uint64_t version;

	found = series_find(site, v, sources, n, series, &version);
	version = with_notes(v, version);
	if ((p = picture_kept(site, key, version, arena)) != NULL)
		return p;
	if (found == 0)
		p = graph_empty(v, &total);
	else {
		if ((line = graph_line(site, v, sources, n, e)) == NULL)
			return NULL;
		p = picture_draw(v, series, found, line, &total, e);
		site->graphs++;
	}
	if (p != NULL)
		cache_put(site->cache, key, version, p, total);
	return p;
}

const char *
graph_etag(struct site *site, const struct view *v, const struct source **sources, size_t n)
{
	struct arena *arena = v->rq->arena;
	struct drawn *series = arena_array(arena, n + 1, sizeof(*series));
	const char *key = view_href(v, "/graph", VIEW_GRAPH);
	uint64_t version;

	series_find(site, v, sources, n, series, &version);
	return arena_printf(arena, "\"%016llx\"",
	    (unsigned long long)hash_add(with_notes(v, version), key, strlen(key)));
}
