#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sandbox.h"
#include "cache.h"
#include "job.h"
#include "worker.h"

#define STOP_SECONDS	30	/* for requests in work when ending */
#define YOUNG_SECONDS	5	/* a worker that fails sooner is not started again at once */
#define BACKOFF_MAX	30

struct worker {
	pid_t pid;		/* 0: none runs */
	time_t started;
	time_t due;		/* not to be started before */
	unsigned failures;	/* in a row */
};

struct master {
	struct site *site;
	const char *conf_path;
	int listener;
	int control[2];		/* workers read its end: it is closed to end them */
	struct jobs *jobs;
	struct worker *worker;	/* room for n + JOBS_MAX */
	unsigned n;		/* for all but queries */
};

static volatile sig_atomic_t stop, reload;

static void
on_signal(int sig)
{
	if (sig == SIGHUP)
		reload = 1;
	else if (sig != SIGCHLD)
		stop = 1;
}

/* True when nobody listens on the socket any more, so that it may be removed. */
static bool
socket_dead(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd;
	bool dead;

	if (lstat(sun->sun_path, &st) == -1 || !S_ISSOCK(st.st_mode) ||
	    (fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return false;
	dead = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == -1 &&
	    errno == ECONNREFUSED;
	close(fd);
	return dead;
}

int
socket_open(const char *path, mode_t mode, gid_t group, struct err *e)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t old;
	int fd, rc;

	if (strlen(path) >= sizeof(sun.sun_path))
		return err_set(e, ERR_INPUT, "%s: too long for a socket's path", path);
	memcpy(sun.sun_path, path, strlen(path) + 1);
	if (socket_dead(&sun))
		unlink(path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return err_sys(e, "socket");
	/* Nobody may connect before mode and group are as asked. */
	old = umask(0777);
	rc = bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	umask(old);
	if (rc == -1 || (group != (gid_t)-1 && chown(path, (uid_t)-1, group) == -1) ||
	    chmod(path, mode) == -1 || listen(fd, 511) == -1) {
		err_sys(e, "%s", path);
		close(fd);
		return -1;
	}
	return fd;
}

static void
worker_start(struct master *m, struct worker *w)
{
	w->started = time(NULL);
	switch (w->pid = fork()) {
	case 0:
		close(m->control[1]);
		worker_run(m->site, m->listener, m->control[0]);
		site_close(m->site);
		exit(0);
	case -1:
		log_error("fork: %s", strerror(errno));
		w->pid = 0;
		w->due = w->started + 1;
	}
}

static void
worker_ended(struct worker *w, int status)
{
	time_t now = time(NULL);
	bool failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;

	if (WIFSIGNALED(status))
		log_error("worker %d ended by signal %d", (int)w->pid, WTERMSIG(status));
	else if (failed)
		log_error("worker %d ended with status %d", (int)w->pid, WEXITSTATUS(status));
	w->pid = 0;
	w->failures = failed && now - w->started < YOUNG_SECONDS ? w->failures + 1 : 0;
	w->due = w->failures == 0 ? now :
	    now + (w->failures < 5 ? 1 << w->failures : BACKOFF_MAX);
}

/* Whatever the process was doing for others is undone. */
static void
process_ended(struct master *m, pid_t pid)
{
	jobs_forget(m->jobs, pid);
	cache_forget(m->site->cache, pid);
	cache_forget(m->site->answers, pid);
}

static void
workers_reap(struct master *m)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		process_ended(m, pid);
		for (unsigned i = 0; i < m->n + JOBS_MAX; i++)
			if (m->worker[i].pid == pid)
				worker_ended(&m->worker[i], status);
	}
}

static unsigned
workers_alive(const struct master *m)
{
	unsigned alive = 0;

	for (unsigned i = 0; i < m->n + JOBS_MAX; i++)
		alive += m->worker[i].pid != 0;
	return alive;
}

/* Starts what is wanted and due; seconds until the next is, at most 60. */
static time_t
workers_start(struct master *m)
{
	unsigned alive = workers_alive(m), wanted = jobs_workers_wanted(m->jobs);
	time_t now = time(NULL), wait = 60;

	for (unsigned i = 0; i < wanted && i < m->n + JOBS_MAX && alive < wanted; i++) {
		struct worker *w = &m->worker[i];

		if (w->pid == 0 && w->due <= now) {
			worker_start(m, w);
			alive += w->pid != 0;
		}
		if (w->pid == 0 && w->due - now < wait)
			wait = w->due > now ? w->due - now : 1;
	}
	jobs_workers(m->jobs, m->n, alive);
	return wait;
}

static int
control_open(struct master *m)
{
	if (pipe(m->control) == -1) {
		log_error("pipe: %s", strerror(errno));
		return -1;
	}
	fcntl(m->control[0], F_SETFD, FD_CLOEXEC);
	fcntl(m->control[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

/* The present workers finish what they do and end; the next ones have the new site. */
static void
master_reload(struct master *m)
{
	struct site fresh;
	struct err e;

	reload = 0;
	if (site_open(&fresh, m->conf_path, &e) != 0) {
		log_error("not reloaded: %s", e.text);
		return;
	}
	site_close(m->site);
	*m->site = fresh;
	m->site->jobs = m->jobs;
	jobs_limit(m->jobs, fresh.conf->queries);
	close(m->control[0]);
	close(m->control[1]);
	if (control_open(m) != 0) {
		stop = 1;
		return;
	}
	for (unsigned i = 0; i < m->n + JOBS_MAX; i++)
		m->worker[i] = (struct worker) { 0 };
	log_info("reloaded");
}

/* Waits for all children, also those of before a reload. */
static void
master_end(struct master *m)
{
	time_t end = time(NULL) + STOP_SECONDS;
	struct timespec pause = { .tv_nsec = 10000000 };
	pid_t pid;

	close(m->control[1]);
	while ((pid = waitpid(-1, NULL, WNOHANG)) != -1 || errno == EINTR) {
		for (unsigned i = 0; pid > 0 && i < m->n + JOBS_MAX; i++)
			if (m->worker[i].pid == pid)
				m->worker[i].pid = 0;
		if (pid == 0 && time(NULL) >= end)
			break;
		if (pid == 0)
			nanosleep(&pause, NULL);
	}
	for (unsigned i = 0; i < m->n + JOBS_MAX; i++)
		if (m->worker[i].pid > 0)
			kill(m->worker[i].pid, SIGKILL);
	close(m->control[0]);
}

/* Until a signal, a query that has come, or the time. */
static void
master_wait(const struct master *m, const struct timespec *most, const sigset_t *open)
{
	struct pollfd in = { .fd = jobs_wake_fd(m->jobs), .events = POLLIN };
	char bytes[JOBS_MAX];

	if (ppoll(&in, 1, most, open) == 1)
		while (read(in.fd, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes))
			;
}

int
workers_run(struct site *site, const char *conf_path, int listener, unsigned n)
{
	struct master m = { .site = site, .conf_path = conf_path, .listener = listener, .n = n };
	struct sigaction sa = { .sa_handler = on_signal };
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	sigset_t block, open;
	int flags = fcntl(listener, F_GETFL);

	/* Several workers are woken for one connection: those that come late must not wait in accept. */
	if (flags == -1 || fcntl(listener, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    control_open(&m) != 0)
		return 1;
	fcntl(listener, F_SETFD, FD_CLOEXEC);
	if ((m.jobs = jobs_new()) == NULL) {
		log_error("no memory for the table of queries: %s", strerror(errno));
		return 1;
	}
	if (site->conf->sandbox && sandbox_lacks_files() != NULL)
		log_info("pages may open all files that this user may: %s", sandbox_lacks_files());
	site->jobs = m.jobs;
	jobs_limit(m.jobs, site->conf->queries);
	jobs_workers(m.jobs, n, 0);
	m.worker = xcalloc(n + JOBS_MAX, sizeof(*m.worker));
	sigemptyset(&block);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaddset(&block, signals[i]);
		sigaction(signals[i], &sa, NULL);
	}
	/* Signals come only while waiting, so none is missed in between. */
	sigprocmask(SIG_BLOCK, &block, &open);
	while (!stop) {
		struct timespec wait = { .tv_sec = workers_start(&m) };

		master_wait(&m, &wait, &open);
		workers_reap(&m);
		if (reload && !stop)
			master_reload(&m);
	}
	master_end(&m);
	free(m.worker);
	site->jobs = NULL;
	jobs_free(m.jobs);
	return 0;
}
