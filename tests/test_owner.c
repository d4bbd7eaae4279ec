/*
 * Whose addresses are: the site's lines before libloc's database.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flow/owner.h"
#include "locwrite.h"

static const struct locrow world[] = {
	{ "192.0.2.0/24", "DE", 64500, "Example Net" },
	{ "192.0.2.128/25", "AT", 64501, "Example East" },
	{ "198.51.100.0/24", "NL", 0, "" },
	{ "2001:db8::/32", "CH", 64502, "Six" },
	{ "2001:db8:1::/48", "FR", 4200000000U, "Tail" },
};
static const char lines[] = "10.0.0.0/8,,,Inside\n192.0.2.7/32,,,Our host\n198.51.100.0/25,BE,64501,\n203.0.113.0/24,US,64999,\n";

static char networks[] = "/tmp/flowlight-networks.XXXXXX", locations[] = "/tmp/flowlight-locations.XXXXXX";

static void
write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
setup(void **state)
{
	(void)state;
	assert_int_not_equal(mkstemp(networks), -1);
	assert_int_not_equal(mkstemp(locations), -1);
	write_text(networks, lines);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(networks);
	unlink(locations);
	return 0;
}

static void
is(const struct owners *o, const char *address, const char *country, uint32_t as, const char *name)
{
	struct net_owner owner;
	struct addr a;

	assert_int_equal(addr_parse(address, &a), 0);
	assert_int_equal(owner_find(o, &a, &owner), country != NULL);
	assert_string_equal(owner.country, country != NULL ? country : "");
	assert_int_equal(owner.as, as);
	assert_string_equal(owner.name, name);
}

static void
test_lines(void **state)
{
	struct err e;
	struct owners *o = owners_open(networks, NULL, &e);

	(void)state;
	assert_non_null(o);
	is(o, "10.1.2.3", "", 0, "Inside");
	is(o, "198.51.100.1", "BE", 64501, "");
	is(o, "198.51.100.128", NULL, 0, "");
	owners_close(o);
	o = owners_open(NULL, NULL, &e);
	is(o, "10.1.2.3", NULL, 0, "");
	owners_close(o);
}

/* Without libloc the test ends here, as one that is skipped. */
static void
write_locations(void)
{
#ifndef HAVE_LIBLOC
	skip();
#endif
	assert_int_equal(locwrite(locations, world, sizeof(world) / sizeof(world[0])), 0);
}

static void
test_locations(void **state)
{
	char name[OWNER_NAME];
	struct err e;
	struct owners *o;

	(void)state;
	write_locations();
	assert_non_null(o = owners_open(NULL, locations, &e));
	is(o, "192.0.2.1", "DE", 64500, "Example Net");
	is(o, "192.0.2.127", "DE", 64500, "Example Net");
	is(o, "192.0.2.128", "AT", 64501, "Example East");
	is(o, "192.0.3.0", NULL, 0, "");
	is(o, "198.51.100.200", "NL", 0, "");
	is(o, "2001:db8:2::1", "CH", 64502, "Six");
	is(o, "2001:db8:1:ffff::1", "FR", 4200000000U, "Tail");
	is(o, "2001:db9::1", NULL, 0, "");
	is(o, "::", NULL, 0, "");
	is(o, "255.255.255.255", NULL, 0, "");
	assert_true(owner_of_as(o, 4200000000U, name));
	assert_string_equal(name, "Tail");
	assert_false(owner_of_as(o, 64503, name));
	owners_close(o);
}

/* What the lines leave open is the database's; what they say is not overruled. */
static void
test_both(void **state)
{
	struct err e;
	struct owners *o;

	(void)state;
	write_locations();
	assert_non_null(o = owners_open(networks, locations, &e));
	is(o, "10.1.2.3", "", 0, "Inside");
	is(o, "192.0.2.7", "DE", 64500, "Our host");
	is(o, "192.0.2.8", "DE", 64500, "Example Net");
	is(o, "198.51.100.1", "BE", 64501, "Example East");
	is(o, "203.0.113.1", "US", 64999, "");
	owners_close(o);
}

static void
refuses(const char *path, const char *why)
{
	struct err e;

	assert_null(owners_open(NULL, path, &e));
	assert_non_null(strstr(e.text, why));
}

static void
test_refused(void **state)
{
	(void)state;
#ifdef HAVE_LIBLOC
	refuses("/nonexistent/locations", "locations: /nonexistent/locations: No such file");
	refuses(networks, "is no database of libloc");
	write_text(locations, "LOCDBXX\001");
	refuses(locations, "is no database of libloc");
#else
	refuses(networks, "built without libloc");
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_locations),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
