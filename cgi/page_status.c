#include "model.h"
#include "room.h"
#include "route.h"
#include "store/rrd.h"
#include "trouble.h"

static void
bad_files(json_t *item, const struct source_status *s)
{
	json_t *list = model_list(item, "bad");
	char when[WHEN_STRLEN];

	for (size_t i = 0; i < s->nbad; i++) {
		json_t *bad = model_item(list);

		model_text(bad, "name", s->bad[i].name);
		model_text(bad, "reason", s->bad[i].reason);
		model_text(bad, "start", s->bad[i].start != 0 ? when_text(s->bad[i].start, when) : NULL);
		model_flag(bad, "broken", s->bad[i].broken);
		model_text(bad, "state", s->bad[i].broken ? "not read" : "read in part");
	}
	model_flag(item, "has_bad", s->nbad > 0);
	model_flag(item, "more_bad", s->files_bad > s->nbad);
}

static void
source_model(json_t *item, const struct request *rq, const struct source_status *s)
{
	struct trouble trouble = source_trouble(rq->site, s, rq->arena);
	const struct source *src = s->source;
	char when[WHEN_STRLEN];
	int64_t now = when_now();

	model_text(item, "name", src->name);
	model_text(item, "colour", src->colour);
	model_text(item, "dir", src->dir);
	model_number(item, "port", src->port);
	model_text(item, "oldest", s->oldest != 0 ? when_text(s->oldest, when) : "none yet");
	model_text(item, "newest", s->newest != 0 ? when_text(s->newest, when) : "none yet");
	model_number(item, "lag", source_lag(rq->site, s));
	model_text(item, "lag_text", s->newest != 0 ? span_text(source_lag(rq->site, s), rq->arena) : "–");
	model_number(item, "files", (int64_t)s->files);
	model_number(item, "files_bad", (int64_t)s->files_bad);
	model_number(item, "backlog", (int64_t)s->backlog);
	model_text(item, "seen", s->seen != 0 ?
	    arena_printf(rq->arena, "%s ago", span_text(now - s->seen, rq->arena)) : "never");
	model_text(item, "collector", s->collector != NULL ? s->collector :
	    src->port != 0 ? "not started" : "not ours: the directory is only read");
	model_text(item, "listens", src->port != 0 ? arena_printf(rq->arena, "%u", src->port) : NULL);
	model_text(item, "rrd", rrd_path(rq->site->conf, src, rq->arena));
	model_text(item, "trouble", trouble.what);
	model_flag(item, "severe", trouble.what != NULL && trouble.severe);
	model_flag(item, "well", trouble.what == NULL);
	model_scaled(item, "bytes", (uint64_t)s->bytes);
	model_number(item, "checked", (int64_t)s->checked);
	model_text(item, "checked_text", s->checked == 0 ? NULL : arena_printf(rq->arena,
	    "%zu file%s read again, the last %s%s", s->checked, s->checked == 1 ? "" : "s",
	    when_text(s->checked_at, when), s->differed == 0 ? ": the index was right" : ""));
	model_text(item, "differed", s->differed == 0 ? NULL : arena_printf(rq->arena,
	    "%zu of them were not as the index had them, and were put right; the last: %s", s->differed, s->difference));
	bad_files(item, s);
}

int
page_status(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp,
    struct err *e)
{
	const struct conf *conf = rq->site->conf;
	struct source_status *status;
	struct engine *engine;
	json_t *list, *settings;
	size_t n, troubled = 0;

	(void)rp;
	if (pairs_done(pairs, e) != 0 || (engine = site_engine(rq->site, e)) == NULL ||
	    engine_status(engine, false, rq->arena, &status, &n, e) != 0)
		return -1;
	model_text(model, "title", "Status");
	model_number(model, "refresh", conf->slot);	/* for a screen on the wall */
	list = model_list(model, "sources");
	for (size_t i = 0; i < n; i++) {
		source_model(model_item(list), rq, &status[i]);
		troubled += source_trouble(rq->site, &status[i], rq->arena).what != NULL;
	}
	model_number(model, "troubled", (int64_t)troubled);
	model_text(model, "summary", n == 0 ? "The configuration names no source." :
	    troubled == 0 ? "All sources are well." :
	    arena_printf(rq->arena, "%zu of %zu sources need a look.", troubled, n));
	model_flag(model, "all_well", n > 0 && troubled == 0);
	room_model(model, rq->site, status, n, rq->arena);
	settings = model_object(model, "settings");
	model_text(settings, "conf", conf->path);
	model_text(settings, "state", conf->state);
	model_text(settings, "zone", when_zone_name());
	model_textf(settings, "slot", "%u s", conf->slot);
	model_textf(settings, "layout", "%u (%s)", conf->layout,
	    conf->layout == 0 ? "no sub-directories" : slot_layout(conf->layout));
	return 0;
}
