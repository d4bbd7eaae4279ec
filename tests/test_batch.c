/*
 * Columns, copies of flows, totals by protocol.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow/batch.h"

static void
test_columns(void **state)
{
	struct arena *a = arena_new();
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };

	(void)state;
	fieldset_add(&set, F_SRCIP);
	fieldset_add(&set, F_PROTO);
	batch_columns(&b, &set, 3, a);
	for (int f = 0; f < F_COUNT; f++)
		assert_int_equal(b.col[f] != NULL, f == F_SRCIP || f == F_PROTO);
	assert_int_equal(COL8(&b, F_PROTO)[2], 0);
	arena_free(a);
}

static void
test_numbers_are_cut_to_the_width(void **state)
{
	static const enum field by_width[] = { F_PROTO, F_SRCPORT, F_SRCAS, F_BYTES };
	struct arena *a = arena_new();
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		fieldset_add(&set, by_width[i]);
	fieldset_add(&set, F_SRCIP);
	batch_columns(&b, &set, 2, a);
	for (size_t i = 0; i < 4; i++) {
		unsigned bits = fields[by_width[i]].width * 8;

		batch_set_number(&b, by_width[i], 1, 0x1122334455667788);
		assert_int_equal(batch_number(&b, by_width[i], 1), 0x1122334455667788 & UINT64_MAX >> (64 - bits));
		assert_int_equal(batch_number(&b, by_width[i], 0), 0);
	}
	assert_int_equal(batch_number(&b, F_SRCIP, 0), 0);
	arena_free(a);
}

static void
test_copy_takes_bytes_along(void **state)
{
	struct arena *from = arena_new(), *to = arena_new();
	struct fieldset set = { { 0, 0 } }, other = { { 0, 0 } };
	struct batch src = { 0 }, dst = { 0 };
	uint8_t bytes[] = "label";

	(void)state;
	fieldset_add(&set, F_LABEL);
	fieldset_add(&set, F_BYTES);
	fieldset_add(&set, F_PROTO);
	batch_columns(&src, &set, 1, from);
	fieldset_add(&other, F_LABEL);
	fieldset_add(&other, F_BYTES);
	fieldset_add(&other, F_SRCPORT);
	batch_columns(&dst, &other, 2, to);
	COLSLICE(&src, F_LABEL)[0] = (struct slice){ bytes, 5 };
	COL64(&src, F_BYTES)[0] = 77;
	batch_copy(&dst, 1, &src, 0, to);
	memset(bytes, 'x', sizeof(bytes));
	arena_free(from);
	assert_int_equal(COL64(&dst, F_BYTES)[1], 77);
	assert_int_equal(COL16(&dst, F_SRCPORT)[1], 0);
	assert_int_equal(COLSLICE(&dst, F_LABEL)[1].len, 5);
	assert_memory_equal(COLSLICE(&dst, F_LABEL)[1].p, "label", 5);
	arena_free(to);
}

/* proto, flows, packets, bytes and those of the other direction. */
static const struct { uint8_t proto; uint64_t n[5]; } some[] = {
	{ 6, { 1, 10, 1000, 5, 500 } }, { 17, { 3, 1, 60, 0, 0 } }, { 1, { 1, 2, 168, 0, 0 } },
	{ 58, { 1, 3, 300, 0, 0 } }, { 50, { 1, 4, 400, 0, 0 } }, { 6, { 2, 1, 40, 0, 0 } },
};

static void
test_traffic(void **state)
{
	static const enum field counters[] = { F_FLOWS, F_PACKETS, F_BYTES, F_OUTPACKETS, F_OUTBYTES };
	static const uint8_t sel[] = { 1, 0, 0, 0, 0, 1 };
	struct arena *a = arena_new();
	struct fieldset set = { { 0, 0 } };
	struct traffic t = { 0 }, picked = { 0 };
	struct batch b = { 0 };

	(void)state;
	traffic_fields(&set);
	batch_columns(&b, &set, 6, a);
	for (b.n = 0; b.n < 6; b.n++) {
		COL8(&b, F_PROTO)[b.n] = some[b.n].proto;
		for (size_t k = 0; k < 5; k++)
			COL64(&b, counters[k])[b.n] = some[b.n].n[k];
	}
	traffic_add(&t, &b, NULL);
	assert_int_equal(t.by[PROTO_ALL].flows, 9);
	assert_int_equal(t.by[PROTO_ALL].packets, 26);
	assert_int_equal(t.by[PROTO_ALL].bytes, 2468);
	assert_int_equal(t.by[PROTO_TCP].flows, 3);
	assert_int_equal(t.by[PROTO_TCP].packets, 16);
	assert_int_equal(t.by[PROTO_TCP].bytes, 1540);
	assert_int_equal(t.by[PROTO_UDP].flows, 3);
	assert_int_equal(t.by[PROTO_ICMP].bytes, 468);
	assert_int_equal(t.by[PROTO_OTHER].packets, 4);
	traffic_add(&picked, &b, sel);
	assert_int_equal(picked.by[PROTO_ALL].flows, 3);
	assert_int_equal(picked.by[PROTO_UDP].flows, 0);
	traffic_join(&picked, &t);
	assert_int_equal(picked.by[PROTO_ALL].flows, 12);
	assert_int_equal(picked.by[PROTO_TCP].bytes, 3080);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_numbers_are_cut_to_the_width),
		cmocka_unit_test(test_copy_takes_bytes_along),
		cmocka_unit_test(test_traffic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
