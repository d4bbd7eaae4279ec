#include "engine_private.h"

#include <stdlib.h>
#include <string.h>

#include "format/columns.h"
#include "format/quirk.h"
#include "store/rrd.h"

struct engine *
engine_open(const struct conf *conf, struct err *e)
{
	struct engine *engine = xcalloc(1, sizeof(*engine));

	engine->conf = conf;
	if (conf != NULL)
		engine->sources = xcalloc(conf->nsources, sizeof(*engine->sources));
	if (conf != NULL && engine_restrict(engine, NULL, e) == -1) {
		engine_close(engine);
		return NULL;
	}
	if (conf != NULL && (engine->index = index_open(conf, INDEX_READ, e)) == NULL) {
		engine_close(engine);
		return NULL;
	}
	return engine;
}

void
engine_close(struct engine *engine)
{
	if (engine == NULL)
		return;
	index_close(engine->index);
	arena_free(engine->access);
	free(engine->sources);
	free(engine);
}

struct effort
engine_effort(const struct engine *engine)
{
	return engine->effort;
}

const struct conf *
engine_conf(const struct engine *engine)
{
	return engine->conf;
}

struct index *
engine_index(struct engine *engine)
{
	return engine->index;
}

static int
check_names(const struct engine *engine, const char *names, struct arena *a, struct err *e)
{
	char *copy = arena_strdup(a, names), *name;
	const struct source *src;

	if (strcmp(names, SOURCES_NONE) == 0)
		return 0;
	while ((name = strsep(&copy, ",")) != NULL)
		if ((src = conf_source(engine->conf, name)) == NULL || !engine_sees(engine, src))
			return err_set(e, ERR_ABSENT, "source: there is no source \"%.64s\"", name);
	return 0;
}

int
engine_sources(struct engine *engine, const char *names, struct arena *a,
    const struct source ***sources, size_t *n, struct err *e)
{
	const struct conf *conf = engine->conf;

	*n = 0;
	if (conf == NULL)
		return err_set(e, ERR_INPUT, "without a configuration there are no sources");
	if (names != NULL && check_names(engine, names, a, e) == -1)
		return -1;
	*sources = arena_array(a, conf->nsources + 1, sizeof(**sources));
	for (size_t i = 0; i < conf->nsources; i++)
		if (engine_sees(engine, &conf->sources[i]) &&
		    (names == NULL || conf_listed(names, conf->sources[i].name)))
			(*sources)[(*n)++] = &engine->sources[i];
	return 0;
}

struct window
engine_whole_slots(const struct engine *engine, const struct window *w)
{
	int64_t slot = engine->conf->slot;

	return (struct window){ w->from / slot * slot, (w->to + slot - 1) / slot * slot };
}

#define HOSTS_MAX	16
#define LATE_SECONDS	2100	/* the usual active timeout is half an hour */

/* Networks that hold much of what there is spare no file, and take long to look up. */
static bool
worth_asking(const struct prefix *p)
{
	return p->bits >= (addr_is_v4(&p->addr) ? 96 + 16 : 32);
}

/* Where a source's slots may have flows that match: nonzero in state, from the start in seen on. */
static int
ask(struct engine *engine, const struct prefix *prefix, size_t n, const struct window *window,
    const struct source *source, struct arena *a, struct seen_slots *seen, struct err *e)
{
	struct seen_slots more;

	for (size_t i = 0; i < n; i++) {
		if (index_seen(engine->index, window, source, &prefix[i], a, i == 0 ? seen : &more, e) == -1)
			return -1;
		/* When a slot came in between, all of it is read. */
		for (size_t j = 0; i > 0 && j < seen->n; j++)
			seen->state[j] |= more.n != seen->n || more.from != seen->from ? SEEN : more.state[j];
	}
	return 0;
}

static bool
may_have(const struct seen_slots *seen, int64_t start, int64_t slot)
{
	int64_t i = (start - seen->from) / slot;

	return start < seen->from || i >= (int64_t)seen->n || seen->state[i] != SEEN_NOT;
}

/*
 * Of the slots those that may have the addresses that the filter asks for.
 * Without a word of them in the filter, all.
 */
static int
mark_slots(struct engine *engine, const struct query *q, const struct window *window,
    const struct source *const *sources, size_t nsources, const struct result *res, uint8_t *wanted,
    struct err *e)
{
	struct prefix prefix[HOSTS_MAX];
	size_t n = q->program != NULL ? filter_hosts(q->program, prefix, HOSTS_MAX) : 0;
	struct seen_slots seen;

	for (size_t i = 0; i < n; i++)
		if (!worth_asking(&prefix[i]) || engine_masks(engine))
			n = 0;
	memset(wanted, n == 0, res->nslots);
	for (size_t s = 0; s < nsources && n > 0; s++) {
		if (ask(engine, prefix, n, window, sources[s], res->arena, &seen, e) == -1)
			return -1;
		for (size_t i = 0; i < res->nslots; i++)
			if (res->slots[i].source == sources[s])
				wanted[i] = may_have(&seen, res->slots[i].start, engine->conf->slot);
	}
	return 0;
}

const char *
engine_columns(const struct conf *conf, const struct slot *slot, struct arena *a)
{
	/* A column file is asked by whole addresses. */
	if (conf->columns == NULL || strcmp(conf->columns, "off") == 0 || quirk_masks(slot->source))
		return NULL;
	return columns_path(conf->state, slot->source->name, slot->name, a);
}

/*
 * Flows are in the file of the time at which they were exported, which is up to
 * a router's active timeout after they started.
 */
static struct window
window_of_files(const struct engine *engine, const struct query *q)
{
	struct window w = q->window;

	if (q->match == MATCH_ANY || q->match == MATCH_START)
		w.to += LATE_SECONDS;
	else if (q->match != MATCH_FILES)
		w.to += engine->conf->slot;
	return engine_whole_slots(engine, &w);
}

/* The files of a window by the index. */
static int
files_by_index(struct engine *engine, const struct query *q, struct result *res,
    struct file_list *files, struct err *e)
{
	const struct source **sources;
	struct window window;
	struct slot *slots;
	uint8_t *wanted;
	size_t nsources;

	if (engine_sources(engine, q->sources, res->arena, &sources, &nsources, e) == -1)
		return -1;
	window = window_of_files(engine, q);
	if (index_slots(engine->index, &window, sources, nsources, res->arena, &slots, &res->nslots, e) == -1)
		return -1;
	res->slots = slots;
	wanted = arena_alloc(res->arena, res->nslots + 1);
	if (mark_slots(engine, q, &window, sources, nsources, res, wanted, e) == -1)
		return -1;
	files->path = arena_array(res->arena, res->nslots + 1, sizeof(*files->path));
	files->source = arena_array(res->arena, res->nslots + 1, sizeof(const struct source *));
	files->columns = arena_array(res->arena, res->nslots + 1, sizeof(*files->columns));
	for (size_t i = 0; i < res->nslots; i++)
		if (wanted[i]) {
			files->path[files->n] = slots[i].path;
			files->columns[files->n] = engine_columns(engine->conf, &slots[i], res->arena);
			files->source[files->n++] = slots[i].source;
		}
	res->files_spared = res->nslots - files->n;
	return 0;
}

int
engine_files(struct engine *engine, const struct query *q, struct result *res,
    struct file_list *files, struct err *e)
{
	if (q->read_dirs != NULL)
		return file_list_dirs(q->read_dirs, q->read_file, q->read_range, res->arena, files, e);
	if (q->read_file != NULL)
		return file_list_one(q->read_file, res->arena, files, e);
	if (q->read_range != NULL)
		return file_list_range(q->read_range, res->arena, files, e);
	if (engine->conf == NULL)
		return err_set(e, ERR_INPUT, "which files? Give -r, -R, or a configuration and --from");
	if (q->window.from == q->window.to)
		return err_set(e, ERR_INPUT, "which time? Give --from and --to");
	return files_by_index(engine, q, res, files, e);
}

/* What spared reading. */
static const char *
how_read(const struct result *res, size_t n)
{
	const char *columns = res->files_columns == 0 ? "" :
	    arena_printf(res->arena, "%zu as column files", res->files_columns);

	if (res->files_spared > 0)
		return arena_printf(res->arena, "read %zu of %zu files%s%s, the others have no such address by the index",
		    n, res->nslots, *columns != '\0' ? ", " : "", columns);
	return *columns != '\0' ? arena_printf(res->arena, "read %zu file%s, %s", n, n == 1 ? "" : "s", columns) : NULL;
}

struct run_limits
engine_limits(const struct engine *engine)
{
	const struct conf *cf = engine->conf;

	return cf == NULL ? (struct run_limits){ 0, 0, 0 } :
	    (struct run_limits){ cf->workers, cf->query_seconds, (uint64_t)cf->query_mbytes << 20 };
}

int
engine_query(struct engine *engine, const struct query *q, const struct fieldset *show,
    const struct sink *sink, const struct watch *watch, struct arena *a, struct result *res,
    struct err *e)
{
	struct run_limits limits = engine_limits(engine);
	struct file_list files = { 0 };
	int rc;

	*res = (struct result){ .arena = a };
	q = engine_asked(engine, q, a);
	engine->effort.queries++;
	if ((rc = engine_from_index(engine, q, show, sink, watch, NULL, res, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (engine_files(engine, q, res, &files, e) == -1)
		return -1;
	if (run_query(q, &files, show, &limits, sink, watch, res, e) == -1)
		return -1;
	engine->effort.flows += res->flows_read;
	if (res->note == NULL)
		res->note = how_read(res, files.n);
	return 0;
}

int
engine_cost(struct engine *engine, const struct query *q, const struct fieldset *show, struct arena *a,
    struct cost *cost, struct err *e)
{
	struct result res = { .arena = a };
	struct file_list files = { 0 };
	int rc;

	memset(cost, 0, sizeof(*cost));
	q = engine_asked(engine, q, a);
	if ((rc = engine_from_index(engine, q, show, NULL, NULL, cost, &res, e)) != 0) {
		cost->index = rc == 1 && cost->files == 0;
		return rc == 1 ? 0 : -1;
	}
	memset(cost, 0, sizeof(*cost));
	if (engine_files(engine, q, &res, &files, e) == -1)
		return -1;
	cost->files = files.n;
	cost->spared = res.files_spared;
	/* The files are those of the slots, in their order, without some. */
	for (size_t i = 0, k = 0; i < res.nslots && k < files.n; i++)
		if (files.path[k] == res.slots[i].path) {
			cost->bytes += res.slots[i].size;
			cost->flows += res.slots[i].traffic.by[PROTO_ALL].flows;
			k++;
		}
	return 0;
}

int
engine_query_files(struct engine *engine, const struct query *q, const struct fieldset *show,
    const struct sink *sink, const struct watch *watch, struct arena *a, struct result *res,
    struct err *e)
{
	struct run_limits limits = engine_limits(engine);
	struct file_list files = { 0 };

	*res = (struct result){ .arena = a };
	limits.seconds = 0;
	q = engine_asked(engine, q, a);
	if (engine_files(engine, q, res, &files, e) == -1)
		return -1;
	files.columns = NULL;
	if (!engine_names_files(q))
		for (files.n = 0; files.n < res->nslots; files.n++) {
			files.path[files.n] = res->slots[files.n].path;
			files.source[files.n] = res->slots[files.n].source;
		}
	return run_query(q, &files, show, &limits, sink, watch, res, e);
}

int
engine_traffic(struct engine *engine, const struct window *window, const char *names,
    struct arena *a, struct source_traffic **traffic, size_t *n, struct err *e)
{
	const struct source **sources;
	struct window whole;

	if (engine_sources(engine, names, a, &sources, n, e) == -1)
		return -1;
	whole = engine_whole_slots(engine, window);
	*traffic = arena_array(a, *n + 1, sizeof(**traffic));
	for (size_t i = 0; i < *n; i++) {
		struct source_traffic *t = &(*traffic)[i];

		t->source = sources[i];
		t->expected = (size_t)((whole.to - whole.from) / engine->conf->slot);
		if (index_traffic(engine->index, &whole, t->source, &t->traffic, &t->slots, e) == -1)
			return -1;
	}
	return 0;
}

int
engine_status(struct engine *engine, bool brief, struct arena *a, struct source_status **status, size_t *n,
    struct err *e)
{
	size_t all, kept = 0;

	if (index_status(engine->index, brief, a, status, &all, e) == -1)
		return -1;
	for (size_t i = 0; i < all; i++)
		if (engine_sees(engine, (*status)[i].source))
			(*status)[kept++] = (*status)[i];
	*n = kept;
	return 0;
}

int
engine_extent(struct engine *engine, const char *names, int64_t *oldest, int64_t *newest,
    struct err *e)
{
	struct arena *a = arena_new();
	const struct source **sources;
	size_t n;
	int rc;

	*oldest = *newest = 0;
	rc = engine_sources(engine, names, a, &sources, &n, e);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		int64_t first, last;

		rc = index_extent(engine->index, sources[i], &first, &last, e);
		if (rc == -1 || first == 0)
			continue;
		if (*oldest == 0 || first < *oldest)
			*oldest = first;
		if (last > *newest)
			*newest = last;
	}
	arena_free(a);
	return rc;
}

const char *
engine_rrd(struct engine *engine, const struct source *source, struct arena *a)
{
	return rrd_path(engine->conf, source, a);
}
