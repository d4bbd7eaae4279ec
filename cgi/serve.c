#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "access.h"
#include "base/log.h"
#include "event.h"
#include "route.h"
#include "serve.h"

#ifndef POLLRDHUP
#define POLLRDHUP	POLLHUP
#endif

static const struct {
	int status;
	const char *text;
} statuses[] = {
	{ 200, "OK" }, { 303, "See Other" }, { 304, "Not Modified" }, { 400, "Bad Request" },
	{ 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
	{ 411, "Length Required" }, { 413, "Content Too Large" }, { 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" }, { 500, "Internal Server Error" }, { 503, "Service Unavailable" },
};

const char *
status_text(int status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "Error";
}

#define FORM_TYPE	"application/x-www-form-urlencoded"

const char security_headers[] =
    "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; "
    "script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

/* A value that goes into a header must not be able to end it. */
static void
header_add(struct strbuf *sb, const char *name, const char *value)
{
	if (value == NULL || *value == '\0' || strpbrk(value, "\r\n") != NULL)
		return;
	strbuf_addf(sb, "%s: %s\r\n", name, value);
}

/* Pages whose forms post give the browser the token that must come back. */
void
cookie_add(struct strbuf *sb, const struct request *rq)
{
	if (rq->new_token)
		strbuf_addf(sb, "Set-Cookie: " TOKEN_COOKIE "=%s; Path=%s/; HttpOnly; SameSite=Strict%s\r\n",
		    rq->token, rq->base, rq->https ? "; Secure" : "");
}

static void
reply_write(const struct request *rq, const struct reply *rp, bool head, const struct output *out)
{
	struct strbuf sb = { 0 };

	strbuf_addf(&sb, "Status: %d %s\r\n", rp->status, status_text(rp->status));
	header_add(&sb, "Content-Type", rp->status == 304 ? NULL : rp->type);
	header_add(&sb, "Cache-Control", rp->cache_control);
	header_add(&sb, "Location", rp->location);
	header_add(&sb, "ETag", rp->etag);
	header_add(&sb, "Allow", rp->status == 405 ? rp->allow : NULL);
	header_add(&sb, "Retry-After", rp->status == 503 ? "10" : NULL);
	if (rp->filename != NULL)
		strbuf_addf(&sb, "Content-Disposition: attachment; filename=\"%s\"\r\n",
		    rp->filename);
	if (rp->has_token)
		cookie_add(&sb, rq);
	strbuf_adds(&sb, security_headers);
	if (rp->status != 304)
		strbuf_addf(&sb, "Content-Length: %zu\r\n", rp->body.len);
	strbuf_adds(&sb, "\r\n");
	if (out->write(out->ctx, sb.s, sb.len) == 0 && !head && rp->body.len != 0)
		out->write(out->ctx, rp->body.s, rp->body.len);
	strbuf_free(&sb);
}

bool
request_gone(const struct request *rq)
{
	struct pollfd p = { .fd = rq->fd, .events = POLLRDHUP };

	return rq->fd != -1 && poll(&p, 1, 0) == 1 &&
	    (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

bool
reply_unless_same(const struct request *rq, struct reply *rp, const char *etag)
{
	snprintf(rp->etag, sizeof(rp->etag), "%s", etag);
	if (rq->etag == NULL || strstr(rq->etag, etag) == NULL)
		return true;
	rp->status = 304;
	return false;
}

void
reply_partial(struct reply *rp)
{
	rp->etag[0] = '\0';
	rp->cache_control = "private, no-store";
}

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

static const char *
or_null(const char *s)
{
	return s != NULL && *s != '\0' ? s : NULL;
}

/* Questions about flows are put down: who asked what, and how long it took. */
static void
log_query(const struct request *rq, const struct reply *rp, const struct effort *before, int64_t msec)
{
	struct effort now = site_effort(rq->site);
	struct log_line line = { .at = when_now(), .user = or_empty(rq->user), .role = rq->role != NULL ? rq->role->name : "",
	    .msec = (uint64_t)msec, .flows = now.flows - before->flows, .status = rp->status, .kept = rp->kept };
	struct state *state;
	struct err e;

	if ((now.queries == before->queries && !rp->kept) || rq->local || rq->site->conf->log_days == 0)
		return;
	line.what = arena_printf(rq->arena, "%s%s%s", rq->path, *rq->query != '\0' ? "?" : "", rq->query);
	if ((state = site_state(rq->site, &e)) == NULL || state_log(state, &line, rq->site->conf->log_days, &e) != 0)
		log_warn("the query is not put down: %s", e.text);
}

static void
answer(struct request *rq, const struct output *out)
{
	struct effort before = site_effort(rq->site);
	int64_t started = when_ticks();
	struct reply rp = { .status = 200, .allow = "GET, HEAD", .type = "text/html; charset=utf-8",
	    .cache_control = "private, no-store" };
	bool head = strcmp(rq->method, "HEAD") == 0;

	route(rq, &rp);
	if (rq->events != NULL) {
		events_end(rq, &rp);
	} else {
		access_put_token(rq, &rp);
		reply_write(rq, &rp, head, out);
	}
	log_query(rq, &rp, &before, when_ticks() - started);
	if (rp.status >= 500)
		log_warn("%s %s%s%s: status %d", rq->method, rq->path,
		    *rq->query ? "?" : "", rq->query, rp.status);
	strbuf_free(&rp.body);
}

/*
 * Where the program is mounted and what is asked for.  Servers differ: nginx
 * as we configure it and CGI set SCRIPT_NAME and PATH_INFO; where PATH_INFO is
 * missing, the rest of the request's path after SCRIPT_NAME is meant.
 */
static void
request_place(struct request *rq, const char *script, const char *path, const char *uri)
{
	size_t n = strlen(script);

	while (n > 0 && script[n - 1] == '/')
		n--;
	rq->base = arena_strndup(rq->arena, script, n);
	if (path == NULL || *path == '\0') {
		path = "/";
		if (uri != NULL && strncmp(uri, rq->base, n) == 0 && uri[n] == '/')
			path = arena_strndup(rq->arena, uri + n, strcspn(uri + n, "?"));
	}
	rq->path = path;
}

#define BODY_MAX	(64 * 1024)

static void
body_refuse(struct request *rq, int status, const char *fault)
{
	rq->body_status = status;
	rq->body_fault = fault;
}

/* The body of a POST, or what is wrong with it. */
static void
body_read(struct request *rq, const char *type, const char *length, const struct input *in)
{
	size_t n = 0, all, digits = strspn(length, "0123456789");
	char *body;

	if (strncmp(type, FORM_TYPE, strlen(FORM_TYPE)) != 0) {
		body_refuse(rq, 415, "what is posted must be a form");
		return;
	}
	if (digits == 0 || length[digits] != '\0') {
		body_refuse(rq, 411, "the length of what is posted is no number");
		return;
	}
	if (digits > 5 || atol(length) > BODY_MAX) {
		body_refuse(rq, 413, "what is posted is too long");
		return;
	}
	all = (size_t)atol(length);
	body = arena_alloc(rq->arena, all + 1);
	for (long got; n < all; n += (size_t)got)
		if ((got = in->read(in->ctx, body + n, all - n)) <= 0) {
			body_refuse(rq, 400, "what is posted ends too early");
			return;
		}
	if (memchr(body, '\0', n) != NULL)
		body_refuse(rq, 400, "what is posted holds a NUL byte");
	else
		rq->body = body;
}

void
serve(struct site *site, const char *(*get)(void *, const char *), void *ctx, int fd,
    const struct input *in, const struct output *out)
{
	struct request rq = { .arena = arena_new(), .site = site, .fd = fd };

	rq.method = or_empty(get(ctx, "REQUEST_METHOD"));
	rq.query = or_empty(get(ctx, "QUERY_STRING"));
	rq.user = or_null(get(ctx, "REMOTE_USER"));
	rq.etag = or_null(get(ctx, "HTTP_IF_NONE_MATCH"));
	request_place(&rq, or_empty(get(ctx, "SCRIPT_NAME")), get(ctx, "PATH_INFO"),
	    get(ctx, "REQUEST_URI"));
	rq.host = or_null(get(ctx, "HTTP_HOST"));
	rq.origin = or_null(get(ctx, "HTTP_ORIGIN"));
	rq.site_of_origin = or_null(get(ctx, "HTTP_SEC_FETCH_SITE"));
	rq.https = strcmp(or_empty(get(ctx, "HTTPS")), "on") == 0;
	access_token(&rq, get(ctx, "HTTP_COOKIE"));
	if (events_wanted(&rq, get(ctx, "HTTP_ACCEPT")))
		rq.listener = out;
	if (strcmp(rq.method, "POST") == 0)
		body_read(&rq, or_empty(get(ctx, "CONTENT_TYPE")), or_empty(get(ctx, "CONTENT_LENGTH")), in);
	answer(&rq, out);
	arena_free(rq.arena);
}

void
serve_url(struct site *site, const char *url, const char *user, const struct output *out)
{
	struct request rq = { .arena = arena_new(), .site = site, .fd = -1, .method = "GET",
	    .base = "", .user = user, .local = user == NULL };
	size_t n = strcspn(url, "?");

	rq.path = arena_strndup(rq.arena, url, n);
	rq.query = url[n] == '?' ? url + n + 1 : "";
	access_token(&rq, NULL);
	answer(&rq, out);
	arena_free(rq.arena);
}
