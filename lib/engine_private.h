/*
 * What the parts of the engine share.
 */
#ifndef ENGINE_PRIVATE_H
#define ENGINE_PRIVATE_H

#include "engine.h"

struct engine {
	const struct conf *conf;
	struct index *index;		/* NULL without a configuration */
	struct source *sources;		/* the configuration's, as the role sees them */
	const struct role *role;	/* NULL: without limits */
	struct arena *access;		/* memory of `only` */
	struct effort effort;
	struct filter *only;		/* flows of the role's networks; NULL: all */
};

/* Is it one of the role's sources? */
bool	engine_sees(const struct engine *, const struct source *);

/* Are addresses cut to networks? */
bool	engine_masks(const struct engine *);

/* ERR_DENIED when the role is limited to networks: for what is known of all flows only. */
int	engine_sees_all_networks(const struct engine *, struct err *);

/* ERR_DENIED when the role may not look at this address or network. */
int	engine_sees_prefix(const struct engine *, const struct prefix *, struct err *);

/* The whole slots that a window touches. */
struct window engine_whole_slots(const struct engine *, const struct window *);

/* Does the query name its files, and not a window of the index? */
static inline bool
engine_names_files(const struct query *q)
{
	return q->read_file != NULL || q->read_range != NULL || q->read_dirs != NULL;
}

/* The files that a query reads: those it names, or those of its window that by the index may have what it asks for. */
int	engine_files(struct engine *, const struct query *, struct result *, struct file_list *, struct err *);

struct run_limits engine_limits(const struct engine *);

/*
 * The answer of the index into a result of which only the arena is set: 1; 0: it
 * cannot tell; -1.  What it leaves open about the first rows of a top list is read from
 * the files of a few slots.  cost, if not NULL: no file is read, those that would be
 * are added to it, and the result is of no use.
 */
int	engine_from_index(struct engine *, const struct query *, const struct fieldset *show, const struct sink *,
	    const struct watch *, struct cost *, struct result *, struct err *);

#endif
