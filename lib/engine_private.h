/*
 * What the parts of the engine share.
 */
#ifndef ENGINE_PRIVATE_H
#define ENGINE_PRIVATE_H

#include "engine.h"

struct engine {
	const struct conf *conf;
	struct index *index;		/* NULL without a configuration */
};

/* The whole slots that a window touches. */
struct window engine_whole_slots(const struct engine *, const struct window *);

#endif
