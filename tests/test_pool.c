#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdatomic.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/pool.h"

#define JOBS	1000

static atomic_uchar done[JOBS];
static atomic_uint busy[8];
static atomic_size_t started;

static void
reset(void)
{
	size_t i;

	for (i = 0; i < JOBS; i++)
		done[i] = 0;
	started = 0;
}

/* No two jobs at once may have the same worker number: they use it for their own memory. */
static int
job(void *ctx, unsigned worker, size_t i)
{
	size_t stop = *(size_t *)ctx;
	unsigned others;

	started++;
	if (worker >= 8)
		return -99;
	others = busy[worker]++;
	done[i]++;
	if (i % 100 == 0)
		usleep(100);
	/* Not all of them are done before a failure is heard of, even if it comes from a thread that has to wait. */
	if (i > stop)
		usleep(10000);
	busy[worker]--;
	return others != 0 ? -98 : i == stop ? 7 : 0;
}

static void
does_each_job_once(void **state)
{
	static const unsigned workers[] = { 0, 1, 2, 4, 8 };
	size_t never = JOBS, w, i;

	(void)state;
	for (w = 0; w < sizeof(workers) / sizeof(workers[0]); w++) {
		reset();
		assert_int_equal(pool_run(workers[w], JOBS, job, &never), 0);
		for (i = 0; i < JOBS; i++)
			assert_int_equal(done[i], 1);
	}
	assert_int_equal(pool_run(4, 0, job, &never), 0);
}

static void
stops_at_the_first_failure(void **state)
{
	size_t stop = 50;

	(void)state;
	reset();
	assert_int_equal(pool_run(1, JOBS, job, &stop), 7);
	assert_int_equal(started, 51);
	reset();
	assert_int_equal(pool_run(4, JOBS, job, &stop), 7);
	assert_true(started < JOBS);
}

static atomic_uint waiting;

/* Only with two threads at the same time both can be there. */
static int
meet(void *ctx, unsigned worker, size_t i)
{
	int tries;

	(void)ctx;
	(void)worker;
	(void)i;
	waiting++;
	for (tries = 0; waiting < 2 && tries < 60000; tries++)
		usleep(1000);
	return waiting >= 2 ? 0 : 1;
}

static void
runs_in_parallel(void **state)
{
	(void)state;
	assert_int_equal(pool_run(2, 2, meet, NULL), 0);
}

static void
knows_processors(void **state)
{
	(void)state;
	assert_in_range(pool_cpus(), 1, 4096);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(does_each_job_once), cmocka_unit_test(stops_at_the_first_failure),
		cmocka_unit_test(runs_in_parallel), cmocka_unit_test(knows_processors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
