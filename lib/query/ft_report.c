#include "query/ft_report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format/reader.h"
#include "query/ft_table.h"

struct run {
	const struct ft_stat *stat;
	const struct ft_report_options *options;
	struct arena *arena;
	struct ft_count *counts;	/* of each report */
	bool started;			/* a first flow was seen */
	bool later;			/* blocks were printed before this one */
	int64_t start;			/* seconds, of the block of a time series */
	uint8_t sel[BATCH_MAX], own[BATCH_MAX];
};

/* Opens the file that an output names; the first block of a series makes it anew. */
static FILE *
open_path(struct run *run, const struct ft_count *c, const struct ft_output *o, struct err *e)
{
	int64_t when = o->when == FTW_NOW ? when_now() : o->when == FTW_START ? c->first :
	    o->when == FTW_END ? c->last : c->first + (c->last - c->first) / 2;
	char path[1024], *slash;
	struct tm tm;
	FILE *f;

	when_local(when, &tm);
	if (strftime(path, sizeof(path), o->path, &tm) == 0) {
		err_set(e, ERR_INPUT, "path %s: too long", o->path);
		return NULL;
	}
	if ((slash = strrchr(path, '/')) != NULL && slash != path) {
		*slash = '\0';
		if (file_mkdirs(path, 0755, e) == -1)
			return NULL;
		*slash = '/';
	}
	if ((f = fopen(path, run->later ? "a" : "w")) == NULL)
		err_sys(e, "%s", path);
	return f;
}

static int
print_output(struct run *run, const struct ft_count *c, const struct ft_output *o, struct err *e)
{
	enum ft_form form = o->form_said ? o->form : run->options->form;
	FILE *out = o->path != NULL ? open_path(run, c, o, e) : run->options->out;
	struct ft_writer w;
	int rc = 0;

	if (out == NULL)
		return -1;
	ft_writer_init(&w, out, form);
	ft_table_print(c, o, !run->later, &w);
	if (ferror(out) != 0)
		rc = err_set(e, ERR_SYSTEM, "report %s: cannot write", c->report->name);
	if (o->path != NULL && fclose(out) != 0 && rc == 0)
		rc = err_sys(e, "%s", o->path);
	return rc;
}

/* Prints what was counted, and begins anew. */
static int
print_block(struct run *run, struct err *e)
{
	for (size_t i = 0; i < run->stat->n; i++) {
		struct ft_count *c = &run->counts[i];

		for (const struct ft_output *o = c->report->outputs; o != NULL; o = o->next)
			if (print_output(run, c, o, e) == -1)
				return -1;
		if (c->full)
			return err_set(e, ERR_LIMIT, "report %s: more than %zu groups", c->report->name, FT_GROUPS_MAX);
		ft_count_clear(c);
	}
	run->later = true;
	return 0;
}

/* Flows from … to - 1 of the batch go to all reports. */
static void
count_flows(struct run *run, const struct batch *b, size_t from, size_t to)
{
	const uint8_t *sel = run->stat->filter != NULL ? run->sel : NULL;

	for (size_t k = 0; k < run->stat->n; k++) {
		struct ft_count *c = &run->counts[k];

		if (c->report->filter == NULL) {
			ft_count_add(c, b, sel, from, to);
			continue;
		}
		ft_filter_run(c->report->filter, b, run->own);
		for (size_t i = 0; i < b->n && sel != NULL; i++)
			run->own[i] &= sel[i];
		ft_count_add(c, b, run->own, from, to);
	}
}

/* Counts a batch; a time series prints whenever a flow is too late for the block. */
static int
count_batch(struct run *run, const struct batch *b, struct err *e)
{
	size_t from = 0;

	if (run->stat->filter != NULL)
		ft_filter_run(run->stat->filter, b, run->sel);
	for (size_t i = 0; run->stat->series != 0 && i < b->n; i++) {
		int64_t sec = (int64_t)(COL64(b, F_RECEIVED)[i] / 1000);

		if (run->started && sec - run->start <= run->stat->series)
			continue;
		if (run->started) {
			count_flows(run, b, from, i);
			if (print_block(run, e) == -1)
				return -1;
			from = i;
		}
		run->started = true;
		run->start = sec;
	}
	count_flows(run, b, from, b->n);
	return 0;
}

static int
check_fields(const struct ft_stat *s, const struct fieldset *lacks, struct err *e)
{
	if (s->filter != NULL && ft_filter_check(s->filter, lacks, e) == -1)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if ((s->report[i]->filter != NULL && ft_filter_check(s->report[i]->filter, lacks, e) == -1) ||
		    ft_count_check(s->report[i], lacks, e) == -1)
			return -1;
	return 0;
}

static int
count_file(struct run *run, const char *path, const struct fieldset *want,
    ft_fault *fault, struct err *e)
{
	struct reader *r = reader_open(path, want, e);
	const struct faults *faults;
	struct batch *b;
	int rc;

	/* One that cannot be read at all is no reason to leave out the others. */
	if (r == NULL) {
		fault(path, -1, e->text);
		return 0;
	}
	if ((rc = check_fields(run->stat, &reader_info(r)->lacks, e)) == -1)
		err_in(e, "%s", path);
	else
		while ((rc = reader_next(r, &b, e)) == 1)
			if (count_batch(run, b, e) == -1) {
				rc = -1;
				break;
			}
	faults = reader_faults(r);
	for (size_t i = 0; i < faults->n && i < FAULTS_MAX; i++)
		fault(path, faults->fault[i].offset, faults->fault[i].reason);
	reader_close(r);
	return rc;
}

static void
want_fields(const struct ft_stat *s, struct fieldset *want)
{
	if (s->filter != NULL)
		ft_filter_fields(s->filter, want);
	for (size_t i = 0; i < s->n; i++) {
		ft_count_fields(s->report[i], want);
		if (s->report[i]->filter != NULL)
			ft_filter_fields(s->report[i]->filter, want);
	}
}

int
ft_report_run(const struct ft_stat *s, const struct file_list *files, const struct ft_report_options *options,
    ft_fault *fault, struct err *e)
{
	struct fieldset want = { { 0, 0 } };
	struct run *run = xcalloc(1, sizeof(*run));
	int rc = 0;

	run->stat = s;
	run->options = options;
	run->arena = arena_new();
	run->counts = arena_array(run->arena, s->n + 1, sizeof(*run->counts));
	want_fields(s, &want);
	for (size_t i = 0; i < s->n; i++)
		ft_count_init(&run->counts[i], s->report[i], run->arena);
	for (size_t i = 0; i < files->n && rc == 0; i++)
		rc = count_file(run, files->path[i], &want, fault, e);
	if (rc == 0)
		rc = print_block(run, e);
	for (size_t i = 0; i < s->n; i++)
		ft_count_free(&run->counts[i]);
	arena_free(run->arena);
	free(run);
	return rc;
}
