#include <string.h>

#include "query/ft_print.h"

static int
check(const struct ft_flows *f, const struct fieldset *lacks, struct err *e)
{
	for (int i = 0; i < F_COUNT; i++)
		if (fieldset_has(&f->needed, i) && fieldset_has(lacks, i))
			return err_set(e, ERR_DATA, "the flows have no %s", fields[i].title);
	return f->filter != NULL ? ft_filter_check(f->filter, lacks, e) : 0;
}

static int
read_file(const struct ft_flows *f, struct reader *r, struct err *e)
{
	uint8_t sel[BATCH_MAX];
	struct batch *b;
	int rc;

	if (check(f, &reader_info(r)->lacks, e) == -1)
		return -1;
	if (f->begin != NULL)
		f->begin(f->ctx, reader_info(r));
	while ((rc = reader_next(r, &b, e)) == 1) {
		if (f->filter != NULL)
			ft_filter_run(f->filter, b, sel);
		else
			memset(sel, 1, b->n);
		f->take(f->ctx, b, sel);
	}
	return rc;
}

int
ft_flows_read(const struct ft_flows *f, const struct file_list *files, struct err *e)
{
	struct fieldset want = f->want;
	int rc = 0;

	fieldset_join(&want, &f->needed);
	if (f->filter != NULL)
		ft_filter_fields(f->filter, &want);
	for (size_t i = 0; i < files->n && rc == 0; i++) {
		struct reader *r = reader_open(files->path[i], &want, e);
		const struct faults *faults;

		if (r == NULL) {
			f->fault(files->path[i], -1, e->text);
			continue;
		}
		if ((rc = read_file(f, r, e)) == -1)
			err_in(e, "%s", files->path[i]);
		faults = reader_faults(r);
		for (size_t k = 0; k < faults->n && k < FAULTS_MAX; k++)
			f->fault(files->path[i], faults->fault[k].offset, faults->fault[k].reason);
		reader_close(r);
	}
	return rc;
}
