/*
 * Writing collector files; that nfdump reads them is tested by nfwrite.sh.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "format/nfwrite.h"
#include "format/reader.h"

#define NFLOWS	20000	/* two blocks of 1 MB and a bit */

static char dir[] = "/tmp/flowlight-test-nfwrite.XXXXXX", path[64];

/* Names in the directory, hidden ones too. */
static size_t
entries(void)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static void
fields_of_most(struct fieldset *set)
{
	static const enum field some[] = {
		F_FIRST, F_LAST, F_PACKETS, F_BYTES, F_PROTO, F_SRCPORT, F_SRCIP, F_DSTIP, F_SRCAS, F_NEXTHOP, F_ROUTER,
		F_OUTBYTES, F_OUTPACKETS, F_FLOWS, F_MPLS10, F_OUTSRCMAC, F_APPLATENCY, F_SRCVLAN, F_BIDIR, F_SYSID, F_ELEMENTS,
	};

	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		fieldset_add(set, some[i]);
}

/* Numbers that follow from the flow's; every third flow is IPv6, every fourth has no MPLS labels. */
static void
fill(struct batch *b, size_t number)
{
	for (size_t i = 0; i < b->n; i++, number++) {
		struct addr v6 = addr_from_v6(0x20010db800000000, number);

		for (int f = 0; f < F_COUNT; f++)
			if (b->col[f] != NULL)
				batch_set_number(b, f, i, number * 31 + f);
		COLADDR(b, F_SRCIP)[i] = number % 3 == 0 ? v6 : addr_from_v4(number);
		COLADDR(b, F_DSTIP)[i] = number % 3 == 0 ? v6 : addr_from_v4(number + 1);
		COLADDR(b, F_NEXTHOP)[i] = number % 5 == 0 ? v6 : addr_from_v4(number);
		COLADDR(b, F_ROUTER)[i] = addr_from_v4(0xc0000201);
		COL64(b, F_FLOWS)[i] = 1 + number % 2;
		COL64(b, F_ELEMENTS)[i] = number % 4 == 0 ? ~ELEMENT(E_MPLS) : UINT64_MAX;
	}
}

static void
same(const struct batch *a, const struct batch *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (int f = 0; f < F_COUNT; f++) {
			size_t w = fields[f].width;

			if (a->col[f] == NULL || f == F_ELEMENTS)
				continue;
			if (f == F_MPLS10 && (COL64(b, F_ELEMENTS)[i] & ELEMENT(E_MPLS)) == 0)
				assert_int_equal(COL32(a, f)[i], 0);
			else if (memcmp((char *)a->col[f] + i * w, (char *)b->col[f] + i * w, w) != 0)
				fail_msg("%s of flow %zu", fields[f].name, i);
		}
}

static void
round_trip(enum packing pack)
{
	struct arena *a = arena_new();
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 }, *got;
	struct traffic t = { 0 };
	struct err e = { 0 };
	struct reader *r;
	struct nfwrite *w = nfwrite_open(path, "my ident", pack, &e);
	size_t n = 0;

	fields_of_most(&set);
	batch_columns(&b, &set, BATCH_MAX, a);
	assert_non_null(w);
	while (n < NFLOWS) {
		b.n = NFLOWS - n < BATCH_MAX ? NFLOWS - n : BATCH_MAX;
		fill(&b, n);
		assert_int_equal(nfwrite_add(w, &b, &e), 0);
		n += b.n;
	}
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(nfwrite_close(w, &e), 0);
	assert_int_equal(entries(), 1);
	r = reader_open(path, &set, &e);
	assert_non_null(r);
	assert_string_equal(reader_info(r)->ident, "my ident");
	assert_string_equal(reader_info(r)->compression, packing_names[pack]);
	assert_true(reader_info(r)->blocks > 2);
	for (n = 0; reader_next(r, &got, &e) == 1; n += got->n) {
		b.n = got->n;
		fill(&b, n);
		same(got, &b);
		traffic_add(&t, got, NULL);
	}
	assert_int_equal(n, NFLOWS);
	assert_int_equal(reader_faults(r)->n, 0);
	assert_memory_equal(&t, &reader_info(r)->stat, sizeof(t));
	reader_close(r);
	unlink(path);
	arena_free(a);
}

static void
test_round_trip(void **state)
{
	(void)state;
	round_trip(PACK_NONE);
	round_trip(PACK_LZ4);
}

static void
test_nothing_remains(void **state)
{
	struct err e = { 0 };
	struct nfwrite *w = nfwrite_open(path, "x", PACK_LZ4, &e);

	(void)state;
	assert_non_null(w);
	assert_int_equal(entries(), 1);
	nfwrite_abandon(w);
	assert_int_equal(entries(), 0);
	nfwrite_abandon(NULL);
}

static void
test_refusals(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_null(nfwrite_open("/nonexistent/nfcapd.202611201430", "x", PACK_LZ4, &e));
	assert_int_equal(e.kind, ERR_SYSTEM);
	assert_null(nfwrite_open(path, "x", PACK_BZ2, &e));
	assert_non_null(strstr(e.text, "cannot write compression bz2"));
	assert_int_equal(entries(), 0);
}

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/nfcapd.202611201430", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_nothing_remains),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
