/*
 * Answers of pages, kept for those who ask the same again, in a room that all
 * workers share.  What is kept is the page's model, or its CSV: what the layout shows
 * of the user, and the token of forms, comes to it anew each time.
 *
 * The same means: the same page and parameters, in whatever order and however times are
 * written, as seen by a role with the same rights.  An answer is good until the
 * index knows more or other of the role's sources (index_changed).  Kept are whole answers: none
 * that failed, were cancelled, or are partial.
 */
#ifndef CGI_RECALL_H
#define CGI_RECALL_H

#include "route.h"

struct recall {
	const struct request *rq;
	const char *key;		/* NULL: answers to this are not kept */
	uint64_t version;
	struct effort before;
};

/* Before the page is made, and before it takes its parameters. */
void	recall_start(struct recall *, const struct request *, const struct route *, bool csv, const struct pairs *);

/*
 * The answer: true, and it is in the reply (CSV) or in *model, a new one whose
 * "from_cache" says from when it is.
 */
bool	recall_get(const struct recall *, struct reply *, json_t **model);

/* Keeps a page's answer, its model NULL for CSV. */
void	recall_put(const struct recall *, const struct reply *, const json_t *model);

#endif
