#include "query/span.h"

static void
join(uint64_t first, uint64_t last, uint64_t *all_first, uint64_t *all_last)
{
	if (first != 0 && (*all_first == 0 || first < *all_first))
		*all_first = first;
	if (last > *all_last)
		*all_last = last;
}

static void
read_span(struct reader *r, uint64_t *first, uint64_t *last)
{
	struct batch *b;
	struct err e;

	while (reader_next(r, &b, &e) == 1)
		for (size_t i = 0; i < b->n; i++)
			join(COL64(b, F_FIRST)[i], COL64(b, F_LAST)[i], first, last);
}

void
files_span(const struct file_list *files, uint64_t *first, uint64_t *last)
{
	struct fieldset times = { { 0, 0 } };
	struct err e;

	fieldset_add(&times, F_FIRST);
	fieldset_add(&times, F_LAST);
	*first = *last = 0;
	for (size_t i = 0; i < files->n; i++) {
		struct reader *r = reader_open(files->path[i], &times, &e);
		const struct file_info *info = r != NULL ? reader_info(r) : NULL;

		if (info != NULL && info->has_stat)
			join(info->first_msec, info->last_msec, first, last);
		else if (info != NULL)
			read_span(r, first, last);
		reader_close(r);
	}
}
