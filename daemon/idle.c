#include "idle.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "ingest.h"

#define MOMENT		250	/* msec of summing up and of taking out, at a time */
#define EXPIRE_EVERY	600	/* seconds, after all was taken out */
#define CHECK_LEAST	1	/* seconds between two files that are checked */

struct idle {
	const struct conf *conf;
	struct index *index;
	int64_t next_expire, next_check;	/* msec, monotonic */
	uint64_t random;
	bool expiring;				/* said that it is */
};

struct idle *
idle_new(const struct conf *cf, struct index *ix)
{
	struct idle *i = xcalloc(1, sizeof(*i));

	i->conf = cf;
	i->index = ix;
	i->random = (uint64_t)when_now() * 2654435761u + (uint64_t)getpid();
	return i;
}

void
idle_free(struct idle *i)
{
	free(i);
}

/* Calls step for a moment, or until it has nothing left to do: 1 when it may have, 0, -1. */
static int
for_a_moment(struct idle *i, int (*step)(struct index *, struct err *), const volatile int *stop, struct err *e)
{
	int64_t until = when_ticks() + MOMENT;
	int rc = 1;

	while (rc == 1 && !*stop && when_ticks() < until)
		rc = step(i->index, e);
	return rc;
}

static int
expire_now(struct index *ix, struct err *e)
{
	return index_expire(ix, when_now(), e);
}

static int
expire(struct idle *i, const volatile int *stop, struct err *e)
{
	int rc;

	if (when_ticks() < i->next_expire)
		return 0;
	rc = for_a_moment(i, expire_now, stop, e);
	if (rc == 1 && !i->expiring)
		log_info("taking out of the index what is older than it is to be kept");
	i->expiring = rc == 1;
	if (rc == 0)
		i->next_expire = when_ticks() + EXPIRE_EVERY * INT64_C(1000);
	return rc;
}

static uint64_t
draw(struct idle *i, uint64_t n)
{
	i->random = i->random * 6364136223846793005u + 1442695040888963407u;
	return (i->random >> 33) % n;
}

/* One file out of all, each as likely. */
static int
check_one(struct idle *i, int64_t last, bool *changed, const volatile int *stop, struct err *e)
{
	const struct source *src = NULL;
	struct arena *a = arena_new();
	const char *name;
	int64_t start;
	int rc = index_check_next(i->index, (int64_t)draw(i, (uint64_t)last) + 1, a, &src, &name, &start, e);

	if (rc == 1)
		rc = ingest_check(i->conf, i->index, src, name, start, stop, changed, e);
	arena_free(a);
	return rc == -1 ? -1 : 0;
}

/* So many that a day's share of all files is read again in a day. */
static int
check(struct idle *i, bool *changed, const volatile int *stop, struct err *e)
{
	int64_t last, msec;

	if (i->conf->recheck == 0 || when_ticks() < i->next_check)
		return 0;
	if ((last = index_last_id(i->index, e)) <= 0)
		return (int)last;
	msec = INT64_C(86400) * 1000 * 100 / (last * (int64_t)i->conf->recheck);
	i->next_check = when_ticks() + (msec > CHECK_LEAST * 1000 ? msec : CHECK_LEAST * 1000);
	return check_one(i, last, changed, stop, e);
}

int
idle_work(struct idle *i, bool *changed, const volatile int *stop, struct err *e)
{
	int rc = for_a_moment(i, index_sum_up, stop, e);

	if (rc == 0)
		rc = expire(i, stop, e);
	if (rc == 0 && !*stop)
		rc = check(i, changed, stop, e);
	return rc == -1 ? -1 : 0;
}
