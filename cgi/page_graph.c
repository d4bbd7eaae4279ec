#include "graph.h"
#include "route.h"

int
graph_view(struct view *v, const struct request *rq, struct pairs *pairs, const struct source ***sources, size_t *n,
    struct err *e)
{
	view_init(v, rq, query_new(rq->arena));
	v->query->sources = pairs_take(pairs, "source");
	if (view_from_pairs(v, pairs, VIEW_GRAPH, e) != 0 || pairs_done(pairs, e) != 0 ||
	    view_sources(v, sources, n, e) != 0 || view_newest(v, e) != 0)
		return -1;
	view_settle_end(v);
	return 0;
}

/* One picture: /graph?type=traffic&range=1d&end=…&size=wide&theme=dark. */
int
page_graph(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp,
    struct err *e)
{
	struct site *site = rq->site;
	struct view v;
	const struct source **sources;
	const struct picture *p;
	size_t n;

	(void)model;
	if (graph_view(&v, rq, pairs, &sources, &n, e) != 0)
		return -1;
	/* Asked for again each time, answered by 304 while the RRDs are the same. */
	rp->cache_control = "private, no-cache";
	if (!reply_unless_same(rq, rp, graph_etag(site, &v, sources, n)))
		return 0;
	if ((p = graph_draw(site, &v, sources, n, e)) == NULL)
		return -1;
	rp->type = p->type;
	strbuf_add(&rp->body, p->bytes, p->size);
	return 0;
}
