/*
 * /graph.csv: the numbers that a graph shows, as text.
 */
#include <math.h>
#include <rrd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "graph.h"
#include "route.h"
#include "store/rrd.h"

/* One source's values: value[i] is that of the step that begins at start + i * step. */
struct values {
	int64_t start;
	unsigned long step;
	size_t n;
	double *value;
};

/* Those of the view's metric; none when there is no RRD yet. */
static int
values_fetch(const struct view *v, const struct source *src, struct values *out, struct err *e)
{
	time_t start = (time_t)(v->end - ranges[v->range].seconds), end = (time_t)v->end;
	unsigned long step = v->rq->site->conf->slot, nds = 0;
	const char *path = rrd_path(v->rq->site->conf, src, v->rq->arena);
	rrd_value_t *data = NULL;
	char ds[20], **names = NULL;
	struct stat st;

	*out = (struct values){ 0 };
	if (stat(path, &st) == -1)
		return 0;
	rrd_clear_error();
	if (rrd_fetch_r(path, "AVERAGE", &start, &end, &step, &nds, &names, &data) == -1)
		return err_set(e, ERR_SYSTEM, "the graph's numbers cannot be read: %s", rrd_get_error());
	rrd_ds(v->metric, (enum proto_class)v->proto, ds);
	/* librrd names a step by its end, and its first value ends at start + step. */
	out->start = start;
	out->step = step;
	out->n = (size_t)(end - start) / step;
	out->value = arena_array(v->rq->arena, out->n + 1, sizeof(*out->value));
	for (unsigned long k = 0; k < nds; k++) {
		for (size_t i = 0; strcmp(names[k], ds) == 0 && i < out->n; i++)
			out->value[i] = data[i * nds + k] * metrics[v->metric].factor;
		free(names[k]);
	}
	free(names);
	free(data);
	return 0;
}

static double
values_at(const struct values *of, int64_t t)
{
	size_t i = of->step != 0 && t >= of->start ? (size_t)(t - of->start) / of->step : of->n;

	return i < of->n ? of->value[i] : NAN;
}

/* Empty where nothing is known, which is not 0. */
static void
add_value(struct strbuf *sb, double value)
{
	strbuf_addc(sb, ',');
	if (!isnan(value))
		strbuf_addf(sb, "%.10g", value);
}

int
graph_csv(const struct request *rq, struct pairs *pairs, struct reply *rp, struct err *e)
{
	const struct source **sources;
	const struct values *longest = NULL;
	struct values *of;
	struct view v;
	char when[WHEN_STRLEN];
	size_t n;

	if (graph_view(&v, rq, pairs, &sources, &n, e) != 0)
		return -1;
	of = arena_array(rq->arena, n + 1, sizeof(*of));
	strbuf_addf(&rp->body, "%s from", metrics[v.metric].unit);
	for (size_t i = 0; i < n; i++) {
		if (values_fetch(&v, sources[i], &of[i], e) != 0)
			return -1;
		if (longest == NULL || of[i].n > longest->n)
			longest = &of[i];
		strbuf_addc(&rp->body, ',');
		strbuf_add_csv(&rp->body, sources[i]->name);
	}
	strbuf_addc(&rp->body, '\n');
	for (size_t k = 0; longest != NULL && k < longest->n; k++) {
		int64_t t = longest->start + (int64_t)(k * longest->step);

		if (t >= v.end)
			break;
		strbuf_adds(&rp->body, when_iso(t, when));
		for (size_t i = 0; i < n; i++)
			add_value(&rp->body, values_at(&of[i], t));
		strbuf_addc(&rp->body, '\n');
	}
	rp->type = "text/csv; charset=utf-8";
	rp->filename = "flowlight-graph.csv";
	return 0;
}
