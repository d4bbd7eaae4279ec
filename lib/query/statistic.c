#include "query/statistic.h"

#include <string.h>
#include <strings.h>

#define ONE(f)		{ f, F_COUNT }
#define TWO(f, g)	{ f, g }

/* nfdump's elements; titles are its headings, blanks included. */
const struct statistic statistics[] = {
	{ "record", "flows", ONE(F_COUNT), false },
	{ "srcip", "Src IP Addr", ONE(F_SRCIP), false },
	{ "dstip", "Dst IP Addr", ONE(F_DSTIP), false },
	{ "ip", "IP Addr", TWO(F_SRCIP, F_DSTIP), false },
	{ "nhip", "Nexthop IP", ONE(F_NEXTHOP), false },
	{ "nhbip", "Nexthop BGP IP", ONE(F_BGPNEXTHOP), false },
	{ "router", "Router IP", ONE(F_ROUTER), false },
	{ "srcport", "Src Port", ONE(F_SRCPORT), false },
	{ "dstport", "Dst Port", ONE(F_DSTPORT), false },
	{ "port", "Port", TWO(F_SRCPORT, F_DSTPORT), false },
	{ "proto", "Protocol", ONE(F_PROTO), false },
	{ "tos", "Tos", ONE(F_SRCTOS), false },
	{ "srctos", "Tos", ONE(F_SRCTOS), false },
	{ "dsttos", "Dst Tos", ONE(F_DSTTOS), false },
	{ "dir", "Dir", ONE(F_DIR), false },
	{ "flags", "TCP Flags", ONE(F_FLAGS), true },
	{ "srcas", "Src AS", ONE(F_SRCAS), false },
	{ "dstas", "Dst AS", ONE(F_DSTAS), false },
	{ "as", "AS", TWO(F_SRCAS, F_DSTAS), false },
	{ "prevas", "Prev AS", ONE(F_PREVAS), false },
	{ "nextas", "Next AS", ONE(F_NEXTAS), false },
	{ "inif", "Input If", ONE(F_INIF), false },
	{ "outif", "Output If", ONE(F_OUTIF), false },
	{ "if", "In/Out If", TWO(F_INIF, F_OUTIF), false },
	{ "srcmask", "Src Mask", ONE(F_SRCMASK), false },
	{ "dstmask", "Dst Mask", ONE(F_DSTMASK), false },
	{ "mask", "Mask", TWO(F_SRCMASK, F_DSTMASK), false },
	{ "srcvlan", "Src Vlan", ONE(F_SRCVLAN), false },
	{ "dstvlan", "Dst Vlan", ONE(F_DSTVLAN), false },
	{ "vlan", "Vlan", TWO(F_SRCVLAN, F_DSTVLAN), false },
	{ "insrcmac", "In Src Mac", ONE(F_INSRCMAC), false },
	{ "outdstmac", "Out Dst Mac", ONE(F_OUTDSTMAC), false },
	{ "indstmac", "In Dst Mac", ONE(F_INDSTMAC), false },
	{ "outsrcmac", "Out Src Mac", ONE(F_OUTSRCMAC), false },
	{ "srcmac", "Src Mac", TWO(F_INSRCMAC, F_OUTSRCMAC), false },
	{ "dstmac", "Dst Mac", TWO(F_INDSTMAC, F_OUTDSTMAC), false },
	{ "inmac", "In Src Mac", ONE(F_INSRCMAC), false },
	{ "outmac", "Out Src Mac", TWO(F_OUTSRCMAC, F_OUTDSTMAC), false },
	{ "mpls1", " MPLS lab 1", ONE(F_MPLS1), false },
	{ "mpls2", " MPLS lab 2", ONE(F_MPLS2), false },
	{ "mpls3", " MPLS lab 3", ONE(F_MPLS3), false },
	{ "mpls4", " MPLS lab 4", ONE(F_MPLS4), false },
	{ "mpls5", " MPLS lab 5", ONE(F_MPLS5), false },
	{ "mpls6", " MPLS lab 6", ONE(F_MPLS6), false },
	{ "mpls7", " MPLS lab 7", ONE(F_MPLS7), false },
	{ "mpls8", " MPLS lab 8", ONE(F_MPLS8), false },
	{ "mpls9", " MPLS lab 9", ONE(F_MPLS9), false },
	{ "mpls10", "MPLS lab 10", ONE(F_MPLS10), false },
	{ "cl", "Client Latency", ONE(F_CLIENTLATENCY), false },
	{ "sl", "Server Latency", ONE(F_SERVERLATENCY), false },
	{ "al", "  Appl Latency", ONE(F_APPLATENCY), false },
	{ "odid", "obs domainID", ONE(F_OBSDOMAIN), false },
	{ "opid", " obs PointID", ONE(F_OBSPOINT), false },
	{ "event", " Event", ONE(F_EVENT), false },
	{ "xevent", "X-Event", ONE(F_XEVENT), false },
	{ "iacl", "Ingress ACL", ONE(F_IACL), false },
	{ "iace", "Ingress ACE", ONE(F_IACE), false },
	{ "ixace", "Ingress xACE", ONE(F_IXACE), false },
	{ "eacl", "Egress ACL", ONE(F_EACL), false },
	{ "eace", "Egress ACE", ONE(F_EACE), false },
	{ "exace", "Egress xACE", ONE(F_EXACE), false },
	{ "ivrf", " I-vrf-ID", ONE(F_IVRF), false },
	{ "evrf", " E-vrf-ID", ONE(F_EVRF), false },
	{ "nevent", " Event", ONE(F_NATEVENT), false },
	{ "xsrcip", "X-Src IP Addr", ONE(F_XSRCIP), false },
	{ "xdstip", "X-Dst IP Addr", ONE(F_XDSTIP), false },
	{ "xsrcport", " X-Src Port", ONE(F_XSRCPORT), false },
	{ "xdstport", " X-Dst Port", ONE(F_XDSTPORT), false },
	{ "nsrcip", "X-Src IP Addr", ONE(F_XSRCIP), false },
	{ "ndstip", "X-Dst IP Addr", ONE(F_XDSTIP), false },
	{ "nsrcport", " X-Src Port", ONE(F_XSRCPORT), false },
	{ "ndstport", " X-Dst Port", ONE(F_XDSTPORT), false },
	{ "tunproto", "Tunnel Proto", ONE(F_TUNPROTO), true },
	{ "ethertype", "Ethertype", ONE(F_ETHERTYPE), true },
	{ "minttl", "Min TTL", ONE(F_MINTTL), true },
	{ "maxttl", "Max TTL", ONE(F_MAXTTL), true },
	{ NULL, NULL, ONE(F_COUNT), false }
};

const struct statistic *
statistic_find(const char *name, size_t len)
{
	for (const struct statistic *s = statistics; s->name != NULL; s++)
		if (strlen(s->name) == len && strncasecmp(s->name, name, len) == 0)
			return s;
	return NULL;
}
