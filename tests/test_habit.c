#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "format/habit.h"
#include "format/reader.h"

#define DATA	"tests/data/"

static struct told
told_by(const char *path)
{
	struct fieldset want = { { 0, 0 } };
	struct told t = { 0 };
	struct reader *r;
	struct batch *b;
	struct err e;

	told_wants(&want);
	r = reader_open(path, &want, &e);
	if (r == NULL)
		fail_msg("%s", e.text);
	while (reader_next(r, &b, &e) == 1)
		told_add(&t, b);
	reader_close(r);
	return t;
}

/* The exporters whose habits the flows of a file have. */
static void
fits(const char *path, const char *want)
{
	struct told t = told_by(path);
	char got[200] = "";

	for (const struct habit *h = habits; h->exporter != NULL; h++)
		if (told_fits(&t, h))
			snprintf(got + strlen(got), sizeof(got) - strlen(got), " %s", h->exporter);
	assert_string_equal(got, want);
}

/* What really sent the flows is among those named. */
static void
test_fits(void **state)
{
	(void)state;
	fits(DATA "nfcapd/pflow10.nfcapd", " pflow");
	fits(DATA "flowtools/pflow-v5.ft", " pflow");
	fits(DATA "flowd/pflow-v10.flowd", " pflow");
	fits(DATA "nfcapd/pfflowd5.nfcapd", " pfflowd");
	fits(DATA "flowtools/pfflowd-v1.ft", " pfflowd");
	fits(DATA "nfcapd/v10_none.nfcapd", " softflowd");
	fits(DATA "nfcapd/v5_none.nfcapd", " softflowd fprobe ng_netflow");
	fits(DATA "flowtools/v5-masks-as-day.ft", "");
	fits(DATA "nfcapd/empty_none.nfcapd", "");
}

static void
test_not(void **state)
{
	struct told t = told_by(DATA "nfcapd/pflow10.nfcapd");

	(void)state;
	assert_int_equal(told_not(&t), (uint64_t)1 << F_FLAGS | (uint64_t)1 << F_SRCMASK |
	    (uint64_t)1 << F_DSTMASK | (uint64_t)1 << F_SRCAS | (uint64_t)1 << F_DSTAS | (uint64_t)1 << F_NEXTHOP);
	assert_int_equal(t.flows, 25);
	assert_int_equal(t.backwards, 0);
	/* Without TCP, flags are zero for a better reason. */
	t.tcp = 0;
	assert_int_equal(told_not(&t) >> F_FLAGS & 1, 0);
	t = told_by(DATA "flowtools/v5-masks-as-day.ft");
	assert_int_equal(told_not(&t), 0);
	t = told_by(DATA "nfcapd/empty_none.nfcapd");
	assert_int_equal(told_not(&t), 0);
	/* nfdump -r v10_none.nfcapd -q -o line | grep -c -- -2147483648d */
	t = told_by(DATA "nfcapd/v10_none.nfcapd");
	assert_int_equal(t.backwards, 169);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_fits), cmocka_unit_test(test_not) };

	return cmocka_run_group_tests_name("habit", tests, NULL, NULL);
}
