/*
 * What a role lets its users see: of which sources, of which networks, and
 * whether whole addresses.
 */
#include "engine_private.h"

#include <stdlib.h>
#include <string.h>

#include "format/quirk.h"

/* "net 10.0.0.0/8 or net 2001:db8::/32" */
static struct filter *
networks_filter(const char *networks, struct arena *a, struct err *e)
{
	char *list = arena_strdup(a, networks), *network;
	struct strbuf text = { 0 };
	struct filter *filter;

	while ((network = strsep(&list, ",")) != NULL)
		strbuf_addf(&text, "%snet %s", text.len > 0 ? " or " : "", network);
	filter = filter_compile(strbuf_text(&text), a, e);
	strbuf_free(&text);
	return filter;
}

int
engine_restrict(struct engine *engine, const struct role *role, struct err *e)
{
	const struct conf *conf = engine->conf;

	engine->role = role;
	engine->only = NULL;
	for (size_t i = 0; i < conf->nsources; i++) {
		engine->sources[i] = conf->sources[i];
		engine->sources[i].quirks.mask = role != NULL && role->mask;
	}
	if (role == NULL || role->networks == NULL)
		return 0;
	if (engine->access == NULL)
		engine->access = arena_new();
	engine->only = networks_filter(role->networks, engine->access, e);
	return engine->only != NULL ? 0 : -1;
}

bool
engine_sees(const struct engine *engine, const struct source *src)
{
	return engine->role == NULL || engine->role->sources == NULL ||
	    conf_listed(engine->role->sources, src->name);
}

bool
engine_masks(const struct engine *engine)
{
	return engine->role != NULL && engine->role->mask;
}

int
engine_sees_all_networks(const struct engine *engine, struct err *e)
{
	return engine->only == NULL ? 0 :
	    err_set(e, ERR_DENIED, "the role \"%s\" sees only flows of %s, and this is of all flows",
	    engine->role->name, engine->role->networks);
}

int
engine_sees_prefix(const struct engine *engine, const struct prefix *p, struct err *e)
{
	unsigned most = addr_is_v4(&p->addr) ? 96 + MASK_BITS_4 : MASK_BITS_6;
	char *list, *copy, *network;
	bool inside = engine->only == NULL;
	struct prefix allowed;

	if (engine_masks(engine) && p->bits > most)
		return err_set(e, ERR_DENIED, "the role \"%s\" sees no single addresses, but networks of %d bits, of %d for IPv6",
		    engine->role->name, MASK_BITS_4, MASK_BITS_6);
	if (inside)
		return 0;
	list = copy = xstrdup(engine->role->networks);
	while ((network = strsep(&list, ",")) != NULL)
		inside |= prefix_parse(network, &allowed) == 0 && p->bits >= allowed.bits &&
		    prefix_has(&allowed, &p->addr);
	free(copy);
	return inside ? 0 : err_set(e, ERR_DENIED, "the role \"%s\" sees only flows of %s",
	    engine->role->name, engine->role->networks);
}

const struct query *
engine_asked(const struct engine *engine, const struct query *q, struct arena *a)
{
	struct query *asked;
	struct strbuf text = { 0 };

	if (engine->role == NULL || (engine->only == NULL && engine->role->sources == NULL))
		return q;
	asked = arena_alloc(a, sizeof(*asked));
	*asked = *q;
	if (asked->sources == NULL)
		asked->sources = engine->role->sources;
	if (engine->only == NULL)
		return asked;
	asked->program = q->program != NULL && !filter_is_any(q->program) ?
	    filter_both(q->program, engine->only, a) : engine->only;
	filter_print(asked->program, FILTER_OURS, &text, NULL);
	asked->filter = arena_strdup(a, strbuf_text(&text));
	strbuf_free(&text);
	return asked;
}
