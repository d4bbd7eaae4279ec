#include <string.h>

#include "access.h"
#include "job.h"
#include "model.h"
#include "route.h"

/* What a query asks and who asked is for its own user, and administrators. */
static void
query_model(json_t *item, const struct request *rq, const struct job_info *job)
{
	bool own = rq->role->may >= RIGHT_ADMIN || (rq->user != NULL && strcmp(rq->user, job->user) == 0);
	char when[WHEN_STRLEN];

	model_flag(item, "own", own);
	model_text(item, "user", own ? job->user : NULL);
	model_text(item, "what", own ? job->what : NULL);
	model_text(item, "href", own ? arena_printf(rq->arena, "%s%s", rq->base, job->what) : NULL);
	model_text(item, "job", own ? job->token : NULL);
	model_flag(item, "running", job->running);
	model_number(item, "ahead", job->ahead);
	model_text(item, "since", when_iso(job->since, when));
	model_text(item, "since_text", when_text(job->since, when));
	model_number(item, "files", (int64_t)job->progress.files);
	model_number(item, "files_done", (int64_t)job->progress.files_done);
	model_scaled(item, "flows", job->progress.flows_read);
	model_scaled(item, "bytes", job->progress.bytes_read);
}

/* The queries at work and waiting, and a button for one's own. */
int
page_queries(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp,
    struct err *e)
{
	json_t *list = model_list(model, "queries");
	struct job_info *job;
	size_t n = 0;

	rp->has_token = true;
	model_text(model, TOKEN_FIELD, TOKEN_PLACE);
	if (pairs_done(pairs, e) != 0)
		return -1;
	model_text(model, "title", "Queries");
	model_number(model, "most", rq->site->conf->queries);
	if (rq->site->jobs != NULL)
		for (job = jobs_list(rq->site->jobs, rq->arena, &n); n > 0; n--)
			query_model(model_item(list), rq, job++);
	model_flag(model, "none", json_array_size(list) == 0);
	return 0;
}

/* Ends the query of the token, which only its owner's pages and those of administrators have. */
int
queries_post(const struct request *rq, struct pairs *form, struct reply *rp, struct err *e)
{
	const char *token = pairs_take(form, "job");

	if (pairs_done(form, e) != 0)
		return -1;
	if (token == NULL)
		return err_set(e, ERR_INPUT, "job: which query?");
	if (rq->site->jobs == NULL)
		return err_set(e, ERR_ABSENT, "job: there is no such query, or it has ended");
	if (job_cancel(rq->site->jobs, token, e) != 0)
		return -1;
	rp->location = arena_printf(rq->arena, "%s/queries", rq->base);
	return 0;
}
