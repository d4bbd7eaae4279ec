/*
 * index.db: which collector files there are, what slots they make, and what
 * could not be read.  SQLite; derived from the collector files, so it can be
 * deleted at any time.  flowlightd writes, everybody else reads.
 */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include "base/conf.h"
#include "base/file.h"
#include "base/when.h"
#include "flow/slot.h"
#include "format/reader.h"
#include "store/summary.h"

struct index;

enum index_mode { INDEX_READ, INDEX_WRITE, INDEX_ANEW };

/*
 * INDEX_WRITE makes the database and takes a lock, so that two daemons on one
 * state directory are refused.  INDEX_READ of a database that is not there yet
 * gives an index without slots.  A schema newer than ours is refused in words.
 * INDEX_ANEW is INDEX_WRITE after it deleted what was there.
 */
struct index *index_open(const struct conf *, enum index_mode, struct err *);
void	index_close(struct index *);		/* NULL is fine */

/*
 * Somebody deleted or replaced the database that the writer has open, or SQLite
 * found it damaged: close it and open it again.  A damaged one is then set aside
 * as index.db.damaged.
 */
bool	index_lost(const struct index *);

/*
 * The writer before this one was killed, or the machine fell: RRDs may differ from
 * the index.  It stays so, for later writers too, until somebody has compared them.
 */
bool	index_unclean(const struct index *);
void	index_set_clean(struct index *);

/* What a file tells besides its flows, and the end of a query's answer with it. */
struct file_facts {
	uint64_t records;		/* flow records, an aggregated one counts as one */
	uint64_t raw_bytes;		/* of its blocks, uncompressed */
	uint64_t blocks_skipped;	/* that could not be read */
	uint64_t outpackets, outbytes;	/* of the packets and bytes those of the other direction */
	bool v4, v6;			/* has addresses of that family, or may have */
	const char *ident;		/* "" if none */
	bool has_stat;			/* the collector summed it up, as follows */
	struct traffic stat;
	uint64_t stat_first_msec, stat_last_msec;
};

/* A collector file that was looked at. */
struct index_file {
	const struct source *source;
	const char *name;		/* below the source's directory */
	struct stamp stamp;
	int64_t start;			/* of its slot */
	bool broken;			/* not readable at all: no totals */
	const char *reason;		/* of the first fault or of being broken, NULL if fine */
	size_t faults;
	struct traffic traffic;
	uint64_t first_msec, last_msec;	/* of its flows, 0 if none */
	uint64_t sequence_failures;
	const struct file_facts *facts;	/* NULL: not known */
	const struct summary *summary;	/* NULL: none was made */
};

/*
 * Puts down a file, and its slot anew as the sum of the slot's files, in one
 * transaction.  A file of that name that was there before is replaced.
 */
int	index_add(struct index *, const struct index_file *, struct err *);

/*
 * The file is gone from its directory, or there again as it was.  Totals stay,
 * but index_slots leaves it out; a broken one is forgotten.
 */
int	index_gone(struct index *, const struct source *, const char *name, bool gone, struct err *);

/* Calls each(ctx, file) for every file that is known of a source, without its totals; gone ones too. */
struct known_file { const char *name; struct stamp stamp; int64_t start; bool broken, gone; };
int	index_files(struct index *, const struct source *, void (*each)(void *ctx,
	    const struct known_file *), void *ctx, struct err *);

/* The stamp that the file had when it was added: 1; 0 if it never was; -1. */
int	index_stamp(struct index *, const struct source *, const char *name, struct stamp *,
	    struct err *);

/*
 * The files of these sources whose slots start in the window, by start and then
 * by the sources' order.  Broken files are left out.  They live in the arena.
 */
int	index_slots(struct index *, const struct window *, const struct source *const *,
	    size_t nsources, struct arena *, struct slot **, size_t *n, struct err *);

/* Totals of a source's slots that start in the window, and how many slots those are. */
int	index_traffic(struct index *, const struct window *, const struct source *,
	    struct traffic *, size_t *slots, struct err *);

/*
 * What there is to tell of the files of these sources' slots that start in the
 * window, those that are gone included.  complete: the index has all of it; not where
 * slots expired, or of a file that an older version read.
 */
struct files_facts {
	bool complete;
	size_t files, gone;
	struct traffic traffic;
	uint64_t first_msec, last_msec;	/* of flows, 0 if none */
	struct file_facts sum;		/* ident: the first file's; has_stat: all files have; its times 0: none */
	struct traffic counted;		/* as stat, of files without one what was counted */
	uint64_t counted_first_msec, counted_last_msec, sequence_failures;
	struct file_trouble { const char *path, *reason; size_t faults; } *trouble;	/* read in part; at most 256 */
	size_t ntrouble, ntrouble_all;
};
int	index_facts(struct index *, const struct window *, const struct source *const *,
	    size_t nsources, struct arena *, struct files_facts *, struct err *);

/*
 * Calls each(ctx, start, traffic) for the slots of a source with start > after,
 * oldest first; for replaying into an RRD.
 */
int	index_replay(struct index *, const struct source *, int64_t after,
	    int (*each)(void *ctx, int64_t start, const struct traffic *, struct err *),
	    void *ctx, struct err *);

/*
 * The sum of a dimension's top tables of these sources' slots that start in the
 * window.  It says of each row how exact it is (toptable.h), and of itself whether
 * it is of the whole window: not where what would be needed expired.
 */
int	index_top(struct index *, const struct window *, const struct source *const *,
	    size_t nsources, enum top_dim, struct arena *, struct toptable *, struct err *);

/*
 * The same of single slots of a source, several dimensions of each at a time: a bit
 * each in the set (1 << TOP_IP).  The others of a slot's tables are left as they are.
 */
struct slot_tops {
	int64_t start;
	uint32_t set;
	struct toptable *top;		/* of TOP_DIMS */
};
int	index_tops(struct index *, const struct source *, const struct slot_tops *, size_t n, struct arena *,
	    struct err *);

/*
 * Narrows the bounds of some rows of such a sum: a table that has no row of a key
 * leaves nothing open about it when by the runs of presence.h none of its slots has
 * seen the key's addresses, and of sums that leave something open the tables are
 * looked at that they were made of.  Costs some look-ups for each row.
 *
 * What is open yet is so in some slots.  rest, if not NULL, names them: counted in
 * the files of these slots and added to rest->row, the rows are exact.
 */
struct top_rest {
	bool known;			/* not where slots expired */
	struct top_row **open;		/* rows that are not exact */
	struct top_row *row;		/* of each of them, what is counted outside those slots */
	size_t n;
	struct open_slot { const struct source *source; int64_t start; } *slot;
	size_t nslots;
};
int	index_top_narrow(struct index *, const struct window *, const struct source *const *,
	    size_t nsources, enum top_dim, struct top_row *const *, size_t nrows, struct arena *,
	    struct top_rest *rest, struct err *);

/*
 * A source's slots that start in the window, oldest first, in the arena.  Of slots of
 * several files the digest says at_least; where there is none it is all zero.
 */
struct slot_digest {
	int64_t start;
	struct totals totals;
	struct digest digest;
};
int	index_digests(struct index *, const struct window *, const struct source *, struct arena *,
	    struct slot_digest **, size_t *n, struct err *);

/* The totals alone. */
struct slot_sum { int64_t start; struct totals totals; };
int	index_sums(struct index *, const struct window *, const struct source *, struct arena *,
	    struct slot_sum **, size_t *n, struct err *);

/*
 * Starts of the source's slots from a time on in which a host had the most by a metric,
 * and more than a share of all; newest first, at most *n, which becomes how many those are.
 */
int	index_owned(struct index *, int64_t from, const struct source *, enum top_metric, const struct addr *host,
	    double share, int64_t *starts, size_t *n, struct err *);

/* How good a source's files of a slot are, oldest slot first, in the arena; slots without a file are left out. */
struct slot_health {
	int64_t start;
	size_t broken;			/* files that could not be read at all */
	size_t faults;			/* in files that could be read in part */
	uint64_t sequence_failures;
	int64_t written;		/* when its newest file was, seconds */
};
int	index_health(struct index *, const struct window *, const struct source *, struct arena *,
	    struct slot_health **, size_t *n, struct err *);

/*
 * In which slots of the window a source has seen any address of a prefix, by the
 * runs of presence.h.  state[i] is of the slot that starts at from + i * slot.
 */
enum seen { SEEN_NOT, SEEN_UNKNOWN, SEEN_POSSIBLY, SEEN };
struct seen_slots {
	int64_t from;			/* start of the first slot */
	size_t n;
	uint8_t *state;			/* enum seen */
};
int	index_seen(struct index *, const struct window *, const struct source *,
	    const struct prefix *, struct arena *, struct seen_slots *, struct err *);

/*
 * Sums up one hour or day of one source, that is over and changed since: 1, 0 when
 * none is left, -1.  For the writer, when it has nothing better to do.
 */
int	index_sum_up(struct index *, struct err *);

/*
 * Takes out a part of what the configuration's retention has as too old: 1, 0 when
 * nothing is left of it, -1.  For the writer, when it has nothing better to do.  A
 * wrong clock takes out nothing: the newest slot, and the exporters' clocks in its
 * flows, have to agree with it.  What is older is not counted any more when it comes.
 */
int	index_expire(struct index *, int64_t now, struct err *);

/*
 * Checking files against their rows: picks one of the known files whose id is `at`
 * or more (1, 0 when there is none, -1; its name in the arena), and compares what was
 * read anew: 1 when it is the same, or the row is not of that very file; 0 and why in
 * words; -1.  note puts down that one was checked, difference NULL: was the same.
 */
int64_t	index_last_id(struct index *, struct err *);
int	index_check_next(struct index *, int64_t at, struct arena *, const struct source **, const char **name,
	    int64_t *start, struct err *);
int	index_check(struct index *, const struct index_file *, struct strbuf *why, struct err *);
int	index_check_note(struct index *, const struct source *, const char *difference, struct err *);

/* How a source is doing.  When brief, files is 1 for any number of good ones, and bytes 0. */
struct source_status {
	const struct source *source;
	int64_t oldest, newest;		/* starts of slots, 0: none */
	size_t files, files_bad;	/* known; of those with faults or broken */
	int64_t bytes;			/* of its files that are there */
	size_t backlog;			/* complete files seen in the directory and not yet read */
	int64_t seen;			/* when the daemon last looked at the directory, 0: never */
	const char *trouble;		/* why the directory or the collector is in trouble, NULL if not */
	const char *collector;		/* "running, pid 123", "stopped …", NULL: none of ours */
	struct bad_file { const char *name, *reason; int64_t start; bool broken; } *bad;	/* newest first, at most 20 */
	size_t nbad;
	size_t checked, differed;	/* files that were read again, and of them those that were not as the index had them */
	int64_t checked_at;		/* when one was last, 0: never */
	const char *difference;		/* of the last one that differed, NULL: none did */
};
int	index_status(struct index *, bool brief, struct arena *, struct source_status **, size_t *n,
	    struct err *);

/* The daemon's word on a source, for index_status; trouble and collector may be NULL. */
int	index_note(struct index *, const struct source *, size_t backlog, const char *trouble,
	    const char *collector, struct err *);

/* Oldest and newest slot start of a source; 0 when it has none. */
int	index_extent(struct index *, const struct source *, int64_t *oldest, int64_t *newest,
	    struct err *);

/*
 * A number that is another one when the index has come to know more or other of these
 * sources: files, slots, sums, RRDs.  0 when there is no index.
 */
int	index_changed(struct index *, const struct source *const *, size_t nsources, uint64_t *number,
	    struct err *);

/*
 * The same of one source's files whose slots start in the window, as far as it can be
 * seen by the files: which there are, and none is another one.
 */
int	index_mark(struct index *, const struct window *, const struct source *, uint64_t *mark, struct err *);

/*
 * The earliest slot of a source that came or changed since its RRD was brought up
 * to the index: 1 and its start, 0 if none did, -1.  Kept in the database, so that
 * a crash loses nothing.  set_rrd_done: the RRD has all now; set_rrd_stale: it lacks
 * all from the beginning.
 */
int	index_rrd_since(struct index *, const struct source *, int64_t *start, struct err *);
int	index_set_rrd_done(struct index *, const struct source *, struct err *);
int	index_set_rrd_stale(struct index *, const struct source *, struct err *);

#endif
