/*
 * /saved: queries, filters, formats and boards by name.  /keep: what of a page to save
 * or pin, and where.
 */
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "form.h"
#include "keep.h"
#include "menu.h"
#include "route.h"
#include "saved.h"

/* What the model calls those of a kind. */
static const struct { const char *name, *has; } lists[SAVED_KINDS] = {
	[SAVED_QUERY] = { "queries", "has_queries" }, [SAVED_FILTER] = { "filters", "has_filters" },
	[SAVED_FORMAT] = { "formats", "has_formats" },
};

struct actor
access_actor(const struct request *rq)
{
	return (struct actor){ rq->user != NULL ? rq->user : "", rq->role->may >= RIGHT_ADMIN };
}

const char *
access_owner(const struct request *rq)
{
	const struct role *r = rq->role;

	return r->mask || r->sources != NULL || r->networks != NULL ? access_actor(rq).user : NULL;
}

/* Who sees less than others sees nothing of theirs: it may hold what is not for him. */
bool
access_shares(const struct request *rq, const char *owner)
{
	const char *only = access_owner(rq);

	return only == NULL || strcmp(owner, only) == 0;
}

static void
owner_model(const struct request *rq, json_t *item, const char *owner, bool shared, int64_t made)
{
	struct actor actor = access_actor(rq);
	char when[WHEN_STRLEN];

	model_text(item, "owner", *owner != '\0' ? owner : NULL);
	model_flag(item, "mine", strcmp(owner, actor.user) == 0);
	model_flag(item, "may", rq->role->may >= RIGHT_ANALYSE && (actor.all || strcmp(owner, actor.user) == 0));
	model_flag(item, "shared", shared);
	model_text(item, "made", when_text(made, when));
}

/* Both filters as one. */
static const char *
with_terms(const char *filter, const char *more, struct arena *a)
{
	const char **terms;
	struct err e;
	size_t n;

	if (filter_terms(more, a, &terms, &n, &e) == -1)
		return more;
	for (size_t i = 0; i < n; i++)
		filter = filter_and(filter, terms[i], a);
	return filter;
}

/* Of a page's address, NULL if it has none. */
static const char *
value_of(const char *page, const char *name, struct arena *a)
{
	struct pairs pairs;
	struct err e;
	const char *query = strchr(page, '?');

	return query != NULL && pairs_parse(query + 1, a, &pairs, &e) == 0 ? pairs_take(&pairs, name) : NULL;
}

/* A page's address with the filter added to the one that it has. */
static const char *
with_filter(const struct request *rq, const char *page, const char *filter)
{
	const char *had = value_of(page, "filter", rq->arena);

	return keep_href(rq, page, "filter", had != NULL ? with_terms(had, filter, rq->arena) : filter);
}

/* The page in that format, or the newest flows, where it is not Details or shows a series, which has none. */
static const char *
with_format(const struct request *rq, const char *page, const char *format)
{
	static const char details[] = "/details?";

	if (page == NULL || strncmp(page, details, strlen(details)) != 0 || value_of(page, "series", rq->arena) != NULL)
		page = "/details?list=1";
	return keep_href(rq, page, "output", format);
}

static void
saved_item(const struct request *rq, json_t *model, const struct saved *v, const char *page)
{
	json_t *item = model_item(json_object_get(model, lists[v->kind].name));

	model_number(item, "id", v->id);
	model_text(item, "name", v->name);
	model_text(item, "value", v->value);
	if (v->kind == SAVED_QUERY)
		model_textf(item, "href", "%s%s", rq->base, v->value);
	else if (v->kind == SAVED_FILTER)
		model_text(item, "href", with_filter(rq, page != NULL ? page : "/details?list=1", v->value));
	else
		model_text(item, "href", with_format(rq, page, v->value));
	owner_model(rq, item, v->owner, v->shared, v->made);
}

void
board_item(const struct request *rq, json_t *item, const struct board *b)
{
	model_number(item, "id", b->id);
	model_text(item, "name", b->name);
	model_text(item, "kind", board_kinds[b->kind]);
	model_flag(item, "notebook", b->kind == BOARD_NOTEBOOK);
	model_number(item, "pins", (int64_t)b->npins);
	model_textf(item, "href", "%s/board?id=%lld", rq->base, (long long)b->id);
	owner_model(rq, item, b->owner, b->shared, b->made);
}

/* "boards": all that the user sees, or only those that can be pinned to. */
static int
boards_model(const struct request *rq, struct state *state, json_t *model, bool pinnable, struct err *e)
{
	json_t *list = model_list(model, "boards");
	struct actor actor = access_actor(rq);
	struct board *boards;
	size_t n;

	if (state_boards(state, actor.user, rq->arena, &boards, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (access_shares(rq, boards[i].owner) &&
		    (!pinnable || actor.all || strcmp(boards[i].owner, actor.user) == 0))
			board_item(rq, model_item(list), &boards[i]);
	model_flag(model, "has_boards", json_array_size(list) > 0);
	return 0;
}

int
page_saved(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const char *page = pairs_take(pairs, "page");	/* where a filter or a format is to be used */
	struct state *state;
	struct saved *list;
	size_t n;

	if (page != NULL && keep_url(rq, page) == NULL)
		return err_set(e, ERR_INPUT, "page: must be one of these pages, starting with /");
	if (pairs_done(pairs, e) != 0 || (state = site_state(rq->site, e)) == NULL ||
	    state_saved(state, access_actor(rq).user, rq->arena, &list, &n, e) != 0)
		return -1;
	model_text(model, "title", "Saved");
	model_text(model, "token", TOKEN_PLACE);
	rp->has_token = true;
	model_text(model, "page", page);
	for (size_t i = 0; i < SAVED_KINDS; i++)
		model_list(model, lists[i].name);
	for (size_t i = 0; i < n; i++)
		if (access_shares(rq, list[i].owner))
			saved_item(rq, model, &list[i], page);
	for (size_t i = 0; i < SAVED_KINDS; i++)
		model_flag(model, lists[i].has, json_array_size(json_object_get(model, lists[i].name)) > 0);
	if (boards_model(rq, state, model, false, e) != 0)
		return -1;
	model_flag(model, "may_save", rq->role->may >= RIGHT_ANALYSE);
	return 0;
}

/* A saved format as an option; true when it is the output chosen. */
static bool
format_option(const struct request *rq, json_t *options, const struct saved *v, const char *chosen)
{
	bool mine = strcmp(v->owner, access_actor(rq).user) == 0, is = chosen != NULL && strcmp(v->value, chosen) == 0;

	model_option(options, v->value, mine || *v->owner == '\0' ? v->name :
	    arena_printf(rq->arena, "%s (%s)", v->name, v->owner), is);
	return is;
}

void
saved_formats(const struct request *rq, json_t *model)
{
	json_t *form = json_object_get(model, "form"), *outputs = json_object_get(form, "outputs"), *options;
	const char *chosen = json_string_value(json_object_get(form, "format"));
	struct state *state = site_state_there(rq->site);
	struct saved *list = NULL;
	size_t n = 0;
	struct err e;

	if (outputs == NULL)
		return;
	options = model_list(form, "formats");
	if (state != NULL && state_saved(state, access_actor(rq).user, rq->arena, &list, &n, &e) != 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		if (list[i].kind != SAVED_FORMAT || !access_shares(rq, list[i].owner) ||
		    !format_option(rq, options, &list[i], chosen))
			continue;
		/* It is no typed one, then: that is the last of the menu, and stands beside it. */
		model_flag(json_array_get(outputs, json_array_size(outputs) - 1), "chosen", false);
		model_text(form, "format", NULL);
		chosen = NULL;
	}
	model_flag(form, "has_formats", json_array_size(options) > 0);
}

/* A number in a form. */
int
form_id(struct pairs *form, const char *name, int64_t *id, struct err *e)
{
	const char *text = pairs_take(form, name);
	size_t n = text != NULL ? strspn(text, "0123456789") : 0;

	if (n == 0 || n > 18 || text[n] != '\0')
		return err_set(e, ERR_INPUT, "%s: must be a number", name);
	*id = atoll(text);
	return 0;
}

/* Is the value one of its kind? */
static int
check_value(const struct request *rq, const struct saved *v, struct err *e)
{
	if (v->kind == SAVED_FILTER)
		return filter_compile(v->value, rq->arena, e) != NULL ? 0 : -1;
	if (v->kind == SAVED_QUERY)
		return keep_url(rq, v->value) != NULL ? 0 :
		    err_set(e, ERR_INPUT, "value: must be one of these pages, starting with /");
	if (!menu_is_format(v->value))
		return err_set(e, ERR_INPUT, "value: \"%.40s\" is no format: it must begin with fmt: or csv:", v->value);
	return form_check_output(v->value, rq->arena, e) == 0 ? 0 : err_in(e, "value");
}

static int
save(const struct request *rq, struct state *state, struct pairs *form, struct err *e)
{
	const char *kind = pairs_take(form, "kind"), *name = pairs_take(form, "name"), *value = pairs_take(form, "value");
	struct saved v = { .name = name, .value = value, .owner = access_actor(rq).user,
	    .shared = pairs_take(form, "shared") != NULL };

	if (name == NULL || value == NULL)
		return err_set(e, ERR_INPUT, "%s: is missing", name == NULL ? "name" : "value");
	while (kind != NULL && v.kind < SAVED_KINDS && strcmp(kind, saved_kinds[v.kind]) != 0)
		v.kind++;
	if (v.kind == SAVED_KINDS)
		return err_set(e, ERR_INPUT, "kind: must be query, filter or format");
	return check_value(rq, &v, e) == 0 && pairs_done(form, e) == 0 ? state_save(state, &v, e) : -1;
}

int
post_saved(const struct request *rq, struct pairs *form, struct reply *rp, struct err *e)
{
	const char *what = pairs_take(form, "do");
	struct actor actor = access_actor(rq);
	struct state *state = site_state(rq->site, e);
	int64_t id;
	int rc;

	if (state == NULL)
		return -1;
	rp->location = arena_printf(rq->arena, "%s/saved", rq->base);
	if (what != NULL && strcmp(what, "save") == 0)
		return save(rq, state, form, e);
	if (form_id(form, "id", &id, e) != 0 || pairs_done(form, e) != 0)
		return -1;
	if (what != NULL && strcmp(what, "forget") == 0)
		rc = state_saved_delete(state, &actor, id, e);
	else if (what != NULL && (strcmp(what, "share") == 0 || strcmp(what, "hide") == 0))
		rc = state_saved_share(state, &actor, id, *what == 's', e);
	else
		rc = err_set(e, ERR_INPUT, "do: must be save, forget, share or hide");
	return rc;
}

/* ---- /keep ---- */

/* The items of the page, in form fields kind1, title1, url1 and so on. */
static int
keep_items(const struct request *rq, struct pairs *pairs, json_t *model, struct err *e)
{
	json_t *list = model_list(model, "items");

	for (int i = 1; i <= KEEP_MAX; i++) {
		const char *kind = pairs_take(pairs, arena_printf(rq->arena, "kind%d", i));
		const char *title = pairs_take(pairs, arena_printf(rq->arena, "title%d", i));
		const char *url = pairs_take(pairs, arena_printf(rq->arena, "url%d", i));
		json_t *item;

		if (kind == NULL && title == NULL && url == NULL)
			continue;
		if (kind == NULL || title == NULL || keep_url(rq, url) == NULL)
			return err_set(e, ERR_INPUT, "url%d: must be one of these pages, with a kind and a title", i);
		item = model_item(list);
		model_text(item, "kind", kind);
		model_flag(item, "graph", strcmp(kind, pin_kinds[PIN_GRAPH]) == 0);
		model_text(item, "title", title);
		model_text(item, "url", url);
		model_textf(item, "src", "%s%s", rq->base, url);
		model_number(item, "number", i);
	}
	model_flag(model, "has_items", json_array_size(list) > 0);
	return 0;
}

/* What of a page's address can be saved by itself: "values", a kind each. */
static void
values_model(const struct request *rq, const char *page, json_t *model)
{
	const char *filter = value_of(page, "filter", rq->arena), *output = value_of(page, "output", rq->arena);
	const char *const values[SAVED_KINDS] = { [SAVED_FILTER] = filter,
	    [SAVED_FORMAT] = output != NULL && menu_is_format(output) ? output : NULL };
	json_t *list = model_list(model, "values");

	for (size_t i = 0; i < SAVED_KINDS; i++)
		if (values[i] != NULL) {
			json_t *item = model_item(list);

			model_text(item, "kind", saved_kinds[i]);
			model_text(item, "value", values[i]);
		}
}

int
page_keep(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const char *page = pairs_take(pairs, "page");
	struct state *state;

	if (page == NULL || keep_url(rq, page) == NULL)
		return err_set(e, ERR_INPUT, "page: must be one of these pages, starting with /");
	if (keep_items(rq, pairs, model, e) != 0 || pairs_done(pairs, e) != 0 ||
	    (state = site_state(rq->site, e)) == NULL || boards_model(rq, state, model, true, e) != 0)
		return -1;
	model_text(model, "title", "Keep");
	model_text(model, "token", TOKEN_PLACE);
	rp->has_token = true;
	model_text(model, "page", page);
	model_textf(model, "back", "%s%s", rq->base, page);
	values_model(rq, page, model);
	return 0;
}
