#include "flow/field.h"

#include <string.h>

#include "flow/batch.h"
#include "flow/country.h"

#define GENERIC	ELEMENT(E_GENERIC)
#define IP	(ELEMENT(E_IPV4) | ELEMENT(E_IPV6))
#define MISC	ELEMENT(E_MISC)
#define MPLS	ELEMENT(E_MPLS)
#define XLATE	(ELEMENT(E_XLATE4) | ELEMENT(E_XLATE6))
#define FLOWTOOLS ELEMENT(E_FLOWTOOLS)
#define TUN	(ELEMENT(E_TUN4) | ELEMENT(E_TUN6))

#define ROW(n, t, k, w, e, g, j, h) \
	{ .name = n, .title = t, .kind = k, .width = w, .elements = e, .tag = g, .json = j, .help = h }
#define DERIVED(n, t, k, w, e, g, j, h, function, ...) \
	{ .name = n, .title = t, .kind = k, .width = w, .elements = e, .tag = g, .json = j, .help = h, \
	  .needs = { __VA_ARGS__ }, .derive = function }

static void	derive_duration(const struct batch *, void *);
static void	derive_pps(const struct batch *, void *);
static void	derive_bps(const struct batch *, void *);
static void	derive_bpp(const struct batch *, void *);
static void	derive_icmptype(const struct batch *, void *);
static void	derive_icmpcode(const struct batch *, void *);
static void	derive_srcgeo(const struct batch *, void *);
static void	derive_dstgeo(const struct batch *, void *);

const struct field_row fields[F_COUNT] = {
	[F_ENGINETYPE] = ROW("enginetype", "Engine type", KIND_NUMBER, 1, 0, NULL, NULL,
	    "type of the exporter's engine"),
	[F_ENGINEID] = ROW("engineid", "Engine", KIND_NUMBER, 1, 0, NULL, NULL,
	    "number of the exporter's engine"),
	[F_SYSID] = ROW("sysid", "Exporter ID", KIND_NUMBER, 2, 0, "exp", "export_sysid",
	    "number that the collector gave the exporter"),
	[F_NFVERSION] = ROW("nfversion", "Version", KIND_NUMBER, 1, 0, "nfv", NULL,
	    "version of the export protocol: 1, 5, 7, 9, 10"),
	[F_RECFLAGS] = ROW("recflags", "Record flags", KIND_BITS, 1, 0, NULL, NULL,
	    "flags of the record: 1 event, 2 sampled, 4 anonymised"),

	[F_FIRST] = ROW("first", "First seen", KIND_TIME, 8, GENERIC, "ts", "first",
	    "time of the first packet"),
	[F_LAST] = ROW("last", "Last seen", KIND_TIME, 8, GENERIC, "te", "last",
	    "time of the last packet"),
	[F_RECEIVED] = ROW("received", "Received", KIND_TIME, 8, GENERIC, "tr", "received",
	    "time the collector received the record"),
	[F_PACKETS] = ROW("packets", "Packets", KIND_COUNTER, 8, GENERIC, "ipkt", "in_packets",
	    "packets from source to destination"),
	[F_BYTES] = ROW("bytes", "Bytes", KIND_COUNTER, 8, GENERIC, "ibyt", "in_bytes",
	    "bytes from source to destination"),
	[F_SRCPORT] = ROW("srcport", "Source port", KIND_PORT, 2, GENERIC, "sp", "src_port",
	    "source port"),
	[F_DSTPORT] = ROW("dstport", "Destination port", KIND_PORT, 2, GENERIC, "dp", "dst_port",
	    "destination port; of ICMP, type * 256 + code"),
	[F_PROTO] = ROW("proto", "Protocol", KIND_PROTO, 1, GENERIC, "pr", "proto",
	    "IP protocol"),
	[F_FLAGS] = ROW("flags", "TCP flags", KIND_TCPFLAGS, 1, GENERIC, "flg", "tcp_flags",
	    "TCP flags of all packets, or-ed"),
	[F_FWDSTAT] = ROW("fwdstat", "Forwarding", KIND_FWDSTAT, 1, GENERIC, "fwd", "fwd_status",
	    "forwarding status and reason"),
	[F_SRCTOS] = ROW("srctos", "ToS", KIND_NUMBER, 1, GENERIC, "stos", "src_tos",
	    "type of service on the way in"),

	[F_SRCIP] = ROW("srcip", "Source IP", KIND_ADDR, 16, IP, "sa", "src4_addr",
	    "source address"),
	[F_DSTIP] = ROW("dstip", "Destination IP", KIND_ADDR, 16, IP, "da", "dst4_addr",
	    "destination address"),

	[F_INIF] = ROW("inif", "Input interface", KIND_NUMBER, 4, MISC, "in", "input_snmp",
	    "SNMP index of the interface the flow came in"),
	[F_OUTIF] = ROW("outif", "Output interface", KIND_NUMBER, 4, MISC, "out", "output_snmp",
	    "SNMP index of the interface the flow went out"),
	[F_SRCMASK] = ROW("srcmask", "Source mask", KIND_NUMBER, 1, MISC, "smk", "src_mask",
	    "prefix length of the route to the source"),
	[F_DSTMASK] = ROW("dstmask", "Destination mask", KIND_NUMBER, 1, MISC, "dmk", "dst_mask",
	    "prefix length of the route to the destination"),
	[F_DIR] = ROW("dir", "Direction", KIND_FLOWDIR, 1, MISC, "dir", "direction",
	    "where the flow was metered: 0 ingress, 1 egress"),
	[F_DSTTOS] = ROW("dsttos", "Output ToS", KIND_NUMBER, 1, MISC, "dtos", "dst_tos",
	    "type of service on the way out"),
	[F_BIDIR] = ROW("bidir", "Biflow direction", KIND_NUMBER, 1, MISC, "bfd", NULL,
	    "who began a two-way flow: 1 initiator, 2 reverse, 3 perimeter"),
	[F_ENDREASON] = ROW("endreason", "End reason", KIND_NUMBER, 1, MISC, "end", NULL,
	    "why the flow ended: 1 idle, 2 active timeout, 3 end seen, 4 forced, 5 no resources"),

	[F_FLOWS] = ROW("flows", "Flows", KIND_COUNTER, 8, 0, "fl", "aggr_flows",
	    "flows that the record stands for, 1 unless aggregated"),
	[F_OUTPACKETS] = ROW("outpackets", "Packets back", KIND_COUNTER, 8, ELEMENT(E_CNT), "opkt", "out_packets",
	    "packets from destination to source"),
	[F_OUTBYTES] = ROW("outbytes", "Bytes back", KIND_COUNTER, 8, ELEMENT(E_CNT), "obyt", "out_bytes",
	    "bytes from destination to source"),
	[F_SRCVLAN] = ROW("srcvlan", "Source VLAN", KIND_NUMBER, 4, ELEMENT(E_VLAN), "svln", "src_vlan",
	    "VLAN on the way in"),
	[F_DSTVLAN] = ROW("dstvlan", "Destination VLAN", KIND_NUMBER, 4, ELEMENT(E_VLAN), "dvln", "dst_vlan",
	    "VLAN on the way out"),
	[F_SRCAS] = ROW("srcas", "Source AS", KIND_AS, 4, ELEMENT(E_AS), "sas", "src_as",
	    "AS number of the source"),
	[F_DSTAS] = ROW("dstas", "Destination AS", KIND_AS, 4, ELEMENT(E_AS), "das", "dst_as",
	    "AS number of the destination"),
	[F_NEXTAS] = ROW("nextas", "Next AS", KIND_AS, 4, ELEMENT(E_ASADJ), "nas", "next_as",
	    "neighbour AS towards the destination"),
	[F_PREVAS] = ROW("prevas", "Previous AS", KIND_AS, 4, ELEMENT(E_ASADJ), "pas", "prev_as",
	    "neighbour AS towards the source"),
	[F_NEXTHOP] = ROW("next", "Next hop", KIND_ADDR, 16, ELEMENT(E_NEXT4) | ELEMENT(E_NEXT6), "nh", "ip4_next_hop",
	    "router the flow was handed to"),
	[F_BGPNEXTHOP] = ROW("bgpnext", "BGP next hop", KIND_ADDR, 16, ELEMENT(E_BGPNEXT4) | ELEMENT(E_BGPNEXT6),
	    "nhb", "bgp4_next_hop", "next hop of the BGP route"),
	[F_ROUTER] = ROW("router", "Router", KIND_ADDR, 16, ELEMENT(E_ROUTER4) | ELEMENT(E_ROUTER6), "ra", "ip4_router",
	    "address of the exporter"),

	[F_MPLS1] = ROW("mpls1", "MPLS label 1", KIND_MPLS, 4, MPLS, "mpls1", NULL, "top MPLS label"),
	[F_MPLS2] = ROW("mpls2", "MPLS label 2", KIND_MPLS, 4, MPLS, "mpls2", NULL, "second MPLS label"),
	[F_MPLS3] = ROW("mpls3", "MPLS label 3", KIND_MPLS, 4, MPLS, "mpls3", NULL, "third MPLS label"),
	[F_MPLS4] = ROW("mpls4", "MPLS label 4", KIND_MPLS, 4, MPLS, "mpls4", NULL, "fourth MPLS label"),
	[F_MPLS5] = ROW("mpls5", "MPLS label 5", KIND_MPLS, 4, MPLS, "mpls5", NULL, "fifth MPLS label"),
	[F_MPLS6] = ROW("mpls6", "MPLS label 6", KIND_MPLS, 4, MPLS, "mpls6", NULL, "sixth MPLS label"),
	[F_MPLS7] = ROW("mpls7", "MPLS label 7", KIND_MPLS, 4, MPLS, "mpls7", NULL, "seventh MPLS label"),
	[F_MPLS8] = ROW("mpls8", "MPLS label 8", KIND_MPLS, 4, MPLS, "mpls8", NULL, "eighth MPLS label"),
	[F_MPLS9] = ROW("mpls9", "MPLS label 9", KIND_MPLS, 4, MPLS, "mpls9", NULL, "ninth MPLS label"),
	[F_MPLS10] = ROW("mpls10", "MPLS label 10", KIND_MPLS, 4, MPLS, "mpls10", NULL, "tenth MPLS label"),
	[F_INSRCMAC] = ROW("insrcmac", "Source MAC in", KIND_MAC, 8, ELEMENT(E_MAC), "ismc", "in_src_mac",
	    "source MAC address on the way in"),
	[F_OUTDSTMAC] = ROW("outdstmac", "Destination MAC out", KIND_MAC, 8, ELEMENT(E_MAC), "odmc", "out_dst_mac",
	    "destination MAC address on the way out"),
	[F_INDSTMAC] = ROW("indstmac", "Destination MAC in", KIND_MAC, 8, ELEMENT(E_MAC), "idmc", "in_dst_mac",
	    "destination MAC address on the way in"),
	[F_OUTSRCMAC] = ROW("outsrcmac", "Source MAC out", KIND_MAC, 8, ELEMENT(E_MAC), "osmc", "out_src_mac",
	    "source MAC address on the way out"),
	[F_CLIENTLATENCY] = ROW("cl", "Client latency", KIND_USEC, 8, ELEMENT(E_LATENCY), "cl", "cli_latency",
	    "latency of the client's network, microseconds"),
	[F_SERVERLATENCY] = ROW("sl", "Server latency", KIND_USEC, 8, ELEMENT(E_LATENCY), "sl", "srv_latency",
	    "latency of the server's network, microseconds"),
	[F_APPLATENCY] = ROW("al", "Application latency", KIND_USEC, 8, ELEMENT(E_LATENCY), "al", "app_latency",
	    "latency of the application, microseconds"),

	[F_EVENTTIME] = ROW("eventtime", "Event time", KIND_TIME, 8, ELEMENT(E_NSEL) | ELEMENT(E_NAT), "tevt", "t_event",
	    "time of a firewall or NAT event"),
	[F_CONNID] = ROW("connid", "Connection", KIND_NUMBER, 4, ELEMENT(E_NSEL), "nfc", "connect_id",
	    "firewall's number of the connection"),
	[F_XEVENT] = ROW("xevent", "Extended event", KIND_NUMBER, 2, ELEMENT(E_NSEL), "xevt", "xevent_id",
	    "firewall's extended event"),
	[F_EVENT] = ROW("event", "Firewall event", KIND_FWEVENT, 1, ELEMENT(E_NSEL), "evt", "event_id",
	    "firewall event"),
	[F_XSRCIP] = ROW("xsrcip", "Translated source", KIND_ADDR, 16, XLATE, "xsa", "src4_xlt_ip",
	    "source address after NAT"),
	[F_XDSTIP] = ROW("xdstip", "Translated destination", KIND_ADDR, 16, XLATE, "xda", "dst4_xlt_ip",
	    "destination address after NAT"),
	[F_XSRCPORT] = ROW("xsrcport", "Translated source port", KIND_PORT, 2, ELEMENT(E_XPORT), "xsp", "src_xlt_port",
	    "source port after NAT"),
	[F_XDSTPORT] = ROW("xdstport", "Translated destination port", KIND_PORT, 2, ELEMENT(E_XPORT), "xdp", "dst_xlt_port",
	    "destination port after NAT"),
	[F_IACL] = ROW("iacl", "Ingress ACL", KIND_NUMBER, 4, ELEMENT(E_ACL), "iacl", "ingress_acl",
	    "access list on the way in"),
	[F_IACE] = ROW("iace", "Ingress ACE", KIND_NUMBER, 4, ELEMENT(E_ACL), NULL, NULL,
	    "entry of the access list on the way in"),
	[F_IXACE] = ROW("ixace", "Ingress extended ACE", KIND_NUMBER, 4, ELEMENT(E_ACL), NULL, NULL,
	    "extended entry of the access list on the way in"),
	[F_EACL] = ROW("eacl", "Egress ACL", KIND_NUMBER, 4, ELEMENT(E_ACL), "eacl", "egress_acl",
	    "access list on the way out"),
	[F_EACE] = ROW("eace", "Egress ACE", KIND_NUMBER, 4, ELEMENT(E_ACL), NULL, NULL,
	    "entry of the access list on the way out"),
	[F_EXACE] = ROW("exace", "Egress extended ACE", KIND_NUMBER, 4, ELEMENT(E_ACL), NULL, NULL,
	    "extended entry of the access list on the way out"),
	[F_USER] = ROW("user", "User", KIND_TEXT, 16, ELEMENT(E_USER), "uname", "user_name",
	    "user that the firewall knew"),
	[F_NATEVENT] = ROW("nevent", "NAT event", KIND_NATEVENT, 1, ELEMENT(E_NAT), "nevt", "nat_event_id",
	    "NAT event"),
	[F_NATPOOL] = ROW("natpool", "NAT pool", KIND_NUMBER, 4, ELEMENT(E_NAT), NULL, NULL,
	    "number of the NAT pool"),
	[F_PBSTART] = ROW("pbstart", "Port block start", KIND_PORT, 2, ELEMENT(E_PBLOCK), "pbstart", "pblock_start",
	    "first port of a NAT port block"),
	[F_PBEND] = ROW("pbend", "Port block end", KIND_PORT, 2, ELEMENT(E_PBLOCK), "pbend", "pblock_end",
	    "last port of a NAT port block"),
	[F_PBSTEP] = ROW("pbstep", "Port block step", KIND_NUMBER, 2, ELEMENT(E_PBLOCK), "pbstep", "pblock_step",
	    "step of a NAT port block"),
	[F_PBSIZE] = ROW("pbsize", "Port block size", KIND_NUMBER, 2, ELEMENT(E_PBLOCK), "pbsize", "pblock_size",
	    "ports in a NAT port block"),

	[F_NBAR] = ROW("nbar", "Application", KIND_BINARY, 16, ELEMENT(E_NBAR), "nbid", NULL,
	    "application number of the exporter's classifier"),
	[F_LABEL] = ROW("label", "Label", KIND_TEXT, 16, ELEMENT(E_LABEL), "lbl", "label",
	    "label put on the flow"),
	[F_INPAYLOAD] = ROW("inpayload", "Payload", KIND_BINARY, 16, ELEMENT(E_INPAYLOAD), "ipl", NULL,
	    "first bytes of payload from source to destination"),
	[F_OUTPAYLOAD] = ROW("outpayload", "Payload back", KIND_BINARY, 16, ELEMENT(E_OUTPAYLOAD), "opl", NULL,
	    "first bytes of payload from destination to source"),
	[F_TUNSRCIP] = ROW("tunsrcip", "Tunnel source", KIND_ADDR, 16, TUN, NULL, "src4_tun_ip",
	    "outer source address of a tunnel"),
	[F_TUNDSTIP] = ROW("tundstip", "Tunnel destination", KIND_ADDR, 16, TUN, NULL, "dst4_tun_ip",
	    "outer destination address of a tunnel"),
	[F_TUNPROTO] = ROW("tunproto", "Tunnel protocol", KIND_PROTO, 1, TUN, NULL, NULL,
	    "IP protocol of a tunnel"),
	[F_OBSPOINT] = ROW("opid", "Observation point", KIND_NUMBER, 8, ELEMENT(E_OBSERVATION), "opid", "observationPointID",
	    "where in the exporter the flow was seen"),
	[F_OBSDOMAIN] = ROW("odid", "Observation domain", KIND_NUMBER, 4, ELEMENT(E_OBSERVATION), "odid", "observationDomainID",
	    "metering process of the exporter"),
	[F_IVRF] = ROW("ivrf", "Ingress VRF", KIND_NUMBER, 4, ELEMENT(E_VRF), "ivrf", "ingress_vrf",
	    "routing table on the way in"),
	[F_EVRF] = ROW("evrf", "Egress VRF", KIND_NUMBER, 4, ELEMENT(E_VRF), "evrf", "egress_vrf",
	    "routing table on the way out"),
	[F_PFACTION] = ROW("pfaction", "pf action", KIND_NUMBER, 1, ELEMENT(E_PF), "pfact", NULL,
	    "what pf did: 0 pass, 1 block"),
	[F_PFREASON] = ROW("pfreason", "pf reason", KIND_NUMBER, 1, ELEMENT(E_PF), "pfrea", NULL,
	    "why pf did so: 0 match"),
	[F_PFDIR] = ROW("pfdir", "pf direction", KIND_NUMBER, 1, ELEMENT(E_PF), "pfdir", NULL,
	    "pf's direction: 0 in and out, 1 in, 2 out"),
	[F_PFRULE] = ROW("pfrule", "pf rule", KIND_NUMBER, 4, ELEMENT(E_PF), "pfrule", NULL,
	    "number of pf's rule"),
	[F_PFIF] = ROW("pfif", "pf interface", KIND_TEXT, 16, ELEMENT(E_PF), "pfifn", NULL,
	    "name of pf's interface"),
	[F_LAYER2VLAN] = ROW("l2vlan", "VLAN", KIND_NUMBER, 2, ELEMENT(E_LAYER2), NULL, NULL,
	    "VLAN of the layer 2 header"),
	[F_CUSTVLAN] = ROW("custvlan", "Customer VLAN", KIND_NUMBER, 2, ELEMENT(E_LAYER2), NULL, NULL,
	    "customer's VLAN of the layer 2 header"),
	[F_POSTVLAN] = ROW("postvlan", "VLAN out", KIND_NUMBER, 2, ELEMENT(E_LAYER2), NULL, NULL,
	    "VLAN of the layer 2 header on the way out"),
	[F_POSTCUSTVLAN] = ROW("postcustvlan", "Customer VLAN out", KIND_NUMBER, 2, ELEMENT(E_LAYER2), NULL, NULL,
	    "customer's VLAN of the layer 2 header on the way out"),
	[F_PHYSIN] = ROW("physin", "Physical input", KIND_NUMBER, 4, ELEMENT(E_LAYER2), NULL, NULL,
	    "SNMP index of the physical interface on the way in"),
	[F_PHYSOUT] = ROW("physout", "Physical output", KIND_NUMBER, 4, ELEMENT(E_LAYER2), NULL, NULL,
	    "SNMP index of the physical interface on the way out"),
	[F_VXLAN] = ROW("vxlan", "VXLAN", KIND_NUMBER, 8, ELEMENT(E_LAYER2), NULL, NULL,
	    "layer 2 segment"),
	[F_ETHERTYPE] = ROW("ethertype", "Ethernet type", KIND_NUMBER, 2, ELEMENT(E_LAYER2), "eth", NULL,
	    "Ethernet type"),
	[F_FLOWID] = ROW("flowid", "Flow ID", KIND_NUMBER, 8, ELEMENT(E_FLOWID), "flid", NULL,
	    "exporter's number of the flow"),
	[F_NATINSERVICE] = ROW("natinservice", "NAT service in", KIND_NUMBER, 2, ELEMENT(E_NOKIANAT), "isid", NULL,
	    "inside service of a NAT flow"),
	[F_NATOUTSERVICE] = ROW("natoutservice", "NAT service out", KIND_NUMBER, 2, ELEMENT(E_NOKIANAT), "osid", NULL,
	    "outside service of a NAT flow"),
	[F_FRAGFLAGS] = ROW("fragflags", "Fragment flags", KIND_BITS, 1, ELEMENT(E_IPINFO), "frag", NULL,
	    "fragment flags: 32 more, 64 do not"),
	[F_MINTTL] = ROW("minttl", "Least TTL", KIND_NUMBER, 1, ELEMENT(E_IPINFO), "minttl", NULL,
	    "least time to live of the packets"),
	[F_MAXTTL] = ROW("maxttl", "Greatest TTL", KIND_NUMBER, 1, ELEMENT(E_IPINFO), "maxttl", NULL,
	    "greatest time to live of the packets"),

	[F_SRCTAG] = ROW("srctag", "Source tag", KIND_NUMBER, 4, FLOWTOOLS, NULL, NULL,
	    "tag that flow-tools or flowd put on the source"),
	[F_DSTTAG] = ROW("dsttag", "Destination tag", KIND_NUMBER, 4, FLOWTOOLS, NULL, NULL,
	    "tag that flow-tools put on the destination"),
	[F_SHORTCUT] = ROW("shortcut", "Shortcut router", KIND_ADDR, 16, FLOWTOOLS, NULL, NULL,
	    "router that a Catalyst switch took the flow from"),
	[F_EXTRAPACKETS] = ROW("extrapackets", "Extra packets", KIND_COUNTER, 8, FLOWTOOLS, NULL, NULL,
	    "packets beyond the contract (aggregated NetFlow)"),
	[F_MARKEDTOS] = ROW("markedtos", "Marked ToS", KIND_NUMBER, 1, FLOWTOOLS, NULL, NULL,
	    "type of service of packets beyond the contract"),
	[F_INENCAPS] = ROW("inencaps", "Encapsulation in", KIND_NUMBER, 1, FLOWTOOLS, NULL, NULL,
	    "bytes of encapsulation on the way in (NetFlow 6)"),
	[F_OUTENCAPS] = ROW("outencaps", "Encapsulation out", KIND_NUMBER, 1, FLOWTOOLS, NULL, NULL,
	    "bytes of encapsulation on the way out (NetFlow 6)"),
	[F_UPTIME] = ROW("uptime", "Uptime", KIND_MSEC, 4, FLOWTOOLS, NULL, NULL,
	    "how long the exporter was up when it sent the record, milliseconds"),
	[F_ELEMENTS] = ROW("elements", "Elements", KIND_BITS, 8, 0, NULL, NULL,
	    "which elements the record has, a bit each"),

	[F_DURATION] = DERIVED("duration", "Duration", KIND_MSEC, 8, GENERIC, "td", NULL,
	    "time from the first to the last packet, milliseconds",
	    derive_duration,
	    F_FIRST, F_LAST, F_COUNT),
	[F_PPS] = DERIVED("pps", "Packets/s", KIND_RATE, 8, GENERIC, "pps", NULL,
	    "packets per second", derive_pps, F_FIRST, F_LAST, F_PACKETS),
	[F_BPS] = DERIVED("bps", "Bits/s", KIND_RATE, 8, GENERIC, "bps", NULL,
	    "bits per second", derive_bps, F_FIRST, F_LAST, F_BYTES),
	[F_BPP] = DERIVED("bpp", "Bytes/packet", KIND_NUMBER, 8, GENERIC, "bpp", NULL,
	    "bytes per packet", derive_bpp,
	    F_BYTES, F_PACKETS, F_COUNT),
	[F_ICMPTYPE] = DERIVED("icmptype", "ICMP type", KIND_NUMBER, 1, GENERIC, "it", "icmp_type",
	    "ICMP type, 0 for other protocols", derive_icmptype,
	    F_PROTO, F_DSTPORT, F_COUNT),
	[F_ICMPCODE] = DERIVED("icmpcode", "ICMP code", KIND_NUMBER, 1, GENERIC, "ic", "icmp_code",
	    "ICMP code, 0 for other protocols", derive_icmpcode,
	    F_PROTO, F_DSTPORT, F_COUNT),
	[F_SRCGEO] = DERIVED("srcgeo", "Source country", KIND_COUNTRY, 2, IP, "sc", NULL,
	    "country of the source address by the database of countries, .. where it has none", derive_srcgeo,
	    F_SRCIP, F_COUNT),
	[F_DSTGEO] = DERIVED("dstgeo", "Destination country", KIND_COUNTRY, 2, IP, "dc", NULL,
	    "country of the destination address by the database of countries, .. where it has none", derive_dstgeo,
	    F_DSTIP, F_COUNT),
};

enum field
field_find(const char *name)
{
	enum field f;

	for (f = 0; f < F_COUNT; f++)
		if (strcmp(fields[f].name, name) == 0)
			break;
	return f;
}

void
fieldset_close(struct fieldset *set)
{
	for (int f = 0; f < F_COUNT; f++) {
		if (fields[f].derive == NULL || !fieldset_has(set, f))
			continue;
		for (int i = 0; i < 3 && fields[f].needs[i] != F_COUNT; i++)
			fieldset_add(set, fields[f].needs[i]);
	}
}

/* Milliseconds; a clock that ran back gives 0. */
static uint64_t
duration(const struct batch *b, size_t i)
{
	uint64_t first = COL64(b, F_FIRST)[i], last = COL64(b, F_LAST)[i];

	return last > first ? last - first : 0;
}

/* n times factor per msec without overflow; 0 for no time. */
static uint64_t
rate(uint64_t n, uint64_t factor, uint64_t msec)
{
	if (msec == 0)
		return 0;
	return n <= UINT64_MAX / factor ? n * factor / msec : n / msec * factor;
}

static void
derive_duration(const struct batch *b, void *column)
{
	uint64_t *out = column;

	for (size_t i = 0; i < b->n; i++)
		out[i] = duration(b, i);
}

static void
derive_pps(const struct batch *b, void *column)
{
	uint64_t *out = column;

	for (size_t i = 0; i < b->n; i++)
		out[i] = rate(COL64(b, F_PACKETS)[i], 1000, duration(b, i));
}

static void
derive_bps(const struct batch *b, void *column)
{
	uint64_t *out = column;

	for (size_t i = 0; i < b->n; i++)
		out[i] = rate(COL64(b, F_BYTES)[i], 8000, duration(b, i));
}

static void
derive_bpp(const struct batch *b, void *column)
{
	uint64_t *out = column;

	for (size_t i = 0; i < b->n; i++) {
		uint64_t packets = COL64(b, F_PACKETS)[i];

		out[i] = packets != 0 ? COL64(b, F_BYTES)[i] / packets : 0;
	}
}

static uint16_t
icmp_word(const struct batch *b, size_t i)
{
	return proto_class(COL8(b, F_PROTO)[i]) == PROTO_ICMP ? COL16(b, F_DSTPORT)[i] : 0;
}

static void
derive_icmptype(const struct batch *b, void *column)
{
	uint8_t *out = column;

	for (size_t i = 0; i < b->n; i++)
		out[i] = icmp_word(b, i) >> 8;
}

static void
derive_icmpcode(const struct batch *b, void *column)
{
	uint8_t *out = column;

	for (size_t i = 0; i < b->n; i++)
		out[i] = icmp_word(b, i) & 0xff;
}

/* Who counts by places in a dictionary of addresses asks for the countries of those. */
static void
derive_country(const struct batch *b, enum field f, void *column)
{
	if (b->places == NULL || b->places->place[f] == NULL)
		countries_of(COLADDR(b, f), b->n, column);
}

static void
derive_srcgeo(const struct batch *b, void *column)
{
	derive_country(b, F_SRCIP, column);
}

static void
derive_dstgeo(const struct batch *b, void *column)
{
	derive_country(b, F_DSTIP, column);
}
