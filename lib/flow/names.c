#include "flow/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))

/* As nfdump shortens them; numbers that are missing here have no name. */
static const char *const protos[] = {
	[1] = "ICMP", [2] = "IGMP", [3] = "GGP", [4] = "IPIP", [5] = "ST", [6] = "TCP",
	[7] = "CBT", [8] = "EGP", [9] = "IGP", [10] = "BBN", [11] = "NVPII", [12] = "PUP",
	[13] = "ARGUS", [14] = "ENCOM", [15] = "XNET", [16] = "CHAOS", [17] = "UDP",
	[18] = "MUX", [19] = "DCN", [20] = "HMP", [21] = "PRM", [22] = "XNS", [23] = "Trnk1",
	[24] = "Trnk2", [25] = "Leaf1", [26] = "Leaf2", [27] = "RDP", [28] = "IRTP",
	[29] = "ISO-4", [30] = "NETBK", [31] = "MFESP", [32] = "MEINP", [33] = "DCCP",
	[34] = "3PC", [35] = "IDPR", [36] = "XTP", [37] = "DDP", [38] = "IDPR", [39] = "TP++",
	[40] = "IL", [41] = "IPv6", [42] = "SDRP", [43] = "Rte6", [44] = "Frag6", [45] = "IDRP",
	[46] = "RSVP", [47] = "GRE", [48] = "MHRP", [49] = "BNA", [50] = "ESP", [51] = "AH",
	[52] = "INLSP", [53] = "SWIPE", [54] = "NARP", [55] = "MOBIL", [56] = "TLSP",
	[57] = "SKIP", [58] = "ICMP6", [59] = "NOHE6", [60] = "OPTS6", [61] = "HOST",
	[62] = "CFTP", [63] = "NET", [64] = "SATNT", [65] = "KLAN", [66] = "RVD", [67] = "IPPC",
	[68] = "FS", [69] = "SATM", [70] = "VISA", [71] = "IPCV", [72] = "CPNX", [73] = "CPHB",
	[74] = "WSN", [75] = "PVP", [76] = "BSATM", [77] = "SUNND", [78] = "WBMON",
	[79] = "WBEXP", [80] = "ISOIP", [81] = "VMTP", [82] = "SVMTP", [83] = "VINES",
	[84] = "TTP", [85] = "NSIGP", [86] = "DGP", [87] = "TCF", [88] = "EIGRP", [89] = "OSPF",
	[90] = "S-RPC", [91] = "LARP", [92] = "MTP", [93] = "AX.25", [94] = "OS", [95] = "MICP",
	[96] = "SCCSP", [97] = "ETHIP", [98] = "ENCAP", [100] = "GMTP", [101] = "IFMP",
	[102] = "PNNI", [103] = "PIM", [104] = "ARIS", [105] = "SCPS", [106] = "QNX",
	[107] = "A/N", [108] = "IPcmp", [109] = "SNP", [110] = "CpqPP", [111] = "IPXIP",
	[112] = "VRRP", [113] = "PGM", [114] = "0hop", [115] = "L2TP", [116] = "DDX",
	[117] = "IATP", [118] = "STP", [119] = "SRP", [120] = "UTI", [121] = "SMP",
	[122] = "SM", [123] = "PTP", [124] = "ISIS4", [125] = "FIRE", [126] = "CRTP",
	[127] = "CRUDP", [129] = "IPLT", [130] = "SPS", [131] = "PIPE", [132] = "SCTP",
	[133] = "FC", [135] = "MHEAD", [136] = "UDP-L", [137] = "MPLS",
};

struct name {
	int number;
	const char *name;
};

/* The first name of a number is the one that is printed. */
static const struct name fwdstats[] = {
	{ 0, "Unknown" }, { 1, "Forw" }, { 2, "Frag" }, { 16, "Drop" }, { 17, "DaclD" },
	{ 18, "Daclp" }, { 19, "Noroute" }, { 20, "Dadj" }, { 21, "Dfrag" }, { 22, "Dbadh" },
	{ 23, "Dbadtlen" }, { 24, "Dbadhlen" }, { 25, "DbadTTL" }, { 26, "Dpolicy" },
	{ 27, "Dwred" }, { 28, "Drpf" }, { 29, "Dforus" }, { 30, "DbadOf" }, { 31, "Dhw" },
	{ 128, "Term" }, { 129, "Tadj" }, { 130, "TincAdj" }, { 131, "Tforus" },
};

static const struct name fwevents[] = {
	{ 0, "IGNORE" }, { 1, "CREATE" }, { 2, "DELETE" }, { 2, "TERM" }, { 3, "DENIED" },
	{ 3, "DENY" }, { 4, "ALERT" }, { 5, "UPDATE" },
};

/* Numbers of IPFIX element 230; short names as nfdump has them. */
static const struct name natevents[] = {
	{ 0, "INVALID" }, { 1, "ADD" }, { 1, "CREATE" }, { 2, "DELETE" }, { 3, "NOADDR" },
	{ 4, "ADD44" }, { 5, "DEL44" }, { 6, "ADD64" }, { 7, "DEL64" }, { 8, "ADD44BIB" },
	{ 9, "DEL44BIB" }, { 10, "ADD64BIB" }, { 11, "DEL64BIB" }, { 12, "NOPORTS" },
	{ 13, "QUOTA" }, { 14, "ADDADDR" }, { 15, "DELADDR" }, { 16, "ADDBLOCK" },
	{ 17, "DELBLOCK" }, { 18, "THRESH" },
};

/* By number, and in words as nfdump's JSON has them. */
static const char *const natevent_titles[] = {
	"Reserved", "NAT translation create", "NAT translation delete", "NAT Addresses exhausted",
	"NAT44 session create", "NAT44 session delete", "NAT64 session create", "NAT64 session delete",
	"NAT44 BIB create", "NAT44 BIB delete", "NAT64 BIB create", "NAT64 BIB delete", "NAT ports exhausted",
	"Quota Exceeded", "Address binding create", "Address binding delete", "Port block allocation",
	"Port block de-allocation", "Threshold Reached",
};

enum { TCP = 1, UDP = 2, BOTH = TCP | UDP, SCTP = 4 };

static const struct {
	uint16_t port;
	uint8_t protos;
	const char *name;
} services[] = {
	{ 7, BOTH, "echo" }, { 9, BOTH, "discard" }, { 13, BOTH, "daytime" }, { 19, BOTH, "chargen" },
	{ 20, TCP, "ftp-data" }, { 21, TCP, "ftp" }, { 22, TCP, "ssh" }, { 23, TCP, "telnet" },
	{ 25, TCP, "smtp" }, { 37, BOTH, "time" }, { 43, TCP, "whois" }, { 49, TCP, "tacacs" },
	{ 53, BOTH, "domain" }, { 67, UDP, "bootps" }, { 68, UDP, "bootpc" }, { 69, UDP, "tftp" },
	{ 79, TCP, "finger" }, { 80, TCP, "http" }, { 88, BOTH, "kerberos" }, { 110, TCP, "pop3" },
	{ 111, BOTH, "sunrpc" }, { 113, TCP, "ident" }, { 119, TCP, "nntp" }, { 123, UDP, "ntp" },
	{ 135, BOTH, "msrpc" }, { 137, UDP, "netbios-ns" }, { 138, UDP, "netbios-dgm" },
	{ 139, TCP, "netbios-ssn" }, { 143, TCP, "imap" }, { 161, UDP, "snmp" }, { 162, UDP, "snmp-trap" },
	{ 179, TCP, "bgp" }, { 389, BOTH, "ldap" }, { 443, BOTH, "https" }, { 445, TCP, "microsoft-ds" },
	{ 464, BOTH, "kpasswd" }, { 465, TCP, "submissions" }, { 500, UDP, "isakmp" }, { 502, TCP, "modbus" },
	{ 514, UDP, "syslog" }, { 514, TCP, "shell" }, { 515, TCP, "printer" }, { 520, UDP, "rip" },
	{ 546, UDP, "dhcpv6-client" }, { 547, UDP, "dhcpv6-server" }, { 548, TCP, "afp" },
	{ 554, BOTH, "rtsp" }, { 587, TCP, "submission" }, { 631, BOTH, "ipp" }, { 636, TCP, "ldaps" },
	{ 646, BOTH, "ldp" }, { 853, BOTH, "domain-s" }, { 873, TCP, "rsync" }, { 989, TCP, "ftps-data" },
	{ 990, TCP, "ftps" }, { 993, TCP, "imaps" }, { 995, TCP, "pop3s" }, { 1080, TCP, "socks" },
	{ 1194, BOTH, "openvpn" }, { 1433, TCP, "ms-sql" }, { 1521, TCP, "oracle" }, { 1701, UDP, "l2tp" },
	{ 1723, TCP, "pptp" }, { 1812, UDP, "radius" }, { 1813, UDP, "radius-acct" }, { 1883, TCP, "mqtt" },
	{ 1900, UDP, "ssdp" }, { 2049, BOTH, "nfs" }, { 2055, UDP, "netflow" }, { 3128, TCP, "squid" },
	{ 3306, TCP, "mysql" }, { 3389, BOTH, "rdp" }, { 3478, BOTH, "stun" }, { 4500, UDP, "ipsec-nat-t" },
	{ 4739, BOTH | SCTP, "ipfix" }, { 4789, UDP, "vxlan" }, { 5060, BOTH, "sip" }, { 5061, TCP, "sips" },
	{ 5222, TCP, "xmpp" }, { 5269, TCP, "xmpp-server" }, { 5353, UDP, "mdns" }, { 5355, UDP, "llmnr" },
	{ 5432, TCP, "postgresql" }, { 5900, TCP, "vnc" }, { 6343, UDP, "sflow" }, { 6379, TCP, "redis" },
	{ 6514, TCP, "syslog-tls" }, { 6667, TCP, "irc" }, { 8080, TCP, "http-alt" }, { 8443, TCP, "https-alt" },
	{ 9100, TCP, "jetdirect" }, { 9418, TCP, "git" }, { 9995, UDP, "netflow" }, { 11211, BOTH, "memcached" },
	{ 27017, TCP, "mongodb" }, { 51820, UDP, "wireguard" },
};

const char *
proto_name(uint8_t proto, char buf[static NAME_STRLEN])
{
	if (proto < NELEM(protos) && protos[proto] != NULL)
		return protos[proto];
	snprintf(buf, NAME_STRLEN, "%u", proto);
	return buf;
}

/* 0 to 255 in decimal, whole string; or -1. */
static int
byte_number(const char *s)
{
	char *end;
	unsigned long n;

	if (*s < '0' || *s > '9')
		return -1;
	n = strtoul(s, &end, 10);
	return *end == '\0' && n <= 255 ? (int)n : -1;
}

int
proto_number(const char *s)
{
	int n = byte_number(s);
	size_t len = strlen(s);

	if (n != -1 || len == 0 || len > 5)
		return n;
	for (size_t i = 0; i < NELEM(protos); i++)
		if (protos[i] != NULL && strncasecmp(protos[i], s, len) == 0)
			return i;
	return -1;
}

char *
tcpflags_text(uint8_t flags, char buf[static NAME_STRLEN])
{
	static const char letters[] = "CEUAPRSF";

	for (int i = 0; i < 8; i++)
		buf[i] = flags >> (7 - i) & 1 ? letters[i] : '.';
	buf[8] = '\0';
	return buf;
}

static const char *
name_find(const struct name *table, size_t n, int number)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].number == number)
			return table[i].name;
	return NULL;
}

static int
number_find(const struct name *table, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(table[i].name, name) == 0)
			return table[i].number;
	return byte_number(name);
}

const char *
fwdstat_name(uint8_t n)
{
	return name_find(fwdstats, NELEM(fwdstats), n);
}

const char *
fwevent_name(uint8_t n)
{
	return name_find(fwevents, NELEM(fwevents), n);
}

const char *
natevent_name(uint8_t n)
{
	return name_find(natevents, NELEM(natevents), n);
}

const char *
natevent_title(uint8_t n)
{
	return n < NELEM(natevent_titles) ? natevent_titles[n] : "";
}

int
fwdstat_number(const char *s)
{
	return number_find(fwdstats, NELEM(fwdstats), s);
}

int
fwevent_number(const char *s)
{
	return number_find(fwevents, NELEM(fwevents), s);
}

int
natevent_number(const char *s)
{
	return number_find(natevents, NELEM(natevents), s);
}

const char *
port_name(uint16_t port, uint8_t proto)
{
	int bit = proto == 6 ? TCP : proto == 17 ? UDP : proto == 132 ? SCTP : 0;

	for (size_t i = 0; i < NELEM(services); i++)
		if (services[i].port == port && (services[i].protos & bit) != 0)
			return services[i].name;
	return NULL;
}
