/*
 * flowlight status: how the sources are doing.
 */
#include "cmd.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"

static void
print_lag(const struct conf *conf, const struct source_status *s)
{
	int64_t lag = when_now() - (s->newest + conf->slot);
	char newest[WHEN_STRLEN];

	if (s->newest == 0) {
		printf("  newest slot   none yet\n");
		return;
	}
	printf("  newest slot   %s", when_text(s->newest, newest));
	if (lag < 2 * (int64_t)conf->slot)
		printf(", up to date\n");
	else
		printf(", %lld min behind\n", (long long)lag / 60);
}

/* What came of reading files again. */
static void
print_checked(const struct source_status *s)
{
	char at[WHEN_STRLEN];

	if (s->checked == 0)
		return;
	printf("  checked       %zu file%s read again, the last %s", s->checked, s->checked == 1 ? "" : "s",
	    when_text(s->checked_at, at));
	if (s->differed == 0)
		printf(", the index was right\n");
	else
		printf("\n  DIFFERED      %zu of them, put right; the last: %s\n", s->differed, s->difference);
}

static void
print_source(const struct conf *conf, const struct source_status *s)
{
	printf("%s  (%s)\n", s->source->name, s->source->dir);
	print_lag(conf, s);
	printf("  files         %zu known, %zu in error, %zu waiting\n", s->files, s->files_bad, s->backlog);
	if (s->collector != NULL)
		printf("  collector     %s\n", s->collector);
	if (s->trouble != NULL)
		printf("  trouble       %s\n", s->trouble);
	print_checked(s);
	for (size_t i = 0; i < s->nbad; i++)
		printf("  %-13s %s: %s\n", s->bad[i].broken ? "unreadable" : "damaged", s->bad[i].name, s->bad[i].reason);
}

static int
print_status(const struct conf *conf, struct arena *a, struct err *e)
{
	struct engine *engine = engine_open(conf, e);
	struct source_status *status;
	size_t n;
	int rc = -1;

	if (engine != NULL && engine_status(engine, false, a, &status, &n, e) == 0) {
		for (size_t i = 0; i < n; i++)
			print_source(conf, &status[i]);
		rc = 0;
	}
	engine_close(engine);
	return rc;
}

int
cmd_status(int argc, char **argv)
{
	const char *path = NULL;
	struct arena *a = arena_new();
	struct conf *conf;
	struct err e;
	int option, status = -1;

	while ((option = getopt(argc, argv, "c:")) != -1) {
		if (option != 'c') {
			fprintf(stderr, "usage: flowlight status [-c FILE]\n");
			arena_free(a);
			return 2;
		}
		path = optarg;
	}
	conf = cmd_conf(path, &e);
	if (conf != NULL)
		status = print_status(conf, a, &e);
	if (status == -1)
		status = cmd_fail("status", &e);
	conf_free(conf);
	arena_free(a);
	return status;
}
