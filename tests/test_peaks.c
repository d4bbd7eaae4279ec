/* What stands out in a window, by the engine over an index of slots made for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "engine.h"
#include "topcheck.h"

#define T0	1763596800		/* a day */

static char dir[] = "/tmp/flowlight-peaks.XXXXXX";
static struct source sources[] = { { .id = 0, .name = "one", .dir = "/data/one" } };
static struct conf conf = { .state = dir, .slot = 300, .sources = sources, .nsources = 1 };

static void
remove_state(void)
{
	static const char *const names[] = { "index.db", "index.db-wal", "index.db-shm", "flowlightd.lock" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
}

/* A slot of so many random flows, the bytes of each so many times as usual. */
static void
add_slot(struct index *ix, size_t number, size_t flows, uint64_t times)
{
	struct arena *a = arena_new();
	struct batch *b = flows_of_slot(a, HOSTS);
	struct tally *t = tally_new(1 << 16);
	struct summary *summary;
	struct err e = { 0 };
	char name[32];
	struct index_file f = { .source = &sources[0], .name = name, .start = T0 + (int64_t)(number * conf.slot),
	    .stamp = { 100000, 7, 1, number + 1 } };

	snprintf(name, sizeof(name), "nfcapd.%zu", number);
	b->n = flows;
	for (size_t i = 0; i < b->n; i++) {
		COL64(b, F_BYTES)[i] *= times;
		f.traffic.by[PROTO_ALL].packets += COL64(b, F_PACKETS)[i];
		f.traffic.by[PROTO_ALL].bytes += COL64(b, F_BYTES)[i];
	}
	tally_all(t, b);
	f.summary = summary = summary_new(t, 100000000);
	f.traffic.by[PROTO_ALL].flows = b->n;
	assert_int_equal(index_add(ix, &f, &e), 0);
	summary_free(summary);
	tally_free(t);
	arena_free(a);
}

static struct index *
open_new(unsigned slot)
{
	struct err e = { 0 };
	struct index *ix;

	remove_state();
	conf.slot = slot;
	state = 7;
	ix = index_open(&conf, INDEX_WRITE, &e);
	assert_string_equal(e.text, "");
	return ix;
}

static size_t
peaks_of(struct index *ix, struct arena *a, struct peak **peaks)
{
	struct window all = { T0, T0 + 30 * 86400 };
	struct engine *engine;
	struct err e = { 0 };
	size_t n;

	index_close(ix);
	engine = engine_open(&conf, &e);
	assert_non_null(engine);
	assert_int_equal(engine_explain(engine, &all, NULL, false, a, peaks, &n, &e), 0);
	engine_close(engine);
	return n;
}

/* However long the window: tables that have been looked at do not pile up. */
static void
memory_does_not_grow(void **s)
{
	struct index *ix = open_new(300);
	struct arena *a = arena_new();
	struct peak *peaks;

	(void)s;
	for (size_t i = 0; i < 60; i++)
		add_slot(ix, i, i % 10 == 9 ? 3000 : 600, 1);
	assert_int_equal(peaks_of(ix, a, &peaks), 6);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(peaks[i].start, T0 + (10 * i + 9) * 300);
		assert_false(peaks[i].why.quiet);
		assert_int_equal(peaks[i].why.change[0].actual, 3000);
	}
	assert_true(arena_size(a) < 1 << 20);
	arena_free(a);
}

/* A day of what is usual is enough to tell what is much, in slots of an hour, too. */
static void
slots_of_an_hour_have_peaks(void **s)
{
	struct index *ix = open_new(3600);
	struct arena *a = arena_new();
	struct peak *peaks;

	(void)s;
	for (size_t i = 0; i < 30; i++)
		add_slot(ix, i, 1000, i == 12 ? 9 : i == 28 ? 20 : 1);
	/* The first one has but half a day before it. */
	assert_int_equal(peaks_of(ix, a, &peaks), 1);
	assert_int_equal(peaks[0].start, T0 + 28 * 3600);
	assert_int_equal(peaks[0].why.change[0].metric, EXPLAIN_BYTES);
	arena_free(a);
}

static int
teardown(void **s)
{
	(void)s;
	remove_state();
	rmdir(dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_does_not_grow),
		cmocka_unit_test(slots_of_an_hour_have_peaks),
	};

	if (mkdtemp(dir) == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, teardown);
}
