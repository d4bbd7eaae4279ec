/*
 * flow-report: its configuration language, its reports, its output.
 *
 * The reports are rows of a table of keys.  Differences from flow-report 0.68.5,
 * all on purpose: columns are called what they hold (there, reports of
 * ip-destination-address by AS call their keys by the source's and destination's
 * names exchanged); summary-detail counts from the first flow, not from 1970, and
 * calls its size up to 4096 psize4096; names of ports and protocols are ours, those
 * of addresses are not looked up; commands in `path` are not run, but for
 * flow-rptfmt, which is our own format; xheader prints nothing more.
 */
#ifndef QUERY_FT_REPORT_H
#define QUERY_FT_REPORT_H

#include <stdio.h>

#include "flow/slot.h"
#include "query/ft_print.h"

/* Columns in the order in which they are printed. */
enum ft_column {
	FTC_INDEX, FTC_FIRST, FTC_LAST, FTC_KEY, FTC_KEY_LAST = FTC_KEY + 5, FTC_COUNT,
	FTC_FLOWS, FTC_OCTETS, FTC_PACKETS, FTC_DURATION,
	FTC_AVGBPS, FTC_MINBPS, FTC_MAXBPS, FTC_AVGPPS, FTC_MINPPS, FTC_MAXPPS, FTC_FRECS,
	FTC_OTHER, FT_COLUMNS
};

#define FTC(c)		(1u << FTC_##c)
#define FTC_KEYS	(63u << FTC_KEY)
#define FTC_RATES	(FTC(AVGBPS) | FTC(MINBPS) | FTC(MAXBPS) | FTC(AVGPPS) | FTC(MINPPS) | FTC(MAXPPS))
#define FTC_DEFAULT	(FTC_KEYS | FTC(COUNT) | FTC(FLOWS) | FTC(OCTETS) | FTC(PACKETS) | FTC(DURATION) | FTC(OTHER))

/* What flows are grouped by. */
struct ft_key {
	const char *name;		/* the column's heading */
	enum field field;		/* whose column, and kind, it has */
	bool named;			/* has names */
	/* Makes the column from others, NULL: it is that field's. */
	void (*compute)(const struct batch *, void *column);
	enum field needs[3];		/* by compute; ends at the first F_PACKETS, which is always there */
};

extern const struct ft_key ft_keys[];

enum ft_shape {
	FT_HASH,		/* groups in the order in which they came first */
	FT_BUCKET,		/* … of their keys */
	FT_SECONDS,		/* flows spread over the seconds that they lasted */
	FT_DETAIL,		/* one line of averages and distributions */
	FT_TOTALS,		/* totals alone */
};

#define FT_KEYS_MAX	6

struct ft_type_row {
	const char *name;
	enum ft_shape shape;
	uint8_t n;			/* of keys */
	uint8_t key[FT_KEYS_MAX];	/* in ft_keys */
	enum field other_end;		/* each flow counts for this field too; F_COUNT: it does not */
	uint8_t counted;		/* how many different ones there are of this key; 0: none is counted */
	const char *count_name;
};

extern const struct ft_type_row ft_report_types[];	/* ends with name NULL */

enum ft_option { FTO_PERCENT = 1, FTO_NAMES = 2, FTO_HEADER = 4, FTO_XHEADER = 8, FTO_TOTALS = 16 };
enum ft_when { FTW_NOW, FTW_START, FTW_END, FTW_MID };
enum ft_form { FT_CSV, FT_HTML, FT_TEXT };
enum ft_address { FTA_ADDRESS, FTA_LENGTH, FTA_MASK };

struct ft_output {
	const char *path;		/* of strftime, NULL: standard output */
	enum ft_form form;
	bool form_said;			/* by the configuration */
	enum ft_when when;
	unsigned columns, options;
	enum ft_column sort;		/* FT_COLUMNS: not sorted */
	bool smallest_first;
	uint64_t records, tally;	/* 0: all; none */
	struct ft_output *next;
};

struct ft_report {
	const char *name;
	const struct ft_type_row *type;
	const struct ft_definition *filter;	/* or NULL */
	uint64_t scale;
	enum ft_address address[2];	/* how source and destination are printed */
	struct ft_output *outputs, **end;
	struct ft_report *next;
};

#define FT_REPORTS_MAX	64

struct ft_stat {
	const char *name;
	const struct ft_definition *filter;
	const struct ft_report *report[FT_REPORTS_MAX];
	size_t n;
	int64_t series;			/* seconds, 0: none */
	struct ft_stat *next;
};

/* Reads a stat.cfg and the filters that it includes; the definition of that name, or NULL. */
const struct ft_stat *ft_stat_read(const char *path, const char *name, const struct ft_variable *,
	    struct arena *, struct err *);

struct ft_report_options {
	enum ft_form form;		/* where the configuration says none */
	FILE *out;			/* where it says no path */
};

/*
 * Runs all reports of a definition over the files, in one pass.  A file that
 * cannot be read is told to `fault` (offset -1: as a whole).
 */
int	ft_report_run(const struct ft_stat *, const struct file_list *, const struct ft_report_options *,
	    ft_fault *, struct err *);

#endif
