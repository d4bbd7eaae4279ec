/*
 * Fan-out in too little memory: the least that there were, and said so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "query/fan.h"

#define HOSTS	10
#define PEERS	1000

/* Each host sends to so many peers, all in turn, at one port of each of 200. */
static void
feed(struct fan *f)
{
	static struct addr src[HOSTS], dst[HOSTS];
	static uint8_t proto[HOSTS];
	static uint16_t srcport[HOSTS], dstport[HOSTS];
	static uint64_t flows[HOSTS], packets[HOSTS];
	struct batch b = { .n = HOSTS };

	b.col[F_SRCIP] = src, b.col[F_DSTIP] = dst, b.col[F_PROTO] = proto, b.col[F_SRCPORT] = srcport;
	b.col[F_DSTPORT] = dstport, b.col[F_FLOWS] = flows, b.col[F_PACKETS] = packets, b.col[F_BYTES] = packets;
	for (uint32_t p = 0; p < PEERS; p++) {
		for (uint32_t h = 0; h < HOSTS; h++) {
			src[h] = addr_from_v4(0xc0000200 + h);
			dst[h] = addr_from_v4(0x0a000000 + p);
			proto[h] = 6;
			srcport[h] = 40000;
			dstport[h] = (uint16_t)(1 + p % 200);
			flows[h] = 1;
			packets[h] = 2;
		}
		fan_add(f, &b);
	}
}

static struct fan *
made(uint64_t most, struct arena *a)
{
	struct query *q = query_new(a);
	struct fan *f;

	q->mode = QUERY_LIST;
	q->output = "fanout";
	f = fan_new(q, most);
	feed(f);
	return f;
}

static void
test_whole(void **state)
{
	struct arena *a = arena_new();
	struct fan *f = made(0, a);
	struct fan_row *rows;
	size_t n;

	(void)state;
	rows = fan_top(f, 0, a, &n);
	assert_false(fan_is_least(f));
	assert_int_equal(n, HOSTS);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(rows[i].peers, PEERS);
		assert_int_equal(rows[i].ports, 200);
		assert_int_equal(rows[i].bytes, 2 * PEERS);
		/* All alike: by address. */
		assert_int_equal(addr_v4(&rows[i].host), 0xc0000200 + i);
	}
	fan_free(f);
	arena_free(a);
}

static void
test_least(void **state)
{
	struct arena *a = arena_new();
	struct fan *f = made(300000, a);
	struct fan_row *rows;
	size_t n;

	(void)state;
	rows = fan_top(f, 3, a, &n);
	assert_true(fan_is_least(f));
	assert_int_equal(n, 3);
	assert_int_equal(fan_hosts(f), HOSTS);
	for (size_t i = 0; i < n; i++) {
		assert_true(rows[i].peers > 50 && rows[i].peers < PEERS);
		assert_int_equal(rows[i].flows, PEERS);
	}
	fan_free(f);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
