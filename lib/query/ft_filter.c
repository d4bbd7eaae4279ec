#include "query/ft_filter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "query/ft_primitive.h"

/* What a primitive can be matched with. */
static const struct ft_match_row {
	const char *name, *alias;
	unsigned classes;		/* of primitives, bits of enum ft_class */
	enum field field;		/* that it reads; others below */
} matches[] = {
	{ "source-as", "src-as", FT_AS, F_SRCAS },
	{ "destination-as", "dst-as", FT_AS, F_DSTAS },
	{ "ip-source-address", "src-ip-addr", FT_ADDRESS, F_SRCIP },
	{ "ip-destination-address", "dst-ip-addr", FT_ADDRESS, F_DSTIP },
	{ "ip-exporter-address", "exporter-ip-addr", FT_ADDRESS, F_ROUTER },
	{ "ip-nexthop-address", "nexthop-ip-addr", FT_ADDRESS, F_NEXTHOP },
	{ "ip-shortcut-address", "shortcut-ip-addr", FT_ADDRESS, F_SHORTCUT },
	{ "ip-protocol", NULL, FT_PROTOCOL, F_PROTO },
	{ "ip-source-address-prefix-len", "src-ip-addr-prefix-len", FT_PREFIX_LEN, F_SRCMASK },
	{ "ip-destination-address-prefix-len", "dst-ip-addr-prefix-len", FT_PREFIX_LEN, F_DSTMASK },
	{ "ip-tos", NULL, FT_TOS, F_SRCTOS },
	{ "ip-marked-tos", NULL, FT_TOS, F_MARKEDTOS },
	{ "ip-tcp-flags", NULL, FT_FLAGS, F_FLAGS },
	{ "ip-source-port", "src-ip-port", FT_PORT, F_SRCPORT },
	{ "ip-destination-port", "dst-ip-port", FT_PORT, F_DSTPORT },
	{ "input-interface", "src-ifindex", FT_IFINDEX, F_INIF },
	{ "output-interface", "dst-ifindex", FT_IFINDEX, F_OUTIF },
	{ "start-time", NULL, FT_TIME | FT_DATE, F_FIRST },
	{ "end-time", NULL, FT_TIME | FT_DATE, F_LAST },
	{ "flows", NULL, FT_COUNTER, F_FLOWS },
	{ "octets", NULL, FT_COUNTER, F_BYTES },
	{ "packets", NULL, FT_COUNTER, F_PACKETS },
	{ "extra-packets", NULL, FT_COUNTER, F_EXTRAPACKETS },
	{ "duration", NULL, FT_COUNTER, F_DURATION },
	{ "engine-id", NULL, FT_ENGINE, F_ENGINEID },
	{ "engine-type", NULL, FT_ENGINE, F_ENGINETYPE },
	{ "source-tag", "src-tag", FT_TAG, F_SRCTAG },
	{ "destination-tag", "dst-tag", FT_TAG, F_DSTTAG },
	{ "pps", NULL, FT_DOUBLE, F_PPS },
	{ "bps", NULL, FT_DOUBLE, F_BPS },
	{ "random-sample", NULL, FT_RATE, F_COUNT },
};

/* Matches that must all hold; another one begins a new list of the definition. */
struct match {
	const struct ft_match_row *row;
	const struct ft_primitive *primitive;
	bool or;			/* begins another list */
	struct match *next;
};

struct ft_definition {
	const char *name;
	bool invert;
	struct match *match, **end;
	struct ft_definition *next;
};

struct ft_filters {
	struct arena *arena;
	struct ft_primitive *primitives;
	struct ft_definition *definitions;
	/* While a file is read: what the line at hand belongs to, one of them NULL, and whether "or" came before it. */
	struct ft_primitive *primitive;
	struct ft_definition *definition;
	bool or;
};

struct ft_filters *
ft_filters_new(struct arena *a)
{
	struct ft_filters *f = arena_alloc(a, sizeof(*f));

	f->arena = a;
	return f;
}

const struct ft_definition *
ft_filters_find(const struct ft_filters *f, const char *name)
{
	const struct ft_definition *d = f->definitions;

	while (d != NULL && strcasecmp(d->name, name) != 0)
		d = d->next;
	return d;
}

static struct ft_primitive *
find_primitive(const struct ft_filters *f, const char *name)
{
	struct ft_primitive *p = f->primitives;

	while (p != NULL && strcasecmp(p->name, name) != 0)
		p = p->next;
	return p;
}

static int
take_primitive(struct ft_filters *f, struct ft_config *c, struct err *e)
{
	if (ft_config_words(c, 2, e) == -1)
		return -1;
	f->definition = NULL;
	if ((f->primitive = find_primitive(f, c->word[1])) != NULL && f->primitive->type != NULL)
		return ft_config_error(c, e, "Primitive \"%s\" is defined twice.", c->word[1]);
	if (f->primitive == NULL) {
		f->primitive = ft_primitive_new(c->word[1], f->arena);
		f->primitive->next = f->primitives;
		f->primitives = f->primitive;
	}
	return 0;
}

static int
take_definition(struct ft_filters *f, struct ft_config *c, struct err *e)
{
	struct ft_definition *d;

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	if (ft_filters_find(f, c->word[1]) != NULL)
		return ft_config_error(c, e, "Definition \"%s\" is defined twice.", c->word[1]);
	d = arena_alloc(f->arena, sizeof(*d));
	d->name = c->word[1];
	d->end = &d->match;
	d->next = f->definitions;
	f->definitions = f->definition = d;
	f->primitive = NULL;
	f->or = false;
	return 0;
}

/* A definition may come before its primitives: which fit is seen at the end. */
static int
take_match(struct ft_filters *f, struct ft_config *c, struct err *e)
{
	struct match *m = arena_alloc(f->arena, sizeof(*m));

	if (ft_config_words(c, 3, e) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++)
		if (strcasecmp(matches[i].name, c->word[1]) == 0 ||
		    (matches[i].alias != NULL && strcasecmp(matches[i].alias, c->word[1]) == 0))
			m->row = &matches[i];
	if (m->row == NULL)
		return ft_config_error(c, e, "\"%s\" is nothing to match.", c->word[1]);
	if ((m->primitive = find_primitive(f, c->word[2])) == NULL) {
		struct ft_primitive *p = ft_primitive_new(c->word[2], f->arena);

		p->next = f->primitives;
		f->primitives = p;
		m->primitive = p;
	}
	m->or = f->or;
	f->or = false;
	*f->definition->end = m;
	f->definition->end = &m->next;
	return 0;
}

static int
take_or(struct ft_filters *f, struct ft_config *c, struct err *e)
{
	f->or = true;
	return ft_config_words(c, 1, e);
}

static int
take_invert(struct ft_filters *f, struct ft_config *c, struct err *e)
{
	f->definition->invert = true;
	return ft_config_words(c, 1, e);
}

static int
take_line(struct ft_filters *f, struct ft_config *c, struct err *e)
{
	static const struct {
		const char *word;
		int (*take)(struct ft_filters *, struct ft_config *, struct err *);
		bool inside;		/* a definition */
	} words[] = {
		{ "filter-primitive", take_primitive, false }, { "filter-definition", take_definition, false },
		{ "match", take_match, true }, { "or", take_or, true }, { "invert", take_invert, true },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(words[i].word, c->word[0]) == 0 && (!words[i].inside || f->definition != NULL))
			return words[i].take(f, c, e);
	if (f->primitive != NULL)
		return ft_primitive_line(f->primitive, c, e);
	return ft_config_error(c, e, "Unexpected \"%s\".", c->word[0]);
}

/* All primitives that are matched exist and are of a kind that fits. */
static int
check_matches(const struct ft_filters *f, const char *path, struct err *e)
{
	for (const struct ft_definition *d = f->definitions; d != NULL; d = d->next)
		for (const struct match *m = d->match; m != NULL; m = m->next) {
			if (m->primitive->type == NULL)
				return err_set(e, ERR_INPUT, "%s: definition %s: primitive %s is not defined", path,
				    d->name, m->primitive->name);
			if ((m->primitive->type->class & m->row->classes) == 0)
				return err_set(e, ERR_INPUT, "%s: definition %s: %s cannot be matched with %s, a list of %s",
				    path, d->name, m->row->name, m->primitive->name, m->primitive->type->name);
		}
	return 0;
}

int
ft_filters_read(struct ft_filters *f, const char *path, const char *beside, const struct ft_variable *variables,
    struct err *e)
{
	struct ft_config c;
	int rc;

	if (ft_config_open(&c, path, beside, variables, f->arena, e) == -1)
		return -1;
	f->primitive = NULL;
	f->definition = NULL;
	while ((rc = ft_config_next(&c, e)) == 1)
		if (take_line(f, &c, e) == -1)
			return -1;
	if (rc == -1)
		return -1;
	for (struct ft_primitive *p = f->primitives; p != NULL; p = p->next)
		ft_primitive_done(p);
	return check_matches(f, c.path, e);
}

void
ft_filter_fields(const struct ft_definition *d, struct fieldset *set)
{
	for (const struct match *m = d->match; m != NULL; m = m->next) {
		if (m->row->field != F_COUNT)
			fieldset_add(set, m->row->field);
		if (m->row->field == F_PPS)
			fieldset_add(set, F_PACKETS);
		if (m->row->field == F_BPS)
			fieldset_add(set, F_BYTES);
		fieldset_add(set, F_DURATION);
	}
}

int
ft_filter_check(const struct ft_definition *d, const struct fieldset *lacks, struct err *e)
{
	for (const struct match *m = d->match; m != NULL; m = m->next)
		if (m->row->field != F_COUNT && fieldset_has(lacks, m->row->field))
			return err_set(e, ERR_DATA, "filter %s: the flows have no %s", d->name, m->row->name);
	return 0;
}

size_t
ft_filter_run(const struct ft_definition *d, const struct batch *b, uint8_t *sel)
{
	uint8_t list[BATCH_MAX];
	size_t n = 0;

	memset(sel, 0, b->n);
	for (const struct match *m = d->match; m != NULL; ) {
		memset(list, 1, b->n);
		do {
			ft_primitive_run(m->primitive, b, m->row->field, list);
			m = m->next;
		} while (m != NULL && !m->or);
		for (size_t i = 0; i < b->n; i++)
			sel[i] |= list[i];
	}
	for (size_t i = 0; i < b->n; i++) {
		sel[i] ^= d->invert;
		n += sel[i];
	}
	return n;
}
