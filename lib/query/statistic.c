#include "query/statistic.h"

#include <string.h>
#include <strings.h>

#define ONE(f)		{ f, F_COUNT }
#define TWO(f, g)	{ f, g }

/* nfdump's elements; titles are its headings, blanks included. */
const struct statistic statistics[] = {
	{ "record", "flows", ONE(F_COUNT) },
	{ "srcip", "Src IP Addr", ONE(F_SRCIP) },
	{ "dstip", "Dst IP Addr", ONE(F_DSTIP) },
	{ "ip", "IP Addr", TWO(F_SRCIP, F_DSTIP) },
	{ "nhip", "Nexthop IP", ONE(F_NEXTHOP) },
	{ "nhbip", "Nexthop BGP IP", ONE(F_BGPNEXTHOP) },
	{ "router", "Router IP", ONE(F_ROUTER) },
	{ "srcport", "Src Port", ONE(F_SRCPORT) },
	{ "dstport", "Dst Port", ONE(F_DSTPORT) },
	{ "port", "Port", TWO(F_SRCPORT, F_DSTPORT) },
	{ "proto", "Protocol", ONE(F_PROTO) },
	{ "tos", "Tos", ONE(F_SRCTOS) },
	{ "srctos", "Tos", ONE(F_SRCTOS) },
	{ "dsttos", "Dst Tos", ONE(F_DSTTOS) },
	{ "dir", "Dir", ONE(F_DIR) },
	{ "flags", "TCP Flags", ONE(F_FLAGS) },
	{ "srcas", "Src AS", ONE(F_SRCAS) },
	{ "dstas", "Dst AS", ONE(F_DSTAS) },
	{ "as", "AS", TWO(F_SRCAS, F_DSTAS) },
	{ "prevas", "Prev AS", ONE(F_PREVAS) },
	{ "nextas", "Next AS", ONE(F_NEXTAS) },
	{ "inif", "Input If", ONE(F_INIF) },
	{ "outif", "Output If", ONE(F_OUTIF) },
	{ "if", "In/Out If", TWO(F_INIF, F_OUTIF) },
	{ "srcmask", "Src Mask", ONE(F_SRCMASK) },
	{ "dstmask", "Dst Mask", ONE(F_DSTMASK) },
	{ "mask", "Mask", TWO(F_SRCMASK, F_DSTMASK) },
	{ "srcvlan", "Src Vlan", ONE(F_SRCVLAN) },
	{ "dstvlan", "Dst Vlan", ONE(F_DSTVLAN) },
	{ "vlan", "Vlan", TWO(F_SRCVLAN, F_DSTVLAN) },
	{ "insrcmac", "In Src Mac", ONE(F_INSRCMAC) },
	{ "outdstmac", "Out Dst Mac", ONE(F_OUTDSTMAC) },
	{ "indstmac", "In Dst Mac", ONE(F_INDSTMAC) },
	{ "outsrcmac", "Out Src Mac", ONE(F_OUTSRCMAC) },
	{ "srcmac", "Src Mac", TWO(F_INSRCMAC, F_OUTSRCMAC) },
	{ "dstmac", "Dst Mac", TWO(F_INDSTMAC, F_OUTDSTMAC) },
	{ "inmac", "In Src Mac", TWO(F_INSRCMAC, F_INDSTMAC) },
	{ "outmac", "Out Src Mac", TWO(F_OUTSRCMAC, F_OUTDSTMAC) },
	{ "mpls1", " MPLS lab 1", ONE(F_MPLS1) },
	{ "mpls2", " MPLS lab 2", ONE(F_MPLS2) },
	{ "mpls3", " MPLS lab 3", ONE(F_MPLS3) },
	{ "mpls4", " MPLS lab 4", ONE(F_MPLS4) },
	{ "mpls5", " MPLS lab 5", ONE(F_MPLS5) },
	{ "mpls6", " MPLS lab 6", ONE(F_MPLS6) },
	{ "mpls7", " MPLS lab 7", ONE(F_MPLS7) },
	{ "mpls8", " MPLS lab 8", ONE(F_MPLS8) },
	{ "mpls9", " MPLS lab 9", ONE(F_MPLS9) },
	{ "mpls10", "MPLS lab 10", ONE(F_MPLS10) },
	{ "cl", "Client Latency", ONE(F_CLIENTLATENCY) },
	{ "sl", "Server Latency", ONE(F_SERVERLATENCY) },
	{ "al", "  Appl Latency", ONE(F_APPLATENCY) },
	{ "odid", "obs domainID", ONE(F_OBSDOMAIN) },
	{ "opid", " obs PointID", ONE(F_OBSPOINT) },
	{ "event", " Event", ONE(F_EVENT) },
	{ "xevent", "X-Event", ONE(F_XEVENT) },
	{ "iacl", "Ingress ACL", ONE(F_IACL) },
	{ "iace", "Ingress ACE", ONE(F_IACE) },
	{ "ixace", "Ingress xACE", ONE(F_IXACE) },
	{ "eacl", "Egress ACL", ONE(F_EACL) },
	{ "eace", "Egress ACE", ONE(F_EACE) },
	{ "exace", "Egress xACE", ONE(F_EXACE) },
	{ "ivrf", " I-vrf-ID", ONE(F_IVRF) },
	{ "evrf", " E-vrf-ID", ONE(F_EVRF) },
	{ "nevent", " Event", ONE(F_NATEVENT) },
	{ "xsrcip", "X-Src IP Addr", ONE(F_XSRCIP) },
	{ "xdstip", "X-Dst IP Addr", ONE(F_XDSTIP) },
	{ "xsrcport", " X-Src Port", ONE(F_XSRCPORT) },
	{ "xdstport", " X-Dst Port", ONE(F_XDSTPORT) },
	{ "nsrcip", "X-Src IP Addr", ONE(F_XSRCIP) },
	{ "ndstip", "X-Dst IP Addr", ONE(F_XDSTIP) },
	{ "nsrcport", " X-Src Port", ONE(F_XSRCPORT) },
	{ "ndstport", " X-Dst Port", ONE(F_XDSTPORT) },
	{ "tunproto", "Tunnel Proto", ONE(F_TUNPROTO) },
	{ "ethertype", "Ethertype", ONE(F_ETHERTYPE) },
	{ "minttl", "Min TTL", ONE(F_MINTTL) },
	{ "maxttl", "Max TTL", ONE(F_MAXTTL) },
	{ NULL, NULL, ONE(F_COUNT) }
};

const struct statistic *
statistic_find(const char *name, size_t len)
{
	for (const struct statistic *s = statistics; s->name != NULL; s++)
		if (strlen(s->name) == len && strncasecmp(s->name, name, len) == 0)
			return s;
	return NULL;
}
