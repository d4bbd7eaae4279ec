#include "menu.h"

#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "flow/country.h"
#include "model.h"
#include "query/render.h"

#define ROWS_LEAST	3	/* of keys */

/* Fields by what they are about; those that stand nowhere come last. */
static const struct field_group {
	const char *title;
	enum field field[20];		/* ends with F_ENGINETYPE, which is 0, unless it is full */
} field_groups[] = {
	{ "Addresses", { F_SRCIP, F_DSTIP, F_NEXTHOP, F_BGPNEXTHOP, F_SRCGEO, F_DSTGEO } },
	{ "Ports and protocol", { F_SRCPORT, F_DSTPORT, F_PROTO, F_FLAGS, F_ICMPTYPE, F_ICMPCODE, F_SRCTOS, F_DSTTOS } },
	{ "Routing", { F_SRCAS, F_DSTAS, F_PREVAS, F_NEXTAS, F_SRCMASK, F_DSTMASK, F_FWDSTAT, F_IVRF, F_EVRF } },
	{ "Interfaces and VLANs", { F_INIF, F_OUTIF, F_DIR, F_SRCVLAN, F_DSTVLAN, F_PHYSIN, F_PHYSOUT, F_LAYER2VLAN,
	    F_CUSTVLAN, F_POSTVLAN, F_POSTCUSTVLAN, F_VXLAN, F_ETHERTYPE } },
	{ "Exporter", { F_ROUTER, F_SYSID, F_ENGINEID, F_NFVERSION, F_OBSDOMAIN, F_OBSPOINT } },
	{ "Counters and times", { F_BYTES, F_PACKETS, F_DURATION, F_BPS, F_PPS, F_BPP, F_FIRST, F_LAST, F_RECEIVED,
	    F_OUTBYTES, F_OUTPACKETS, F_FLOWS } },
	{ "MAC addresses", { F_INSRCMAC, F_INDSTMAC, F_OUTSRCMAC, F_OUTDSTMAC } },
	{ "MPLS", { F_MPLS1, F_MPLS2, F_MPLS3, F_MPLS4, F_MPLS5, F_MPLS6, F_MPLS7, F_MPLS8, F_MPLS9, F_MPLS10 } },
	{ "Latency", { F_CLIENTLATENCY, F_SERVERLATENCY, F_APPLATENCY } },
	{ "NAT", { F_XSRCIP, F_XDSTIP, F_XSRCPORT, F_XDSTPORT, F_NATEVENT, F_NATPOOL, F_PBSTART, F_PBEND, F_PBSTEP,
	    F_PBSIZE, F_NATINSERVICE, F_NATOUTSERVICE } },
	{ "Firewalls", { F_EVENT, F_XEVENT, F_EVENTTIME, F_CONNID, F_IACL, F_IACE, F_IXACE, F_EACL, F_EACE, F_EXACE,
	    F_PFACTION, F_PFREASON, F_PFDIR, F_PFRULE } },
	{ "Tunnels", { F_TUNSRCIP, F_TUNDSTIP, F_TUNPROTO } },
	{ "Other", { 0 } },
};

#define FIELD_GROUPS	(sizeof(field_groups) / sizeof(field_groups[0]))
#define FIELDS_LISTED	(sizeof(field_groups[0].field) / sizeof(field_groups[0].field[0]))

/* What statistics of two sides are called; the others are called as their fields. */
static const struct { const char *name, *title; } either[] = {
	{ "ip", "IP, source or destination" }, { "port", "Port, source or destination" },
	{ "as", "AS, source or destination" }, { "geo", "Country, source or destination" }, { "if", "Interface, input or output" },
	{ "mask", "Mask, source or destination" }, { "vlan", "VLAN, source or destination" },
	{ "srcmac", "Source MAC, in or out" }, { "dstmac", "Destination MAC, in or out" },
	{ "outmac", "MAC out, source or destination" }, { "record", "Flow (addresses, ports, protocol)" },
};

static const struct order_group {
	const char *title;
	enum order order[6];
	size_t n;
} order_groups[] = {
	{ "Totals", { ORDER_FLOWS, ORDER_PACKETS, ORDER_BYTES }, 3 },
	{ "Rates", { ORDER_BPS, ORDER_PPS, ORDER_BPP }, 3 },
	{ "Times", { ORDER_DURATION, ORDER_TSTART, ORDER_TEND }, 3 },
	{ "From source to destination", { ORDER_IBYTE, ORDER_IPKG, ORDER_IBPS, ORDER_IPPS, ORDER_IBPP }, 5 },
	{ "From destination to source", { ORDER_OBYTE, ORDER_OPKG, ORDER_OBPS, ORDER_OPPS, ORDER_OBPP }, 5 },
};

static json_t *
group_model(json_t *menu, const char *title)
{
	json_t *group = model_item(menu);

	model_text(group, "title", title);
	return model_list(group, "options");
}

static json_t *
option(json_t *options, const char *value, const char *title, bool chosen)
{
	json_t *item = model_item(options);

	model_text(item, "value", value);
	model_text(item, "title", title);
	model_flag(item, "chosen", chosen);
	return item;
}

/* Groups without options are none. */
static void
drop_empty(json_t *menu)
{
	for (size_t i = json_array_size(menu); i-- > 0; )
		if (json_array_size(json_object_get(json_array_get(menu, i), "options")) == 0)
			json_array_remove(menu, i);
}

static bool
listed(const struct field_group *g, enum field f)
{
	for (size_t i = 0; i < FIELDS_LISTED && g->field[i] != 0; i++)
		if (g->field[i] == f)
			return true;
	return false;
}

/* The k-th field of a group: of the last, the k-th that no other has; F_COUNT at the end. */
static enum field
group_field(const struct field_group *g, size_t k)
{
	if (g != &field_groups[FIELD_GROUPS - 1])
		return k < FIELDS_LISTED && g->field[k] != 0 ? g->field[k] : F_COUNT;
	for (enum field f = 0; f < F_COUNT; f++) {
		const struct field_group *other = field_groups;

		while (other < g && !listed(other, f))
			other++;
		if (other == g && k-- == 0)
			return f;
	}
	return F_COUNT;
}

/* Are there countries to group by? */
static bool
is_known(enum field f)
{
	return f == F_COUNT || fields[f].kind != KIND_COUNTRY || countries_known();
}

/* ---- statistics ---- */

static bool
same_sides(const struct statistic *a, const struct statistic *b)
{
	return a->side[0] == b->side[0] && a->side[1] == b->side[1];
}

/* nfdump has two names for some. */
static bool
is_synonym(const struct statistic *s)
{
	const struct statistic *first = statistics;

	while (!same_sides(first, s))
		first++;
	return first != s;
}

static const char *
statistic_title(const struct statistic *s)
{
	for (size_t i = 0; i < sizeof(either) / sizeof(either[0]); i++)
		if (strcmp(either[i].name, s->name) == 0)
			return either[i].title;
	return fields[s->side[0]].title;
}

static void
add_statistics(json_t *options, enum field f)
{
	for (const struct statistic *s = statistics; s->name != NULL; s++)
		if (s->side[0] == f && !is_synonym(s) && is_known(f))
			option(options, s->name, statistic_title(s), false);
}

static void
statistic_menu(json_t *form)
{
	json_t *menu = model_list(form, "statistic_menu");

	for (const struct field_group *g = field_groups; g < field_groups + FIELD_GROUPS; g++) {
		json_t *options = group_model(menu, g->title);
		enum field f;

		for (size_t k = 0; (f = group_field(g, k)) != F_COUNT; k++)
			add_statistics(options, f);
		if (g == field_groups)
			add_statistics(options, F_COUNT);
	}
	drop_empty(menu);
}

/* "Bytes", or which way round when that is not the usual. */
static void
order_model(json_t *item, enum order o, bool ascending)
{
	struct strbuf value = { 0 };

	order_print(o, ascending, &value);
	model_text(item, "order", strbuf_text(&value));
	if (ascending != orders[o].ascending)
		model_textf(item, "order_title", "%s, %s first", orders[o].title, ascending ? "least" : "greatest");
	else
		model_text(item, "order_title", orders[o].title);
	strbuf_free(&value);
}

void
menu_statistics(const struct query *q, json_t *form)
{
	const struct stat_request usual = { .stat = statistic_find("srcip", 5), .order = ORDER_FLOWS };
	size_t n = q->nstats > 0 ? q->nstats : 1;
	json_t *list = model_list(form, "stats");

	statistic_menu(form);
	for (size_t i = 0; i < n; i++) {
		const struct stat_request *r = q->nstats > 0 ? &q->stats[i] : &usual;
		json_t *item = option(list, r->stat->name, statistic_title(r->stat), true);

		model_number(item, "number", (int64_t)i + 1);
		model_flag(item, "by_proto", r->by_proto);
		order_model(item, r->order < ORDERS ? r->order : ORDER_FLOWS, r->ascending);
	}
	if (n < STATS_ASKED) {
		json_t *item = option(list, "", "", false);

		model_number(item, "number", (int64_t)n + 1);
		model_flag(item, "by_proto", false);
		order_model(item, ORDER_FLOWS, false);
	}
}

/* ---- orders ---- */

/* With a value of no order: as groups or flows come. */
static void
order_menu(json_t *form, const char *name, bool of_stat)
{
	json_t *menu = model_list(form, name);

	for (size_t i = 0; i < sizeof(order_groups) / sizeof(order_groups[0]); i++) {
		json_t *options = group_model(menu, order_groups[i].title);

		for (size_t k = 0; k < order_groups[i].n; k++) {
			enum order o = order_groups[i].order[k];

			if (!of_stat || orders[o].for_stat)
				option(options, orders[o].name, orders[o].title, false);
		}
	}
	drop_empty(menu);
}

void
menu_orders(const struct query *q, json_t *form)
{
	json_t *sort = model_object(form, "sort");
	bool given = q->nstats == 0 && q->order < ORDERS;

	order_menu(form, "order_menu", true);
	order_menu(form, "sort_menu", false);
	order_model(sort, given ? q->order : ORDER_FLOWS, given && q->ascending);
	model_flag(sort, "given", given);
}

/* ---- outputs ---- */

/* Its help tells what stands behind the colon. */
static bool
takes_format(const struct render_help *r)
{
	size_t n = strlen(r->name);

	return strncmp(r->help, r->name, n) == 0 && r->help[n] == ':';
}

bool
menu_is_format(const char *output)
{
	size_t n = strcspn(output, ":");

	if (output[n] == '\0')
		return false;
	n -= n > 0 && output[n - 1] == '6';	/* IPv6 in full */
	for (const struct render_help *r = renders; r->name != NULL; r++)
		if (takes_format(r) && strlen(r->name) == n && strncmp(r->name, output, n) == 0)
			return true;
	return false;
}

void
menu_outputs(const struct query *q, json_t *form)
{
	json_t *list = model_list(form, "outputs");
	const char *chosen = q->output != NULL ? q->output : "";
	bool found = *chosen == '\0';

	option(list, "", "a table", found);
	for (const struct render_help *r = renders; r->name != NULL; r++) {
		/* Those that take a format are typed beside the menu. */
		if (takes_format(r) || strcmp(r->name, "null") == 0)
			continue;
		option(list, r->name, r->name, strcmp(r->name, chosen) == 0);
		found |= strcmp(r->name, chosen) == 0;
	}
	option(list, "format", "this format:", !found);
	model_text(form, "format", found ? NULL : chosen);
}

/* ---- keys ---- */

static void
key_option(json_t *options, const struct key *key, const char *title)
{
	struct strbuf value = { 0 };
	json_t *item;

	key_print(key, &value);
	if (key->family != 0)
		value.len = strcspn(strbuf_text(&value), "/");
	item = option(options, strbuf_text(&value), title, false);
	model_flag(item, "net", key->family != 0);
	strbuf_free(&value);
}

static bool
is_key(enum field f)
{
	return fields[f].name != NULL && fields[f].title != NULL && f != F_ELEMENTS &&
	    key_is_possible(f) && is_known(f);
}

static const char *
key_title(const struct key *key, char *text, size_t size)
{
	const char *field = fields[key->field].title;

	if (key->own_mask)
		snprintf(text, size, "%s, network by its route", field);
	else if (key->family != 0)
		snprintf(text, size, "%s, IPv%u network", field, key->family);
	else
		return field;
	return text;
}

/* Networks of addresses: by the mask that flows carry, and of either family. */
static void
network_options(json_t *options)
{
	char title[80];

	for (int i = 0; i < 2; i++) {
		struct key own = { .field = i == 0 ? F_SRCIP : F_DSTIP, .own_mask = true };

		key_option(options, &own, key_title(&own, title, sizeof(title)));
	}
	for (enum field f = 0; f < F_COUNT; f++)
		for (uint8_t family = 4; is_key(f) && fields[f].kind == KIND_ADDR && family <= 6; family += 2) {
			struct key key = { .field = f, .family = family, .bits = 1 };

			key_option(options, &key, key_title(&key, title, sizeof(title)));
		}
}

static void
key_menu(json_t *form)
{
	json_t *menu = model_list(form, "key_menu");

	for (const struct field_group *g = field_groups; g < field_groups + FIELD_GROUPS; g++) {
		json_t *options = group_model(menu, g->title);
		struct key key = { 0 };

		for (size_t k = 0; (key.field = group_field(g, k)) != F_COUNT; k++)
			if (is_key(key.field))
				key_option(options, &key, fields[key.field].title);
		if (g == field_groups)
			network_options(group_model(menu, "Networks"));
	}
	drop_empty(menu);
}

void
menu_keys(const struct query *q, json_t *form)
{
	static const struct key usual[] = { { .field = F_SRCIP }, { .field = F_DSTPORT } };
	const struct key *keys = q->nkeys > 0 ? q->keys : usual;
	size_t n = q->five_tuple ? 0 : q->nkeys > 0 ? q->nkeys : 2, rows = n + 1;
	json_t *list = model_list(form, "keys");
	char title[80];

	key_menu(form);
	rows = rows < ROWS_LEAST ? ROWS_LEAST : rows > KEYS_MAX ? KEYS_MAX : rows;
	for (size_t i = 0; i < rows; i++) {
		if (i < n) {
			key_option(list, &keys[i], key_title(&keys[i], title, sizeof(title)));
		} else {
			json_t *item = option(list, "", "", false);

			model_flag(item, "net", false);
		}
		if (i < n && keys[i].family != 0)
			model_number(json_array_get(list, i), "bits", keys[i].bits);
		else
			model_text(json_array_get(list, i), "bits", NULL);
		model_number(json_array_get(list, i), "number", (int64_t)i + 1);
	}
}

void
menu_key(const char *value, const char *bits, struct strbuf *sb)
{
	struct key key;
	struct err e;

	strbuf_addf(sb, "%s%s", sb->len > 0 ? "," : "", value);
	if (key_parse(value, strlen(value), &key, &e) == 0 || *value == '\0')
		return;
	if (bits == NULL || *bits == '\0')
		bits = value[strlen(value) - 1] == '6' ? "64" : "24";
	strbuf_addf(sb, "/%s", bits);
}
