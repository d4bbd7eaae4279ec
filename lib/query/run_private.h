/*
 * A query at work.  Private to lib/query/run*.c: run.c starts and ends it,
 * run_unit.c cuts files into pieces of work and reads them, run_list.c and
 * run_group.c take the flows chosen and make the tables.
 */
#ifndef QUERY_RUN_PRIVATE_H
#define QUERY_RUN_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "format/needle.h"
#include "query/group.h"
#include "query/result.h"
#include "query/rows.h"
#include "query/run.h"

/* Why a query ends before its files do. */
enum why { GO_ON, STOP_DEADLINE, STOP_MEMORY, STOP_ASKED, STOP_ENOUGH };

/* One grouping: statistics that differ only in order share it. */
struct grouping {
	const struct statistic *stat;	/* NULL: by the query's keys */
	bool by_proto;
	struct key key[SIDES_MAX][2];	/* of a statistic: by side, [proto,] value */
	struct group_keys side[SIDES_MAX];
	size_t nsides;
	struct group *group;
	bool by_place;			/* its keys can be places (dense.h) */
};

/* A piece of work: blocks of one file. */
struct unit {
	size_t file;
	size_t first, nblocks;		/* nblocks 0: all */
	struct place *place;		/* of a list, while it is read */
	struct counters kept;
	uint64_t nkept;			/* records in it */
	uint64_t flows_read, bytes_read;
	struct faults *faults;		/* NULL: none */
	struct err *failure;		/* when the file could not be read to its end at all */
	uint64_t span_first, span_last;
	bool columns;			/* a column file was read instead */
	bool begun, whole;		/* it was read, and to its end */
};

/* Where the rows of a unit wait until it is their turn. */
struct place {
	struct rows rows;
	struct strbuf text;		/* or they as text */
	size_t held;			/* bytes of both */
	bool ready;
};

/* A list at work. */
struct list {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct place *places;		/* of units next … next + nplaces - 1, by their numbers modulo nplaces */
	size_t nplaces, next;		/* the unit whose turn it is */
	bool giving;			/* a thread gives on what is ready */
	bool printing;			/* rows become text where they are read */
	uint64_t left;			/* of -c */
	struct rows all;		/* rows that are to be sorted or returned */
	int rc;				/* of the sink */
	struct err err;
};

/* Context of a selection. */
struct chooser {
	struct run *run;
	const struct query *query;
	const struct result *result;	/* knows -t in milliseconds */
	unsigned shown;			/* batches, to look around from time to time */
	struct filter_scratch *scratch;
	uint64_t before;		/* flows of the files before this one, for filters that count */
};

/* What a thread needs for itself. */
struct worker {
	struct arena *arena;
	struct chooser chooser;
	void *printer;			/* of lists that several threads print */
	uint64_t flows_read;
	struct dense *dense[STATS_MAX + 1];	/* by grouping; NULL: it has none */
};

/* Takes flows in place of lists and groupings; returns the bytes that it holds. */
struct taker {
	size_t (*take)(void *ctx, unsigned worker, const struct unit *, const struct batch *, size_t n);
	void *ctx;
	struct fieldset fields;		/* that it needs */
};

struct run {
	const struct query *query;
	const struct file_list *files;
	const struct run_limits *limits;
	const struct watch *watch;
	const struct sink *sink;
	const struct taker *taker;	/* NULL: none */
	struct result *result;
	struct fieldset want, show;	/* of the flows that are chosen; of those what is shown */
	struct fieldset selects;	/* what choosing needs */
	struct addr hosts[NEEDLES_MAX];	/* of which a flow that matches has one, as far as the filter says so */
	size_t nhosts;
	struct grouping groupings[STATS_MAX + 1];
	size_t ngroupings;
	struct unit *units;
	size_t nunits;
	struct worker *workers;
	unsigned nworkers;
	bool plain;			/* no column files */
	uint64_t taken;			/* flows counted so far, for -c with one worker */
	struct list list;
	double started;
	atomic_size_t memory;
	atomic_int stop;		/* enum why */
	atomic_size_t units_done;
	atomic_ullong flows_done, bytes_done;
	atomic_flag asking;		/* a thread asks the watch just now */
};

/* run.c */

/* Threads that a query is run by. */
unsigned run_workers(const struct query *, const struct run_limits *);

/* run_query of one pass over the files, with a taker (NULL: none). */
int	run_pass(const struct query *, const struct file_list *, const struct fieldset *show,
	    const struct run_limits *, const struct sink *, const struct watch *, const struct taker *,
	    struct result *, struct err *);

/* run_unit.c */

bool	run_has_time(const struct query *);
bool	run_is_selective(const struct query *);

/* Ends it early; the first reason counts. */
void	run_stop(struct run *, enum why);

/* Seconds of a clock that only goes forward. */
double	run_clock(void);

/*
 * Cuts the files into units; a file is cut into blocks only when there are few
 * files.  unit_read is a job for pool_run, whose ctx is the run.
 */
void	units_make(struct run *);
int	unit_read(void *ctx, unsigned worker, size_t i);

/* A unit's word on its file, into the result. */
void	unit_report(struct run *, const struct unit *);

/* A reader of the column file that stands for a file, where there is one, or of the file itself. */
struct reader *unit_open(const struct run *, size_t file, const struct fieldset *want,
	    const struct selection *, struct err *);

/* Counts the first n flows of a batch; and what was counted into the result. */
void	kept_count(struct counters *, const struct batch *, size_t n);
void	kept_join(struct result *, const struct counters *);

/* run_list.c: the flows as they are. */

void	list_take(struct run *, unsigned worker, struct unit *, const struct batch *);

/* Has a unit all that -c asks for? */
bool	list_full(const struct run *, const struct unit *);
int	list_run(struct run *, struct err *);
void	list_table(struct run *, struct table *);
void	list_free(struct run *);

/* run_group.c: groups by keys, statistics. */

/* The groupings that the query needs, and the fields that those need. */
void	groupings_make(struct run *);
void	groupings_fields(const struct run *, struct fieldset *);
void	groupings_start(struct run *);
void	groupings_free(struct run *);

void	groupings_take(struct run *, unsigned worker, struct unit *, const struct batch *);

/* May batches have places instead of addresses?  After a unit that could, ends counting by them. */
bool	groupings_by_place(const struct run *);
bool	groupings_by_sums(const struct run *);
void	groupings_take_sums(struct run *, unsigned worker, struct unit *, const struct flow_sums *);
void	groupings_flush(struct run *, unsigned worker);
void	groupings_run(struct run *);

/* r: NULL for the query's keys. */
void	groupings_table(struct run *, struct table *, const struct stat_request *r);

#endif
