/* flowlightd: collector files in, index and RRDs out. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "base/privilege.h"
#include "base/when.h"
#include "daemon.h"
#include "store/rrd.h"

struct options {
	const char *conf, *pidfile;
	bool foreground, check, verbose;
};

static int
usage(void)
{
	fprintf(stderr, "usage: flowlightd [-fnvV] [-c file] [-p pidfile]\n");
	return 2;
}

/* Sets options; an exit status, or -1 to go on. */
static int
parse(int argc, char **argv, struct options *o)
{
	int ch;

	while ((ch = getopt(argc, argv, "c:fnp:vV")) != -1)
		switch (ch) {
		case 'c': o->conf = optarg; break;
		case 'f': o->foreground = true; break;
		case 'n': o->check = true; break;
		case 'p': o->pidfile = optarg; break;
		case 'v': o->verbose = true; break;
		case 'V': printf("flowlightd %s\n", FLOWLIGHT_VERSION); return 0;
		default: return usage();
		}
	if (o->pidfile != NULL && o->pidfile[0] != '/') {
		fprintf(stderr, "flowlightd: -p %s: must be an absolute path\n", o->pidfile);
		return 2;
	}
	return optind < argc ? usage() : -1;
}

/* A directory that the unprivileged daemon writes to.  One that is there already is left as it is. */
static int
give_directory(const char *path, uid_t uid, gid_t gid, struct err *e)
{
	struct stat st;
	mode_t mask;
	int rc;

	if (stat(path, &st) == 0)
		return 0;
	mask = umask(022);		/* it has to be able to come through the parents */
	rc = file_mkdirs(path, 0750, e);
	umask(mask);
	if (rc == -1)
		return -1;
	return chown(path, uid, gid) == 0 ? 0 : err_sys(e, "%s", path);
}

/* As root: makes what needs root, then becomes the configured user for good. */
static int
drop_privileges(const struct conf *cf, struct err *e)
{
	uid_t uid;
	gid_t gid;
	size_t i;

	if (!privilege_wanted(cf))
		return 0;
	if (privilege_ids(cf, &uid, &gid, e) == -1 || give_directory(cf->state, uid, gid, e) == -1)
		return -1;
	for (i = 0; i < cf->nsources; i++)
		if (cf->sources[i].port != 0 && give_directory(cf->sources[i].dir, uid, gid, e) == -1)
			return -1;
	return privilege_drop(cf, uid, gid, e);
}

/*
 * Goes into the background.  The process that was started waits until the
 * daemon is at work, so that it can end with an error message and status.
 * Returns the descriptor that tells it, -1 on error.
 */
static int
detach(struct err *e)
{
	int fd[2];
	char ok;
	pid_t pid;

	if (pipe(fd) == -1)
		return err_sys(e, "pipe");
	if ((pid = fork()) == -1)
		return err_sys(e, "fork");
	if (pid > 0) {
		close(fd[1]);
		_exit(read(fd[0], &ok, 1) == 1 ? 0 : 1);
	}
	close(fd[0]);
	fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	if (setsid() == -1)
		return err_sys(e, "cannot go into the background");
	return fd[1];
}

/* All is well: lets the first process go and leaves the terminal. */
static int
leave_terminal(int tell, bool keep_stderr, struct err *e)
{
	int null = open("/dev/null", O_RDWR);

	if (null == -1 || dup2(null, STDIN_FILENO) == -1 || dup2(null, STDOUT_FILENO) == -1)
		return err_sys(e, "/dev/null");
	if (!keep_stderr && dup2(null, STDERR_FILENO) == -1)
		return err_sys(e, "/dev/null");
	if (null > STDERR_FILENO)
		close(null);
	if (chdir("/") == -1)
		return err_sys(e, "/");
	if (write(tell, "", 1) != 1)
		return err_sys(e, "cannot tell that the start went well");
	close(tell);
	return 0;
}

/*
 * The file is opened while we may still write there, and written when it is
 * certain that no other daemon has it.  *fd is -1 without a path.
 */
static int
open_pidfile(const char *path, int *fd, struct err *e)
{
	*fd = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	return path == NULL || *fd != -1 ? 0 : err_sys(e, "%s", path);
}

static int
write_pidfile(const char *path, int fd, struct err *e)
{
	if (fd == -1)
		return 0;
	if (ftruncate(fd, 0) == -1 || dprintf(fd, "%ld\n", (long)getpid()) < 0 || close(fd) == -1)
		return err_sys(e, "%s", path);
	return 0;
}

/* Everything that can fail at the start, in the order that it has to be done in. */
static struct daemon *
start(const struct options *o, struct conf *cf, struct err *e)
{
	bool to_syslog = !o->foreground && cf->syslog;
	struct daemon *d = NULL;
	int tell = -1, pidfile;

	umask(027);		/* flows tell of people: not for everybody on the machine */
	if (!o->foreground && (tell = detach(e)) == -1)
		goto fail;
	if (open_pidfile(o->pidfile, &pidfile, e) == -1 || drop_privileges(cf, e) == -1)
		goto fail;
	log_open("flowlightd", to_syslog, o->verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	d = daemon_open(cf, e);
	cf = NULL;
	if (d == NULL || write_pidfile(o->pidfile, pidfile, e) == -1 ||
	    (!o->foreground && leave_terminal(tell, !to_syslog, e) == -1))
		goto fail;
#ifdef __OpenBSD__
	if (pledge("stdio rpath wpath cpath fattr flock inet dns proc exec", NULL) == -1) {
		err_sys(e, "pledge");
		goto fail;
	}
#endif
	return d;
fail:
	fprintf(stderr, "flowlightd: %s\n", e->text);
	daemon_close(d);
	conf_free(cf);
	return NULL;
}

int
main(int argc, char **argv)
{
	struct options o = { .conf = SYSCONFDIR "/flowlight.conf" };
	struct err e = { 0 };
	struct conf *cf;
	struct daemon *d;
	char *path;
	int rc;

	if ((rc = parse(argc, argv, &o)) != -1)
		return rc;
#ifdef __GLIBC__
	/*
	 * What is counted of a large file is large, and is given back after it.  By
	 * itself malloc would begin to keep such pieces, and copy them when they grow.
	 */
	mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
#endif
	rrd_alone();
	/* SIGHUP reads it again, perhaps from another directory. */
	path = realpath(o.conf, NULL);
	cf = daemon_conf(path != NULL ? path : o.conf, &e);
	free(path);
	if (cf == NULL || when_zone(cf->zone, &e) == -1) {
		fprintf(stderr, "flowlightd: %s\n", e.text);
		conf_free(cf);
		return err_exit(e.kind);
	}
	if (o.check) {
		fprintf(stderr, "%s: good, %zu sources\n", cf->path, cf->nsources);
		conf_free(cf);
		return 0;
	}
	if ((d = start(&o, cf, &e)) == NULL)
		return 1;
	rc = daemon_run(d);
	daemon_close(d);
	if (o.pidfile != NULL)
		unlink(o.pidfile);
	return rc;
}
