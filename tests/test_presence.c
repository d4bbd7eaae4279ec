/* Which slots an address was seen in, against what was put in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/sql.h"
#include "topcheck.h"

#define T0	1763596800		/* a day */
#define SLOTS	40
#define POOL	2000

static char dir[] = "/tmp/flowlight-presence.XXXXXX";
static struct source source = { .id = 0, .name = "one", .dir = "/data/one" };
static struct conf conf = { .state = dir, .slot = 300, .sources = &source, .nsources = 1 };
static uint8_t truth[SLOTS][POOL];	/* address host(i) was seen in slot s */

static void
remove_state(void)
{
	static const char *const names[] = { "index.db", "index.db-wal", "index.db-shm",
	    "flowlightd.lock" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
}

static struct index *
open_new(void)
{
	struct err e = { 0 };
	struct index *ix;

	remove_state();
	memset(truth, 0, sizeof(truth));
	ix = index_open(&conf, INDEX_WRITE, &e);
	assert_string_equal(e.text, "");
	return ix;
}

/* Slots are spread over three days, some an hour apart. */
static int64_t
start_of(int slot)
{
	return T0 + slot / 15 * 86400 + slot % 15 / 5 * 3600 + slot % 5 * 600;
}

/* One flow of one packet from each of these addresses to the first of them, or as many as said. */
static void
put(struct index *ix, const char *name, int64_t start, const struct addr *addr, size_t n,
    uint64_t flows, int64_t size)
{
	struct index_file f = { .source = &source, .name = name, .start = start,
	    .stamp = { size, 7, 1, (uint64_t)start } };
	struct tally *t = tally_new(1 << 21);
	struct arena *a = arena_new();
	struct fieldset set = { { 0, 0 } };
	struct batch b = { 0 };
	struct summary *summary;
	struct err e = { 0 };

	tally_fields(&set);
	batch_columns(&b, &set, n, a);
	b.n = n;
	for (size_t i = 0; i < n; i++) {
		COLADDR(&b, F_SRCIP)[i] = addr[i];
		COLADDR(&b, F_DSTIP)[i] = addr[0];
		COL64(&b, F_FLOWS)[i] = COL64(&b, F_PACKETS)[i] = flows;
	}
	tally_all(t, &b);
	f.summary = summary = summary_new(t, size);
	assert_int_equal(index_add(ix, &f, &e), 0);
	summary_free(summary);
	tally_free(t);
	arena_free(a);
}

/* A slot with some of the pool's addresses: regulars in most slots, others seldom. */
static void
put_slot(struct index *ix, int slot, const char *name, int64_t size)
{
	static struct addr addr[POOL];
	char text[32];
	size_t n = 0;

	for (size_t i = 0; i < POOL; i++)
		if (draw(i % 10 == 0 ? 2 : 20) == 0) {
			truth[slot][i] = 1;
			addr[n++] = host(i);
		}
	snprintf(text, sizeof(text), "%d", slot);
	put(ix, name != NULL ? name : text, start_of(slot), addr, n, 1, size);
}

static enum seen
seen(const struct seen_slots *s, int64_t start)
{
	int64_t i = (start - s->from) / 300;

	return start >= s->from && (size_t)i < s->n ? s->state[i] : SEEN_NOT;
}

/* No address that was there is denied, none that was not is claimed; exact: nothing is open. */
static void
check(struct index *ix, bool exact)
{
	struct window w = { 0, INT64_MAX / 2 };
	struct err e = { 0 };

	for (size_t i = 0; i < POOL; i += 7) {
		struct prefix p = { host(i), 128 };
		struct arena *a = arena_new();
		struct seen_slots s;

		assert_int_equal(index_seen(ix, &w, &source, &p, a, &s, &e), 0);
		for (int slot = 0; slot < SLOTS; slot++) {
			enum seen now = seen(&s, start_of(slot));

			if (truth[slot][i])
				assert_true(exact ? now == SEEN : now != SEEN_NOT);
			else
				assert_true(exact ? now == SEEN_NOT : now != SEEN);
		}
		arena_free(a);
	}
}

static void
check_net(struct index *ix, unsigned bits)
{
	struct window w = { 0, INT64_MAX / 2 };
	struct err e = { 0 };

	for (size_t i = 1; i < POOL; i += 97) {
		struct prefix p = { host(i), (uint8_t)(bits + (i % 7 == 0 ? 0 : 96)) };
		struct arena *a = arena_new();
		struct seen_slots s;

		addr_mask(&p.addr, p.bits);
		assert_int_equal(index_seen(ix, &w, &source, &p, a, &s, &e), 0);
		for (int slot = 0; slot < SLOTS; slot++) {
			bool any = false;

			for (size_t j = 0; j < POOL; j++) {
				struct addr h = host(j);

				any = any || (truth[slot][j] && prefix_has(&p, &h));
			}
			assert_int_equal(seen(&s, start_of(slot)), any ? SEEN : SEEN_NOT);
		}
		arena_free(a);
	}
}

static int64_t
number(struct index *ix, const char *sql)
{
	sqlite3_stmt *st;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(ix->db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static void
sum_all_up(struct index *ix)
{
	struct err e = { 0 };
	int rc;

	while ((rc = index_sum_up(ix, &e)) == 1)
		;
	assert_string_equal(e.text, "");
	assert_int_equal(rc, 0);
}

static void
answers_are_exact_within_the_budget(void **s)
{
	struct index *ix = open_new();

	(void)s;
	state = 21;
	for (int slot = 0; slot < SLOTS - 5; slot++)
		put_slot(ix, slot, NULL, 10000000);
	check(ix, true);
	check_net(ix, 20);
	sum_all_up(ix);
	assert_int_equal(number(ix, "SELECT count(*) FROM run WHERE level <> 2"), 0);
	check(ix, true);
	check_net(ix, 20);
	check_net(ix, 24);
	/* Late slots, beside the merged ones and then merged, too. */
	for (int slot = SLOTS - 5; slot < SLOTS; slot++)
		put_slot(ix, slot, NULL, 10000000);
	put_slot(ix, 3, "another", 10000000);
	check(ix, true);
	sum_all_up(ix);
	assert_int_equal(number(ix, "SELECT count(*) FROM run WHERE level <> 2"), 0);
	check(ix, true);
	check_net(ix, 28);
	index_close(ix);
}

static void
a_replaced_file_leaves_doubt_only(void **s)
{
	struct index *ix = open_new();

	(void)s;
	state = 22;
	for (int slot = 0; slot < 10; slot++)
		put_slot(ix, slot, NULL, 10000000);
	memset(truth[4], 0, sizeof(truth[4]));
	put_slot(ix, 4, "4", 10000000);		/* not merged yet: as if it had never been */
	check(ix, true);
	sum_all_up(ix);
	memset(truth[5], 0, sizeof(truth[5]));
	put_slot(ix, 5, "5", 10000000);
	check(ix, false);
	sum_all_up(ix);
	check(ix, false);
	index_close(ix);
}

/* Small files: strangers are hashed, or unknown. */
static void
budget_is_kept(void **s)
{
	struct index *ix = open_new();

	(void)s;
	state = 23;
	for (int slot = 0; slot < SLOTS; slot++)
		put_slot(ix, slot, NULL, 1000);
	assert_int_equal(number(ix, "SELECT count(*) FROM run WHERE level = 0 AND bytes > 4096"), 0);
	check(ix, false);
	sum_all_up(ix);
	check(ix, false);
	index_close(ix);
}

/*
 * A million made-up addresses within a quiet day: the bytes are kept, regulars stay
 * certain, and most of the addresses that were not there do not look as if they were.
 */
static void
flood_is_bounded(void **s)
{
	enum { N = 1000000 };
	struct addr *addr = xmalloc(N * sizeof(*addr)), regular[400];
	struct index *ix = open_new();
	struct window w = { T0, T0 + 86400 };
	struct err e = { 0 };
	int possible = 0, at, state_then;
	const int64_t size = 25 * N;

	(void)s;
	state = 24;
	for (size_t i = 0; i < N; i++)
		addr[i] = addr_from_v4((uint32_t)draw(0x7fffffff) * 2);
	for (uint32_t i = 0; i < 400; i++)
		regular[i] = addr_from_v4(0x0a000001 + 2 * i);
	put(ix, "regulars", T0, regular, 400, 12, 1000000);
	put(ix, "flood", T0 + 300, addr, N, 1, size);
	assert_true(number(ix, "SELECT sum(bytes) FROM run") <= (size + 1000000) / 100 * 3);
	assert_true(number(ix, "SELECT sum(length(block) + 64) FROM presence") <= (size + 1000000) / 100 * 3);
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 2600; i++) {
			struct prefix p = { i < 1000 ? addr[i * 997] : addr_from_v4((uint32_t)draw(0x7fffffff) * 2 + 1), 128 };
			struct arena *a = arena_new();
			struct seen_slots got;

			if (i < 400)
				p.addr = regular[i];
			assert_int_equal(index_seen(ix, &w, &source, &p, a, &got, &e), 0);
			at = seen(&got, T0);
			state_then = seen(&got, T0 + 300);
			if (i < 400)
				assert_int_equal(at, SEEN);
			else if (i < 1000)
				assert_true(state_then == SEEN || state_then == SEEN_POSSIBLY);
			else
				possible += state_then != SEEN_NOT;
			arena_free(a);
		}
		sum_all_up(ix);
	}
	/* At 25 bytes a flow five bits are for an address: one of 25 to 30 who were not there. */
	assert_in_range(possible, 1, 2 * 1600 * 5 / 100);
	free(addr);
	index_close(ix);
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
		cmocka_unit_test(answers_are_exact_within_the_budget),
		cmocka_unit_test(a_replaced_file_leaves_doubt_only),
		cmocka_unit_test(budget_is_kept),
		cmocka_unit_test(flood_is_bounded),
	};

	if (mkdtemp(dir) == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, teardown);
}
