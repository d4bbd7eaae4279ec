/*
 * What a page shows besides the query: the parameters that belong to graphs
 * and tables, and links that keep all state.
 */
#ifndef CGI_VIEW_H
#define CGI_VIEW_H

#include <jansson.h>

#include "serve.h"

enum metric { METRIC_FLOWS, METRIC_PACKETS, METRIC_TRAFFIC, METRICS };

struct metric_row {
	const char *name, *title;
	const char *unit;		/* of the graph */
	double factor;			/* from what the RRD has */
	double log_floor;		/* where a logarithmic axis starts */
};
extern const struct metric_row metrics[METRICS];

struct range_row {
	const char *name, *title;
	int64_t seconds;
};
extern const struct range_row ranges[];
extern const unsigned overview_ranges[4];	/* day, week, month, year */

enum size { SIZE_WIDE, SIZE_NARROW, SIZE_THUMB, SIZE_MINI, SIZE_FULL, SIZES };

struct view {
	const struct request *rq;
	struct query *query;
	int64_t newest;			/* end of the newest slot of any source, 0: none yet */
	int64_t end;			/* right edge of the graph; 0 until settled */
	/*
	 * The page shows what is newest: links to itself that do not change its times have
	 * none, but live_from ("-60m"; NULL: the newest slot).
	 */
	bool live;
	const char *live_from;
	struct window live_window;
	int64_t live_end;
	/* Choices: each the number of a word. */
	unsigned range;			/* of ranges[] */
	unsigned metric, proto;
	unsigned log, lines;
	unsigned bytes;			/* traffic in bytes, else bits */
	unsigned rate;			/* statistics per second, else sums */
	unsigned fold;			/* metrics of the statistics of which only the sum of protocols is shown: a bit each */
	unsigned list;			/* list flows: the query runs though it names no statistic */
	unsigned refresh;		/* a page that follows is loaded anew, where there is no script */
	unsigned size, dark, zoom, svg;	/* of a picture */
};

/* Which parameters a page knows. */
enum { VIEW_DETAILS = 1, VIEW_GRAPH = 2 };

/* A view with the defaults. */
void	view_init(struct view *, const struct request *, struct query *);

/* Takes the page's parameters; ERR_INPUT names the one that is wrong. */
int	view_from_pairs(struct view *, struct pairs *, unsigned pages, struct err *);

/*
 * A link with all state: base, path, "?" and parameters; in the arena.  With
 * an empty path it is relative to the page itself.
 */
const char *view_href(const struct view *, const char *path, unsigned pages);

/* The page's own address with another filter; NULL: any. */
const char *view_filter_href(const struct view *, const char *filter);

/*
 * The page's own address with another protocol in the graph.  The filter goes along,
 * "proto tcp", unless somebody has put one of his own there.
 */
const char *view_proto_href(const struct view *, unsigned proto);

/* "All", "TCP", … as pages write it. */
const char *view_proto_title(unsigned proto);

/* What the graph's numbers of a metric are in, and are multiplied by: bits or bytes. */
const char *view_unit(const struct view *, enum metric);
double	view_factor(const struct view *, enum metric);

/* The sources that the query names (all if none): ERR_INPUT for an unknown one. */
int	view_sources(const struct view *, const struct source ***, size_t *n, struct err *);

/* Does the query name no source at all? */
bool	view_no_source(const struct view *);

/* Looks up the newest slot of these sources; of all, when they are none. */
int	view_newest(struct view *, struct err *);

/* Whole slots, or what a match asks for; the newest one if no window was asked for; the right edge so that the window is seen. */
void	view_settle(struct view *);

/* Only the right edge: as asked, or that of the newest slot. */
void	view_settle_end(struct view *);

/* The whole slots that the window touches. */
struct window view_slots(const struct view *);

/* Down to the start of a slot. */
int64_t	view_slot(const struct view *, int64_t sec);

/* Choices for a control: a list of {name, title, href, here} under the key. */
void	view_choices(const struct view *, const char *name, json_t *model, const char *key);

/* True if the query is to be run: it lists, or names statistics or keys. */
bool	view_runs(const struct view *);

#endif
