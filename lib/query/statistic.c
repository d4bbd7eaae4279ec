#include "query/statistic.h"

#include <string.h>
#include <strings.h>

#define ONE(f)		{ f, F_COUNT }
#define TWO(f, g)	{ f, g, F_COUNT }

/* nfdump's elements; titles are its headings, blanks included. */
const struct statistic statistics[] = {
	{ "record", "flows", ONE(F_COUNT), SINCE_171 },
	{ "srcip", "Src IP Addr", ONE(F_SRCIP), SINCE_171 },
	{ "dstip", "Dst IP Addr", ONE(F_DSTIP), SINCE_171 },
	{ "ip", "IP Addr", TWO(F_SRCIP, F_DSTIP), SINCE_171 },
	{ "nhip", "Nexthop IP", ONE(F_NEXTHOP), SINCE_171 },
	{ "nhbip", "Nexthop BGP IP", ONE(F_BGPNEXTHOP), SINCE_171 },
	{ "router", "Router IP", ONE(F_ROUTER), SINCE_171 },
	{ "srcport", "Src Port", ONE(F_SRCPORT), SINCE_171 },
	{ "dstport", "Dst Port", ONE(F_DSTPORT), SINCE_171 },
	{ "port", "Port", TWO(F_SRCPORT, F_DSTPORT), SINCE_171 },
	{ "proto", "Protocol", ONE(F_PROTO), SINCE_171 },
	/* From 1.7.5 on tos counts both. */
	{ "tos", "Tos", ONE(F_SRCTOS), SINCE_171 },
	{ "srctos", "Tos", ONE(F_SRCTOS), SINCE_171 },
	{ "dsttos", "Dst Tos", ONE(F_DSTTOS), SINCE_171 },
	{ "dir", "Dir", ONE(F_DIR), SINCE_171 },
	{ "flags", "TCP Flags", ONE(F_FLAGS), SINCE_175 },
	{ "srcas", "Src AS", ONE(F_SRCAS), SINCE_171 },
	{ "dstas", "Dst AS", ONE(F_DSTAS), SINCE_171 },
	{ "as", "AS", TWO(F_SRCAS, F_DSTAS), SINCE_171 },
	{ "srcgeo", "Src Geo", ONE(F_SRCGEO), SINCE_171 },
	{ "dstgeo", "Dst Geo", ONE(F_DSTGEO), SINCE_171 },
	{ "geo", "Geo", TWO(F_SRCGEO, F_DSTGEO), SINCE_171 },
	{ "prevas", "Prev AS", ONE(F_PREVAS), SINCE_171 },
	{ "nextas", "Next AS", ONE(F_NEXTAS), SINCE_171 },
	{ "inif", "Input If", ONE(F_INIF), SINCE_171 },
	{ "outif", "Output If", ONE(F_OUTIF), SINCE_171 },
	{ "if", "In/Out If", TWO(F_INIF, F_OUTIF), SINCE_171 },
	{ "srcmask", "Src Mask", ONE(F_SRCMASK), SINCE_171 },
	{ "dstmask", "Dst Mask", ONE(F_DSTMASK), SINCE_171 },
	{ "mask", "Mask", TWO(F_SRCMASK, F_DSTMASK), SINCE_171 },
	{ "srcvlan", "Src Vlan", ONE(F_SRCVLAN), SINCE_171 },
	{ "dstvlan", "Dst Vlan", ONE(F_DSTVLAN), SINCE_171 },
	{ "vlan", "Vlan", TWO(F_SRCVLAN, F_DSTVLAN), SINCE_171 },
	{ "insrcmac", "In Src Mac", ONE(F_INSRCMAC), SINCE_171 },
	{ "outdstmac", "Out Dst Mac", ONE(F_OUTDSTMAC), SINCE_171 },
	{ "indstmac", "In Dst Mac", ONE(F_INDSTMAC), SINCE_171 },
	{ "outsrcmac", "Out Src Mac", ONE(F_OUTSRCMAC), SINCE_171 },
	{ "srcmac", "Src Mac", TWO(F_INSRCMAC, F_OUTSRCMAC), SINCE_171 },
	{ "dstmac", "Dst Mac", TWO(F_INDSTMAC, F_OUTDSTMAC), SINCE_171 },
	{ "inmac", "In Src Mac", ONE(F_INSRCMAC), SINCE_171 },
	{ "outmac", "Out Src Mac", TWO(F_OUTSRCMAC, F_OUTDSTMAC), SINCE_171 },
	{ "mpls1", " MPLS lab 1", ONE(F_MPLS1), SINCE_171 },
	{ "mpls2", " MPLS lab 2", ONE(F_MPLS2), SINCE_171 },
	{ "mpls3", " MPLS lab 3", ONE(F_MPLS3), SINCE_171 },
	{ "mpls4", " MPLS lab 4", ONE(F_MPLS4), SINCE_171 },
	{ "mpls5", " MPLS lab 5", ONE(F_MPLS5), SINCE_171 },
	{ "mpls6", " MPLS lab 6", ONE(F_MPLS6), SINCE_171 },
	{ "mpls7", " MPLS lab 7", ONE(F_MPLS7), SINCE_171 },
	{ "mpls8", " MPLS lab 8", ONE(F_MPLS8), SINCE_171 },
	{ "mpls9", " MPLS lab 9", ONE(F_MPLS9), SINCE_171 },
	{ "mpls10", "MPLS lab 10", ONE(F_MPLS10), SINCE_171 },
	{ "cl", "Client Latency", ONE(F_CLIENTLATENCY), SINCE_171 },
	{ "sl", "Server Latency", ONE(F_SERVERLATENCY), SINCE_171 },
	{ "al", "  Appl Latency", ONE(F_APPLATENCY), SINCE_171 },
	{ "odid", "obs domainID", ONE(F_OBSDOMAIN), SINCE_171 },
	{ "opid", " obs PointID", ONE(F_OBSPOINT), SINCE_171 },
	{ "event", " Event", ONE(F_EVENT), SINCE_171 },
	{ "xevent", "X-Event", ONE(F_XEVENT), SINCE_171 },
	{ "iacl", "Ingress ACL", ONE(F_IACL), SINCE_171 },
	{ "iace", "Ingress ACE", ONE(F_IACE), SINCE_171 },
	{ "ixace", "Ingress xACE", ONE(F_IXACE), SINCE_171 },
	{ "eacl", "Egress ACL", ONE(F_EACL), SINCE_171 },
	{ "eace", "Egress ACE", ONE(F_EACE), SINCE_171 },
	{ "exace", "Egress xACE", ONE(F_EXACE), SINCE_171 },
	{ "ivrf", " I-vrf-ID", ONE(F_IVRF), SINCE_171 },
	{ "evrf", " E-vrf-ID", ONE(F_EVRF), SINCE_171 },
	{ "nevent", " Event", ONE(F_NATEVENT), SINCE_171 },
	{ "xsrcip", "X-Src IP Addr", ONE(F_XSRCIP), SINCE_171 },
	{ "xdstip", "X-Dst IP Addr", ONE(F_XDSTIP), SINCE_171 },
	{ "xsrcport", " X-Src Port", ONE(F_XSRCPORT), SINCE_171 },
	{ "xdstport", " X-Dst Port", ONE(F_XDSTPORT), SINCE_171 },
	{ "nsrcip", "X-Src IP Addr", ONE(F_XSRCIP), SINCE_171 },
	{ "ndstip", "X-Dst IP Addr", ONE(F_XDSTIP), SINCE_171 },
	{ "nsrcport", " X-Src Port", ONE(F_XSRCPORT), SINCE_171 },
	{ "ndstport", " X-Dst Port", ONE(F_XDSTPORT), SINCE_171 },
	{ "tunproto", "Tunnel Proto", ONE(F_TUNPROTO), SINCE_175 },
	{ "ethertype", "Ethertype", ONE(F_ETHERTYPE), SINCE_175 },
	{ "minttl", "Min TTL", ONE(F_MINTTL), SINCE_175 },
	{ "maxttl", "Max TTL", ONE(F_MAXTTL), SINCE_175 },
	{ "mac", "MAC Addr", { F_INSRCMAC, F_OUTDSTMAC, F_INDSTMAC, F_OUTSRCMAC }, SINCE_175 },
	{ "natsrcip", "X-Src IP Addr", ONE(F_XSRCIP), SINCE_175 },
	{ "natdstip", "X-Dst IP Addr", ONE(F_XDSTIP), SINCE_175 },
	{ "natip", "X-IP Addr", TWO(F_XSRCIP, F_XDSTIP), SINCE_175 },
	{ "natsrcport", " X-Src Port", ONE(F_XSRCPORT), SINCE_175 },
	{ "natdstport", " X-Dst Port", ONE(F_XDSTPORT), SINCE_175 },
	{ "natport", " X-Port", TWO(F_XSRCPORT, F_XDSTPORT), SINCE_175 },
	{ "tunsrcip", "Tun Src IP", ONE(F_TUNSRCIP), SINCE_NEVER },
	{ "tundstip", "Tun Dst IP", ONE(F_TUNDSTIP), SINCE_NEVER },
	{ "tunip", "Tun IP Addr", TWO(F_TUNSRCIP, F_TUNDSTIP), SINCE_NEVER },
	{ "exporter", "Exporter ID", ONE(F_SYSID), SINCE_NEVER },
	{ "engineid", "Engine ID", ONE(F_ENGINEID), SINCE_NEVER },
	{ "enginetype", "Engine Type", ONE(F_ENGINETYPE), SINCE_NEVER },
	{ "fwdstat", "Fwd Status", ONE(F_FWDSTAT), SINCE_NEVER },
	{ "endreason", "End Reason", ONE(F_ENDREASON), SINCE_NEVER },
	{ "icmptype", "ICMP Type", ONE(F_ICMPTYPE), SINCE_NEVER },
	{ "icmpcode", "ICMP Code", ONE(F_ICMPCODE), SINCE_NEVER },
	{ "bidir", "Biflow Dir", ONE(F_BIDIR), SINCE_NEVER },
	{ "pfaction", "pf Action", ONE(F_PFACTION), SINCE_NEVER },
	{ "pfreason", "pf Reason", ONE(F_PFREASON), SINCE_NEVER },
	{ "pfrule", "pf Rule", ONE(F_PFRULE), SINCE_NEVER },
	{ "vxlan", "VXLAN", ONE(F_VXLAN), SINCE_NEVER },
	{ NULL, NULL, ONE(F_COUNT), SINCE_171 }
};

const struct statistic *
statistic_find(const char *name, size_t len)
{
	for (const struct statistic *s = statistics; s->name != NULL; s++)
		if (strlen(s->name) == len && strncasecmp(s->name, name, len) == 0)
			return s;
	return NULL;
}

/* nfdump's elements that need what groups do not have. */
static const struct { const char *name, *why; } refused[] = {
	{ "srcasn", "is of a database of AS, and groups are made of what flows carry; srcas is what the exporter told" },
	{ "dstasn", "is of a database of AS, and groups are made of what flows carry; dstas is what the exporter told" },
	{ "asn", "is of a database of AS, and groups are made of what flows carry; as is what the exporter told" },
	{ "ja3", "is a fingerprint of payload, which is not computed" },
	{ "ja4", "is a fingerprint of payload, which is not computed" },
	{ "ja4s", "is a fingerprint of payload, which is not computed" },
	{ "nbar", "is of bytes, and groups are made of numbers and addresses" },
};

const char *
statistic_refused(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (strlen(refused[i].name) == len && strncasecmp(refused[i].name, name, len) == 0)
			return refused[i].why;
	return NULL;
}
