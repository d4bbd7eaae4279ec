/*
 * flowlight report: flow-report's configurations, over files of any collector.
 */
#include "cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "query/ft_report.h"

#define VARIABLES_MAX	64

static int
usage(void)
{
	fprintf(stderr, "usage: flowlight report -s STAT.CFG [-S NAME] [-v NAME=VALUE]… [--format csv|html|text] "
	    "FILE|DIRECTORY…\n");
	return 2;
}

static int
take_format(const char *name, enum ft_form *form)
{
	static const char *const names[] = { "csv", "html", "text" };

	for (int i = 0; i < 3; i++)
		if (strcmp(names[i], name) == 0) {
			*form = i;
			return 0;
		}
	return -1;
}

/* "NAME=value"; -1 without =. */
static int
take_variable(struct ft_variable *v, const char *text, struct arena *a)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL)
		return -1;
	v->name = arena_strndup(a, text, equals - text);
	v->value = equals + 1;
	return 0;
}

static int
run_report(const char *config, const char *name, const struct ft_variable *variables, enum ft_form form, int argc,
    char **argv, struct arena *a, struct err *e)
{
	struct ft_report_options options = { form, stdout };
	const struct ft_stat *stat = ft_stat_read(config, name, variables, a, e);
	struct file_list files;

	if (stat == NULL || cmd_files(argc, argv, a, &files, e) == -1 ||
	    ft_report_run(stat, &files, &options, cmd_fault, e) == -1)
		return -1;
	if (fflush(stdout) != 0)
		return err_sys(e, "standard output");
	return cmd_damaged;
}

int
cmd_report(int argc, char **argv)
{
	static const struct option options[] = { { "format", required_argument, NULL, 'f' }, { NULL, 0, NULL, 0 } };
	struct ft_variable variables[VARIABLES_MAX + 1] = { { NULL, NULL } };
	const char *config = NULL, *name = "default";
	enum ft_form form = FT_CSV;
	struct arena *a = arena_new();
	int option, n = 0, status = 0;
	struct err e;

	while (status == 0 && (option = getopt_long(argc, argv, "s:S:v:", options, NULL)) != -1)
		if (option == 's')
			config = optarg;
		else if (option == 'S')
			name = optarg;
		else if ((option != 'v' || n == VARIABLES_MAX || take_variable(&variables[n++], optarg, a) == -1) &&
		    (option != 'f' || take_format(optarg, &form) == -1))
			status = 2;
	if (status != 0 || config == NULL || optind == argc)
		status = usage();
	else if ((status = run_report(config, name, variables, form, argc - optind, argv + optind, a, &e)) == -1)
		status = cmd_fail("report", &e);
	arena_free(a);
	return status;
}
