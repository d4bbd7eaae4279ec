#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "link.h"
#include "model.h"
#include "route.h"
#include "whois.h"

#define KEEP_SECONDS	86400

static json_t *
ask_now(const struct request *rq, const struct addr *addr, bool *whole)
{
	struct whois_answer answers[WHOIS_ANSWERS];
	size_t n = whois_ask(rq->site->conf, addr, rq->arena, answers);
	json_t *list = json_array();

	*whole = n > 0;
	for (size_t i = 0; i < n; i++) {
		json_t *item = model_item(list);

		model_text(item, "server", answers[i].server);
		model_text(item, "text", *answers[i].text != '\0' ? answers[i].text : NULL);
		model_flag(item, "cut", answers[i].cut);
		model_text(item, "trouble", answers[i].trouble);
		*whole &= answers[i].trouble == NULL;
	}
	return list;
}

/* What was answered lately, or is now. */
static json_t *
answers_get(const struct request *rq, const char *ip, const struct addr *addr)
{
	const char *key = arena_printf(rq->arena, "whois %s %s", rq->site->conf->whois, ip);
	uint64_t day = (uint64_t)when_now() / KEEP_SECONDS;
	size_t size;
	const char *kept = cache_get(rq->site->cache, key, day, rq->arena, &size);
	json_t *list = kept != NULL ? json_loadb(kept, size, 0, NULL) : NULL;
	bool whole;
	char *text;

	if (list != NULL)
		return list;
	list = ask_now(rq, addr, &whole);
	if (whole && (text = json_dumps(list, JSON_COMPACT)) != NULL) {
		cache_put(rq->site->cache, key, day, text, strlen(text));
		free(text);
	}
	return list;
}

/* /whois?ip=…: asks the configured server; without one it is the line to ask with. */
int
page_whois(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const char *ip = pairs_take(pairs, "ip");
	char text[ADDR_STRLEN];
	struct addr addr;

	if (pairs_done(pairs, e) != 0)
		return -1;
	if (ip == NULL || addr_parse(ip, &addr) != 0)
		return err_set(e, ERR_INPUT, "ip: expected an address, not \"%.60s\"", ip != NULL ? ip : "");
	addr_print(&addr, text);
	rp->cache_control = "private, max-age=600";
	model_textf(model, "title", "Whois %s", text);
	model_text(model, "ip", text);
	model_text(model, "host", host_href(rq, text));
	model_textf(model, "command", "whois %s", text);
	model_text(model, "configured", rq->site->conf->whois);
	if (rq->site->conf->whois != NULL)
		json_object_set_new(model, "answers", answers_get(rq, text, &addr));
	return 0;
}
