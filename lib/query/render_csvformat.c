#include "query/render_private.h"

#include <string.h>

/*
 * "csv:%ts,%sa,…": the values of tags, plain, between commas, under the
 * headings that nfdump 1.7.5 gave them.
 */
static const struct { const char *tag, *heading; } headings[] = {
	{ "nfv", "version" }, { "cnt", "count" }, { "eng", "engine" }, { "exp", "exporterID" },
	{ "ts", "firstSeen" }, { "tfs", "firstSeen" }, { "tsr", "firstSeen" }, { "te", "lastSeen" },
	{ "ter", "lastSeen" }, { "tr", "received" }, { "trr", "received" }, { "td", "duration" },
	{ "tds", "duration" }, { "pkt", "packets" }, { "ipkt", "inPackets" }, { "byt", "bytes" },
	{ "ibyt", "inBytes" }, { "sp", "srcPort" }, { "dp", "dstPort" }, { "it", "icmpType" },
	{ "ic", "icmpCode" }, { "pr", "proto" }, { "flg", "flags" }, { "fwd", "fwdStatus" },
	{ "stos", "srcTos" }, { "sa", "srcAddr" }, { "da", "dstAddr" }, { "in", "input" },
	{ "out", "output" }, { "smk", "srcMask" }, { "dmk", "dstMask" }, { "dir", "direction" },
	{ "dtos", "dstTos" }, { "bfd", "biDirection" }, { "end", "endReason" }, { "sn", "srcNet" },
	{ "dn", "dstNet" }, { "inam", "inIfName" }, { "onam", "outIfName" }, { "opkt", "outPackets" },
	{ "obyt", "outBytes" }, { "fl", "flows" }, { "svln", "srcVlan" }, { "dvln", "dstVlan" },
	{ "sas", "srcAS" }, { "das", "dstAS" }, { "nhb", "bgpNextIP" }, { "nh", "nextIP" },
	{ "ra", "routerIP" }, { "mpls", "mplsLabel1-10" }, { "mpls1", "mplsLabel1" },
	{ "mpls2", "mplsLabel2" }, { "mpls3", "mplsLabel3" }, { "mpls4", "mplsLabel4" },
	{ "mpls5", "mplsLabel5" }, { "mpls6", "mplsLabel6" }, { "mpls7", "mplsLabel7" },
	{ "mpls8", "mplsLabel8" }, { "mpls9", "mplsLabel9" }, { "mpls10", "mplsLabel10" },
	{ "ismc", "inSrcMac" }, { "odmc", "outDstMac" }, { "idmc", "inDstMac" }, { "osmc", "outSrcMac" },
	{ "nas", "nextAS" }, { "pas", "prevAS" }, { "cl", "clientLatency" }, { "sl", "serverLatency" },
	{ "al", "appLatency" }, { "tevt", "eventTime" }, { "msec", "eventTime" }, { "evt", "event" },
	{ "nfc", "connectionID" }, { "xevt", "xEvent" }, { "xsa", "srcXIP" }, { "xda", "dstXIP" },
	{ "nsa", "srcXIP" }, { "nda", "dstXIP" }, { "xsp", "srcXPort" }, { "xdp", "dstXPort" },
	{ "nsp", "srcXPort" }, { "ndp", "dstXPort" }, { "iacl", "ingressACL" }, { "eacl", "egressACL" },
	{ "uname", "nselUser" }, { "pbstart", "pbStart" }, { "pbend", "pbEnd" }, { "pbstep", "pbStep" },
	{ "pbsize", "pbSize" }, { "nbid", "nbarID" }, { "nbnam", "nbarName" }, { "odid", "obsDomainID" },
	{ "opid", "obsPointID" }, { "vrf", "ingressVrfID" }, { "ivrf", "ingressVrfID" },
	{ "ivrfnam", "ingressVrfName" }, { "evrf", "egressVrfID" }, { "evrfnam", "egressVrfName" },
	{ "sni", "sniName" }, { "sc", "srcGeo" }, { "dc", "dstGeo" }, { "sloc", "srcLocation" },
	{ "dloc", "dstLocation" }, { "lbl", "label" },
};

/* The tag's own name where it has no heading: tos, bps, pps, bpp, ja3. */
static const char *
heading_of(const struct tag *tag)
{
	for (size_t i = 0; i < sizeof(headings) / sizeof(headings[0]); i++)
		if (strcmp(headings[i].tag, tag->name) == 0)
			return headings[i].heading;
	return tag->name;
}

int
csv_format_start(struct render *r, const char *format, struct err *e)
{
	const char *s = format + strspn(format, " ");

	steps_new(r, strlen(format) + 1);
	r->flags |= TEXT_PLAIN | TEXT_IPV6_LONG;
	while (*s == '%') {
		const struct tag *tag = tag_find(s + 1);

		if (tag == NULL)
			break;
		step_take(r, &r->steps[r->nsteps++], tag);
		s += 1 + strlen(tag->name);
		s += strspn(s, " ");
		if (*s == '\0')
			return 0;
		if (*s == ',')
			s += 1 + strspn(s + 1, " ");
	}
	return err_set(e, ERR_INPUT, "output format, column %zu: expected a %%tag, not \"%.*s\"",
	    (size_t)(s - format) + 1, (int)strcspn(s, ","), s);
}

void
csv_format_head(struct render *r)
{
	for (size_t i = 0; i < r->nsteps; i++)
		strbuf_addf(&r->out, "%s%s", i != 0 ? "," : "", heading_of(r->steps[i].tag));
	strbuf_addc(&r->out, '\n');
}

/* What was appended since start, without blanks around it and with nothing that would end the value. */
static void
clean(struct strbuf *sb, size_t start)
{
	size_t to = start, end = sb->len;

	while (end > start && (sb->s[end - 1] == ' ' || sb->s[end - 1] == '\n'))
		end--;
	for (size_t from = start; from < end; from++) {
		char c = sb->s[from];

		if (to == start && c == ' ')
			continue;
		sb->s[to++] = c == ',' ? ';' : c == '\n' || c == '\r' ? ' ' : c;
	}
	sb->len = to;
	sb->s[to] = '\0';
}

void
csv_format_rows(struct render *r, const struct batch *b)
{
	steps_bind(r, b);
	for (size_t row = 0; row < b->n && !r->gone; row++) {
		r->nrows++;
		for (size_t i = 0; i < r->nsteps; i++) {
			size_t start;

			if (i > 0)
				strbuf_addc(&r->out, ',');
			start = r->out.len;
			r->steps[i].tag->print(r, &r->steps[i], row);
			if (r->out.len > start)
				clean(&r->out, start);
		}
		strbuf_addc(&r->out, '\n');
		render_flush(r, false);
	}
}
