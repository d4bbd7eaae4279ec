#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "flow/names.h"
#include "query/filter_private.h"

#define SIDES	(DIR_SRC | DIR_DST)

struct printer {
	struct strbuf *out;
	enum filter_dialect dialect;
	bool negated;		/* inside of a not */
	const char *why;	/* of the first term that nfdump has no text for */
};

/* ---- values ---- */

/* Protocols that every nfdump takes by name; others are printed as numbers. */
static const struct { uint8_t number; const char *name; } protos[] = {
	{ 1, "icmp" }, { 2, "igmp" }, { 6, "tcp" }, { 17, "udp" }, { 47, "gre" }, { 50, "esp" }, { 51, "ah" },
	{ 58, "icmp6" }, { 89, "ospf" }, { 132, "sctp" },
};

static void
print_number(struct printer *p, const struct filter_test *t, const struct filter_value *v)
{
	(void)t;
	strbuf_addu(p->out, v->number);
}

static void
print_proto(struct printer *p, const struct filter_test *t, const struct filter_value *v)
{
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (protos[i].number == v->number) {
			strbuf_adds(p->out, protos[i].name);
			return;
		}
	print_number(p, t, v);
}

static void
print_name(struct printer *p, const struct filter_test *t, const struct filter_value *v)
{
	const struct filter_names *names = t->word->names;
	const char *name = names->name != NULL && v->number <= 255 ? names->name(v->number) : NULL;

	if (name == NULL || p->dialect == FILTER_NFDUMP)
		print_number(p, t, v);
	else
		for (; *name != '\0'; name++)
			strbuf_addc(p->out, *name >= 'A' && *name <= 'Z' ? *name | 32 : *name);
}

/* In an order that never reads as another word: nfdump takes AS and PF for AS numbers and pf. */
static const char flag_letters[] = "SAFRPUEC";
static const uint8_t flag_bits[] = { 2, 16, 1, 4, 8, 32, 64, 128 };

static void
print_flags(struct printer *p, const struct filter_test *t, const struct filter_value *v)
{
	if (!t->letters) {
		print_number(p, t, v);
		return;
	}
	for (int i = 0; i < 8; i++)
		if (v->number & flag_bits[i])
			strbuf_addc(p->out, flag_letters[i]);
}

static void
print_addr(struct printer *p, const struct filter_test *t, const struct filter_value *v)
{
	char buf[ADDR_STRLEN + 4];

	if (v->prefix.bits == 128 && t->word->arg == ARG_ADDR)
		addr_print(&v->prefix.addr, buf);
	else
		prefix_print(&v->prefix, buf);
	strbuf_adds(p->out, buf);
}

static void
print_mac(struct printer *p, const struct filter_test *t, const struct filter_value *v)
{
	(void)t;
	for (int shift = 40; shift >= 0; shift -= 8)
		strbuf_addf(p->out, "%02x%s", (unsigned)(v->number >> shift & 0xff), shift != 0 ? ":" : "");
}

/* In UTC: an hour of local time may come twice. */
static void
print_time(struct printer *p, const struct filter_test *t, const struct filter_value *v)
{
	time_t sec = v->number / 1000;
	struct tm tm;
	char buf[40] = "";

	(void)t;
	if (gmtime_r(&sec, &tm) != NULL)
		strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%S", &tm);
	strbuf_addf(p->out, "%s.%03uZ", buf, (unsigned)(v->number % 1000));
}

/* A text that the scanner takes for a word, and for no operator. */
static bool
is_bare(const char *s)
{
	static const char *const operators[] = { "and", "or", "not", "eq", "gt", "lt", "ge", "le" };

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (strcasecmp(s, operators[i]) == 0)
			return false;
	return s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:.-")] == '\0';
}

static void
print_text(struct printer *p, const struct filter_test *t, const struct filter_value *v)
{
	const char *quote = strchr(v->text, '\'') != NULL ? "\"" : "'";

	if (t->word->arg == ARG_TEXT && is_bare(v->text))
		quote = "";
	strbuf_addf(p->out, "%s%s%s", quote, v->text, quote);
}

static void
print_regex(struct printer *p, const struct filter_test *t, const struct filter_value *v)
{
	const char *blank = " ";

	print_text(p, t, v);
	for (int i = 0; i < 3; i++)
		if (strchr(t->options, "ims"[i]) != NULL || strchr(t->options, "IMS"[i]) != NULL) {
			strbuf_addf(p->out, "%s%c", blank, "ims"[i]);
			blank = "";
		}
}

static void
print_country(struct printer *p, const struct filter_test *t, const struct filter_value *v)
{
	(void)t;
	strbuf_addf(p->out, "%c%c", (int)(v->number >> 8), (int)(v->number & 0xff));
}

static void (*const print_value[ARG_KINDS])(struct printer *, const struct filter_test *,
    const struct filter_value *) = {
	[ARG_NUMBER] = print_number,
	[ARG_PROTO] = print_proto,
	[ARG_NAME] = print_name,
	[ARG_FLAGS] = print_flags,
	[ARG_ADDR] = print_addr,
	[ARG_NET] = print_addr,
	[ARG_MAC] = print_mac,
	[ARG_TIME] = print_time,
	[ARG_TEXT] = print_text,
	[ARG_REGEX] = print_regex,
	[ARG_COUNTRY] = print_country,
};

/* ---- tests ---- */

/* A blank behind each. */
static void
print_qualifiers(struct printer *p, const struct filter_test *t)
{
	if (t->dir & (DIR_IN | DIR_OUT))
		strbuf_adds(p->out, t->dir & DIR_IN ? "in " : "out ");
	if ((t->dir & SIDES) == SIDES)
		strbuf_adds(p->out, t->both ? "src and dst " : "src or dst ");
	else if (t->dir & SIDES)
		strbuf_adds(p->out, t->dir & DIR_SRC ? "src " : "dst ");
}

static void
print_word(struct printer *p, const struct filter_test *t)
{
	const char *w = t->word->words;
	size_t len = strcspn(w, ",");

	if (w[len - 1] == 'N')
		strbuf_addf(p->out, "%.*s%u", (int)len - 1, w, t->index + 1u);
	else
		strbuf_add(p->out, w, len);
}

static void
print_test(struct printer *p, const struct filter_test *t)
{
	static const char *const compares[] = {
		[CMP_EQ] = " ", [CMP_GT] = " > ", [CMP_LT] = " < ", [CMP_GE] = " >= ", [CMP_LE] = " <= ",
	};

	print_qualifiers(p, t);
	print_word(p, t);
	if (t->word->arg == ARG_NONE)
		return;
	strbuf_adds(p->out, t->list ? " in [" : compares[t->compare]);
	for (size_t i = 0; i < t->n; i++) {
		strbuf_adds(p->out, i == 0 ? "" : ", ");
		print_value[t->word->arg](p, t, &t->values[i]);
	}
	if (t->list)
		strbuf_addc(p->out, ']');
}

void
filter_print_test(const struct filter_test *t, struct strbuf *out)
{
	struct printer p = { .out = out, .dialect = FILTER_OURS };

	print_test(&p, t);
}

/* ---- for nfdump ---- */

static void
refuse(struct printer *p, const char *why)
{
	if (p->why == NULL)
		p->why = why;
}

static bool
accepts(const struct filter_test *t, uint64_t n)
{
	uint64_t low, high;

	if (!t->list)
		return filter_range(t->compare, t->values->number, &low, &high) && low <= n && n <= high;
	for (size_t i = 0; i < t->n; i++)
		if (t->values[i].number == n)
			return true;
	return false;
}

/* Does the network hold the address 0 of its family? */
static bool
holds_zero(const struct prefix *p)
{
	static const struct addr zero;
	struct addr v4 = addr_from_v4(0);

	return prefix_has(p, addr_is_v4(&p->addr) ? &v4 : &zero);
}

static bool
any_holds_zero(const struct filter_test *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (holds_zero(&t->values[i].prefix))
			return true;
	return false;
}

/*
 * Where an element is missing, 1.7.1 reads zeros and later versions find that
 * nothing matches: a test that 0 passes has no common text.
 */
static bool
zero_decides(const struct filter_test *t)
{
	unsigned columns = filter_columns(t->word, t->dir);
	const uint64_t always = ELEMENT(E_GENERIC) | ELEMENT(E_IPV4);

	for (int i = 0; i < 4; i++) {
		const struct field_row *row = &fields[t->word->columns[i].field];

		if ((columns >> i & 1) == 0 || row->elements == 0 || (row->elements & always) != 0)
			continue;
		if (row->kind == KIND_ADDR ? any_holds_zero(t) : accepts(t, 0))
			return true;
	}
	return false;
}

/* Why nfdump has no text for the test itself (without qualifiers); NULL when it has one. */
static const char *
no_text(const struct filter_test *t)
{
	const struct filter_word *w = t->word;

	if (w->why != NULL)
		return w->why;
	if ((w->flags & WORD_COMPARE_OURS) != 0 && t->compare != CMP_EQ)
		return "nfdump 1.7.1 compares this only with =";
	if (t->n != 0 && w->columns[0].dir != 0 && zero_decides(t))
		return "nfdump 1.7.1 takes 0 for a value that a flow lacks, later versions do not";
	if (w->how == HOW_FLAGS && t->values->number > 63)
		return "nfdump 1.7.1 does not know the flags C and E";
	if (w->how == HOW_IDENT && !is_bare(t->values->text))
		return "nfdump 1.7.1 takes no quotes around an ident";
	if (w->columns[0].dir != 0 && w->columns[0].field == F_FLOWS && accepts(t, 1))
		return "nfdump after 1.7.1 does not count a single flow as 1";
	if (w->columns[0].dir != 0 && w->columns[0].field == F_SRCVLAN && t->values->number > 65535)
		return "nfdump 1.7.1 knows VLANs up to 65535";
	return NULL;
}

/* IPv6 addresses that 1.7.1 takes for IPv4 ones, ::192.0.2.1; of IPv4 itself only 0.0.0.0 is met as IPv6, as ::. */
static bool
family_matters(const struct prefix *p)
{
	static const uint8_t zeros[12];

	return holds_zero(p) || (!addr_is_v4(&p->addr) && memcmp(p->addr.b, zeros, sizeof(zeros)) == 0);
}

/* An address or a network of its own. */
static void
print_nfdump_prefix(struct printer *p, const struct filter_test *t, const struct prefix *prefix)
{
	bool v4 = addr_is_v4(&prefix->addr), ip = t->word->columns[0].field == F_SRCIP;
	bool family = ip && family_matters(prefix);
	char buf[ADDR_STRLEN + 4];

	if (prefix->bits == 128)
		addr_print(&prefix->addr, buf);
	else
		prefix_print(prefix, buf);
	if (ip && prefix->bits == (v4 ? 96 : 0)) {
		/* All of a family, to which both sides belong. */
		strbuf_adds(p->out, v4 ? "ipv4" : "ipv6");
		return;
	}
	if (!ip && prefix->bits != 128)
		refuse(p, "nfdump has no networks here");
	strbuf_adds(p->out, family ? "(" : "");
	print_qualifiers(p, t);
	if (ip)
		strbuf_adds(p->out, prefix->bits == 128 ? "ip" : "net");
	else
		print_word(p, t);
	strbuf_addf(p->out, " %s%s", buf, !family ? "" : v4 ? " and ipv4)" : " and ipv6)");
}

/* In a list with other addresses only what all versions take there alike. */
static bool
fits_list(const struct filter_test *t, const struct prefix *p)
{
	return t->word->columns[0].field == F_SRCIP && p->bits == 128 && !family_matters(p);
}

/*
 * Addresses as a list, networks each on their own: in a list, later versions
 * compare half of an IPv6 address with an IPv4 network.
 */
static void
print_nfdump_addr(struct printer *p, const struct filter_test *t)
{
	const char *comma = "", *or = "";
	size_t listed = 0;
	bool group;

	for (size_t i = 0; i < t->n; i++)
		listed += fits_list(t, &t->values[i].prefix);
	if (listed == 1)
		listed = 0;
	group = (listed != 0) + (t->n - listed) > 1;
	strbuf_adds(p->out, group ? "(" : "");
	for (size_t i = 0; listed != 0 && i < t->n; i++) {
		if (!fits_list(t, &t->values[i].prefix))
			continue;
		if (*comma == '\0') {
			print_qualifiers(p, t);
			strbuf_adds(p->out, "ip in [");
		}
		strbuf_adds(p->out, comma);
		print_addr(p, t, &t->values[i]);
		comma = ", ";
	}
	if (listed != 0) {
		strbuf_addc(p->out, ']');
		or = " or ";
	}
	for (size_t i = 0; i < t->n; i++) {
		if (listed != 0 && fits_list(t, &t->values[i].prefix))
			continue;
		strbuf_adds(p->out, or);
		print_nfdump_prefix(p, t, &t->values[i].prefix);
		or = " or ";
	}
	strbuf_adds(p->out, group ? ")" : "");
}

/* The time of a flow that ends before it begins is 0 with us, and with nfdump nearly 2^64. */
static void
print_nfdump_duration(struct printer *p, const struct filter_test *t)
{
	strbuf_addc(p->out, '(');
	print_test(p, t);
	strbuf_adds(p->out, accepts(t, 0) ? " or duration > 1000000t)" : " and duration < 1000000t)");
}

static void
print_nfdump_test(struct printer *p, const struct filter_test *t)
{
	const char *why = no_text(t);

	if (why != NULL)
		refuse(p, why);
	if ((t->dir & SIDES) == SIDES) {
		/* The later versions do not know src and dst, src or dst. */
		struct filter_test one = *t;

		one.both = false;
		one.dir = t->dir & ~DIR_DST;
		strbuf_addc(p->out, '(');
		print_nfdump_test(p, &one);
		strbuf_adds(p->out, t->both ? " and " : " or ");
		one.dir = t->dir & ~DIR_SRC;
		print_nfdump_test(p, &one);
		strbuf_addc(p->out, ')');
	} else if (t->word->how == HOW_ADDR) {
		print_nfdump_addr(p, t);
	} else if (t->word->columns[0].dir != 0 && t->word->columns[0].field == F_DURATION) {
		print_nfdump_duration(p, t);
	} else if (t->letters && p->negated) {
		/* 1.7.1 takes `not flags SA` for "neither S nor A". */
		const char *open = "(";

		for (int i = 0; i < 8; i++)
			if (t->values->number & flag_bits[i]) {
				strbuf_addf(p->out, "%sflags %c", open, flag_letters[i]);
				open = " and ";
			}
		strbuf_addc(p->out, ')');
	} else {
		print_test(p, t);
	}
}

/* ---- expressions ---- */

static void
print_node(struct printer *p, const struct filter_node *n, bool group)
{
	bool negated = p->negated;

	switch (n->kind) {
	case NODE_TEST:
		if (p->dialect == FILTER_NFDUMP)
			print_nfdump_test(p, n->test);
		else
			print_test(p, n->test);
		break;
	case NODE_NOT:
		strbuf_adds(p->out, "not ");
		p->negated = true;
		print_node(p, n->child, true);
		p->negated = negated;
		break;
	default:
		strbuf_adds(p->out, group ? "(" : "");
		for (const struct filter_node *c = n->child; c != NULL; c = c->next) {
			print_node(p, c, n->kind == NODE_AND && c->kind == NODE_OR);
			if (c->next != NULL)
				strbuf_adds(p->out, n->kind == NODE_AND ? " and " : " or ");
		}
		strbuf_adds(p->out, group ? ")" : "");
	}
}

int
filter_print(const struct filter *f, enum filter_dialect dialect, struct strbuf *out, const char **why)
{
	struct printer p = { .out = out, .dialect = dialect };

	print_node(&p, f->tree, false);
	if (why != NULL)
		*why = p.why;
	return p.why == NULL ? 0 : -1;
}
