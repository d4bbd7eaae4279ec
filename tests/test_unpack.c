/*
 * Block compressions against the libraries' own packers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bzlib.h>
#include <cmocka.h>
#include <lz4.h>
#include <lzo/lzo1x.h>
#include <zstd.h>

#include "format/unpack.h"

#define SIZE	100000

static uint8_t plain[SIZE], packed[SIZE * 2], again[SIZE];

static size_t
pack(enum packing how)
{
	static lzo_align_t work[(LZO1X_1_MEM_COMPRESS + sizeof(lzo_align_t) - 1) / sizeof(lzo_align_t)];
	unsigned bz2 = sizeof(packed);
	lzo_uint lzo = sizeof(packed);

	switch (how) {
	case PACK_LZO:
		assert_int_equal(lzo1x_1_compress(plain, SIZE, packed, &lzo, work), LZO_E_OK);
		return lzo;
	case PACK_BZ2:
		assert_int_equal(BZ2_bzBuffToBuffCompress((char *)packed, &bz2, (char *)plain, SIZE, 9, 0, 0), BZ_OK);
		return bz2;
	case PACK_LZ4:
		return LZ4_compress_default((char *)plain, (char *)packed, SIZE, sizeof(packed));
	case PACK_ZSTD:
		return ZSTD_compress(packed, sizeof(packed), plain, SIZE, 3);
	default:
		memcpy(packed, plain, SIZE);
		return SIZE;
	}
}

static void
test_round_trip(void **state)
{
	const char *why = NULL;

	(void)state;
	for (int how = PACK_NONE; how < PACKINGS; how++) {
		size_t n = pack(how);

		memset(again, 0, sizeof(again));
		assert_int_equal(unpack(how, packed, n, again, sizeof(again), &why), SIZE);
		assert_memory_equal(again, plain, SIZE);
	}
}

/* Memory of just the size that is told, so that AddressSanitizer sees a byte too many. */
static ssize_t
bounded(enum packing how, size_t nin, size_t nout, const char **why)
{
	uint8_t *in = malloc(nin != 0 ? nin : 1), *out = malloc(nout != 0 ? nout : 1);
	ssize_t n;

	memcpy(in, packed, nin);
	n = unpack(how, in, nin, out, nout, why);
	free(in);
	free(out);
	return n;
}

static void
test_bounds(void **state)
{
	(void)state;
	for (int how = PACK_NONE; how < PACKINGS; how++) {
		size_t n = pack(how);
		const char *why = NULL;

		assert_int_equal(bounded(how, n, SIZE - 1, &why), -1);
		assert_non_null(why);
		why = NULL;
		if (how == PACK_NONE)
			continue;
		assert_int_equal(bounded(how, n - 1, SIZE, &why), -1);
		assert_non_null(strstr(why, packing_names[how]));
		assert_int_equal(bounded(how, 0, SIZE, &why), -1);
	}
}

static void
test_garbage(void **state)
{
	const char *why = NULL;

	(void)state;
	for (int how = PACK_LZO; how < PACKINGS; how++) {
		size_t n = pack(how);

		for (unsigned round = 0; round < (how == PACK_BZ2 ? 50 : 500); round++) {
			packed[(round * 7919) % n] ^= 1 << round % 8;
			bounded(how, n, SIZE, &why);
			packed[(round * 7919) % n] ^= 1 << round % 8;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_garbage),
	};

	for (size_t i = 0; i < SIZE; i++)
		plain[i] = i % 97 * (i / 5000);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
