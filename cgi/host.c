#include <string.h>

#include "host.h"
#include "link.h"

#define HOUR	3600
#define DAY	86400

const struct host_range host_ranges[] = {
	{ "1d", "1 day", DAY },
	{ "1w", "1 week", 7 * DAY },
	{ "30d", "30 days", 30 * DAY },
	{ NULL, NULL, 0 }
};

/* People paste addresses with what stood around them. */
static const char *
trimmed(const char *text, struct arena *a)
{
	size_t n;

	text += strspn(text, " \t[");
	n = strcspn(text, " \t]");
	return arena_strndup(a, text, n);
}

static int
take_host(struct host_ask *h, const char *text, struct err *e)
{
	struct arena *a = h->rq->arena;
	char name[ADDR_STRLEN + 4];

	if (prefix_parse(trimmed(text, a), &h->prefix) == -1)
		return err_set(e, ERR_INPUT, "\"%.64s\" is no address and no network", text);
	if (h->prefix.bits == 128)
		addr_print(&h->prefix.addr, name);
	else
		prefix_print(&h->prefix, name);
	h->name = arena_strdup(a, name);
	h->filter = arena_printf(a, "%s %s", h->prefix.bits == 128 ? "ip" : "net", name);
	return 0;
}

static int
take_word(struct pairs *pairs, const char *name, const char *(*word)(unsigned), unsigned *to, struct err *e)
{
	const char *value = pairs_take(pairs, name);

	if (value == NULL)
		return 0;
	for (*to = 0; word(*to) != NULL; (*to)++)
		if (strcmp(word(*to), value) == 0)
			return 0;
	return err_set(e, ERR_INPUT, "%s: \"%.40s\" is not known", name, value);
}

static const char *
range_word(unsigned i)
{
	return host_ranges[i].name;
}

static const char *
metric_word(unsigned i)
{
	return i < METRICS ? metrics[i].name : NULL;
}

int
host_ask(struct host_ask *h, const struct request *rq, const char *text, struct pairs *pairs, struct err *e)
{
	unsigned slot = rq->site->conf->slot;
	struct window w;
	int64_t oldest;
	const char *end;

	memset(h, 0, sizeof(*h));
	h->rq = rq;
	h->metric = METRIC_FLOWS;
	h->sources = pairs_take(pairs, "source");
	if (take_host(h, text, e) == -1 || take_word(pairs, "range", range_word, &h->range, e) == -1 ||
	    take_word(pairs, "type", metric_word, &h->metric, e) == -1)
		return -1;
	if ((end = pairs_take(pairs, "end")) != NULL && when_parse(end, when_now(), &h->end, e) == -1)
		return err_in(e, "end");
	if ((h->engine = site_engine(rq->site, e)) == NULL)
		return -1;
	if (engine_extent(h->engine, h->sources, &oldest, &h->newest, e) == -1) {
		if (e->kind == ERR_ABSENT)
			e->kind = ERR_INPUT;
		return -1;
	}
	/* Thirty days up to the newest data, or up to what is asked for where that is older. */
	w = presence_window(h->newest != 0 ? h->newest : when_now());
	if (h->end != 0 && h->end <= w.from)
		w = presence_window(h->end - 1);
	if (engine_host(h->engine, &h->prefix, h->sources, &w, NULL, rq->arena, &h->known, e) == -1)
		return -1;
	presence_make(&h->presence, &h->known, slot, rq->arena);
	return 0;
}

struct window
host_window(const struct host_ask *h)
{
	int64_t slot = h->rq->site->conf->slot, to = h->end;

	if (to == 0)
		to = h->newest != 0 ? h->newest + slot : when_now();
	/* Seen, but not lately: what was last. */
	if (h->end == 0 && h->known.last != 0 && h->known.last < to - host_ranges[h->range].seconds)
		to = h->known.last + HOUR;
	to += (slot - to % slot) % slot;
	return (struct window){ to - host_ranges[h->range].seconds, to };
}

const char *
host_link(const struct host_ask *h, const char *path, const char *suffix, const char *more)
{
	struct strbuf url = { 0 };
	char when[WHEN_STRLEN];
	const char *href;

	strbuf_addf(&url, "%s%s", h->rq->base, path);
	if (path[strlen(path) - 1] == '/')
		strbuf_add_url(&url, h->name);
	strbuf_addf(&url, "%s?", suffix);
	if (path[strlen(path) - 1] != '/')
		url_add(&url, "host", h->name);
	if (h->sources != NULL)
		url_add(&url, "source", h->sources);
	if (h->range != 0)
		url_add(&url, "range", host_ranges[h->range].name);
	if (h->metric != METRIC_FLOWS)
		url_add(&url, "type", metrics[h->metric].name);
	if (h->end != 0)
		url_add(&url, "end", when_iso(h->end, when));
	if (*more != '\0' && url.s[url.len - 1] == '?')
		more++;
	strbuf_adds(&url, more);
	if (url.s[url.len - 1] == '?')
		url.s[--url.len] = '\0';
	href = arena_strdup(h->rq->arena, strbuf_text(&url));
	strbuf_free(&url);
	return href;
}
