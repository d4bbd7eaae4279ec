#include "zone.h"

#include <string.h>

#include "keep.h"

#define DEPTH	16	/* of a model */

const char *
zone_enter(const struct request *rq, int *rc, struct err *e)
{
	const char *borrowed = when_zone_borrowed(), *before = borrowed != NULL ? arena_strdup(rq->arena, borrowed) : NULL;
	struct pairs pairs;
	struct err ignored;	/* what is wrong with the rest is the page's matter */

	*rc = when_zone_borrow(pairs_parse(rq->query, rq->arena, &pairs, &ignored) == 0 ?
	    pairs_take(&pairs, ZONE_PARAMETER) : NULL, e);
	if (*rc != 0) {
		err_in(e, ZONE_PARAMETER);
		when_zone_borrow(NULL, &ignored);
	}
	return before;
}

void
zone_leave(const char *before)
{
	struct err ignored;

	when_zone_borrow(before, &ignored);
}

/* "zone=Asia%2FKolkata" */
static void
add_zone(struct strbuf *sb)
{
	strbuf_adds(sb, ZONE_PARAMETER "=");
	strbuf_add_url(sb, when_zone_borrowed());
}

/* Is it one of our pages, without a zone?  Static files have none. */
static bool
wants_zone(const struct request *rq, const char *href, size_t n)
{
	static const char files[] = "/static/";
	size_t base = strlen(rq->base), query;

	if (n > 0 && *href == '/') {
		if (n <= base || strncmp(href, rq->base, base) != 0 || href[base] != '/' || href[base + 1] == '/' ||
		    strncmp(href + base, files, strlen(files)) == 0)
			return false;
	} else if (n == 0 || *href != '?')
		return false;
	for (query = strcspn(href, "?"); query < n; query++)
		if ((href[query] == '?' || href[query] == '&' || href[query] == ';') &&
		    strncmp(href + query + 1, ZONE_PARAMETER "=", strlen(ZONE_PARAMETER "=")) == 0)
			return false;
	return true;
}

/*
 * The zone comes first: what a browser adds of a click, "?120,33", stands last.
 * Between parameters stands "and".
 */
static void
add_href(const struct request *rq, const char *href, size_t n, const char *and, struct strbuf *sb)
{
	size_t path = strcspn(href, "?#\"");

	if (!wants_zone(rq, href, n)) {
		strbuf_add(sb, href, n);
		return;
	}
	path = path < n ? path : n;
	strbuf_add(sb, href, path);
	strbuf_addc(sb, '?');
	add_zone(sb);
	if (path < n && href[path] == '?') {
		path++;
		if (path < n && href[path] != '#')
			strbuf_adds(sb, and);
	}
	strbuf_add(sb, href + path, n - path);
}

const char *
zone_href(const struct request *rq, const char *href)
{
	struct strbuf sb = { 0 };

	if (when_zone_borrowed() == NULL)
		return href;
	add_href(rq, href, strlen(href), "&", &sb);
	href = arena_strdup(rq->arena, strbuf_text(&sb));
	strbuf_free(&sb);
	return href;
}

/* "/graph?a, /graph?b 2x" */
static void
add_srcset(const struct request *rq, const char *set, size_t n, struct strbuf *sb)
{
	for (const char *end = set + n; set < end; ) {
		size_t blank = strspn(set, ", "), len;

		strbuf_add(sb, set, blank);
		set += blank;
		for (len = 0; set + len < end && set[len] != ' ' && (set[len] != ',' || set[len + 1] != ' '); len++)
			;
		if (len > 0)
			add_href(rq, set, len, "&amp;", sb);
		set += len;
	}
}

/* Behind the tag of a form that asks: what is in its address is not sent. */
static void
add_field(const char *tag, size_t n, struct strbuf *sb)
{
	if (memmem(tag, n, "method=\"get\"", strlen("method=\"get\"")) == NULL ||
	    memmem(tag, n, "class=\"zone\"", strlen("class=\"zone\"")) != NULL)
		return;
	strbuf_adds(sb, "<input type=\"hidden\" name=\"" ZONE_PARAMETER "\" value=\"");
	strbuf_add_html(sb, when_zone_borrowed());
	strbuf_adds(sb, "\">");
}

/* One tag, from its "<" on. */
static void
add_tag(const struct request *rq, const char *tag, size_t n, struct strbuf *sb)
{
	static const struct { const char *name; bool set; } attributes[] = {
		{ " href=\"", false }, { " src=\"", false }, { " action=\"", false }, { " srcset=\"", true },
	};
	size_t done = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0, name, len;

		if (tag[i] != ' ')
			continue;
		while (k < sizeof(attributes) / sizeof(attributes[0]) &&
		    strncmp(tag + i, attributes[k].name, strlen(attributes[k].name)) != 0)
			k++;
		if (k == sizeof(attributes) / sizeof(attributes[0]))
			continue;
		name = strlen(attributes[k].name);
		len = strcspn(tag + i + name, "\"");
		strbuf_add(sb, tag + done, i + name - done);
		if (attributes[k].set)
			add_srcset(rq, tag + i + name, len, sb);
		else
			add_href(rq, tag + i + name, len, "&amp;", sb);
		done = i += name + len;
	}
	strbuf_add(sb, tag + done, n - done);
}

void
zone_links(const struct request *rq, struct strbuf *html)
{
	const char *p, *next;
	struct strbuf sb = { 0 };

	if (when_zone_borrowed() == NULL)
		return;
	strbuf_addc(html, '\0');
	/* What people wrote has no "<" and no quotes: templates escape them. */
	for (p = html->s; (next = strchr(p, '<')) != NULL; p = next) {
		size_t n = strcspn(next, ">");

		strbuf_add(&sb, p, (size_t)(next - p));
		n += next[n] == '>';
		add_tag(rq, next, n, &sb);
		if (strncmp(next, "<form ", strlen("<form ")) == 0)
			add_field(next, n, &sb);
		next += n;
	}
	strbuf_adds(&sb, p);
	strbuf_reset(html);
	strbuf_add(html, sb.s, sb.len);
	strbuf_free(&sb);
}

/* Other texts may look like one: paths of files, what somebody saved. */
static bool
is_link(const char *key)
{
	static const char *const links[] = { "href", "a_href", "b_href", "flows_href", "json_href", "src", "light", "dark",
	    "pick", "csv", "json", "flows", "host", "explain", "details", "listed", "status", "only", "older",
	    "saved_filters" };

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (strcmp(links[i], key) == 0)
			return true;
	return false;
}

static void
add_json(const struct request *rq, json_t *part, unsigned depth)
{
	const char *key;
	json_t *value;
	void *next;
	size_t i;

	if (depth == 0)
		return;
	json_array_foreach(part, i, value)
		add_json(rq, value, depth - 1);
	json_object_foreach_safe(part, next, key, value) {
		if (json_is_string(value) && is_link(key))
			model_text(part, key, zone_href(rq, json_string_value(value)));
		else
			add_json(rq, value, depth - 1);
	}
}

void
zone_json(const struct request *rq, json_t *model)
{
	if (when_zone_borrowed() != NULL)
		add_json(rq, model, DEPTH);
}

void
zone_model(const struct request *rq, json_t *model)
{
	json_t *clock = model_object(model, "clock");

	model_text(clock, "zone", when_zone_name());
	model_text(clock, "of_site", when_zone_own_name());
	model_text(clock, "offer", strcmp(when_zone_own_name(), "UTC") != 0 ? when_zone_own_name() : NULL);
	model_text(clock, "page", keep_page(rq));
}
