#include "keep.h"

#include <string.h>

#include "route.h"

#define ROWS_KEPT	100
#define CELLS_KEPT	16
#define TITLE_KEPT	80
#define DEPTH		12	/* of a model */

static void
keep_add(json_t *model, const char *kind, const char *title, const char *url)
{
	json_t *list = json_object_get(model, "keep"), *item;

	if (list == NULL)
		list = model_list(model, "keep");
	if (url == NULL || json_array_size(list) == KEEP_MAX)
		return;
	item = model_item(list);
	model_text(item, "kind", kind);
	model_text(item, "title", title);
	model_text(item, "url", url);
	model_number(item, "number", (int64_t)json_array_size(list));
}

void
keep_graph(json_t *model, const char *title, const char *url)
{
	keep_add(model, "graph", title, url);
}

void
keep_table(json_t *model, const char *title, const char *url)
{
	keep_add(model, "table", title, url);
}

const char *
keep_page(const struct request *rq)
{
	return *rq->query == '\0' ? rq->path : arena_printf(rq->arena, "%s?%s", rq->path, rq->query);
}

const char *
keep_quoted(const struct request *rq)
{
	struct strbuf sb = { 0 };
	const char *quoted;

	strbuf_add_url(&sb, keep_page(rq));
	quoted = arena_strdup(rq->arena, strbuf_text(&sb));
	strbuf_free(&sb);
	return quoted;
}

/* A picture's own words, or those of the page. */
static const char *
title_of(const json_t *o, const char *otherwise)
{
	const char *title = json_string_value(json_object_get(o, "title"));

	if (title == NULL)
		title = json_string_value(json_object_get(o, "alt"));
	return title != NULL && *title != '\0' && strlen(title) <= TITLE_KEPT ? title : otherwise;
}

static void
keep_found(json_t *model, json_t *part, const char *title, unsigned depth)
{
	const char *key, *url, *size = json_string_value(json_object_get(part, "kind"));
	json_t *value;
	size_t i;

	/* Of pictures that are there in two sizes the large one. */
	if (depth == 0 || (size != NULL && strcmp(size, "narrow") == 0))
		return;
	title = title_of(part, title);
	if ((url = json_string_value(json_object_get(part, "light"))) != NULL)
		keep_graph(model, title, url);
	if ((url = json_string_value(json_object_get(part, "csv"))) != NULL)
		keep_table(model, title, url);
	if (json_is_object(part))
		json_object_foreach(part, key, value)
			if (strcmp(key, "keep") != 0)
				keep_found(model, value, title, depth - 1);
	if (json_is_array(part))
		json_array_foreach(part, i, value)
			keep_found(model, value, title, depth - 1);
	json_array_foreach(json_object_get(part, "csvs"), i, value)
		keep_table(model, title_of(value, title), json_string_value(json_object_get(value, "href")));
}

/* A small picture has no room for its figures: kept, it is large. */
static const char *
keep_large(const struct request *rq, const char *url)
{
	if (url == NULL || (strstr(url, "size=thumb") == NULL && strstr(url, "size=mini") == NULL))
		return url;
	return keep_url(rq, keep_href(rq, url, "size", NULL));
}

void
keep_model(const struct request *rq, json_t *model)
{
	json_t *keeper, *item;
	size_t i;

	if (json_object_get(model, "keep") == NULL) {
		model_list(model, "keep");
		keep_found(model, model, title_of(model, "Page"), DEPTH);
	}
	keeper = model_object(model, "keeper");
	model_text(keeper, "page", keep_page(rq));
	json_array_foreach(json_object_get(model, "keep"), i, item)
		model_text(item, "url", keep_large(rq, keep_url(rq, json_string_value(json_object_get(item, "url")))));
}

const char *
keep_url(const struct request *rq, const char *url)
{
	size_t base = strlen(rq->base);

	if (url == NULL)
		return NULL;
	if (strncmp(url, rq->base, base) == 0 && url[base] == '/')
		url += base;
	return url[0] == '/' && url[1] != '/' ? url : NULL;
}

const char *
keep_href(const struct request *rq, const char *page, const char *name, const char *value)
{
	const char *query = strchr(page, '?'), *href;
	struct strbuf url = { 0 };
	struct pairs pairs = { 0 };
	struct err e;

	if (query == NULL || pairs_parse(query + 1, rq->arena, &pairs, &e) != 0)
		pairs.n = 0;
	strbuf_adds(&url, rq->base);
	strbuf_add(&url, page, strcspn(page, "?"));
	strbuf_addc(&url, '?');
	for (size_t i = 0; i < pairs.n; i++)
		if (strcmp(pairs.pair[i].name, name) != 0)
			url_add(&url, pairs.pair[i].name, pairs.pair[i].value);
	if (value != NULL)
		url_add(&url, name, value);
	if (url.s[url.len - 1] == '?')
		url.s[url.len - 1] = '\0';
	href = arena_strdup(rq->arena, strbuf_text(&url));
	strbuf_free(&url);
	return href;
}

const char *
keep_newest(const char *url, struct arena *a)
{
	static const char *const times[] = { "from=", "to=", "from2=", "to2=", "end=", "at=", "t=" };
	struct strbuf sb = { 0 };
	const char *p = url + strcspn(url, "?"), *kept;

	strbuf_add(&sb, url, (size_t)(p - url));
	for (bool first = true; *p != '\0'; ) {
		size_t n = strcspn(++p, "&");
		bool is_time = false;

		for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
			is_time |= strncmp(p, times[i], strlen(times[i])) == 0;
		if (n > 0 && !is_time) {
			strbuf_addc(&sb, first ? '?' : '&');
			strbuf_add(&sb, p, n);
			first = false;
		}
		p += n;
	}
	kept = arena_strdup(a, strbuf_text(&sb));
	strbuf_free(&sb);
	return kept;
}

/* Asks one of our own pages; the caller frees the body. */
static int
ask(const struct request *rq, const char *url, struct reply *rp, struct err *e)
{
	struct request inner = *rq;
	size_t n = strcspn(url, "?");

	if (keep_url(rq, url) == NULL)
		return err_set(e, ERR_INPUT, "url: must be one of these pages, starting with /");
	memset(rp, 0, sizeof(*rp));
	rp->status = 200;
	rp->type = "text/html; charset=utf-8";
	inner.listener = NULL;	/* its queries are told of as those of the page */
	inner.method = "GET";
	inner.body = inner.etag = NULL;
	inner.path = arena_strndup(rq->arena, url, n);
	inner.query = url[n] == '?' ? url + n + 1 : "";
	route(&inner, rp);
	return rp->status == 200 ? 0 : err_set(e, rp->status < 500 ? ERR_INPUT : ERR_LIMIT,
	    "url: the page answers with status %d", rp->status);
}

int
keep_picture(const struct request *rq, const char *url, struct strbuf *bytes, struct err *e)
{
	struct reply rp;
	int rc = ask(rq, url, &rp, e);

	if (rc == 0 && strcmp(rp.type, "image/png") != 0)
		rc = err_set(e, ERR_INPUT, "url: is no picture");
	if (rc == 0)
		strbuf_add(bytes, rp.body.s, rp.body.len);
	strbuf_free(&rp.body);
	return rc;
}

/* ---- tables ---- */

static json_t *
rows_new(void)
{
	json_t *table = json_object();

	model_list(table, "columns");
	model_list(table, "numbers");
	model_list(table, "rows");
	model_flag(table, "more", false);
	return table;
}

static bool
is_table(const json_t *o)
{
	return json_is_array(json_object_get(o, "columns")) && json_is_array(json_object_get(o, "rows"));
}

/* The first of a page's tables, that is: an answer; else whatever has columns and rows. */
static const json_t *
table_find(const json_t *model, bool answer, unsigned depth)
{
	const json_t *value, *found = NULL;
	const char *key;
	size_t i;

	if (depth == 0)
		return NULL;
	found = answer ? json_array_get(json_object_get(model, "tables"), 0) : model;
	if (is_table(found))
		return found;
	if (json_is_object(model))
		json_object_foreach((json_t *)(uintptr_t)model, key, value)
			if ((found = table_find(value, answer, depth - 1)) != NULL)
				return found;
	if (json_is_array(model))
		json_array_foreach(model, i, value)
			if ((found = table_find(value, answer, depth - 1)) != NULL)
				return found;
	return NULL;
}

static json_t *
rows_of_model(const json_t *table)
{
	json_t *out = rows_new(), *column, *row, *cell, *value;
	size_t i, k;

	json_array_foreach(json_object_get(table, "columns"), i, column) {
		if (i == CELLS_KEPT)
			break;
		value = json_object_get(column, "title");
		json_array_append(json_object_get(out, "columns"), value != NULL ? value : json_object_get(column, "name"));
		json_array_append_new(json_object_get(out, "numbers"),
		    json_boolean(json_is_true(json_object_get(column, "number"))));
	}
	json_array_foreach(json_object_get(table, "rows"), i, row) {
		json_t *cells = json_array();

		if (i < ROWS_KEPT)
			json_array_append(json_object_get(out, "rows"), cells);
		json_array_foreach(json_object_get(row, "cells"), k, cell)
			if (k < CELLS_KEPT)
				json_array_append(cells, json_object_get(cell, "text"));
		json_decref(cells);
	}
	model_flag(out, "more", i > ROWS_KEPT || json_is_true(json_object_get(table, "more")));
	return out;
}

/* A cell of CSV; *p goes behind it, and to the line's end at the last. */
static json_t *
csv_cell(const char **p)
{
	struct strbuf sb = { 0 };
	bool quoted = **p == '"';
	json_t *cell;

	if (quoted)
		(*p)++;
	for (; **p != '\0' && (quoted || (**p != ',' && **p != '\n')); (*p)++) {
		if (quoted && **p == '"' && *++*p != '"')
			quoted = false;
		if (quoted || (**p != ',' && **p != '\n' && **p != '\0'))
			strbuf_addc(&sb, **p);
		else
			break;
	}
	cell = json_string(strbuf_text(&sb));
	strbuf_free(&sb);
	if (**p == ',')
		(*p)++;
	return cell != NULL ? cell : json_string("");
}

static bool
is_number(const char *s)
{
	return *s != '\0' && s[strspn(s, "0123456789.-")] == '\0';
}

/* The first table of a CSV, until an empty line. */
static json_t *
rows_of_csv(const char *p)
{
	json_t *out = rows_new();

	for (size_t line = 0; *p != '\0' && *p != '\n'; line++) {
		json_t *cells = line == 0 ? json_object_get(out, "columns") : json_array();

		while (*p != '\n' && *p != '\0') {
			json_t *cell = csv_cell(&p);

			if (json_array_size(cells) < CELLS_KEPT)
				json_array_append(cells, cell);
			if (line == 1 && json_array_size(cells) <= CELLS_KEPT)
				json_array_append_new(json_object_get(out, "numbers"),
				    json_boolean(is_number(json_string_value(cell))));
			json_decref(cell);
		}
		if (line > 0 && line <= ROWS_KEPT)
			json_array_append(json_object_get(out, "rows"), cells);
		if (line > ROWS_KEPT)
			model_flag(out, "more", true);
		if (line > 0)
			json_decref(cells);
		p += *p == '\n';
	}
	return out;
}

json_t *
keep_rows(const struct request *rq, const char *url, struct err *e)
{
	struct reply rp;
	json_t *rows = NULL, *model;
	const json_t *table;

	if (ask(rq, url, &rp, e) == 0) {
		strbuf_addc(&rp.body, '\0');
		model = strcmp(rp.type, "application/json") == 0 ? json_loads(rp.body.s, 0, NULL) : NULL;
		table = table_find(model, true, DEPTH);
		if (table == NULL)
			table = table_find(model, false, DEPTH);
		if (table != NULL)
			rows = rows_of_model(table);
		else if (strncmp(rp.type, "text/csv", strlen("text/csv")) == 0)
			rows = rows_of_csv(rp.body.s);
		else
			err_set(e, ERR_INPUT, "url: holds no table");
		json_decref(model);
	}
	strbuf_free(&rp.body);
	return rows;
}
