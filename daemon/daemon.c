#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sandbox.h"
#include "collector.h"
#include "idle.h"
#include "ingest.h"
#include "store/rrd.h"

#define MSEC		INT64_C(1)
#define SECOND		(1000 * MSEC)
#define RRD_EVERY	(30 * SECOND)	/* while there is a backlog: late slots mean whole RRDs anew */
#define NOTE_EVERY	(10 * SECOND)	/* status, when nothing changed */
#define PROGRESS_EVERY	(30 * SECOND)	/* a line on a backlog */
#define COMPLAIN_EVERY	(300 * SECOND)
#define BACKLOG		16		/* more files than that are one */
#define LAST_LOOK	(3 * SECOND)	/* for what the collectors write when they end */
#define POLL_MAX	256
#define COMPLAINTS	16		/* remembered, so as not to be repeated */

/* What the daemon last said of a source. */
struct word { char *text; size_t backlog; int64_t at; };

struct daemon {
	struct conf *conf;
	struct index *index;
	struct lookout *lookout;
	struct shelf *shelf;
	struct idle *idle;
	struct collectors *collectors;
	struct sandbox *sandbox;	/* for all that reads files of others; NULL: none */
	bool plain;			/* this system has no sandbox */
	bool compare;			/* RRDs with the index, at first: the last end was no orderly one */
	bool *changed;			/* by source: slots that its RRD does not have yet */
	struct word *word;		/* by source */
	int64_t next_look, next_rrd, next_progress;
	int64_t rrd_retry, rrd_wait;	/* after a failure: when, and then so much later */
	bool more;			/* files wait that can be read at once */
	bool backlog;			/* was one at the last progress line */
	size_t done;			/* files read in it */
	struct { char text[sizeof(((struct err *)0)->text)]; int64_t at; } complaints[COMPLAINTS];
	size_t ncomplaints;
	bool wrote, unwell;		/* in this turn: put something down, had to complain */
};

/* Set by signals, read by the working threads. */
static volatile int stopping, again;
static int wake[2] = { -1, -1 };

static void
on_signal(int sig)
{
	int saved = errno;

	if (sig == SIGTERM || sig == SIGINT)
		stopping = 1;
	else if (sig == SIGHUP)
		again = 1;
	if (write(wake[1], "", 1) == -1)
		errno = saved;		/* the pipe is full: awake it is anyway */
	errno = saved;
}

static int
signals(struct err *e)
{
	static const int caught[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	size_t i;

	if (pipe(wake) == -1)
		return err_sys(e, "pipe");
	for (i = 0; i < 2; i++) {
		fcntl(wake[i], F_SETFD, FD_CLOEXEC);
		fcntl(wake[i], F_SETFL, O_NONBLOCK);
	}
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		sigaction(caught[i], &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

/* What goes wrong at every turn, a full disk say, is said once in a while. */
static void
complain(struct daemon *d, const struct err *e)
{
	size_t i, n = d->ncomplaints < COMPLAINTS ? d->ncomplaints : COMPLAINTS;

	d->unwell = true;
	for (i = 0; i < n; i++)
		if (strcmp(d->complaints[i].text, e->text) == 0 &&
		    when_ticks() - d->complaints[i].at < COMPLAIN_EVERY)
			return;
	i = d->ncomplaints++ % COMPLAINTS;
	snprintf(d->complaints[i].text, sizeof(d->complaints[i].text), "%s", e->text);
	d->complaints[i].at = when_ticks();
	log_error("%s", e->text);
}

/* When all is well again, that is said, and the next complaint is a new one. */
static void
content(struct daemon *d)
{
	if (d->ncomplaints == 0 || !d->wrote || d->unwell || d->rrd_retry > when_ticks())
		return;
	log_info("index and graphs can be written again");
	d->ncomplaints = 0;
}

static void
close_index(struct daemon *d)
{
	size_t i;

	lookout_free(d->lookout);
	shelf_free(d->shelf);
	idle_free(d->idle);
	d->lookout = NULL;
	d->shelf = NULL;
	d->idle = NULL;
	index_close(d->index);
	d->index = NULL;
	for (i = 0; d->word != NULL && i < d->conf->nsources; i++)
		free(d->word[i].text);
	free(d->word);
	free(d->changed);
	sandbox_free(d->sandbox);
	d->sandbox = NULL;
	d->word = NULL;
	d->changed = NULL;
}

/* Collector files are read, and only the state is written. */
static struct sandbox *
sandbox_of(const struct daemon *d)
{
	const struct conf *cf = d->conf;
	struct sandbox *sb;

	if (d->plain || !cf->sandbox)
		return NULL;
	sb = sandbox_new();
	sandbox_write(sb, cf->state);
	for (size_t i = 0; i < cf->nsources; i++)
		sandbox_read(sb, cf->sources[i].dir);
	return sb;
}

/* Also what is kept per source.  All sources' RRDs are looked after at first. */
static int
open_index(struct daemon *d, struct err *e)
{
	size_t n = d->conf->nsources + 1;

	d->word = xcalloc(n, sizeof(*d->word));
	d->changed = xcalloc(n, sizeof(*d->changed));
	memset(d->changed, 1, n * sizeof(*d->changed));
	if ((d->index = index_open(d->conf, INDEX_WRITE, e)) == NULL ||
	    (d->lookout = lookout_new(d->conf, d->index, e)) == NULL) {
		close_index(d);
		return -1;
	}
	d->compare = index_unclean(d->index);
	d->shelf = shelf_new(d->conf);
	d->idle = idle_new(d->conf, d->index);
	d->sandbox = sandbox_of(d);
	rrd_tidy(d->conf);
	return 0;
}

/*
 * Files come from outside, so what reads them has a thread that can neither start
 * a program nor open a socket nor write outside of the state.  Collectors, which
 * do, are started by the first thread.  Log lines may need a socket.
 */
static void
confined(struct daemon *d, void (*function)(void *))
{
	struct err e = { 0 };

	if (d->sandbox != NULL && sandbox_stale(d->sandbox)) {
		sandbox_free(d->sandbox);
		d->sandbox = sandbox_of(d);
	}
	if (d->sandbox == NULL)
		function(d);
	else if (sandbox_run(d->sandbox, d->conf->syslog, function, d, &e) == -1)
		complain(d, &e);
}

static void
nothing(void *ctx)
{
	(void)ctx;
}

static void
try_sandbox(struct daemon *d)
{
	struct err e;

	if (d->sandbox == NULL)
		return;
	if (sandbox_run(d->sandbox, d->conf->syslog, nothing, NULL, &e) == -1) {
		log_warn("without a sandbox: %s", e.text);
		sandbox_free(d->sandbox);
		d->sandbox = NULL;
		d->plain = true;
	} else if (sandbox_lacks_files() != NULL)
		log_info("what reads collector files may open all files that this user may: %s", sandbox_lacks_files());
}

struct daemon *
daemon_open(struct conf *cf, struct err *e)
{
	struct daemon *d = xcalloc(1, sizeof(*d));

	d->conf = cf;
	if (open_index(d, e) == -1) {
		daemon_close(d);
		return NULL;
	}
	try_sandbox(d);
	return d;
}

void
daemon_close(struct daemon *d)
{
	if (d == NULL)
		return;
	close_index(d);
	collectors_free(d->collectors);
	conf_free(d->conf);
	free(d);
}

struct conf *
daemon_conf(const char *path, struct err *e)
{
	struct stat st;

	if (geteuid() == 0 && stat(path, &st) == 0) {
		if (st.st_uid != 0) {
			err_set(e, ERR_INPUT, "%s: belongs to user %ld: flowlightd, started by root, takes programs to start "
			    "only from root's file", path, (long)st.st_uid);
			return NULL;
		}
		if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
			err_set(e, ERR_INPUT, "%s: others may write to it: flowlightd, started by root, takes programs to start "
			    "only from root's file (chmod go-w)", path);
			return NULL;
		}
	}
	return conf_read(path, e);
}

/*
 * Reads the configuration again.  What it says of users, log and time zone is
 * for the next start; a faulty one changes nothing.
 */
static void
reload(struct daemon *d)
{
	struct err e = { 0 };
	struct conf *new, *old = d->conf;

	again = 0;
	if ((new = daemon_conf(old->path, &e)) == NULL) {
		log_error("configuration not read again: %s", e.text);
		return;
	}
	close_index(d);
	d->conf = new;
	if (open_index(d, &e) == -1) {
		log_error("the old configuration stays: %s", e.text);
		d->conf = old;
		d->next_look = 0;
		conf_free(new);
		return;
	}
	collectors_change(d->collectors, new);
	conf_free(old);
	d->next_look = 0;
	log_info("configuration read again: %zu sources", new->nsources);
}

/*
 * Somebody deleted the index while we work, or it is damaged: all is read anew
 * into another.  Where that fails, it is tried again at each look; the collectors
 * run on.
 */
static bool
have_index(struct daemon *d)
{
	struct err e = { 0 };

	if (d->index != NULL && !index_lost(d->index))
		return true;
	if (d->index != NULL)
		log_warn("%s/index.db was deleted, replaced or damaged: making it anew", d->conf->state);
	close_index(d);
	if (open_index(d, &e) == 0)
		return true;
	complain(d, &e);
	return false;
}

static void
sync_rrds(struct daemon *d)
{
	const struct conf *cf = d->conf;
	struct err e = { 0 };
	bool failed = false;

	for (size_t i = 0; i < cf->nsources && !stopping; i++) {
		if (!d->changed[i])
			continue;
		d->changed[i] = false;
		if ((d->compare && rrd_compare(cf, d->index, &cf->sources[i], &e) == -1) ||
		    rrd_sync(cf, d->index, &cf->sources[i], false, &e) == -1) {
			complain(d, &e);
			d->changed[i] = failed = true;
		}
	}
	if (!failed && !stopping && d->compare) {
		d->compare = false;
		index_set_clean(d->index);
	}
	/* A disk that refuses writing may have refused to remove what was begun, too. */
	if (failed)
		rrd_tidy(d->conf);
	d->rrd_wait = !failed ? 0 : d->rrd_wait == 0 ? SECOND :
	    d->rrd_wait < RRD_EVERY / 2 ? 2 * d->rrd_wait : RRD_EVERY;
	d->rrd_retry = when_ticks() + d->rrd_wait;
	d->next_rrd = when_ticks() + RRD_EVERY;
}

static void
progress(struct daemon *d, size_t read)
{
	size_t left = lookout_waiting(d->lookout);

	d->done += read;
	if (!d->backlog && left > BACKLOG) {
		d->backlog = true;
		log_info("%zu files to read, the newest first", left + d->done);
		d->next_progress = when_ticks() + PROGRESS_EVERY;
	} else if (d->backlog && left == 0) {
		d->backlog = false;
		log_info("%zu files read", d->done);
	} else if (d->backlog && when_ticks() >= d->next_progress) {
		log_info("%zu files read, %zu to go", d->done, left);
		d->next_progress = when_ticks() + PROGRESS_EVERY;
	}
	if (left == 0)
		d->done = 0;
}

/* Some files into the index; is there more to do at once? */
static bool
work(struct daemon *d)
{
	struct err e = { 0 };
	int n = 0;

	shelf_tidy(d->shelf);
	if (lookout_waiting(d->lookout) > 0) {
		n = ingest_some(d->conf, d->index, d->lookout, d->shelf, d->changed, &stopping, &e);
		if (n == -1) {
			complain(d, &e);
			return false;		/* a full disk, say: again after the next look */
		}
		d->wrote = true;
		progress(d, (size_t)n);
	}
	if ((lookout_waiting(d->lookout) == 0 || when_ticks() >= d->next_rrd) && when_ticks() >= d->rrd_retry)
		sync_rrds(d);
	if (lookout_waiting(d->lookout) == 0 && idle_work(d->idle, d->changed, &stopping, &e) == -1)
		complain(d, &e);
	return n > 0 && lookout_waiting(d->lookout) > 0;
}

/* Tells readers of the index how a source is doing, when that changed or from time to time. */
static void
note(struct daemon *d, const struct source *src)
{
	struct word *w = &d->word[src->id];
	const char *trouble = lookout_trouble(d->lookout, src);
	const char *collector = collectors_text(d->collectors, src);
	size_t backlog = lookout_waiting_of(d->lookout, src);
	char text[2048];
	struct err e = { 0 };
	int64_t age = when_ticks() - w->at;

	snprintf(text, sizeof(text), "%s\n%s", trouble != NULL ? trouble : "",
	    collector != NULL ? collector : "");
	if (w->text != NULL && strcmp(w->text, text) == 0 && age < NOTE_EVERY &&
	    (backlog == w->backlog || age < SECOND))
		return;
	free(w->text);
	*w = (struct word){ xstrdup(text), backlog, when_ticks() };
	if (index_note(d->index, src, backlog, trouble, collector, &e) == -1)
		complain(d, &e);
	else
		d->wrote = true;
}

static void
notes(struct daemon *d)
{
	for (size_t i = 0; i < d->conf->nsources; i++)
		note(d, &d->conf->sources[i]);
}

static void
rest(struct daemon *d, int64_t msec)
{
	struct pollfd fds[POLL_MAX] = { { .fd = wake[0], .events = POLLIN } };
	size_t n = 1 + collectors_poll(d->collectors, fds + 1, POLL_MAX - 1);
	char drain[64];

	poll(fds, (nfds_t)n, msec < 0 ? 0 : (int)msec);
	while (read(wake[0], drain, sizeof(drain)) > 0)
		;
	collectors_output(d->collectors);
}

static void
go_on(void *ctx)
{
	struct daemon *d = ctx;

	d->more = work(d);
}

static void
look(void *ctx)
{
	struct daemon *d = ctx;

	lookout_look(d->lookout, &stopping);
	d->next_look = when_ticks() + (int64_t)d->conf->poll * SECOND;
	d->more = work(d);
	notes(d);
	content(d);
}

static void
turn(struct daemon *d)
{
	if (again)
		reload(d);
	collectors_look(d->collectors);
	if (when_ticks() >= d->next_look && !stopping) {
		d->next_look = when_ticks() + (int64_t)d->conf->poll * SECOND;
		d->more = d->wrote = d->unwell = false;
		if (have_index(d))
			confined(d, look);
	} else if (d->more)
		confined(d, go_on);
	rest(d, d->more ? 0 : d->next_look - when_ticks());
}

/*
 * The collectors have just written what they had: that much is read yet, and
 * a backlog left for the next start.
 */
static void
last_look(void *ctx)
{
	static volatile int never;
	struct daemon *d = ctx;
	struct err e = { 0 };
	int64_t until = when_ticks() + LAST_LOOK;

	lookout_look(d->lookout, &never);
	if (!d->backlog)
		while (!stopping && when_ticks() < until && lookout_waiting(d->lookout) > 0 &&
		    ingest_some(d->conf, d->index, d->lookout, d->shelf, d->changed, &stopping, &e) > 0)
			;
	if (!d->backlog)
		sync_rrds(d);
}

int
daemon_run(struct daemon *d)
{
	struct err e = { 0 };
	size_t i;

	if (signals(&e) == -1) {
		log_error("%s", e.text);
		return 1;
	}
	d->collectors = collectors_new(d->conf);
	log_info("started: %zu sources, state in %s", d->conf->nsources, d->conf->state);
	d->next_rrd = when_ticks() + SECOND;
	while (!stopping)
		turn(d);
	log_info("ending");
	collectors_stop(d->collectors);
	if (d->index == NULL)
		return 1;
	stopping = 0;			/* a second signal ends this, too */
	confined(d, last_look);
	for (i = 0; i < d->conf->nsources; i++)
		index_note(d->index, &d->conf->sources[i],
		    lookout_waiting_of(d->lookout, &d->conf->sources[i]),
		    "flowlightd is not running", d->conf->sources[i].port != 0 ? "stopped" : NULL, &e);
	return 0;
}
