#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "menu.h"
#include "model.h"
#include "picture.h"
#include "query/param.h"

#define PEAK_SECONDS	43200	/* to each side of the selection's middle, at the most */

enum mode { MODE_TOP, MODE_LIST, MODE_GROUP, MODES };

/* The modes of the form, and the fields that each does not use. */
static const struct mode_row {
	const char *name, *title;
	const char *unused[5];
} modes[MODES] = {
	[MODE_TOP] = { "top", "Top", { "keys", "limit", "aggregate", "sort" } },
	[MODE_LIST] = { "list", "List flows", { "keys", "by", "top", "order", "sort" } },
	[MODE_GROUP] = { "group", "Group by", { "by", "limit", "order", "aggregate" } },
};

/* Menus of keys, "key1" and "bits1" to "key16" and "bits16", as one list; no key at all is the five-tuple. */
static void
join_keys(struct pairs *pairs, bool group, struct arena *a)
{
	struct strbuf keys = { 0 };
	char key[16], bits[16];

	for (int i = 1; i <= KEYS_MAX; i++) {
		const char *value;

		snprintf(key, sizeof(key), "key%d", i);
		snprintf(bits, sizeof(bits), "bits%d", i);
		value = pairs_take(pairs, key);
		if (value != NULL)
			menu_key(value, pairs_take(pairs, bits), &keys);
		else
			pairs_take(pairs, bits);
	}
	for (size_t i = 0; group && i < pairs->n; i++)
		if (strcmp(pairs->pair[i].name, "mode") == 0) {
			bool any = keys.len > 0;

			pairs->pair[i] = (struct pair){ .name = any ? "keys" : "aggregate",
			    .value = any ? arena_strdup(a, strbuf_text(&keys)) : "1" };
		}
	strbuf_free(&keys);
}

static void
rename_pair(struct pairs *pairs, const char *from, const char *to)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->pair[i].name, from) == 0)
			pairs->pair[i].name = to;
}

static bool
has_pair(const struct pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->pair[i].name, name) == 0)
			return true;
	return false;
}

static int
take_mode(struct pairs *pairs, unsigned *list, struct arena *a, struct err *e)
{
	const char *value = pairs_take(pairs, "mode");
	enum mode m = 0;

	if (value == NULL)
		return 0;
	while (m < MODES && strcmp(modes[m].name, value) != 0)
		m++;
	if (m == MODES)
		return err_set(e, ERR_INPUT, "mode: \"%.40s\" is none of top, list, group", value);
	for (size_t i = 0; i < 5 && modes[m].unused[i] != NULL; i++)
		rename_pair(pairs, modes[m].unused[i], "");
	/* The order of groups, which has a menu of its own. */
	rename_pair(pairs, "sort", "order");
	join_keys(pairs, m == MODE_GROUP && !has_pair(pairs, "keys"), a);
	*list = m == MODE_LIST;
	return 0;
}

/* Takes out the pairs that were given the empty name: no parameter has it. */
static void
drop_unnamed(struct pairs *pairs)
{
	size_t to = 0;

	for (size_t i = 0; i < pairs->n; i++)
		if (*pairs->pair[i].name != '\0')
			pairs->pair[to++] = pairs->pair[i];
	pairs->n = to;
}

static void
take_wrong_filter(struct form *f, struct pairs *pairs, struct arena *a)
{
	for (size_t i = 0; i < pairs->n; i++) {
		if (strcmp(pairs->pair[i].name, "filter") != 0 ||
		    filter_compile(pairs->pair[i].value, a, &f->error) != NULL)
			continue;
		f->filter = pairs->pair[i].value;
		pairs->pair[i].name = "";
	}
	drop_unnamed(pairs);
}

int
form_read(struct form *f, struct view *v, struct pairs *pairs, struct err *e)
{
	unsigned list = 0;

	memset(f, 0, sizeof(*f));
	f->go = pairs_take(pairs, "go");
	f->pick = pairs_take(pairs, "pick");
	if (f->go != NULL && strcmp(f->go, "show") != 0 && strcmp(f->go, "run") != 0 &&
	    strcmp(f->go, "peak") != 0)
		return err_set(e, ERR_INPUT, "go: \"%.40s\" is none of show, run, peak", f->go);
	if (take_mode(pairs, &list, v->rq->arena, e) != 0)
		return -1;
	drop_unnamed(pairs);
	take_wrong_filter(f, pairs, v->rq->arena);
	if (view_from_pairs(v, pairs, VIEW_DETAILS, e) != 0 ||
	    query_from_pairs(v->query, pairs, e) != 0 || pairs_done(pairs, e) != 0)
		return -1;
	if (list)
		v->list = 1;
	return 0;
}

/* "wide?120,33": the browser adds the place of the click to the link's address. */
static int
go_picked(const struct form *f, struct view *v, const struct source **sources, size_t n,
    struct err *e)
{
	struct view copy = *v;
	const struct picture *p;
	struct window *w = &v->query->window;
	const char *at = strchr(f->pick, '?');
	size_t len = at != NULL ? (size_t)(at - f->pick) : strlen(f->pick);
	char *end;
	long x;

	if (len == strlen("wide") && strncmp(f->pick, "wide", len) == 0)
		copy.size = SIZE_WIDE;
	else if (len == strlen("narrow") && strncmp(f->pick, "narrow", len) == 0)
		copy.size = SIZE_NARROW;
	else
		return err_set(e, ERR_INPUT, "pick: expected wide?x,y or narrow?x,y, not \"%.40s\"",
		    f->pick);
	if (at == NULL)
		return 0;
	x = strtol(at + 1, &end, 10);
	if (end == at + 1 || *end != ',')
		return err_set(e, ERR_INPUT, "pick: expected x,y after the question mark, not \"%.40s\"",
		    at + 1);
	if ((p = graph_draw(v->rq->site, &copy, sources, n, e)) == NULL)
		return -1;
	w->from = view_slot(v, picture_time(p, x));
	w->to = w->from + v->rq->site->conf->slot;
	return 0;
}

static uint64_t
metric_of(const struct view *v, const struct source_traffic *t, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		const struct totals *by = &t[i].traffic.by[v->proto];
		const uint64_t of[METRICS] = { by->flows, by->packets, by->bytes };

		sum += of[v->metric];
	}
	return sum;
}

/* The highest slot of what the graph shows, not further than half a day from the selection. */
static int
go_peak(struct view *v, struct err *e)
{
	struct engine *engine = site_engine(v->rq->site, e);
	struct window *w = &v->query->window, best = *w;
	int64_t slot = v->rq->site->conf->slot, middle = (w->from + w->to) / 2;
	int64_t from = middle - PEAK_SECONDS, to = middle + PEAK_SECONDS;
	int64_t start = v->end - ranges[v->range].seconds;
	uint64_t most = 0;

	from = view_slot(v, from > start ? from : start);
	to = to < v->end ? to : v->end;
	for (; engine != NULL && from < to; from += slot) {
		struct window at = { from, from + slot };
		struct arena *a = arena_new();
		struct source_traffic *t;
		size_t n;
		int rc = engine_traffic(engine, &at, v->query->sources, a, &t, &n, e);

		if (rc == 0 && metric_of(v, t, n) > most) {
			most = metric_of(v, t, n);
			best = at;
		}
		arena_free(a);
		if (rc != 0)
			return -1;
	}
	*w = best;
	return engine != NULL ? 0 : -1;
}

int
form_redirect(const struct form *f, struct view *v, const struct source **sources, size_t n,
    const char **href, struct err *e)
{
	*href = NULL;
	if ((f->go == NULL && f->pick == NULL) || f->filter != NULL)
		return 0;
	if (f->pick != NULL && go_picked(f, v, sources, n, e) != 0)
		return -1;
	if (f->go != NULL && strcmp(f->go, "peak") == 0 && go_peak(v, e) != 0)
		return -1;
	*href = view_href(v, "/details", VIEW_DETAILS);
	return 0;
}

/* The address with another window and right edge. */
static const char *
window_href(const struct view *v, int64_t from, int64_t to, int64_t end)
{
	struct view copy = *v;
	struct query q = *v->query;

	q.window.from = from;
	q.window.to = to;
	copy.query = &q;
	copy.end = end;
	view_settle(&copy);
	return view_href(&copy, "", VIEW_DETAILS);
}

static void
button(json_t *list, const char *name, const char *title, const char *sign, const char *href)
{
	json_t *item = model_item(list);

	model_text(item, "name", name);
	model_text(item, "title", title);
	model_text(item, "sign", sign);
	model_text(item, "href", href);
}

void
form_buttons(const struct view *v, json_t *model)
{
	json_t *list = model_list(model, "buttons");
	const struct window *w = &v->query->window;
	int64_t len = w->to - w->from, range = ranges[v->range].seconds, middle = (w->from + w->to) / 2;
	int64_t newest = v->newest != 0 ? v->newest : v->end;
	bool last = w->to + len > newest, ahead = v->end + range <= newest + range / 2;

	button(list, "back", arena_printf(v->rq->arena, "Back %s", ranges[v->range].title), "«",
	    window_href(v, w->from - range, w->to - range, v->end - range));
	button(list, "previous", len > v->rq->site->conf->slot ? "Previous window" : "Previous slot", "‹",
	    window_href(v, w->from - len, w->to - len, v->end));
	button(list, "centre", "Centre the graph on the selection", "◎",
	    window_href(v, w->from, w->to, middle + range / 2));
	button(list, "peak", "Go to the peak", "▲",
	    arena_printf(v->rq->arena, "%s&go=peak", view_href(v, "", VIEW_DETAILS)));
	button(list, "next", len > v->rq->site->conf->slot ? "Next window" : "Next slot", "›",
	    last ? NULL : window_href(v, w->from + len, w->to + len, v->end));
	button(list, "forward", arena_printf(v->rq->arena, "Forward %s", ranges[v->range].title), "»",
	    !ahead ? NULL : window_href(v, w->from + range, w->to + range, v->end + range));
	button(list, "end", "Newest slot", "⇥", window_href(v, newest - len, newest, newest));
}

static void
option(json_t *list, const char *value, const char *title, bool chosen)
{
	json_t *item = model_item(list);

	model_text(item, "value", value);
	model_text(item, "title", title);
	model_flag(item, "chosen", chosen);
}

/* Numbers to choose from, with the one of the address among them. */
static void
number_options(json_t *model, const char *key, const unsigned *numbers, size_t n, uint64_t chosen)
{
	json_t *list = model_list(model, key);
	char text[24];
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		if (!found && chosen < numbers[i]) {
			snprintf(text, sizeof(text), "%llu", (unsigned long long)chosen);
			option(list, text, text, true);
			found = true;
		}
		snprintf(text, sizeof(text), "%u", numbers[i]);
		option(list, text, text, numbers[i] == chosen);
		found |= numbers[i] == chosen;
	}
}

static enum mode
form_mode(const struct view *v)
{
	if (v->query->nstats > 0)
		return MODE_TOP;
	if (v->query->nkeys > 0 || v->query->aggregate)
		return MODE_GROUP;
	return v->list ? MODE_LIST : MODE_TOP;
}

/* The parameters of an address as hidden fields, without those that the form asks for itself. */
static void
hidden_fields(const struct view *v, const char *href, const char *const *asked, json_t *model,
    const char *key)
{
	json_t *list = model_list(model, key);
	struct pairs pairs;
	struct err e;

	if (pairs_parse(href + 1, v->rq->arena, &pairs, &e) != 0)
		return;
	for (size_t i = 0; i < pairs.n; i++) {
		const char *const *name = asked;
		json_t *item;

		while (*name != NULL && strcmp(*name, pairs.pair[i].name) != 0)
			name++;
		if (*name != NULL)
			continue;
		item = model_item(list);
		model_text(item, "name", pairs.pair[i].name);
		model_text(item, "value", pairs.pair[i].value);
	}
}

/* The terms of the filter, each with the address of the page without it. */
static void
terms_model(const struct view *v, json_t *form)
{
	const char *filter = v->query->filter, **terms;
	struct arena *a = v->rq->arena;
	json_t *object, *chips;
	struct err e;
	size_t n;

	if (filter_terms(filter, a, &terms, &n, &e) == -1 || n == 0) {
		json_object_set_new(form, "terms", json_null());
		return;
	}
	object = model_object(form, "terms");
	chips = model_list(object, "chips");
	for (size_t i = 0; i < n; i++) {
		json_t *chip = model_item(chips);

		model_text(chip, "term", terms[i]);
		model_text(chip, "without", view_filter_href(v, filter_without(filter, i, a)));
	}
	model_text(object, "none", n > 1 ? view_filter_href(v, NULL) : NULL);
}

void
form_model(const struct form *f, const struct view *v, json_t *model)
{
	static const unsigned tops[] = { 10, 20, 50, 100, 200, 500, 1000 };
	static const unsigned limits[] = { 20, 50, 100, 200, 500, 1000 };
	static const char *const query_fields[] = { "filter", "by", "keys", "aggregate", "order",
	    "top", "limit", "list", NULL };
	/* Without the right edge the graph goes to where the times are. */
	static const char *const time_fields[] = { "from", "to", "end", NULL };
	json_t *form = model_object(model, "form"), *list = model_list(form, "modes");
	const struct query *q = v->query;
	enum mode mode = form_mode(v);

	for (enum mode m = 0; m < MODES; m++)
		option(list, modes[m].name, modes[m].title, m == mode);
	menu_statistics(q, form);
	menu_orders(q, form);
	menu_keys(q, form);
	number_options(form, "tops", tops, sizeof(tops) / sizeof(tops[0]),
	    q->top == TOP_DEFAULT || q->top == 0 ? 10 : q->top);
	number_options(form, "limits", limits, sizeof(limits) / sizeof(limits[0]),
	    q->limit == 0 ? 20 : q->limit);
	model_text(form, "filter", f->filter != NULL ? f->filter : q->filter);
	terms_model(v, form);
	model_text(form, "error", f->filter != NULL ? f->error.text : NULL);
	hidden_fields(v, view_href(v, "", VIEW_DETAILS), query_fields, form, "hidden");
	hidden_fields(v, view_href(v, "", VIEW_DETAILS), time_fields, model, "time_hidden");
}
