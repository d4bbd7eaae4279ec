/*
 * Counting flows for one report of flow-report.  Private to lib/query.
 */
#ifndef QUERY_FT_COUNT_H
#define QUERY_FT_COUNT_H

#include "query/ft_report.h"
#include "query/group.h"
#include "query/table.h"

/* Of a group, and of all flows. */
struct ft_counts {
	uint64_t flows, octets, packets, duration;
	uint64_t timed;			/* flows that lasted: only they have rates */
	uint64_t count;			/* different values of the key that is counted */
	double bps, min_bps, max_bps;	/* sum, extremes; 0: none */
	double pps, min_pps, max_pps;
	double share[3];		/* flows, octets, packets of a second */
};

#define FT_BINS_MAX	32

/* A distribution in steps: how many flows were up to limit[i], the last for all beyond. */
struct ft_bins {
	const char *prefix;		/* of the columns' names */
	size_t n;
	const uint32_t *limit;
	bool other;			/* has a column for what is beyond */
};

extern const struct ft_bins ft_bins[];	/* of bytes per packet, packets, octets, duration */

#define FT_DISTRIBUTIONS	4

#define FT_GROUPS_MAX	((size_t)16 << 20)

struct ft_count {
	const struct ft_report *report;
	struct key key[FT_KEYS_MAX + 2];	/* masks of addresses are keys too */
	size_t nkeys;
	struct group_keys keys;
	struct group_table table;
	struct ft_counts *group;	/* by the table's numbers */
	size_t room;
	struct group_keys pair_keys;	/* with the key that is counted */
	struct group_table pairs;
	struct ft_counts all;
	bool full;			/* more than FT_GROUPS_MAX: what came later is not counted */
	uint64_t ignored;		/* flows without packets */
	int64_t first, last;		/* seconds; of the records' time of export */
	uint64_t first_msec, last_msec;	/* of the flows */
	uint64_t bin[FT_DISTRIBUTIONS][FT_BINS_MAX];
	/* Scratch for a batch. */
	struct arena *arena;
	struct batch keyed;		/* the batch with columns exchanged */
	void *computed[F_COUNT];
	char *packed;
	uint16_t *chosen;
};

void	ft_count_init(struct ft_count *, const struct ft_report *, struct arena *);
void	ft_count_free(struct ft_count *);

/* Forgets all flows. */
void	ft_count_clear(struct ft_count *);

/* Adds the fields that it needs. */
void	ft_count_fields(const struct ft_report *, struct fieldset *);

/* … those of its keys alone: a file that lacks one cannot be reported on. */
void	ft_count_needs(const struct ft_report *, struct fieldset *);

/* -1 when it needs one of the fields that a file lacks. */
int	ft_count_check(const struct ft_report *, const struct fieldset *lacks, struct err *);

/* Counts flows from … to - 1 of the batch, where sel (NULL: all) is 1. */
void	ft_count_add(struct ft_count *, const struct batch *, const uint8_t *sel, size_t from, size_t to);

#endif
