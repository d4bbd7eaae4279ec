#include <string.h>

#include "query/parse.h"
#include "route.h"
#include "view.h"

/* /paste?line=nfdump+…: the page that shows what a command line asks for.  Nothing is run here. */
int
page_paste(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const struct conf *conf = rq->site->conf;
	const char *line = pairs_take(pairs, "line");
	struct view v;
	char **words;
	int n;

	(void)model;
	view_init(&v, rq, query_new(rq->arena));
	if (line == NULL)
		return err_set(e, ERR_INPUT, "line: paste a command line of nfdump or flowlight");
	if (pairs_done(pairs, e) != 0)
		return -1;
	if (words_split(line, rq->arena, &words, &n, e) != 0 ||
	    query_from_command(v.query, n, words, conf->sources, conf->nsources, conf->slot, e) != 0)
		return err_in(e, "line");
	/* Which configuration and layout is said for the shell alone; columns of one's own are meant. */
	v.query->conf = NULL;
	if (v.query->output != NULL && strchr(v.query->output, ':') == NULL)
		v.query->output = NULL;
	if (query_has_paths(v.query))
		return err_set(e, ERR_INPUT, "line: its files are not those of a source; the sources' directories are "
		    "in the configuration");
	v.list = v.query->mode == QUERY_LIST;
	rp->location = view_href(&v, "/details", VIEW_DETAILS);
	return 0;
}
