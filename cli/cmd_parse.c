/*
 * flowlight parse: an nfdump command line as a query's URL and as our own line.
 */
#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow/owner.h"
#include "query/command.h"
#include "query/parse.h"

static void
print_query(const struct query *q, const char *conf)
{
	struct strbuf url = { 0 }, line = { 0 };

	query_to_url(q, &url);
	/* The page shows statistics unless flows are asked for. */
	if (q->mode == QUERY_LIST)
		strbuf_adds(&url, url.len > 0 ? "&list=1" : "list=1");
	printf("/details?%s\n", strbuf_text(&url));
	command_flowlight(q, conf, &line);
	printf("%s\n", strbuf_text(&line));
	strbuf_free(&url);
	strbuf_free(&line);
}

/* A configuration that is not there is none; one that is named has to be. */
static int
read_conf(const char *path, struct conf **conf, struct err *e)
{
	*conf = NULL;
	if (path == NULL && getenv("FLOWLIGHT_CONF") == NULL && access(SYSCONFDIR "/flowlight.conf", R_OK) == -1)
		return 0;
	*conf = cmd_conf(path, e);
	return *conf != NULL ? 0 : -1;
}

static int
parse(const struct conf *conf, const char *path, int argc, char **argv, struct arena *a, struct err *e)
{
	struct query *q = query_new(a);

	if (argc == 1 && words_split(argv[0], a, &argv, &argc, e) == -1)
		return -1;
	if (query_from_command(q, argc, argv, conf != NULL ? conf->sources : NULL, conf != NULL ? conf->nsources : 0,
	    conf != NULL ? conf->slot : 300, e) == -1)
		return -1;
	print_query(q, path);
	if (query_has_paths(q))
		fprintf(stderr, "flowlight parse: the files are not those of a source%s: the URL is without them\n",
		    conf != NULL ? "" : ", for there is no configuration");
	return 0;
}

int
cmd_parse(int argc, char **argv)
{
	struct arena *a;
	struct conf *conf;
	struct owners *owners = NULL;
	const char *path = NULL;
	struct err e;
	int rc;

	if (argc > 2 && (strcmp(argv[1], "--conf") == 0 || strcmp(argv[1], "-c") == 0)) {
		path = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc < 2) {
		fprintf(stderr, "usage: flowlight parse [--conf FILE] 'nfdump …'\n");
		return 2;
	}
	a = arena_new();
	rc = read_conf(path, &conf, &e);
	if (rc == 0 && conf != NULL)
		rc = cmd_countries(conf, &owners, &e);
	if (rc == 0)
		rc = parse(conf, path, argc - 1, argv + 1, a, &e);
	if (rc == -1)
		rc = cmd_fail("parse", &e);
	owners_close(owners);
	conf_free(conf);
	arena_free(a);
	return rc;
}
