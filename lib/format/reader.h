/*
 * Reading collector files of any known format: batches of up to BATCH_MAX
 * flows with just the columns that were asked for.
 *
 * A broken block or record costs only itself: it is put down as a fault with
 * its place and reason, and reading goes on where the format allows it.
 */
#ifndef FORMAT_READER_H
#define FORMAT_READER_H

#include <stdatomic.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/file.h"
#include "flow/batch.h"

struct reader;
struct block_ranges;

/* Something wrong in a file. */
struct fault {
	uint32_t block;		/* counted from 1; 0: the file's header or appendix */
	int64_t offset;		/* in the file, bytes */
	char reason[160];	/* "90000 bytes claimed, 812 left" */
};

#define FAULTS_MAX	32	/* kept per file; more are only counted */

struct faults {
	size_t n;		/* how many there were */
	struct fault fault[FAULTS_MAX];
};

/* What a file says about itself. */
struct file_info {
	const char *format;		/* "nfcapd 2" */
	const char *compression;	/* "none", "lz4", … */
	char ident[128];		/* "" if none */
	char writer[64];		/* "nfdump 1.7.1", "" if unknown */
	struct stamp stamp;
	int64_t created;		/* seconds, 0 if unknown */
	uint32_t blocks;		/* data blocks that the header claims */
	bool has_stat;			/* the three below are filled */
	struct traffic stat;		/* the collector's own totals */
	uint64_t first_msec, last_msec;
	uint64_t sequence_failures;
	uint64_t packets_corrupt;	/* datagrams that the collector could not use */
	uint64_t sequence_resets;
	char comment[128];		/* "" if none */
	struct fieldset lacks;		/* columns that this file's records cannot fill, where that is known */
	uint64_t raw_bytes;		/* uncompressed bytes of the blocks read so far */
	uint64_t flows;			/* flow records read so far, chosen or not */
};

/* An exporter or sampler that the file names. */
struct exporter {
	struct addr addr;
	uint32_t id;			/* observation domain or engine */
	uint16_t sysid;
	uint16_t version;		/* 5, 9, 10 … */
	uint64_t packets, flows, sequence_failures;
	uint32_t sampling;		/* packet interval, 0: none known */
};

/*
 * Opens a file and checks its header.  Derived fields in `want` bring what
 * they need.  The error for a file of no known format names its magic and what
 * it seems to be (pcap, gzip, text, empty …).
 */
struct reader *reader_open(const char *path, const struct fieldset *want, struct err *);

/*
 * Which flows are wanted at all.  choose() is shown batches with just these
 * fields, sets sel[i] to 1 or 0 for each flow, and returns how many are 1.
 */
struct selection {
	struct fieldset fields;
	size_t (*choose)(void *ctx, const struct batch *, uint8_t *sel);
	void *ctx;
	/* May be NULL.  False when by its ranges (flow/ranges.h) no flow of a block can be chosen. */
	bool (*may_match)(void *ctx, const struct block_ranges *);
	/*
	 * A flow that is chosen has one of these addresses as source or destination; n is
	 * 0 when that is not known.  Records that have none are then not looked into, so that
	 * what is broken inside of them is not told; choose() is called without flows
	 * where that goes on for a block.
	 */
	const struct addr *hosts;
	size_t nhosts;
};

/*
 * Like reader_open, but the batches hold only flows that were chosen: of the
 * others no more than the selection's fields is decoded.
 */
struct reader *reader_open_selecting(const char *path, const struct fieldset *want,
	    const struct selection *, struct err *);

/*
 * Like reader_open_selecting, of a file of that source: flows are as the
 * source's settings say that they are meant (quirk.h), before anything is
 * chosen or derived.  source and selection may be NULL.
 */
struct reader *reader_open_source(const char *path, const struct source *, const struct fieldset *want,
	    const struct selection *, struct err *);

/*
 * Like reader_open_source, but reads the column file (format/columns.h; NULL: there is none) in
 * the collector file's place if it can be used and was made of just that file.
 * What turns out to be broken in it is read from the collector file.
 */
struct reader *reader_open_columns(const char *columns, const char *path, const struct source *,
	    const struct fieldset *want, const struct selection *, struct err *);
bool	reader_is_columns(const struct reader *);

/* From now on batches may have places instead of addresses; only column files give such, and none that quirks change. */
void	reader_take_places(struct reader *);

/* Sums of flows by address, as their source and as their destination. */
enum sum { SUM_FLOWS, SUM_PACKETS, SUM_BYTES, SUM_FIRST, SUM_LAST, SUM_OUTPACKETS, SUM_OUTBYTES, SUMS };
enum flow_side { SIDE_SRC, SIDE_DST, SIDES };

struct flow_sums {
	uint64_t records;		/* that they are of; each counts one flow or more */
	const struct addr *addr;	/* n in order */
	size_t n;
	/* Of each address: of SUM_FIRST the least, of SUM_LAST the greatest.  NULL: all 0.  No flows: no such address. */
	const uint64_t *of[SIDES][SUMS];
};

/*
 * Instead of flows that reader_next would give: their sums, which live until the
 * next call.  False when there are none for what comes next, as there never are
 * with a selection: then reader_next has it.
 */
bool	reader_next_sums(struct reader *, struct flow_sums *);
void	reader_close(struct reader *);		/* NULL is fine */

/*
 * The next flows: 1 and a batch that lives until the next call, 0 at the end,
 * -1 when the operating system fails.  Only flow records count.
 */
int	reader_next(struct reader *, struct batch **, struct err *);

/*
 * For work spread over threads: the data blocks found (by walking their
 * headers), and reading only those with numbers first … first + n - 1.  Each
 * thread opens a reader of its own.  A format without blocks has one.
 */
size_t	reader_blocks(struct reader *, struct err *);
void	reader_only(struct reader *, size_t first, size_t n);

/*
 * From when *stop is not zero the reader ends also inside of a file, where it
 * finds nothing in it; it is then cut.
 */
void	reader_until(struct reader *, const atomic_int *stop);
bool	reader_is_cut(const struct reader *);

/* Ident and stat are known after opening; raw_bytes grows while reading. */
const struct file_info *reader_info(const struct reader *);
const struct faults *reader_faults(const struct reader *);

/* Exporters and samplers met so far. */
const struct exporter *reader_exporters(const struct reader *, size_t *n);

#endif
