/*
 * flowlight.fcgi: the pages, by FastCGI, as a plain CGI program, or one reply
 * to standard output.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/pool.h"
#include "base/privilege.h"
#include "serve.h"
#include "store/rrd.h"
#include "worker.h"

#define WORKERS_MAX	256

struct options {
	const char *conf, *socket, *url, *user;
	mode_t mode;
	gid_t group;
	unsigned workers;
};

static void
usage(void)
{
	fprintf(stderr,
	    "usage: flowlight.fcgi [-c file] [-s socket [-m mode] [-g group]] [-w workers]\n"
	    "       flowlight.fcgi [-c file] -r url [-u user]\n");
	exit(2);
}

static void
fail(const char *what, const char *value)
{
	fprintf(stderr, "flowlight.fcgi: %s: %s\n", what, value);
	exit(2);
}

static mode_t
mode_of(const char *s)
{
	char *end;
	unsigned long mode = strtoul(s, &end, 8);

	if (*s == '\0' || *end != '\0' || mode > 0777)
		fail("not a mode like 0660", s);
	return (mode_t)mode;
}

static gid_t
group_of(const char *s)
{
	struct group *gr = getgrnam(s);

	if (gr == NULL)
		fail("no such group", s);
	return gr->gr_gid;
}

static unsigned
workers_of(const char *s)
{
	char *end;
	long n = strtol(s, &end, 10);

	if (*s == '\0' || *end != '\0' || n < 1 || n > WORKERS_MAX)
		fail("not a number of workers from 1 to 256", s);
	return (unsigned)n;
}

static void
options_read(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "c:g:m:r:s:u:w:")) != -1) {
		switch (c) {
		case 'c': o->conf = optarg; break;
		case 'g': o->group = group_of(optarg); break;
		case 'm': o->mode = mode_of(optarg); break;
		case 'r': o->url = optarg; break;
		case 's': o->socket = optarg; break;
		case 'u': o->user = optarg; break;
		case 'w': o->workers = workers_of(optarg); break;
		default: usage();
		}
	}
	if (optind != argc || (o->url != NULL && o->socket != NULL))
		usage();
}

static long
stdin_read(void *ctx, char *buf, size_t n)
{
	(void)ctx;
	return (long)fread(buf, 1, n, stdin);
}

static int
stdout_write(void *ctx, const char *s, size_t n)
{
	(void)ctx;
	return fwrite(s, 1, n, stdout) == n ? 0 : -1;
}

static int
stdout_flush(void *ctx)
{
	(void)ctx;
	return fflush(stdout);
}

/* For people and tests: the header, which comes first, with plain line ends. */
static int
terminal_write(void *ctx, const char *s, size_t n)
{
	bool *body = ctx;

	for (size_t i = 0; !*body && i < n; i++)
		if (s[i] != '\r')
			putchar(s[i]);
	if (*body && fwrite(s, 1, n, stdout) != n)
		return -1;
	*body = true;
	return 0;
}

static const char *
env_get(void *ctx, const char *name)
{
	(void)ctx;
	return getenv(name);
}

/* A socket handed over: by systemd as descriptor 3, by spawn-fcgi and others as 0. */
static int
listener_inherited(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
	int fd = pid != NULL && n != NULL && atol(pid) == (long)getpid() && atoi(n) == 1 ? 3 : 0;
	int listening = 0;
	socklen_t len = sizeof(listening);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == -1 || !listening)
		return -1;
	return fd;
}

/* Root is needed for the socket's directory and group, and for nothing after that. */
static int
drop_privileges(const struct conf *conf, struct err *e)
{
	uid_t uid;
	gid_t gid;

	if (!privilege_wanted(conf))
		return 0;
	return privilege_ids(conf, &uid, &gid, e) == 0 ? privilege_drop(conf, uid, gid, e) : -1;
}

static int
run_fastcgi(struct site *site, const struct options *o)
{
	struct err e;
	int fd = -1, rc;

	if (o->socket == NULL && (fd = listener_inherited()) == -1) {
		fprintf(stderr, "flowlight.fcgi: standard input is no listening socket; "
		    "use -s socket, or -r url for one page\n");
		return 2;
	}
	if ((o->socket != NULL && (fd = socket_open(o->socket, o->mode, o->group, &e)) == -1) ||
	    drop_privileges(site->conf, &e) == -1) {
		log_error("%s", e.text);
		return err_exit(e.kind);
	}
	rc = workers_run(site, o->conf, fd, o->workers);
	if (o->socket != NULL)
		unlink(o->socket);
	return rc;
}

int
main(int argc, char **argv)
{
	struct options o = { .conf = SYSCONFDIR "/flowlight.conf", .mode = 0660,
	    .group = (gid_t)-1, .workers = pool_cpus() };
	struct site site;
	struct err e;
	bool body = false;
	int rc = 0;

	rrd_alone();
	if (o.workers < 2)
		o.workers = 2;
	log_open("flowlight.fcgi", 0, LOG_LEVEL_INFO);
	/* Arguments of a CGI program come from the URL's query: none of them is an option. */
	if (getenv("GATEWAY_INTERFACE") == NULL)
		options_read(&o, argc, argv);
	else if (getenv("FLOWLIGHT_CONF") != NULL)
		o.conf = getenv("FLOWLIGHT_CONF");
	if (site_open(&site, o.conf, &e) != 0) {
		log_error("%s", e.text);
		if (getenv("GATEWAY_INTERFACE") != NULL)
			printf("Status: 500 Internal Server Error\r\n"
			    "Content-Type: text/plain\r\n\r\n"
			    "The configuration cannot be read; the web server's log says why.\n");
		return err_exit(e.kind);
	}
	if (o.url != NULL)
		serve_url(&site, o.url, o.user, &(struct output) { terminal_write, &body, NULL });
	else if (getenv("GATEWAY_INTERFACE") != NULL)
		serve(&site, env_get, NULL, -1, &(struct input) { stdin_read, NULL },
		    &(struct output) { stdout_write, NULL, stdout_flush });
	else
		rc = run_fastcgi(&site, &o);
	if (fflush(stdout) != 0)
		rc = 1;
	site_close(&site);
	return rc;
}
