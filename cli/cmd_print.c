/*
 * flowlight print: flow-print's formats, of flows that a filter of flow-nfilter
 * lets through.
 */
#include "cmd.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "query/ft_print.h"

static int
run_print(uint32_t format, bool names, const char *filter, const char *definition, int argc, char **argv,
    struct arena *a, struct err *e)
{
	const struct ft_definition *d = NULL;
	struct file_list files;

	if (filter != NULL && (d = cmd_filter(filter, definition, a, e)) == NULL)
		return -1;
	if (cmd_files(argc, argv, a, &files, e) == -1 ||
	    ft_print_run(format, names, d, &files, stdout, cmd_fault, e) == -1)
		return -1;
	return fflush(stdout) == 0 ? cmd_damaged : err_sys(e, "standard output");
}

int
cmd_print(int argc, char **argv)
{
	const char *filter = NULL, *definition = "default";
	uint32_t format = FT_PRINT_DEFAULT;
	struct arena *a = arena_new();
	bool names = false, good = true;
	int option, status;
	struct err e;

	while ((option = getopt(argc, argv, "f:nF:D:")) != -1)
		if (option == 'f')
			good &= isdigit((unsigned char)optarg[0]) && ft_print_known(format = (uint32_t)atoi(optarg));
		else if (option == 'n')
			names = true;
		else if (option == 'F')
			filter = optarg;
		else if (option == 'D')
			definition = optarg;
		else
			good = false;
	if (!good || optind == argc) {
		fprintf(stderr, "usage: flowlight print [-f 0-9|24] [-n] [-F FILTER.CFG [-D DEFINITION]] FILE|DIRECTORY…\n");
		arena_free(a);
		return 2;
	}
	status = run_print(format, names, filter, definition, argc - optind, argv + optind, a, &e);
	if (status == -1)
		status = cmd_fail("print", &e);
	arena_free(a);
	return status;
}
