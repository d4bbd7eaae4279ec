#include "cache.h"
#include "host.h"
#include "model.h"
#include "route.h"

#include <string.h>

/* The picture of a host's thirty days: /presence?host=192.0.2.1&size=narrow&theme=dark. */
int
page_presence(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp,
    struct err *e)
{
	const char *host = pairs_take(pairs, "host"), *size = pairs_take(pairs, "size"),
	    *theme = pairs_take(pairs, "theme");
	bool narrow = size != NULL && strcmp(size, presence_sizes[PRESENCE_NARROW]) == 0;
	bool dark = theme != NULL && strcmp(theme, "dark") == 0;
	struct host_ask h;
	uint64_t hash;

	(void)model;
	if (host == NULL)
		return err_set(e, ERR_INPUT, "host: an address or a network is missing");
	if (host_ask(&h, rq, host, pairs, e) == -1 || pairs_done(pairs, e) == -1)
		return -1;
	presence_draw(&h.presence, narrow ? PRESENCE_NARROW : PRESENCE_WIDE, dark, &rp->body);
	hash = hash_add(HASH_START, rp->body.s, rp->body.len);
	rp->type = "image/svg+xml";
	rp->cache_control = "private, no-cache";
	if (!reply_unless_same(rq, rp, arena_printf(rq->arena, "\"%016llx\"", (unsigned long long)hash)))
		strbuf_reset(&rp->body);
	return 0;
}
