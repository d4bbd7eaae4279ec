/*
 * Queries at work and waiting, those of all workers: a table in memory that
 * the master shares with its workers.  So many run at once, in the order they
 * came; the others wait.
 */
#ifndef CGI_JOB_H
#define CGI_JOB_H

#include <sys/types.h>

#include "base/secret.h"
#include "query/result.h"

#define JOBS_MAX	64	/* at work and waiting; who comes then is sent away */

struct jobs;
struct job;

/* Before fork.  NULL when there is no memory for it. */
struct jobs *jobs_new(void);
void	jobs_free(struct jobs *);

/* How many run at once from now on. */
void	jobs_limit(struct jobs *, unsigned most);

/* How many there are, waiting ones included. */
unsigned jobs_count(const struct jobs *);

/* Readable when a job has come. */
int	jobs_wake_fd(const struct jobs *);

/*
 * A place at the end of the queue, for a query of `user` (NULL: nobody named)
 * whose page is `what`.  NULL when there is none.
 */
struct job *job_enter(struct jobs *, const char *user, const char *what);
void	job_leave(struct job *);

/* How many have to end before it may start; once it is 0 it stays so. */
unsigned job_ahead(const struct job *);

/* It has started; and how far it is. */
void	job_start(struct job *);
void	job_tell(struct job *, const struct progress *);

/* Its owner's secret, SECRET_LEN hexadecimal digits: who has it may cancel. */
const char *job_token(const struct job *);
bool	job_cancelled(const struct job *);

/*
 * Asks the job of that token to end.  ERR_ABSENT: there is none, or none
 * any more.
 */
int	job_cancel(struct jobs *, const char *token, struct err *);

/* What others may see of a job. */
struct job_info {
	char user[64], what[1024], token[SECRET_LEN + 1];
	bool running;
	unsigned ahead;
	int64_t since;			/* seconds since 1970 */
	struct progress progress;
};

/* Those there are, in their order. */
struct job_info *jobs_list(struct jobs *, struct arena *, size_t *n);

/* A worker has ended, perhaps with a job. */
void	jobs_forget(struct jobs *, pid_t);

/*
 * Workers: as many as are to be there for everything else, and one for each
 * query.  The master says how many there are; one that has run a query and
 * finds that there are more than needed ends.
 */
void	jobs_workers(struct jobs *, unsigned reserved, unsigned alive);
unsigned jobs_workers_wanted(const struct jobs *);
bool	jobs_worker_spare(struct jobs *);

#endif
