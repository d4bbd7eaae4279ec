#include <sys/stat.h>

#include "weeks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cache.h"
#include "draw.h"
#include "note.h"
#include "store/rrd.h"

/* This week in one colour, those before in another that fades. */
static const char *const colours[2][2] = { { "#0072b2", "#56b4e9" }, { "#d55e00", "#e69f00" } };
static const char *const band_colours[2] = { "#009e73", "#44bb99" };

#define BAND_SIGMA	2
#define BAND_SMOOTH	1800	/* seconds around each moment of the weeks before that count for it */

const char *
week_colour(unsigned week, bool dark)
{
	return colours[week > 0][dark];
}

unsigned
week_alpha(const struct weeks *w, unsigned week)
{
	return week == 0 ? 100 : w->alpha - w->alpha * 3 * (week - 1) / (4 * w->before);
}

/* The RRDs of the view's sources, and a number that changes with any of them, and with notes. */
static int
rrds_find(const struct weeks *w, const char ***paths, size_t *n, uint64_t *version, struct err *e)
{
	const struct source **sources;
	struct arena *a = w->view->rq->arena;
	size_t all;

	*n = 0;
	*version = HASH_START;
	if (view_sources(w->view, &sources, &all, e) == -1)
		return -1;
	*paths = arena_array(a, all + 1, sizeof(**paths));
	for (size_t i = 0; i < all; i++) {
		const char *path = rrd_path(w->view->rq->site->conf, sources[i], a);
		struct stat st = { 0 };

		if (stat(path, &st) == 0)
			(*paths)[(*n)++] = draw_path(path, a);
		*version = hash_add(*version, &st.st_ino, sizeof(st.st_ino));
		*version = hash_add(*version, &st.st_mtim, sizeof(st.st_mtim));
	}
	*version = notes_version(w->view, &(struct window){ w->view->end - w->seconds, w->view->end }, *version);
	return 0;
}

/* The sum of all sources from a moment on, as a variable. */
static void
args_sum(struct args *a, const struct weeks *w, const char **paths, size_t n, const char *name, int64_t start,
    int64_t end)
{
	char ds[20];

	rrd_ds(w->view->metric, (enum proto_class)w->view->proto, ds);
	for (size_t i = 0; i < n; i++) {
		arg(a, "DEF:%sd%zu=%s:%s:AVERAGE:start=%lld:end=%lld", name, i, paths[i], ds, (long long)start,
		    (long long)end);
		if (i == 0)
			arg(a, "CDEF:%ss0=%sd0,%g,*", name, name, metrics[w->view->metric].factor);
		else
			arg(a, "CDEF:%ss%zu=%sd%zu,%g,*,%ss%zu,ADDNAN", name, i, name, i,
			    metrics[w->view->metric].factor, name, i - 1);
	}
	arg(a, "CDEF:%s=%ss%zu,1,*", name, name, n - 1);
}

/* w<k>: the weeks of sources. */
static void
args_sources(struct args *a, const struct weeks *w, const char **paths, size_t n)
{
	int64_t end = w->view->end, start = end - w->seconds;
	char name[16];

	for (unsigned k = 0; k <= w->before; k++) {
		snprintf(name, sizeof(name), "w%u", k);
		args_sum(a, w, paths, n, name, start - (int64_t)k * WEEK_SECONDS, end - (int64_t)k * WEEK_SECONDS);
	}
}

/* The same of a filter, which stand in one plot beside each other, or of sources. */
static void
args_weeks(struct args *a, const struct weeks *w, const char **paths, size_t n)
{
	if (w->plot == NULL) {
		args_sources(a, w, paths, n);
		return;
	}
	plot_feed(w->plot, metric_amount(w->view->metric));
	for (unsigned k = 0; k <= w->before; k++)
		arg(a, "DEF:w%u=%s:l%u:AVERAGE", k, PLOT_FEED, k);
}

/* What the weeks before let expect: of sources by librrd's own prediction from the same moments of them. */
static void
args_band(struct args *a, const struct weeks *w, const char **paths, size_t n)
{
	int64_t end = w->view->end, start = end - w->seconds;
	struct strbuf all = { 0 };

	if (w->plot == NULL) {
		args_sum(a, w, paths, n, "past", start - (int64_t)w->before * WEEK_SECONDS - BAND_SMOOTH, end);
		arg(a, "CDEF:mean=%d,-%u,%d,past,PREDICT", WEEK_SECONDS, w->before, BAND_SMOOTH);
		arg(a, "CDEF:sigma=%d,-%u,%d,past,PREDICTSIGMA", WEEK_SECONDS, w->before, BAND_SMOOTH);
		return;
	}
	for (unsigned k = 1; k <= w->before; k++)
		strbuf_addf(&all, "w%u,", k);
	arg(a, "CDEF:mean=%s%u,AVG", strbuf_text(&all), w->before);
	arg(a, "CDEF:sigma=%s%u,STDEV", strbuf_text(&all), w->before);
	strbuf_free(&all);
}

static const char *
with_alpha(const char *colour, unsigned percent, struct arena *a)
{
	return arena_printf(a, "%s%02x", colour, percent * 255 / 100);
}

/* The sheets: areas of the weeks before, the band, their lines, and this week's on top. */
static void
args_sheets(struct args *a, const struct weeks *w)
{
	bool dark = w->view->dark;

	for (unsigned k = w->before; k > 0; k--) {
		if (w->plot == NULL)
			arg(a, "SHIFT:w%u:%lld", k, (long long)k * WEEK_SECONDS);
		arg(a, "AREA:w%u%s", k, with_alpha(week_colour(k, dark), week_alpha(w, k) / 7, a->arena));
	}
	if (w->band) {
		arg(a, "CDEF:low=mean,sigma,%d,*,-,0,MAX", BAND_SIGMA);
		arg(a, "CDEF:wide=mean,sigma,%d,*,+,low,-", BAND_SIGMA);
		arg(a, "AREA:low");
		arg(a, "AREA:wide%s::STACK", with_alpha(band_colours[dark], 30, a->arena));
	}
	for (unsigned k = w->before; k > 0; k--)
		arg(a, "LINE1:w%u%s", k, with_alpha(week_colour(k, dark), week_alpha(w, k), a->arena));
	arg(a, "LINE1.5:w0%s", week_colour(0, dark));
}

static const struct figures *
figures_find(const struct weeks *w, const char **paths, size_t n, uint64_t version, struct err *e)
{
	struct args a = { .arena = w->view->rq->arena };
	struct site *site = w->view->rq->site;
	const char *key = arena_printf(a.arena, "figures %s", w->plain);
	size_t weeks = w->before + 1;
	struct figures *f = w->partial ? NULL : figures_kept(site, key, version, weeks, a.arena);

	if (f != NULL)
		return f;
	f = arena_array(a.arena, weeks, sizeof(*f));
	if (n == 0 && w->plot == NULL) {
		for (unsigned k = 0; k < weeks; k++)
			f[k] = (struct figures){ NAN, NAN, NAN, NAN };
		return f;
	}
	figures_start(&a, w->view->end - w->seconds, w->view->end);
	args_weeks(&a, w, paths, n);
	for (unsigned k = 0; k <= w->before; k++)
		figures_ask(&a, "f", "w", "w", k);
	if (figures_read(&a, f, weeks, e) != 0)
		return NULL;
	if (!w->partial)
		cache_put(site->cache, key, version, f, weeks * sizeof(*f));
	return f;
}

const struct figures *
weeks_figures(const struct weeks *w, struct err *e)
{
	const char **paths;
	uint64_t version;
	size_t n;

	if (rrds_find(w, &paths, &n, &version, e) == -1)
		return NULL;
	return figures_find(w, paths, n, version, e);
}

static struct picture *
draw(const struct weeks *w, const char **paths, size_t n, const struct figures *f, size_t *total, struct err *e)
{
	struct args a = { .arena = w->view->rq->arena };
	struct frame frame;

	view_frame(w->view, w->view->end - w->seconds, w->view->end, &frame);
	args_frame(&a, &frame);
	args_weeks(&a, w, paths, n);
	if (w->band)
		args_band(&a, w, paths, n);
	args_sheets(&a, w);
	notes_draw(&a, w->view, &(struct window){ frame.start, frame.end });
	args_line(&a, w->view->size, figures_text(f, w->before > 0 ? "this week" : NULL,
	    metrics[w->view->metric].unit, a.arena));
	w->view->rq->site->graphs++;
	return graph_render(&a, w->view->svg, total, e);
}

const struct picture *
weeks_draw(const struct weeks *w, struct err *e)
{
	struct site *site = w->view->rq->site;
	const struct figures *f;
	struct picture *p;
	const char **paths;
	uint64_t version;
	size_t n, total;

	if (rrds_find(w, &paths, &n, &version, e) == -1)
		return NULL;
	if (!w->partial && (p = picture_kept(site, w->key, version, w->view->rq->arena)) != NULL)
		return p;
	if ((f = figures_find(w, paths, n, version, e)) == NULL)
		return NULL;
	p = n == 0 && w->plot == NULL ? graph_empty(w->view, &total) : draw(w, paths, n, f, &total, e);
	if (p != NULL && !w->partial)
		cache_put(site->cache, w->key, version, p, total);
	return p;
}

const char *
weeks_etag(const struct weeks *w, struct err *e)
{
	const char **paths;
	uint64_t version;
	size_t n;

	if (rrds_find(w, &paths, &n, &version, e) == -1)
		return NULL;
	return arena_printf(w->view->rq->arena, "\"%016llx\"",
	    (unsigned long long)hash_add(version, w->key, strlen(w->key)));
}
