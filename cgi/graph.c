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

/* One source's series: a<i> as drawn, m<i> of the highest slots. */
static void
args_series(struct args *a, const struct view *v, size_t i, const char *path)
{
	char ds[20];
	const char *file = draw_path(path, a->arena);

	rrd_ds(v->metric, (enum proto_class)v->proto, ds);
	arg(a, "DEF:d%zu=%s:%s:AVERAGE", i, file, ds);
	arg(a, "DEF:e%zu=%s:%s:MAX", i, file, ds);
	arg(a, "CDEF:a%zu=d%zu,%g,*", i, i, view_factor(v, v->metric));
	arg(a, "CDEF:m%zu=e%zu,%g,*", i, i, view_factor(v, v->metric));
	if (i == 0) {
		arg(a, "CDEF:s0=a0,1,*");
		arg(a, "CDEF:n0=m0,1,*");
	} else {
		arg(a, "CDEF:s%zu=s%zu,a%zu,ADDNAN", i, i - 1, i);
		arg(a, "CDEF:n%zu=n%zu,m%zu,ADDNAN", i, i - 1, i);
	}
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
	if (!draw_sizes[v->size].figures)
		return;
	for (size_t i = 0; i < n; i++)
		args_figures(a, "f", "a", "m", i);
	args_figures(a, "t", "s", "n", n - 1);
}

/* A picture in one block of memory, with room for its figures and bytes behind it. */
static struct picture *
picture_new(const void *bytes, size_t size, size_t nfigures, struct arena *arena, size_t *total)
{
	struct picture *p;
	struct figures *f;
	char *to;

	*total = sizeof(*p) + nfigures * sizeof(struct figures) + size;
	p = arena_alloc(arena, *total);
	f = (struct figures *)(p + 1);
	for (size_t i = 0; i < nfigures; i++)
		f[i] = (struct figures) { NAN, NAN, NAN, NAN };
	to = (char *)(f + nfigures);
	memcpy(to, bytes, size);
	p->bytes = to;
	p->size = size;
	p->figures = f;
	p->nfigures = nfigures;
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

/* The printed numbers come four to a series, in the order of the arguments. */
static void
picture_figures(struct picture *p, const rrd_info_t *info, const size_t *places, size_t n)
{
	struct figures *all = (struct figures *)(p + 1);

	for (; info != NULL; info = info->next) {
		unsigned k;
		struct figures *f;
		double *to[4];

		if (info->type != RD_I_STR || sscanf(info->key, "print[%u]", &k) != 1 ||
		    k / 4 > n || p->nfigures == 0)
			continue;
		f = &all[k / 4 < n ? places[k / 4] : p->nfigures - 1];
		to[0] = &f->last;
		to[1] = &f->average;
		to[2] = &f->most;
		to[3] = &f->p95;
		*to[k % 4] = strtod(info->value.u_str, NULL);
	}
}

struct picture *
graph_empty(const struct view *v, size_t nfigures, size_t *total)
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
	p = picture_new(sb.s, sb.len, nfigures, v->rq->arena, total);
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
graph_render(struct args *a, bool svg, const size_t *places, size_t n, size_t nfigures, size_t *total,
    struct err *e)
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
		p = picture_new(i->value.u_blo.ptr, i->value.u_blo.size, nfigures, a->arena, total);
		p->type = svg ? "image/svg+xml" : "image/png";
		picture_numbers(p, info);
		picture_figures(p, info, places, n);
	}
	rrd_info_free(info);
	return p;
}

static struct picture *
picture_draw(const struct view *v, const struct drawn *series, size_t n, size_t nfigures,
    struct arena *arena, size_t *total, struct err *e)
{
	struct args a = { .arena = arena };
	size_t *places = arena_array(arena, n + 1, sizeof(*places));
	struct frame frame;

	for (size_t i = 0; i < n; i++)
		places[i] = series[i].place;
	view_frame(v, v->end - ranges[v->range].seconds, v->end, &frame);
	args_frame(&a, &frame);
	args_drawing(&a, v, series, n);
	notes_draw(&a, v, &(struct window){ frame.start, frame.end });
	return graph_render(&a, v->svg, places, n, nfigures, total, e);
}

/* The sources that have an RRD, and a number that changes with any of them, and with notes. */
static size_t
series_find(struct site *site, const struct view *v, const struct source **sources, size_t n,
    struct drawn *series, uint64_t *version)
{
	const struct window shown = { v->end - ranges[v->range].seconds, v->end };
	struct arena *arena = v->rq->arena;
	size_t found = 0;

	*version = HASH_START;
	for (size_t i = 0; i < n; i++) {
		struct stat st = { 0 };
		const char *path = rrd_path(site->conf, sources[i], arena);

		if (stat(path, &st) == 0)
			series[found++] = (struct drawn) { sources[i], path, i };
		*version = hash_add(*version, &st.st_ino, sizeof(st.st_ino));
		*version = hash_add(*version, &st.st_mtim, sizeof(st.st_mtim));
	}
	*version = notes_version(v, &shown, *version);
	return found;
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
	p->figures = (struct figures *)(p + 1);
	p->bytes = p->figures + p->nfigures;
	return p;
}

const struct picture *
graph_draw(struct site *site, const struct view *v, const struct source **sources, size_t n,
    struct err *e)
{
	struct arena *arena = v->rq->arena;
	struct drawn *series = arena_array(arena, n + 1, sizeof(*series));
	const char *key = view_href(v, "/graph", VIEW_GRAPH);
	size_t found, total, nfigures = draw_sizes[v->size].figures ? n + 1 : 0;
	struct picture *p;
	uint64_t version;

	found = series_find(site, v, sources, n, series, &version);
	if ((p = picture_kept(site, key, version, arena)) != NULL)
		return p;
	if (found == 0)
		p = graph_empty(v, nfigures, &total);
	else {
		p = picture_draw(v, series, found, nfigures, arena, &total, e);
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
	    (unsigned long long)hash_add(version, key, strlen(key)));
}
