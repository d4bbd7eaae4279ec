/*
 * Made-up flows of a small provider with an office, for the demo site: two
 * upstream routers and the office's core switch.  Every slot of every source
 * follows from the seed alone, so slots can be made in any order.
 * All addresses are from the ranges for documentation, tests and private use.
 */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "base/addr.h"
#include "flow/batch.h"

#define DEMO_SLOT	300
#define DEMO_SOURCES	3
#define INCIDENTS_MAX	24

enum { UPSTREAM1, UPSTREAM2, OFFICE };

struct demo_source {
	const char *name, *colour;
	uint32_t router;
	double share;		/* of the flows of the busiest source */
	bool office;		/* sees the office's services, not the customers' */
};

extern const struct demo_source demo_sources[DEMO_SOURCES];

/* Groups of hosts. */
enum pool { POOL_OFFICE, POOL_DC, POOL_CUSTOMER, POOL_PUBLIC, POOL_WEB, POOL_WORLD, POOLS };

struct flow {
	struct addr src, dst;
	uint64_t first, last, received;	/* milliseconds */
	uint64_t packets, bytes;
	uint16_t sport, dport;
	uint8_t proto, flags, tos;
	uint8_t src_pool, dst_pool;
};

struct flows { struct flow *flow; size_t n, cap; };	/* freed by flows_free */

struct demo;

/* What happens at a known time. */
struct incident {
	unsigned source;
	int64_t start;			/* of its first slot */
	unsigned slots;
	const char *kind, *host, *port, *sentence;
	/* Adds the flows of the slot at that start; `usual` is how many others it has. */
	void (*make)(const struct demo *, const struct incident *, int64_t slot, size_t usual, struct flows *);
};

struct demo {
	uint64_t seed;
	unsigned flows;			/* about, of the busiest source's busiest slot */
	unsigned days;
	int64_t until;			/* the end of the last slot, seconds */
	struct incident incidents[INCIDENTS_MAX];
	size_t nincidents;
};

/* Fills incidents in from the other members (demo_incident.c). */
void	demo_incidents(struct demo *);

/* The flows of one slot, sorted by the time they were received; replaces what flows holds. */
void	demo_slot(const struct demo *, unsigned source, int64_t start, struct flows *);
void	flows_free(struct flows *);

/* The columns that demo_batch fills; it takes at most BATCH_MAX flows from `from` on. */
void	demo_fields(struct fieldset *);
void	demo_batch(const struct flows *, unsigned source, size_t from, size_t n, struct batch *);

/* For the incidents: a new flow with times at random in the slot, the pools that decide its route, and the rest zero. */
struct flow *flows_add(struct flows *, const struct addr *src, enum pool, const struct addr *dst, enum pool);

/* Random numbers: the same ones for the same seed, on every machine. */
struct random { uint64_t state; };

struct random random_start(uint64_t seed, uint64_t a, uint64_t b, uint64_t c);
uint64_t random_next(struct random *);
double	random_unit(struct random *);				/* [0, 1) */
unsigned random_below(struct random *, unsigned n);		/* 0 … n - 1 */
struct addr random_host(struct random *, enum pool, bool v6);	/* few of them much oftener than most */
struct addr pool_host(enum pool, unsigned i, bool v6);		/* the i-th oftenest */
void	random_times(struct random *, struct flow *, int64_t slot, unsigned msec);

#endif
