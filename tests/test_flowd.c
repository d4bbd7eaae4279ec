/*
 * flowd's stores: against what flowd-reader printed, and damaged ones.  An
 * argument names another file of cases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "flowcsv.h"

#define DATA	"tests/data/flowd/"

static char scratch[64];
static char said[8192];

static struct reader *
scratch_open(const void *p, size_t n, struct err *e)
{
	struct fieldset want = { { 0, 0 } };
	FILE *f = fopen(scratch, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
	flowcsv_want(&want);
	return reader_open(scratch, &want, e);
}

/* The flows, or -1. */
static long
read_bytes(const void *p, size_t size)
{
	struct batch *b;
	struct err e;
	struct reader *r = scratch_open(p, size, &e);
	long n = 0;

	said[0] = '\0';
	if (r == NULL) {
		snprintf(said, sizeof(said), "%s", e.text);
		return -1;
	}
	while (reader_next(r, &b, &e) == 1)
		n += (long)b->n;
	for (size_t i = 0; i < reader_faults(r)->n && i < FAULTS_MAX; i++)
		snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s; ", reader_faults(r)->fault[i].reason);
	reader_close(r);
	return n;
}

/* A copy of the store with a flow cut off, its sum broken, or its start. */
static void
damage_costs_little(void **state)
{
	size_t n;
	uint8_t *p = (uint8_t *)flowcsv_slurp(DATA "pflow-v5.flowd", &n);
	long all = read_bytes(p, n);
	size_t first = 8 + (size_t)p[1] * 4;

	(void)state;
	assert_int_equal(all, 21);
	assert_string_equal(said, "");
	for (size_t len = 1; len < n; len++) {
		long flows = read_bytes(p, len);

		assert_true(flows == (long)(len / first) || (len < first && flows <= 0));
		assert_true(len % first == 0 || said[0] != '\0');
	}
	p[first + 20] ^= 1;
	assert_int_equal(read_bytes(p, n), all - 1);
	assert_non_null(strstr(said, "wrong sum"));
	p[first + 20] ^= 1;
	p[first] ^= 0x20;
	assert_int_equal(read_bytes(p, n), 1);
	assert_non_null(strstr(said, "the rest of the file is lost"));
	p[first] ^= 0x20;
	for (size_t bit = 0; bit < first * 2 * 8; bit++) {
		p[bit / 8] ^= 1u << bit % 8;
		assert_true(read_bytes(p, n) <= all);
		p[bit / 8] ^= 1u << bit % 8;
	}
	free(p);
}

/* recv_time as flowd-reader -v prints it, and both families; no times of their own. */
static void
flows_that_came_by_ipfix(void **state)
{
	size_t n, v6 = 0;
	uint8_t *p = (uint8_t *)flowcsv_slurp(DATA "pflow-v10.flowd", &n);
	struct batch *b;
	struct err e;
	struct reader *r = scratch_open(p, n, &e);

	(void)state;
	assert_non_null(r);
	assert_int_equal(reader_next(r, &b, &e), 1);
	assert_int_equal(COL64(b, F_RECEIVED)[0], 1795198473690);
	assert_int_equal(COL64(b, F_FIRST)[0], 1795198473690);
	assert_int_equal(COL64(b, F_DURATION)[0], 0);
	assert_int_equal(COL64(b, F_BYTES)[10], 10737418240);
	for (size_t i = 0; i < b->n; i++)
		v6 += (COL64(b, F_ELEMENTS)[i] & ELEMENT(E_IPV6)) != 0;
	assert_int_equal(v6, 6);
	reader_close(r);
	free(p);
}

static uint8_t *
put(uint8_t *p, uint64_t v, int n)
{
	while (n-- > 0)
		*p++ = (uint8_t)(v >> 8 * n);
	return p;
}

/* Version 2, by hand: all its fields. */
static void
version_2(void **state)
{
	uint8_t store[512], *p = store, *flow;
	struct batch *b;
	struct reader *r;
	struct err e;

	(void)state;
	p = put(put(put(put(p, 0x012cf047, 4), 2, 4), 1000000000, 4), 0, 4);
	for (int i = 0; i < 2; i++) {
		flow = p;
		p = put(p, 0x4007f8af, 4);					/* all, addresses of IPv4 */
		p = put(put(p, 7, 4), 1000000300, 4);			/* tag, received */
		p = put(p, 0x1b061000, 4);				/* flags, protocol, ToS */
		p = put(put(put(p, 0xc0000201, 4), 0x0a000001, 4), 0x0a000002, 4);
		p = put(put(p, 1234, 2), 80, 2);
		p = put(put(p, 5, 8), 0x100000000 + i, 8);
		p = put(put(p, 3, 2), 4, 2);
		p = put(put(put(put(p, 50000, 4), 1000000290, 4), 500000000, 4), 5u << 16, 4);
		p = put(put(p, 20000, 4), 40000, 4);
		p = put(put(put(put(p, 64500, 2), 64501, 2), 24 << 8 | 16, 2), 0, 2);
		p = put(put(put(p, 1 << 8 | 2, 2), 0, 2), 99, 4);
		p = put(p, ~(uint32_t)crc32(0xffffffff, flow, (unsigned)(p - flow)), 4);
	}
	r = scratch_open(store, (size_t)(p - store), &e);
	assert_non_null(r);
	assert_int_equal(reader_next(r, &b, &e), 1);
	assert_int_equal(b->n, 2);
	assert_int_equal(reader_faults(r)->n, 0);
	assert_int_equal(COL64(b, F_RECEIVED)[1], 1000000300000);
	assert_int_equal(COL64(b, F_LAST)[1], 1000000280500);
	assert_int_equal(COL64(b, F_FIRST)[1], 1000000260500);
	assert_int_equal(COL64(b, F_BYTES)[1], 0x100000001);
	assert_int_equal(COL16(b, F_DSTPORT)[1], 80);
	assert_int_equal(COL32(b, F_DSTAS)[1], 64501);
	assert_int_equal(COL8(b, F_DSTMASK)[1], 16);
	assert_int_equal(COL32(b, F_OUTIF)[1], 4);
	assert_int_equal(COL8(b, F_ENGINEID)[1], 2);
	assert_int_equal(COL8(b, F_FLAGS)[1], 0x1b);
	assert_int_equal(addr_v4(&COLADDR(b, F_ROUTER)[1]), 0xc0000201);
	reader_close(r);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(damage_costs_little),
		cmocka_unit_test(flows_that_came_by_ipfix),
		cmocka_unit_test(version_2),
	};
	int failed;

	if (argc > 1)
		return flowcsv_cases(argv[1]) != 0;
	snprintf(scratch, sizeof(scratch), "/tmp/flowlight-flowd.%ld", (long)getpid());
	failed = flowcsv_cases(DATA "cases");
	failed += cmocka_run_group_tests(tests, NULL, NULL);
	unlink(scratch);
	return failed != 0;
}
