/*
 * What the pages of saved things share.
 */
#ifndef CGI_SAVED_H
#define CGI_SAVED_H

#include "model.h"

/* Who acts, for state.db. */
struct actor access_actor(const struct request *);

/* Whose things the user may see, as far as they are shared: everybody's (NULL), or only his own. */
const char *access_owner(const struct request *);

/* May the user see what that owner has shared? */
bool	access_shares(const struct request *, const char *owner);

/* A board in a list or as a page's head. */
void	board_item(const struct request *, json_t *, const struct board *);

/*
 * Completes the model of a page that has a menu of outputs: "formats", those that the user
 * has saved or others share, by name.  An answer that was kept for others has none of them.
 */
void	saved_formats(const struct request *, json_t *model);

/* A number of a form; ERR_INPUT names it. */
int	form_id(struct pairs *, const char *name, int64_t *id, struct err *);

#endif
