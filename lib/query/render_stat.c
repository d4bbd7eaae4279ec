#include "query/render_private.h"

#include <stdio.h>
#include <string.h>

#include "flow/names.h"

#define VALUE_WIDTH		17
#define VALUE_WIDTH_LONG	39

/* A row's counters, and the sums of all that matched, for the shares. */
static struct counters
counters_of(const struct batch *b, size_t i)
{
	return (struct counters){
		.flows = COL64(b, F_FLOWS)[i],
		.packets = COL64(b, F_PACKETS)[i], .outpackets = COL64(b, F_OUTPACKETS)[i],
		.bytes = COL64(b, F_BYTES)[i], .outbytes = COL64(b, F_OUTBYTES)[i],
		.first = COL64(b, F_FIRST)[i], .last = COL64(b, F_LAST)[i],
	};
}

static double
share(uint64_t part, uint64_t whole)
{
	return whole != 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* What all columns of a row are made of. */
struct line {
	struct counters c;
	uint64_t packets, bytes, msec;
	double flows_share, packets_share, bytes_share;
};

static struct line
line_of(const struct table *t, const struct result *res, size_t i)
{
	enum side side = orders[t->stat->order].side;
	struct line l = { .c = counters_of(&t->rows, i) };

	l.packets = counters_packets(&l.c, side);
	l.bytes = counters_bytes(&l.c, side);
	l.msec = l.c.last > l.c.first ? l.c.last - l.c.first : 0;
	l.flows_share = share(l.c.flows, res->kept.flows);
	l.packets_share = share(l.packets, res->kept.packets);
	l.bytes_share = share(l.bytes, res->kept.bytes);
	return l;
}

/* "any", or the protocol where the rows have one each. */
static const char *
line_proto(const struct table *t, size_t i, unsigned flags, char buf[static NAME_STRLEN])
{
	unsigned proto;

	if (!t->stat->by_proto && t->value_field != F_PROTO)
		return "any";
	proto = COL8(&t->rows, F_PROTO)[i];
	if ((flags & TEXT_PLAIN) == 0)
		return proto_name(proto, buf);
	snprintf(buf, NAME_STRLEN, "%u", proto);
	return buf;
}

/* The value by which rows differ, as nfdump's statistics write it: protocols and ports as numbers. */
static void
line_value(struct strbuf *sb, const struct table *t, size_t i, unsigned flags)
{
	enum field f = t->value_field;
	uint64_t v;

	switch (fields[f].kind) {
	case KIND_PORT: case KIND_PROTO:
		text_number(sb, batch_number(&t->rows, f, i), 0);
		break;
	case KIND_FWEVENT: case KIND_NATEVENT:
		v = batch_number(&t->rows, f, i);
		if (v == 0)
			strbuf_adds(sb, "ignore");
		else if ((fields[f].kind == KIND_FWEVENT ? fwevent_name(v) : natevent_name(v)) == NULL)
			strbuf_adds(sb, "UNKNOWN");
		else
			text_field(sb, &t->rows, f, i, flags);
		break;
	default:
		text_field(sb, &t->rows, f, i, flags);
	}
}

static void
text_heading(struct render *r, const struct table *t, bool wide)
{
	const struct stat_request *s = t->stat;
	uint64_t top = query_top(r->query);

	strbuf_adds(&r->out, "Top ");
	if (top != 0) {
		strbuf_addu(&r->out, top);
		strbuf_addc(&r->out, ' ');
	}
	strbuf_addf(&r->out, "%s ordered by %s", s->stat->title, orders[s->order].name);
	if (t->over != NULL)
		strbuf_addf(&r->out, ", at least and + how much more it may be; the order of the first %zu is certain",
		    t->proven);
	strbuf_adds(&r->out, ":\n");
	strbuf_addf(&r->out, "Date first seen                 Duration Proto %*s    Flows(%%)"
	    "     Packets(%%)       Bytes(%%)         pps      bps   bpp\n",
	    wide ? VALUE_WIDTH_LONG : VALUE_WIDTH, s->stat->title);
}

/* " 528564(31.6)" */
static void
text_share(struct render *r, uint64_t v, double percent)
{
	strbuf_addc(&r->out, ' ');
	text_scaled_padded(&r->out, v, r->flags, 8);
	strbuf_addf(&r->out, "(%4.1f)", percent);
}

/* With wide addresses nfdump writes durations in seconds. */
static void
text_line_duration(struct render *r, const struct line *l, bool wide)
{
	size_t start = r->out.len;

	if (wide || r->flags & TEXT_PLAIN)
		text_span_seconds(&r->out, l->c.first, l->c.last);
	else
		text_span(&r->out, l->c.first, l->c.last);
	align_right(&r->out, start, wide ? 9 : 16);
}

/* What a row may have more than is shown. */
static void
text_over(struct render *r, const struct totals *over)
{
	if ((over->flows | over->packets | over->bytes) == 0)
		return;
	strbuf_adds(&r->out, "  + ");
	text_scaled(&r->out, over->flows, r->flags);
	strbuf_adds(&r->out, " flows, ");
	text_scaled(&r->out, over->packets, r->flags);
	strbuf_adds(&r->out, " packets, ");
	text_scaled(&r->out, over->bytes, r->flags);
	strbuf_adds(&r->out, " bytes");
}

static void
text_line(struct render *r, const struct table *t, const struct result *res, size_t i, bool wide)
{
	struct line l = line_of(t, res, i);
	char buf[NAME_STRLEN];
	size_t start;

	text_time(&r->out, l.c.first, ' ');
	strbuf_addc(&r->out, ' ');
	text_line_duration(r, &l, wide);
	strbuf_addf(&r->out, " %-5s ", line_proto(t, i, r->flags, buf));
	start = r->out.len;
	line_value(&r->out, t, i, r->flags);
	align_right(&r->out, start, wide ? VALUE_WIDTH_LONG : VALUE_WIDTH);
	text_share(r, l.c.flows, l.flows_share);
	text_share(r, l.packets, l.packets_share);
	text_share(r, l.bytes, l.bytes_share);
	strbuf_addc(&r->out, ' ');
	text_scaled_padded(&r->out, rate_pps(l.packets, l.msec), r->flags, 8);
	strbuf_addc(&r->out, ' ');
	text_scaled_padded(&r->out, rate_bps(l.bytes, l.msec), r->flags, 8);
	strbuf_addc(&r->out, ' ');
	text_number(&r->out, rate_bpp(l.bytes, l.packets), 5);
	if (t->over != NULL)
		text_over(r, &t->over[i]);
	strbuf_addc(&r->out, '\n');
}

void
text_stat(struct render *r, const struct table *t, const struct result *res)
{
	bool wide = r->flags & TEXT_IPV6_LONG && fields[t->value_field].kind == KIND_ADDR;

	if (!r->query->quiet)
		text_heading(r, t, wide);
	for (size_t i = 0; i < t->rows.n; i++) {
		text_line(r, t, res, i, wide);
		render_flush(r, false);
	}
	strbuf_addc(&r->out, '\n');
}

static void
csv_share(struct render *r, uint64_t v, double percent)
{
	strbuf_addc(&r->out, ',');
	strbuf_addu(&r->out, v);
	strbuf_addf(&r->out, ",%.1f", percent);
}

static void
csv_number(struct render *r, uint64_t v)
{
	strbuf_addc(&r->out, ',');
	strbuf_addu(&r->out, v);
}

static void
csv_line(struct render *r, const struct table *t, const struct result *res, size_t i)
{
	struct line l = line_of(t, res, i);
	char buf[NAME_STRLEN];
	size_t start;

	text_time_seconds(&r->out, l.c.first / 1000, ' ');
	strbuf_addc(&r->out, ',');
	text_time_seconds(&r->out, l.c.last / 1000, ' ');
	strbuf_addc(&r->out, ',');
	text_span_seconds(&r->out, l.c.first, l.c.last);
	strbuf_addc(&r->out, ',');
	csv_proto(&r->out, line_proto(t, i, r->flags, buf));
	strbuf_addc(&r->out, ',');
	start = r->out.len;
	line_value(&r->out, t, i, TEXT_IPV6_LONG);
	/* nfdump pads labels here too. */
	align_right(&r->out, start, fields[t->value_field].kind == KIND_MPLS ? 12 : 0);
	csv_share(r, l.c.flows, l.flows_share);
	csv_share(r, l.packets, l.packets_share);
	csv_share(r, l.bytes, l.bytes_share);
	csv_number(r, rate_pps(l.packets, l.msec));
	csv_number(r, rate_bps(l.bytes, l.msec));
	csv_number(r, rate_bpp(l.bytes, l.packets));
	if (t->over != NULL) {
		csv_number(r, t->over[i].flows);
		csv_number(r, t->over[i].packets);
		csv_number(r, t->over[i].bytes);
	}
	strbuf_addc(&r->out, '\n');
}

void
csv_stat(struct render *r, const struct table *t, const struct result *res)
{
	static const char *const headings[] = {
		[SIDE_BOTH] = "ts,te,td,pr,val,fl,flP,pkt,pktP,byt,bytP,pps,bps,bpp",
		[SIDE_IN] = "ts,te,td,pr,val,fl,flP,ipkt,ipktP,ibyt,ibytP,ipps,ibps,ibpp",
		[SIDE_OUT] = "ts,te,td,pr,val,fl,flP,opkt,opktP,obyt,obytP,opps,obps,obpp",
	};

	strbuf_adds(&r->out, headings[orders[t->stat->order].side]);
	strbuf_adds(&r->out, t->over != NULL ? ",flO,pktO,bytO\n" : "\n");
	for (size_t i = 0; i < t->rows.n; i++) {
		csv_line(r, t, res, i);
		render_flush(r, false);
	}
	strbuf_addc(&r->out, '\n');
}
