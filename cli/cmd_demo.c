/*
 * flowlight demo: writes a site of three sources with two weeks of made-up
 * flows, or sends such flows to collectors as time goes on.
 */
#include "cmd.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pool.h"
#include "base/strbuf.h"
#include "base/when.h"
#include "demo.h"
#include "flow/slot.h"
#include "format/nfwrite.h"
#include "netflow9.h"

#define LAYOUT	1	/* %Y/%m/%d */

struct options {
	char dir[PATH_MAX];
	struct demo demo;
	unsigned live, send;		/* ports, 0: not asked for */
};

/* What each thread has of its own. */
struct worker {
	struct arena *arena;
	struct batch batch;
	struct flows flows;
};

struct writing {
	const struct options *options;
	struct worker *workers;
	struct err *err;	/* of each worker */
};

static int
write_slot(const struct options *o, struct worker *w, unsigned source, int64_t start, struct err *e)
{
	const struct demo_source *s = &demo_sources[source];
	struct addr router = addr_from_v4(s->router);
	char name[128], path[PATH_MAX + 256];
	struct nfwrite *nf;

	slot_name(LAYOUT, start, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/flows/%s/%s", o->dir, s->name, name);
	*strrchr(path, '/') = '\0';
	if (file_mkdirs(path, 0755, e) == -1)
		return -1;
	path[strlen(path)] = '/';
	demo_slot(&o->demo, source, start, &w->flows);
	if ((nf = nfwrite_open(path, s->name, PACK_LZ4, e)) == NULL)
		return -1;
	if (nfwrite_exporter(nf, &router, 1, 0, 9, e) == -1)
		goto fail;
	for (size_t i = 0; i < w->flows.n; i += w->batch.n) {
		demo_batch(&w->flows, source, i, w->flows.n - i, &w->batch);
		if (nfwrite_add(nf, &w->batch, e) == -1)
			goto fail;
	}
	return nfwrite_close(nf, e);
fail:
	nfwrite_abandon(nf);
	return -1;
}

static int
write_job(void *ctx, unsigned worker, size_t i)
{
	struct writing *wr = ctx;
	const struct demo *d = &wr->options->demo;
	int64_t start = d->until - (int64_t)d->days * 86400 + (int64_t)(i / DEMO_SOURCES) * DEMO_SLOT;

	return write_slot(wr->options, &wr->workers[worker], i % DEMO_SOURCES, start, &wr->err[worker]) == 0 ?
	    0 : (int)worker + 1;
}

static void
worker_start(struct worker *w)
{
	struct fieldset set = { { 0, 0 } };

	demo_fields(&set);
	w->arena = arena_new();
	batch_columns(&w->batch, &set, BATCH_MAX, w->arena);
}

static void
worker_end(struct worker *w)
{
	flows_free(&w->flows);
	arena_free(w->arena);
}

static int
write_flows(const struct options *o, struct err *e)
{
	unsigned n = pool_cpus();
	struct writing wr = { o, xcalloc(n, sizeof(*wr.workers)), xcalloc(n, sizeof(*wr.err)) };
	size_t slots = (size_t)o->demo.days * 86400 / DEMO_SLOT;
	int failed;

	for (unsigned i = 0; i < n; i++)
		worker_start(&wr.workers[i]);
	failed = pool_run(n, slots * DEMO_SOURCES, write_job, &wr);
	if (failed != 0)
		*e = wr.err[failed - 1];
	for (unsigned i = 0; i < n; i++)
		worker_end(&wr.workers[i]);
	free(wr.workers);
	free(wr.err);
	return failed == 0 ? 0 : -1;
}

static int
write_conf(const struct options *o, struct err *e)
{
	char path[PATH_MAX + 32], here[PATH_MAX];
	struct strbuf sb = { 0 };
	int rc;

	strbuf_addf(&sb, "# Written by `flowlight demo`.\nsite = \"Flowlight demo\"\nstate = \"%s/state\"\n"
	    "slot = %d\nlayout = %d\naccess = open\n", o->dir, DEMO_SLOT, LAYOUT);
	/* Run from the source tree, where nothing is installed. */
	if (access("templates/layout.html", R_OK) == 0 && getcwd(here, sizeof(here)) != NULL)
		strbuf_addf(&sb, "share = \"%s\"\n", here);
	for (unsigned i = 0; i < DEMO_SOURCES; i++) {
		const struct demo_source *s = &demo_sources[i];

		strbuf_addf(&sb, "\nsource \"%s\" {\n\tdir = \"%s/flows/%s\"\n\tcolour = \"%s\"\n",
		    s->name, o->dir, s->name, s->colour);
		if (o->live != 0)
			strbuf_addf(&sb, "\tport = %u\n\tlisten = \"127.0.0.1\"\n", o->live + i);
		strbuf_adds(&sb, "}\n");
	}
	snprintf(path, sizeof(path), "%s/flowlight.conf", o->dir);
	rc = file_write(path, sb.s, sb.len, 0644, e);
	strbuf_free(&sb);
	return rc;
}

static int
by_start(const void *va, const void *vb)
{
	const struct incident *a = va, *b = vb;

	return a->start < b->start ? -1 : a->start > b->start;
}

static int
write_incidents(const struct options *o, struct err *e)
{
	struct demo d = o->demo;
	struct strbuf sb = { 0 };
	char path[PATH_MAX + 32], when[WHEN_STRLEN];
	int rc;

	qsort(d.incidents, d.nincidents, sizeof(d.incidents[0]), by_start);
	strbuf_adds(&sb, "# time\tsource\tkind\thost\tport\twhat\n");
	for (size_t i = 0; i < d.nincidents; i++) {
		const struct incident *in = &d.incidents[i];

		strbuf_addf(&sb, "%s\t%s\t%s\t%s\t%s\t%s\n", when_iso(in->start, when), demo_sources[in->source].name,
		    in->kind, in->host, in->port, in->sentence);
	}
	snprintf(path, sizeof(path), "%s/incidents.txt", o->dir);
	rc = file_write(path, sb.s, sb.len, 0644, e);
	strbuf_free(&sb);
	return rc;
}

static int
write_site(struct options *o, struct err *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", o->dir);
	if (file_mkdirs(path, 0755, e) == -1)
		return -1;
	if (realpath(path, o->dir) == NULL)
		return err_sys(e, "%s", path);
	if (write_conf(o, e) == -1 || write_incidents(o, e) == -1)
		return -1;
	return write_flows(o, e);
}

static int64_t
now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Sends what was received from `from` to before `to`; flows are sorted by that. */
static int
send_part(struct netflow9 *nf, struct worker *w, unsigned source, size_t *next, uint64_t to, struct err *e)
{
	size_t n = 0;

	while (*next + n < w->flows.n && w->flows.flow[*next + n].received < to)
		n++;
	for (; n > 0; n -= w->batch.n, *next += w->batch.n) {
		demo_batch(&w->flows, source, *next, n, &w->batch);
		if (netflow9_send(nf, &w->batch, e) == -1)
			return -1;
	}
	return 0;
}

/* Sends each flow when its time has come, until it is stopped by a signal. */
static int
send_flows(const struct options *o, struct err *e)
{
	struct netflow9 *nf[DEMO_SOURCES];
	struct worker w[DEMO_SOURCES] = { { 0 } };
	size_t next[DEMO_SOURCES];
	int64_t slot = -1;

	for (unsigned i = 0; i < DEMO_SOURCES; i++) {
		worker_start(&w[i]);
		if ((nf[i] = netflow9_open(o->send + i, i + 1, e)) == NULL)
			return -1;
	}
	for (;;) {
		int64_t now = now_msec(), current = now / 1000 / DEMO_SLOT * DEMO_SLOT;

		for (unsigned i = 0; i < DEMO_SOURCES; i++) {
			if (current != slot) {
				demo_slot(&o->demo, i, current, &w[i].flows);
				next[i] = 0;
			}
			if (send_part(nf[i], &w[i], i, &next[i], now, e) == -1)
				return -1;
		}
		slot = current;
		nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
	}
}

static int
usage(void)
{
	fputs("usage: flowlight demo DIR [--days 14] [--seed 1] [--flows-per-slot 2800] [--until TIME] [--live PORT]\n"
	    "       flowlight demo DIR --send PORT [--seed 1] [--flows-per-slot 2800]\n", stderr);
	return 2;
}

static int
option_number(const char *name, const char *text, unsigned long most, unsigned long *v, struct err *e)
{
	char *end;

	errno = 0;
	*v = text != NULL ? strtoul(text, &end, 10) : 0;
	if (text == NULL || *text < '0' || *text > '9' || *end != '\0' || errno != 0 || *v > most)
		return err_set(e, ERR_INPUT, "%s: a number up to %lu is expected", name, most);
	return 0;
}

static int
option_take(struct options *o, const char *name, const char *text, struct err *e)
{
	unsigned long v;

	if (strcmp(name, "--until") == 0) {
		if (text == NULL)
			return err_set(e, ERR_INPUT, "--until: a time is expected");
		return when_parse(text, when_now(), &o->demo.until, e);
	}
	if (strcmp(name, "--seed") == 0) {
		if (option_number(name, text, ULONG_MAX, &v, e) == -1)
			return -1;
		o->demo.seed = v;
		return 0;
	}
	if (option_number(name, text, strcmp(name, "--days") == 0 ? 366 :
	    strcmp(name, "--flows-per-slot") == 0 ? 1000000 : 65533, &v, e) == -1)
		return -1;
	if (strcmp(name, "--days") == 0)
		o->demo.days = v;
	else if (strcmp(name, "--flows-per-slot") == 0)
		o->demo.flows = v;
	else if (strcmp(name, "--live") == 0)
		o->live = v;
	else if (strcmp(name, "--send") == 0)
		o->send = v;
	else
		return err_set(e, ERR_INPUT, "unknown option \"%s\"", name);
	return 0;
}

/* 0, 1 when help is wanted, -1. */
static int
options_take(struct options *o, int argc, char **argv, struct err *e)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
			return 1;
		if (argv[i][0] == '-') {
			if (option_take(o, argv[i], i + 1 < argc ? argv[i + 1] : NULL, e) == -1)
				return -1;
			i++;
			continue;
		}
		if (o->dir[0] != '\0' || strlen(argv[i]) >= sizeof(o->dir))
			return err_set(e, ERR_INPUT, "\"%s\": one folder is expected", argv[i]);
		snprintf(o->dir, sizeof(o->dir), "%s", argv[i]);
	}
	return o->dir[0] == '\0';
}

int
cmd_demo(int argc, char **argv)
{
	struct options *o = xcalloc(1, sizeof(*o));
	struct err e = { 0 };
	int rc;

	o->demo = (struct demo){ .seed = 1, .flows = 2800, .days = 14, .until = when_now() };
	if ((rc = options_take(o, argc, argv, &e)) == 0) {
		o->demo.until = o->demo.until / DEMO_SLOT * DEMO_SLOT;
		demo_incidents(&o->demo);
		rc = o->send != 0 ? send_flows(o, &e) : write_site(o, &e);
	}
	free(o);
	return rc == 1 ? usage() : rc == -1 ? cmd_fail("demo", &e) : 0;
}
