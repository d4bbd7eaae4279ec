#include "names.h"

#include <string.h>

#include "base/interface.h"
#include "flow/names.h"
#include "flow/owner.h"

/* ---- interfaces ---- */

struct looking {
	const struct source *const *sources;
	size_t nsources;
	const struct addr *exporter;
	uint32_t number;
	struct strbuf names;
	bool exact;			/* the exporter's own name: others do not count */
};

static bool
is_shown(const struct looking *l, const struct source *s)
{
	for (size_t i = 0; i < l->nsources; i++)
		if (l->sources[i]->id == s->id)
			return true;
	return l->sources == NULL;
}

static bool
has_name(const struct strbuf *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *s = strbuf_text(names); *s != '\0'; s += strcspn(s, ","), s += strspn(s, ", "))
		if (strncmp(s, name, len) == 0 && (s[len] == ',' || s[len] == '\0'))
			return true;
	return false;
}

static bool
look_at(void *ctx, const struct interface_name *n)
{
	struct looking *l = ctx;
	bool own = n->exporter != NULL && l->exporter != NULL && memcmp(&n->exporter->addr, l->exporter, sizeof(struct addr)) == 0;

	if (n->number != l->number || !is_shown(l, n->source) || l->exact)
		return true;
	if (own) {
		strbuf_reset(&l->names);
		l->exact = true;
	} else if (n->exporter != NULL && l->exporter != NULL) {
		return true;
	}
	if (!has_name(&l->names, n->name))
		strbuf_addf(&l->names, "%s%s", l->names.len > 0 ? ", " : "", n->name);
	return true;
}

const char *
name_of_interface(const struct conf *conf, const struct source *const *sources, size_t nsources,
    const struct addr *exporter, uint32_t number, struct arena *a)
{
	struct looking l = { .sources = sources, .nsources = nsources, .exporter = exporter, .number = number };
	const char *text = NULL;

	interface_each(conf, look_at, &l);
	if (l.names.len > 0)
		text = arena_strdup(a, strbuf_text(&l.names));
	strbuf_free(&l.names);
	return text;
}

struct finding {
	const struct conf *conf;
	const char *word, *name;
	struct strbuf terms;
	size_t n;
};

static bool
find_name(void *ctx, const struct interface_name *n)
{
	struct finding *f = ctx;
	char addr[ADDR_STRLEN];

	if (strcmp(n->name, f->name) != 0)
		return true;
	strbuf_adds(&f->terms, f->n++ > 0 ? " or " : "");
	if (n->exporter != NULL) {
		addr_print(&n->exporter->addr, addr);
		strbuf_addf(&f->terms, "(router ip %s and %s %u)", addr, f->word, n->number);
	} else if (f->conf->nsources > 1)
		strbuf_addf(&f->terms, "(ident '%s' and %s %u)", n->source->ident, f->word, n->number);
	else
		strbuf_addf(&f->terms, "%s %u", f->word, n->number);
	return true;
}

static const char *
interface_filter(const void *ctx, const char *word, const char *name, struct arena *a)
{
	struct finding f = { .conf = ctx, .word = word, .name = name };
	const char *text = NULL;

	interface_each(f.conf, find_name, &f);
	if (f.n > 0)
		text = arena_printf(a, f.n > 1 ? "(%s)" : "%s", strbuf_text(&f.terms));
	strbuf_free(&f.terms);
	return text;
}

struct interface_names
names_for_fields(const struct conf *conf)
{
	return (struct interface_names){ interface_filter, conf };
}

/* ---- owners ---- */

const char *
name_of_owner(const struct owners *owners, const struct addr *addr, struct arena *a)
{
	struct net_owner o;
	const char *space;

	if (!owner_find(owners, addr, &o))
		return NULL;
	space = o.country[0] != '\0' ? " " : "";
	if (o.name[0] != '\0')
		return arena_printf(a, "%s%s%s", o.country, space, o.name);
	if (o.as != 0)
		return arena_printf(a, "%s%sAS%u", o.country, space, o.as);
	return o.country[0] != '\0' ? arena_strdup(a, o.country) : NULL;
}

/* ---- ports ---- */

const char *
name_of_port(uint16_t port, int proto)
{
	static const uint8_t protos[] = { 6, 17, 132 };
	const char *name = NULL;

	if (proto >= 0)
		return port_name(port, (uint8_t)proto);
	for (size_t i = 0; i < sizeof(protos) && name == NULL; i++)
		name = port_name(port, protos[i]);
	return name;
}
