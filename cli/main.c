/*
 * flowlight(1): the command line.
 */
#include "cmd.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "flow/country.h"
#include "flow/owner.h"
#include "query/param.h"
#include "query/render.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "query", cmd_query, "list flows, top talkers and sums, with nfdump's options" },
	{ "explain", cmd_explain, "what changed in a slot, and who did it" },
	{ "host", cmd_host, "where and when an address or a network was seen, and what it did" },
	{ "status", cmd_status, "sources, their newest slot, and files in error" },
	{ "check", cmd_check, "read collector files and report what is wrong with them" },
	{ "print", cmd_print, "flows in the formats of flow-tools' flow-print" },
	{ "stat", cmd_stat, "statistics in the formats of flow-tools' flow-stat" },
	{ "report", cmd_report, "the reports of flow-tools' flow-report, by its configuration files" },
	{ "parse", cmd_parse, "an nfdump command line as URL and as flowlight's own" },
	{ "rebuild", cmd_rebuild, "make index and graphs anew from the collector files" },
	{ "demo", cmd_demo, "write a site with two weeks of made-up flows" },
	{ "help", cmd_help, "options, statistics, orders, outputs and fields" },
};

#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

int
cmd_fail(const char *command, const struct err *e)
{
	fprintf(stderr, "flowlight %s: %s\n", command, e->text);
	return err_exit(e->kind);
}

struct conf *
cmd_conf(const char *path, struct err *e)
{
	struct conf *conf;

	if (path == NULL)
		path = getenv("FLOWLIGHT_CONF");
	if (path == NULL)
		path = SYSCONFDIR "/flowlight.conf";
	conf = conf_read(path, e);
	if (conf != NULL && when_zone(conf->zone, e) == -1) {
		conf_free(conf);
		return NULL;
	}
	return conf;
}

int
cmd_countries(const struct conf *conf, struct owners **owners, struct err *e)
{
	*owners = NULL;
	if (conf->locations != NULL && (*owners = owners_open(conf->networks, conf->locations, e)) == NULL)
		return -1;
	countries_ask(*owners);
	return 0;
}

static void
usage(FILE *out)
{
	fprintf(out, "flowlight %s\n\nusage: flowlight COMMAND …\n\n", FLOWLIGHT_VERSION);
	for (size_t i = 0; i < NCOMMANDS; i++)
		fprintf(out, "  %-8s  %s\n", commands[i].name, commands[i].help);
}

static void
help_params(void)
{
	printf("\nOptions of flowlight query (names are also those in URLs):\n");
	for (const struct param *p = params; p->help != NULL; p++) {
		char letter[4] = "", name[64] = "";

		if (p->letter != 0)
			snprintf(letter, sizeof(letter), "-%c", p->letter);
		if (p->name != NULL && strcmp(p->name, "filter") != 0)
			snprintf(name, sizeof(name), "--%s", p->name);
		printf("  %-3s %-12s %-22s %s\n", letter, name, p->argument != NULL ? p->argument : "", p->help);
	}
}

int
cmd_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	usage(stdout);
	help_params();
	printf("\nStatistics (-s):\n ");
	for (const struct statistic *s = statistics; s->name != NULL; s++)
		printf(" %s", s->name);
	printf("\n\nOrders (-s STAT/ORDER, -O ORDER):\n ");
	for (enum order o = 0; o < ORDERS; o++)
		printf(" %s", orders[o].name);
	printf("\n\nOutputs (-o):\n");
	for (const struct render_help *r = renders; r->name != NULL; r++)
		printf("  %-10s %s\n", r->name, r->help);
	printf("\nFields (keys of -A, %%tags of -o fmt:):\n");
	for (enum field f = 0; f < F_COUNT; f++)
		printf("  %-14s %s%-8s %s\n", fields[f].name, fields[f].tag != NULL ? "%" : " ",
		    fields[f].tag != NULL ? fields[f].tag : "", fields[f].help);
	return 0;
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
#ifdef __GLIBC__
	/* What the readers of many files take in turn is kept, not given back to the system after each. */
	mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
#endif
	if (argc < 2) {
		usage(stderr);
		return 2;
	}
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		return cmd_help(argc, argv);
	if (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "--version") == 0) {
		printf("flowlight %s\n", FLOWLIGHT_VERSION);
		return 0;
	}
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "flowlight: no command \"%s\"\n", argv[1]);
	usage(stderr);
	return 2;
}
