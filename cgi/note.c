#include "note.h"

#include <string.h>

#include "access.h"
#include "cache.h"
#include "draw.h"
#include "keep.h"
#include "saved.h"

#define DEPTH		8	/* of a model */
#define FLAG_ROWS	3	/* numbers of neighbours stand below one another */
#define FLAG_HEIGHT	14
#define FLAG_DIGIT	6.2	/* the width of one */
#define FLAG_EDGE	7

/* Of the lines, in light and dark, fainter in small pictures; that of numbers is in style.css. */
static const char *const colours[2][2] = { { "#8a4fbfcc", "#c79bf2cc" }, { "#8a4fbf66", "#c79bf266" } };

void
notes_read(const struct request *rq, const struct window *w, const char *sources, struct notes *notes)
{
	struct state *state = site_state_there(rq->site);
	struct note *list;
	struct err e;
	size_t n;

	*notes = (struct notes){ 0 };
	if (state != NULL && state_notes(state, w, access_owner(rq), sources, rq->arena, &list, &n, &e) == 0)
		*notes = (struct notes){ .note = list, .n = n };
}

uint64_t
notes_version(const struct view *v, const struct window *w, uint64_t version)
{
	struct notes notes;

	notes_read(v->rq, w, v->query->sources, &notes);
	for (size_t i = 0; i < notes.n; i++) {
		version = hash_add(version, &notes.note[i].from, sizeof(notes.note[i].from));
		version = hash_add(version, &notes.note[i].to, sizeof(notes.note[i].to));
	}
	return version;
}

void
notes_draw(struct args *a, const struct view *v, const struct window *w)
{
	const char *colour = colours[!draw_sizes[v->size].figures][v->dark];
	struct notes notes;

	notes_read(v->rq, w, v->query->sources, &notes);
	for (size_t i = 0; i < notes.n; i++) {
		const struct note *n = &notes.note[i];

		if (n->from >= w->from)
			arg(a, "VRULE:%lld%s", (long long)n->from, colour);
		if (n->to != n->from && n->to < w->to)
			arg(a, "VRULE:%lld%s::dashes=3,3", (long long)n->to, colour);
	}
}

/* ---- the model of a page ---- */

/* What is found in the model. */
struct graphs {
	json_t *picture[16];
	size_t n;
	struct window window;		/* of all together */
};

static int64_t
number_of(const json_t *o, const char *key)
{
	return (int64_t)json_integer_value(json_object_get(o, key));
}

static void
graphs_find(json_t *part, struct graphs *g, unsigned depth)
{
	int64_t start, end;
	const char *key;
	json_t *value;
	size_t i;

	if (depth == 0 || g->n == sizeof(g->picture) / sizeof(g->picture[0]))
		return;
	if (json_is_array(part)) {
		json_array_foreach(part, i, value)
			graphs_find(value, g, depth - 1);
		return;
	}
	start = number_of(part, "graph_start");
	end = number_of(part, "graph_end");
	if (start < end) {
		g->window.from = g->n == 0 || start < g->window.from ? start : g->window.from;
		g->window.to = g->n == 0 || end > g->window.to ? end : g->window.to;
		g->picture[g->n++] = part;
	} else
		json_object_foreach(part, key, value)
			graphs_find(value, g, depth - 1);
}

/* A time's place in a picture, within its graph. */
static double
place_of(const json_t *picture, int64_t t)
{
	int64_t start = number_of(picture, "graph_start"), end = number_of(picture, "graph_end");

	t = t < start ? start : t > end ? end : t;
	return (double)number_of(picture, "graph_left") +
	    (double)(t - start) * (double)number_of(picture, "graph_width") / (double)(end - start);
}

/* A flag at the line's top, to its left where the picture ends to the right; over the whole of a window a veil. */
static void
flag_model(json_t *list, const json_t *picture, const struct note *n)
{
	size_t row = json_array_size(list) % FLAG_ROWS;
	int64_t top = number_of(picture, "graph_top");
	double x = place_of(picture, n->from), end = place_of(picture, n->to), width;
	json_t *flag = model_item(list);

	model_number(flag, "number", n->id);
	width = FLAG_EDGE;
	for (int64_t digits = n->id; digits > 0; digits /= 10)
		width += FLAG_DIGIT;
	model_textf(flag, "x", "%.1f", x);
	model_textf(flag, "width", "%.1f", end - x);
	model_number(flag, "top", top);
	model_number(flag, "height", number_of(picture, "graph_height"));
	model_textf(flag, "flag_width", "%.1f", width);
	if (x + width > (double)(number_of(picture, "graph_left") + number_of(picture, "graph_width")))
		x -= width;
	model_textf(flag, "flag_x", "%.1f", x);
	model_textf(flag, "text_x", "%.1f", x + width / 2);
	model_number(flag, "flag_y", top + (int64_t)row * FLAG_HEIGHT);
	model_number(flag, "text_y", top + (int64_t)row * FLAG_HEIGHT + FLAG_HEIGHT - 4);
}

static void
flags_model(json_t *picture, const struct notes *notes)
{
	json_t *list = model_list(picture, "flags");

	for (size_t i = 0; i < notes->n; i++)
		if (notes->note[i].from < number_of(picture, "graph_end") &&
		    notes->note[i].to >= number_of(picture, "graph_start"))
			flag_model(list, picture, &notes->note[i]);
}

void
note_model(const struct request *rq, json_t *item, const struct note *n)
{
	struct actor actor = access_actor(rq);
	struct strbuf href = { 0 };
	char when[WHEN_STRLEN];

	model_number(item, "number", n->id);
	model_text(item, "from", when_iso(n->from, when));
	model_text(item, "to", when_iso(n->to, when));
	model_moment(item, "from_text", n->from);
	if (n->to != n->from)
		model_moment(item, "to_text", n->to);
	else
		json_object_set_new(item, "to_text", json_null());
	model_text(item, "source", n->source);
	model_text(item, "text", n->text);
	model_text(item, "owner", *n->owner != '\0' ? n->owner : NULL);
	model_text(item, "made", when_text(n->made, when));
	model_flag(item, "may", rq->role->may >= RIGHT_ANALYSE && (actor.all || strcmp(n->owner, actor.user) == 0));
	strbuf_addf(&href, "%s/details?", rq->base);
	url_add(&href, "from", when_iso(n->from, when));
	url_add(&href, "to", when_iso(n->to != n->from ? n->to : n->from + 1, when));
	if (n->source != NULL)
		url_add(&href, "source", n->source);
	model_text(item, "href", strbuf_text(&href));
	strbuf_free(&href);
}

/* The sources of this page's address. */
static const char *
sources_asked(const struct request *rq)
{
	struct pairs pairs;
	struct err e;

	return pairs_parse(rq->query, rq->arena, &pairs, &e) == 0 ? pairs_take(&pairs, "source") : NULL;
}

void
notes_of(json_t *model, const struct window *w)
{
	json_t *noted = model_object(model, "noted");

	model_number(noted, "start", w->from);
	model_number(noted, "end", w->to);
}

void
notes_model(const struct request *rq, json_t *model, struct reply *rp)
{
	const json_t *noted = json_object_get(model, "noted");
	struct graphs graphs = { 0 };
	struct notes notes;
	json_t *object, *list;

	if (noted != NULL)
		graphs.window = (struct window){ number_of(noted, "start"), number_of(noted, "end") };
	else
		graphs_find(model, &graphs, DEPTH);
	if (graphs.n == 0 && noted == NULL)
		return;
	notes_read(rq, &graphs.window, sources_asked(rq), &notes);
	for (size_t i = 0; i < graphs.n; i++)
		flags_model(graphs.picture[i], &notes);
	object = model_object(model, "notes");
	list = model_list(object, "list");
	for (size_t i = 0; i < notes.n; i++)
		note_model(rq, model_item(list), &notes.note[i]);
	model_flag(object, "some", notes.n > 0);
	if (rp == NULL || (noted != NULL && notes.n == 0))
		return;
	model_flag(object, "may_add", rq->role->may >= RIGHT_ANALYSE);
	model_text(object, "page", keep_page(rq));
	model_text(object, "token", TOKEN_PLACE);
	rp->has_token = true;
}
