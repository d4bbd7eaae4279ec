/*
 * What changed in a slot, and who did it.
 *
 * A slot is held against those before it and those of the same hour in earlier
 * weeks.  Six metrics rank equal: flows, packets, bytes, and the distinct
 * sources, destinations and destination ports; z says how far outside its usual
 * range one is (difference from the median, over 1.4826 times the median
 * deviation, but no less than a fiftieth of the median and 1).  Packets and bytes
 * are heavy-tailed, a backup is no incident: they stand out only above all that the
 * week before had.  For a metric
 * that stands out, each dimension's keys are weighed as Adtributor does (Bhagwan
 * et al., NSDI 2014): explanatory power EP = (a - f) / (A - F), and surprise
 * S = (p ln(2p / (p + q)) + q ln(2q / (p + q))) / 2 with p = f / F, q = a / A.
 * Independent of any change, a host whose share of the whole is far above
 * anybody's usual share is its owner: volumes can be flat while it freezes a network.
 */
#ifndef STORE_EXPLAIN_H
#define STORE_EXPLAIN_H

#include "base/arena.h"
#include "store/toptable.h"

enum explain_metric {
	EXPLAIN_FLOWS, EXPLAIN_PACKETS, EXPLAIN_BYTES,		/* as enum top_metric */
	EXPLAIN_SOURCES, EXPLAIN_DESTINATIONS, EXPLAIN_PORTS,
	EXPLAIN_METRICS
};

extern const char *const explain_metric_names[EXPLAIN_METRICS];

#define EXPLAIN_LOUD	8.0	/* z: below it a metric's change is usual */

/* One slot of one source, or the slots of a window added up. */
struct explain_slot {
	int64_t start;
	uint64_t total[EXPLAIN_METRICS];
	uint64_t most[TOP_METRICS];	/* of any slot of the week before, without the last two hours; UINT64_MAX: not known */
	struct digest digest;
	struct toptable *top;		/* by dimension: at least those of explain_tables */
};

/* A metric beside its usual value. */
struct change {
	enum explain_metric metric;
	double actual, usual;
	double z;
};

/* A key and its part in the change of a metric.  power_low and power_high differ when a table's cut leaves it open. */
struct evidence {
	enum top_dim dim;
	enum top_metric metric;
	uint8_t key[TOP_KEY_MAX];
	double actual, usual;
	double power_low, power_high;
	double surprise;
};

/* The host with the largest share of a metric. */
struct owner {
	struct addr host;
	enum top_metric metric;
	double share, usual_share;	/* of the slot; in the baseline its own, in the median */
	double usual_most;		/* the largest share that anybody had in the baseline */
};

enum incident_kind {
	INCIDENT_NONE, INCIDENT_AMPLIFICATION, INCIDENT_FLOOD, INCIDENT_PORT_SCAN, INCIDENT_NET_SCAN,
	INCIDENT_WORM, INCIDENT_STORM, INCIDENT_COPY, INCIDENT_OTHER, INCIDENT_KINDS
};

extern const char *const incident_names[INCIDENT_KINDS];	/* "connection storm" */

struct explanation {
	bool quiet;				/* nothing stands out */
	enum incident_kind kind;
	struct change change[EXPLAIN_METRICS];	/* by falling z */
	struct evidence *evidence;		/* the best explanation first; its dimension's keys stand together */
	size_t nevidence;
	struct owner owner[TOP_METRICS];
	size_t nowners;
	const struct evidence *culprit;		/* the evidence that the sentence names, NULL if there is none */
	size_t nbaseline;
};

/* Lives in the arena.  Fewer than 3 slots to compare with explain nothing: quiet. */
void	explain(const struct explain_slot *, const struct explain_slot *const *baseline, size_t nbaseline,
	    struct arena *, struct explanation *);

/*
 * Does the slot stand out at all, by its totals and digest alone?  Its tables
 * need not be there: so that they are fetched only where there is something to explain.
 */
bool	explain_is_loud(const struct explain_slot *, const struct explain_slot *const *baseline,
	    size_t nbaseline);

/* The dimensions whose tables explain() will look at, a bit each (1 << TOP_IP); often it is none. */
uint32_t explain_tables(const struct explain_slot *, const struct explain_slot *const *baseline,
	    size_t nbaseline);

/* One sentence in plain words: what changed, who did it, what it looks like. */
void	explain_sentence(const struct explanation *, struct strbuf *);

/* A key as text ("10.0.0.5 → port 1433"), and as a filter ("src ip 10.0.0.5 and dst port 1433"). */
void	explain_key_text(enum top_dim, const uint8_t *key, struct strbuf *);
void	explain_key_filter(enum top_dim, const uint8_t *key, struct strbuf *);

#endif
