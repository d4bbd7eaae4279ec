/*
 * flowlight query: nfdump's options, our engine.
 */
#include "cmd.h"

#include <stdio.h>
#include <unistd.h>

#include "engine_info.h"
#include "flow/owner.h"
#include "flowfile.h"
#include "verify.h"

static int
write_stdout(void *ctx, const char *s, size_t n)
{
	(void)ctx;
	return fwrite(s, 1, n, stdout) == n ? 0 : -1;
}

/* What could not be read, on stderr: standard output is the answer's alone. */
static void
report_faults(const struct result *res, bool quiet)
{
	for (size_t i = 0; i < res->nfaults; i++) {
		const struct file_fault *f = &res->faults[i];

		if (f->fault.block != 0)
			fprintf(stderr, "flowlight query: %s: block %u, offset %lld: %s", f->path,
			    f->fault.block, (long long)f->fault.offset, f->fault.reason);
		else
			fprintf(stderr, "flowlight query: %s: %s", f->path, f->fault.reason);
		if (f->more > 0)
			fprintf(stderr, " (and %zu more)", f->more);
		fputc('\n', stderr);
	}
	if (res->note != NULL && (res->partial || !quiet))
		fprintf(stderr, "flowlight query: %s\n", res->note);
	if (res->partial)
		fprintf(stderr, "flowlight query: the result is partial\n");
}

/* -I and -g. */
static int
tell_of_files(struct engine *engine, const struct query *q, struct err *e)
{
	struct strbuf sb = { 0 };
	struct files_info all;
	int rc = engine_info(engine, q, q->arena, &all, e);

	if (rc == 0) {
		info_print(&all, q->info, &sb);
		rc = write_stdout(NULL, strbuf_text(&sb), sb.len) == -1 || fflush(stdout) != 0 ?
		    err_sys(e, "standard output") : 0;
	}
	strbuf_free(&sb);
	if (rc == -1)
		return -1;
	for (size_t i = 0; i < all.nfaults; i++)
		fprintf(stderr, "flowlight query: %s\n", all.faults[i].fault.reason);
	if (all.from_index && !q->quiet)
		fprintf(stderr, "flowlight query: from the index, no file was read\n");
	return all.nfaults > 0;
}

/* -w */
static int
keep_flows(struct engine *engine, const struct query *q, struct err *e)
{
	struct result res;

	if (flowfile_write(engine, q, &res, e) == -1)
		return -1;
	report_faults(&res, q->quiet);
	return res.partial ? 1 : 0;
}

static int
answer(struct engine *engine, const struct query *q, struct err *e)
{
	struct fieldset show = { { 0, 0 } };
	struct render *render = render_start(q, q->arena, write_stdout, NULL, e);
	struct sink sink;
	struct result res;
	int rc;

	if (render == NULL)
		return -1;
	sink = render_sink(render);
	render_fields(render, &show);
	if (engine_query(engine, q, &show, &sink, NULL, q->arena, &res, e) == -1 ||
	    render_finish(render, &res, e) == -1) {
		render_close(render);
		return -1;
	}
	if (fflush(stdout) != 0)
		return err_sys(e, "standard output");
	report_faults(&res, q->quiet);
	if (q->verify && (rc = verify(engine, q, e)) != 0)
		return rc;
	return res.partial ? 1 : 0;
}

/*
 * The configuration is read when the index is asked, or when it is named: its time
 * zone has to be known before times are read, and whether names are looked up and
 * who knows countries before the filter is.
 */
static int
find_conf(int argc, char **argv, struct arena *a, struct conf **conf, struct owners **owners, struct err *e)
{
	struct query *q = query_new(a);

	if (query_words(q, argc, argv, e) == -1)
		return -1;
	when_zone_borrow(NULL, e);
	if ((q->conf != NULL || (q->read_file == NULL && q->read_range == NULL)) && (*conf = cmd_conf(q->conf, e)) == NULL)
		return -1;
	if (q->zone != NULL && when_zone_borrow(q->zone, e) != 0)
		return -1;
	if (*conf == NULL)
		return 0;
	filter_look_up_names((*conf)->resolve);
	return cmd_countries(*conf, owners, e);
}

int
cmd_query(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct query *q = query_new(a);
	struct engine *engine = NULL;
	struct conf *conf = NULL;
	struct owners *owners = NULL;
	struct err e;
	int status = -1;

	if (find_conf(argc, argv, a, &conf, &owners, &e) == 0 && query_from_argv(q, argc, argv, &e) == 0 &&
	    (engine = engine_open(conf, &e)) != NULL)
		status = q->info != INFO_NO ? tell_of_files(engine, q, &e) :
		    q->write != NULL ? keep_flows(engine, q, &e) : answer(engine, q, &e);
	if (status == -1)
		status = cmd_fail("query", &e);
	engine_close(engine);
	owners_close(owners);
	conf_free(conf);
	arena_free(a);
	return status;
}
