/*
 * Who may do what: the role of a request's user, and that what is posted comes
 * from a page of ours.
 *
 * Only REMOTE_USER counts, which the web server sets after it has seen who it
 * is; what a browser can send (HTTP_REMOTE_USER) is never looked at.
 *
 * A POST must bring the token that its browser also has as a cookie: another
 * site can neither read nor set that cookie.  Pages hold TOKEN_PLACE where the
 * token goes; access_put_token puts it there last, so that pages can be kept
 * for several users.
 */
#ifndef CGI_ACCESS_H
#define CGI_ACCESS_H

#include "serve.h"

#define TOKEN_COOKIE	"flowlight"
#define TOKEN_FIELD	"token"
#define TOKEN_PLACE	"token-token-token-token-token---"	/* as long */

/* Finds the role, which from now on limits what the engine tells; ERR_DENIED without one. */
int	access_admit(struct request *, struct err *);

/* ERR_DENIED when the role may less than that. */
int	access_needs(const struct request *, enum right, struct err *);

/* Of the browser's cookies, or a new one. */
void	access_token(struct request *, const char *cookies);

/* Takes the token out of what was posted; ERR_DENIED when it is not this browser's or comes from elsewhere. */
int	access_check_post(const struct request *, struct pairs *, struct err *);

void	access_put_token(const struct request *, struct reply *);

#endif
