#include "query/render_private.h"

#include <string.h>

#include "flow/country.h"
#include "flow/names.h"
#include "query/group.h"

static unsigned
addr_width(const struct render *r)
{
	return r->flags & TEXT_IPV6_LONG ? ADDR_WIDTH_LONG : ADDR_WIDTH;
}

static void
print_number(struct render *r, const struct step *s, size_t row)
{
	text_number(&r->out, step_number(s, 0, row), s->tag->width);
}

static void
print_scaled(struct render *r, const struct step *s, size_t row)
{
	text_scaled_padded(&r->out, step_number(s, 0, row), r->flags, s->tag->width);
}

static void
print_time(struct render *r, const struct step *s, size_t row)
{
	text_time(&r->out, step_number(s, 0, row), ' ');
}

static void
print_milli(struct render *r, const struct step *s, size_t row)
{
	size_t start = r->out.len;

	text_milli(&r->out, step_number(s, 0, row));
	align_right(&r->out, start, s->tag->width);
}

static void
print_seconds(struct render *r, const struct step *s, size_t row)
{
	size_t start = r->out.len;

	text_span_seconds(&r->out, step_number(s, 0, row), step_number(s, 1, row));
	align_right(&r->out, start, s->tag->width);
}

static void
print_duration(struct render *r, const struct step *s, size_t row)
{
	size_t start = r->out.len;

	if (r->flags & TEXT_PLAIN) {
		print_seconds(r, s, row);
		return;
	}
	text_span(&r->out, step_number(s, 0, row), step_number(s, 1, row));
	align_right(&r->out, start, s->tag->width);
}

static void
print_proto(struct render *r, const struct step *s, size_t row)
{
	static const char blanks[] = "     ";
	char buf[NAME_STRLEN];
	size_t start = r->out.len, n;

	if (r->flags & TEXT_PLAIN)
		text_number(&r->out, step_number(s, 0, row), 0);
	else
		strbuf_adds(&r->out, proto_name(step_number(s, 0, row), buf));
	n = r->out.len - start;
	if (n < 5)
		strbuf_add(&r->out, blanks, 5 - n);
}

/* Addresses have the other of their pair as second value. */
static void
print_addr(struct render *r, const struct step *s, size_t row)
{
	size_t start = r->out.len;

	step_print_addr(r, s, row, r->flags);
	align_right(&r->out, start, addr_width(r));
}

static void
print_lone_addr(struct render *r, const struct step *s, size_t row)
{
	size_t start = r->out.len;

	text_addr(&r->out, step_addr(s, 0, row), r->flags);
	align_right(&r->out, start, addr_width(r));
}

static void
print_addr_country(struct render *r, const struct step *s, size_t row)
{
	char buf[COUNTRY_STRLEN];

	print_addr(r, s, row);
	strbuf_addc(&r->out, '(');
	strbuf_adds(&r->out, country_text(country_of(step_addr(s, 0, row)), buf));
	strbuf_addc(&r->out, ')');
}

/* Of flows and of groups by it; else that of an address the groups have. */
static void
print_country(struct render *r, const struct step *s, size_t row)
{
	uint16_t country = s->stride[0] != 0 ? (uint16_t)step_number(s, 0, row) : country_of(step_addr(s, 1, row));
	char buf[COUNTRY_STRLEN];

	strbuf_adds(&r->out, country_text(country, buf));
}

/* "type.code" or the port, left-aligned. */
static void
print_port_left(struct render *r, unsigned port, bool icmp)
{
	static const char blanks[] = "     ";
	size_t start = r->out.len, n;

	if (icmp) {
		text_number(&r->out, port >> 8, 0);
		strbuf_addc(&r->out, '.');
		port &= 0xff;
	}
	text_number(&r->out, port, 0);
	n = r->out.len - start;
	if (n < 5)
		strbuf_add(&r->out, blanks, 5 - n);
}

/* Values: address, its pair's other, port, and protocol where ports may be ICMP's. */
static void
print_port_after(struct render *r, const struct step *s, size_t row)
{
	strbuf_addc(&r->out, step_is_ipv6(r, s, row) ? '.' : ':');
	print_port_left(r, step_number(s, 2, row), text_is_icmp(step_number(s, 3, row)));
}

static void
print_addr_port(struct render *r, const struct step *s, size_t row)
{
	print_addr(r, s, row);
	print_port_after(r, s, row);
}

static void
print_addr_country_port(struct render *r, const struct step *s, size_t row)
{
	print_addr_country(r, s, row);
	print_port_after(r, s, row);
}

/* Values: address, its pair's other, and mask. */
static void
print_network(struct render *r, const struct step *s, size_t row)
{
	struct addr a = *step_addr(s, 0, row);
	unsigned bits = step_number(s, 2, row);
	size_t start = r->out.len;

	address_network(&a, bits);
	if (memcmp(&a, step_addr(s, 0, row), sizeof(a)) == 0)
		step_print_addr(r, s, row, r->flags);
	else
		text_addr_beside(&r->out, &a, step_addr(s, 1, row), r->flags);
	align_right(&r->out, start, addr_width(r));
	strbuf_addc(&r->out, '/');
	text_number(&r->out, bits, 0);
	if (bits < 10)
		strbuf_addc(&r->out, ' ');
}

static void
print_dst_port(struct render *r, const struct step *s, size_t row)
{
	unsigned port = step_number(s, 0, row);
	size_t start = r->out.len;

	if (text_is_icmp(step_number(s, 1, row))) {
		text_number(&r->out, port >> 8, 0);
		strbuf_addc(&r->out, '.');
		text_number(&r->out, port & 0xff, 0);
		align_right(&r->out, start, s->tag->width);
	} else
		text_number(&r->out, port, s->tag->width);
}

/* The high or low byte of an ICMP flow's destination port. */
static void
print_icmp(struct render *r, const struct step *s, size_t row, unsigned shift)
{
	unsigned port = text_is_icmp(step_number(s, 1, row)) ? step_number(s, 0, row) : 0;

	text_number(&r->out, port >> shift & 0xff, s->tag->width);
}

static void
print_icmp_type(struct render *r, const struct step *s, size_t row)
{
	print_icmp(r, s, row, 8);
}

static void
print_icmp_code(struct render *r, const struct step *s, size_t row)
{
	print_icmp(r, s, row, 0);
}

static void
print_flags(struct render *r, const struct step *s, size_t row)
{
	char buf[NAME_STRLEN];

	strbuf_adds(&r->out, tcpflags_text(step_number(s, 0, row), buf));
}

static void
print_dir(struct render *r, const struct step *s, size_t row)
{
	strbuf_add(&r->out, step_number(s, 0, row) == 1 ? "  E" : "  I", 3);
}

static void
print_mac(struct render *r, const struct step *s, size_t row)
{
	text_mac(&r->out, step_number(s, 0, row));
}

static void
print_mpls(struct render *r, const struct step *s, size_t row)
{
	size_t start = r->out.len;

	text_mpls(&r->out, step_number(s, 0, row));
	align_right(&r->out, start, 12);
}

/* All ten labels. */
static void
print_mpls_all(struct render *r, const struct step *s, size_t row)
{
	for (int k = 0; k < 10; k++) {
		size_t start = r->out.len;

		text_mpls(&r->out, step_number(s, k, row));
		align_right(&r->out, start, 12);
		strbuf_addc(&r->out, ' ');
	}
}

/* Rates: counter, first, last. */
static uint64_t
msec_of(const struct step *s, size_t row)
{
	uint64_t first = step_number(s, 1, row), last = step_number(s, 2, row);

	return last > first ? last - first : 0;
}

static void
print_bps(struct render *r, const struct step *s, size_t row)
{
	text_scaled_padded(&r->out, rate_bps(step_number(s, 0, row), msec_of(s, row)), r->flags, 8);
}

static void
print_pps(struct render *r, const struct step *s, size_t row)
{
	text_scaled_padded(&r->out, rate_pps(step_number(s, 0, row), msec_of(s, row)), r->flags, 8);
}

static void
print_bpp(struct render *r, const struct step *s, size_t row)
{
	text_number(&r->out, rate_bpp(step_number(s, 0, row), step_number(s, 1, row)), 6);
}

static void
print_engine(struct render *r, const struct step *s, size_t row)
{
	size_t start;

	text_number(&r->out, step_number(s, 0, row), 3);
	strbuf_addc(&r->out, '/');
	start = r->out.len;
	text_number(&r->out, step_number(s, 1, row), 0);
	while (r->out.len - start < 3)
		strbuf_addc(&r->out, ' ');
}

/* "Nv9"; 0x80 is sFlow, 0x40 a pcap; "FLO" where nobody knows. */
static void
print_version(struct render *r, const struct step *s, size_t row)
{
	unsigned v = step_number(s, 0, row);

	if (step_number(s, 1, row) & 1)
		strbuf_adds(&r->out, "EVT");
	else if (v == 0)
		strbuf_adds(&r->out, "FLO");
	else {
		strbuf_adds(&r->out, v & 0x80 ? "Sv" : v & 0x40 ? "Pv" : "Nv");
		text_number(&r->out, v & 0x3f, 0);
	}
}

static void
print_count(struct render *r, const struct step *s, size_t row)
{
	(void)row;
	text_number(&r->out, r->nrows, s->tag->width);
}

bool
tag_counts_rows(const struct tag *tag)
{
	return tag->print == print_count;
}

static void
print_newline(struct render *r, const struct step *s, size_t row)
{
	(void)s, (void)row;
	strbuf_addc(&r->out, '\n');
}

/* Names of networks, interfaces and applications that only a database would know. */
static void
print_unknown(struct render *r, const struct step *s, size_t row)
{
	(void)r, (void)s, (void)row;
}

static void
print_text(struct render *r, const struct slice *v, const char *none)
{
	uint32_t n = 0;

	while (n < v->len && v->p[n] != '\0')
		n++;
	if (n == 0)
		strbuf_adds(&r->out, none);
	for (uint32_t i = 0; i < n; i++)
		strbuf_addc(&r->out, v->p[i] >= ' ' && v->p[i] != 0x7f ? (char)v->p[i] : '?');
}

static void
print_label(struct render *r, const struct step *s, size_t row)
{
	size_t start = r->out.len;

	print_text(r, step_slice(s, 0, row), "<none>");
	align_right(&r->out, start, 16);
}

static void
print_user(struct render *r, const struct step *s, size_t row)
{
	print_text(r, step_slice(s, 0, row), "<empty>");
}

/* On a line of its own, and what would move the cursor or end text as a dot. */
static void
print_payload(struct render *r, const struct step *s, size_t row)
{
	const struct slice *v = step_slice(s, 0, row);

	for (uint32_t i = 0; i < v->len; i++) {
		char c = (char)v->p[i];

		strbuf_addc(&r->out, (c >= ' ' && c < 0x7f) || c == '\n' || c == '\r' || c == '\t' ? c : '.');
	}
	strbuf_addc(&r->out, '\n');
}

/* An application: one byte engine, then its number. */
static void
print_nbar(struct render *r, const struct step *s, size_t row)
{
	const struct slice *v = step_slice(s, 0, row);
	uint64_t id = 0;

	for (uint32_t i = 1; i < v->len && i < 8; i++)
		id = id << 8 | v->p[i];
	text_number(&r->out, v->len != 0 ? v->p[0] : 0, 2);
	strbuf_adds(&r->out, "..");
	text_number(&r->out, id, 0);
}

static void
print_nbar_name(struct render *r, const struct step *s, size_t row)
{
	(void)s, (void)row;
	strbuf_adds(&r->out, "<no info>");
}

static void
print_blank(struct render *r, const struct step *s, size_t row)
{
	(void)row;
	strbuf_addf(&r->out, "%*s", s->tag->width, "");
}

static void
print_odid(struct render *r, const struct step *s, size_t row)
{
	strbuf_addf(&r->out, "0x%09llx", (unsigned long long)step_number(s, 0, row));
}

static void
print_opid(struct render *r, const struct step *s, size_t row)
{
	strbuf_addf(&r->out, "0x%010llx", (unsigned long long)step_number(s, 0, row));
}

/* Firewall events, or NAT's where the flow has none; elements are the third value. */
static void
print_event(struct render *r, const struct step *s, size_t row)
{
	uint64_t has = step_number(s, 2, row);
	const char *name = "INVALID";
	size_t start = r->out.len;

	if (has & ELEMENT(E_NSEL))
		name = fwevent_name(step_number(s, 0, row));
	else if (has & ELEMENT(E_NAT))
		name = natevent_name(step_number(s, 1, row));
	strbuf_adds(&r->out, name != NULL ? name : "UNKNOW");
	align_right(&r->out, start, 7);
}

static void
print_xevent(struct render *r, const struct step *s, size_t row)
{
	static const char *const names[] = { "Ignore", "I-ACL", "E-ACL", "Adap", "No Syn" };
	unsigned v = step_number(s, 0, row);
	size_t start = r->out.len;

	if (v == 0 || (v > 1000 && v <= 1004))
		strbuf_adds(&r->out, names[v != 0 ? v - 1000 : 0]);
	else
		text_number(&r->out, v, 0);
	align_right(&r->out, start, 7);
}

static void
print_iacl(struct render *r, const struct step *s, size_t row)
{
	strbuf_addf(&r->out, "0x%-8llx 0x%-8llx 0x%-8llx", (unsigned long long)step_number(s, 0, row),
	    (unsigned long long)step_number(s, 1, row), (unsigned long long)step_number(s, 2, row));
}

static void
print_eacl(struct render *r, const struct step *s, size_t row)
{
	for (int k = 0; k < 3; k++) {
		text_number(&r->out, step_number(s, k, row), 10);
		if (k < 2)
			strbuf_addc(&r->out, ' ');
	}
}

#define NONE		{ F_COUNT }
#define ONE(f)		{ f, F_COUNT }
#define TWO(f, g)	{ f, g, F_COUNT }
#define THREE(f, g, h)	{ f, g, h, F_COUNT }
#define FOUR(f, g, h, i) { f, g, h, i, F_COUNT }
#define NUMBER(name, heading, f, width)	{ name, heading, print_number, ONE(f), width, false }
#define SCALED(name, heading, f)	{ name, heading, print_scaled, ONE(f), 8, false }
#define PAIR(name, heading, f, g)	{ name, heading, print_addr, TWO(f, g), 0, true }
#define LONE(name, heading, f)		{ name, heading, print_lone_addr, ONE(f), 0, true }
#define MAC(name, heading, f)		{ name, heading, print_mac, ONE(f), 0, false }
#define MPLS(n)	{ "mpls" #n, n == 10 ? " MPLS lbl 10" : " MPLS lbl " #n " ", print_mpls, ONE(F_MPLS##n), 0, false }
#define MPLS_HEADING	"                                               "	\
	"MPLS labels 1-10"	\
	"                                                                   "
#define SRC_PORT	FOUR(F_SRCIP, F_DSTIP, F_SRCPORT, F_COUNT)
#define DST_PORT	FOUR(F_DSTIP, F_SRCIP, F_DSTPORT, F_PROTO)

static const struct tag tags[] = {
	{ "ts", "Date first seen        ", print_time, ONE(F_FIRST), 0, false },
	{ "tfs", "Date first seen        ", print_time, ONE(F_FIRST), 0, false },
	{ "tsr", "Date first seen (raw)    ", print_milli, ONE(F_FIRST), 0, false },
	{ "te", "Date last seen         ", print_time, ONE(F_LAST), 0, false },
	{ "ter", "Date last seen (raw)     ", print_milli, ONE(F_LAST), 0, false },
	{ "tr", "Date flow received     ", print_time, ONE(F_RECEIVED), 0, false },
	{ "trr", "Date flow received (raw)  ", print_milli, ONE(F_RECEIVED), 0, false },
	{ "td", "    Duration    ", print_duration, TWO(F_FIRST, F_LAST), 16, false },
	{ "tds", "    Duration    ", print_seconds, TWO(F_FIRST, F_LAST), 16, false },
	NUMBER("exp", "Exp ID", F_SYSID, 6),
	{ "pr", "Proto", print_proto, ONE(F_PROTO), 0, false },
	PAIR("sa", "     Src IP Addr", F_SRCIP, F_DSTIP),
	PAIR("da", "     Dst IP Addr", F_DSTIP, F_SRCIP),
	{ "gsa", "     Src IP Addr(..)", print_addr_country, TWO(F_SRCIP, F_DSTIP), 0, true },
	{ "gda", "     Dst IP Addr(..)", print_addr_country, TWO(F_DSTIP, F_SRCIP), 0, true },
	{ "sap", "     Src IP Addr:Port ", print_addr_port, SRC_PORT, 0, true },
	{ "dap", "     Dst IP Addr:Port ", print_addr_port, DST_PORT, 0, true },
	{ "gsap", "     Src IP Addr(..):Port ", print_addr_country_port, SRC_PORT, 0, true },
	{ "gdap", "     Dst IP Addr(..):Port ", print_addr_country_port, DST_PORT, 0, true },
	{ "sn", "        Src Network", print_network, THREE(F_SRCIP, F_DSTIP, F_SRCMASK), 0, true },
	{ "dn", "        Dst Network", print_network, THREE(F_DSTIP, F_SRCIP, F_DSTMASK), 0, true },
	LONE("nh", "     Next-hop IP", F_NEXTHOP),
	LONE("nhb", " BGP next-hop IP", F_BGPNEXTHOP),
	LONE("ra", "       Router IP", F_ROUTER),
	NUMBER("sp", "Src Pt", F_SRCPORT, 6),
	{ "dp", "Dst Pt", print_dst_port, TWO(F_DSTPORT, F_PROTO), 6, false },
	{ "it", "ICMP-T", print_icmp_type, TWO(F_DSTPORT, F_PROTO), 6, false },
	{ "ic", "ICMP-C", print_icmp_code, TWO(F_DSTPORT, F_PROTO), 6, false },
	NUMBER("sas", "Src AS", F_SRCAS, 6),
	NUMBER("das", "Dst AS", F_DSTAS, 6),
	NUMBER("nas", "Next AS", F_NEXTAS, 7),
	NUMBER("pas", "Prev AS", F_PREVAS, 7),
	NUMBER("in", " Input", F_INIF, 6),
	NUMBER("out", "Output", F_OUTIF, 6),
	{ "inam", " Input interface name", print_unknown, NONE, 0, false },
	{ "onam", "Output interface name", print_unknown, NONE, 0, false },
	SCALED("pkt", " Packets", F_PACKETS),
	SCALED("ipkt", "  In Pkt", F_PACKETS),
	SCALED("opkt", " Out Pkt", F_OUTPACKETS),
	SCALED("byt", "   Bytes", F_BYTES),
	SCALED("ibyt", " In Byte", F_BYTES),
	SCALED("obyt", "Out Byte", F_OUTBYTES),
	NUMBER("fl", "Flows", F_FLOWS, 5),
	{ "flg", "   Flags", print_flags, ONE(F_FLAGS), 0, false },
	NUMBER("tos", "Tos", F_SRCTOS, 3),
	NUMBER("stos", "STos", F_SRCTOS, 4),
	NUMBER("dtos", "DTos", F_DSTTOS, 4),
	{ "dir", "Dir", print_dir, ONE(F_DIR), 0, false },
	NUMBER("smk", "SMask", F_SRCMASK, 5),
	NUMBER("dmk", "DMask", F_DSTMASK, 5),
	NUMBER("fwd", "Fwd", F_FWDSTAT, 3),
	NUMBER("bfd", "Bfd", F_BIDIR, 3),
	NUMBER("end", "End", F_ENDREASON, 3),
	NUMBER("svln", "SVlan", F_SRCVLAN, 5),
	NUMBER("dvln", "DVlan", F_DSTVLAN, 5),
	MAC("ismc", "  In src MAC Addr", F_INSRCMAC),
	MAC("odmc", " Out dst MAC Addr", F_OUTDSTMAC),
	MAC("idmc", "  In dst MAC Addr", F_INDSTMAC),
	MAC("osmc", " Out src MAC Addr", F_OUTSRCMAC),
	{ "mpls", MPLS_HEADING, print_mpls_all, { F_MPLS1, F_MPLS2, F_MPLS3, F_MPLS4, F_MPLS5,
	    F_MPLS6, F_MPLS7, F_MPLS8, F_MPLS9, F_MPLS10 }, 0, false },
	MPLS(1), MPLS(2), MPLS(3), MPLS(4), MPLS(5),
	MPLS(6), MPLS(7), MPLS(8), MPLS(9), MPLS(10),
	{ "bps", "     bps", print_bps, THREE(F_BYTES, F_FIRST, F_LAST), 8, false },
	{ "pps", "     pps", print_pps, THREE(F_PACKETS, F_FIRST, F_LAST), 8, false },
	{ "bpp", "   Bpp", print_bpp, TWO(F_BYTES, F_PACKETS), 6, false },
	{ "eng", " engine", print_engine, TWO(F_ENGINETYPE, F_ENGINEID), 0, false },
	{ "lbl", "           label", print_label, ONE(F_LABEL), 0, false },
	{ "sc", "SC", print_country, TWO(F_SRCGEO, F_SRCIP), 2, false },
	{ "dc", "DC", print_country, TWO(F_DSTGEO, F_DSTIP), 2, false },
	{ "sloc", "Src IP location info", print_unknown, NONE, 0, false },
	{ "dloc", "Src IP location info", print_unknown, NONE, 0, false },
	{ "n", "", print_newline, NONE, 0, false },
	{ "ipl", "", print_payload, ONE(F_INPAYLOAD), 0, false },
	{ "opl", "", print_payload, ONE(F_OUTPAYLOAD), 0, false },
	{ "nbid", "nbar ID", print_nbar, ONE(F_NBAR), 0, false },
	{ "nbnam", "nbar name", print_nbar_name, NONE, 0, false },
	{ "ja3", "                             ja3", print_blank, NONE, 32, false },
	{ "sni", "sni name", print_blank, NONE, 6, false },
	{ "odid", "obsDomainID", print_odid, ONE(F_OBSDOMAIN), 0, false },
	{ "opid", "  obsPointID", print_opid, ONE(F_OBSPOINT), 0, false },
	NUMBER("vrf", "  I-VRF-ID", F_IVRF, 10),
	NUMBER("ivrf", "  I-VRF-ID", F_IVRF, 10),
	{ "ivrfnam", "  I-VRF-Name", print_unknown, NONE, 0, false },
	NUMBER("evrf", "  E-VRF-ID", F_EVRF, 10),
	{ "evrfnam", "  E-VRF-Name", print_unknown, NONE, 0, false },
	{ "nfv", "Ver", print_version, TWO(F_NFVERSION, F_RECFLAGS), 0, false },
	{ "cnt", "Count", print_count, NONE, 5, false },
	NUMBER("nfc", "   Conn-ID", F_CONNID, 10),
	{ "tevt", "Event time             ", print_time, ONE(F_EVENTTIME), 0, false },
	{ "evt", " Event", print_event, THREE(F_EVENT, F_NATEVENT, F_ELEMENTS), 0, false },
	{ "xevt", " XEvent", print_xevent, ONE(F_XEVENT), 0, false },
	{ "sgt", "  SGT  ", print_number, NONE, 5, false },
	NUMBER("msec", "   Event Time", F_EVENTTIME, 13),
	{ "iacl", "Ingress ACL                     ", print_iacl, THREE(F_IACL, F_IACE, F_IXACE), 0, false },
	{ "eacl", "Egress ACL                      ", print_eacl, THREE(F_EACL, F_EACE, F_EXACE), 0, false },
	PAIR("xsa", "   X-late Src IP", F_XSRCIP, F_XDSTIP),
	PAIR("xda", "   X-late Dst IP", F_XDSTIP, F_XSRCIP),
	NUMBER("xsp", "XsPort", F_XSRCPORT, 6),
	NUMBER("xdp", "XdPort", F_XDSTPORT, 6),
	{ "xsap", "   X-Src IP Addr:Port ", print_addr_port, THREE(F_XSRCIP, F_XDSTIP, F_XSRCPORT), 0, true },
	{ "xdap", "   X-Dst IP Addr:Port ", print_addr_port, THREE(F_XDSTIP, F_XSRCIP, F_XDSTPORT), 0, true },
	{ "uname", "UserName", print_user, ONE(F_USER), 0, false },
	{ "nevt", " Event", print_event, THREE(F_EVENT, F_NATEVENT, F_ELEMENTS), 0, false },
	PAIR("nsa", "   X-late Src IP", F_XSRCIP, F_XDSTIP),
	PAIR("nda", "   X-late Dst IP", F_XDSTIP, F_XSRCIP),
	NUMBER("nsp", "XsPort", F_XSRCPORT, 6),
	NUMBER("ndp", "XdPort", F_XDSTPORT, 6),
	{ "nsap", "   X-Src IP Addr:Port ", print_addr_port, THREE(F_XSRCIP, F_XDSTIP, F_XSRCPORT), 0, true },
	{ "ndap", "   X-Dst IP Addr:Port ", print_addr_port, THREE(F_XDSTIP, F_XSRCIP, F_XDSTPORT), 0, true },
	NUMBER("pbstart", "Pb-Start", F_PBSTART, 7),
	NUMBER("pbend", "Pb-End", F_PBEND, 7),
	NUMBER("pbstep", "Pb-Step", F_PBSTEP, 7),
	NUMBER("pbsize", "Pb-Size", F_PBSIZE, 7),
	{ "cl", "C Latency", print_milli, ONE(F_CLIENTLATENCY), 9, false },
	{ "sl", "S latency", print_milli, ONE(F_SERVERLATENCY), 9, false },
	{ "al", "A latency", print_milli, ONE(F_APPLATENCY), 9, false },
};

const struct tag *
tag_find(const char *s)
{
	const struct tag *best = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		size_t n = strlen(tags[i].name);

		if (n > longest && strncmp(s, tags[i].name, n) == 0 &&
		    !(s[n] >= 'a' && s[n] <= 'z')) {
			best = &tags[i];
			longest = n;
		}
	}
	return best;
}
