#include <string.h>

#include "link.h"

static const char *
finish(const struct request *rq, struct strbuf *url)
{
	const char *href = arena_strdup(rq->arena, strbuf_text(url));

	strbuf_free(url);
	return href;
}

const char *
explain_href(const struct request *rq, const char *source, int64_t start)
{
	struct strbuf url = { 0 };
	char when[WHEN_STRLEN];

	strbuf_addf(&url, "%s/explain?", rq->base);
	if (source != NULL)
		url_add(&url, "source", source);
	url_add(&url, "at", when_iso(start, when));
	return finish(rq, &url);
}

const char *
explain_window_href(const struct request *rq, const char *source, const struct window *w)
{
	struct strbuf url = { 0 };
	char when[WHEN_STRLEN];

	strbuf_addf(&url, "%s/explain?", rq->base);
	if (source != NULL)
		url_add(&url, "source", source);
	url_add(&url, "from", when_iso(w->from, when));
	url_add(&url, "to", when_iso(w->to, when));
	return finish(rq, &url);
}

const char *
host_href(const struct request *rq, const char *host)
{
	struct strbuf url = { 0 };

	strbuf_addf(&url, "%s/host/", rq->base);
	strbuf_add_url(&url, host);
	return finish(rq, &url);
}

const char *
whois_href(const struct request *rq, const char *ip)
{
	struct strbuf url = { 0 };

	strbuf_addf(&url, "%s/whois?", rq->base);
	url_add(&url, "ip", ip);
	return finish(rq, &url);
}

/* The graph that goes with an order. */
static const char *
graph_of(const char *order)
{
	return order == NULL ? "flows" : strcmp(order, "bytes") == 0 ? "traffic" :
	    strcmp(order, "packets") == 0 ? "packets" : "flows";
}

const char *
flows_href(const struct request *rq, const struct flows_link *l)
{
	struct strbuf url = { 0 };
	char when[WHEN_STRLEN];

	strbuf_addf(&url, "%s/details?", rq->base);
	url_add(&url, "from", when_iso(l->window.from, when));
	url_add(&url, "to", when_iso(l->window.to, when));
	if (l->source != NULL)
		url_add(&url, "source", l->source);
	url_add(&url, l->name, l->value);
	if (l->order != NULL)
		url_add(&url, "order", l->order);
	if (strcmp(l->name, "list") != 0)
		url_add(&url, "top", "10");
	if (l->filter != NULL)
		url_add(&url, "filter", l->filter);
	url_add(&url, "type", graph_of(l->order));
	strbuf_adds(&url, "#flows");
	return finish(rq, &url);
}

const char *
query_href(const struct request *rq, const struct query *q)
{
	struct strbuf url = { 0 };

	strbuf_addf(&url, "%s/details?", rq->base);
	query_to_url(q, &url);
	strbuf_adds(&url, "#flows");
	return finish(rq, &url);
}
