#include "figures.h"

#include <math.h>
#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>

#include "cache.h"
#include "draw.h"

/* So wide as if a picture were drawn: librrd takes the rows that this many pixels need. */
#define FIGURES_WIDTH	920

struct figures
figures_of(const struct series_figures *f)
{
	return (struct figures){ f->last, f->average, f->most, f->p95 };
}

void
figures_model(json_t *item, const struct figures *f)
{
	model_rate(item, "last", f->last);
	model_rate(item, "average", f->average);
	model_rate(item, "most", f->most);
	model_rate(item, "p95", f->p95);
}

void
figures_title(json_t *picture, const struct figures *f, const char *unit)
{
	json_t *item;

	if (f == NULL || !isfinite(f->most)) {
		json_object_set_new(picture, "figures", json_null());
		return;
	}
	item = model_object(picture, "figures");
	figures_model(item, f);
	model_text(item, "unit", unit);
}

const char *
figures_text(const struct figures *f, const char *whom, const char *unit, struct arena *a)
{
	const struct { const char *name; double value; } each[] = {
		{ "max", f->most }, { "95th", f->p95 }, { "avg", f->average }, { "last", f->last } };
	struct strbuf sb = { 0 };
	const char *text;

	if (!isfinite(f->most))
		return "no data in this time";
	if (whom != NULL)
		strbuf_addf(&sb, "%s: ", whom);
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		strbuf_addf(&sb, "%s%s ", i > 0 ? ", " : "", each[i].name);
		rate_text(each[i].value, &sb);
	}
	strbuf_addf(&sb, " %s", unit);
	text = arena_strdup(a, strbuf_text(&sb));
	strbuf_free(&sb);
	return text;
}

void
figures_start(struct args *a, int64_t start, int64_t end)
{
	arg(a, "graph");
	arg(a, "-");
	arg(a, "--start=%lld", (long long)start);
	arg(a, "--end=%lld", (long long)end);
	arg(a, "--width=%d", FIGURES_WIDTH);
}

void
figures_ask(struct args *a, const char *name, const char *series, const char *highest, size_t i)
{
	arg(a, "VDEF:%sl%zu=%s%zu,LAST", name, i, series, i);
	arg(a, "VDEF:%sa%zu=%s%zu,AVERAGE", name, i, series, i);
	arg(a, "VDEF:%sm%zu=%s%zu,MAXIMUM", name, i, highest, i);
	arg(a, "VDEF:%sp%zu=%s%zu,95,PERCENTNAN", name, i, series, i);
	arg(a, "PRINT:%sl%zu:%%.8le", name, i);
	arg(a, "PRINT:%sa%zu:%%.8le", name, i);
	arg(a, "PRINT:%sm%zu:%%.8le", name, i);
	arg(a, "PRINT:%sp%zu:%%.8le", name, i);
}

int
figures_read(struct args *a, struct figures *f, size_t n, struct err *e)
{
	rrd_info_t *info, *i;
	unsigned k;

	for (size_t j = 0; j < n; j++)
		f[j] = (struct figures){ NAN, NAN, NAN, NAN };
	rrd_clear_error();
	if ((info = rrd_graph_v(a->n, a->v)) == NULL)
		return err_set(e, ERR_SYSTEM, "the graph's numbers cannot be read: %s", rrd_get_error());
	/* The printed numbers come four to a series, in the order of the arguments. */
	for (i = info; i != NULL; i = i->next)
		if (i->type == RD_I_STR && sscanf(i->key, "print[%u]", &k) == 1 && k / 4 < n) {
			double *to[4] = { &f[k / 4].last, &f[k / 4].average, &f[k / 4].most, &f[k / 4].p95 };

			*to[k % 4] = strtod(i->value.u_str, NULL);
		}
	rrd_info_free(info);
	/* librrd says that the percentile of no values is 0. */
	for (size_t j = 0; j < n; j++)
		if (isnan(f[j].average))
			f[j].p95 = NAN;
	return 0;
}

struct figures *
figures_kept(struct site *site, const char *key, uint64_t version, size_t n, struct arena *a)
{
	size_t size;
	struct figures *f = cache_get(site->cache, key, version, a, &size);

	return f != NULL && size == n * sizeof(*f) ? f : NULL;
}
