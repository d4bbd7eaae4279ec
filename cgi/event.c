#include "event.h"

#include <string.h>

#include "access.h"
#include "cache.h"
#include "job.h"
#include "model.h"

#define JOB_PARAMETER	"job="

struct events {
	const struct request *rq;
	bool begun;
	bool failed;			/* nobody reads any more */
	char token[SECRET_LEN + 1];	/* of its last query, "" if none */
};

/* How a reply is kept: this, then its body. */
struct kept {
	int status;
	bool has_token;
	char type[64];
};

bool
events_wanted(const struct request *rq, const char *accept)
{
	return strcmp(rq->method, "GET") == 0 && accept != NULL && strcmp(accept, "text/event-stream") == 0;
}

struct events *
events_new(const struct request *rq)
{
	struct events *ev = arena_alloc(rq->arena, sizeof(*ev));

	ev->rq = rq;
	return ev;
}

static void
events_begin(const struct events *ev, struct strbuf *sb)
{
	strbuf_adds(sb, "Status: 200 OK\r\n"
	    "Content-Type: text/event-stream\r\n"
	    "Cache-Control: private, no-store\r\n"
	    "X-Accel-Buffering: no\r\n");		/* for nginx: each event at once */
	cookie_add(sb, ev->rq);
	strbuf_adds(sb, security_headers);
	strbuf_adds(sb, "\r\n");
}

void
event_send(struct events *ev, const char *name, json_t *data)
{
	const struct output *out = ev->rq->listener;
	char *text = json_dumps(data, JSON_COMPACT);
	struct strbuf sb = { 0 };

	if (!ev->begun)
		events_begin(ev, &sb);
	ev->begun = true;
	strbuf_addf(&sb, "event: %s\ndata: ", name);
	strbuf_adds(&sb, text != NULL ? text : "null");
	strbuf_adds(&sb, "\n\n");
	if (!ev->failed)
		ev->failed = out->write(out->ctx, sb.s, sb.len) != 0 ||
		    (out->flush != NULL && out->flush(out->ctx) != 0);
	strbuf_free(&sb);
	free(text);
	json_decref(data);
}

void
event_job(struct events *ev, const char *token)
{
	json_t *data = json_object();

	memcpy(ev->token, token, sizeof(ev->token));
	model_text(data, "job", token);
	model_text(data, TOKEN_FIELD, ev->rq->token);
	event_send(ev, "job", data);
}

/* For its owner alone: the token is a secret, and user and role have to be the same. */
static const char *
kept_key(const struct request *rq, const char *token)
{
	return arena_printf(rq->arena, "job %s %s %s", token, rq->role->name, rq->user != NULL ? rq->user : "");
}

static void
reply_keep(const struct request *rq, const struct reply *rp, const char *token)
{
	struct kept kept = { .status = rp->status, .has_token = rp->has_token };
	struct strbuf sb = { 0 };

	if (strlen(rp->type) >= sizeof(kept.type))
		return;
	memcpy(kept.type, rp->type, strlen(rp->type));
	strbuf_add(&sb, (const char *)&kept, sizeof(kept));
	strbuf_add(&sb, rp->body.s, rp->body.len);
	cache_put(rq->site->cache, kept_key(rq, token), 0, sb.s, sb.len);
	strbuf_free(&sb);
}

void
events_end(const struct request *rq, const struct reply *rp)
{
	struct events *ev = rq->events;
	json_t *data = json_object();

	if (rp->location != NULL) {
		model_text(data, "location", rp->location);
		event_send(ev, "redirect", data);
		return;
	}
	model_number(data, "status", rp->status);
	model_text(data, "job", ev->token[0] != '\0' ? ev->token : NULL);
	if (ev->token[0] != '\0')
		reply_keep(rq, rp, ev->token);
	event_send(ev, "done", data);
}

/* Takes job=TOKEN from the end of the parameters; NULL if it is not there. */
static const char *
token_take(struct request *rq)
{
	size_t n = strlen(JOB_PARAMETER), len = strlen(rq->query);
	const char *at;

	if (len < n + SECRET_LEN)
		return NULL;
	at = rq->query + len - n - SECRET_LEN;
	if (strncmp(at, JOB_PARAMETER, n) != 0 || (at > rq->query && at[-1] != '&') || !secret_valid(at + n, SECRET_LEN))
		return NULL;
	rq->query = arena_strndup(rq->arena, rq->query, at == rq->query ? 0 : (size_t)(at - 1 - rq->query));
	return at + n;
}

bool
events_kept(struct request *rq, struct reply *rp)
{
	const char *path = rq->path, *token = token_take(rq);
	const struct kept *kept;
	size_t size;

	if (token == NULL)
		return false;
	kept = cache_get(rq->site->cache, kept_key(rq, token), 0, rq->arena, &size);
	if (kept == NULL || size < sizeof(*kept)) {
		rp->status = 303;
		rp->location = arena_printf(rq->arena, "%s%s%s%s", rq->base, path, *rq->query != '\0' ? "?" : "",
		    rq->query);
		return true;
	}
	rp->status = kept->status;
	rp->type = kept->type;
	rp->has_token = kept->has_token;
	strbuf_add(&rp->body, (const char *)(kept + 1), size - sizeof(*kept));
	return true;
}
