/*
 * What a web process keeps between requests: the configuration, the
 * templates, the engine and the cache of pictures.
 */
#ifndef CGI_SITE_H
#define CGI_SITE_H

#include "base/template.h"
#include "engine.h"
#include "store/state.h"

struct cache;
struct owners;
struct speed;
struct jobs;
struct static_files;

struct site {
	struct conf *conf;
	struct templates *templates;
	struct static_files *files;
	struct cache *cache;		/* pictures and series */
	struct cache *answers;		/* see recall.h */
	const struct role *role;	/* of the request at hand: what the engine may tell */
	struct state *state;		/* see site_state */
	struct speed *speed;		/* see site_measured */
	struct owners *owners;		/* of addresses */
	struct engine *engine;		/* see site_engine */
	struct effort effort;		/* of engines that are closed */
	struct stamp index;		/* of the index.db that the engine has open */
	struct jobs *jobs;		/* queries of all workers; NULL: nobody keeps count.  Not the site's own */
	unsigned graphs;		/* drawn by this process */
	bool asked;			/* this process has run a query */
	bool unfinished;		/* the answer at hand is of a part, or failed in a part: not to be kept */
};

/* What all queries of this process have cost so far. */
struct effort site_effort(const struct site *);

/* How fast queries were, in flows per second, by those of all workers; 0 before the first. */
void	site_measured(struct site *, uint64_t flows, double seconds);
double	site_speed(const struct site *);

/* Reads the configuration and the templates, sets the time zone.  On error nothing is held. */
int	site_open(struct site *, const char *conf_path, struct err *);
void	site_close(struct site *);

/*
 * The engine, opened when first asked for: never before fork, as SQLite's
 * connections do not survive one.  Opened anew when index.db is another file
 * than before.  NULL on error.
 */
struct engine *site_engine(struct site *, struct err *);

/* state.db, opened likewise.  NULL on error. */
struct state *site_state(struct site *, struct err *);

/* The same where there is one, for what is only read; NULL while nobody has kept anything, and on error. */
struct state *site_state_there(struct site *);

#endif
