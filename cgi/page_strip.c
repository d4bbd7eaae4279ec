#include <string.h>

#include "cache.h"
#include "plot.h"
#include "route.h"
#include "strip.h"

/* The strips under a graph: /strip?range=1d&end=…&size=wide&theme=dark. */
int
page_strip(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp,
    struct err *e)
{
	struct site *site = rq->site;
	const struct source **sources;
	const char *key, *kept;
	uint64_t version;
	struct strip s;
	struct view v;
	size_t n, size;

	(void)model;
	view_init(&v, rq, query_new(rq->arena));
	v.query->sources = pairs_take(pairs, "source");
	if (view_from_pairs(&v, pairs, VIEW_GRAPH, e) != 0 || pairs_done(pairs, e) != 0 ||
	    view_sources(&v, &sources, &n, e) != 0 || view_newest(&v, e) != 0)
		return -1;
	view_settle_end(&v);
	rp->type = "image/svg+xml";
	rp->cache_control = "private, no-cache";
	if (index_changed(engine_index(site_engine(site, e)), sources, n, &version, e) == -1)
		return -1;
	key = arena_printf(rq->arena, "%s %s", plot_who(rq), view_href(&v, "/strip", VIEW_GRAPH));
	if (!reply_unless_same(rq, rp, arena_printf(rq->arena, "\"%016llx\"",
	    (unsigned long long)hash_add(version, key, strlen(key)))))
		return 0;
	if ((kept = cache_get(site->cache, key, version, rq->arena, &size)) != NULL) {
		strbuf_add(&rp->body, kept, size);
		return 0;
	}
	if (strip_make(&s, &v, v.size, e) == -1)
		return -1;
	strip_draw(&s, v.dark != 0, &rp->body);
	cache_put(site->cache, key, version, rp->body.s, rp->body.len);
	return 0;
}
