/*
 * /zone: the choice at the foot of each page, back to it in the zone that is chosen.
 */
#include <string.h>

#include "keep.h"
#include "route.h"
#include "zone.h"

/* The address without the zone that it has. */
static const char *
without_zone(const struct request *rq, const char *page)
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
		if (strcmp(pairs.pair[i].name, ZONE_PARAMETER) != 0)
			url_add(&url, pairs.pair[i].name, pairs.pair[i].value);
	if (url.s[url.len - 1] == '?')
		url.s[url.len - 1] = '\0';
	href = arena_strdup(rq->arena, strbuf_text(&url));
	strbuf_free(&url);
	return href;
}

int
page_zone(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const char *page = keep_url(rq, pairs_take(pairs, "of"));

	(void)model;
	if (page == NULL)
		return err_set(e, ERR_INPUT, "of: must be one of these pages, starting with /");
	if (pairs_done(pairs, e) != 0)
		return -1;
	rp->location = without_zone(rq, page);
	return 0;
}
