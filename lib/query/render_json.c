#include "query/render_private.h"

#include <string.h>

#include "flow/names.h"

/* The columns that an object of a flow needs, whatever its elements. */
static const enum field flow_fields[] = {
	F_RECFLAGS, F_SYSID, F_FIRST, F_LAST, F_RECEIVED, F_PACKETS, F_BYTES, F_SRCPORT, F_DSTPORT,
	F_PROTO, F_FLAGS, F_FWDSTAT, F_SRCTOS, F_SRCIP, F_DSTIP, F_INIF, F_OUTIF, F_SRCMASK,
	F_DSTMASK, F_DIR, F_DSTTOS, F_FLOWS, F_OUTPACKETS, F_OUTBYTES, F_SRCVLAN, F_DSTVLAN,
	F_SRCAS, F_DSTAS, F_NEXTAS, F_PREVAS, F_NEXTHOP, F_BGPNEXTHOP, F_ROUTER, F_MPLS1, F_MPLS2,
	F_MPLS3, F_MPLS4, F_MPLS5, F_MPLS6, F_MPLS7, F_MPLS8, F_MPLS9, F_MPLS10, F_INSRCMAC,
	F_OUTDSTMAC, F_INDSTMAC, F_OUTSRCMAC, F_CLIENTLATENCY, F_SERVERLATENCY, F_APPLATENCY,
	F_EVENTTIME, F_CONNID, F_XEVENT, F_EVENT, F_XSRCIP, F_XDSTIP, F_XSRCPORT, F_XDSTPORT,
	F_IACL, F_IACE, F_IXACE, F_EACL, F_EACE, F_EXACE, F_USER, F_NATEVENT, F_PBSTART, F_PBEND,
	F_PBSTEP, F_PBSIZE, F_LABEL, F_TUNSRCIP, F_TUNDSTIP, F_TUNPROTO, F_OBSPOINT, F_OBSDOMAIN,
	F_IVRF, F_EVRF, F_ELEMENTS,
};

int
json_start(struct render *r, const char *argument, struct err *e)
{
	(void)argument, (void)e;
	r->framed = r->query->mode != QUERY_LIST;
	for (size_t i = 0; i < sizeof(flow_fields) / sizeof(flow_fields[0]); i++)
		fieldset_add(&r->fields, flow_fields[i]);
	return 0;
}

int
ndjson_start(struct render *r, const char *argument, struct err *e)
{
	if (json_start(r, argument, e) == -1)
		return -1;
	r->lines = r->framed = true;
	return 0;
}

void
json_head(struct render *r)
{
	strbuf_adds(&r->out, "[\n");
}

/* nfdump ends no line after the last flow. */
void
json_finish(struct render *r, const struct result *res)
{
	(void)res;
	if (r->framed && r->nrows != 0)
		strbuf_addc(&r->out, '\n');
	if (!r->lines)
		strbuf_adds(&r->out, "]\n");
}

/* A flow: the batch and the row that the keys below are read from. */
struct flow {
	struct strbuf *out;
	const struct batch *b;
	size_t i;
};

static uint64_t
number(const struct flow *w, enum field f)
{
	return w->b->col[f] != NULL ? batch_number(w->b, f, w->i) : 0;
}

static struct addr
address(const struct flow *w, enum field f)
{
	return w->b->col[f] != NULL ? COLADDR(w->b, f)[w->i] : (struct addr){ { 0 } };
}

/* A key with all that stands around it, and its length. */
#define KEY(name)	"\t\"" name "\" : ", sizeof("\t\"" name "\" : ") - 1

/* A constant and its length. */
#define LITERAL(s)	s, sizeof(s) - 1

static void
put_number(const struct flow *w, const char *key, size_t len, enum field f)
{
	text_bytes(w->out, key, len);
	text_number(w->out, number(w, f), 0);
	text_bytes(w->out, LITERAL(",\n"));
}

/* A number that nfdump writes in quotes. */
static void
put_quoted(const struct flow *w, const char *key, size_t len, enum field f)
{
	text_bytes(w->out, key, len);
	text_bytes(w->out, LITERAL("\""));
	text_number(w->out, number(w, f), 0);
	text_bytes(w->out, LITERAL("\",\n"));
}

static void
put_string(const struct flow *w, const char *key, size_t len, const char *value)
{
	text_bytes(w->out, key, len);
	text_bytes(w->out, LITERAL("\""));
	strbuf_adds(w->out, value);
	text_bytes(w->out, LITERAL("\",\n"));
}

static void
put_time(const struct flow *w, const char *key, size_t len, enum field f)
{
	text_bytes(w->out, key, len);
	text_bytes(w->out, LITERAL("\""));
	text_time(w->out, number(w, f), 'T');
	text_bytes(w->out, LITERAL("\",\n"));
}

static void
put_addr(const struct flow *w, const char *key, size_t len, bool v6, enum field f, enum field pair)
{
	struct addr a = address(w, f), other = pair != F_COUNT ? address(w, pair) : a;

	text_bytes(w->out, key, len);
	text_bytes(w->out, LITERAL("\""));
	if (v6 && memcmp(&a, &(struct addr){ { 0 } }, sizeof(a)) == 0)
		text_bytes(w->out, LITERAL("::"));
	else
		text_addr_beside(w->out, &a, &other, TEXT_IPV6_LONG);
	text_bytes(w->out, LITERAL("\",\n"));
}

/* An address whose key tells the family: "src4_addr" or "src6_addr". */
#define PUT_ADDR(w, before, v6, after, f, pair)				\
	do {								\
		if (v6)							\
			put_addr(w, KEY(before "6" after), true, f, pair); \
		else							\
			put_addr(w, KEY(before "4" after), false, f, pair); \
	} while (0)

/* Quoted text of the record, without what follows its first NUL. */
static void
quote_text(const struct flow *w, enum field f, const char *none)
{
	const struct slice *v = w->b->col[f] != NULL ? &COLSLICE(w->b, f)[w->i] : NULL;
	char buf[512];
	size_t n = 0;

	while (v != NULL && n < v->len && n < sizeof(buf) - 1 && v->p[n] != '\0') {
		buf[n] = (char)v->p[n];
		n++;
	}
	buf[n] = '\0';
	strbuf_addc(w->out, '"');
	if (n != 0)
		strbuf_add_json(w->out, buf);
	else
		strbuf_adds(w->out, none);
	strbuf_addc(w->out, '"');
}

static void
put_generic(const struct flow *w, uint64_t has)
{
	char buf[NAME_STRLEN];

	(void)has;
	put_time(w, KEY("first"), F_FIRST);
	put_time(w, KEY("last"), F_LAST);
	put_time(w, KEY("received"), F_RECEIVED);
	put_number(w, KEY("in_packets"), F_PACKETS);
	put_number(w, KEY("in_bytes"), F_BYTES);
	put_number(w, KEY("proto"), F_PROTO);
	if (text_is_icmp(number(w, F_PROTO))) {
		strbuf_addf(w->out, "\t\"icmp_type\" : %u,\n\t\"icmp_code\" : %u,\n",
		    (unsigned)number(w, F_DSTPORT) >> 8, (unsigned)number(w, F_DSTPORT) & 0xff);
	} else {
		put_string(w, KEY("tcp_flags"), tcpflags_text(number(w, F_FLAGS), buf));
		put_number(w, KEY("src_port"), F_SRCPORT);
		put_number(w, KEY("dst_port"), F_DSTPORT);
	}
	put_number(w, KEY("src_tos"), F_SRCTOS);
}

static void
put_ip(const struct flow *w, uint64_t has)
{
	bool v6 = has & ELEMENT(E_IPV6);

	PUT_ADDR(w, "src", v6, "_addr", F_SRCIP, F_DSTIP);
	PUT_ADDR(w, "dst", v6, "_addr", F_DSTIP, F_SRCIP);
}

/* A network; nothing when the exporter knew the masks of neither side. */
static void
put_net(const struct flow *w, const char *key, size_t len, enum field f, enum field pair, enum field mask)
{
	struct addr a = address(w, f), other = address(w, pair);
	unsigned bits = number(w, mask);

	text_bytes(w->out, key, len);
	strbuf_addc(w->out, '"');
	if (number(w, F_SRCMASK) != 0 || number(w, F_DSTMASK) != 0) {
		addr_mask(&a, addr_is_v4(&a) ? 96 + (bits < 32 ? bits : 32) : bits < 128 ? bits : 128);
		text_addr_beside(w->out, &a, &other, TEXT_IPV6_LONG);
	}
	strbuf_adds(w->out, "\",\n");
}

static void
put_misc(const struct flow *w, uint64_t has)
{
	(void)has;
	put_number(w, KEY("input_snmp"), F_INIF);
	put_number(w, KEY("output_snmp"), F_OUTIF);
	put_number(w, KEY("src_mask"), F_SRCMASK);
	put_number(w, KEY("dst_mask"), F_DSTMASK);
	put_net(w, KEY("src_net"), F_SRCIP, F_DSTIP, F_SRCMASK);
	put_net(w, KEY("dst_net"), F_DSTIP, F_SRCIP, F_DSTMASK);
	put_number(w, KEY("fwd_status"), F_FWDSTAT);
	put_number(w, KEY("direction"), F_DIR);
	put_number(w, KEY("dst_tos"), F_DSTTOS);
}

static void
put_count(const struct flow *w, uint64_t has)
{
	(void)has;
	put_number(w, KEY("out_packets"), F_OUTPACKETS);
	put_number(w, KEY("out_bytes"), F_OUTBYTES);
	put_number(w, KEY("aggr_flows"), F_FLOWS);
}

static void
put_vlan(const struct flow *w, uint64_t has)
{
	(void)has;
	put_number(w, KEY("src_vlan"), F_SRCVLAN);
	put_number(w, KEY("dst_vlan"), F_DSTVLAN);
}

static void
put_as(const struct flow *w, uint64_t has)
{
	(void)has;
	put_number(w, KEY("src_as"), F_SRCAS);
	put_number(w, KEY("dst_as"), F_DSTAS);
}

static void
put_bgpnext(const struct flow *w, uint64_t has)
{
	PUT_ADDR(w, "bgp", has & ELEMENT(E_BGPNEXT6), "_next_hop", F_BGPNEXTHOP, F_COUNT);
}

static void
put_next(const struct flow *w, uint64_t has)
{
	PUT_ADDR(w, "ip", has & ELEMENT(E_NEXT6), "_next_hop", F_NEXTHOP, F_COUNT);
}

static void
put_router(const struct flow *w, uint64_t has)
{
	PUT_ADDR(w, "ip", has & ELEMENT(E_ROUTER6), "_router", F_ROUTER, F_COUNT);
}

static void
put_mpls(const struct flow *w, uint64_t has)
{
	(void)has;
	for (unsigned k = 0; k < 10; k++) {
		text_bytes(w->out, LITERAL("\t\"mpls_"));
		text_number(w->out, k + 1, 0);
		text_bytes(w->out, LITERAL("\" : \""));
		text_mpls(w->out, number(w, F_MPLS1 + k));
		text_bytes(w->out, LITERAL("\",\n"));
	}
}

static void
put_mac(const struct flow *w, uint64_t has)
{
	static const struct { const char *key; size_t len; enum field f; } macs[] = {
		{ KEY("in_src_mac"), F_INSRCMAC }, { KEY("out_dst_mac"), F_OUTDSTMAC },
		{ KEY("in_dst_mac"), F_INDSTMAC }, { KEY("out_src_mac"), F_OUTSRCMAC },
	};

	(void)has;
	for (size_t k = 0; k < 4; k++) {
		text_bytes(w->out, macs[k].key, macs[k].len);
		text_bytes(w->out, LITERAL("\""));
		text_mac(w->out, number(w, macs[k].f));
		text_bytes(w->out, LITERAL("\",\n"));
	}
}

static void
put_asadj(const struct flow *w, uint64_t has)
{
	(void)has;
	put_number(w, KEY("next_as"), F_NEXTAS);
	put_number(w, KEY("prev_as"), F_PREVAS);
}

static void
put_latency(const struct flow *w, uint64_t has)
{
	static const struct { const char *key; size_t len; enum field f; } rows[] = {
		{ KEY("cli_latency"), F_CLIENTLATENCY }, { KEY("srv_latency"), F_SERVERLATENCY },
		{ KEY("app_latency"), F_APPLATENCY },
	};

	(void)has;
	for (size_t k = 0; k < 3; k++) {
		text_bytes(w->out, rows[k].key, rows[k].len);
		text_milli(w->out, number(w, rows[k].f));
		text_bytes(w->out, LITERAL("000,\n"));
	}
}

/* Milliseconds are not padded here; a time of zero is none. */
static void
put_event_time(const struct flow *w)
{
	uint64_t t = number(w, F_EVENTTIME);

	text_bytes(w->out, KEY("t_event"));
	strbuf_addc(w->out, '"');
	if (t != 0)
		text_time_seconds(w->out, t / 1000, 'T');
	else
		strbuf_adds(w->out, "<unknown>");
	strbuf_addf(w->out, ".%u\",\n", (unsigned)(t % 1000));
}

static void
put_nsel(const struct flow *w, uint64_t has)
{
	const char *name = fwevent_name(number(w, F_EVENT));

	(void)has;
	put_quoted(w, KEY("connect_id"), F_CONNID);
	put_quoted(w, KEY("event_id"), F_EVENT);
	put_string(w, KEY("event"), name != NULL ? name : "UNKNOW");
	put_quoted(w, KEY("xevent_id"), F_XEVENT);
	put_event_time(w);
}

static void
put_xlate(const struct flow *w, uint64_t has)
{
	bool v6 = has & ELEMENT(E_XLATE6);

	PUT_ADDR(w, "src", v6, "_xlt_ip", F_XSRCIP, F_XDSTIP);
	PUT_ADDR(w, "dst", v6, "_xlt_ip", F_XDSTIP, F_XSRCIP);
}

static void
put_xport(const struct flow *w, uint64_t has)
{
	(void)has;
	put_quoted(w, KEY("src_xlt_port"), F_XSRCPORT);
	put_quoted(w, KEY("dst_xlt_port"), F_XDSTPORT);
}

static void
put_acl(const struct flow *w, uint64_t has)
{
	(void)has;
	strbuf_addf(w->out, "\t\"ingress_acl\" : \"0x%llx/0x%llx/0x%llx\",\n",
	    (unsigned long long)number(w, F_IACL), (unsigned long long)number(w, F_IACE),
	    (unsigned long long)number(w, F_IXACE));
	strbuf_addf(w->out, "\t\"egress_acl\" : \"0x%llx/0x%llx/0x%llx\",\n",
	    (unsigned long long)number(w, F_EACL), (unsigned long long)number(w, F_EACE),
	    (unsigned long long)number(w, F_EXACE));
}

static void
put_user(const struct flow *w, uint64_t has)
{
	(void)has;
	text_bytes(w->out, KEY("user_name"));
	quote_text(w, F_USER, "<empty>");
	strbuf_adds(w->out, ",\n");
}

static void
put_vrfs(const struct flow *w)
{
	put_quoted(w, KEY("ingress_vrf"), F_IVRF);
	put_quoted(w, KEY("egress_vrf"), F_EVRF);
}

/* They are part of a NAT event; nfdump prints them here once more. */
static void
put_vrf(const struct flow *w, uint64_t has)
{
	if (!(has & ELEMENT(E_NAT)))
		put_vrfs(w);
}

static void
put_nat(const struct flow *w, uint64_t has)
{
	(void)has;
	put_quoted(w, KEY("nat_event_id"), F_NATEVENT);
	put_string(w, KEY("nat_event"), natevent_title(number(w, F_NATEVENT)));
	put_vrfs(w);
	put_event_time(w);
}

static void
put_pblock(const struct flow *w, uint64_t has)
{
	(void)has;
	put_quoted(w, KEY("pblock_start"), F_PBSTART);
	put_quoted(w, KEY("pblock_end"), F_PBEND);
	put_quoted(w, KEY("pblock_step"), F_PBSTEP);
	put_quoted(w, KEY("pblock_size"), F_PBSIZE);
}

static void
put_tunnel(const struct flow *w, uint64_t has)
{
	bool v6 = has & ELEMENT(E_TUN6);

	put_number(w, KEY("tun proto"), F_TUNPROTO);
	PUT_ADDR(w, "src", v6, "_tun_ip", F_TUNSRCIP, F_TUNDSTIP);
	PUT_ADDR(w, "dst", v6, "_tun_ip", F_TUNDSTIP, F_TUNSRCIP);
}

/* nfdump's spelling. */
static void
put_observation(const struct flow *w, uint64_t has)
{
	(void)has;
	put_number(w, KEY("observationDoaminID"), F_OBSDOMAIN);
	put_number(w, KEY("observationPointID"), F_OBSPOINT);
}

/* What elements of a record print, in the order of their numbers. */
static const struct {
	uint64_t elements;
	void (*put)(const struct flow *, uint64_t has);
} elements[] = {
	{ ELEMENT(E_GENERIC), put_generic },
	{ ELEMENT(E_IPV4) | ELEMENT(E_IPV6), put_ip },
	{ ELEMENT(E_MISC), put_misc },
	{ ELEMENT(E_CNT), put_count },
	{ ELEMENT(E_VLAN), put_vlan },
	{ ELEMENT(E_AS), put_as },
	{ ELEMENT(E_BGPNEXT4) | ELEMENT(E_BGPNEXT6), put_bgpnext },
	{ ELEMENT(E_NEXT4) | ELEMENT(E_NEXT6), put_next },
	{ ELEMENT(E_ROUTER4) | ELEMENT(E_ROUTER6), put_router },
	{ ELEMENT(E_MPLS), put_mpls },
	{ ELEMENT(E_MAC), put_mac },
	{ ELEMENT(E_ASADJ), put_asadj },
	{ ELEMENT(E_LATENCY), put_latency },
	{ ELEMENT(E_NSEL), put_nsel },
	{ ELEMENT(E_XLATE4) | ELEMENT(E_XLATE6), put_xlate },
	{ ELEMENT(E_XPORT), put_xport },
	{ ELEMENT(E_ACL), put_acl },
	{ ELEMENT(E_USER), put_user },
	{ ELEMENT(E_NAT), put_nat },
	{ ELEMENT(E_PBLOCK), put_pblock },
	{ ELEMENT(E_TUN4) | ELEMENT(E_TUN6), put_tunnel },
	{ ELEMENT(E_OBSERVATION), put_observation },
	{ ELEMENT(E_VRF), put_vrf },
};

static void
put_flow(const struct flow *w)
{
	uint64_t has = number(w, F_ELEMENTS), flags = number(w, F_RECFLAGS);

	text_bytes(w->out, LITERAL("{\n\t\"type\" : "));
	if (flags & 1)
		text_bytes(w->out, LITERAL("\"EVENT\",\n"));
	else
		text_bytes(w->out, LITERAL("\"FLOW\",\n"));
	text_bytes(w->out, KEY("sampled"));
	text_number(w->out, flags & 2 ? 1 : 0, 0);
	text_bytes(w->out, LITERAL(",\n"));
	put_number(w, KEY("export_sysid"), F_SYSID);
	for (size_t k = 0; k < sizeof(elements) / sizeof(elements[0]); k++)
		if (has & elements[k].elements)
			elements[k].put(w, has);
	text_bytes(w->out, KEY("label"));
	quote_text(w, F_LABEL, "<none>");
	strbuf_adds(w->out, "\n}");
}

/* What was appended since start without blanks and line ends outside of strings. */
static void
compact(struct strbuf *sb, size_t start)
{
	size_t to = start;
	bool quoted = false;

	for (size_t i = start; i < sb->len; i++) {
		char c = sb->s[i];

		if (!quoted && (c == ' ' || c == '\t' || c == '\n'))
			continue;
		if (c == '"')
			quoted = !quoted;
		sb->s[to++] = c;
		if (quoted && c == '\\')
			sb->s[to++] = sb->s[++i];
	}
	sb->len = to;
	sb->s[to] = '\0';
}

/* Between objects of an array, or of lines. */
static void
separate(struct render *r)
{
	if (r->nrows++ != 0)
		strbuf_adds(&r->out, r->lines ? "\n" : ",\n");
}

void
json_rows(struct render *r, const struct batch *b)
{
	struct flow w = { &r->out, b, 0 };

	for (w.i = 0; w.i < b->n && !r->gone; w.i++) {
		size_t start;

		separate(r);
		start = r->out.len;
		put_flow(&w);
		if (r->lines)
			compact(&r->out, start);
		render_flush(r, false);
	}
}

/* Objects of statistics and groups, a line each. */
void
json_object_start(struct render *r)
{
	separate(r);
	strbuf_addc(&r->out, '{');
}

/* "name": value of the field; numbers bare, the rest as text. */
static void
object_value(struct render *r, const struct batch *b, const char *name, enum field f, size_t i)
{
	strbuf_addf(&r->out, "\"%s\":", name);
	switch (fields[f].kind) {
	case KIND_ADDR: case KIND_MAC: case KIND_MPLS: case KIND_TCPFLAGS: case KIND_COUNTRY:
		strbuf_addc(&r->out, '"');
		text_field(&r->out, b, f, i, TEXT_IPV6_LONG);
		strbuf_addc(&r->out, '"');
		break;
	case KIND_TIME:
		strbuf_addc(&r->out, '"');
		text_time(&r->out, batch_number(b, f, i), 'T');
		strbuf_addc(&r->out, '"');
		break;
	case KIND_TEXT: case KIND_BINARY:
		quote_text(&(struct flow){ &r->out, b, i }, f, "");
		break;
	default:
		strbuf_addu(&r->out, batch_number(b, f, i));
	}
	strbuf_addc(&r->out, ',');
}

static void
object_counters(struct render *r, const struct batch *b, size_t i)
{
	static const enum field counted[] = {
		F_FIRST, F_LAST, F_FLAGS, F_FLOWS, F_PACKETS, F_BYTES, F_OUTPACKETS, F_OUTBYTES,
	};
	uint64_t first = COL64(b, F_FIRST)[i], last = COL64(b, F_LAST)[i];
	uint64_t msec = last > first ? last - first : 0;
	uint64_t packets = COL64(b, F_PACKETS)[i] + COL64(b, F_OUTPACKETS)[i];
	uint64_t bytes = COL64(b, F_BYTES)[i] + COL64(b, F_OUTBYTES)[i];

	for (size_t k = 0; k < sizeof(counted) / sizeof(counted[0]); k++)
		if (b->col[counted[k]] != NULL)
			object_value(r, b, fields[counted[k]].name, counted[k], i);
	strbuf_adds(&r->out, "\"duration\":");
	text_span_seconds(&r->out, first, last);
	strbuf_addf(&r->out, ",\"pps\":%llu,\"bps\":%llu,\"bpp\":%llu}",
	    (unsigned long long)rate_pps(packets, msec),
	    (unsigned long long)rate_bps(bytes, msec),
	    (unsigned long long)rate_bpp(bytes, packets));
	render_flush(r, false);
}

/* "statistic":"srcip:p/bytes" tells the rows of several -s apart. */
static void
object_statistic(struct render *r, const struct stat_request *s)
{
	if (s == NULL)
		return;
	strbuf_adds(&r->out, "\"statistic\":\"");
	stat_print(s, &r->out);
	strbuf_adds(&r->out, "\",");
}

void
json_groups(struct render *r, const struct table *t)
{
	for (size_t i = 0; i < t->rows.n && !r->gone; i++) {
		struct fieldset seen = { { 0 } };

		json_object_start(r);
		object_statistic(r, t->stat);
		for (size_t k = 0; k < t->nkeys; k++) {
			enum field f = t->keys[k].field;

			if (!fieldset_has(&seen, f))
				object_value(r, &t->rows, fields[f].name, f, i);
			fieldset_add(&seen, f);
		}
		object_counters(r, &t->rows, i);
	}
}

void
json_stat(struct render *r, const struct table *t, const struct result *res)
{
	(void)res;
	for (size_t i = 0; i < t->rows.n && !r->gone; i++) {
		json_object_start(r);
		object_statistic(r, t->stat);
		object_value(r, &t->rows, t->stat->stat->name, t->value_field, i);
		if (t->stat->by_proto && t->value_field != F_PROTO)
			object_value(r, &t->rows, fields[F_PROTO].name, F_PROTO, i);
		if (t->over != NULL)
			strbuf_addf(&r->out, "\"flows_over\":%llu,\"packets_over\":%llu,\"bytes_over\":%llu,",
			    (unsigned long long)t->over[i].flows, (unsigned long long)t->over[i].packets,
			    (unsigned long long)t->over[i].bytes);
		object_counters(r, &t->rows, i);
	}
}
