#include "query/ft_primitive.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/strbuf.h"
#include "base/when.h"
#include "flow/names.h"
#include "query/ft_date.h"

#define TABLE_SIZE	65536

enum { MODE_PERMIT = 1, MODE_DENY };

static const char *const op_names[FT_OPS] = { "lt", "gt", "eq", "ne", "ge", "le" };

static struct ft_rule *
add_rule(struct ft_primitive *p, bool permit)
{
	if (p->n == p->room) {
		struct ft_rule *more;

		p->room = p->room != 0 ? p->room * 2 : 8;
		more = arena_array(p->arena, p->room, sizeof(*more));
		if (p->n != 0)
			memcpy(more, p->rules, p->n * sizeof(*more));
		p->rules = more;
	}
	p->rules[p->n] = (struct ft_rule){ .permit = permit, .line = p->n };
	return &p->rules[p->n++];
}

static bool
parse_number(const char *s, uint64_t max, uint64_t *n)
{
	char *end;

	if (!isdigit((unsigned char)s[0]))
		return false;
	*n = strtoull(s, &end, 0);
	return *end == '\0' && *n <= max;
}

/* A number, or the name of a port or protocol. */
static bool
parse_value(const struct ft_primitive *p, const char *s, uint64_t *n)
{
	if (parse_number(s, p->type->max, n))
		return true;
	if (p->type->class == FT_PROTOCOL && proto_number(s) != -1) {
		*n = proto_number(s);
		return true;
	}
	for (uint32_t port = 0; p->type->class == FT_PORT && port <= 65535; port++) {
		const char *name = port_name(port, 6);

		if (name == NULL)
			name = port_name(port, 17);
		if (name != NULL && strcasecmp(name, s) == 0) {
			*n = port;
			return true;
		}
	}
	return false;
}

/* "a,b,c-d"; with ! the listed values get the other mode. */
static int
take_table(struct ft_primitive *p, struct ft_config *c, bool permit, struct err *e)
{
	const char *list = c->word[1];
	char *copy, *save;

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	if (list[0] == '!') {
		permit = !permit;
		list++;
	}
	copy = arena_strdup(p->arena, list);
	if (p->table == NULL)
		p->table = arena_alloc(p->arena, TABLE_SIZE);
	for (char *w = strtok_r(copy, ",", &save); w != NULL; w = strtok_r(NULL, ",", &save)) {
		char *dash = isdigit((unsigned char)w[0]) ? strchr(w, '-') : NULL;
		uint64_t from, to;

		if (dash != NULL)
			*dash = '\0';
		if (!parse_value(p, w, &from) || !parse_value(p, dash != NULL ? dash + 1 : w, &to) || to < from)
			return ft_config_error(c, e, "\"%s\" is no list of %s, 0 to %u.", c->word[1], p->type->name,
			    p->type->max);
		memset(p->table + from, permit ? MODE_PERMIT : MODE_DENY, to - from + 1);
	}
	return 0;
}

static void
run_table(const struct ft_primitive *p, const struct batch *b, enum field f, uint8_t *list)
{
	for (size_t i = 0; i < b->n; i++) {
		uint64_t v = batch_number(b, f, i) & p->mask;
		uint8_t mode = v < TABLE_SIZE && p->table != NULL ? p->table[v] : 0;

		list[i] &= mode != 0 ? mode == MODE_PERMIT : p->permit;
	}
}

static bool
parse_v4(const char *s, uint32_t *v4)
{
	struct addr a;

	if (addr_parse(s, &a) == -1 || !addr_is_v4(&a))
		return false;
	*v4 = addr_v4(&a);
	return true;
}

static int
take_address(struct ft_primitive *p, struct ft_config *c, bool permit, struct err *e)
{
	struct ft_rule *r = add_rule(p, permit);

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	if (!parse_v4(c->word[1], &r->addr))
		return ft_config_error(c, e, "\"%s\" is no IPv4 address.", c->word[1]);
	r->mask = UINT32_MAX;
	return 0;
}

static int
take_address_mask(struct ft_primitive *p, struct ft_config *c, bool permit, struct err *e)
{
	struct ft_rule *r = add_rule(p, permit);

	if (ft_config_words(c, 3, e) == -1)
		return -1;
	if (!parse_v4(c->word[1], &r->addr) || !parse_v4(c->word[2], &r->mask))
		return ft_config_error(c, e, "\"%s %s\" is no IPv4 address and mask.", c->word[1], c->word[2]);
	return 0;
}

/* "10.1/16", "192.168/16", and without a length that of the octets given. */
static int
take_prefix(struct ft_primitive *p, struct ft_config *c, bool permit, struct err *e)
{
	struct ft_rule *r = add_rule(p, permit);
	unsigned octets = 0, length, byte;
	const char *s = c->word[1];
	int used;

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	while (octets < 4 && sscanf(s, "%3u%n", &byte, &used) == 1 && byte <= 255) {
		r->addr |= byte << (24 - 8 * octets++);
		s += used;
		if (*s != '.')
			break;
		s++;
	}
	length = octets * 8;
	if (*s == '/' && sscanf(s, "/%2u%n", &length, &used) == 1)
		s += used;
	if (octets == 0 || *s != '\0' || length > 32)
		return ft_config_error(c, e, "\"%s\" is no IPv4 prefix.", c->word[1]);
	r->mask = length == 0 ? 0 : UINT32_MAX << (32 - length);
	r->addr &= r->mask;
	return 0;
}

/* The first rule that holds decides. */
static void
run_addresses(const struct ft_primitive *p, const struct batch *b, enum field f, uint8_t *list)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct addr *a = &COLADDR(b, f)[i];
		uint32_t v4 = addr_v4(a);
		bool permit = p->permit;

		if (list[i] == 0)
			continue;
		for (size_t k = 0; k < p->n && addr_is_v4(a); k++)
			if ((v4 & p->rules[k].mask) == p->rules[k].addr) {
				permit = p->rules[k].permit;
				break;
			}
		list[i] = permit;
	}
}

/* Of addresses in order the one that is looked for, by halving. */
static void
run_hosts(const struct ft_primitive *p, const struct batch *b, enum field f, uint8_t *list)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct addr *a = &COLADDR(b, f)[i];
		uint32_t v4 = addr_v4(a);
		size_t lo = 0, hi = addr_is_v4(a) ? p->n : 0;

		while (lo < hi) {
			size_t mid = (lo + hi) / 2;

			if (p->rules[mid].addr < v4)
				lo = mid + 1;
			else
				hi = mid;
		}
		list[i] &= addr_is_v4(a) && lo < p->n && p->rules[lo].addr == v4 ? p->rules[lo].permit : p->permit;
	}
}

/* By address; of the same address the last line is the one that counts. */
static int
by_address(const void *one, const void *two)
{
	const struct ft_rule *a = one, *b = two;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return a->line > b->line ? -1 : 1;
}

/* Longest first; of equal ones the first line. */
static int
by_length(const void *one, const void *two)
{
	const struct ft_rule *a = one, *b = two;

	if (a->mask != b->mask)
		return a->mask > b->mask ? -1 : 1;
	return a->line < b->line ? -1 : 1;
}

static void
done_hosts(struct ft_primitive *p)
{
	if (p->n > 1)
		qsort(p->rules, p->n, sizeof(*p->rules), by_address);
}

static void
done_prefixes(struct ft_primitive *p)
{
	if (p->n > 1)
		qsort(p->rules, p->n, sizeof(*p->rules), by_length);
}

/* "lt N"; the words behind the operator are in *rest. */
static int
take_op(struct ft_primitive *p, struct ft_config *c, bool permit, struct ft_rule **r, struct err *e)
{
	*r = add_rule(p, permit);
	for ((*r)->op = 0; c->n >= 3 && (*r)->op < FT_OPS; (*r)->op++)
		if (strcasecmp(op_names[(*r)->op], c->word[1]) == 0)
			return 0;
	return ft_config_error(c, e, "lt, gt, eq, ne, ge or le and a value must follow.");
}

static int
take_counter(struct ft_primitive *p, struct ft_config *c, bool permit, struct err *e)
{
	struct ft_rule *r;

	if (take_op(p, c, permit, &r, e) == -1 || ft_config_words(c, 3, e) == -1)
		return -1;
	if (!parse_number(c->word[2], UINT64_MAX, &r->number))
		return ft_config_error(c, e, "\"%s\" is no number.", c->word[2]);
	return 0;
}

static int
take_double(struct ft_primitive *p, struct ft_config *c, bool permit, struct err *e)
{
	struct ft_rule *r;
	char *end;

	if (take_op(p, c, permit, &r, e) == -1 || ft_config_words(c, 3, e) == -1)
		return -1;
	r->real = strtod(c->word[2], &end);
	if (*end != '\0')
		return ft_config_error(c, e, "\"%s\" is no number.", c->word[2]);
	return 0;
}

/* "H:M:S", minutes and seconds may be left out. */
static int
take_time(struct ft_primitive *p, struct ft_config *c, bool permit, struct err *e)
{
	unsigned h = 0, m = 0, s = 0;
	struct ft_rule *r;
	int used = 0;

	if (take_op(p, c, permit, &r, e) == -1 || ft_config_words(c, 3, e) == -1)
		return -1;
	if (sscanf(c->word[2], "%2u%n:%2u%n:%2u%n", &h, &used, &m, &used, &s, &used) < 1 ||
	    c->word[2][used] != '\0' || h > 23 || m > 59 || s > 60)
		return ft_config_error(c, e, "\"%s\" is no time of day.", c->word[2]);
	r->number = h * 3600 + m * 60 + s;
	return 0;
}

static int
take_date(struct ft_primitive *p, struct ft_config *c, bool permit, struct err *e)
{
	struct strbuf text = { 0 };
	struct ft_rule *r;
	int64_t t;
	int rc;

	if (take_op(p, c, permit, &r, e) == -1)
		return -1;
	for (size_t i = 2; i < c->n; i++)
		strbuf_addf(&text, "%s%s", i > 2 ? " " : "", c->word[i]);
	rc = ft_date_parse(strbuf_text(&text), when_now(), &t);
	if (rc == -1)
		ft_config_error(c, e, "\"%s\" is no date.", strbuf_text(&text));
	strbuf_free(&text);
	r->number = rc == 0 && t > 0 ? (uint64_t)t : 0;
	return rc;
}

#define HOLDS(op, a, b) ( \
	(op) == FT_LT ? (a) < (b) : (op) == FT_GT ? (a) > (b) : (op) == FT_EQ ? (a) == (b) : \
	(op) == FT_NE ? (a) != (b) : (op) == FT_GE ? (a) >= (b) : (a) <= (b))

static bool
permit_number(const struct ft_primitive *p, uint64_t v)
{
	for (size_t k = 0; k < p->n; k++)
		if (HOLDS(p->rules[k].op, v, p->rules[k].number))
			return p->rules[k].permit;
	return p->permit;
}

static void
run_counter(const struct ft_primitive *p, const struct batch *b, enum field f, uint8_t *list)
{
	for (size_t i = 0; i < b->n; i++)
		list[i] &= permit_number(p, batch_number(b, f, i));
}

static void
run_date(const struct ft_primitive *p, const struct batch *b, enum field f, uint8_t *list)
{
	for (size_t i = 0; i < b->n; i++)
		list[i] &= permit_number(p, COL64(b, f)[i] / 1000);
}

static void
run_time(const struct ft_primitive *p, const struct batch *b, enum field f, uint8_t *list)
{
	for (size_t i = 0; i < b->n; i++) {
		struct tm tm;

		when_local((int64_t)(COL64(b, f)[i] / 1000), &tm);
		list[i] &= permit_number(p, tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
	}
}

/* Rates with what is behind the point, which the columns do not have. */
static void
run_double(const struct ft_primitive *p, const struct batch *b, enum field f, uint8_t *list)
{
	const uint64_t *what = COL64(b, f == F_PPS ? F_PACKETS : F_BYTES);

	for (size_t i = 0; i < b->n; i++) {
		double msec = (double)COL64(b, F_DURATION)[i];
		double v = msec > 0 ? (double)what[i] * (f == F_PPS ? 1 : 8) / (msec / 1000.0) : 0;
		bool permit = p->permit;

		for (size_t k = 0; k < p->n; k++)
			if (HOLDS(p->rules[k].op, v, p->rules[k].real)) {
				permit = p->rules[k].permit;
				break;
			}
		list[i] &= permit;
	}
}

static int
take_tag(struct ft_primitive *p, struct ft_config *c, bool permit, struct err *e)
{
	struct ft_rule *r = add_rule(p, permit);

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	r->mask = UINT32_MAX;
	if (!parse_number(c->word[1], UINT32_MAX, &r->number))
		return ft_config_error(c, e, "\"%s\" is no tag.", c->word[1]);
	return 0;
}

static int
take_tag_mask(struct ft_primitive *p, struct ft_config *c, bool permit, struct err *e)
{
	struct ft_rule *r = add_rule(p, permit);
	uint64_t mask;

	if (ft_config_words(c, 3, e) == -1)
		return -1;
	if (!parse_number(c->word[1], UINT32_MAX, &r->number) || !parse_number(c->word[2], UINT32_MAX, &mask))
		return ft_config_error(c, e, "\"%s %s\" is no tag and mask.", c->word[1], c->word[2]);
	r->mask = mask;
	return 0;
}

static void
run_tag(const struct ft_primitive *p, const struct batch *b, enum field f, uint8_t *list)
{
	for (size_t i = 0; i < b->n; i++) {
		bool permit = p->permit;

		for (size_t k = 0; k < p->n; k++)
			if ((COL32(b, f)[i] & p->rules[k].mask) == p->rules[k].number) {
				permit = p->rules[k].permit;
				break;
			}
		list[i] &= permit;
	}
}

/* One of so many, by chance. */
static int
take_rate(struct ft_primitive *p, struct ft_config *c, bool permit, struct err *e)
{
	struct ft_rule *r = add_rule(p, permit);

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	if (!parse_number(c->word[1], UINT32_MAX, &r->number) || r->number == 0)
		return ft_config_error(c, e, "\"%s\" is no rate.", c->word[1]);
	return 0;
}

static void
run_rate(const struct ft_primitive *p, const struct batch *b, enum field f, uint8_t *list)
{
	(void)f;
	for (size_t i = 0; i < b->n; i++)
		list[i] &= p->n > 0 && random() % (long)p->rules[0].number == 0;
}

static const struct ft_type types[] = {
	{ "as", FT_AS, 65535, take_table, run_table, NULL },
	{ "ip-port", FT_PORT, 65535, take_table, run_table, NULL },
	{ "ifindex", FT_IFINDEX, 65535, take_table, run_table, NULL },
	{ "ip-protocol", FT_PROTOCOL, 255, take_table, run_table, NULL },
	{ "engine", FT_ENGINE, 255, take_table, run_table, NULL },
	{ "ip-address-prefix-len", FT_PREFIX_LEN, 32, take_table, run_table, NULL },
	{ "ip-tos", FT_TOS, 255, take_table, run_table, NULL },
	{ "ip-tcp-flags", FT_FLAGS, 255, take_table, run_table, NULL },
	{ "ip-address", FT_ADDRESS, 0, take_address, run_hosts, done_hosts },
	{ "ip-address-mask", FT_ADDRESS, 0, take_address_mask, run_addresses, NULL },
	{ "ip-address-prefix", FT_ADDRESS, 0, take_prefix, run_addresses, done_prefixes },
	{ "counter", FT_COUNTER, 0, take_counter, run_counter, NULL },
	{ "double", FT_DOUBLE, 0, take_double, run_double, NULL },
	{ "time", FT_TIME, 0, take_time, run_time, NULL },
	{ "time-date", FT_DATE, 0, take_date, run_date, NULL },
	{ "tag", FT_TAG, 0, take_tag, run_tag, NULL },
	{ "tag-mask", FT_TAG, 0, take_tag_mask, run_tag, NULL },
	{ "rate", FT_RATE, 0, take_rate, run_rate, NULL },
};

struct ft_primitive *
ft_primitive_new(const char *name, struct arena *a)
{
	struct ft_primitive *p = arena_alloc(a, sizeof(*p));

	p->name = name;
	p->arena = a;
	p->mask = UINT32_MAX;
	return p;
}

static int
take_type(struct ft_primitive *p, struct ft_config *c, struct err *e)
{
	if (ft_config_words(c, 2, e) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(types[i].name, c->word[1]) == 0)
			p->type = &types[i];
	return p->type != NULL ? 0 : ft_config_error(c, e, "\"%s\" is no type of primitive.", c->word[1]);
}

static int
take_mask(struct ft_primitive *p, struct ft_config *c, struct err *e)
{
	uint64_t mask;

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	if ((p->type->class & (FT_TOS | FT_FLAGS)) == 0 || !parse_number(c->word[1], 255, &mask))
		return ft_config_error(c, e, "Unexpected \"mask %s\".", c->word[1]);
	p->mask = mask;
	return 0;
}

int
ft_primitive_line(struct ft_primitive *p, struct ft_config *c, struct err *e)
{
	const char *word = c->word[0];

	if (strcasecmp(word, "type") == 0)
		return take_type(p, c, e);
	if (p->type == NULL)
		return ft_config_error(c, e, "the type of \"%s\" must be said first.", p->name);
	if (strcasecmp(word, "permit") == 0 || strcasecmp(word, "deny") == 0) {
		if (c->n < 2)
			return ft_config_error(c, e, "\"%s\" needs a value.", word);
		return p->type->take(p, c, strcasecmp(word, "permit") == 0, e);
	}
	if (strcasecmp(word, "mask") == 0)
		return take_mask(p, c, e);
	if (strcasecmp(word, "default") != 0)
		return ft_config_error(c, e, "Unexpected \"%s\".", word);
	if (ft_config_words(c, 2, e) == -1)
		return -1;
	p->permit = strcasecmp(c->word[1], "permit") == 0;
	return p->permit || strcasecmp(c->word[1], "deny") == 0 ? 0 :
	    ft_config_error(c, e, "\"permit\" or \"deny\" must follow, not \"%s\".", c->word[1]);
}

void
ft_primitive_done(struct ft_primitive *p)
{
	if (p->type != NULL && p->type->done != NULL)
		p->type->done(p);
}

void
ft_primitive_run(const struct ft_primitive *p, const struct batch *b, enum field f, uint8_t *list)
{
	p->type->run(p, b, f, list);
}
