/*
 * flowlight rebuild: the index and the column files anew from the collector
 * files, or these alone; the RRDs anew from the index.
 */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../daemon/ingest.h"
#include "base/arena.h"
#include "store/rrd.h"

struct rebuild {
	const struct conf *conf;
	struct index *index;
	bool force;
	struct shelf *shelf;
	const struct source *source;	/* whose files are counted */
	size_t gone;			/* files that the index alone still tells of */
	bool shelved;			/* column files were made with the index */
	size_t columns;			/* column files made */
	struct err failed;		/* why one could not be */
};

static void
count_gone(void *ctx, const struct known_file *f)
{
	struct rebuild *r = ctx;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", r->source->dir, f->name);
	r->gone += !f->broken && (f->gone || (access(path, F_OK) == -1 && errno == ENOENT));
}

/* What has no collector file any more cannot be made anew: that takes a -f. */
static int
nothing_lost(struct rebuild *r, struct err *e)
{
	int rc = 0;

	if (r->force)
		return 0;
	if ((r->index = index_open(r->conf, INDEX_WRITE, e)) == NULL)
		return -1;
	for (size_t i = 0; i < r->conf->nsources && rc == 0; i++) {
		r->source = &r->conf->sources[i];
		rc = index_files(r->index, r->source, count_gone, r, e);
	}
	index_close(r->index);
	r->index = NULL;
	if (rc == 0 && r->gone > 0)
		return err_set(e, ERR_INPUT, "%zu collector files are gone since they were read, and "
		    "their totals would be lost; -f rebuilds all the same", r->gone);
	return rc;
}

/* A line a second, where somebody looks on. */
static void
progress(const struct lookout *l, size_t read)
{
	static time_t said;

	if (!isatty(STDERR_FILENO) || time(NULL) == said)
		return;
	said = time(NULL);
	fprintf(stderr, "\r%zu files read, %zu to go ", read, lookout_waiting(l));
}

static int
read_files(struct rebuild *r, struct lookout *l, size_t *read, struct err *e)
{
	static const volatile int never;
	bool *changed = xcalloc(r->conf->nsources + 1, sizeof(*changed));
	int n = 0;

	lookout_look(l, &never);
	while (lookout_waiting(l) > 0 &&
	    (n = ingest_some(r->conf, r->index, l, r->shelf, changed, &never, e)) != -1) {
		*read += (size_t)n;
		shelf_tidy(r->shelf);
		progress(l, *read);
	}
	free(changed);
	return n == -1 ? -1 : 0;
}

static int
rebuild_index(struct rebuild *r, struct err *e)
{
	struct lookout *l;
	size_t read = 0;
	int rc = -1;

	if (nothing_lost(r, e) == -1 ||
	    (r->index = index_open(r->conf, INDEX_ANEW, e)) == NULL)
		return -1;
	r->shelved = true;
	shelf_tidy(r->shelf);
	if ((l = lookout_new(r->conf, r->index, e)) != NULL && (rc = read_files(r, l, &read, e)) == 0) {
		printf("index: %zu files of %zu sources\n", read, r->conf->nsources);
		for (size_t i = 0; i < r->conf->nsources; i++)
			if (lookout_trouble(l, &r->conf->sources[i]) != NULL)
				printf("%s: %s\n", r->conf->sources[i].name,
				    lookout_trouble(l, &r->conf->sources[i]));
	}
	lookout_free(l);
	return rc;
}

static int
rebuild_rrd(struct rebuild *r, struct err *e)
{
	if (r->index == NULL && (r->index = index_open(r->conf, INDEX_WRITE, e)) == NULL)
		return -1;
	for (size_t i = 0; i < r->conf->nsources; i++)
		if (rrd_sync(r->conf, r->index, &r->conf->sources[i], true, e) == -1)
			return -1;
	printf("rrd: %zu sources\n", r->conf->nsources);
	return 0;
}

static void
make_columns(void *ctx, const struct known_file *f)
{
	struct rebuild *r = ctx;
	int64_t size;

	if (f->broken || f->gone || r->failed.text[0] != '\0' || !shelf_wants(r->shelf, f->start))
		return;
	size = ingest_columns(r->conf, r->source, f->name, &r->failed);
	if (size > 0) {
		shelf_added(r->shelf, size);
		r->columns++;
	}
}

static int
rebuild_columns(struct rebuild *r, struct err *e)
{
	if (r->shelved)
		return 0;
	if (r->index == NULL && (r->index = index_open(r->conf, INDEX_WRITE, e)) == NULL)
		return -1;
	shelf_tidy(r->shelf);
	for (size_t i = 0; i < r->conf->nsources; i++) {
		r->source = &r->conf->sources[i];
		if (index_files(r->index, r->source, make_columns, r, e) == -1)
			return -1;
		shelf_tidy(r->shelf);
	}
	printf("columns: %zu files\n", r->columns);
	if (r->failed.text[0] == '\0')
		return 0;
	*e = r->failed;
	return -1;
}

/* In the order that they are made in. */
static const struct {
	const char *name;
	int (*make)(struct rebuild *, struct err *);
} parts[] = {
	{ "index", rebuild_index },
	{ "rrd", rebuild_rrd },
	{ "columns", rebuild_columns },
};

#define NPARTS	(sizeof(parts) / sizeof(parts[0]))

/* Is the part among the words, or are there none? */
static bool
wanted(const char *part, int n, char **words)
{
	for (int i = 0; i < n; i++)
		if (strcmp(words[i], part) == 0)
			return true;
	return n == 0;
}

static bool
known(const char *word)
{
	for (size_t i = 0; i < NPARTS; i++)
		if (strcmp(parts[i].name, word) == 0)
			return true;
	return false;
}

static int
usage(void)
{
	fputs("usage: flowlight rebuild [-f] [-c FILE] [", stderr);
	for (size_t i = 0; i < NPARTS; i++)
		fprintf(stderr, "%s%s", i == 0 ? "" : " | ", parts[i].name);
	fputs("]\n", stderr);
	return 2;
}

static int
rebuild(const char *path, bool force, int n, char **words)
{
	struct err e = { 0 };
	struct rebuild r = { .conf = cmd_conf(path, &e), .force = force };
	int rc = r.conf == NULL ? -1 : 0;

	if (rc == 0)
		r.shelf = shelf_new(r.conf);
	for (size_t i = 0; i < NPARTS && rc == 0; i++)
		if (wanted(parts[i].name, n, words))
			rc = parts[i].make(&r, &e);
	index_close(r.index);
	shelf_free(r.shelf);
	conf_free((struct conf *)r.conf);
	return rc == 0 ? 0 : cmd_fail("rebuild", &e);
}

int
cmd_rebuild(int argc, char **argv)
{
	const char *path = NULL;
	bool force = false;
	int option;

	rrd_alone();
	while ((option = getopt(argc, argv, "c:f")) != -1)
		switch (option) {
		case 'c': path = optarg; break;
		case 'f': force = true; break;
		default: return usage();
		}
	for (int i = optind; i < argc; i++)
		if (!known(argv[i]))
			return usage();
	umask(027);		/* as flowlightd */
	return rebuild(path, force, argc - optind, argv + optind);
}
