#include "job.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/when.h"

#define TICKET_NONE	0
#define TICKET_DRAWING	1
#define TICKET_FIRST	2

/*
 * A job belongs to the process in pid, which alone writes the rest; others
 * read it, and find by the ticket whether it was the same job all the while.
 */
struct job {
	struct shared *shared;
	atomic_int pid;			/* 0: free */
	_Atomic uint64_t ticket;	/* its place in the order of coming */
	atomic_bool running, cancelled;
	_Atomic size_t files, files_done;
	_Atomic uint64_t flows, bytes;
	int64_t since;
	char token[SECRET_LEN + 1], user[64], what[1024];
};

struct shared {
	_Atomic uint64_t ticket;	/* the next one */
	atomic_uint most;
	atomic_uint reserved, alive;	/* workers */
	int wake[2];			/* the same in all processes */
	struct job job[JOBS_MAX];
};

struct jobs {
	struct shared *shared;
};

struct jobs *
jobs_new(void)
{
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct jobs *jobs;

	if (s == MAP_FAILED)
		return NULL;
	if (pipe(s->wake) == -1) {
		munmap(s, sizeof(*s));
		return NULL;
	}
	for (int i = 0; i < 2; i++) {
		fcntl(s->wake[i], F_SETFL, O_NONBLOCK);
		fcntl(s->wake[i], F_SETFD, FD_CLOEXEC);
	}
	atomic_init(&s->ticket, TICKET_FIRST);
	atomic_init(&s->most, 1);
	for (size_t i = 0; i < JOBS_MAX; i++)
		s->job[i].shared = s;
	jobs = xcalloc(1, sizeof(*jobs));
	jobs->shared = s;
	return jobs;
}

void
jobs_free(struct jobs *jobs)
{
	if (jobs == NULL)
		return;
	close(jobs->shared->wake[0]);
	close(jobs->shared->wake[1]);
	munmap(jobs->shared, sizeof(*jobs->shared));
	free(jobs);
}

void
jobs_limit(struct jobs *jobs, unsigned most)
{
	atomic_store(&jobs->shared->most, most);
}

unsigned
jobs_count(const struct jobs *jobs)
{
	unsigned n = 0;

	for (size_t i = 0; i < JOBS_MAX; i++)
		n += atomic_load(&jobs->shared->job[i].pid) != 0;
	return n;
}

int
jobs_wake_fd(const struct jobs *jobs)
{
	return jobs->shared->wake[0];
}

static struct job *
job_free(struct shared *s)
{
	for (size_t i = 0; i < JOBS_MAX; i++) {
		int nobody = 0;

		if (atomic_compare_exchange_strong(&s->job[i].pid, &nobody, (int)getpid()))
			return &s->job[i];
	}
	return NULL;
}

struct job *
job_enter(struct jobs *jobs, const char *user, const char *what)
{
	struct shared *s = jobs->shared;
	struct job *job = job_free(s);

	if (job == NULL)
		return NULL;
	/* Who looks while the number is drawn must not take its place for a later one than its own. */
	atomic_store(&job->ticket, TICKET_DRAWING);
	atomic_store(&job->running, false);
	atomic_store(&job->cancelled, false);
	job_tell(job, &(struct progress) { 0 });
	job->since = when_now();
	snprintf(job->user, sizeof(job->user), "%s", user != NULL ? user : "");
	snprintf(job->what, sizeof(job->what), "%s", what);
	if (secret_new(job->token) == -1) {
		job_leave(job);
		return NULL;
	}
	atomic_store(&job->ticket, atomic_fetch_add(&s->ticket, 1));
	/* A full pipe is as good: the master will look. */
	if (write(s->wake[1], "", 1) == -1 && errno != EAGAIN)
		errno = 0;
	return job;
}

void
job_leave(struct job *job)
{
	if (job == NULL)
		return;
	atomic_store(&job->ticket, TICKET_NONE);
	memset(job->token, 0, sizeof(job->token));
	atomic_store(&job->pid, 0);
}

static unsigned
ahead_of(const struct shared *s, const struct job *self, uint64_t ticket)
{
	unsigned most = atomic_load(&s->most), n = 0;

	for (size_t i = 0; i < JOBS_MAX; i++) {
		const struct job *job = &s->job[i];
		uint64_t t = atomic_load(&job->ticket);

		n += job != self && t != TICKET_NONE && t < ticket && atomic_load(&job->pid) != 0;
	}
	return n < most ? 0 : n - most + 1;
}

unsigned
job_ahead(const struct job *job)
{
	return ahead_of(job->shared, job, atomic_load(&job->ticket));
}

void
job_start(struct job *job)
{
	atomic_store(&job->running, true);
}

void
job_tell(struct job *job, const struct progress *p)
{
	atomic_store(&job->files, p->files);
	atomic_store(&job->files_done, p->files_done);
	atomic_store(&job->flows, p->flows_read);
	atomic_store(&job->bytes, p->bytes_read);
}

const char *
job_token(const struct job *job)
{
	return job->token;
}

bool
job_cancelled(const struct job *job)
{
	return atomic_load(&job->cancelled);
}

int
job_cancel(struct jobs *jobs, const char *token, struct err *e)
{
	for (size_t i = 0; i < JOBS_MAX && strlen(token) == SECRET_LEN; i++) {
		struct job *job = &jobs->shared->job[i];

		if (atomic_load(&job->ticket) < TICKET_FIRST || !secret_equal(job->token, token))
			continue;
		atomic_store(&job->cancelled, true);
		return 0;
	}
	return err_set(e, ERR_ABSENT, "job: there is no such query, or it has ended");
}

/* False when it was another job at the end than at the beginning. */
static bool
info_of(const struct job *job, struct job_info *info, uint64_t *ticket)
{
	*ticket = atomic_load(&job->ticket);
	memset(info, 0, sizeof(*info));
	memcpy(info->user, job->user, sizeof(info->user));
	memcpy(info->what, job->what, sizeof(info->what));
	memcpy(info->token, job->token, sizeof(info->token));
	info->since = job->since;
	info->running = atomic_load(&job->running);
	info->progress.files = atomic_load(&job->files);
	info->progress.files_done = atomic_load(&job->files_done);
	info->progress.flows_read = atomic_load(&job->flows);
	info->progress.bytes_read = atomic_load(&job->bytes);
	info->ahead = ahead_of(job->shared, job, *ticket);
	return *ticket >= TICKET_FIRST && atomic_load(&job->ticket) == *ticket;
}

struct job_info *
jobs_list(struct jobs *jobs, struct arena *arena, size_t *n)
{
	struct job_info *list = arena_array(arena, JOBS_MAX, sizeof(*list)), info;
	uint64_t order[JOBS_MAX], ticket;
	size_t at;

	*n = 0;
	for (size_t i = 0; i < JOBS_MAX; i++) {
		if (!info_of(&jobs->shared->job[i], &info, &ticket))
			continue;
		for (at = (*n)++; at > 0 && order[at - 1] > ticket; at--) {
			order[at] = order[at - 1];
			list[at] = list[at - 1];
		}
		order[at] = ticket;
		list[at] = info;
	}
	return list;
}

void
jobs_forget(struct jobs *jobs, pid_t pid)
{
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (atomic_load(&jobs->shared->job[i].pid) == (int)pid)
			job_leave(&jobs->shared->job[i]);
}

void
jobs_workers(struct jobs *jobs, unsigned reserved, unsigned alive)
{
	atomic_store(&jobs->shared->reserved, reserved);
	atomic_store(&jobs->shared->alive, alive);
}

unsigned
jobs_workers_wanted(const struct jobs *jobs)
{
	unsigned most = atomic_load(&jobs->shared->most), n = jobs_count(jobs);

	return atomic_load(&jobs->shared->reserved) + (n > most ? n : most);
}

bool
jobs_worker_spare(struct jobs *jobs)
{
	unsigned alive = atomic_load(&jobs->shared->alive);

	while (alive > jobs_workers_wanted(jobs))
		if (atomic_compare_exchange_weak(&jobs->shared->alive, &alive, alive - 1))
			return true;
	return false;
}
