/*
 * The engine: all that cgi, cli and daemon need to ask of flows.  Joins the
 * index (which files) with the query layer (what is in them).
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "base/conf.h"
#include "query/command.h"
#include "query/render.h"
#include "query/run.h"
#include "store/explain.h"
#include "store/index.h"

struct engine;

/*
 * Opens for reading.  conf may be NULL: then only queries with -r -R -M work.
 * An index that does not exist yet is not an error: there are no slots.
 * The conf is borrowed.
 */
struct engine *engine_open(const struct conf *, struct err *);
void	engine_close(struct engine *);

/*
 * From now on all answers are those that a role may see (NULL: all of it): of
 * its sources alone, of flows with an address in its networks, and with masked
 * addresses if it is to have those.  The role is borrowed.  What is not for
 * the role is ERR_DENIED, and a source that is not for it is not there.
 */
int	engine_restrict(struct engine *, const struct role *, struct err *);

/* The query as the role's limits make it, for command lines that give the same numbers; itself without limits. */
const struct query *engine_asked(const struct engine *, const struct query *, struct arena *);

/* What queries have cost since it was opened. */
struct effort {
	unsigned queries;
	uint64_t flows;			/* read */
};
struct effort engine_effort(const struct engine *);

/* What it has open; NULL without a configuration. */
const struct conf *engine_conf(const struct engine *);
struct index *engine_index(struct engine *);

/*
 * Answers a checked query.  The result's memory is in the arena.  A list's rows
 * go to sink if it is not NULL (render_sink), else into the result; `show` is what
 * the output wants to see of a flow (render_fields).  watch may be NULL.
 */
int	engine_query(struct engine *, const struct query *, const struct fieldset *show,
	    const struct sink *, const struct watch *, struct arena *, struct result *,
	    struct err *);

/*
 * The same by reading all collector files of the window, whatever the index says of
 * them, and as long as it takes: to hold engine_query's answer against.
 */
int	engine_query_files(struct engine *, const struct query *, const struct fieldset *show,
	    const struct sink *, const struct watch *, struct arena *, struct result *,
	    struct err *);

/* What answering a checked query would take, by the index. */
struct cost {
	bool index;			/* the index answers alone, as far as it can tell before */
	size_t files, spared;		/* to read; that by the index have no flow that matches */
	uint64_t bytes, flows;		/* in them */
};
int	engine_cost(struct engine *, const struct query *, const struct fieldset *show, struct arena *, struct cost *,
	    struct err *);

#define SOURCES_NONE	"-"	/* in the place of a list of names: no source at all */

/* The sources of a comma list (NULL: all), in the configuration's order; ERR_ABSENT names an unknown one. */
int	engine_sources(struct engine *, const char *names, struct arena *,
	    const struct source ***, size_t *n, struct err *);

/* Totals of a window by source and protocol class, from the index. */
struct source_traffic {
	const struct source *source;
	struct traffic traffic;
	size_t slots;			/* that have a file in the window */
	size_t expected;		/* slots that the window has */
};
int	engine_traffic(struct engine *, const struct window *, const char *sources,
	    struct arena *, struct source_traffic **, size_t *n, struct err *);

/* What the Status page and `flowlight status` show. */
int	engine_status(struct engine *, bool brief, struct arena *, struct source_status **, size_t *n,
	    struct err *);

/* Start of the oldest and the newest slot of any of the sources; 0 when there is none. */
int	engine_extent(struct engine *, const char *sources, int64_t *oldest, int64_t *newest,
	    struct err *);

/* A slot that stands out, with what explains it. */
struct peak {
	const struct source *source;
	int64_t start;			/* of the slot */
	struct explanation why;
	int64_t *before;		/* other slots with the same owner, from four weeks before the window on, newest first */
	size_t nbefore;
};

/*
 * The slots of the window that stand out, by source, oldest first; with `all`
 * also the quiet ones.  From the index alone.  Lives in the arena.
 */
int	engine_explain(struct engine *, const struct window *, const char *sources, bool all,
	    struct arena *, struct peak **, size_t *n, struct err *);

/*
 * Peaks of one source that look alike and have the same culprit or owner, in slots
 * that follow each other or have one between them: what people call one incident.
 */
struct incident {
	const struct peak *loudest;
	struct window window;		/* from the first slot to the end of the last */
	size_t slots;			/* that stand out */
};

/* The incidents that n peaks make, the newest first, in the arena; peaks as engine_explain() gives them. */
size_t	incidents_of(const struct peak *, size_t n, unsigned slot_seconds, struct arena *, struct incident **);

/* Where a slot's column file is, if it has one (format/columns.h); NULL when there are to be none. */
const char *engine_columns(const struct conf *, const struct slot *, struct arena *);

/* Path of a source's RRD; the file may not exist yet. */
const char *engine_rrd(struct engine *, const struct source *, struct arena *);

#endif
