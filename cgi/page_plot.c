#include "plot.h"
#include "route.h"

#define NEWEST_SECONDS	3600

/* One picture: /plot?from=…&to=…&series=10s&keys=srcip&type=traffic&size=wide&theme=dark. */
int
page_plot(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const struct picture *p;
	const char *etag;
	struct plot plot;
	struct view v;

	(void)model;
	view_init(&v, rq, query_new(rq->arena));
	if (view_from_pairs(&v, pairs, VIEW_DETAILS | VIEW_GRAPH, e) != 0 || query_from_pairs(v.query, pairs, e) != 0 ||
	    pairs_done(pairs, e) != 0)
		return -1;
	if (v.query->bucket == 0)
		return err_set(e, ERR_INPUT, "series: a picture needs series=");
	/* Pinned without its time it is of what is newest. */
	if (v.query->window.from == v.query->window.to) {
		if (view_newest(&v, e) != 0)
			return -1;
		v.query->window.to = v.newest != 0 ? v.newest : view_slot(&v, when_now());
		v.query->window.from = v.query->window.to - NEWEST_SECONDS;
	}
	if ((etag = plot_etag(&v, e)) == NULL)
		return -1;
	rp->cache_control = "private, no-cache";
	if (!reply_unless_same(rq, rp, etag))
		return 0;
	if (plot_read(&v, &plot, e) != 0 || (p = plot_draw(&v, &plot, e)) == NULL)
		return -1;
	if (plot.partial)
		reply_partial(rp);
	rp->type = p->type;
	strbuf_add(&rp->body, p->bytes, p->size);
	return 0;
}
