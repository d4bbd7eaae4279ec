#include "collector.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#ifdef __FreeBSD__
#include <sys/procctl.h>
#endif

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "base/when.h"

#define BACKOFF_MAX	60		/* seconds */
#define STEADY		60		/* ran so long: the next start is at once again */
#define STOP_SECONDS	5		/* between asking and killing */
#define WORDS_MAX	64
#define LINE		512

struct collector {
	const struct source *source;
	struct arena *arena;		/* of argv and env */
	char **argv, **env;
	pid_t pid;			/* 0: not running */
	int output;			/* its stdout and stderr, -1: none */
	char line[LINE];		/* the beginning of a line */
	size_t len;
	char last[LINE];		/* its last line */
	int64_t started, next;		/* monotonic seconds */
	int backoff;
	unsigned starts;		/* since the daemon's own */
	char text[LINE + 128];
};

struct collectors {
	const struct conf *conf;
	struct collector *one;
	size_t n;
};

/* nfcapd's option for a compression. */
static const struct { const char *name, *option; } packings[] = {
	{ "lzo", "-z" }, { "lz4", "-y" }, { "bz2", "-j" }, { NULL, NULL },
};

static void
word(struct collector *c, size_t *n, const char *s)
{
	if (*n < WORDS_MAX)
		c->argv[(*n)++] = arena_strdup(c->arena, s);
}

static void
option(struct collector *c, size_t *n, const char *name, const char *value)
{
	word(c, n, name);
	word(c, n, value);
}

/*
 * As nfsen starts it, but in the foreground (no -D) and without a PID file: we
 * are its parent.  It runs as we do, so -u and -g are not needed.
 */
static void
command(struct collector *c, const struct conf *cf)
{
	const struct source *s = c->source;
	char *words, *w;
	size_t n = 0, i;

	c->argv = arena_array(c->arena, WORDS_MAX + 1, sizeof(*c->argv));
	word(c, &n, s->type == SOURCE_SFLOW ? cf->sfcapd : cf->nfcapd);
	option(c, &n, "-w", s->dir);
	option(c, &n, "-p", arena_printf(c->arena, "%u", s->port));
	option(c, &n, "-S", arena_printf(c->arena, "%u", cf->layout));
	option(c, &n, "-t", arena_printf(c->arena, "%u", cf->slot));
	option(c, &n, "-I", s->ident);
	if (s->listen != NULL)
		option(c, &n, "-b", s->listen);
	for (i = 0; packings[i].name != NULL; i++)
		if (strcmp(cf->compress, packings[i].name) == 0)
			word(c, &n, packings[i].option);
	words = arena_strdup(c->arena, s->options);
	while ((w = strsep(&words, " \t")) != NULL)
		if (*w != '\0')
			word(c, &n, w);
	/* The zone of file names; an empty TZ would be UTC. */
	c->env = arena_array(c->arena, 2, sizeof(*c->env));
	if (cf->zone != NULL || getenv("TZ") != NULL)
		c->env[0] = arena_printf(c->arena, "TZ=%s", cf->zone != NULL ? cf->zone : getenv("TZ"));
}

static void
collector_init(struct collector *c, const struct conf *cf, const struct source *src)
{
	*c = (struct collector){ .source = src, .output = -1, .arena = arena_new() };
	command(c, cf);
	snprintf(c->text, sizeof(c->text), "not started yet");
}

static const struct source *
with_port(const struct conf *cf, size_t *i)
{
	while (*i < cf->nsources && cf->sources[*i].port == 0)
		(*i)++;
	return *i < cf->nsources ? &cf->sources[(*i)++] : NULL;
}

static void
make_directory(const struct source *src)
{
	struct err e = { 0 };

	if (file_mkdirs(src->dir, 0750, &e) == -1)
		log_error("source %s: %s", src->name, e.text);
}

struct collectors *
collectors_new(const struct conf *cf)
{
	struct collectors *cs = xcalloc(1, sizeof(*cs));
	const struct source *src;
	size_t i = 0;

	cs->conf = cf;
	cs->one = xcalloc(cf->nsources + 1, sizeof(*cs->one));
	while ((src = with_port(cf, &i)) != NULL) {
		make_directory(src);
		collector_init(&cs->one[cs->n++], cf, src);
	}
	return cs;
}

/*
 * A collector that survived its daemon would hold the port.  nfcapd's own word
 * for it is hard to read, so we try the port before.
 */
static bool
port_free(struct collector *c)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV }, *ai = NULL;
	const struct source *s = c->source;
	bool used = false;
	char port[16];
	int fd;

	if (s->listen != NULL)
		hints.ai_family = AF_UNSPEC;
	snprintf(port, sizeof(port), "%u", s->port);
	if (getaddrinfo(s->listen, port, &hints, &ai) != 0)
		return true;
	if ((fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC, ai->ai_protocol)) != -1) {
		used = bind(fd, ai->ai_addr, ai->ai_addrlen) == -1 && errno == EADDRINUSE;
		close(fd);
	}
	freeaddrinfo(ai);
	return !used;
}

static void
run(struct collector *c, int output, pid_t parent)
{
	sigset_t none;
	int null;

	/* When we are killed, nobody else would end it.  OpenBSD has nothing for that. */
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
#ifdef __FreeBSD__
	procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &(int){ SIGTERM });
#endif
	if (getppid() != parent)
		_exit(1);
	setpgid(0, 0);		/* a Ctrl-C in the terminal is for us, and we end it in order */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if ((null = open("/dev/null", O_RDWR)) == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(output, STDOUT_FILENO) == -1 || dup2(output, STDERR_FILENO) == -1)
		_exit(126);
	execve(c->argv[0], c->argv, c->env);
	dprintf(STDERR_FILENO, "%s: %s\n", c->argv[0], strerror(errno));
	_exit(127);
}

/* The next start is put off, each time longer. */
static void
delay(struct collector *c, const char *why)
{
	if (c->started != 0 && when_ticks() / 1000 - c->started >= STEADY)
		c->backoff = 0;
	c->backoff = c->backoff == 0 ? 1 : 2 * c->backoff < BACKOFF_MAX ? 2 * c->backoff : BACKOFF_MAX;
	c->next = when_ticks() / 1000 + c->backoff;
	snprintf(c->text, sizeof(c->text), "stopped: %s; next start after %d s", why, c->backoff);
	log_warn("source %s: collector %s", c->source->name, c->text);
}

static int
output_pipe(int fd[2])
{
	if (pipe(fd) == -1)
		return -1;
	fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	return 0;
}

static void
start(struct collector *c)
{
	char why[LINE];
	pid_t parent = getpid();
	int fd[2];

	c->started = when_ticks() / 1000;
	c->last[0] = '\0';
	c->len = 0;
	if (!port_free(c)) {
		snprintf(why, sizeof(why), "port %u is in use by another program", c->source->port);
		delay(c, why);
		return;
	}
	if (output_pipe(fd) == -1) {
		delay(c, strerror(errno));
		return;
	}
	if ((c->pid = fork()) == 0)
		run(c, fd[1], parent);
	close(fd[1]);
	if (c->pid == -1) {
		c->pid = 0;
		close(fd[0]);
		delay(c, strerror(errno));
		return;
	}
	c->output = fd[0];
	snprintf(c->text, sizeof(c->text), "running, process %ld", (long)c->pid);
	if (c->starts++ > 0)
		snprintf(c->text, sizeof(c->text), "running, process %ld, restarted %u time%s", (long)c->pid,
		    c->starts - 1, c->starts == 2 ? "" : "s");
	log_info("source %s: collector %s, port %u", c->source->name, c->text, c->source->port);
}

static void
line_end(struct collector *c)
{
	c->line[c->len] = '\0';
	if (c->len > 0) {
		log_info("collector %s: %s", c->source->name, c->line);
		snprintf(c->last, sizeof(c->last), "%s", c->line);
	}
	c->len = 0;
}

static void
read_output(struct collector *c)
{
	char buf[4096];
	ssize_t n, i;

	while (c->output != -1 && (n = read(c->output, buf, sizeof(buf))) != -1) {
		for (i = 0; i < n; i++) {
			if (buf[i] == '\n' || c->len == LINE - 1)
				line_end(c);
			if (buf[i] != '\n')
				c->line[c->len++] = buf[i];
		}
		if (n == 0) {
			line_end(c);
			close(c->output);
			c->output = -1;
		}
	}
}

static void
ended(struct collector *c, int status)
{
	char why[LINE + 64];

	read_output(c);
	if (c->output != -1)
		close(c->output);
	c->output = -1;
	c->pid = 0;
	if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), "ended by signal %d%s%s", WTERMSIG(status),
		    c->last[0] != '\0' ? ": " : "", c->last);
	else
		snprintf(why, sizeof(why), "ended with status %d%s%s", WEXITSTATUS(status),
		    c->last[0] != '\0' ? ": " : "", c->last);
	delay(c, why);
}

void
collectors_look(struct collectors *cs)
{
	struct collector *c;
	int status;

	for (c = cs->one; c < cs->one + cs->n; c++) {
		if (c->pid != 0 && waitpid(c->pid, &status, WNOHANG) == c->pid)
			ended(c, status);
		if (c->pid == 0 && when_ticks() / 1000 >= c->next)
			start(c);
	}
}

/* Those marked in `which` are asked to end, waited for, and killed if they do not. */
static void
stop(struct collectors *cs, const bool *which)
{
	const struct timespec tick = { 0, 20 * 1000 * 1000 };
	int64_t deadline = when_ticks() / 1000 + STOP_SECONDS;
	struct collector *c;
	size_t left = 0;
	bool killed = false;

	for (c = cs->one; c < cs->one + cs->n; c++)
		if (which[c - cs->one] && c->pid != 0 && kill(c->pid, SIGTERM) == 0)
			left++;
	while (left > 0) {
		for (c = cs->one; c < cs->one + cs->n; c++) {
			if (!which[c - cs->one] || c->pid == 0)
				continue;
			read_output(c);
			if (when_ticks() / 1000 > deadline && !killed)
				kill(c->pid, SIGKILL);
			if (waitpid(c->pid, NULL, WNOHANG) == 0)
				continue;
			read_output(c);
			c->pid = 0;
			left--;
			log_info("source %s: collector stopped", c->source->name);
		}
		killed = when_ticks() / 1000 > deadline;
		if (left > 0)
			nanosleep(&tick, NULL);
	}
}

void
collectors_stop(struct collectors *cs)
{
	bool *all = xcalloc(cs->n + 1, sizeof(*all));

	memset(all, 1, cs->n * sizeof(*all));
	stop(cs, all);
	free(all);
}

static void
collector_free(struct collector *c)
{
	if (c->output != -1)
		close(c->output);
	arena_free(c->arena);
}

void
collectors_free(struct collectors *cs)
{
	if (cs == NULL)
		return;
	for (size_t i = 0; i < cs->n; i++)
		collector_free(&cs->one[i]);
	free(cs->one);
	free(cs);
}

static bool
same_words(char *const *a, char *const *b)
{
	while (*a != NULL && *b != NULL && strcmp(*a, *b) == 0) {
		a++;
		b++;
	}
	return *a == NULL && *b == NULL;
}

static struct collector *
find(struct collectors *cs, const char *name)
{
	for (struct collector *c = cs->one; c < cs->one + cs->n; c++)
		if (strcmp(c->source->name, name) == 0)
			return c;
	return NULL;
}

/* The process, its output and its state go to the new one. */
static void
take_over(struct collector *new, struct collector *old)
{
	struct arena *a = new->arena;
	const struct source *src = new->source;
	char **argv = new->argv, **env = new->env;

	*new = *old;
	new->arena = a;
	new->source = src;
	new->argv = argv;
	new->env = env;
	old->pid = 0;
	old->output = -1;
}

void
collectors_change(struct collectors *cs, const struct conf *cf)
{
	struct collectors *new = collectors_new(cf);
	bool *away = xcalloc(cs->n + 1, sizeof(*away));
	struct collector *c, *old;

	memset(away, 1, cs->n * sizeof(*away));
	for (c = new->one; c < new->one + new->n; c++)
		if ((old = find(cs, c->source->name)) != NULL && same_words(old->argv, c->argv) &&
		    same_words(old->env, c->env)) {
			away[old - cs->one] = false;
			take_over(c, old);
		}
	stop(cs, away);
	free(away);
	for (c = cs->one; c < cs->one + cs->n; c++)
		collector_free(c);
	free(cs->one);
	*cs = *new;
	free(new);
}

size_t
collectors_poll(const struct collectors *cs, struct pollfd *fds, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < cs->n && n < max; i++)
		if (cs->one[i].output != -1)
			fds[n++] = (struct pollfd){ .fd = cs->one[i].output, .events = POLLIN };
	return n;
}

void
collectors_output(struct collectors *cs)
{
	for (size_t i = 0; i < cs->n; i++)
		read_output(&cs->one[i]);
}

const char *
collectors_text(const struct collectors *cs, const struct source *src)
{
	for (size_t i = 0; i < cs->n; i++)
		if (cs->one[i].source == src)
			return cs->one[i].text;
	return NULL;
}
