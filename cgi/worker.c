#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sandbox.h"
#include "job.h"
#include "serve.h"
#include "worker.h"

#define GRAPHS_MAX	20000	/* librrd loses about 1 kB per graph: a worker ends after so many */
#define RECEIVE_SECONDS	5	/* for a whole request; web servers send it in one go */
#define SEND_SECONDS	20	/* for each piece of a reply */

static volatile sig_atomic_t receiving = -1;

/* libfcgi's reads have no end of their own: this one makes them fail. */
static void
receive_timeout(int sig)
{
	(void)sig;
	if (receiving != -1)
		shutdown(receiving, SHUT_RDWR);
}

/* From now on; -1, 0: no more. */
static void
receive_within(int fd, unsigned seconds)
{
	receiving = fd;
	alarm(seconds);
}

/*
 * The last of that name: nginx sends a parameter that is set again, after an
 * include of fastcgi_params, twice.
 */
static const char *
fcgi_get(void *ctx, const char *name)
{
	char **env = ((FCGX_Request *)ctx)->envp;
	const char *value = NULL;
	size_t n = strlen(name);

	for (; env != NULL && *env != NULL; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			value = *env + n + 1;
	return value;
}

static long
fcgi_read(void *ctx, char *buf, size_t n)
{
	FCGX_Request *rq = ctx;
	int got;

	receive_within(rq->ipcFd, RECEIVE_SECONDS);
	got = FCGX_GetStr(buf, n < 1 << 20 ? (int)n : 1 << 20, rq->in);
	receive_within(-1, 0);
	return got;
}

static int
fcgi_write(void *ctx, const char *s, size_t n)
{
	FCGX_Stream *out = ((FCGX_Request *)ctx)->out;

	while (n > 0) {
		int piece = n < 1 << 20 ? (int)n : 1 << 20;

		if (FCGX_PutStr(s, piece, out) != piece)
			return -1;
		s += piece;
		n -= (size_t)piece;
	}
	return 0;
}

static int
fcgi_flush(void *ctx)
{
	return FCGX_FFlush(((FCGX_Request *)ctx)->out);
}

/* A connection's descriptor as libfcgi wants it: blocking (BSD lets it inherit), with limits. */
static void
connection_prepare(int fd)
{
	struct timeval in = { .tv_sec = RECEIVE_SECONDS }, out = { .tv_sec = SEND_SECONDS };
	int flags = fcntl(fd, F_GETFL);

	if (flags != -1)
		fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &in, sizeof(in));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &out, sizeof(out));
}

/*
 * libfcgi's own accept waits without end for clients that send nothing, so
 * the connection is accepted here and put into its request: with an open
 * connection that is to be kept, FCGX_Accept_r reads a request from it.
 */
static void
connection_serve(struct site *site, int fd)
{
	FCGX_Request rq;
	struct input in = { fcgi_read, &rq };
	struct output out = { fcgi_write, &rq, fcgi_flush };
	int rc;

	connection_prepare(fd);
	FCGX_InitRequest(&rq, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	rq.ipcFd = fd;
	rq.keepConnection = 1;
	receive_within(fd, RECEIVE_SECONDS);
	rc = FCGX_Accept_r(&rq);
	receive_within(-1, 0);
	if (rc != 0) {
		FCGX_Free(&rq, 1);
		return;
	}
	rq.keepConnection = 0;
	serve(site, fcgi_get, &rq, fd, &in, &out);
	FCGX_Finish_r(&rq);
}

static void
worker_signals(void)
{
	struct sigaction sa = { .sa_handler = SIG_IGN };
	sigset_t none;

	/* Ending is the master's word, through `control`: a request in work is finished. */
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGPIPE, &sa, NULL);
	sa.sa_handler = SIG_DFL;
	sigaction(SIGCHLD, &sa, NULL);
	sa.sa_handler = receive_timeout;
	sigaction(SIGALRM, &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * The socket is there already, and pages start nothing; only DNS and whois are
 * asked elsewhere.  What is read are flows and what the daemon made of them,
 * what is written is what people save.  The sandbox, NULL for none.
 */
static struct sandbox *
worker_confine(const struct site *site)
{
	const struct conf *conf = site->conf;
	struct sandbox *sb;
	struct err e;

	if (!conf->sandbox)
		return NULL;
	sb = sandbox_new();
	sandbox_read(sb, conf->state);
	for (size_t i = 0; i < conf->nsources; i++)
		sandbox_read(sb, conf->sources[i].dir);
	/* A directory that is there can be written to; to make it takes a right to its parent. */
	state_make_dir(conf->web_state);
	sandbox_write(sb, conf->web_state);
	if (sandbox_enter(sb, conf->host_names || conf->whois != NULL, &e) == 0)
		return sb;
	log_warn("without a sandbox: %s", e.text);
	sandbox_free(sb);
	return NULL;
}

void
worker_run(struct site *site, int listener, int control)
{
	struct pollfd p[2] = { { .fd = listener, .events = POLLIN },
	    { .fd = control, .events = POLLIN } };
	struct sandbox *sb;

	FCGX_Init();
	worker_signals();
	sb = worker_confine(site);
	while (site->graphs < GRAPHS_MAX && !(site->asked && jobs_worker_spare(site->jobs))) {
		int fd;

		site->asked = false;
		if (poll(p, 2, -1) == -1 && errno != EINTR)
			break;
		/* A directory is another one now, which the next worker can reach. */
		if (p[1].revents != 0 || (sb != NULL && sandbox_stale(sb)))
			break;
		/* Another worker may have been quicker. */
		if ((fd = accept(listener, NULL, NULL)) != -1)
			connection_serve(site, fd);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			poll(NULL, 0, 100);
	}
	sandbox_free(sb);
}
