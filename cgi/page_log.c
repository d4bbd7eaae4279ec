/*
 * /log: who asked what of the flows, and how long it took.
 */
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "route.h"

#define LINES_SHOWN	100
#define LINES_CSV	100000

/* Of one user, or older than a time: the parameters. */
static int
log_read(const struct request *rq, struct pairs *pairs, size_t limit, struct log_line **list, size_t *n,
    const char **user, struct err *e)
{
	const char *before = pairs_take(pairs, "before");
	struct state *state;

	*user = pairs_take(pairs, "user");
	if (before != NULL && (strlen(before) > 12 || before[strspn(before, "0123456789")] != '\0'))
		return err_set(e, ERR_INPUT, "before: must be a number of seconds since 1970");
	if (pairs_done(pairs, e) != 0 || (state = site_state(rq->site, e)) == NULL)
		return -1;
	return state_asked(state, *user, before != NULL ? atoll(before) : 0, limit, rq->arena, list, n, e);
}

static const char *
log_href(const struct request *rq, const char *user, int64_t before)
{
	struct strbuf url = { 0 };
	const char *href;

	strbuf_addf(&url, "%s/log?", rq->base);
	if (user != NULL)
		url_add(&url, "user", user);
	if (before != 0)
		url_add(&url, "before", arena_printf(rq->arena, "%lld", (long long)before));
	href = arena_strdup(rq->arena, strbuf_text(&url));
	strbuf_free(&url);
	return href;
}

int
page_log(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	json_t *lines = model_list(model, "lines");
	struct log_line *list;
	const char *user;
	char when[WHEN_STRLEN];
	size_t n;

	(void)rp;
	if (log_read(rq, pairs, LINES_SHOWN, &list, &n, &user, e) != 0)
		return -1;
	model_text(model, "title", "Log");
	model_text(model, "of", user);
	for (size_t i = 0; i < n; i++) {
		json_t *item = model_item(lines);

		model_text(item, "at", when_text(list[i].at, when));
		model_text(item, "user", *list[i].user != '\0' ? list[i].user : NULL);
		model_text(item, "only", log_href(rq, list[i].user, 0));
		model_text(item, "role", list[i].role);
		model_text(item, "what", list[i].what);
		model_textf(item, "href", "%s%s", rq->base, list[i].what);
		model_textf(item, "seconds", "%.3f", (double)list[i].msec / 1000);
		model_scaled(item, "flows", list[i].flows);
		model_number(item, "status", list[i].status);
		model_flag(item, "kept", list[i].kept);
	}
	model_flag(model, "none", n == 0);
	model_text(model, "older", n == LINES_SHOWN ? log_href(rq, user, list[n - 1].at) : NULL);
	model_number(model, "days", rq->site->conf->log_days);
	return 0;
}

int
log_csv(const struct request *rq, struct pairs *pairs, struct reply *rp, struct err *e)
{
	struct log_line *list;
	const char *user;
	char when[WHEN_STRLEN];
	size_t n;

	if (log_read(rq, pairs, LINES_CSV, &list, &n, &user, e) != 0)
		return -1;
	strbuf_adds(&rp->body, "at,user,role,what,milliseconds,flows,status,kept\n");
	for (size_t i = 0; i < n; i++) {
		strbuf_adds(&rp->body, when_iso(list[i].at, when));
		strbuf_addc(&rp->body, ',');
		strbuf_add_csv(&rp->body, list[i].user);
		strbuf_addc(&rp->body, ',');
		strbuf_add_csv(&rp->body, list[i].role);
		strbuf_addc(&rp->body, ',');
		strbuf_add_csv(&rp->body, list[i].what);
		strbuf_addf(&rp->body, ",%llu,%llu,%d,%d\n", (unsigned long long)list[i].msec,
		    (unsigned long long)list[i].flows, list[i].status, list[i].kept);
	}
	rp->type = "text/csv; charset=utf-8";
	rp->filename = "flowlight-log.csv";
	return 0;
}
