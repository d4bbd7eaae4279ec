#include "query/render_private.h"

#include <string.h>

#include "flow/names.h"

static void
print_number(struct render *r, const struct step *s, size_t row)
{
	text_number(&r->out, step_number(s, 0, row), 0);
}

static void
print_time(struct render *r, const struct step *s, size_t row)
{
	text_time_seconds(&r->out, step_number(s, 0, row) / 1000, ' ');
}

static void
print_time_msec(struct render *r, const struct step *s, size_t row)
{
	text_time(&r->out, step_number(s, 0, row), ' ');
}

static void
print_span(struct render *r, const struct step *s, size_t row)
{
	text_span_seconds(&r->out, step_number(s, 0, row), step_number(s, 1, row));
}

static void
print_addr(struct render *r, const struct step *s, size_t row)
{
	step_print_addr(r, s, row, TEXT_IPV6_LONG);
}

static void
print_lone_addr(struct render *r, const struct step *s, size_t row)
{
	text_addr(&r->out, step_addr(s, 0, row), TEXT_IPV6_LONG);
}

/* nfdump pads the numbers of protocols that have no name. */
void
csv_proto(struct strbuf *sb, const char *name)
{
	strbuf_adds(sb, name);
	if (name[0] != '0' && name[strspn(name, "0123456789")] == '\0')
		for (size_t n = strlen(name); n < 5; n++)
			strbuf_addc(sb, ' ');
}

static void
print_proto(struct render *r, const struct step *s, size_t row)
{
	unsigned proto = step_number(s, 0, row);
	char buf[NAME_STRLEN];

	csv_proto(&r->out, proto_name(proto, buf));
}

static void
print_flags(struct render *r, const struct step *s, size_t row)
{
	char buf[NAME_STRLEN];

	strbuf_adds(&r->out, tcpflags_text(step_number(s, 0, row), buf));
}

static void
print_mac(struct render *r, const struct step *s, size_t row)
{
	text_mac(&r->out, step_number(s, 0, row));
}

static void
print_mpls(struct render *r, const struct step *s, size_t row)
{
	text_mpls(&r->out, step_number(s, 0, row));
}

static void
print_latency(struct render *r, const struct step *s, size_t row)
{
	size_t start = r->out.len;

	text_milli(&r->out, step_number(s, 0, row));
	align_right(&r->out, start, 9);
}

static void
print_engine(struct render *r, const struct step *s, size_t row)
{
	text_number(&r->out, step_number(s, 0, row), 0);
	strbuf_addc(&r->out, '/');
	text_number(&r->out, step_number(s, 1, row), 0);
}

#define COLUMN(name, print, ...)	{ name, name, print, { __VA_ARGS__, F_COUNT }, 0, false }

/* nfdump 1.7.1's columns of a flow. */
static const struct tag columns[] = {
	COLUMN("ts", print_time, F_FIRST),
	COLUMN("te", print_time, F_LAST),
	COLUMN("td", print_span, F_FIRST, F_LAST),
	COLUMN("sa", print_addr, F_SRCIP, F_DSTIP),
	COLUMN("da", print_addr, F_DSTIP, F_SRCIP),
	COLUMN("sp", print_number, F_SRCPORT),
	COLUMN("dp", print_number, F_DSTPORT),
	COLUMN("pr", print_proto, F_PROTO),
	COLUMN("flg", print_flags, F_FLAGS),
	COLUMN("fwd", print_number, F_FWDSTAT),
	COLUMN("stos", print_number, F_SRCTOS),
	COLUMN("ipkt", print_number, F_PACKETS),
	COLUMN("ibyt", print_number, F_BYTES),
	COLUMN("opkt", print_number, F_OUTPACKETS),
	COLUMN("obyt", print_number, F_OUTBYTES),
	COLUMN("in", print_number, F_INIF),
	COLUMN("out", print_number, F_OUTIF),
	COLUMN("sas", print_number, F_SRCAS),
	COLUMN("das", print_number, F_DSTAS),
	COLUMN("smk", print_number, F_SRCMASK),
	COLUMN("dmk", print_number, F_DSTMASK),
	COLUMN("dtos", print_number, F_DSTTOS),
	COLUMN("dir", print_number, F_DIR),
	COLUMN("nh", print_lone_addr, F_NEXTHOP),
	COLUMN("nhb", print_lone_addr, F_BGPNEXTHOP),
	COLUMN("svln", print_number, F_SRCVLAN),
	COLUMN("dvln", print_number, F_DSTVLAN),
	COLUMN("ismc", print_mac, F_INSRCMAC),
	COLUMN("odmc", print_mac, F_OUTDSTMAC),
	COLUMN("idmc", print_mac, F_INDSTMAC),
	COLUMN("osmc", print_mac, F_OUTSRCMAC),
	COLUMN("mpls1", print_mpls, F_MPLS1),
	COLUMN("mpls2", print_mpls, F_MPLS2),
	COLUMN("mpls3", print_mpls, F_MPLS3),
	COLUMN("mpls4", print_mpls, F_MPLS4),
	COLUMN("mpls5", print_mpls, F_MPLS5),
	COLUMN("mpls6", print_mpls, F_MPLS6),
	COLUMN("mpls7", print_mpls, F_MPLS7),
	COLUMN("mpls8", print_mpls, F_MPLS8),
	COLUMN("mpls9", print_mpls, F_MPLS9),
	COLUMN("mpls10", print_mpls, F_MPLS10),
	COLUMN("cl", print_latency, F_CLIENTLATENCY),
	COLUMN("sl", print_latency, F_SERVERLATENCY),
	COLUMN("al", print_latency, F_APPLATENCY),
	COLUMN("ra", print_lone_addr, F_ROUTER),
	COLUMN("eng", print_engine, F_ENGINETYPE, F_ENGINEID),
	COLUMN("exid", print_number, F_SYSID),
	COLUMN("tr", print_time_msec, F_RECEIVED),
};

#define COLUMNS	(sizeof(columns) / sizeof(columns[0]))

static void
add_column(struct render *r, const struct tag *tag)
{
	if (r->nsteps > 0)
		r->steps[r->nsteps++] = (struct step){ .text = ",", .len = 1 };
	step_take(r, &r->steps[r->nsteps++], tag);
}

/* Groups of countries, of which nfdump's columns have none, have theirs behind these. */
int
csv_start(struct render *r, const char *argument, struct err *e)
{
	(void)argument, (void)e;
	steps_new(r, 2 * (COLUMNS + KEYS_MAX));
	for (size_t i = 0; i < COLUMNS; i++)
		add_column(r, &columns[i]);
	for (size_t i = 0; i < r->query->nkeys; i++)
		if (fields[r->query->keys[i].field].kind == KIND_COUNTRY)
			add_column(r, tag_find(fields[r->query->keys[i].field].tag));
	return 0;
}

void
csv_head(struct render *r)
{
	for (size_t i = 0; i < r->nsteps; i++)
		strbuf_adds(&r->out, r->steps[i].tag != NULL ? r->steps[i].tag->name : r->steps[i].text);
	strbuf_addc(&r->out, '\n');
}

void
csv_finish(struct render *r, const struct result *res)
{
	const struct totals *t = &res->kept;
	uint64_t msec = summary_msec(res);

	if (res->series != NULL)
		return;
	strbuf_addf(&r->out, "Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n"
	    "%llu,%llu,%llu,%llu,%llu,%llu\n",
	    (unsigned long long)t->flows, (unsigned long long)t->bytes,
	    (unsigned long long)t->packets,
	    (unsigned long long)rate_bps(t->bytes, msec),
	    (unsigned long long)rate_pps(t->packets, msec),
	    (unsigned long long)rate_bpp(t->bytes, t->packets));
}
