#include "access.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static const struct role everybody = { .name = "everybody", .may = RIGHT_ANALYSE };
static const struct role shell = { .name = "shell", .may = RIGHT_ADMIN };

static const struct role *
role_of(const struct conf *conf, const char *user)
{
	for (size_t i = 0; user != NULL && i < conf->nroles; i++)
		if (conf_listed(conf->roles[i].users, user))
			return &conf->roles[i];
	for (size_t i = 0; user != NULL && i < conf->nroles; i++)
		if (conf_listed(conf->roles[i].users, "*"))
			return &conf->roles[i];
	return conf->access == ACCESS_OPEN ? &everybody : NULL;
}

int
access_admit(struct request *rq, struct err *e)
{
	rq->role = rq->local ? &shell : role_of(rq->site->conf, rq->user);
	rq->site->role = rq->role;
	if (rq->role != NULL)
		return 0;
	return rq->user != NULL ?
	    err_set(e, ERR_DENIED, "the configuration has no role for the user %.64s", rq->user) :
	    err_set(e, ERR_DENIED, "the web server names no user, and the configuration does not say access = open");
}

int
access_needs(const struct request *rq, enum right right, struct err *e)
{
	static const char *const what[] = { "see pages", "save and pin", "do this, which is for administrators" };

	return rq->role->may >= right ? 0 :
	    err_set(e, ERR_DENIED, "the role \"%s\" may not %s", rq->role->name, what[right]);
}

void
access_token(struct request *rq, const char *cookies)
{
	static const char name[] = TOKEN_COOKIE "=";
	char *fresh;

	for (const char *p = cookies; p != NULL && *p != '\0'; p += strspn(p, "; ")) {
		size_t n = strcspn(p, ";"), value = n > strlen(name) ? n - strlen(name) : 0;

		if (strncmp(p, name, strlen(name)) == 0 && secret_valid(p + strlen(name), value)) {
			rq->token = arena_strndup(rq->arena, p + strlen(name), value);
			return;
		}
		p += n;
	}
	fresh = arena_alloc(rq->arena, SECRET_LEN + 1);
	if (secret_new(fresh) == -1)
		abort();
	rq->token = fresh;
	rq->new_token = true;
}

/* Is it the page of another site that sends this, as far as the browser tells? */
static bool
comes_from_elsewhere(const struct request *rq)
{
	const char *host;

	if (rq->site_of_origin != NULL)
		return strcmp(rq->site_of_origin, "same-origin") != 0;
	/* Pages without referrer, as ours are, are "null" over plain HTTP: there the token alone tells. */
	if (rq->origin == NULL || strcmp(rq->origin, "null") == 0)
		return false;
	host = strstr(rq->origin, "://");
	return host == NULL || rq->host == NULL || strcmp(host + 3, rq->host) != 0;
}

int
access_check_post(const struct request *rq, struct pairs *form, struct err *e)
{
	const char *token = pairs_take(form, TOKEN_FIELD);

	if (comes_from_elsewhere(rq))
		return err_set(e, ERR_DENIED, "this was sent by the page of another site");
	if (rq->new_token || token == NULL || !secret_valid(token, strlen(token)))
		return err_set(e, ERR_DENIED, "the form lacks its token; open the page again, with cookies allowed");
	return secret_equal(token, rq->token) ? 0 : err_set(e, ERR_DENIED, "the form's token is of another browser; open the page again");
}

void
access_put_token(const struct request *rq, struct reply *rp)
{
	char *p = rp->body.s;

	while (rp->has_token && p != NULL && (p = memmem(p, rp->body.len - (size_t)(p - rp->body.s),
	    TOKEN_PLACE, SECRET_LEN)) != NULL) {
		memcpy(p, rq->token, SECRET_LEN);
		p += SECRET_LEN;
	}
}
