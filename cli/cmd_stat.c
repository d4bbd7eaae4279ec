/*
 * flowlight stat: flow-stat's formats.
 */
#include "cmd.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "query/ft_stat.h"

static int
usage(void)
{
	fprintf(stderr, "usage: flowlight stat [-f 0-32] [-S FIELD | -s FIELD] [-nPw] [-F FILTER.CFG [-D DEFINITION]] "
	    "FILE|DIRECTORY…\n");
	return 2;
}

/* A number up to max, or -1. */
static int
number(const char *s, int max)
{
	int n = isdigit((unsigned char)s[0]) && strlen(s) <= 2 ? atoi(s) : -1;

	return n <= max ? n : -1;
}

struct words { int format; struct ft_stat_options options; const char *filter, *definition; };

/* Reads the options; -1 when they are wrong. */
static int
take_options(int argc, char **argv, struct words *w)
{
	int option;

	while ((option = getopt(argc, argv, "f:S:s:nPwF:D:")) != -1)
		if (option == 'f' && (w->format = number(optarg, 32)) == -1)
			return -1;
		else if (option == 'S' || option == 's') {
			w->options.ascending = option == 's';
			if ((w->options.sort = number(optarg, 5)) == -1)
				return -1;
		} else if (option == 'n')
			w->options.names = true;
		else if (option == 'P')
			w->options.percent = true;
		else if (option == 'w')
			w->options.duration = true;
		else if (option == 'F')
			w->filter = optarg;
		else if (option == 'D')
			w->definition = optarg;
		else if (option == '?')
			return -1;
	return optind == argc ? -1 : 0;
}

static int
run_stat(const struct words *w, int argc, char **argv, struct arena *a, struct err *e)
{
	const struct ft_definition *d = NULL;
	struct file_list files;

	if (w->filter != NULL && (d = cmd_filter(w->filter, w->definition, a, e)) == NULL)
		return -1;
	if (cmd_files(argc, argv, a, &files, e) == -1 ||
	    ft_stat_run(w->format, &w->options, d, &files, stdout, cmd_fault, e) == -1)
		return -1;
	return fflush(stdout) == 0 ? cmd_damaged : err_sys(e, "standard output");
}

int
cmd_stat(int argc, char **argv)
{
	struct words w = { .options = { .sort = -1 }, .definition = "default" };
	struct arena *a = arena_new();
	struct strbuf args = { 0 };
	int status;
	struct err e;

	strbuf_adds(&args, "flowlight");
	for (int i = 0; i < argc; i++)
		strbuf_addf(&args, " %s", argv[i]);
	w.options.args = strbuf_text(&args);
	if (take_options(argc, argv, &w) == -1)
		status = usage();
	else if ((status = run_stat(&w, argc - optind, argv + optind, a, &e)) == -1)
		status = cmd_fail("stat", &e);
	strbuf_free(&args);
	arena_free(a);
	return status;
}
