#include "cache.h"
#include "graph.h"
#include "model.h"
#include "route.h"
#include "strip.h"

/* The strips under a graph: /strip?range=1d&end=…&size=wide&theme=dark. */
int
page_strip(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp,
    struct err *e)
{
	struct site *site = rq->site;
	const struct source **sources;
	struct strip s;
	struct view v;
	size_t n;

	(void)model;
	view_init(&v, rq, query_new(rq->arena));
	v.query->sources = pairs_take(pairs, "source");
	if (view_from_pairs(&v, pairs, VIEW_GRAPH, e) != 0 || pairs_done(pairs, e) != 0 ||
	    view_sources(&v, &sources, &n, e) != 0 || view_newest(&v, e) != 0)
		return -1;
	view_settle_end(&v);
	rp->type = "image/svg+xml";
	rp->cache_control = "private, no-cache";
	/* What the index knows changes with the graphs. */
	if (!reply_unless_same(rq, rp, graph_etag(site, &v, sources, n)))
		return 0;
	if (strip_make(&s, &v, v.size, e) == -1)
		return -1;
	strip_draw(&s, v.dark != 0, &rp->body);
	return 0;
}
