/* Which slots that stand out are one incident. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "engine.h"

#define SLOT 300

static const struct source one = { .name = "one", .id = 1 }, two = { .name = "two", .id = 2 };
static struct evidence smtp = { .dim = TOP_DSTPORT, .key = { 0, 25 } }, dns = { .dim = TOP_DSTPORT, .key = { 0, 53 } };

static struct peak
peak(const struct source *s, int64_t slot, double z, const struct evidence *culprit)
{
	return (struct peak){ .source = s, .start = slot * SLOT, .why = { .kind = INCIDENT_FLOOD, .culprit = culprit,
	    .change = { { .z = z } } } };
}

/* Slots in a row are one, as loud as the loudest of them; one between them may be quiet, two may not. */
static void
in_a_row(void **state)
{
	struct peak p[] = { peak(&one, 10, 9, &smtp), peak(&one, 11, 30, &smtp), peak(&one, 13, 20, &smtp), peak(&one, 16, 9, &smtp) };
	struct arena *a = arena_new();
	struct incident *in;

	(void)state;
	assert_int_equal(incidents_of(p, 4, SLOT, a, &in), 2);
	assert_ptr_equal(in[0].loudest, &p[3]);
	assert_int_equal(in[0].slots, 1);
	assert_int_equal(in[0].window.from, 16 * SLOT);
	assert_int_equal(in[0].window.to, 17 * SLOT);
	assert_ptr_equal(in[1].loudest, &p[1]);
	assert_int_equal(in[1].slots, 3);
	assert_int_equal(in[1].window.from, 10 * SLOT);
	assert_int_equal(in[1].window.to, 14 * SLOT);
	arena_free(a);
}

/* Another source, kind or culprit is another incident, unless the owner is the same host. */
static void
apart(void **state)
{
	struct peak p[] = { peak(&one, 10, 9, &smtp), peak(&one, 11, 9, &dns), peak(&one, 12, 9, &dns), peak(&two, 13, 9, &dns),
		peak(&two, 14, 9, NULL), peak(&two, 15, 9, NULL) };
	struct arena *a = arena_new();
	struct incident *in;

	(void)state;
	p[2].why.kind = INCIDENT_STORM;
	assert_int_equal(incidents_of(p, 6, SLOT, a, &in), 6);
	for (size_t i = 0; i < 6; i++)
		assert_ptr_equal(in[i].loudest, &p[5 - i]);
	for (size_t i = 4; i < 6; i++) {
		p[i].why.nowners = 1;
		p[i].why.owner[0].host.b[15] = 7;
	}
	assert_int_equal(incidents_of(p, 6, SLOT, a, &in), 5);
	p[5].why.owner[0].host.b[15] = 8;
	assert_int_equal(incidents_of(p, 6, SLOT, a, &in), 6);
	assert_int_equal(incidents_of(p, 0, SLOT, a, &in), 0);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(in_a_row), cmocka_unit_test(apart) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
