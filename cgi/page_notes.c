/*
 * /notes: all notes on graphs, and where new ones are posted to.
 */
#include <string.h>

#include "access.h"
#include "keep.h"
#include "note.h"
#include "route.h"
#include "saved.h"

/* All that the user may see, the newest first. */
static int
notes_all(const struct request *rq, struct pairs *pairs, struct notes *notes, struct err *e)
{
	if (pairs_done(pairs, e) != 0)
		return -1;
	notes_read(rq, NULL, NULL, notes);
	for (size_t i = 0; i < notes->n / 2; i++) {
		struct note swap = notes->note[i];

		notes->note[i] = notes->note[notes->n - 1 - i];
		notes->note[notes->n - 1 - i] = swap;
	}
	return 0;
}

int
page_notes(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	json_t *object = model_object(model, "notes"), *list = model_list(object, "list");
	struct notes notes;

	if (notes_all(rq, pairs, &notes, e) != 0)
		return -1;
	model_text(model, "title", "Notes");
	for (size_t i = 0; i < notes.n; i++)
		note_model(rq, model_item(list), &notes.note[i]);
	model_flag(object, "more", notes.n >= NOTES_MAX);
	model_number(object, "most", NOTES_MAX);
	model_text(object, "page", keep_page(rq));
	model_text(object, "token", TOKEN_PLACE);
	rp->has_token = true;
	return 0;
}

int
notes_csv(const struct request *rq, struct pairs *pairs, struct reply *rp, struct err *e)
{
	struct notes notes;
	char when[WHEN_STRLEN];

	if (notes_all(rq, pairs, &notes, e) != 0)
		return -1;
	strbuf_adds(&rp->body, "number,from,to,source,text,by,made\n");
	for (size_t i = 0; i < notes.n; i++) {
		const struct note *n = &notes.note[i];

		strbuf_addf(&rp->body, "%lld,%s,", (long long)n->id, when_iso(n->from, when));
		strbuf_addf(&rp->body, "%s,", when_iso(n->to, when));
		strbuf_add_csv(&rp->body, n->source != NULL ? n->source : "");
		strbuf_addc(&rp->body, ',');
		strbuf_add_csv(&rp->body, n->text);
		strbuf_addc(&rp->body, ',');
		strbuf_add_csv(&rp->body, n->owner);
		strbuf_addf(&rp->body, ",%s\n", when_iso(n->made, when));
	}
	rp->type = "text/csv; charset=utf-8";
	rp->filename = "flowlight-notes.csv";
	return 0;
}

/* A time of the form; -1 names its field. */
static int
form_time(const char *value, const char *name, int64_t *sec, struct err *e)
{
	return when_parse(value, when_now(), sec, e) == 0 ? 0 : err_in(e, "%s", name);
}

static int
note_add(const struct request *rq, struct state *state, struct pairs *form, struct err *e)
{
	const char *from = pairs_take(form, "from"), *to = pairs_take(form, "to"), *text = pairs_take(form, "text");
	struct note n = { .text = text, .source = pairs_take(form, "source"), .owner = access_actor(rq).user };
	struct engine *engine = site_engine(rq->site, e);
	const struct source **sources;
	size_t nsources;

	if (engine == NULL || pairs_done(form, e) != 0)
		return -1;
	if (from == NULL || text == NULL)
		return err_set(e, ERR_INPUT, "%s: is missing", from == NULL ? "from" : "text");
	if (n.source != NULL && engine_sources(engine, n.source, rq->arena, &sources, &nsources, e) != 0)
		return -1;
	if (form_time(from, "from", &n.from, e) != 0 || form_time(to != NULL ? to : from, "to", &n.to, e) != 0)
		return -1;
	return state_note_add(state, &n, e);
}

int
post_notes(const struct request *rq, struct pairs *form, struct reply *rp, struct err *e)
{
	const char *what = pairs_take(form, "do"), *page = pairs_take(form, "page");
	struct state *state = site_state(rq->site, e);
	struct actor actor = access_actor(rq);
	int64_t id;

	if (state == NULL)
		return -1;
	if (page != NULL && (page = keep_url(rq, page)) == NULL)
		return err_set(e, ERR_INPUT, "page: must be one of these pages, starting with /");
	rp->location = arena_printf(rq->arena, "%s%s", rq->base, page != NULL ? page : "/notes");
	if (what != NULL && strcmp(what, "add") == 0)
		return note_add(rq, state, form, e);
	if (what == NULL || strcmp(what, "delete") != 0)
		return err_set(e, ERR_INPUT, "do: must be add or delete");
	return form_id(form, "id", &id, e) == 0 && pairs_done(form, e) == 0 ? state_note_delete(state, &actor, id, e) : -1;
}
