#include "recall.h"

#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "model.h"
#include "plot.h"
#include "query/param.h"

/* In front of what is kept: a model's JSON, or a reply's body. */
struct head {
	int64_t made;			/* seconds since 1970 */
	bool asked;			/* it was about flows: goes into the log */
	const char *type, *filename;	/* constants of the program, which all workers have in the same place */
};

/* Parameters that are times, and nothing else. */
static bool
is_time(const char *name)
{
	static const char *const times[] = { "from", "to", "end", "at", "from2", "to2" };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (strcmp(times[i], name) == 0)
			return true;
	return false;
}

/* A parameter's place: as in the table of those of queries, others behind, by name. */
static size_t
place_of(const char *name)
{
	size_t i = 0;

	while ((params[i].name != NULL || params[i].letter != 0) &&
	    (params[i].name == NULL || strcmp(params[i].name, name) != 0))
		i++;
	return i;
}

static int
by_place(const void *va, const void *vb)
{
	const struct pair *a = va, *b = vb;
	size_t pa = place_of(a->name), pb = place_of(b->name);

	return pa != pb ? (pa < pb ? -1 : 1) : strcmp(a->name, b->name);
}

/*
 * Times are the moments that they mean: "-2h" is another one each second, "14:30" each
 * day.  What only may be a time, or a span of them, stands as it was written, too.
 */
static void
add_value(struct strbuf *sb, const struct pair *p)
{
	struct err ignored;
	int64_t sec, from, to;

	bool time = when_parse(p->value, when_now(), &sec, &ignored) == 0;

	url_add(sb, p->name, time && is_time(p->name) ? "" : p->value);
	/* A blank is in no value as addresses have it. */
	if (time)
		strbuf_addf(sb, " %lld", (long long)sec);
	else if (when_parse_range(p->value, &from, &to, &ignored) == 0)
		strbuf_addf(sb, " %lld-%lld", (long long)from, (long long)to);
}

static const char *
key_of(const struct request *rq, const struct route *r, bool csv, const struct pairs *pairs)
{
	struct pair *sorted = arena_array(rq->arena, pairs->n + 1, sizeof(*sorted));
	struct strbuf sb = { 0 };
	const char *key;

	memcpy(sorted, pairs->pair, pairs->n * sizeof(*sorted));
	qsort(sorted, pairs->n, sizeof(*sorted), by_place);
	strbuf_addf(&sb, "%s %d %lld %s%s%s%s?", plot_who(rq), rq->role->may,
	    (long long)(when_ticks() / 1000 / r->kept_seconds), rq->base, r->path, rq->rest, csv ? ".csv" : "");
	for (size_t i = 0; i < pairs->n; i++)
		add_value(&sb, &sorted[i]);
	key = arena_strdup(rq->arena, strbuf_text(&sb));
	strbuf_free(&sb);
	return key;
}

void
recall_start(struct recall *c, const struct request *rq, const struct route *r, bool csv, const struct pairs *pairs)
{
	const struct source **sources;
	struct engine *engine;
	struct err ignored;
	size_t n;

	*c = (struct recall){ .rq = rq, .before = site_effort(rq->site) };
	rq->site->unfinished = false;
	/* Before anything is asked of the index: what it learns meanwhile makes another version. */
	if (r->kept_seconds != 0 && (engine = site_engine(rq->site, &ignored)) != NULL &&
	    engine_sources(engine, NULL, rq->arena, &sources, &n, &ignored) == 0 &&
	    index_changed(engine_index(engine), sources, n, &c->version, &ignored) == 0 && c->version != 0)
		c->key = key_of(rq, r, csv, pairs);
}

bool
recall_get(const struct recall *c, struct reply *rp, json_t **model)
{
	const struct head *head;
	const char *body;
	char when[WHEN_STRLEN];
	size_t size;

	if (c->key == NULL ||
	    (head = cache_get(c->rq->site->answers, c->key, c->version, c->rq->arena, &size)) == NULL)
		return false;
	body = (const char *)(head + 1);
	if (head->type != NULL) {
		rp->type = head->type;
		rp->filename = head->filename;
		strbuf_add(&rp->body, body, size - sizeof(*head));
	} else {
		json_t *kept = json_loadb(body, size - sizeof(*head), 0, NULL);

		if (kept == NULL)
			return false;
		json_decref(*model);
		*model = kept;
		if (head->asked)
			model_text(kept, "from_cache", when_text(head->made, when));
	}
	rp->kept = head->asked;
	return true;
}

void
recall_put(const struct recall *c, const struct reply *rp, const json_t *model)
{
	struct head head = { .made = when_now(), .asked = site_effort(c->rq->site).queries != c->before.queries };
	struct strbuf sb = { 0 };
	char *text;

	if (c->key == NULL || c->rq->site->unfinished || rp->status != 200 || rp->location != NULL || rp->has_token)
		return;
	if (model == NULL) {
		head.type = rp->type;
		head.filename = rp->filename;
	}
	strbuf_add(&sb, (const char *)&head, sizeof(head));
	if (model == NULL)
		strbuf_adds(&sb, strbuf_text(&rp->body));
	else if ((text = json_dumps(model, JSON_COMPACT)) != NULL) {
		strbuf_adds(&sb, text);
		free(text);
	}
	cache_put(c->rq->site->answers, c->key, c->version, sb.s, sb.len);
	strbuf_free(&sb);
}
