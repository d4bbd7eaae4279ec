#include "query/filter_field.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/strbuf.h"
#include "flow/names.h"
#include "query/filter.h"

/* One value between commas: a term, and its value where the word takes lists of them. */
struct made { const char *term, *value; };

/* Items: each says in the filter's words what one value between commas means; -1 when it is none. */

static int
read_number(const char *s, const char **end, unsigned long long *n)
{
	char *stop;

	if (!isdigit((unsigned char)*s))
		return -1;
	*n = strtoull(s, &stop, 0);
	*end = stop;
	return *n <= UINT32_MAX ? 0 : -1;
}

static int
item_number(const struct filter_field *f, const char *s, struct arena *a, struct made *m)
{
	unsigned long long low, high;
	const char *end;

	if (read_number(s, &end, &low) == -1)
		return -1;
	if (*end == '\0') {
		m->value = arena_printf(a, "%llu", low);
		m->term = arena_printf(a, "%s %s", f->word, m->value);
		return 0;
	}
	if ((*end != ':' && *end != '-') || read_number(end + 1, &end, &high) == -1 || *end != '\0' || low > high)
		return -1;
	m->term = arena_printf(a, "(%s >= %llu and %s <= %llu)", f->word, low, f->word, high);
	return 0;
}

static int
item_address(const struct filter_field *f, const char *s, struct arena *a, struct made *m)
{
	bool net = strchr(s, '/') != NULL;
	char text[ADDR_STRLEN + 4];
	struct prefix p;

	if (prefix_parse(s, &p) == -1)
		return -1;
	if (net)
		prefix_print(&p, text);
	else
		addr_print(&p.addr, text);
	m->value = arena_strdup(a, text);
	if (!net)
		m->term = arena_printf(a, "%s %s", f->word, m->value);
	else if (f->net != NULL)
		m->term = arena_printf(a, "%s %s", f->net, m->value);
	else
		m->term = arena_printf(a, "%s in [%s]", f->word, m->value);
	return 0;
}

static int
item_proto(const struct filter_field *f, const char *s, struct arena *a, struct made *m)
{
	if (proto_number(s) == -1)
		return -1;
	m->term = arena_printf(a, "%s %s", f->word, s);
	return 0;
}

/* Letters of CEUAPRSF, or a number. */
static int
read_flags(const char *s, size_t len, unsigned *flags)
{
	static const char letters[] = "CEUAPRSF";
	char *end;

	*flags = 0;
	if (len == 0)
		return -1;
	if (isdigit((unsigned char)*s)) {
		unsigned long n = strtoul(s, &end, 0);

		*flags = (unsigned)n;
		return end == s + len && n <= 255 ? 0 : -1;
	}
	for (size_t i = 0; i < len; i++) {
		const char *at = strchr(letters, toupper((unsigned char)s[i]));

		if (at == NULL || s[i] == '\0')
			return -1;
		*flags |= 1u << (7 - (at - letters));
	}
	return 0;
}

static void
add_letters(struct strbuf *sb, unsigned flags)
{
	/* In the order in which no nfdump takes them for another word. */
	static const struct { char letter; unsigned bit; } order[] = {
		{ 'S', 2 }, { 'A', 16 }, { 'F', 1 }, { 'R', 4 }, { 'P', 8 }, { 'U', 32 }, { 'E', 64 }, { 'C', 128 } };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (flags & order[i].bit)
			strbuf_addc(sb, order[i].letter);
}

/* Value and mask: these set, the others of the mask not.  Letters alone: these set; a number alone: just these. */
static int
item_flags(const struct filter_field *f, const char *s, struct arena *a, struct made *m)
{
	const char *slash = strchr(s, '/');
	size_t len = slash != NULL ? (size_t)(slash - s) : strlen(s);
	unsigned value, mask;
	struct strbuf sb = { 0 };
	size_t parts = 0;

	if (read_flags(s, len, &value) == -1)
		return -1;
	mask = isdigit((unsigned char)*s) && slash == NULL ? 255 : value;
	if (slash != NULL && (read_flags(slash + 1, strlen(slash + 1), &mask) == -1 || (value & ~mask) != 0))
		return -1;
	if (mask == 255) {
		m->term = arena_printf(a, "%s = %u", f->word, value);
		return 0;
	}
	if (value != 0) {
		strbuf_addf(&sb, "%s ", f->word);
		add_letters(&sb, value);
		parts++;
	}
	/* Each bit for itself: "not flags SA" would be all but those with both. */
	for (unsigned bit = 1; bit <= 128; bit <<= 1)
		if ((mask & ~value & bit) != 0) {
			strbuf_addf(&sb, "%snot %s ", parts++ > 0 ? " and " : "", f->word);
			add_letters(&sb, bit);
		}
	m->term = arena_printf(a, parts > 1 ? "(%s)" : "%s", strbuf_text(&sb));
	strbuf_free(&sb);
	return parts > 0 ? 0 : -1;
}

/* One byte under a mask is some ranges of numbers. */
static int
item_masked(const struct filter_field *f, const char *s, struct arena *a, struct made *m)
{
	unsigned long long value, mask;
	struct strbuf sb = { 0 };
	const char *end;
	size_t parts = 0;

	if (strchr(s, '/') == NULL)
		return item_number(f, s, a, m);
	if (read_number(s, &end, &value) == -1 || *end != '/' || read_number(end + 1, &end, &mask) == -1 ||
	    *end != '\0' || value > 255 || mask > 255 || (value & ~mask) != 0)
		return -1;
	for (unsigned low = 0; low <= 255; low++) {
		unsigned high = low;

		if ((low & mask) != value)
			continue;
		while (high < 255 && ((high + 1) & mask) == value)
			high++;
		strbuf_adds(&sb, parts++ > 0 ? " or " : "");
		if (high > low)
			strbuf_addf(&sb, "(%s >= %u and %s <= %u)", f->word, low, f->word, high);
		else
			strbuf_addf(&sb, "%s %u", f->word, low);
		low = high;
	}
	m->term = arena_printf(a, parts > 1 ? "(%s)" : "%s", strbuf_text(&sb));
	strbuf_free(&sb);
	return 0;
}

#define ADDRESS(n, t, w, x)	{ .name = n, .title = t, .word = w, .net = x, .item = item_address, .takes_list = true, \
				    .example = "192.0.2.1, 10.0.0.0/8, -10.1.0.0/16" }
#define NUMBER(n, t, w, x)	{ .name = n, .title = t, .word = w, .item = item_number, .takes_list = true, .example = x }
#define INTERFACE(n, t, w)	{ .name = n, .title = t, .word = w, .item = item_number, .is_interface = true, \
				    .example = "3, uplink, -7" }

const struct filter_field filter_fields_typed[] = {
	ADDRESS("f_srcip", "Source IP", "src ip", "src net"),
	ADDRESS("f_dstip", "Destination IP", "dst ip", "dst net"),
	NUMBER("f_srcport", "Source port", "src port", "80, 8000:8099, -8080"),
	NUMBER("f_dstport", "Destination port", "dst port", "80, 8000:8099, -8080"),
	NUMBER("f_srcas", "Source AS", "src as", "64500, -64501"),
	NUMBER("f_dstas", "Destination AS", "dst as", "64500, -64501"),
	INTERFACE("f_inif", "Input interface", "in if"),
	INTERFACE("f_outif", "Output interface", "out if"),
	{ .name = "f_proto", .title = "Protocol", .word = "proto", .item = item_proto, .example = "tcp, 47, -udp" },
	{ .name = "f_flags", .title = "TCP flags", .word = "flags", .item = item_flags, .example = "S, S/SA, 0x02/0x12" },
	{ .name = "f_tos", .title = "TOS", .word = "src tos", .item = item_masked, .example = "0xb8, 0xb8/0xfc" },
	ADDRESS("f_nexthop", "Next hop", "next ip", NULL),
	ADDRESS("f_exporter", "Exporter", "router ip", NULL),
	{ .name = NULL }
};

/* What was typed, taken apart. */
struct typed {
	struct strbuf list;		/* values for in [ … ] */
	struct strbuf terms;		/* joined by or */
	struct strbuf without;		/* " and not …" */
	size_t nlist, nterms;
	const char *single;		/* the only value of the list, as a term */
};

static void
add_included(const struct filter_field *f, const struct made *m, struct typed *t)
{
	if (f->takes_list && m->value != NULL) {
		strbuf_addf(&t->list, "%s%s", t->nlist++ > 0 ? " " : "", m->value);
		t->single = m->term;
		return;
	}
	strbuf_addf(&t->terms, "%s%s", t->nterms++ > 0 ? " or " : "", m->term);
}

/* A name is looked up before a number is read, as it may begin with a digit. */
static const char *
interface_term(const struct filter_field *f, const struct interface_names *names, const char *item, struct arena *a)
{
	if (!f->is_interface || names == NULL)
		return NULL;
	return names->filter(names->ctx, f->word, item, a);
}

static int
add_item(const struct filter_field *f, char *item, const struct interface_names *names, struct typed *t,
    struct arena *a, struct err *e)
{
	struct made m = { 0 };
	size_t len;
	bool out;

	item += strspn(item, " ");
	for (len = strlen(item); len > 0 && item[len - 1] == ' '; )
		item[--len] = '\0';
	if (len == 0)
		return 0;
	out = *item == '-';
	item += out;
	item += strspn(item, " ");
	m.term = interface_term(f, names, item, a);
	if (m.term == NULL && (f->item(f, item, a, &m) == -1 || filter_compile(m.term, a, e) == NULL))
		return err_set(e, ERR_INPUT, "%s: there is no \"%.60s\"; expected values like %s", f->title, item,
		    f->example);
	if (out)
		strbuf_addf(&t->without, "%snot %s", t->without.len > 0 ? " and " : "", m.term);
	else
		add_included(f, &m, t);
	return 0;
}

static const char *
join(const struct filter_field *f, struct typed *t, struct arena *a)
{
	struct strbuf sb = { 0 };
	const char *text = NULL;
	size_t parts = t->nterms + (t->nlist > 0);

	if (t->nlist == 1)
		strbuf_adds(&sb, t->single);
	else if (t->nlist > 1)
		strbuf_addf(&sb, "%s in [%s]", f->word, strbuf_text(&t->list));
	if (t->nterms > 0)
		strbuf_addf(&sb, "%s%s", sb.len > 0 ? " or " : "", strbuf_text(&t->terms));
	if (parts > 0)
		text = arena_printf(a, parts > 1 ? "(%s)" : "%s", strbuf_text(&sb));
	if (t->without.len > 0)
		text = arena_printf(a, "%s%s%s", text != NULL ? text : "", text != NULL ? " and " : "",
		    strbuf_text(&t->without));
	strbuf_free(&sb);
	return text;
}

int
filter_field_term(const struct filter_field *f, const char *typed, const struct interface_names *names,
    struct arena *a, const char **term, struct err *e)
{
	char *copy = arena_strdup(a, typed), *item;
	struct typed t = { 0 };
	int rc = 0;

	while (rc == 0 && (item = strsep(&copy, ",")) != NULL)
		rc = add_item(f, item, names, &t, a, e);
	*term = rc == 0 ? join(f, &t, a) : NULL;
	strbuf_free(&t.list);
	strbuf_free(&t.terms);
	strbuf_free(&t.without);
	return rc;
}
