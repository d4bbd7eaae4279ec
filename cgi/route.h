/*
 * routes[]: the pages, a row each.
 */
#ifndef CGI_ROUTE_H
#define CGI_ROUTE_H

#include <jansson.h>

#include "serve.h"

/*
 * A page takes its parameters out of pairs, refuses what is left over
 * (pairs_done), and fills the model, which the template or .json shows.  It may
 * instead set rp->location for a redirect, or fill rp->body with something of
 * rp->type.
 */
struct route {
	const char *path;		/* one that ends in a slash takes what follows as rq->rest */
	const char *title;		/* in the navigation and the window's title; NULL: not in it */
	const char *under;		/* the page in the navigation that it belongs to; NULL: none */
	const char *template;		/* NULL: no model, the page fills the body */
	int (*page)(const struct request *, struct pairs *, json_t *model, struct reply *,
	    struct err *);
	int (*csv)(const struct request *, struct pairs *, struct reply *, struct err *);
	/* Does what a form asks for and sets rp->location; NULL: the page is only read. */
	int (*post)(const struct request *, struct pairs *form, struct reply *, struct err *);
	unsigned kept_seconds;		/* its answers are kept so long, as far as nothing changes: recall.h; 0: not */
	bool json_only;			/* for scripts of pages: no HTML of its own */
	enum right needs, post_needs;	/* of the role: to see the page, to post to it */
};

#define KEPT_LONG	86400
#define KEPT_SHORT	10		/* of what also changes with time */
#define KEPT_BRIEF	2		/* of what one watches: many at once do the work once */

extern const struct route routes[];	/* ends with a NULL path */

/* Fills the reply, with an error page if need be. */
void	route(struct request *, struct reply *);

const char *status_text(int status);

/* The pages: page_*.c. */
int	page_overview(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_details(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_explain(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_host(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_presence(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_strip(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_status(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_help(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_paste(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_filter(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_cost(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_zone(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_newest(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_queries(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_name(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_whois(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_graph(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	host_csv(const struct request *, struct pairs *, struct reply *, struct err *);
int	explain_csv(const struct request *, struct pairs *, struct reply *, struct err *);
int	page_analysis(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	analysis_csv(const struct request *, struct pairs *, struct reply *, struct err *);
int	page_compare(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	compare_csv(const struct request *, struct pairs *, struct reply *, struct err *);
int	page_heat(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	heat_csv(const struct request *, struct pairs *, struct reply *, struct err *);
int	page_hours(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_light(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	light_csv(const struct request *, struct pairs *, struct reply *, struct err *);
int	page_weeks(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_plot(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_saved(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_keep(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_board(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_export(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_pin(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	page_notes(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	notes_csv(const struct request *, struct pairs *, struct reply *, struct err *);
int	page_log(const struct request *, struct pairs *, json_t *, struct reply *, struct err *);
int	log_csv(const struct request *, struct pairs *, struct reply *, struct err *);
int	graph_csv(const struct request *, struct pairs *, struct reply *, struct err *);
int	details_csv(const struct request *, struct pairs *, struct reply *, struct err *);
int	queries_post(const struct request *, struct pairs *, struct reply *, struct err *);

/* What forms do. */
int	post_saved(const struct request *, struct pairs *form, struct reply *, struct err *);
int	post_board(const struct request *, struct pairs *form, struct reply *, struct err *);
int	post_notes(const struct request *, struct pairs *form, struct reply *, struct err *);

#endif
