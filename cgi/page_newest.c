/*
 * /newest.json: has something come in?
 */
#include <inttypes.h>

#include "follow.h"
#include "model.h"
#include "route.h"

/* 0: there is no index yet. */
static int
newest_version(const struct request *rq, const char *names, uint64_t *version, struct err *e)
{
	struct engine *engine = site_engine(rq->site, e);
	const struct source **sources;
	size_t n;

	if (engine == NULL)
		return -1;
	if (engine_sources(engine, names, rq->arena, &sources, &n, e) == 0)
		return index_changed(engine_index(engine), sources, n, version, e);
	if (e->kind == ERR_ABSENT)
		e->kind = ERR_INPUT;
	return -1;
}

void
follow_model(const struct request *rq, const char *sources, json_t *model)
{
	struct strbuf href = { 0 };
	json_t *follow;
	uint64_t version;
	struct err e;

	if (newest_version(rq, sources, &version, &e) != 0 || version == 0)
		return;
	follow = model_object(model, "follow");
	strbuf_addf(&href, "%s/newest.json", rq->base);
	if (sources != NULL) {
		strbuf_addc(&href, '?');
		url_add(&href, "source", sources);
	}
	model_text(follow, "href", strbuf_text(&href));
	model_textf(follow, "version", "%016" PRIx64, version);
	strbuf_free(&href);
}

/* While nothing is new the answer is 304, and costs one look into the index. */
int
page_newest(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const char *sources = pairs_take(pairs, "source");
	uint64_t version;

	if (pairs_done(pairs, e) != 0 || newest_version(rq, sources, &version, e) != 0)
		return -1;
	rp->cache_control = "private, no-cache";
	if (reply_unless_same(rq, rp, arena_printf(rq->arena, "\"%016" PRIx64 "\"", version)))
		model_textf(model, "version", "%016" PRIx64, version);
	return 0;
}
