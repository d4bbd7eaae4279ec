#include "query/render_private.h"

#include <string.h>

#include "flow/names.h"
#include "query/group.h"

/*
 * nfdump's raw output: a record over many lines, a line for each value that it
 * has.  A line's columns are the values that its function takes.
 */
#define LINE_FIELDS	3

struct line {
	uint64_t elements;
	const char *name;
	void (*print)(struct render *, const struct batch *, const struct line *, size_t row);
	enum field field[LINE_FIELDS];
	uint8_t width;		/* of the number, the last of VALUE_WIDTH places */
};

#define VALUE_WIDTH	18	/* after "name =" */

static uint64_t
number(const struct batch *b, enum field f, size_t row)
{
	return b->col[f] != NULL ? batch_number(b, f, row) : 0;
}

/* A number that is too long moves to the right. */
static void
put_places(struct render *r, uint64_t v, unsigned width)
{
	strbuf_addf(&r->out, "%*s", (int)(VALUE_WIDTH - width), "");
	text_number(&r->out, v, width);
}

static void
put_number(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	put_places(r, number(b, l->field[0], row), l->width);
}

static void
put_time(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	uint64_t t = number(b, l->field[0], row);

	put_places(r, t, 13);
	strbuf_adds(&r->out, " [");
	if (t != 0)
		text_time(&r->out, t, ' ');
	else
		strbuf_adds(&r->out, l->field[0] == F_RECEIVED ? "0.000" : "<unknown>.000");
	strbuf_addc(&r->out, ']');
}

static void
put_proto(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	char buf[NAME_STRLEN];

	put_number(r, b, l, row);
	strbuf_addc(&r->out, ' ');
	csv_proto(&r->out, proto_name((uint8_t)number(b, l->field[0], row), buf));
}

static void
put_flags(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	char buf[NAME_STRLEN];
	unsigned flags = (unsigned)number(b, l->field[0], row);

	strbuf_addf(&r->out, "              0x%.2x %s", flags, tcpflags_text((uint8_t)flags, buf));
}

/* The other of the pair tells the family of an address that is not there. */
static void
put_addr(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	static const struct addr none;
	const struct addr *a = b->col[l->field[0]] != NULL ? &COLADDR(b, l->field[0])[row] : &none;
	const struct addr *other = l->field[1] != F_COUNT && b->col[l->field[1]] != NULL ? &COLADDR(b, l->field[1])[row] : a;
	size_t start;

	strbuf_adds(&r->out, "  ");
	start = r->out.len;
	text_addr_beside(&r->out, a, other, TEXT_IPV6_LONG);
	align_right(&r->out, start, VALUE_WIDTH - 2);
}

static void
put_mask(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	unsigned bits = (unsigned)number(b, l->field[0], row);
	struct addr a = b->col[l->field[1]] != NULL ? COLADDR(b, l->field[1])[row] : (struct addr){ { 0 } };

	put_places(r, bits, 5);
	strbuf_addc(&r->out, ' ');
	if (bits != 0) {
		struct addr whole = a;

		addr_mask(&a, addr_is_v4(&a) ? 96 + (bits < 32 ? bits : 32) : bits < 128 ? bits : 128);
		text_addr_beside(&r->out, &a, &whole, TEXT_IPV6_LONG);
	}
	strbuf_addf(&r->out, "/%u", bits);
}

static const char *const biflow_names[] = { "", "initiator", "reverseInitiator", "perimeter" };
static const char *const end_names[] = {
	"", "idle timeout", "active timeout", "end of Flow detected", "forced end", "lack of resources",
};

static void
put_named(struct render *r, unsigned v, const char *const *names, size_t n)
{
	strbuf_addf(&r->out, "              0x%.2x %s", v, v < n ? names[v] : "");
}

static void
put_biflow(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	put_named(r, (unsigned)number(b, l->field[0], row), biflow_names, 4);
}

static void
put_end(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	put_named(r, (unsigned)number(b, l->field[0], row), end_names, 6);
}

/* Each label that is not zero has a line; the first has its name already. */
static void
put_mpls(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	for (unsigned k = 0; k < 10; k++) {
		uint32_t label = (uint32_t)number(b, l->field[0] + k, row);

		if (label != 0)
			strbuf_addf(&r->out, "  MPLS Lbl %2u  =      %8u-%1u-%1u\n", k + 1, label >> 4,
			    label >> 1 & 7, label & 1);
	}
}

static void
put_mac(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	strbuf_addc(&r->out, ' ');
	text_mac(&r->out, number(b, l->field[0], row));
}

static void
put_latency(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	size_t start = r->out.len;

	text_milli(&r->out, number(b, l->field[0], row));
	align_right(&r->out, start, VALUE_WIDTH);
	strbuf_adds(&r->out, " ms");
}

static void
put_event(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	uint8_t v = (uint8_t)number(b, l->field[0], row);
	const char *name = l->field[0] == F_NATEVENT ? natevent_name(v) : fwevent_name(v);

	put_places(r, v, 5);
	strbuf_addf(&r->out, ": %s", name != NULL ? name : "UNKNOW");
}

static void
put_xevent(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	static const char *const names[] = { "Ignore", "I-ACL", "E-ACL", "Adap", "No Syn" };
	unsigned v = (unsigned)number(b, l->field[0], row);

	put_places(r, v, 5);
	strbuf_adds(&r->out, ": ");
	if (v == 0 || (v > 1000 && v <= 1004))
		strbuf_adds(&r->out, names[v != 0 ? v - 1000 : 0]);
	else
		text_number(&r->out, v, 0);
}

static void
put_acl(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	strbuf_addf(&r->out, "       0x%x/0x%x/0x%x", (unsigned)number(b, l->field[0], row),
	    (unsigned)number(b, l->field[1], row), (unsigned)number(b, l->field[2], row));
}

static void
put_domain(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	strbuf_addf(&r->out, "         0x%05x", (unsigned)number(b, l->field[0], row));
}

static void
put_point(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	strbuf_addf(&r->out, "      0x%010llx", (unsigned long long)number(b, l->field[0], row));
}

static struct slice
slice_of(const struct batch *b, enum field f, size_t row)
{
	return b->col[f] != NULL ? COLSLICE(b, f)[row] : (struct slice){ NULL, 0 };
}

static char
printable(uint8_t c)
{
	return c >= ' ' && c < 0x7f ? (char)c : '.';
}

static void
put_text(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	struct slice v = slice_of(b, l->field[0], row);
	size_t start;

	strbuf_adds(&r->out, l->field[0] == F_USER ? "       " : "  ");
	start = r->out.len;
	for (uint32_t i = 0; i < v.len && v.p[i] != '\0'; i++)
		strbuf_addc(&r->out, printable(v.p[i]));
	if (l->field[0] == F_USER && r->out.len == start)
		strbuf_adds(&r->out, "<empty>");
	if (l->field[0] != F_USER)
		align_right(&r->out, start, VALUE_WIDTH - 2);
}

/* Sixteen bytes as numbers and as text. */
static void
put_hex(struct render *r, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i < 16; i++) {
		if (i == 8)
			strbuf_addc(&r->out, ' ');
		if (i < n)
			strbuf_addf(&r->out, "%.2X ", p[i]);
		else
			strbuf_adds(&r->out, "   ");
	}
	strbuf_adds(&r->out, " |  ");
	for (uint32_t i = 0; i < n; i++)
		strbuf_addc(&r->out, printable(p[i]));
	strbuf_addc(&r->out, ' ');
}

static void
put_payload(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	struct slice v = slice_of(b, l->field[0], row);

	put_places(r, v.len, 10);
	strbuf_addc(&r->out, '\n');
	for (uint32_t i = 0; i < v.len; i++) {
		char c = (char)v.p[i];

		strbuf_addc(&r->out, c == '\n' || c == '\r' || c == '\t' ? c : printable(v.p[i]));
	}
	for (uint32_t i = 0; i < v.len; i += 16) {
		strbuf_addc(&r->out, '\n');
		put_hex(r, v.p + i, v.len - i < 16 ? v.len - i : 16);
	}
}

static void
put_nbar(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	struct slice v = slice_of(b, l->field[0], row);
	uint64_t id = 0;

	for (uint32_t i = 1; i < v.len && i < 8; i++)
		id = id << 8 | v.p[i];
	strbuf_addf(&r->out, "             %2u..%llu: <no info>", v.len != 0 ? v.p[0] : 0u, (unsigned long long)id);
}

/* "ICMP", or both ports: the line says which by itself. */
static void
put_ports(struct render *r, const struct batch *b, const struct line *l, size_t row)
{
	unsigned dst = (unsigned)number(b, l->field[1], row);

	if (text_is_icmp((uint8_t)number(b, F_PROTO, row)))
		strbuf_addf(&r->out, "  ICMP         =              %2u.%-2u type.code\n", dst >> 8, dst & 0xff);
	else
		strbuf_addf(&r->out, "  src port     =             %5u\n  dst port     =             %5u\n"
		    "  src tos      =               %3u\n", (unsigned)number(b, l->field[0], row), dst,
		    (unsigned)number(b, F_SRCTOS, row));
}

#define GENERIC	ELEMENT(E_GENERIC)
#define ALWAYS	ELEMENT(E_HEADER)
#define MISC	ELEMENT(E_MISC)
#define PAIR(elements, name, f, g)	{ elements, name, put_addr, { f, g, F_COUNT }, 0 }
#define LINE(elements, name, print, f)	{ elements, name, print, { f, F_COUNT, F_COUNT }, 0 }
#define NUMBER(elements, name, f, width) { elements, name, put_number, { f, F_COUNT, F_COUNT }, width }
#define THREE(elements, name, print, f, g, h) { elements, name, print, { f, g, h }, 0 }

/* In nfdump's order.  A line without name writes its own. */
static const struct line lines[] = {
	NUMBER(ALWAYS, "engine type", F_ENGINETYPE, 5),
	NUMBER(ALWAYS, "engine ID", F_ENGINEID, 5),
	NUMBER(ALWAYS, "export sysid", F_SYSID, 5),
	LINE(GENERIC, "first", put_time, F_FIRST),
	LINE(GENERIC, "last", put_time, F_LAST),
	LINE(GENERIC, "received at", put_time, F_RECEIVED),
	{ GENERIC, "proto", put_proto, { F_PROTO, F_COUNT, F_COUNT }, 3 },
	LINE(GENERIC, "tcp flags", put_flags, F_FLAGS),
	THREE(GENERIC, NULL, put_ports, F_SRCPORT, F_DSTPORT, F_SRCTOS),
	NUMBER(GENERIC, "in packets", F_PACKETS, 10),
	NUMBER(GENERIC, "in bytes", F_BYTES, 10),
	{ ELEMENT(E_TUN4) | ELEMENT(E_TUN6), "tun proto", put_proto, { F_TUNPROTO, F_COUNT, F_COUNT }, 3 },
	PAIR(ELEMENT(E_TUN4) | ELEMENT(E_TUN6), "tun src addr", F_TUNSRCIP, F_TUNDSTIP),
	PAIR(ELEMENT(E_TUN4) | ELEMENT(E_TUN6), "tun dst addr", F_TUNDSTIP, F_TUNSRCIP),
	PAIR(ELEMENT(E_IPV4) | ELEMENT(E_IPV6), "src addr", F_SRCIP, F_DSTIP),
	PAIR(ELEMENT(E_IPV4) | ELEMENT(E_IPV6), "dst addr", F_DSTIP, F_SRCIP),
	NUMBER(MISC, "input", F_INIF, 8),
	NUMBER(MISC, "output", F_OUTIF, 8),
	THREE(MISC, "src mask", put_mask, F_SRCMASK, F_SRCIP, F_COUNT),
	THREE(MISC, "dst mask", put_mask, F_DSTMASK, F_DSTIP, F_COUNT),
	NUMBER(MISC, "fwd status", F_FWDSTAT, 3),
	NUMBER(MISC, "dst tos", F_DSTTOS, 3),
	NUMBER(MISC, "direction", F_DIR, 3),
	LINE(MISC, "biFlow Dir", put_biflow, F_BIDIR),
	LINE(MISC, "end reason", put_end, F_ENDREASON),
	NUMBER(ELEMENT(E_CNT), "out packets", F_OUTPACKETS, 10),
	NUMBER(ELEMENT(E_CNT), "out bytes", F_OUTBYTES, 10),
	NUMBER(ELEMENT(E_CNT), "aggr flows", F_FLOWS, 10),
	NUMBER(ELEMENT(E_VLAN), "src vlan", F_SRCVLAN, 5),
	NUMBER(ELEMENT(E_VLAN), "dst vlan", F_DSTVLAN, 5),
	NUMBER(ELEMENT(E_AS), "src as", F_SRCAS, 5),
	NUMBER(ELEMENT(E_AS), "dst as", F_DSTAS, 5),
	LINE(ELEMENT(E_BGPNEXT4) | ELEMENT(E_BGPNEXT6), "bgp next hop", put_addr, F_BGPNEXTHOP),
	LINE(ELEMENT(E_NEXT4) | ELEMENT(E_NEXT6), "ip next hop", put_addr, F_NEXTHOP),
	LINE(ELEMENT(E_ROUTER4) | ELEMENT(E_ROUTER6), "ip exporter", put_addr, F_ROUTER),
	LINE(ELEMENT(E_MPLS), NULL, put_mpls, F_MPLS1),
	LINE(ELEMENT(E_MAC), "in src mac", put_mac, F_INSRCMAC),
	LINE(ELEMENT(E_MAC), "out dst mac", put_mac, F_OUTDSTMAC),
	LINE(ELEMENT(E_MAC), "in dst mac", put_mac, F_INDSTMAC),
	LINE(ELEMENT(E_MAC), "out src mac", put_mac, F_OUTSRCMAC),
	NUMBER(ELEMENT(E_ASADJ), "bgp next as", F_NEXTAS, 5),
	NUMBER(ELEMENT(E_ASADJ), "bgp prev as", F_PREVAS, 5),
	LINE(ELEMENT(E_LATENCY), "cli latency", put_latency, F_CLIENTLATENCY),
	LINE(ELEMENT(E_LATENCY), "srv latency", put_latency, F_SERVERLATENCY),
	LINE(ELEMENT(E_LATENCY), "app latency", put_latency, F_APPLATENCY),
	NUMBER(ELEMENT(E_NSEL), "connect ID", F_CONNID, 10),
	LINE(ELEMENT(E_NSEL), "fw event", put_event, F_EVENT),
	LINE(ELEMENT(E_NSEL), "fw ext event", put_xevent, F_XEVENT),
	LINE(ELEMENT(E_NSEL), "Event time", put_time, F_EVENTTIME),
	PAIR(ELEMENT(E_XLATE4) | ELEMENT(E_XLATE6), "src xlt ip", F_XSRCIP, F_XDSTIP),
	PAIR(ELEMENT(E_XLATE4) | ELEMENT(E_XLATE6), "dst xlt ip", F_XDSTIP, F_XSRCIP),
	NUMBER(ELEMENT(E_XPORT), "src xlt port", F_XSRCPORT, 5),
	NUMBER(ELEMENT(E_XPORT), "dst xlt port", F_XDSTPORT, 5),
	THREE(ELEMENT(E_ACL), "Ingress ACL", put_acl, F_IACL, F_IACE, F_IXACE),
	THREE(ELEMENT(E_ACL), "Egress ACL", put_acl, F_EACL, F_EACE, F_EXACE),
	LINE(ELEMENT(E_USER), "username", put_text, F_USER),
	LINE(ELEMENT(E_NAT), "nat event", put_event, F_NATEVENT),
	LINE(ELEMENT(E_NAT), "Event time", put_time, F_EVENTTIME),
	NUMBER(ELEMENT(E_PBLOCK), "pblock start", F_PBSTART, 5),
	NUMBER(ELEMENT(E_PBLOCK), "pblock end", F_PBEND, 5),
	NUMBER(ELEMENT(E_PBLOCK), "pblock step", F_PBSTEP, 5),
	NUMBER(ELEMENT(E_PBLOCK), "pblock size", F_PBSIZE, 5),
	LINE(ELEMENT(E_NBAR), "app ID", put_nbar, F_NBAR),
	LINE(ELEMENT(E_LABEL), "Label", put_text, F_LABEL),
	LINE(ELEMENT(E_INPAYLOAD), "in payload", put_payload, F_INPAYLOAD),
	LINE(ELEMENT(E_OUTPAYLOAD), "out payload", put_payload, F_OUTPAYLOAD),
	LINE(ELEMENT(E_OBSERVATION), "obs domainID", put_domain, F_OBSDOMAIN),
	LINE(ELEMENT(E_OBSERVATION), "obs pointID", put_point, F_OBSPOINT),
	NUMBER(ELEMENT(E_VRF), "ingress VRF", F_IVRF, 10),
	NUMBER(ELEMENT(E_VRF), "egress VRF", F_EVRF, 10),
};

#define LINES	(sizeof(lines) / sizeof(lines[0]))

/* "NETFLOW v9, Sampled" */
static void
put_kind(struct render *r, const struct batch *b, size_t row)
{
	unsigned flags = (unsigned)number(b, F_RECFLAGS, row), v = (unsigned)number(b, F_NFVERSION, row);

	strbuf_addf(&r->out, "  Flags        =              0x%.2x ", flags);
	if (flags & 1)
		strbuf_adds(&r->out, "EVENT");
	else if (v == 0)
		strbuf_adds(&r->out, "FLOW");
	else
		strbuf_addf(&r->out, "%s v%u", v & 0x80 ? "SFLOW" : v & 0x40 ? "PCAP" : "NETFLOW", v & 0x3f);
	strbuf_adds(&r->out, flags & 4 ? " Anonymized" : "");
	strbuf_adds(&r->out, flags & 2 ? ", Sampled\n" : ", Unsampled\n");
}

static void
put_elements(struct render *r, uint64_t has)
{
	unsigned n = 0;

	for (unsigned id = 1; id < 63; id++)
		n += has >> id & 1;
	strbuf_addf(&r->out, "  Elements     =             %5u: ", n);
	for (unsigned id = 1; id < 63; id++)
		if (has >> id & 1)
			strbuf_addf(&r->out, "%u ", id);
	strbuf_addc(&r->out, '\n');
}

/* Bytes of nfcapd's elements, by their numbers; of those that end with text, without it. */
static const uint8_t element_sizes[] = {
	0, 52, 12, 36, 20, 28, 12, 12, 8, 20, 8, 20, 8, 20, 44, 36, 12, 28, 16, 20, 12, 36, 8, 28, 72, 20, 12,
	4, 4, 4, 4, 16, 44, 20, 8, 4, 12, 24, 36, 12, 8, 4, 8,
};

/* What the record takes in an nfcapd file. */
static void
put_size(struct render *r, const struct batch *b, size_t row, uint64_t has)
{
	static const enum field texts[] = { F_NBAR, F_LABEL, F_INPAYLOAD, F_OUTPAYLOAD };
	uint64_t size = 12;

	for (unsigned id = 1; id < sizeof(element_sizes); id++)
		size += has >> id & 1 ? element_sizes[id] : 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		size += slice_of(b, texts[i], row).len;
	strbuf_addf(&r->out, "  size         =             %5llu\n", (unsigned long long)size);
}

int
raw_start(struct render *r, const char *argument, struct err *e)
{
	static const enum field head[] = { F_RECFLAGS, F_NFVERSION, F_ELEMENTS };

	(void)argument, (void)e;
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		fieldset_add(&r->fields, head[i]);
	for (size_t i = 0; i < LINES; i++)
		for (size_t k = 0; k < LINE_FIELDS && lines[i].field[k] != F_COUNT; k++)
			fieldset_add(&r->fields, lines[i].field[k]);
	for (unsigned k = 1; k < 10; k++)
		fieldset_add(&r->fields, F_MPLS1 + k);
	return 0;
}

static void
put_lines(struct render *r, const struct batch *b, size_t row, uint64_t has)
{
	for (size_t i = 0; i < LINES; i++) {
		const struct line *l = &lines[i];

		if ((l->elements & has) == 0)
			continue;
		if (l->name != NULL)
			strbuf_addf(&r->out, "  %-13s=", l->name);
		l->print(r, b, l, row);
		if (l->name != NULL)
			strbuf_addc(&r->out, '\n');
	}
}

/* Rows of groups have no elements: all lines are theirs whose values they have. */
static uint64_t
elements_of(const struct batch *b, size_t row)
{
	uint64_t has = ELEMENT(E_HEADER) | GENERIC;

	if (b->col[F_ELEMENTS] != NULL)
		return has | COL64(b, F_ELEMENTS)[row];
	for (size_t i = 0; i < LINES; i++)
		if (b->col[lines[i].field[0]] != NULL)
			has |= lines[i].elements;
	return has;
}

void
raw_rows(struct render *r, const struct batch *b)
{
	for (size_t row = 0; row < b->n && !r->gone; row++) {
		uint64_t has = elements_of(b, row);

		strbuf_adds(&r->out, "\nFlow Record: \n");
		if (r->query->mode == QUERY_LIST)
			strbuf_addf(&r->out, "  RecordCount  =             %5llu\n",
			    (unsigned long long)++r->nrows);
		put_kind(r, b, row);
		put_elements(r, has);
		put_size(r, b, row, has);
		put_lines(r, b, row, has);
		render_flush(r, false);
	}
}

/* The four 32-bit words of an address. */
static void
pipe_addr(struct render *r, const struct addr *a, bool v4)
{
	const uint8_t *p = (const uint8_t *)a;

	for (size_t i = 0; i < 16; i += 4) {
		uint32_t word = (uint32_t)p[i] << 24 | (uint32_t)p[i + 1] << 16 | (uint32_t)p[i + 2] << 8 | p[i + 3];

		strbuf_addu(&r->out, v4 && i < 12 ? 0 : word);
		strbuf_addc(&r->out, '|');
	}
}

/* The columns of nfdump's pipe, between and after the addresses. */
static const enum field pipe_fields[] = {
	F_DSTPORT, F_SRCAS, F_DSTAS, F_INIF, F_OUTIF, F_FLAGS, F_SRCTOS, F_PACKETS, F_BYTES,
};

int
pipe_start(struct render *r, const char *argument, struct err *e)
{
	static const enum field head[] = { F_FIRST, F_LAST, F_PROTO, F_SRCIP, F_DSTIP, F_SRCPORT };

	(void)argument, (void)e;
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		fieldset_add(&r->fields, head[i]);
	for (size_t i = 0; i < sizeof(pipe_fields) / sizeof(pipe_fields[0]); i++)
		fieldset_add(&r->fields, pipe_fields[i]);
	return 0;
}

/* Family (0 of numbers), first, last, protocol, value, flows, packets, bytes and rates. */
static void
pipe_stat_row(struct render *r, const struct table *t, size_t row)
{
	enum side side = orders[t->stat->order].side;
	enum field f = t->value_field;
	const struct addr *a = fields[f].kind == KIND_ADDR ? &COLADDR(&t->rows, f)[row] : NULL;
	struct counters c;
	uint64_t packets, bytes, msec;

	counters_of_row(&t->rows, row, &c);
	packets = counters_packets(&c, side);
	bytes = counters_bytes(&c, side);
	msec = c.last > c.first ? c.last - c.first : 0;
	strbuf_addf(&r->out, "%d|%llu|%llu|%u|", a == NULL ? 0 : text_is_ipv6(a, a) ? 10 : 2,
	    (unsigned long long)c.first, (unsigned long long)c.last, (unsigned)number(&t->rows, F_PROTO, row));
	if (a != NULL)
		pipe_addr(r, a, !text_is_ipv6(a, a));
	else
		strbuf_addf(&r->out, "%llu|", (unsigned long long)number(&t->rows, f, row));
	strbuf_addf(&r->out, "%llu|%llu|%llu|%llu|%llu|%llu\n", (unsigned long long)c.flows,
	    (unsigned long long)packets, (unsigned long long)bytes,
	    (unsigned long long)rate_pps(packets, msec), (unsigned long long)rate_bps(bytes, msec),
	    (unsigned long long)rate_bpp(bytes, packets));
}

void
pipe_stat(struct render *r, const struct table *t, const struct result *res)
{
	(void)res;
	for (size_t row = 0; row < t->rows.n && !r->gone; row++) {
		pipe_stat_row(r, t, row);
		render_flush(r, false);
	}
	strbuf_addc(&r->out, '\n');
}

static void
pipe_row(struct render *r, const struct batch *b, size_t row)
{
	static const struct addr none;
	const struct addr *src = b->col[F_SRCIP] != NULL ? &COLADDR(b, F_SRCIP)[row] : &none;
	const struct addr *dst = b->col[F_DSTIP] != NULL ? &COLADDR(b, F_DSTIP)[row] : &none;
	bool v4 = !text_is_ipv6(src, dst);

	strbuf_addf(&r->out, "%d|%llu|%llu|%u|", v4 ? 2 : 10, (unsigned long long)number(b, F_FIRST, row),
	    (unsigned long long)number(b, F_LAST, row), (unsigned)number(b, F_PROTO, row));
	pipe_addr(r, src, v4);
	strbuf_addf(&r->out, "%u|", (unsigned)number(b, F_SRCPORT, row));
	pipe_addr(r, dst, v4);
	for (size_t i = 0; i < sizeof(pipe_fields) / sizeof(pipe_fields[0]); i++) {
		if (i > 0)
			strbuf_addc(&r->out, '|');
		strbuf_addu(&r->out, render_shows(r, pipe_fields[i]) ? number(b, pipe_fields[i], row) : 0);
	}
	strbuf_addc(&r->out, '\n');
}

void
pipe_rows(struct render *r, const struct batch *b)
{
	for (size_t row = 0; row < b->n && !r->gone; row++) {
		pipe_row(r, b, row);
		render_flush(r, false);
	}
}
