#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "query/filter.h"

static struct arena *arena;

/*
 * Puts a flow, written as "proto=6 srcip=192.0.2.1 srcport=80 …", into the
 * batch: fields by their names, elements as needed, further ones as "+5".
 */
static void
flow(struct batch *b, const char *text)
{
	char *copy = arena_strdup(arena, text), *save, *word;
	size_t i = b->n++;

	COL64(b, F_ELEMENTS)[i] = ELEMENT(E_HEADER) | ELEMENT(E_GENERIC);
	COL64(b, F_FLOWS)[i] = 1;
	for (word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
		char *value = strchr(word, '=');
		enum field f;

		if (*word == '+') {
			COL64(b, F_ELEMENTS)[i] |= ELEMENT(atoi(word + 1));
			continue;
		}
		assert_non_null(value);
		*value++ = '\0';
		f = field_find(word);
		assert_true(f < F_COUNT);
		if (fields[f].kind == KIND_ADDR) {
			struct addr *a = &COLADDR(b, f)[i];

			assert_int_equal(addr_parse(value, a), 0);
			if (f == F_SRCIP || f == F_DSTIP)
				COL64(b, F_ELEMENTS)[i] |= ELEMENT(addr_is_v4(a) ? E_IPV4 : E_IPV6);
			else
				COL64(b, F_ELEMENTS)[i] |= fields[f].elements;
		} else if (fields[f].width == 16) {
			COLSLICE(b, f)[i] = (struct slice){ (const uint8_t *)value, strlen(value) };
			COL64(b, F_ELEMENTS)[i] |= fields[f].elements;
		} else {
			batch_set_number(b, f, i, strtoull(value, NULL, 0));
			COL64(b, F_ELEMENTS)[i] |= fields[f].elements;
		}
	}
}

static struct batch *
batch_new(size_t n)
{
	struct batch *b = arena_alloc(arena, sizeof(*b));
	struct fieldset all = { { 0, 0 } };

	for (int f = 0; f < F_COUNT; f++)
		fieldset_add(&all, f);
	batch_columns(b, &all, n, arena);
	b->elements_all = 1;
	b->first_number = 1;
	b->ident = "upstream1";
	return b;
}

static struct filter *
compile(const char *text)
{
	struct err e = { 0 };
	struct filter *f = filter_compile(text, arena, &e);

	if (f == NULL)
		fail_msg("%s: %s", text, e.text);
	return f;
}

/* Does the filter match the only flow? */
static bool
matches(const char *filter, const char *text)
{
	struct batch *b = batch_new(1);
	struct filter *f = compile(filter);
	uint8_t sel[BATCH_MAX];
	size_t n;

	flow(b, text);
	batch_derive(b);
	n = filter_run(f, filter_scratch(f, arena), b, sel);
	assert_int_equal(n, sel[0]);
	return n == 1;
}

static void
keeps(const char *filter, const char *text)
{
	if (!matches(filter, text))
		fail_msg("%s should match %s", filter, text);
}

static void
drops(const char *filter, const char *text)
{
	if (matches(filter, text))
		fail_msg("%s should not match %s", filter, text);
}

static void
refuses(const char *filter, const char *why)
{
	struct err e = { 0 };

	if (filter_compile(filter, arena, &e) != NULL)
		fail_msg("%s should be refused", filter);
	assert_int_equal(e.kind, ERR_INPUT);
	assert_string_equal(e.text, why);
}

#define TCP	"proto=6 srcip=192.0.2.1 srcport=4242 dstip=198.51.100.7 dstport=443 flags=0x1b packets=10 bytes=5000 first=1000 last=11000 srctos=5 dsttos=7"
#define SIX	"proto=17 srcip=2001:db8::1 srcport=53 dstip=2001:db8:ffff::a01:203 dstport=5353 packets=1 bytes=80"
#define ICMP	"proto=1 srcip=10.1.2.3 dstip=10.1.2.4 dstport=0x0301"

static void
test_addresses(void **state)
{
	(void)state;
	keeps("ip 192.0.2.1", TCP);
	keeps("host 198.51.100.7", TCP);
	drops("src ip 198.51.100.7", TCP);
	keeps("dst ip 198.51.100.7", TCP);
	keeps("src or dst ip 198.51.100.7", TCP);
	drops("src and dst ip 198.51.100.7", TCP);
	keeps("src and dst net 10.0.0.0/8", ICMP);
	keeps("net 10.9.9.9/8", ICMP);
	keeps("net 10.1/16", ICMP);
	keeps("net 10.1.0.0 255.255.0.0", ICMP);
	drops("net 10.1.3.0 255.255.255.0", ICMP);
	keeps("ip in [ 1.2.3.4, 10.1.2.4 ]", ICMP);
	keeps("ip in [10.0.0.0/8]", ICMP);
	drops("src ip in [10.1.2.4 10.1.2.2 10.1.2.0/31]", ICMP);
	keeps("ip in [1.0.0.0/8 2.0.0.0/8 3.0.0.0/8 4.0.0.0/8 10.1.2.0/31 10.1.2.3]", ICMP);
	keeps("net 0.0.0.0/0", TCP);
	drops("net 0.0.0.0/0", SIX);
	keeps("net ::/0", SIX);
	drops("net ::/0", TCP);
	drops("ip in [::/0]", TCP);
	keeps("ip in [::/0]", SIX);
	keeps("src net 2001:db8::/32 and src ip 2001:db8::1", SIX);
	drops("ip 10.1.2.3", SIX);
	drops("ip in [10.0.0.0/8]", SIX);
	keeps("ipv4", TCP);
	keeps("inet6", SIX);
	drops("ipv4", "proto=6");
	drops("ip 0.0.0.0", "proto=6");
	keeps("not ip 0.0.0.0", "proto=6");
	keeps("next ip 10.0.0.1", "next=10.0.0.1");
	keeps("bgpnext ip 10.0.0.1 and bgp next ip 10.0.0.1", "bgpnext=10.0.0.1");
	keeps("exporter ip 10.0.0.1", "router=10.0.0.1");
	keeps("nip 10.0.0.1 and src xip 10.0.0.1 and nat ip in [10.0.0.1]", "xsrcip=10.0.0.1");
	keeps("dst xnet 10.0.0.0/8 and nat net 10.0.0.0/8", "xdstip=10.0.0.1");
	keeps("tunip 10.0.0.1 and tun ip 10.0.0.1", "tundstip=10.0.0.1");
}

static void
test_ports(void **state)
{
	(void)state;
	keeps("port 443", TCP);
	keeps("port = 443 and port == 443 and port eq 443", TCP);
	drops("src port 443", TCP);
	keeps("dst port > 442 and dst port ge 443 and dst port < 444 and dst port le 443", TCP);
	drops("dst port > 443 or dst port lt 443", TCP);
	keeps("src and dst port > 400", TCP);
	drops("dst and src port > 1000", TCP);
	keeps("port in [80, 443]", TCP);
	drops("src port in [80, 443]", TCP);
	drops("port > 65535", TCP);
	keeps("port >= 0", TCP);
	drops("port < 0", TCP);
	keeps("src port 0x1092", TCP);
	keeps("nat port 7 and xport > 6 and nport in [7]", "xdstport=7");
	keeps("src port in pblock", "srcport=5 pbstart=5 pbend=6");
	drops("dst port in nat pblock", "srcport=5 dstport=7 pbstart=5 pbend=6");
	drops("port in nat pblock", "srcport=0");
	keeps("pblock start 5 and nat pblock end 6", "srcport=5 pbstart=5 pbend=6");
}

static void
test_protocols(void **state)
{
	(void)state;
	keeps("proto tcp", TCP);
	keeps("proto 6", TCP);
	keeps("proto 0x6", TCP);
	refuses("proto 0x106", "filter, line 1, column 7: expected a protocol name of up to 5 letters or a number from 0 to 255, not \"0x106\"");
	drops("proto udp", TCP);
	keeps("proto 0", "packets=1");
	keeps("icmp-type 3 and icmp code 1", ICMP);
	keeps("icmp type > 2", ICMP);
	drops("icmp-type 0", TCP);
	keeps("icmp-type 8", "proto=58 dstport=0x0800");
	keeps("flags SA", TCP);
	keeps("flags AS", TCP);
	keeps("flags 27 and flags = 27 and flags < 28", TCP);
	keeps("flags = SAPF", TCP);
	drops("flags =SA", TCP);
	drops("flags R", TCP);
	drops("flags S", "proto=17 flags=2");
	keeps("not flags S", "proto=17 flags=2");
	keeps("not flags SR", TCP);
	drops("not flags SA", TCP);
	keeps("flags X", "proto=6 flags=0x3f");
	keeps("flags CE", "proto=6 flags=0xc0");
	keeps("tos 5 and dst tos 7 and src or dst tos 7", TCP);
	drops("tos 7", TCP);
	drops("src and dst tos 7", TCP);
	keeps("tun proto gre", "tunproto=47");
	drops("tun proto 0", TCP);
	keeps("ttl < 4 and min ttl 3 and max ttl > 8 and not ttl equal", "minttl=3 maxttl=9");
	keeps("ttl equal", "minttl=3 maxttl=3");
	drops("ttl equal", TCP);
}

static void
test_numbers(void **state)
{
	(void)state;
	keeps("packets 10 and in packets 10", TCP);
	keeps("out bytes 0", TCP);
	keeps("out bytes 7", TCP " outbytes=7");
	keeps("bytes 5k and bytes >= 5K and bytes < 1m and bytes < 1g and bytes < 1t", TCP);
	keeps("flows 1", TCP);
	keeps("flows > 4", TCP " flows=5");
	keeps("duration 10000 and bps 4000 and pps 1 and bpp 500", TCP);
	keeps("duration < 11k", TCP);
	keeps("bytes <= 18446744073709551615", TCP);
	drops("bytes > 18446744073709551615", TCP);
	keeps("first seen 1970-01-01T00:00:01", TCP);
	keeps("last seen > 1970-01-01T00:00:10.999 and last seen < 1970-01-01T00:00:11.001", TCP);
	keeps("count 1", TCP);
	drops("count > 1", TCP);
	keeps("ident upstream1 and not ident 'upstream 1'", TCP);
	keeps("client latency 7", "cl=7");
	drops("server latency 0", "packets=1");
}

static void
test_rest(void **state)
{
	(void)state;
	keeps("if 3 and in if 3 and not out if 3", "inif=3 outif=4");
	drops("in if 0", "packets=1");
	keeps("not in if 0", "packets=1");
	keeps("as 5 and src as 5 and dst as > 6 and as in [4 5] and not src as in [7, 8]", "srcas=5 dstas=7");
	keeps("next as 5 and previous as 6 and prev as in [6]", "nextas=5 prevas=6");
	keeps("mask 8 and dst mask 24", "srcmask=8 dstmask=24");
	keeps("vlan 5 and src vlan 5", "srcvlan=5");
	keeps("vlan 5 and dst vlan 5", "postvlan=5");
	drops("vlan 65541", "postvlan=5");
	keeps("mac 0:53:0:0:0:1 and in mac 00:53:00:00:00:01 and src mac 0:53:0:0:0:1 and in src mac 0:53:0:0:0:1",
	    "insrcmac=0x005300000001");
	drops("out mac 0:53:0:0:0:1 or dst mac 0:53:0:0:0:1", "insrcmac=0x005300000001");
	keeps("mpls label2 5 and mpls exp2 3 and mpls eos 5 and mpls any 5 and mpls any 4", "mpls1=0x40 mpls2=0x57");
	drops("mpls eos 4 or mpls any 0 or mpls label1 5 or mpls any 9", "mpls1=0x40 mpls2=0x57 mpls3=0x90");
	keeps("mpls label10 > 4", "mpls10=0x50");
	keeps("flowdir egress and dir 1", "dir=1");
	drops("flowdir ingress", "packets=1");
	keeps("fwdstat noroute and fwdstat 19", "fwdstat=19");
	keeps("ingress vrf 0xa and egress vrf 11", "ivrf=10 evrf=11");
	keeps("engine-type 1 and engine type 1 and engine-id 2 and engine id 2", "enginetype=1 engineid=2");
	keeps("sysid 3 and exporter id 3 and exporter sysid > 2 and nfversion 9", "sysid=3 nfversion=9");
	keeps("observation domain id 1 and observation point id 2", "odid=1 opid=2");
	keeps("flowlabel web", "label=web");
	drops("flowlabel we", "label=web");
	keeps("asa event deny and asa event denied ingress and asa denied ingress and asa xevent 1001",
	    "event=3 xevent=1001");
	keeps("asa event > 2 and asa event denied", "event=3");
	drops("asa denied ingress", "event=2 xevent=1001");
	keeps("asa user 'j.doe'", "user=j.doe");
	keeps("ingress acl 2 and egress ACL 3", "iace=2 exace=3");
	keeps("nat event add and nat event 1", "nevent=1");
	keeps("pf action block and pf reason short and pf dir in and pf rule 22 and pf interface vether0",
	    "pfaction=1 pfreason=3 pfdir=1 pfrule=22 pfif=vether0");
	keeps("pf dir out", "pfdir=0");
	keeps("pf dir out", "pfdir=2");
	keeps("ethertype 0x800", "ethertype=0x800");
	keeps("payload content 'GET' and payload regex 'g[Ee]T' i and in payload content ET", "inpayload=GET");
	keeps("payload content ET and not in payload content ET", "outpayload=GET");
	drops("payload content GETS or out payload content G", "inpayload=GET");
}

static void
test_logic(void **state)
{
	(void)state;
	keeps("", TCP);
	keeps("any # a comment", TCP);
	drops("not any", TCP);
	keeps("not not any", TCP);
	keeps("not proto udp and port 443 or port 1", TCP);
	drops("not (proto udp or port 443) or port 1", TCP);
	keeps("port 1 or port 443 and proto tcp", TCP);
	drops("(port 1 or port 443) and proto udp", TCP);
	keeps("port 1 || port 443 && ! proto udp", TCP);
	keeps("PORT 443 AND Proto TCP", TCP);
	keeps("%web (port 443) or (port 80) %other", TCP);
	keeps("port 443 %web", TCP);
	keeps("port\n443\n#x\nand\tproto tcp", TCP);
	assert_true(filter_is_any(compile(" ( any ) ")));
	assert_true(filter_is_any(compile(NULL)));
	assert_false(filter_is_any(compile("not any")));
}

static void
test_errors(void **state)
{
	char deep[1000];

	(void)state;
	refuses("src port prot", "filter, line 1, column 10: expected a port number, not \"prot\"");
	refuses("port 70000", "filter, line 1, column 6: expected a port number from 0 to 65535, not \"70000\"");
	refuses("any and\n  port", "filter, line 2, column 7: expected a port number, not the end");
	refuses("ip www.example.com",
	    "filter, line 1, column 4: expected an address (names are not looked up), not \"www.example.com\"");
	refuses("ip 10.0.0.0/8",
	    "filter, line 1, column 4: expected an address; for a network use \"net\" or \"ip in [ … ]\", not \"10.0.0.0/8\"");
	refuses("net 10.0.0.1", "filter, line 1, column 13: expected a netmask such as 255.255.255.0, not the end");
	refuses("net 10.0.0.1 255.0.255.0",
	    "filter, line 1, column 14: expected a netmask such as 255.255.255.0, not \"255.0.255.0\"");
	refuses("bytes > 1.5k",
	    "filter, line 1, column 9: expected a number in digits, as 0x…, or with one of k, m, g, t at the end, not \"1.5k\"");
	refuses("bytes > 99999999999999999999",
	    "filter, line 1, column 9: expected a number in digits, as 0x…, or with one of k, m, g, t at the end, not \"99999999999999999999\"");
	refuses("(port 80", "filter, line 1, column 9: expected \"and\", \"or\" or \")\", not the end");
	refuses("port 80)", "filter, line 1, column 8: expected \"and\", \"or\" or the end, not \")\"");
	refuses("port 80 port 81", "filter, line 1, column 9: expected \"and\", \"or\" or the end, not \"port\"");
	refuses("port in 80", "filter, line 1, column 9: expected \"[\", not \"80\"");
	refuses("port in []", "filter, line 1, column 10: expected a port number, not \"]\"");
	refuses("port in [80", "filter, line 1, column 12: expected a port number, not the end");
	refuses("colour red",
	    "filter, line 1, column 1: expected a test such as \"port 53\" or \"src ip 192.0.2.1\", not \"colour\"");
	refuses("observation place 3", "filter, line 1, column 13: expected \"domain\" or \"point\", not \"place\"");
	refuses("mpls label11 3",
	    "filter, line 1, column 6: expected \"label1\", \"exp1\", \"eos\" or \"any\", not \"label11\"");
	refuses("in port 5", "filter, line 1, column 1: expected one of \"src, dst\" before \"port\", not \"in\"");
	refuses("src duration 5",
	    "filter, line 1, column 1: expected \"duration\" without a qualifier, not \"src\"");
	refuses("src or port 5", "filter, line 1, column 8: expected \"dst\", not \"port\"");
	refuses("src dst port 5", "filter, line 1, column 5: expected a word such as \"port\" or \"ip\", not \"dst\"");
	refuses("mac > 0:1:2:3:4:5", "filter, line 1, column 5: expected \"=\" or the value itself, not \">\"");
	refuses("proto foobar",
	    "filter, line 1, column 7: expected a protocol name of up to 5 letters or a number from 0 to 255, not \"foobar\"");
	refuses("@include /etc/passwd",
	    "filter, line 1, column 1: expected a test such as \"port 53\" or \"src ip 192.0.2.1\", not \"@include\": files cannot be included here");
	refuses("src geo CH",
	    "filter, line 1, column 5: expected a test that needs no database of countries, there is none, not \"geo\"");
	refuses("payload ja3 defined",
	    "filter, line 1, column 1: expected \"payload content\" or \"payload regex\": fingerprints are not computed");
	refuses("é", "filter, line 1, column 1: expected a word, a sign or a quoted text, not \"é\"");
	refuses("ident 'é' and $", "filter, line 1, column 15: expected a word, a sign or a quoted text, not \"$\"");
	refuses("port 'a\nb'", "filter, line 1, column 6: expected a port number, not \"a?b\"");
	refuses("ident 'x", "filter, line 1, column 7: expected a closing ' after this one");
	refuses("payload regex '(a'",
	    "filter, line 1, column 15: expected a regular expression, this one has a ( without its )");
	memset(deep, '(', sizeof(deep));
	deep[sizeof(deep) - 1] = '\0';
	refuses(deep, "filter, line 1, column 201: expected no more than 200 levels of parentheses and nots");
}

/* ---- printing ---- */

static const char *
print(const char *text, enum filter_dialect dialect)
{
	struct strbuf sb = { 0 };
	const char *why = NULL, *copy;
	int rc = filter_print(compile(text), dialect, &sb, &why);

	assert_int_equal(rc, why == NULL ? 0 : -1);
	copy = arena_strdup(arena, why != NULL ? why : strbuf_text(&sb));
	strbuf_free(&sb);
	return copy;
}

static void
canonical(const char *text, const char *want)
{
	assert_string_equal(print(text, FILTER_OURS), want);
	assert_string_equal(print(want, FILTER_OURS), want);
}

static void
test_print(void **state)
{
	(void)state;
	canonical("", "any");
	canonical("SRC PORT = 0x50 && ! proto 17", "src port 80 and not proto udp");
	canonical("(port 1 or port 2) and (port 3 and port 4)", "(port 1 or port 2) and port 3 and port 4");
	canonical("(port 1 and port 2) or (port 3 or not (port 4 or port 5))",
	    "port 1 and port 2 or port 3 or not (port 4 or port 5)");
	canonical("not not port 1", "port 1");
	canonical("dst host 10.0.0.1 or inet", "dst ip 10.0.0.1 or ipv4");
	canonical("net 10.1.2.3/8 or net 10.1/16 or net 10.0.0.0 255.0.0.0 or net 2001:DB8::5/32",
	    "net 10.0.0.0/8 or net 10.1.0.0/16 or net 10.0.0.0/8 or net 2001:db8::/32");
	canonical("ip in [ 10.0.0.1 10.1.2.3/8, fe80::1 ]", "ip in [10.0.0.1, 10.0.0.0/8, fe80::1]");
	canonical("src or dst port 5", "port 5");
	canonical("dst and src port > 5", "src and dst port > 5");
	canonical("src tos 5 or src or dst tos 6", "tos 5 or src or dst tos 6");
	canonical("in bytes > 1k or out bytes >= 1m", "bytes > 1000 or out bytes >= 1000000");
	canonical("flags AS or flags = AS or flags 0x12 or flags x", "flags SA or flags 18 or flags 18 or flags SAFRPU");
	canonical("in src mac 0:53:0:0:0:1", "in src mac 00:53:00:00:00:01");
	canonical("ident 'a b' or ident 'and' or ident \"it's\" or ident 'x-1'",
	    "ident 'a b' or ident 'and' or ident \"it's\" or ident x-1");
	canonical("payload regex 'a|b' SI", "payload regex 'a|b' is");
	canonical("first seen > 2026-11-20T14:30", "first seen > 2026-11-20T14:30:00.000Z");
	canonical("MPLS EXP3 < 5", "mpls exp3 < 5");
	canonical("nat event ADD or fwdstat 19 or fwdstat 99 or pf dir out", "nat event add or fwdstat noroute or fwdstat 99 or pf dir out");
	for (const struct filter_help *h = filter_helps; h->word != NULL; h++)
		if (strstr(h->meaning, "refused") == NULL)
			print(print(h->example, FILTER_OURS), FILTER_OURS);
}

static void
nfdump(const char *text, const char *want)
{
	assert_string_equal(print(text, FILTER_NFDUMP), want);
}

static void
test_nfdump(void **state)
{
	(void)state;
	nfdump("", "any");
	nfdump("net 10.1.2.3/8 and inet", "net 10.0.0.0/8 and ipv4");
	nfdump("src and dst net 10.1/16", "(src net 10.1.0.0/16 and dst net 10.1.0.0/16)");
	nfdump("not flags SA", "not (flags S and flags A)");
	nfdump("flags AS", "flags SA");
	nfdump("ip in [10.0.0.1 10.0.0.2 10.0.0.0/8 192.0.2.0/24]",
	    "(ip in [10.0.0.1, 10.0.0.2] or net 10.0.0.0/8 or net 192.0.2.0/24)");
	nfdump("dst ip in [10.0.0.1]", "dst ip 10.0.0.1");
	nfdump("net 0.0.0.0/0 or src net ::/0", "ipv4 or ipv6");
	nfdump("src ip 0.0.0.0 or dst ip ::", "(src ip 0.0.0.0 and ipv4) or (dst ip :: and ipv6)");
	nfdump("src or dst tos 7", "(src tos 7 or dst tos 7)");
	nfdump("fwdstat noroute and flowdir egress", "fwdstat 19 and flowdir 1");
	nfdump("in if 0", "nfdump 1.7.1 takes 0 for a value that a flow lacks, later versions do not");
	nfdump("out bytes < 5", "nfdump 1.7.1 takes 0 for a value that a flow lacks, later versions do not");
	nfdump("out bytes > 5 and if 3", "out bytes > 5 and if 3");
	nfdump("if > 3", "nfdump 1.7.1 compares this only with =");
	nfdump("duration > 5 and port 1", "(duration > 5 and duration < 1000000t) and port 1");
	nfdump("duration < 5", "(duration < 5 or duration > 1000000t)");
	nfdump("flows > 1", "flows > 1");
	nfdump("flows 1", "nfdump after 1.7.1 does not count a single flow as 1");
	nfdump("flags C", "nfdump 1.7.1 does not know the flags C and E");
	nfdump("as 5", "nfdump 1.7.1 tests AS numbers only with a geo database");
	nfdump("xip 10.0.0.1", "nfdump 1.7.1 and later versions spell it differently");
	nfdump("ident 'a b'", "nfdump 1.7.1 takes no quotes around an ident");
	nfdump("router ip in [10.0.0.1, 10.0.0.2]", "(router ip 10.0.0.1 or router ip 10.0.0.2)");
	nfdump("next ip in [10.0.0.0/8]", "nfdump has no networks here");
}

/* ---- random filters ---- */

static uint64_t seed = 1;

static unsigned
random_below(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % n;
}

static void
random_term(struct strbuf *sb)
{
	static const char *const terms[] = {
		"port", "src port", "dst port >", "src and dst port <", "proto", "bytes >", "packets <=", "out packets",
		"flags", "tos", "dst tos", "src or dst tos >=", "in if", "if", "src mask", "vlan", "dst vlan <", "mpls label2",
		"mpls any", "mpls eos >", "mpls exp3", "icmp-type", "icmp-code >", "duration <", "bpp", "ttl", "min ttl >",
		"as", "dst as >", "next as", "engine-id", "asa event", "ingress acl", "nat event", "pf rule", "count >",
		"flows", "sysid", "fwdstat", "tun proto", "src and dst as", "pblock start", "ingress vrf",
	};
	static const char *const others[] = {
		"any", "ipv4", "inet6", "ttl equal", "src port in pblock", "flags SA", "flags = S", "flags FPR",
		"port in [1 2 3]", "src port in [0,5,7]", "as in [1 2]", "ip 10.0.0.1", "src ip 10.0.0.2", "net 10.0.0.0/30",
		"src and dst net 10.0.0.0/31", "ip in [10.0.0.1 2001:db8::/126]", "dst net 2001:db8::/127", "net ::/0",
		"not net 0.0.0.0/0", "next ip 10.0.0.3", "flowdir egress", "pf dir in", "asa denied nosyn", "ident upstream1",
		"ident x", "mac 0:0:0:0:0:3", "in src mac 0:0:0:0:0:2", "out mac 0:0:0:0:0:1",
	};
	unsigned i = random_below(70);

	if (i < sizeof(terms) / sizeof(terms[0]))
		strbuf_addf(sb, "%s %u", terms[i], random_below(random_below(4) == 0 ? 8 : 4));
	else
		strbuf_adds(sb, others[i % (sizeof(others) / sizeof(others[0]))]);
}

static void
random_filter(struct strbuf *sb, int depth)
{
	unsigned kind = depth == 0 ? 0 : random_below(6);

	if (kind < 2) {
		random_term(sb);
	} else if (kind == 2) {
		strbuf_adds(sb, "not (");
		random_filter(sb, depth - 1);
		strbuf_addc(sb, ')');
	} else {
		strbuf_addc(sb, '(');
		random_filter(sb, depth - 1);
		for (unsigned n = 1 + random_below(3); n > 0; n--) {
			strbuf_adds(sb, kind == 3 ? " and " : " or ");
			random_filter(sb, depth - 1);
		}
		strbuf_addc(sb, ')');
	}
}

/* Small values, so that much matches; every element now and then missing. */
static struct batch *
random_batch(size_t n)
{
	struct batch *b = batch_new(n);

	b->n = n;
	for (size_t i = 0; i < n; i++) {
		bool v4 = random_below(2) == 0;

		for (int f = 0; f < F_COUNT; f++) {
			if (fields[f].kind == KIND_ADDR) {
				COLADDR(b, f)[i] = v4 ? addr_from_v4(0x0a000000 + random_below(4)) :
				    addr_from_v6(0x20010db800000000, random_below(4));
			} else if (fields[f].width < 16) {
				batch_set_number(b, f, i, random_below(5));
			}
		}
		COL8(b, F_PROTO)[i] = random_below(2) ? 6 : 1;
		COL32(b, F_MPLS2)[i] = random_below(64);
		COL64(b, F_ELEMENTS)[i] = 1 | ELEMENT(E_GENERIC) | ELEMENT(v4 ? E_IPV4 : E_IPV6);
		for (int e = 4; e < 43; e++)
			COL64(b, F_ELEMENTS)[i] |= (uint64_t)(random_below(8) != 0) << e;
	}
	batch_derive(b);
	return b;
}

static void
test_random(void **state)
{
	struct batch *b = random_batch(200);
	uint8_t sel[BATCH_MAX], again[BATCH_MAX];
	size_t mixed = 0;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct strbuf sb = { 0 };
		const char *text;
		struct filter *f;
		size_t n;

		random_filter(&sb, 4);
		text = print(strbuf_text(&sb), FILTER_OURS);
		assert_string_equal(print(text, FILTER_OURS), text);
		f = compile(strbuf_text(&sb));
		n = filter_run(f, filter_scratch(f, arena), b, sel);
		f = compile(text);
		assert_int_equal(filter_run(f, filter_scratch(f, arena), b, again), n);
		assert_memory_equal(sel, again, b->n);
		mixed += n != 0 && n != b->n;
		strbuf_free(&sb);
	}
	assert_true(mixed > 500);
}

/* Operators one flow at a time, without jumps, as a second opinion: matches(a) op matches(b). */
static void
test_operators(void **state)
{
	struct batch *b = random_batch(300);
	uint8_t one[BATCH_MAX], other[BATCH_MAX], both[BATCH_MAX];

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct strbuf x = { 0 }, y = { 0 };
		struct filter *f;

		random_filter(&x, 2);
		random_filter(&y, 2);
		f = compile(strbuf_text(&x));
		filter_run(f, filter_scratch(f, arena), b, one);
		f = compile(strbuf_text(&y));
		filter_run(f, filter_scratch(f, arena), b, other);
		f = compile(arena_printf(arena, "(%s) and not (%s)", strbuf_text(&x), strbuf_text(&y)));
		filter_run(f, filter_scratch(f, arena), b, both);
		for (size_t i = 0; i < b->n; i++)
			assert_int_equal(both[i], one[i] & !other[i]);
		f = compile(arena_printf(arena, "not (%s) or (%s)", strbuf_text(&x), strbuf_text(&y)));
		filter_run(f, filter_scratch(f, arena), b, both);
		for (size_t i = 0; i < b->n; i++)
			assert_int_equal(both[i], one[i] == 0 || other[i] != 0);
		strbuf_free(&x);
		strbuf_free(&y);
	}
}

/* A list of thousands, with networks in it, finds what a chain of single tests finds. */
static void
test_long_list(void **state)
{
	struct strbuf list = { 0 };
	struct batch *b = batch_new(BATCH_MAX);
	uint8_t sel[BATCH_MAX];
	struct filter *f;

	(void)state;
	strbuf_adds(&list, "src ip in [");
	for (unsigned i = 0; i < 3000; i++)
		strbuf_addf(&list, "10.0.%u.%u, ", 3 * i >> 8, 3 * i & 255);
	strbuf_adds(&list, "10.1.0.0/24 10.1.0.128/25 10.1.2.0/23 2001:db8::/64 2001:db8:0:1::5]");
	f = compile(strbuf_text(&list));
	b->n = BATCH_MAX;
	for (unsigned i = 0; i < BATCH_MAX; i++) {
		COLADDR(b, F_SRCIP)[i] = i < 4000 ? addr_from_v4(0x0a000000 + 2 * i) : addr_from_v4(0x0a010000 + 16 * (i - 4000));
		COL64(b, F_ELEMENTS)[i] = ELEMENT(E_IPV4);
	}
	COLADDR(b, F_SRCIP)[4095] = addr_from_v6(0x20010db800000000, 77);
	COLADDR(b, F_SRCIP)[4094] = addr_from_v6(0x20010db800000001, 5);
	COLADDR(b, F_SRCIP)[4093] = addr_from_v6(0x20010db800000001, 6);
	filter_run(f, filter_scratch(f, arena), b, sel);
	for (unsigned i = 0; i < 4093; i++) {
		unsigned low = i < 4000 ? 2 * i : 0x10000 + 16 * (i - 4000);
		bool want = low < 9000 ? low % 3 == 0 : (low >= 0x10000 && low < 0x10100) || (low >= 0x10200 && low < 0x10400);

		assert_int_equal(sel[i], want);
	}
	assert_int_equal(sel[4095], 1);
	assert_int_equal(sel[4094], 1);
	assert_int_equal(sel[4093], 0);
	strbuf_free(&list);
}

/* A filter asks for the columns it reads, and reads no other. */
static void
test_fields(void **state)
{
	struct fieldset set = { { 0, 0 } };

	(void)state;
	filter_fields(compile("src port 53 and bytes > 5"), &set);
	assert_true(fieldset_has(&set, F_SRCPORT) && fieldset_has(&set, F_BYTES) && fieldset_has(&set, F_ELEMENTS));
	assert_false(fieldset_has(&set, F_DSTPORT) || fieldset_has(&set, F_PACKETS));
	set = (struct fieldset){ { 0, 0 } };
	filter_fields(compile("any"), &set);
	assert_true(set.word[0] == 0 && set.word[1] == 0);
}

static void
test_regex(void **state)
{
	static const struct { const char *pattern, *text; bool matches; } cases[] = {
		{ "abc", "xxabcxx", true }, { "abc", "xxabxcx", false }, { "^abc", "abcx", true }, { "^bc", "abcx", false },
		{ "bc$", "abc", true }, { "ab$", "abc", false }, { "a|b|cd", "xcdx", true }, { "^(a|b|cd)$", "c", false },
		{ "a*b", "b", true }, { "a+b", "b", false }, { "^a?b", "ab", true }, { "^a{2,3}$", "aa", true },
		{ "^a{2,3}$", "aaaa", false }, { "^a{2}$", "aaa", false }, { "^a{2,}$", "aaaaa", true }, { "a{0}b", "b", true },
		{ "^(ab){2}$", "abab", true }, { "[^0-9]", "123", false }, { "[a-c\\d]x", "5x", true }, { "\\.", "a", false },
		{ "\\w+\\s\\w+", "GET /", false }, { "\\w+\\s/", "GET /", true }, { "\\x47ET", "GET", true }, { "[]]", "]", true },
		{ "(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false }, { "a.c", "abc", true }, { "()", "", false },
		{ "(|a)b", "b", true }, { "^.*?x$", "aax", true }, { "HT{1,3}P/[0-9].[0-9]", "HTTP/1.1", true },
	};
	static const char *const wrong[] = { "(", ")", "[a", "*a", "a{2", "a{3,2}", "[z-a]", "a\\", "(((((a{99}){99}){99}){99}){99})" };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct batch *b = batch_new(1);
		struct filter *f = compile(arena_printf(arena, "in payload regex '%s'", cases[i].pattern));
		uint8_t sel[BATCH_MAX];

		flow(b, "packets=1 +29");
		COLSLICE(b, F_INPAYLOAD)[0] = (struct slice){ (const uint8_t *)cases[i].text, strlen(cases[i].text) };
		if ((filter_run(f, filter_scratch(f, arena), b, sel) == 1) != cases[i].matches)
			fail_msg("%s on %s", cases[i].pattern, cases[i].text);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct err e = { 0 };

		assert_null(filter_compile(arena_printf(arena, "payload regex '%s'", wrong[i]), arena, &e));
	}
}

/* The terms, with bars between them; taken one out, they and another joined. */
static void
terms_are(const char *text, const char *want)
{
	struct strbuf sb = { 0 };
	const char **terms;
	struct err e;
	size_t n;

	if (filter_terms(text, arena, &terms, &n, &e) == -1)
		fail_msg("%s: %s", text, e.text);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&sb, "%s%s", i > 0 ? "|" : "", terms[i]);
	assert_string_equal(strbuf_text(&sb), want);
	strbuf_free(&sb);
}

static void
test_terms(void **state)
{
	const char **terms;
	struct err e;
	size_t n;

	(void)state;
	terms_are("", "");
	terms_are("any", "");
	terms_are("proto tcp", "proto tcp");
	terms_are("proto tcp and  src and dst port 53 and not (port 80 or port 443)",
	    "proto tcp|src and dst port 53|not (port 80 or port 443)");
	terms_are("port in [80,443] # the web\n and src net 10.0.0.0 255.0.0.0", "port in [80,443]|src net 10.0.0.0 255.0.0.0");
	terms_are("proto # of what\n tcp && ident 'a and b'", "proto tcp|ident 'a and b'");
	terms_are("proto tcp or port 53", "(proto tcp or port 53)");
	terms_are("proto tcp and port 25 or port 53 and proto udp", "(proto tcp and port 25 or port 53 and proto udp)");
	terms_are("(proto tcp or port 53)", "(proto tcp or port 53)");
	terms_are("(proto tcp or port 53) and bytes > 1k", "(proto tcp or port 53)|bytes > 1k");
	terms_are("(proto tcp and port 53)", "(proto tcp and port 53)");
	assert_int_equal(filter_terms("proto tcp and", arena, &terms, &n, &e), -1);

	assert_string_equal(filter_and(NULL, "port 53", arena), "port 53");
	assert_string_equal(filter_and("any", "port 53", arena), "port 53");
	assert_string_equal(filter_and("proto tcp", "port 53", arena), "proto tcp and port 53");
	assert_string_equal(filter_and("proto tcp and port 53", "proto tcp", arena), "proto tcp and port 53");
	assert_string_equal(filter_and("port 80 or port 53", "not proto tcp", arena), "(port 80 or port 53) and not proto tcp");
	assert_null(filter_without("port 53", 0, arena));
	assert_string_equal(filter_without(&"a"[1], 0, arena), "");
	assert_string_equal(filter_without("port 53 and proto udp and bytes > 1k", 1, arena), "port 53 and bytes > 1k");
}

/* At the bar in the text these words are offered, among others. */
static void
offers(const char *text, const char *want)
{
	const char *bar = strchr(text, '|');
	const char *all = arena_printf(arena, "%.*s%s", (int)(bar - text), text, bar + 1);
	char *copy = arena_strdup(arena, want), *word;
	struct filter_advice v;

	filter_advise(all, (size_t)(bar - text), arena, &v);
	while ((word = strsep(&copy, ",")) != NULL) {
		bool found = false;

		for (size_t i = 0; i < v.n; i++)
			found = found || strcmp(v.words[i].word, word) == 0;
		if (!found && *word != '\0')
			fail_msg("%s: no \"%s\" among %zu", text, word, v.n);
	}
	if (*want == '\0' && v.n != 0)
		fail_msg("%s: \"%s\" among %zu", text, v.words[0].word, v.n);
}

static void
test_advice(void **state)
{
	struct filter_advice v;

	(void)state;
	offers("|", "any,src,dst,not,(,ip,port,proto,bytes");
	offers("pr|", "proto,prev as");
	offers("proto |", "tcp,udp,icmp");
	offers("proto t|", "tcp");
	offers("proto tcp |", "and,or");
	offers("proto tcp a|", "and");
	offers("proto tcp and |", "src,port");
	offers("proto tcp and (src port 53 |", "and,or,)");
	offers("src |", "ip,net,port,as,mask,vlan");
	offers("src p|", "port");
	offers("src or |", "dst");
	offers("port |", "in [,>,<,=");
	offers("first |", "seen");
	offers("mpls |", "label1,eos,any");
	offers("ttl |", "equal,>");
	offers("pf action |", "pass,block");
	offers("flags |", "S,A");
	offers("not |", "src,proto");
	offers("nonsense here |", "");
	offers("proto tcp an| port 53", "and");
	filter_advise("src |", 4, arena, &v);
	for (size_t i = 0; i < v.n; i++)
		assert_string_not_equal(v.words[i].word, "bytes");
	filter_advise("port", 4, arena, &v);
	assert_int_equal(v.typed, 4);
	assert_true(v.unfinished);
	filter_advise("port ", 5, arena, &v);
	assert_string_equal(v.expects, "a port number");
	filter_advise("proto tcp\nand prot udp and port 5", 0, arena, &v);
	assert_false(v.unfinished);
	assert_int_equal(v.line, 2);
	assert_int_equal(v.column, 5);
	assert_non_null(strstr(v.why, "not \"prot\""));
	filter_advise("proto tcp", 99, arena, &v);
	assert_null(v.why);
}

static int
setup(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_logic),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_nfdump),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_operators),
		cmocka_unit_test(test_long_list),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_regex),
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_advice),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
