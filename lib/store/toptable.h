/*
 * Top tables: of each dimension (source addresses, ports, pairs …) the keys
 * that are among the first by flows, packets or bytes, and how much the others
 * have at most.  So tables of many slots can be added up, and the sum says of
 * each row how far it can be off.
 *
 * Of a row the true value v is known to be value <= v <= value + over; of a key
 * without a row, v <= cut.  When a key's first flow began and its last one ended
 * is exact where its values are, and the table knows times.
 */
#ifndef STORE_TOPTABLE_H
#define STORE_TOPTABLE_H

#include "base/err.h"
#include "base/strbuf.h"
#include "store/tally.h"

enum top_dim {
	TOP_SRCIP, TOP_DSTIP, TOP_IP,
	TOP_SRCPORT, TOP_DSTPORT, TOP_PAIR, TOP_SERVICE, TOP_PROTO,
	TOP_SRCAS, TOP_DSTAS, TOP_INIF, TOP_OUTIF, TOP_SRCNET, TOP_DSTNET,
	TOP_DIMS
};

#define TOP_KEY_MAX	32
#define TOP_MERGED	1024	/* rows by each metric in the tables of hours and days */

extern const struct top_dim_row {
	const char *name;
	unsigned size;		/* bytes of a key: numbers big-endian; addresses; both addresses; address and port */
	unsigned keep;		/* rows by each metric in a file's table */
	unsigned least;		/* when the file is small: so many */
} top_dims[TOP_DIMS];

extern const char *const top_metric_names[TOP_METRICS];

struct top_row {
	uint8_t key[TOP_KEY_MAX];		/* the rest zero */
	uint64_t value[TOP_METRICS], over[TOP_METRICS];
	uint64_t first_msec, last_msec;		/* in a table that is timed, else 0 */
};

struct toptable {
	enum top_dim dim;
	uint64_t cut[TOP_METRICS];
	struct top_row *row;			/* by key */
	size_t n;
	bool timed;				/* rows have times */
	bool incomplete;			/* a sum that lacks what expired (index_top) */
};

/*
 * The tables of a file.  An address that is source and destination of a flow
 * counts twice in TOP_IP.  Nets are IPv4's /24 and IPv6's /64.
 */
void	toptable_of_tally(struct tally *, struct arena *, struct toptable[static TOP_DIMS]);

/* What else a file's tables tell. */
struct digest {
	uint64_t sources, destinations, ports;	/* distinct; ports are destination ports */
	bool at_least;				/* of addresses there were more, how many is not known */
	double entropy[4];			/* of flows by srcip, dstip, srcport, dstport: 0 all of one … 1 even */
	struct addr owner[TOP_METRICS];		/* the host with the most as source or destination */
	uint64_t owned[TOP_METRICS];		/* how much that is; with at_least, no less than */
};
void	digest_of_tally(const struct tally *, const struct toptable[static TOP_DIMS], struct digest *);

/* As a blob, and back; ERR_DATA for what is none. */
void	toptable_encode(const struct toptable *, struct strbuf *);
bool	toptable_is_older(const void *, size_t);	/* of a version that may have kept other rows */
int	toptable_decode(const void *, size_t, enum top_dim, struct arena *, struct toptable *,
	    struct err *);

/*
 * Leaves the first `keep` rows by each metric, less the ties: rows that have no more
 * than the cut in any, as that is what the cut says of them.
 */
void	toptable_cut(struct toptable *, size_t keep);

/*
 * Adding up: the sum of all tables added, cut to the first `keep` by each metric
 * (0: all rows), and where they are small to twice as many as the largest has rows.
 */
struct topsum *topsum_new(enum top_dim);
void	topsum_add(struct topsum *, const struct toptable *);
void	topsum_lacks(struct topsum *);		/* something that belongs to it is not there: the sum is incomplete */
void	topsum_finish(struct topsum *, size_t keep, struct arena *, struct toptable *);
void	topsum_free(struct topsum *);		/* NULL is fine */

/*
 * The rows by a metric, greatest value first, ties by key.  proven: so many of the
 * first are in an order that is certain, and none is missing between them.
 */
bool	top_row_exact(const struct top_row *);
struct top_row **toptable_rank(const struct toptable *, enum top_metric, struct arena *,
	    size_t *proven);

#endif
