#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "form.h"
#include "menu.h"
#include "model.h"
#include "timeline.h"
#include "names.h"
#include "picture.h"
#include "query/param.h"

#define PEAK_HOURS	12	/* to each side of the selection's middle, at the most */

/* What people type in: when it is wrong, the page stays with all that was typed. */
static const char *const typed[] = { "from", "to", "filter", "post", "packets", "bytes", "sampling", "output" };

static const struct wrong *
wrong_find(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->nwrong; i++)
		if (strcmp(f->wrong[i].name, name) == 0)
			return &f->wrong[i];
	return NULL;
}

static void
wrong_add(struct form *f, const char *name, const char *value, const struct err *e)
{
	struct wrong *w = &f->wrong[f->nwrong++];

	*w = (struct wrong){ .name = name, .value = value, .error = *e };
	/* A filter's error begins with that word. */
	if (strcmp(name, "filter") != 0)
		err_in(&w->error, "%s", name);
}

static const struct param *
param_find(const char *name)
{
	const struct param *p = params;

	while (p->help != NULL && (p->name == NULL || strcmp(p->name, name) != 0))
		p++;
	return p;
}

static int
write_nowhere(void *ctx, const char *s, size_t n)
{
	(void)ctx, (void)s, (void)n;
	return 0;
}

int
form_check_output(const char *value, struct arena *a, struct err *e)
{
	struct query *q = query_new(a);
	struct render *render;

	q->output = value;
	if (query_check(q, e) != 0)
		return -1;
	render = render_start(q, a, write_nowhere, NULL, e);
	render_close(render);
	return render != NULL ? 0 : -1;
}

/* Is the value right by itself? */
static int
try_value(const char *name, const char *value, struct arena *a, struct err *e)
{
	if (strcmp(name, "output") == 0)
		return form_check_output(value, a, e);
	if (strcmp(name, "filter") == 0 || strcmp(name, "post") == 0)
		return filter_compile(value, a, e) != NULL ? 0 : -1;
	return param_find(name)->parse(query_new(a), value, e);
}

/* Takes out what is wrong. */
static void
take_wrong(struct form *f, struct pairs *pairs, struct arena *a)
{
	struct err e;

	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		const char *value = pairs_value(pairs, typed[i]);

		if (value == NULL || try_value(typed[i], value, a, &e) == 0)
			continue;
		wrong_add(f, typed[i], value, &e);
		fields_drop(pairs, typed[i]);
	}
}

/* What stands in the fields is kept as it was typed: not all of it can become a filter. */
static void
keep_fields(struct form *f, struct pairs *pairs)
{
	struct err none = { 0 };

	for (const struct filter_field *field = filter_fields_typed; field->name != NULL; field++) {
		const char *value = pairs_value(pairs, field->name);

		if (value != NULL && wrong_find(f, field->name) == NULL)
			f->wrong[f->nwrong++] = (struct wrong){ .name = field->name, .value = value, .error = none };
		fields_drop(pairs, field->name);
	}
}

/* The fields' terms are added to the filter, and the fields are empty again. */
static void
take_fields(struct form *f, struct pairs *pairs, const struct conf *conf, struct arena *a)
{
	struct interface_names names = names_for_fields(conf);
	const char *filter = pairs_value(pairs, "filter"), *first = NULL, *term;
	bool right = wrong_find(f, "filter") == NULL;
	struct err e;

	for (const struct filter_field *field = filter_fields_typed; field->name != NULL; field++) {
		const char *value = pairs_value(pairs, field->name);

		if (value == NULL)
			continue;
		if (filter_field_term(field, value, &names, a, &term, &e) == -1) {
			f->wrong[f->nwrong++] = (struct wrong){ .name = field->name, .value = value, .error = e };
			right = false;
		} else if (term != NULL && right) {
			filter = filter_and(filter, term, a);
			first = first != NULL ? first : field->name;
		}
	}
	if (right && first != NULL) {
		fields_drop(pairs, "filter");
		for (size_t i = 0; i < pairs->n; i++)
			if (strcmp(pairs->pair[i].name, first) == 0)
				pairs->pair[i] = (struct pair){ .name = "filter", .value = filter };
	}
	if (right)
		for (const struct filter_field *field = filter_fields_typed; field->name != NULL; field++)
			fields_drop(pairs, field->name);
	else
		keep_fields(f, pairs);
}

/* One time is worth nothing without the other; the other is kept for being shown. */
static void
take_times(struct form *f, struct pairs *pairs)
{
	static const char *const other[][2] = { { "from", "to" }, { "to", "from" } };
	struct err none = { 0 };

	for (int i = 0; i < 2; i++) {
		const char *value = pairs_value(pairs, other[i][1]);

		if (wrong_find(f, other[i][0]) == NULL || value == NULL)
			continue;
		f->wrong[f->nwrong++] = (struct wrong){ .name = other[i][1], .value = value, .error = none };
		fields_drop(pairs, other[i][1]);
	}
	/* Without a window its match has none. */
	if (wrong_find(f, "from") != NULL)
		fields_drop(pairs, "match");
}

/* What only shows when all is put together: a filter of rows that asks for what they have not. */
static int
read_query(struct form *f, struct query *q, struct pairs *pairs, struct err *e)
{
	if (query_from_pairs(q, pairs, e) == 0)
		return 0;
	if (q->post == NULL || strncmp(e->text, "post: ", 6) != 0)
		return -1;
	f->wrong[f->nwrong++] = (struct wrong){ .name = "post", .value = q->post, .error = *e };
	q->post = NULL;
	return query_check(q, e);
}

/*
 * Other times are to be shown: the graph goes to where they are, and no query
 * runs that has not run before.
 */
static void
only_show(struct pairs *pairs, bool ran, bool *list)
{
	static const char *const query[] = { "by", "keys", "aggregate", "bidirectional", "order", "top", "limit",
	    "packets", "bytes", "post", "series", "book", "count" };

	fields_drop(pairs, "end");
	if (ran)
		return;
	for (size_t i = 0; i < sizeof(query) / sizeof(query[0]); i++)
		fields_drop(pairs, query[i]);
	*list = false;
}

int
form_read(struct form *f, struct view *v, struct pairs *pairs, struct err *e)
{
	bool list = false, ran;

	memset(f, 0, sizeof(*f));
	f->go = pairs_take(pairs, "go");
	f->pick = pairs_take(pairs, "pick");
	if (f->go != NULL && strcmp(f->go, "show") != 0 && strcmp(f->go, "run") != 0 &&
	    strcmp(f->go, "peak") != 0)
		return err_set(e, ERR_INPUT, "go: \"%.40s\" is none of show, run, peak", f->go);
	ran = pairs_take(pairs, "ran") != NULL || !fields_have(pairs, "mode");
	if (fields_to_params(pairs, &list, v->rq->arena, e) != 0)
		return -1;
	if (f->go != NULL && strcmp(f->go, "show") == 0)
		only_show(pairs, ran, &list);
	take_wrong(f, pairs, v->rq->arena);
	take_fields(f, pairs, v->rq->site->conf, v->rq->arena);
	take_times(f, pairs);
	if (view_from_pairs(v, pairs, VIEW_DETAILS, e) != 0 || read_query(f, v->query, pairs, e) != 0 ||
	    pairs_done(pairs, e) != 0)
		return -1;
	if (list)
		v->list = 1;
	return 0;
}

const struct err *
form_error(const struct form *f)
{
	for (size_t i = 0; i < f->nwrong; i++)
		if (f->wrong[i].error.text[0] != '\0')
			return &f->wrong[i].error;
	return NULL;
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
	int64_t from = middle - PEAK_HOURS * 3600, to = middle + PEAK_HOURS * 3600;
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
	if ((f->go == NULL && f->pick == NULL) || f->nwrong > 0)
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
	button(list, "peak", arena_printf(v->rq->arena, "Go to the highest slot shown, %d hours away at most", PEAK_HOURS), "▲",
	    arena_printf(v->rq->arena, "%s&go=peak", view_href(v, "", VIEW_DETAILS)));
	button(list, "next", len > v->rq->site->conf->slot ? "Next window" : "Next slot", "›",
	    last ? NULL : window_href(v, w->from + len, w->to + len, v->end));
	button(list, "forward", arena_printf(v->rq->arena, "Forward %s", ranges[v->range].title), "»",
	    !ahead ? NULL : window_href(v, w->from + range, w->to + range, v->end + range));
	button(list, "end", "Newest slot", "⇥", window_href(v, newest - len, newest, newest));
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
			model_option(list, text, text, true);
			found = true;
		}
		snprintf(text, sizeof(text), "%u", numbers[i]);
		model_option(list, text, text, numbers[i] == chosen);
		found |= numbers[i] == chosen;
	}
}

static enum mode
form_mode(const struct view *v)
{
	const struct query *q = v->query;

	if (q->bucket != 0)
		return MODE_SERIES;
	if (q->nstats > 0)
		return MODE_TOP;
	if (q->nkeys > 0 || q->aggregate || q->bidir != BIDIR_NO)
		return MODE_GROUP;
	return v->list ? MODE_LIST : MODE_TOP;
}

/* The parameters of an address as hidden fields, without those that the form asks for itself. */
static void
hidden_fields(const struct view *v, const char *const *asked, json_t *form)
{
	const char *href = view_href(v, "", VIEW_DETAILS);
	json_t *list = model_list(form, "hidden");
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

/* nfdump's -t, which the form has no field for, as a term that can be taken out. */
static void
time_model(const struct view *v, json_t *chip)
{
	struct view copy = *v;
	struct query q = *v->query;

	q.time_text = NULL;
	copy.query = &q;
	model_textf(chip, "term", "-t %s", v->query->time_text);
	model_text(chip, "without", view_href(&copy, "", VIEW_DETAILS));
}

void
form_terms(const struct view *v, json_t *form)
{
	const char *filter = v->query->filter, **terms;
	struct arena *a = v->rq->arena;
	json_t *object, *chips;
	struct err e;
	size_t n;

	if (filter_terms(filter, a, &terms, &n, &e) == -1 || (n == 0 && v->query->time_text == NULL)) {
		json_object_set_new(form, "terms", json_null());
		return;
	}
	object = model_object(form, "terms");
	chips = model_list(object, "chips");
	if (v->query->time_text != NULL)
		time_model(v, model_item(chips));
	for (size_t i = 0; i < n; i++) {
		json_t *chip = model_item(chips);

		model_text(chip, "term", terms[i]);
		model_text(chip, "without", view_filter_href(v, filter_without(filter, i, a)));
	}
	model_text(object, "none", n > 1 ? view_filter_href(v, NULL) : NULL);
}

/* What was typed, or else what the query has. */
static void
typed_model(const struct form *f, json_t *form, const char *name, const char *value)
{
	const struct wrong *w = wrong_find(f, name);

	model_text(form, name, w != NULL ? w->value : value);
}

static void
wrong_model(const struct form *f, json_t *form)
{
	json_t *list = model_list(form, "errors"), *wrong = model_object(form, "wrong");

	for (size_t i = 0; i < f->nwrong; i++) {
		const struct wrong *w = &f->wrong[i];

		if (w->error.text[0] == '\0')
			continue;
		model_text(wrong, w->name, w->error.text);
		/* Those of times stand beside the times. */
		if (strcmp(w->name, "from") != 0 && strcmp(w->name, "to") != 0)
			model_text(model_item(list), "text", w->error.text);
	}
}

/* "more" or "less", and how much. */
static void
limit_model(const struct form *f, json_t *form, const char *name, const struct amount_limit *limit)
{
	char text[24], than[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)limit->n);
	snprintf(than, sizeof(than), "%s_less", name);
	typed_model(f, form, name, limit->given ? text : NULL);
	model_flag(form, than, limit->below);
}

static bool
more_is_wrong(const struct form *f)
{
	static const char *const names[] = { "packets", "bytes", "post", "sampling", "output" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (wrong_find(f, names[i]) != NULL)
			return true;
	return false;
}

/* Limits of rows, sampling and output, which stand folded away unless one is set. */
static void
more_model(const struct form *f, const struct query *q, json_t *form)
{
	json_t *bidir;
	char text[24];

	limit_model(f, form, "packets", &q->packets_limit);
	limit_model(f, form, "bytes", &q->bytes_limit);
	typed_model(f, form, "post", q->post);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)q->sampling);
	typed_model(f, form, "sampling", q->sampling > 1 ? text : NULL);
	menu_outputs(q, form);
	if (wrong_find(f, "output") != NULL)
		model_text(form, "format", wrong_find(f, "output")->value);
	model_flag(form, "ipv6", q->long_ipv6);
	bidir = model_object(form, "bidir");
	model_flag(bidir, "first", q->bidir == BIDIR_FIRST);
	model_flag(bidir, "guess", q->bidir == BIDIR_GUESS);
	model_flag(form, "more", q->packets_limit.given || q->bytes_limit.given || q->post != NULL ||
	    q->sampling > 1 || q->output != NULL || q->long_ipv6 || more_is_wrong(f));
}

/* The fields, of which those are filled in that could not become a filter. */
static void
fields_model(const struct form *f, json_t *form)
{
	json_t *list = model_list(form, "fields");
	bool open = false;

	for (const struct filter_field *field = filter_fields_typed; field->name != NULL; field++) {
		const struct wrong *w = wrong_find(f, field->name);
		json_t *item = model_item(list);

		model_text(item, "name", field->name);
		model_text(item, "title", field->title);
		model_text(item, "example", field->example);
		model_text(item, "value", w != NULL ? w->value : NULL);
		model_flag(item, "wrong", w != NULL && w->error.text[0] != '\0');
		open |= w != NULL;
	}
	model_flag(form, "fields_open", open);
}

static void
times_model(const struct form *f, const struct view *v, json_t *model)
{
	json_t *times = model_object(model, "times"), *list = model_list(times, "matches");
	const struct query *q = v->query;
	char when[WHEN_STRLEN];

	typed_model(f, times, "from", when_typed(q->window.from, when));
	typed_model(f, times, "to", when_typed(q->window.to, when));
	for (enum match m = 0; m < MATCHES; m++)
		model_option(list, m == MATCH_FILES ? "" : matches[m].name, matches[m].title, m == q->match);
}

void
form_model(const struct form *f, const struct view *v, json_t *model)
{
	static const unsigned tops[] = { 10, 20, 50, 100, 200, 500, 1000 };
	static const unsigned limits[] = { 20, 50, 100, 200, 500, 1000 };
	static const char *const asked[] = { "filter", "by", "keys", "aggregate", "bidirectional", "order",
	    "top", "limit", "list", "packets", "bytes", "post", "sampling", "output", "ipv6", "from", "to", "match",
	    "end", "series", "book", "count", NULL };
	json_t *form = model_object(model, "form"), *list = model_list(form, "modes");
	const struct query *q = v->query;
	uint64_t top = q->top == TOP_DEFAULT || q->top == 0 ? 0 : q->top;
	enum mode mode = form_mode(v);

	for (enum mode m = 0; m < MODES; m++)
		model_option(list, modes[m].name, modes[m].title, m == mode);
	menu_statistics(q, form);
	menu_orders(q, form);
	menu_keys(q, form);
	number_options(form, "tops", tops, sizeof(tops) / sizeof(tops[0]), top == 0 ? 10 : top);
	number_options(form, "limits", limits, sizeof(limits) / sizeof(limits[0]),
	    q->limit != 0 ? q->limit : mode == MODE_LIST && top != 0 ? top : 20);
	timeline_menus(q, q->bucket != 0 ? q->bucket : bucket_for(q->window.to - q->window.from, BUCKETS), form);
	typed_model(f, form, "filter", q->filter);
	fields_model(f, form);
	more_model(f, q, form);
	form_terms(v, form);
	wrong_model(f, form);
	times_model(f, v, model);
	hidden_fields(v, asked, form);
	model_flag(form, "ran", view_runs(v));
}
