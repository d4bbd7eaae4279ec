/*
 * Files of flow-tools: against what flow-export printed, and damaged ones.
 * An argument names another file of cases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "flow/slot.h"
#include "flowcsv.h"

#define DATA	"tests/data/flowtools/"
#define V5_HEAD	48	/* bytes of header of gen-v5_le.ft */
#define V5_SIZE	64
#define V5_FLOWS 12

static char scratch[64];

static void
put_file(const void *p, size_t n)
{
	FILE *f = fopen(scratch, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static uint8_t *
get_file(const char *name, size_t *n)
{
	uint8_t *p = (uint8_t *)flowcsv_slurp(name, n);

	assert_non_null(p);
	return p;
}

/* Reads the scratch file: the flows, or -1 when it is refused; what is wrong goes to said. */
static long
read_scratch(size_t first, size_t blocks, char *said, size_t size)
{
	struct fieldset want = { { 0, 0 } };
	struct reader *r;
	struct batch *b;
	struct err e;
	long n = 0;

	flowcsv_want(&want);
	said[0] = '\0';
	if ((r = reader_open(scratch, &want, &e)) == NULL) {
		snprintf(said, size, "%s", e.text);
		return -1;
	}
	reader_only(r, first, blocks);
	while (reader_next(r, &b, &e) == 1)
		n += (long)b->n;
	for (size_t i = 0; i < reader_faults(r)->n && i < FAULTS_MAX; i++)
		snprintf(said + strlen(said), size - strlen(said), "%s; ", reader_faults(r)->fault[i].reason);
	reader_close(r);
	return n;
}

static void
every_length_keeps_the_whole_flows(void **state)
{
	size_t n;
	uint8_t *p = get_file(DATA "gen/gen-v5_le.ft", &n);
	char said[4096];

	(void)state;
	assert_int_equal(n, V5_HEAD + V5_FLOWS * V5_SIZE);
	for (size_t len = 0; len < n; len++) {
		long flows;

		put_file(p, len);
		flows = read_scratch(0, SIZE_MAX, said, sizeof(said));
		assert_int_equal(flows, len < V5_HEAD ? -1 : (long)(len - V5_HEAD) / V5_SIZE);
		if (len < V5_HEAD || (len - V5_HEAD) % V5_SIZE != 0)
			assert_true(said[0] != '\0');
	}
	free(p);
}

static void
every_length_of_a_packed_file(void **state)
{
	size_t n;
	uint8_t *p = get_file(DATA "v1-softflowd-be-z6.ft", &n);
	char said[4096];
	long before = -1;

	(void)state;
	for (size_t len = 0; len < n; len++) {
		long flows;

		put_file(p, len);
		flows = read_scratch(0, SIZE_MAX, said, sizeof(said));
		assert_true(flows >= before && flows <= 17);
		assert_true(said[0] != '\0');
		before = flows;
	}
	assert_int_equal(before, 17);
	free(p);
}

/* Each byte turned over, bit by bit, of a raw and of a packed file. */
static void
every_bit_flipped(void **state)
{
	static const char *const names[] = { DATA "gen/gen-v5_le.ft", DATA "gen/gen-v8_5_be_z6.ft" };
	char said[8192];

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		size_t n;
		uint8_t *p = get_file(names[k], &n);

		for (size_t bit = 0; bit < n * 8; bit++) {
			/* All bits of the packed file; of the raw one those of its header and first flow. */
			if (k == 0 && bit >= (V5_HEAD + V5_SIZE) * 8)
				break;
			p[bit / 8] ^= 1u << bit % 8;
			put_file(p, n);
			assert_true(read_scratch(0, SIZE_MAX, said, sizeof(said)) <= (k == 0 ? 16 : 20));
			p[bit / 8] ^= 1u << bit % 8;
		}
		free(p);
	}
}

/* A patch of gen-v5_le.ft (little endian), and what is said of it. */
static void
headers_are_checked(void **state)
{
	static const struct { size_t at; uint8_t value; const char *says; } patches[] = {
		{ 0, 0xce, "no collector file" },
		{ 2, 3, "byte order 3" },
		{ 2, 2, "header of 805306368 bytes" },
		{ 3, 2, "stream version 2" },
		{ 4, 7, "header of 7 bytes" },
		{ 5, 0x50, "header of 20528 bytes" },
		{ 12, 9, "version 9, method 0 are unknown" },
		{ 12, 8, "aggregation version 0" },
		{ 10, 1, "does not say which version" },
		{ 11, 0xff, "the header does not say which version" },
	};
	size_t n;
	uint8_t *p = get_file(DATA "gen/gen-v5_le.ft", &n);
	char said[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(patches) / sizeof(patches[0]); i++) {
		uint8_t was = p[patches[i].at];

		p[patches[i].at] = patches[i].value;
		put_file(p, n);
		read_scratch(0, SIZE_MAX, said, sizeof(said));
		if (strstr(said, patches[i].says) == NULL)
			fail_msg("\"%s\" instead of \"%s\"", said, patches[i].says);
		p[patches[i].at] = was;
	}
	free(p);
}

/* While flow-capture writes a file nothing in it is final, and what is there is read. */
static void
in_progress_is_no_fault(void **state)
{
	size_t n;
	uint8_t *p = get_file(DATA "v5-le-z6.ft", &n);
	char said[4096];

	(void)state;
	assert_int_equal(p[30], 8);	/* HEADER_FLAGS */
	assert_int_equal(p[34], 3);
	p[34] = 2;
	put_file(p, 5000);
	assert_true(read_scratch(0, SIZE_MAX, said, sizeof(said)) > 300);
	assert_string_equal(said, "");
	p[34] = 3;
	put_file(p, 5000);
	read_scratch(0, SIZE_MAX, said, sizeof(said));
	assert_true(said[0] != '\0');
	free(p);
}

static void
put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* Times before the exporter's start are not 49 days ahead, and a flow that ends before it began has no length. */
static void
times_before_boot(void **state)
{
	static const struct { uint32_t uptime, first, last; int64_t from, to; } cases[] = {
		{ 1000, 400, 900, -600, -100 },
		{ 1000, 0xfffff000, 0xfffff800, -1000 - 0x1000, -1000 - 0x800 },
		{ 1000, 0xfffff000, 500, -1000 - 0x1000, -500 },
		{ 0xffffff00, 0xfffffe00, 0x10, -0x100, 0x110 },
		{ 5000, 4000, 3000, -2000, -2000 },
	};
	struct fieldset want = { { 0, 0 } };
	size_t n;
	uint8_t *p = get_file(DATA "gen/gen-v5_le.ft", &n);

	(void)state;
	fieldset_add(&want, F_FIRST);
	fieldset_add(&want, F_LAST);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reader *r;
		struct batch *b;
		struct err e;

		put32(p + V5_HEAD, 1800000000);
		put32(p + V5_HEAD + 4, 250000000);
		put32(p + V5_HEAD + 8, cases[i].uptime);
		put32(p + V5_HEAD + 40, cases[i].first);
		put32(p + V5_HEAD + 44, cases[i].last);
		put_file(p, n);
		r = reader_open(scratch, &want, &e);
		assert_non_null(r);
		assert_int_equal(reader_next(r, &b, &e), 1);
		assert_int_equal((int64_t)COL64(b, F_FIRST)[0] - 1800000000250, cases[i].from);
		assert_int_equal((int64_t)COL64(b, F_LAST)[0] - 1800000000250, cases[i].to);
		reader_close(r);
	}
	free(p);
}

/* 200 MB of nothing in 200 kB are refused long before they are all unpacked. */
static void
bombs_are_bounded(void **state)
{
	size_t n, size = 1 << 20;
	uint8_t *p = get_file(DATA "empty-noflows-z6.ft", &n), *out = malloc(size), *zero = calloc(1, size);
	z_stream z = { .next_in = NULL };
	struct timespec from, to;
	char said[4096];
	size_t head = n - 8;
	long flows;

	(void)state;
	memcpy(out, p, head);
	assert_int_equal(deflateInit(&z, 9), Z_OK);
	z.next_out = out + head;
	z.avail_out = (unsigned)(size - head);
	for (int i = 0; i < 200; i++) {
		z.next_in = zero;
		z.avail_in = (unsigned)size;
		assert_int_equal(deflate(&z, i == 199 ? Z_FINISH : Z_NO_FLUSH), i == 199 ? Z_STREAM_END : Z_OK);
	}
	put_file(out, head + z.total_out);
	deflateEnd(&z);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);	/* a busy machine counts nothing */
	flows = read_scratch(0, SIZE_MAX, said, sizeof(said));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	assert_true(flows > 0 && flows < 80 * (1 << 20) / V5_SIZE);
	assert_non_null(strstr(said, "unpacks to more than"));
	assert_true(to.tv_sec - from.tv_sec < 5);
	free(out);
	free(zero);
	free(p);
}

/* Pieces of a raw body, as threads read them, make up the whole. */
static void
blocks_of_a_raw_body(void **state)
{
	size_t n, flows = 150000;
	uint8_t *p = get_file(DATA "gen/gen-v5_le.ft", &n), *out = calloc(flows, V5_SIZE);
	uint8_t *all = malloc(V5_HEAD + flows * V5_SIZE);
	char said[4096];

	(void)state;
	memcpy(all, p, V5_HEAD);
	memcpy(all + V5_HEAD, out, flows * V5_SIZE);
	put_file(all, V5_HEAD + flows * V5_SIZE);
	assert_int_equal(read_scratch(0, SIZE_MAX, said, sizeof(said)), flows);
	assert_int_equal(read_scratch(0, 1, said, sizeof(said)), 65536);
	assert_int_equal(read_scratch(1, 1, said, sizeof(said)), 65536);
	assert_int_equal(read_scratch(2, 1, said, sizeof(said)), flows - 2 * 65536);
	assert_int_equal(read_scratch(3, 1, said, sizeof(said)), 0);
	free(all);
	free(out);
	free(p);
}

static void
header_values(void **state)
{
	struct fieldset want = { { 0, 0 } };
	struct err e;
	struct reader *r = reader_open(DATA "v5-le-z6.ft", &want, &e);
	const struct file_info *info;

	(void)state;
	assert_non_null(r);
	info = reader_info(r);
	assert_string_equal(info->format, "flow-tools");
	assert_string_equal(info->compression, "zlib");
	assert_string_equal(info->ident, "ftcap.example");
	assert_string_equal(info->comment, "softflowd v5 z6");
	assert_true(!fieldset_has(&info->lacks, F_SRCAS) && fieldset_has(&info->lacks, F_SRCTAG));
	reader_close(r);
}

static void
names_of_files(void **state)
{
	static const struct { const char *name; int64_t start; } good[] = {
		{ "ft-v05.2026-11-20.175040+0000", 1795197040 },
		{ "ft-v05.2026-11-20.185040+0100", 1795197040 },
		{ "ft-v05.2026-11-20.142040-0330", 1795197040 },
		{ "cf-v1005.2026-11-20.175040+0000", 1795197040 },
		{ "ft-v08m14.2026-11-20.233540+0545", 1795197040 },
	};
	static const char *const bad[] = {
		"tmp-v05.2026-11-20.175040+0000", "ft-v05.2026-11-20.175040", "ft-v.2026-11-20.175040+0000",
		"ft-v05.2026-13-20.175040+0000", "ft-v08m1.2026-11-20.175040+0000", "ft-v05.2026-11-20.175040+00000",
		"ft-", "cf", "ft-v05", "ft-v08m", "ft-v05.2026-11-20.17504x+0000",
	};
	int64_t start;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(slot_parse(good[i].name, &start));
		assert_int_equal(start, good[i].start);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(slot_parse(bad[i], &start));
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_files),
		cmocka_unit_test(header_values),
		cmocka_unit_test(headers_are_checked),
		cmocka_unit_test(in_progress_is_no_fault),
		cmocka_unit_test(times_before_boot),
		cmocka_unit_test(every_length_keeps_the_whole_flows),
		cmocka_unit_test(every_length_of_a_packed_file),
		cmocka_unit_test(every_bit_flipped),
		cmocka_unit_test(bombs_are_bounded),
		cmocka_unit_test(blocks_of_a_raw_body),
	};
	int failed;

	if (argc > 1)
		return flowcsv_cases(argv[1]) != 0;
	snprintf(scratch, sizeof(scratch), "/tmp/flowlight-ft.%ld", (long)getpid());
	failed = flowcsv_cases(DATA "cases");
	failed += cmocka_run_group_tests(tests, NULL, NULL);
	unlink(scratch);
	return failed != 0;
}
