#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flow/names.h"

/* Numbers as nfdump 1.7.1 has them: `nfdump -X "proto idpr"`. */
static void
test_protos(void **state)
{
	static const struct { const char *text; int number; } cases[] = {
		{ "tcp", 6 }, { "TCP", 6 }, { "udp", 17 }, { "icmp", 1 }, { "icmp6", 58 }, { "ip", 4 },
		{ "ipip", 4 }, { "gre", 47 }, { "esp", 50 }, { "ah", 51 }, { "sctp", 132 }, { "a/n", 107 },
		{ "3pc", 34 }, { "idpr", 35 }, { "mpls", 137 }, { "0", 0 }, { "255", 255 }, { "256", -1 },
		{ "icmpv6", -1 }, { "ipv6-icmp", -1 }, { "foo", -1 }, { "", -1 }, { "-1", -1 }, { "6x", -1 },
	};
	char buf[NAME_STRLEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(proto_number(cases[i].text), cases[i].number);
	assert_string_equal(proto_name(6, buf), "TCP");
	assert_string_equal(proto_name(58, buf), "ICMP6");
	assert_string_equal(proto_name(137, buf), "MPLS");
	assert_string_equal(proto_name(0, buf), "0");
	assert_string_equal(proto_name(99, buf), "99");
	assert_string_equal(proto_name(255, buf), "255");
}

static void
test_flags(void **state)
{
	char buf[NAME_STRLEN];

	(void)state;
	assert_string_equal(tcpflags_text(0, buf), "........");
	assert_string_equal(tcpflags_text(27, buf), "...AP.SF");
	assert_string_equal(tcpflags_text(0xc4, buf), "CE...R..");
	assert_string_equal(tcpflags_text(255, buf), "CEUAPRSF");
}

static void
test_events(void **state)
{
	(void)state;
	assert_string_equal(fwdstat_name(25), "DbadTTL");
	assert_null(fwdstat_name(77));
	assert_int_equal(fwdstat_number("noroute"), 19);
	assert_int_equal(fwdstat_number("130"), 130);
	assert_int_equal(fwdstat_number("nope"), -1);
	assert_string_equal(fwevent_name(1), "CREATE");
	assert_string_equal(fwevent_name(2), "DELETE");
	assert_int_equal(fwevent_number("term"), 2);
	assert_int_equal(fwevent_number("deny"), 3);
	assert_int_equal(fwevent_number("denied"), 3);
	assert_null(fwevent_name(6));
	assert_string_equal(natevent_name(1), "ADD");
	assert_string_equal(natevent_title(5), "NAT44 session delete");
	assert_string_equal(natevent_title(18), "Threshold Reached");
	assert_string_equal(natevent_title(19), "");
	assert_int_equal(natevent_number("add64bib"), 10);
	assert_int_equal(natevent_number("invalid"), 0);
	assert_int_equal(natevent_number("256"), -1);
}

static void
test_ports(void **state)
{
	(void)state;
	assert_string_equal(port_name(53, 17), "domain");
	assert_string_equal(port_name(514, 17), "syslog");
	assert_string_equal(port_name(514, 6), "shell");
	assert_null(port_name(22, 17));
	assert_null(port_name(53, 1));
	assert_null(port_name(1, 6));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_protos),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
