/*
 * Countries and AS of networks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/netnames.h"

static char text[] =
    "# network,country,AS,name\n"
    "192.0.2.0/24,DE,64500,Example, Net\r\n"
    "192.0.2.128/25,AT,AS64501,Example East\n"
    "\n"
    "10/8,,,Inside # all of it\n"
    "2001:db8::/32,CH,64502,\n"
    "0.0.0.0/0,ZZ,,\n";

static void
is(const struct netnames *names, const char *address, const char *country, uint32_t as, const char *name)
{
	const struct net_name *n;
	struct addr a;

	assert_int_equal(addr_parse(address, &a), 0);
	n = netnames_find(names, &a);
	if (country == NULL) {
		assert_null(n);
		return;
	}
	assert_non_null(n);
	assert_string_equal(n->country, country);
	assert_int_equal(n->as, as);
	assert_string_equal(n->name, name);
}

static void
test_find(void **state)
{
	struct err e;
	struct netnames *names = netnames_parse("f", text, &e);

	(void)state;
	assert_non_null(names);
	is(names, "192.0.2.1", "DE", 64500, "Example, Net");
	is(names, "192.0.2.128", "AT", 64501, "Example East");
	is(names, "192.0.2.255", "AT", 64501, "Example East");
	is(names, "192.0.3.0", "ZZ", 0, "");
	is(names, "10.255.0.1", "", 0, "Inside");
	is(names, "0.0.0.0", "ZZ", 0, "");
	is(names, "255.255.255.255", "ZZ", 0, "");
	is(names, "2001:db8:ffff::1", "CH", 64502, "");
	is(names, "2001:db9::1", NULL, 0, NULL);
	is(names, "::1", NULL, 0, NULL);
	assert_string_equal(netnames_as(names, 64500), "Example, Net");
	assert_string_equal(netnames_as(names, 64501), "Example East");
	assert_null(netnames_as(names, 64502));
	assert_null(netnames_as(names, 0));
	netnames_free(names);
}

/* Against looking at all of them. */
static void
test_random(void **state)
{
	struct prefix all[200];
	char lines[200 * 24], *to = lines;
	struct netnames *names;
	struct err e;

	(void)state;
	srand(1);
	for (size_t i = 0; i < 200; i++) {
		all[i].addr = addr_from_v4((uint32_t)(rand() % 4096) << 20 | (uint32_t)(rand() % 64) << 6);
		all[i].bits = (uint8_t)(96 + 4 + rand() % 29);
		addr_mask(&all[i].addr, all[i].bits);
		to += prefix_print(&all[i], to);
		*to++ = '\n';
	}
	*to = '\0';
	names = netnames_parse("f", lines, &e);
	assert_non_null(names);
	for (int k = 0; k < 20000; k++) {
		struct addr a = addr_from_v4((uint32_t)(rand() % 4096) << 20 | (uint32_t)(rand() % 4096));
		const struct net_name *n = netnames_find(names, &a);
		int best = -1;

		for (int i = 0; i < 200; i++)
			if (prefix_has(&all[i], &a) && (best == -1 || all[i].bits > all[best].bits))
				best = i;
		assert_int_equal(n != NULL, best != -1);
		if (n != NULL)
			assert_int_equal(n->prefix.bits, all[best].bits);
	}
	netnames_free(names);
}

static void
refuses(const char *line, const char *why)
{
	char copy[80];
	struct err e;

	strncpy(copy, line, sizeof(copy) - 1);
	copy[sizeof(copy) - 1] = '\0';
	assert_null(netnames_parse("f", copy, &e));
	assert_string_equal(e.text, why);
}

static void
test_refused(void **state)
{
	(void)state;
	refuses("\nnet", "f:2: expected a network");
	refuses("10.0.0.0/8,D", "f:1: expected a country of two letters");
	refuses("10.0.0.0/8,DE,x", "f:1: expected the number of an AS");
	refuses("10.0.0.0/8,DE,-1", "f:1: expected the number of an AS");
	refuses("10.0.0.0/8,DE,4294967296", "f:1: expected the number of an AS");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
