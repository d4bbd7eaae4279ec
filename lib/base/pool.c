#include "base/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

#include "base/arena.h"

#define WORKERS_MOST	256
#define STACK_BYTES	(8 << 20)	/* as the first thread mostly has */

struct pool {
	int (*job)(void *ctx, unsigned worker, size_t i);
	void *ctx;
	size_t jobs;
	atomic_size_t next;
	atomic_int result;	/* the first that is not zero */
};

struct worker {
	struct pool *pool;
	pthread_t thread;
	unsigned number;
};

unsigned
pool_cpus(void)
{
	long n;
#ifdef __linux__
	cpu_set_t set;

	/* In a container or under taskset fewer than the machine has. */
	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		return (unsigned)CPU_COUNT(&set);
#endif
	n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (unsigned)n : 1;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct pool *p = w->pool;
	size_t i;
	int rc, none = 0;

	while (atomic_load(&p->result) == 0 && (i = atomic_fetch_add(&p->next, 1)) < p->jobs)
		if ((rc = p->job(p->ctx, w->number, i)) != 0)
			atomic_compare_exchange_strong(&p->result, &none, rc);
	return NULL;
}

int
pool_thread(pthread_t *thread, void *(*function)(void *), void *ctx)
{
	pthread_attr_t attr;
	int rc;

	if ((rc = pthread_attr_init(&attr)) != 0)
		return rc;
	if ((rc = pthread_attr_setstacksize(&attr, STACK_BYTES)) == 0)
		rc = pthread_create(thread, &attr, function, ctx);
	pthread_attr_destroy(&attr);
	return rc;
}

int
pool_run(unsigned workers, size_t jobs, int (*job)(void *ctx, unsigned worker, size_t i), void *ctx)
{
	struct pool p = { .job = job, .ctx = ctx, .jobs = jobs };
	struct worker *w;
	unsigned i, started;

	if (workers > WORKERS_MOST)
		workers = WORKERS_MOST;
	if (workers > jobs)
		workers = (unsigned)jobs;
	if (workers == 0)
		workers = 1;
	w = xcalloc(workers, sizeof(*w));
	for (i = 0; i < workers; i++)
		w[i] = (struct worker){ .pool = &p, .number = i };
	/* A thread that cannot be had only makes it slower. */
	for (started = 1; started < workers; started++)
		if (pool_thread(&w[started].thread, work, &w[started]) != 0)
			break;
	work(&w[0]);
	for (i = 1; i < started; i++)
		pthread_join(w[i].thread, NULL);
	free(w);
	return atomic_load(&p.result);
}
