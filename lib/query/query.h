/*
 * struct query: what the browser, the command line and the shown command all
 * mean.  Plain data; everything it points to is in its arena.
 */
#ifndef QUERY_QUERY_H
#define QUERY_QUERY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "base/url.h"
#include "base/when.h"
#include "query/filter.h"
#include "query/metric.h"
#include "query/series.h"
#include "query/statistic.h"

/* A group key: a field, or a network of an address field. */
struct key {
	enum field field;
	uint8_t family;		/* 4 or 6: "srcip4/24" keeps this family's first `bits`; 0: as it is */
	uint8_t bits;		/* 0 with family 0 */
	bool own_mask;		/* "srcnet", "dstnet": by the mask that the flow carries */
};

#define KEYS_MAX	16
#define STATS_MAX	16

/* The statistic "record" (statistic_is_record) ranks groups by keys[], the five-tuple unless -A says others. */
struct stat_request {
	const struct statistic *stat;
	enum order order;
	bool ascending;
	bool by_proto;		/* "srcip:p" */
};

enum query_mode {
	QUERY_LIST,		/* flows as they are */
	QUERY_STAT,		/* stats[] */
	QUERY_GROUP,		/* groups by keys[]: -A, -a */
	QUERY_SERIES,		/* amounts over time, in buckets; a line for each of the first groups by keys[] */
};

/* Are both directions of a TCP or UDP conversation one group?  Guess: by the ports, who began it; else who came first. */
enum bidir { BIDIR_NO, BIDIR_FIRST, BIDIR_GUESS };

/* What -I and -g show of files: the sum of what they tell, or a line each. */
enum info { INFO_NO, INFO_SUM, INFO_LINES };

/* -l and -L: only groups with more, or less, than n packets or bytes. */
struct amount_limit { bool given, below; uint64_t n; };

/* Which flows a window means: all of its files, or by their own times those active in it, beginning, ending or wholly in it. */
enum match { MATCH_FILES, MATCH_ANY, MATCH_START, MATCH_END, MATCH_ENTIRE, MATCHES };

struct match_row { const char *name, *title; };
extern const struct match_row matches[MATCHES];

struct query {
	struct arena *arena;
	const char *zone;		/* --zone: is borrowed already; NULL: none */
	const char *conf;		/* --conf: path of the configuration, NULL: the usual one */
	/* Which files: nfdump's way (-r -R -M), or by the index: sources and window. */
	const char *read_file, *read_range, *read_dirs;	/* NULL unless given */
	const char *sources;		/* comma list of names, NULL: all */
	struct window window;		/* whole slots, with match exact seconds; from == to: not given */
	enum match match;
	/* Which flows. */
	int64_t from_msec, to_msec;	/* -t, inclusive; INT64_MIN and INT64_MAX: open; relative as of when_parse_range */
	const char *time_text;		/* -t as given */
	const char *filter;		/* text, NULL: any */
	struct filter *program;		/* compiled by query_check: the filter, and the window where match says so */
	struct filter *asked;		/* the filter alone */
	uint64_t sampling;		/* packets and bytes count so many times, also in the filter; 0, 1: once */
	uint64_t limit;			/* -c: stop after so many matching flows, 0: never */
	/* What of them. */
	enum query_mode mode;
	struct stat_request stats[STATS_MAX];
	size_t nstats;
	struct key keys[KEYS_MAX];
	size_t nkeys;			/* set by query_check to the five-tuple for -a and -s record without -A */
	bool five_tuple;		/* the keys are that default: groups are printed as flows, other fields from their first flow */
	bool aggregate;			/* -a */
	enum bidir bidir;		/* -b, -B */
	uint32_t bucket;		/* of a series, seconds; 0: no series */
	enum book book;
	enum counting counting;
	enum series_rank rank;			/* of a series split by keys[] */
	enum order order;		/* of groups, lines of a series and sorted lists; ORDERS: none asked */
	bool ascending;
	uint64_t top;			/* -n: rows shown; 0: all; TOP_DEFAULT: not given */
	struct amount_limit packets_limit, bytes_limit;
	const char *post;		/* -P: a filter of groups and of rows of statistics, NULL: any */
	struct filter *post_program;	/* compiled by query_check; NULL: any */
	/* How it is answered. */
	bool quick;			/* by the index, if need be with bounds instead of exact numbers */
	bool verify;			/* and once more by reading all files, to compare */
	enum info info;			/* instead of flows what the files tell of themselves */
	/* How it is shown. */
	const char *output;		/* renderer and its format, NULL: the mode's own */
	const char *write;		/* -w: the flows go to this file; NULL: they are shown */
	bool quiet;			/* -q: no header, no summary */
	bool plain_numbers;		/* -N */
	bool long_ipv6;			/* -6 */
};

#define TOP_DEFAULT	UINT64_MAX
#define SAMPLING_MAX	16777216

struct query *query_new(struct arena *);

/*
 * Takes the query's parameters out of URL pairs (others stay for the page), or
 * out of nfdump's options; argv[0] is not read.  ERR_INPUT names the parameter.
 * Both end with query_check.
 */
int	query_from_pairs(struct query *, struct pairs *, struct err *);
int	query_from_argv(struct query *, int argc, char **argv, struct err *);

/* Like query_from_argv, but without the check: to see which configuration is meant before the filter is read. */
int	query_words(struct query *, int argc, char **argv, struct err *);

/* Compiles the filter, sets the mode, refuses what does not go together. */
int	query_check(struct query *, struct err *);

/* The statistic or key that is of countries, which need a database; NULL: there is none. */
const char *query_groups_countries(const struct query *);

/* The canonical query string, without "?": the same query gives the same text.  Goes through query_from_pairs. */
void	query_to_url(const struct query *, struct strbuf *);

/* The rows that are shown: query's top, or the default of its mode (10 for statistics, 8 lines of a series), 0 for all. */
uint64_t query_top(const struct query *);

/* "srcip4/24"; for headings, URLs and command lines. */
void	key_print(const struct key *, struct strbuf *);
int	key_parse(const char *, size_t len, struct key *, struct err *);
bool	key_is_possible(enum field);	/* not of text, and not of what groups sum up */

/* "bytes", or "bytes:a" when the direction is not the order's own. */
void	order_print(enum order, bool ascending, struct strbuf *);

/* "srcip:p/bytes" as in -s. */
void	stat_print(const struct stat_request *, struct strbuf *);

#endif
