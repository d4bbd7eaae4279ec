/*
 * Flows, packets and bytes over time, in buckets from a second to an hour.
 *
 * A flow is an amount over an interval.  What falls into a bucket is the part of
 * the interval that lies in it, in whole numbers whose sum is the amount: nothing
 * is lost, and nothing is rounded twice.  What lies outside of the series' time
 * is counted as before or after.
 */
#ifndef QUERY_SERIES_H
#define QUERY_SERIES_H

#include "base/err.h"
#include "base/strbuf.h"
#include "flow/batch.h"

/* Which interval a flow is booked on. */
enum book {
	BOOK_SPREAD,		/* from its first to its last packet */
	BOOK_END,		/* whole, at its last packet: about when it was exported */
	BOOK_SLOT,		/* the slot of the file that has it, evenly: as the RRDs */
	BOOKS
};

/* How flows themselves are counted; with BOOK_SLOT evenly over the slot as all else. */
enum counting {
	COUNT_INITIATED,	/* once, in the bucket of the interval's start */
	COUNT_ACTIVE,		/* in each bucket that the interval touches: sums are more than there are */
	COUNTINGS
};

/* Whose part the lines of a split series rank by. */
enum series_rank { RANK_TOTAL, RANK_PEAK, RANKS };

extern const char *const book_names[BOOKS], *const counting_names[COUNTINGS], *const rank_names[RANKS];

#define BUCKET_MAX	3600			/* seconds */
#define SERIES_CELLS_MAX	(1 << 20)	/* buckets of all lines */
#define SERIES_LINES_MAX	50		/* without "others" */
#define SERIES_LINES	8			/* unless said otherwise */

struct series {
	int64_t from, to;	/* seconds, [from, to); the last bucket may be shorter */
	uint32_t bucket;	/* seconds */
	size_t n;		/* buckets */
	size_t nlines;		/* one; or that of each row of the result's table, and of all other flows last */
	struct totals *at;	/* of bucket i of line k: at[k * n + i] */
	struct totals before, after;	/* of all lines */
};

/* An interval of milliseconds, [from, to), from < to. */
struct interval { uint64_t from, to; };

/* Buckets that such a series has; 0 when to is not after from. */
size_t	series_buckets(int64_t from, int64_t to, uint32_t bucket);

/* All zero; its memory is in the arena. */
void	series_init(struct series *, int64_t from, int64_t to, uint32_t bucket, size_t nlines, struct arena *);

/* How flows count: evenly is as packets and bytes do. */
enum flows_how { FLOWS_EVENLY, FLOWS_AT_START, FLOWS_EACH };

/* Books an amount on the interval. */
void	series_add(struct series *, size_t line, const struct interval *, const struct totals *, enum flows_how);

/* What of the amount falls into a window; as series_add would with that window as its only bucket. */
struct totals series_part(const struct interval *window, const struct interval *, const struct totals *, enum flows_how);

/* Adds one of the same shape. */
void	series_join(struct series *, const struct series *more);

/* The seconds of a bucket, less than series->bucket only of the last. */
int64_t	series_seconds(const struct series *, size_t i);

/* The sum of all lines in a bucket, and of a line in all buckets. */
struct totals series_bucket(const struct series *, size_t i);
struct totals series_line(const struct series *, size_t line);

/* The three amounts, for loops over them: in the order of enum amount. */
enum amount { AMOUNT_FLOWS, AMOUNT_PACKETS, AMOUNT_BYTES, AMOUNTS };
extern const struct amount_row {
	const char *name, *title;
	const char *rate, *rate_title;	/* "bps", "Bit/s" */
	unsigned factor;		/* of the rate: 8 bits a byte */
} amounts[AMOUNTS];

uint64_t totals_amount(const struct totals *, enum amount);

/* What a legend says, per second: PERCENTILE by nearest rank. */
struct series_figures { double last, average, most, p95; size_t peak; };	/* peak: bucket of the most */

/* Of one line, or with line == nlines of all together. */
void	series_figures(const struct series *, size_t line, enum amount, struct series_figures *);

/* "10s", "5m", "1h" */
int	bucket_parse(const char *, uint32_t *seconds, struct err *);
void	bucket_print(uint32_t seconds, struct strbuf *);

/* A bucket that gives a window at most so many: 1, 2, 5, 10, 15, 30 s, 1, 2, 5 … min, 1 h. */
uint32_t bucket_for(int64_t seconds, size_t buckets);

#endif
