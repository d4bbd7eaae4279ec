/*
 * Work spread over threads.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <pthread.h>
#include <stddef.h>

/* Processors that this process may use, at least 1. */
unsigned pool_cpus(void);

/*
 * Calls job(ctx, worker, i) for i = 0 … jobs - 1 on up to `workers` threads
 * (the caller's is one of them; worker is 0 … workers - 1) and returns when all
 * are done.  Jobs are claimed in order.  When a job returns non-zero no further
 * job starts, and that value is returned; else 0.
 */
int	pool_run(unsigned workers, size_t jobs, int (*job)(void *ctx, unsigned worker, size_t i),
	    void *ctx);

/*
 * pthread_create with as large a stack as the first thread has: what some systems
 * give by themselves is not enough for a query.  0 or an error number.
 */
int	pool_thread(pthread_t *, void *(*)(void *), void *ctx);

#endif
