#include "ask.h"

#include <poll.h>
#include <string.h>
#include <time.h>

#include "event.h"
#include "job.h"
#include "model.h"

#define TELL_MSEC	250	/* between two events of one query */
#define WAIT_MSEC	20	/* between looks whether it is one's turn */

struct asking {
	const struct request *rq;
	struct job *job;		/* NULL: nobody keeps count */
	int64_t began, told;		/* milliseconds */
};

/* Is it time to say something again? */
static bool
tell_now(struct asking *a)
{
	int64_t now = when_ticks();

	if (a->rq->events == NULL || now - a->told < TELL_MSEC)
		return false;
	a->told = now;
	return true;
}

static void
tell_progress(const struct asking *a, const struct progress *p)
{
	json_t *data = json_object();

	model_number(data, "files", (int64_t)p->files);
	model_number(data, "files_done", (int64_t)p->files_done);
	model_scaled(data, "flows", p->flows_read);
	model_scaled(data, "bytes", p->bytes_read);
	model_number(data, "msec", when_ticks() - a->began);
	event_send(a->rq->events, "progress", data);
}

static void
tell_ahead(const struct asking *a, unsigned ahead)
{
	json_t *data = json_object();

	model_number(data, "ahead", ahead);
	event_send(a->rq->events, "waiting", data);
}

/* A query's watch. */
static int
stop_or_tell(void *ctx, const struct progress *p)
{
	struct asking *a = ctx;

	if (request_gone(a->rq))
		return 1;
	if (a->job == NULL)
		return 0;
	job_tell(a->job, p);
	if (tell_now(a))
		tell_progress(a, p);
	return job_cancelled(a->job);
}

/* 0 when it is its turn. */
static int
wait_turn(struct asking *a, struct err *e)
{
	int64_t most = (int64_t)a->rq->site->conf->query_seconds * 1000;
	unsigned ahead;

	while ((ahead = job_ahead(a->job)) > 0) {
		if (request_gone(a->rq))
			return err_set(e, ERR_LIMIT, "nobody waits for the answer");
		if (job_cancelled(a->job))
			return err_set(e, ERR_LIMIT, "the query was cancelled while it waited");
		if (when_ticks() - a->began > most)
			return err_set(e, ERR_LIMIT, "the query waited for %lld s, with %u ahead of it",
			    (long long)(most / 1000), ahead);
		if (tell_now(a))
			tell_ahead(a, ahead);
		poll(NULL, 0, WAIT_MSEC);
	}
	job_start(a->job);
	a->began = when_ticks();
	return 0;
}

/* A place in the queue; ERR_LIMIT when there is none. */
static int
enter(struct asking *a, struct err *e)
{
	const struct request *rq = a->rq;

	if (rq->site->jobs == NULL)
		return 0;
	a->job = job_enter(rq->site->jobs, rq->user, *rq->query != '\0' ?
	    arena_printf(rq->arena, "%s?%s", rq->path, rq->query) : rq->path);
	if (a->job == NULL)
		return err_set(e, ERR_LIMIT, "%d queries are at work or waiting: there is no room for "
		    "another one", JOBS_MAX);
	rq->site->asked = true;
	return 0;
}

int
ask_in_turn(const struct request *rq, bool wait, int (*run)(void *ctx, const struct watch *, struct err *), void *ctx,
    struct err *e)
{
	struct asking a = { .rq = rq, .began = when_ticks() };
	struct watch watch = { stop_or_tell, &a };
	int rc;

	if (enter(&a, e) != 0)
		return wait ? -1 : 0;
	if (a.job != NULL && !wait && job_ahead(a.job) > 0) {
		job_leave(a.job);
		return 0;
	}
	if (a.job != NULL && rq->events != NULL)
		event_job(rq->events, job_token(a.job));
	rc = a.job != NULL ? wait_turn(&a, e) : 0;
	if (rc == 0)
		rc = run(ctx, &watch, e);
	job_leave(a.job);
	return rc == 0 ? 1 : -1;
}

struct question {
	struct engine *engine;
	const struct query *query;
	const struct fieldset *show;
	const struct sink *sink;
	struct arena *arena;
	struct result *result;
};

static int
run_question(void *ctx, const struct watch *watch, struct err *e)
{
	struct question *q = ctx;

	return engine_query(q->engine, q->query, q->show, q->sink, watch, q->arena, q->result, e);
}

int
ask(const struct request *rq, const struct query *query, const struct fieldset *show, const struct sink *sink,
    struct result *r, struct err *e)
{
	struct question q = { site_engine(rq->site, e), query, show, sink, rq->arena, r };
	int rc = q.engine != NULL ? ask_in_turn(rq, true, run_question, &q, e) : -1;

	rq->site->unfinished |= rc == -1 || r->partial;
	return rc == -1 ? -1 : 0;
}
