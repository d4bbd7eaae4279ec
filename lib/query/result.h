/*
 * struct result: what HTML, JSON, CSV and text all print.
 */
#ifndef QUERY_RESULT_H
#define QUERY_RESULT_H

#include "flow/slot.h"
#include "format/reader.h"
#include "query/query.h"

enum table_kind {
	TABLE_FLOWS,	/* rows are flows */
	TABLE_STAT,	/* rows are values of one statistic */
	TABLE_GROUPS,	/* rows are groups by keys */
};

/*
 * Rows stand in a batch of any length, column by column.
 * TABLE_FLOWS: the fields that the query's output asks for.
 * TABLE_STAT: value_field, F_PROTO if stat->by_proto, and the counters:
 *	F_FIRST F_LAST F_FLOWS F_PACKETS F_BYTES F_OUTPACKETS F_OUTBYTES.
 * TABLE_GROUPS: the keys' fields, the counters as above, and F_FLAGS if shown; with
 *	query->five_tuple also what the output shows, from the group's first flow.
 */
struct table {
	enum table_kind kind;
	const struct stat_request *stat;	/* of TABLE_STAT; of TABLE_GROUPS made by -s record, else NULL */
	enum field value_field;			/* of TABLE_STAT: which column holds the value */
	const struct key *keys;			/* of TABLE_GROUPS */
	size_t nkeys;
	struct batch rows;
	uint64_t nall;				/* rows there would be without -n */
	bool nall_least;			/* at least so many */
	/*
	 * Of a table of bounds, by row: how much more than shown the true counts may be.
	 * NULL: all is exact.  The first `proven` rows are in an order that is certain.
	 */
	struct totals *over;
	size_t proven;
};

/* A file that was not read whole. */
struct file_fault {
	const char *path;
	struct fault fault;
	size_t more;			/* further faults of this file */
};

struct result {
	struct arena *arena;
	struct table *tables;		/* one, or one per statistic; none for a streamed list */
	size_t ntables;
	struct series *series;		/* of a series, else NULL; a line for each row of the table, and one of the others */
	/* Of the flows that matched (out counters included in packets and bytes). */
	struct totals kept;
	uint64_t first_msec, last_msec;	/* 0 if none matched */
	/* What was read. */
	uint64_t flows_read;			/* records, an aggregated flow counting as one */
	uint64_t flows_kept;			/* of them, those that matched */
	uint64_t bytes_read;		/* uncompressed */
	uint64_t blocks_skipped;
	struct window span;		/* by the files' own stat records (seconds), for nfdump's "Time window" */
	uint64_t span_first_msec, span_last_msec;
	int64_t from_msec, to_msec;	/* -t as the query has it, but never relative */
	const struct slot *slots;	/* files chosen by the index, oldest first; NULL for -r -R -M */
	size_t nslots;
	bool from_index;		/* no file was read at all */
	size_t files, files_bad;	/* read; with faults or unreadable */
	size_t files_columns;		/* of them, those whose column file was read instead */
	size_t files_spared;		/* of slots that by the index have no flow that matches */
	struct file_fault *faults;
	size_t nfaults;
	bool partial;			/* something is missing: see note and faults */
	const char *note;		/* one sentence for the reader, or NULL */
	double seconds;			/* wall clock */
};

/*
 * Where rows of a list go while they are found, in order: see engine_query.
 * One thread at a time calls, not always the same.
 */
struct sink {
	int (*rows)(void *ctx, const struct batch *rows, struct err *);	/* 0; 1: enough, stop; -1 */
	void *ctx;
	const struct printing *printing;	/* NULL, or another way than rows() */
};

/* Rows that are made into text by several threads, and given on as text. */
struct printing {
	/* What a thread prints with; NULL when rows can only be printed in order. */
	void *(*open)(void *ctx, struct arena *);
	void (*print)(void *printer, const struct batch *rows, struct strbuf *text);
	void (*close)(void *printer);
	/* Takes the text of so many rows.  0; 1: enough, stop; -1. */
	int (*take)(void *ctx, const struct strbuf *text, uint64_t nrows, struct err *);
};

/* How far a query is. */
struct progress {
	size_t files, files_done;	/* to be read, and read */
	uint64_t flows_read, bytes_read;	/* of the files done; bytes uncompressed */
};

/*
 * Asked from time to time while a query runs, also by its other threads, but
 * by one at a time: non-zero stops it with a partial result.
 */
struct watch {
	int (*stop)(void *ctx, const struct progress *);
	void *ctx;
};

#endif
