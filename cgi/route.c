#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "base/log.h"
#include "event.h"
#include "keep.h"
#include "model.h"
#include "note.h"
#include "recall.h"
#include "route.h"
#include "saved.h"
#include "static.h"
#include "zone.h"

#define PATH_MAX_LEN	1024

const struct route routes[] = {
	{ .path = "/overview", .title = "Overview", .template = "overview", .page = page_overview,
	    .kept_seconds = KEPT_SHORT },
	{ .path = "/details", .title = "Details", .template = "details", .page = page_details, .csv = details_csv,
	    .kept_seconds = KEPT_LONG },
	{ .path = "/explain", .title = "Explain", .template = "explain", .page = page_explain, .csv = explain_csv,
	    .kept_seconds = KEPT_LONG },
	{ .path = "/analysis", .title = "Analysis", .template = "analysis", .page = page_analysis, .csv = analysis_csv,
	    .kept_seconds = KEPT_LONG },
	{ .path = "/host/", .title = "Host", .template = "host", .page = page_host, .csv = host_csv,
	    .kept_seconds = KEPT_LONG },
	{ .path = "/saved", .title = "Saved", .template = "saved", .page = page_saved, .post = post_saved,
	    .post_needs = RIGHT_ANALYSE },
	{ .path = "/notes", .under = "/saved", .template = "notes", .page = page_notes, .csv = notes_csv, .post = post_notes,
	    .post_needs = RIGHT_ANALYSE },
	{ .path = "/compare", .under = "/analysis", .template = "compare", .page = page_compare, .csv = compare_csv,
	    .kept_seconds = KEPT_LONG },
	{ .path = "/heat", .under = "/analysis", .template = "heat", .page = page_heat, .csv = heat_csv,
	    .kept_seconds = KEPT_LONG },
	{ .path = "/light", .under = "/analysis", .template = "light", .page = page_light, .csv = light_csv,
	    .kept_seconds = KEPT_LONG },
	{ .path = "/status", .title = "Status", .template = "status", .page = page_status,
	    .kept_seconds = KEPT_BRIEF },
	{ .path = "/log", .title = "Log", .template = "log", .page = page_log, .csv = log_csv, .needs = RIGHT_ADMIN },
	{ .path = "/help", .title = "Help", .template = "help", .page = page_help },
	{ .path = "/paste", .page = page_paste },
	{ .path = "/filter", .page = page_filter, .json_only = true },
	{ .path = "/cost", .page = page_cost, .json_only = true },
	{ .path = "/name", .page = page_name, .json_only = true, .needs = RIGHT_ANALYSE },
	{ .path = "/whois", .under = "/host/", .template = "whois", .page = page_whois, .needs = RIGHT_ANALYSE },
	{ .path = "/zone", .page = page_zone },
	{ .path = "/newest", .page = page_newest, .json_only = true },
	{ .path = "/queries", .template = "queries", .page = page_queries, .post = queries_post },
	{ .path = "/graph", .page = page_graph, .csv = graph_csv },
	{ .path = "/plot", .page = page_plot },
	{ .path = "/weeks", .page = page_weeks },
	{ .path = "/hours", .page = page_hours },
	{ .path = "/presence", .page = page_presence },
	{ .path = "/keep", .template = "keep", .page = page_keep, .needs = RIGHT_ANALYSE },
	{ .path = "/board", .template = "board", .page = page_board, .post = post_board, .post_needs = RIGHT_ANALYSE },
	{ .path = "/pin", .page = page_pin },
	{ .path = "/export", .template = "export", .page = page_export },
	{ .path = "/strip", .page = page_strip },
	{ .path = NULL }
};

enum form { FORM_HTML, FORM_JSON, FORM_CSV };

static const struct {
	const char *suffix;
	enum form form;
} suffixes[] = {
	{ ".json", FORM_JSON },
	{ ".csv", FORM_CSV },
};

/* Takes the suffix off the path. */
static enum form
path_form(struct request *rq)
{
	size_t len = strlen(rq->path);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t n = strlen(suffixes[i].suffix);

		if (len > n && strcmp(rq->path + len - n, suffixes[i].suffix) == 0) {
			rq->path = arena_strndup(rq->arena, rq->path, len - n);
			return suffixes[i].form;
		}
	}
	return FORM_HTML;
}

/* What follows a route's path that ends in a slash, "" without one; NULL when the path is not the route's. */
static const char *
route_rest(const struct route *r, const char *path)
{
	size_t n = strlen(r->path);

	if (r->path[n - 1] != '/')
		return strcmp(r->path, path) == 0 ? "" : NULL;
	if (strncmp(r->path, path, n) == 0)
		return path + n;
	return strlen(path) == n - 1 && strncmp(r->path, path, n - 1) == 0 ? "" : NULL;
}

static const struct route *
route_find(const char *path, enum form form)
{
	const struct route *r;

	if (strcmp(path, "/") == 0)
		path = routes[0].path;
	for (r = routes; r->path != NULL; r++)
		if (route_rest(r, path) != NULL)
			break;
	if (r->path == NULL || (form == FORM_CSV && r->csv == NULL) ||
	    (form == FORM_JSON ? r->template == NULL && !r->json_only : r->json_only))
		return NULL;
	return r;
}

/* What the layout shows around every page. */
static void
layout_model(const struct request *rq, const struct route *r, json_t *model)
{
	const struct site *site = rq->site;
	json_t *nav = model_list(model, "nav");
	char now[WHEN_STRLEN];

	for (const struct route *x = routes; x->path != NULL; x++) {
		json_t *item;

		if (x->title == NULL || (rq->role != NULL && x->needs > rq->role->may))
			continue;
		item = model_item(nav);
		model_text(item, "title", x->title);
		model_textf(item, "href", "%s%s", rq->base, x == routes ? "/" : x->path);
		model_flag(item, "here", x == r || (r != NULL && r->under != NULL && strcmp(r->under, x->path) == 0));
	}
	model_text(model, "site", site->conf->site);
	model_text(model, "base", rq->base);
	model_text(model, "now", when_text(when_now(), now));
	model_text(model, "user", rq->user);
	model_text(model, "version", FLOWLIGHT_VERSION);
	model_textf(model, "style", "%s/static/%s", rq->base, static_ref(site->files, "style.css"));
	model_textf(model, "noscript", "%s/static/%s", rq->base,
	    static_ref(site->files, "noscript.css"));
	model_textf(model, "script", "%s/static/%s", rq->base,
	    static_ref(site->files, "flowlight.js"));
	model_textf(model, "icon", "%s/static/%s", rq->base,
	    static_ref(site->files, "favicon.svg"));
}

static void
json_reply(const struct request *rq, json_t *model, struct reply *rp)
{
	char *text;

	zone_json(rq, model);
	text = json_dumps(model, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	rp->type = "application/json";
	strbuf_adds(&rp->body, text != NULL ? text : "null");
	strbuf_addc(&rp->body, '\n');
	free(text);
}

static int
html_reply(const struct request *rq, const struct route *r, const char *template, json_t *model,
    struct reply *rp, struct err *e)
{
	layout_model(rq, r, model);
	zone_model(rq, model);
	if (r != NULL && (r->title != NULL || r->under != NULL) && r->post == NULL && rq->role->may >= RIGHT_ANALYSE)
		keep_model(rq, model);
	if (template_render(rq->site->templates, template, model, &rp->body, e) != 0)
		return -1;
	zone_links(rq, &rp->body);
	return 0;
}

/* What can be done about an error, in the page's words. */
static const char *
error_hint(int status)
{
	static const struct { int status; const char *hint; } hints[] = {
		{ 403, "Open the page again; or ask whoever runs this Flowlight for a role that may." },
		{ 400, "Correct the address, or go back and change the form." },
		{ 404, "The pages that exist are in the navigation above." },
		{ 405, "Go back, and use the forms and links of the pages." },
		{ 503, "Ask for a shorter time, fewer sources or a narrower filter, or try again later." },
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].status == status)
			return hints[i].hint;
	return "The log of flowlight.fcgi may say more.";
}

static void
error_reply(const struct request *rq, enum form form, int status, const struct err *e,
    struct reply *rp)
{
	json_t *model = json_object(), *error = model_object(model, "error");
	struct err second;

	strbuf_reset(&rp->body);
	rp->status = status;
	rp->location = rp->filename = NULL;
	rp->etag[0] = '\0';
	rp->type = "text/html; charset=utf-8";
	rp->cache_control = "private, no-store";
	model_number(error, "status", status);
	model_text(error, "title", status_text(status));
	model_text(error, "text", e->text);
	model_text(error, "hint", error_hint(status));
	if (form == FORM_JSON) {
		json_reply(rq, model, rp);
	} else if (form == FORM_CSV || html_reply(rq, NULL, "error", model, rp, &second) != 0) {
		rp->type = "text/plain; charset=utf-8";
		strbuf_reset(&rp->body);
		strbuf_addf(&rp->body, "%d %s\n%s\n", status, status_text(status), e->text);
	}
	json_decref(model);
}

/* What the route says, made anew. */
static int
page_make(const struct request *rq, const struct route *r, enum form form, struct pairs *pairs, json_t *model,
    struct reply *rp, struct err *e)
{
	return form == FORM_CSV ? r->csv(rq, pairs, rp, e) : r->page(rq, pairs, model, rp, e);
}

/* What the route says, or an error. */
static int
route_page(const struct request *rq, const struct route *r, enum form form, struct reply *rp,
    struct err *e)
{
	json_t *model = json_object();
	struct recall recall;
	struct pairs pairs;
	int rc = pairs_parse(rq->query, rq->arena, &pairs, e);

	pairs_take(&pairs, ZONE_PARAMETER);	/* see route() */
	if (rc == 0) {
		recall_start(&recall, rq, r, form == FORM_CSV, &pairs);
		if (!recall_get(&recall, rp, &model) && (rc = page_make(rq, r, form, &pairs, model, rp, e)) == 0)
			recall_put(&recall, rp, form == FORM_CSV ? NULL : model);
	}
	if (rc == 0 && rp->location == NULL && form != FORM_CSV) {
		notes_model(rq, model, form == FORM_HTML ? rp : NULL);
		saved_formats(rq, model);
	}
	if (rc == 0 && rp->location != NULL)
		rp->status = 303;
	else if (rc == 0 && form == FORM_JSON && rp->status != 304)
		json_reply(rq, model, rp);
	else if (rc == 0 && form == FORM_HTML && r->template != NULL)
		rc = html_reply(rq, r, r->template, model, rp, e);
	json_decref(model);
	return rc;
}

static bool
method_reads(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* What a form asks for; the answer is where to go then. */
static int
route_post(const struct request *rq, const struct route *r, struct reply *rp, struct err *e)
{
	struct pairs form;

	if (access_needs(rq, r->post_needs, e) != 0 || pairs_parse(rq->body, rq->arena, &form, e) != 0 ||
	    access_check_post(rq, &form, e) != 0 || r->post(rq, &form, rp, e) != 0)
		return -1;
	rp->status = 303;
	return 0;
}

static int
route_answer(struct request *rq, const struct route *r, enum form form, struct reply *rp, struct err *e)
{
	if (rq->body != NULL)
		return route_post(rq, r, rp, e);
	if (events_kept(rq, rp))
		return 0;
	rq->picture = r->template == NULL;
	if (rq->listener != NULL && r->template != NULL && form != FORM_CSV)
		rq->events = events_new(rq);
	return route_page(rq, r, form, rp, e);
}

/* Whatever is no static file, with times in the zone that is asked for. */
static void
route_pages(struct request *rq, struct reply *rp)
{
	struct err e = { 0 }, unzoned = { 0 };
	enum form form = path_form(rq);
	const struct route *r = route_find(rq->path, form);
	int zoned;
	const char *before = zone_enter(rq, &zoned, &unzoned);

	rq->rest = r != NULL ? route_rest(r, rq->path) : NULL;
	if (access_admit(rq, &e) != 0)
		error_reply(rq, form, err_http(e.kind), &e, rp);
	else if (r == NULL) {
		err_set(&e, ERR_ABSENT, "there is no page %s", rq->path);
		error_reply(rq, form, 404, &e, rp);
	} else if (!method_reads(rq->method) && (r->post == NULL || form != FORM_HTML)) {
		err_set(&e, ERR_INPUT, "nothing can be posted to %s", rq->path);
		error_reply(rq, form, 405, &e, rp);
	} else if (rq->body_status != 0) {
		err_set(&e, ERR_INPUT, "%s", rq->body_fault);
		error_reply(rq, form, rq->body_status, &e, rp);
	} else if (zoned != 0)
		error_reply(rq, form, err_http(unzoned.kind), &unzoned, rp);
	else if (access_needs(rq, r->needs, &e) != 0 || route_answer(rq, r, form, rp, &e) != 0)
		error_reply(rq, form, err_http(e.kind), &e, rp);
	if (rp->location != NULL)
		rp->location = zone_href(rq, rp->location);
	zone_leave(before);
}

void
route(struct request *rq, struct reply *rp)
{
	struct err e = { 0 };

	if (!method_reads(rq->method) && strcmp(rq->method, "POST") != 0) {
		err_set(&e, ERR_INPUT, "the method %.20s is not supported", rq->method);
		error_reply(rq, FORM_HTML, 405, &e, rp);
		return;
	}
	if (strlen(rq->path) > PATH_MAX_LEN) {
		err_set(&e, ERR_INPUT, "the path is longer than %d bytes", PATH_MAX_LEN);
		error_reply(rq, FORM_HTML, 414, &e, rp);
		return;
	}
	if (strncmp(rq->path, "/static/", strlen("/static/")) == 0 && method_reads(rq->method)) {
		if (static_reply(rq->site->files, rq, rp, &e) != 0)
			error_reply(rq, FORM_HTML, err_http(e.kind), &e, rp);
		return;
	}
	route_pages(rq, rp);
}
