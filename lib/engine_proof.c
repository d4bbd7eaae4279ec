#include "engine_proof.h"

#include <string.h>

#include "engine_private.h"

/* How a dimension is asked for, and the list that tells most of a key's flows. */
static const struct {
	const char *by;			/* a statistic, or */
	const char *keys[2];		/* keys, of IPv4 and IPv6 */
	const char *other;		/* the other side */
} lists[TOP_DIMS] = {
	[TOP_SRCIP] = { "srcip", { NULL, NULL }, "dstport" },
	[TOP_DSTIP] = { "dstip", { NULL, NULL }, "srcip" },
	[TOP_IP] = { "ip", { NULL, NULL }, "dstport" },
	[TOP_SRCPORT] = { "srcport", { NULL, NULL }, "dstip" },
	[TOP_DSTPORT] = { "dstport", { NULL, NULL }, "srcip" },
	[TOP_PAIR] = { NULL, { "srcip,dstip", "srcip,dstip" }, "dstport" },
	[TOP_SERVICE] = { NULL, { "srcip,dstport", "srcip,dstport" }, "dstip" },
	[TOP_PROTO] = { "proto", { NULL, NULL }, "srcip" },
	[TOP_SRCAS] = { "srcas", { NULL, NULL }, "srcip" },
	[TOP_DSTAS] = { "dstas", { NULL, NULL }, "dstip" },
	[TOP_INIF] = { "inif", { NULL, NULL }, "srcip" },
	[TOP_OUTIF] = { "outif", { NULL, NULL }, "dstip" },
	[TOP_SRCNET] = { NULL, { "srcip4/24", "srcip6/64" }, "srcip" },
	[TOP_DSTNET] = { NULL, { "dstip4/24", "dstip6/64" }, "dstip" },
};

/* Asked as a URL asks it, so that all is checked the same way. */
static struct query *
ask(const struct engine *engine, const struct peak *p, const char *name, const char *value,
    enum top_metric metric, const char *filter, struct arena *a, struct err *e)
{
	struct query *q = query_new(a);
	struct strbuf url = { 0 };
	struct pairs pairs;
	char when[WHEN_STRLEN];
	int rc;

	url_add(&url, "from", when_iso(p->start, when));
	url_add(&url, "to", when_iso(p->start + engine->conf->slot, when));
	url_add(&url, "source", p->source->name);
	url_add(&url, name, value);
	url_add(&url, "order", top_metric_names[metric]);
	if (filter != NULL)
		url_add(&url, "filter", filter);
	rc = pairs_parse(strbuf_text(&url), a, &pairs, e) == 0 ? query_from_pairs(q, &pairs, e) : -1;
	strbuf_free(&url);
	q->top = PROOF_TOP;
	q->plain_numbers = true;
	return rc == 0 ? q : NULL;
}

struct query *
proof_list(const struct engine *engine, const struct peak *p, enum top_dim dim, enum top_metric metric,
    const uint8_t *key, struct arena *a, struct err *e)
{
	struct addr addr;

	memcpy(&addr, key, sizeof(addr));
	if (lists[dim].by != NULL)
		return ask(engine, p, "by", lists[dim].by, metric, NULL, a, e);
	return ask(engine, p, "keys", lists[dim].keys[addr_is_v4(&addr) ? 0 : 1], metric, NULL, a, e);
}

struct query *
proof_flows(const struct engine *engine, const struct peak *p, enum top_dim dim, enum top_metric metric,
    const char *filter, struct arena *a, struct err *e)
{
	return ask(engine, p, "by", lists[dim].other, metric, filter, a, e);
}

int
proof_print(struct engine *engine, const struct query *q, struct arena *a, struct proof *out, struct err *e)
{
	const struct source **sources;
	struct strbuf line = { 0 };
	struct slot *slots;
	size_t nsources, n;

	*out = (struct proof){ NULL, NULL, NULL };
	if (engine_masks(engine)) {
		out->why = "Your role sees networks instead of addresses, which no command line shows.";
		return 0;
	}
	if (engine_sources(engine, q->sources, a, &sources, &nsources, e) == -1 ||
	    index_slots(engine->index, &q->window, sources, nsources, a, &slots, &n, e) == -1)
		return -1;
	command_flowlight(q, engine->conf->path, &line);
	out->flowlight = arena_strdup(a, strbuf_text(&line));
	strbuf_reset(&line);
	if (command_nfdump(q, slots, n, &line, &out->why) == 0)
		out->nfdump = arena_strdup(a, strbuf_text(&line));
	strbuf_free(&line);
	return 0;
}
