/*
 * /board: a dashboard shows its pins as they are now, a notebook as they were
 * when they were pinned.  /pin: the picture of a notebook.  /export: a board as
 * one file that needs nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "follow.h"
#include "keep.h"
#include "route.h"
#include "saved.h"
#include "static.h"

static void
add_base64(struct strbuf *sb, const unsigned char *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (; n > 0; p += 3, n = n > 3 ? n - 3 : 0) {
		uint32_t v = (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);

		strbuf_addc(sb, digits[v >> 18]);
		strbuf_addc(sb, digits[v >> 12 & 63]);
		strbuf_addc(sb, n > 1 ? digits[v >> 6 & 63] : '=');
		strbuf_addc(sb, n > 2 ? digits[v & 63] : '=');
	}
}

/* A picture within the file itself. */
static void
inline_picture(json_t *item, const void *bytes, size_t n)
{
	struct strbuf sb = { 0 };

	strbuf_adds(&sb, "data:image/png;base64,");
	add_base64(&sb, bytes, n);
	model_text(item, "src", strbuf_text(&sb));
	strbuf_free(&sb);
}

static void
graph_model(const struct request *rq, json_t *item, const struct pin *p, bool whole)
{
	struct strbuf bytes = { 0 };
	struct err e;

	model_flag(item, "graph", true);
	if (!whole && p->body != NULL)
		model_textf(item, "src", "%s/pin?id=%lld", rq->base, (long long)p->id);
	else if (!whole) {
		model_textf(item, "src", "%s%s", rq->base, p->url);
		model_textf(item, "dark", "%s%s%ctheme=dark", rq->base, p->url, strchr(p->url, '?') != NULL ? '&' : '?');
	} else if (p->body != NULL)
		inline_picture(item, p->body, p->size);
	else if (keep_picture(rq, p->url, &bytes, &e) == 0)
		inline_picture(item, bytes.s, bytes.len);
	else
		model_text(item, "error", e.text);
	strbuf_free(&bytes);
}

/* Rows of text become cells that know whether they are numbers. */
static void
table_model(json_t *item, const json_t *rows)
{
	json_t *table = model_object(item, "table"), *columns = model_list(table, "columns"),
	    *list = model_list(table, "rows"), *numbers = json_object_get(rows, "numbers"), *row, *text;
	size_t i, k;

	json_array_foreach(json_object_get(rows, "columns"), k, text) {
		json_t *cell = model_item(columns);

		model_text(cell, "text", json_string_value(text));
		model_flag(cell, "number", json_is_true(json_array_get(numbers, k)));
	}
	json_array_foreach(json_object_get(rows, "rows"), i, row) {
		json_t *cells = model_list(model_item(list), "cells");

		json_array_foreach(row, k, text) {
			json_t *cell = model_item(cells);

			model_text(cell, "text", json_string_value(text));
			model_flag(cell, "number", json_is_true(json_array_get(numbers, k)));
		}
	}
	model_flag(table, "more", json_is_true(json_object_get(rows, "more")));
}

static void
rows_model(const struct request *rq, json_t *item, const struct pin *p)
{
	struct err e;
	json_t *rows = p->body != NULL ? json_loadb(p->body, p->size, 0, NULL) : keep_rows(rq, p->url, &e);

	if (rows != NULL)
		table_model(item, rows);
	else
		model_text(item, "error", p->body != NULL ? "what was kept cannot be read" : e.text);
	json_decref(rows);
}

static void
pin_model(const struct request *rq, json_t *item, const struct pin *p, bool whole)
{
	char when[WHEN_STRLEN];

	model_number(item, "id", p->id);
	model_text(item, "title", p->title);
	model_text(item, "made", when_text(p->made, when));
	model_text(item, "kind", pin_kinds[p->kind]);
	if (p->page != NULL && !whole)
		model_textf(item, "href", "%s%s", rq->base, p->page);
	if (p->kind == PIN_GRAPH)
		graph_model(rq, item, p, whole);
	else if (p->kind == PIN_TABLE)
		rows_model(rq, item, p);
	else
		model_text(item, "note", p->body != NULL ? p->body : "");
}

static int
board_model(const struct request *rq, struct pairs *pairs, json_t *model, bool whole, struct err *e)
{
	struct state *state;
	struct board b;
	struct pin *pins;
	json_t *list;
	int64_t id;
	size_t n;

	if (form_id(pairs, "id", &id, e) != 0 || pairs_done(pairs, e) != 0 || (state = site_state(rq->site, e)) == NULL ||
	    state_board(state, access_actor(rq).user, id, rq->arena, &b, e) != 0)
		return -1;
	if (!access_shares(rq, b.owner))
		return err_set(e, ERR_DENIED, "the role \"%s\" sees only boards of its own", rq->role->name);
	if (state_pins(state, access_actor(rq).user, id, rq->arena, &pins, &n, e) != 0)
		return -1;
	model_text(model, "title", b.name);
	board_item(rq, model_object(model, "board"), &b);
	list = model_list(model, "pins");
	for (size_t i = 0; i < n; i++) {
		json_t *item = model_item(list);

		pin_model(rq, item, &pins[i], whole);
		model_flag(item, "below", i > 0);
	}
	model_flag(model, "none", n == 0);
	return 0;
}

int
page_board(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	follow_model(rq, NULL, model);
	if (board_model(rq, pairs, model, false, e) != 0)
		return -1;
	if (json_is_true(json_object_get(json_object_get(model, "board"), "notebook")))
		json_object_del(model, "follow");
	else
		model_number(model, "refresh", rq->site->conf->slot);	/* for a screen on the wall */
	model_text(model, "token", TOKEN_PLACE);
	rp->has_token = true;
	return 0;
}

int
page_export(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	char when[WHEN_STRLEN];

	if (board_model(rq, pairs, model, true, e) != 0)
		return -1;
	model_text(model, "css", static_text(rq->site->files, "style.css"));
	model_text(model, "exported", when_text(when_now(), when));
	rp->filename = "flowlight-board.html";
	return 0;
}

int
page_pin(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	struct state *state;
	struct pin p;
	int64_t id;

	(void)model;
	if (form_id(pairs, "id", &id, e) != 0 || pairs_done(pairs, e) != 0 || (state = site_state(rq->site, e)) == NULL ||
	    state_pin(state, access_actor(rq).user, id, rq->arena, &p, e) != 0)
		return -1;
	if (!access_shares(rq, p.owner))
		return err_set(e, ERR_DENIED, "the role \"%s\" sees only boards of its own", rq->role->name);
	if (p.kind != PIN_GRAPH || p.body == NULL)
		return err_set(e, ERR_ABSENT, "pin %lld is no picture", (long long)id);
	rp->type = "image/png";
	strbuf_add(&rp->body, p.body, p.size);
	return 0;
}

/* ---- changes ---- */

/* The board that a form names: one that there is, or a new one. */
static int
board_of_form(const struct request *rq, struct state *state, struct pairs *form, struct board *b, struct err *e)
{
	const char *name = pairs_take(form, "name"), *kind = pairs_take(form, "kind");
	int64_t id;

	if (name != NULL) {
		struct board fresh = { .name = name, .owner = access_actor(rq).user,
		    .kind = kind != NULL && strcmp(kind, board_kinds[BOARD_NOTEBOOK]) == 0 ? BOARD_NOTEBOOK : BOARD_DASHBOARD };

		pairs_take(form, "board");
		if (state_board_add(state, &fresh, &id, e) != 0)
			return -1;
	} else if (form_id(form, "board", &id, e) != 0)
		return -1;
	return state_board(state, access_actor(rq).user, id, rq->arena, b, e);
}

/* "graph /graph?…": what to pin, as the form has it. */
static int
pin_what(const struct request *rq, const struct board *b, const char *what, struct pin *p, struct strbuf *body,
    struct err *e)
{
	bool graph = strncmp(what, "graph ", 6) == 0, table = strncmp(what, "table ", 6) == 0;
	json_t *rows;
	char *text;

	if ((!graph && !table) || keep_url(rq, what + 6) == NULL)
		return err_set(e, ERR_INPUT, "what: must be a graph or a table of one of these pages");
	p->kind = graph ? PIN_GRAPH : PIN_TABLE;
	p->url = what + 6;
	if (b->kind == BOARD_DASHBOARD)
		p->url = keep_newest(p->url, rq->arena);
	if (graph) {
		if (keep_picture(rq, p->url, body, e) != 0)
			return -1;
	} else {
		if ((rows = keep_rows(rq, p->url, e)) == NULL)
			return -1;
		text = json_dumps(rows, JSON_COMPACT);
		strbuf_adds(body, text != NULL ? text : "");
		free(text);
		json_decref(rows);
	}
	if (b->kind == BOARD_NOTEBOOK) {
		p->body = body->s;
		p->size = body->len;
	}
	return 0;
}

static int
pin_form(const struct request *rq, struct state *state, struct pairs *form, struct reply *rp, struct err *e)
{
	const char *what = pairs_take(form, "what"), *title = pairs_take(form, "title"), *note = pairs_take(form, "note");
	const char *page = pairs_take(form, "page");
	struct actor actor = access_actor(rq);
	struct pin p = { .kind = PIN_NOTE, .title = title, .page = page, .body = note, .size = note != NULL ? strlen(note) : 0 };
	struct strbuf body = { 0 };
	struct board b;
	int rc;

	if (title == NULL)
		return err_set(e, ERR_INPUT, "title: is missing");
	if (page != NULL && keep_url(rq, page) == NULL)
		return err_set(e, ERR_INPUT, "page: must be one of these pages, starting with /");
	if ((what == NULL) == (note == NULL))
		return err_set(e, ERR_INPUT, "what: a graph or a table, or else a note");
	if (board_of_form(rq, state, form, &b, e) != 0 || pairs_done(form, e) != 0)
		return -1;
	rc = what != NULL ? pin_what(rq, &b, what, &p, &body, e) : 0;
	if (rc == 0)
		rc = state_pin_add(state, &actor, b.id, &p, e);
	strbuf_free(&body);
	rp->location = arena_printf(rq->arena, "%s/board?id=%lld", rq->base, (long long)b.id);
	return rc;
}

/* What is done to a pin: its board is shown then. */
static int
change_pin(struct state *state, const struct actor *actor, const char *what, int64_t id, int64_t *board, struct err *e)
{
	return strcmp(what, "up") == 0 ? state_pin_up(state, actor, id, board, e) :
	    state_pin_delete(state, actor, id, board, e);
}

static int
change_board(struct state *state, const struct actor *actor, const char *what, int64_t id, struct err *e)
{
	if (strcmp(what, "delete") == 0)
		return state_board_delete(state, actor, id, e);
	if (strcmp(what, "share") == 0 || strcmp(what, "hide") == 0)
		return state_board_share(state, actor, id, *what == 's', e);
	return err_set(e, ERR_INPUT, "do: must be pin, up, unpin, share, hide or delete");
}

int
post_board(const struct request *rq, struct pairs *form, struct reply *rp, struct err *e)
{
	const char *what = pairs_take(form, "do");
	struct actor actor = access_actor(rq);
	struct state *state = site_state(rq->site, e);
	int64_t id, board = 0;

	if (state == NULL)
		return -1;
	if (what == NULL)
		return err_set(e, ERR_INPUT, "do: is missing");
	if (strcmp(what, "pin") == 0)
		return pin_form(rq, state, form, rp, e);
	if (form_id(form, "id", &id, e) != 0 || pairs_done(form, e) != 0)
		return -1;
	if (strcmp(what, "up") == 0 || strcmp(what, "unpin") == 0) {
		if (change_pin(state, &actor, what, id, &board, e) != 0)
			return -1;
	} else {
		board = strcmp(what, "delete") == 0 ? 0 : id;
		if (change_board(state, &actor, what, id, e) != 0)
			return -1;
	}
	rp->location = board != 0 ? arena_printf(rq->arena, "%s/board?id=%lld", rq->base, (long long)board) :
	    arena_printf(rq->arena, "%s/saved", rq->base);
	return 0;
}
