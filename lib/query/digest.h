/*
 * What flows are like, all of them together: totals, averages, and how they are
 * spread over sizes and durations, in the steps of flow-stat's summary.
 */
#ifndef QUERY_DIGEST_H
#define QUERY_DIGEST_H

#include "query/result.h"

struct digest;

/* Is that what the query's output is: "summary" of a list? */
bool	digest_asked(const struct query *);

struct digest *digest_new(struct arena *);
void	digest_free(struct digest *);		/* what is not in the arena; NULL is fine */

/* Adds the fields that it counts. */
void	digest_fields(struct fieldset *);

/* Counts rows of a list; packets and bytes of both directions. */
void	digest_add(struct digest *, const struct batch *rows);

/* A total, an average, a rate over the time from the first flow's start to the last one's end. */
struct digest_figure {
	const char *name, *title;	/* "bytes_per_packet", "Bytes per packet" */
	double value;
	bool whole;			/* a count; else it has decimals */
};
#define DIGEST_FIGURES	13

size_t	digest_figures(const struct digest *, struct digest_figure[static DIGEST_FIGURES]);

/* How many flows had a value from `least` to `most`; most UINT64_MAX: and above. */
struct digest_step { uint64_t least, most, flows; };
#define DIGEST_STEPS	32

struct digest_spread {
	const char *name, *title, *unit;	/* "packet_size", "Bytes per packet", "bytes" */
	struct digest_step step[DIGEST_STEPS];
	size_t n;
	uint64_t flows;				/* in all steps */
};
#define DIGEST_SPREADS	4

void	digest_spread(const struct digest *, unsigned k, struct digest_spread *);

/* "spread,least,most,flows,share" with a heading; an open end is empty. */
void	digest_csv(const struct digest *, struct strbuf *);

#endif
