/*
 * The table of fields, and what is computed from others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow/batch.h"

static void
test_rows_are_whole(void **state)
{
	(void)state;
	for (int f = 0; f < F_COUNT; f++) {
		const struct field_row *row = &fields[f];

		assert_non_null(row->name);
		assert_non_null(row->title);
		assert_non_null(row->help);
		assert_true(row->width == 1 || row->width == 2 || row->width == 4 || row->width == 8 || row->width == 16);
		assert_int_equal(row->width == 16,
		    row->kind == KIND_ADDR || row->kind == KIND_TEXT || row->kind == KIND_BINARY);
		assert_int_equal(field_find(row->name), f);
		for (int other = 0; other < f; other++) {
			assert_string_not_equal(row->name, fields[other].name);
			if (row->tag != NULL && fields[other].tag != NULL)
				assert_string_not_equal(row->tag, fields[other].tag);
		}
	}
	assert_int_equal(field_find("color"), F_COUNT);
	assert_int_equal(field_find(""), F_COUNT);
}

static void
test_sets(void **state)
{
	struct fieldset a = { { 0, 0 } }, b = { { 0, 0 } };

	(void)state;
	fieldset_add(&a, F_BPS);
	fieldset_close(&a);
	assert_true(fieldset_has(&a, F_FIRST) && fieldset_has(&a, F_LAST) && fieldset_has(&a, F_BYTES));
	assert_false(fieldset_has(&a, F_PACKETS));
	fieldset_add(&b, F_ELEMENTS);
	fieldset_add(&b, F_ENGINETYPE);
	fieldset_join(&a, &b);
	assert_true(fieldset_has(&a, F_ELEMENTS) && fieldset_has(&a, F_ENGINETYPE) && fieldset_has(&a, F_BPS));
	fieldset_close(&b);
	assert_int_equal(b.word[0], 1);
}

/* As NFDUMP.md B2 has the formulas, but for a clock that ran back. */
static const struct {
	uint64_t first, last, packets, bytes, duration, pps, bps, bpp;
} rates[] = {
	{ 1000, 3000, 10, 5000, 2000, 5, 20000, 500 },
	{ 1000, 1000, 10, 5000, 0, 0, 0, 500 },
	{ 3000, 1000, 10, 5001, 0, 0, 0, 500 },
	{ 1000, 2001, 1, 40, 1001, 0, 319, 40 },
	{ 0, 1, 0, 0, 1, 0, 0, 0 },
	{ 0, 1000000, 1, UINT64_MAX, 1000000, 0, UINT64_MAX / 1000000 * 8000, UINT64_MAX },
};
#define NRATES	(sizeof(rates) / sizeof(rates[0]))

static void
test_rates(void **state)
{
	struct arena *a = arena_new();
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };

	(void)state;
	fieldset_add(&set, F_DURATION);
	fieldset_add(&set, F_PPS);
	fieldset_add(&set, F_BPS);
	fieldset_add(&set, F_BPP);
	fieldset_close(&set);
	batch_columns(&b, &set, NRATES, a);
	for (b.n = 0; b.n < NRATES; b.n++) {
		COL64(&b, F_FIRST)[b.n] = rates[b.n].first;
		COL64(&b, F_LAST)[b.n] = rates[b.n].last;
		COL64(&b, F_PACKETS)[b.n] = rates[b.n].packets;
		COL64(&b, F_BYTES)[b.n] = rates[b.n].bytes;
	}
	batch_derive(&b);
	for (size_t i = 0; i < NRATES; i++) {
		assert_int_equal(COL64(&b, F_DURATION)[i], rates[i].duration);
		assert_int_equal(COL64(&b, F_PPS)[i], rates[i].pps);
		assert_int_equal(COL64(&b, F_BPS)[i], rates[i].bps);
		assert_int_equal(COL64(&b, F_BPP)[i], rates[i].bpp);
	}
	arena_free(a);
}

static void
test_icmp(void **state)
{
	static const struct { uint8_t proto; uint16_t port; uint8_t type, code; } cases[] = {
		{ 1, 0x0800, 8, 0 }, { 1, 0x0301, 3, 1 }, { 58, 0x8000, 128, 0 }, { 6, 0x0301, 0, 0 }, { 17, 53, 0, 0 },
	};
	struct arena *a = arena_new();
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };

	(void)state;
	fieldset_add(&set, F_ICMPTYPE);
	fieldset_add(&set, F_ICMPCODE);
	fieldset_close(&set);
	batch_columns(&b, &set, 5, a);
	for (b.n = 0; b.n < 5; b.n++) {
		COL8(&b, F_PROTO)[b.n] = cases[b.n].proto;
		COL16(&b, F_DSTPORT)[b.n] = cases[b.n].port;
	}
	batch_derive(&b);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(COL8(&b, F_ICMPTYPE)[i], cases[i].type);
		assert_int_equal(COL8(&b, F_ICMPCODE)[i], cases[i].code);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_whole),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_icmp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
