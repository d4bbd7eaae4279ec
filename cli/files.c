#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include "query/ft_filter.h"

int cmd_damaged;

void
cmd_fault(const char *path, int64_t offset, const char *reason)
{
	cmd_damaged = 1;
	if (offset == -1)
		fprintf(stderr, "flowlight: %s\n", reason);
	else
		fprintf(stderr, "flowlight: %s: offset %lld: %s\n", path, (long long)offset, reason);
}

int
cmd_files(int n, char **words, struct arena *a, struct file_list *all, struct err *e)
{
	*all = (struct file_list){ 0 };
	for (int i = 0; i < n; i++) {
		struct file_list more;
		const char **paths;

		if (file_list_one(words[i], a, &more, e) == -1)
			return -1;
		paths = arena_array(a, all->n + more.n + 1, sizeof(*paths));
		if (all->n != 0)
			memcpy(paths, all->path, all->n * sizeof(*paths));
		if (more.n != 0)
			memcpy(paths + all->n, more.path, more.n * sizeof(*paths));
		all->path = paths;
		all->n += more.n;
	}
	return 0;
}

const struct ft_definition *
cmd_filter(const char *path, const char *name, struct arena *a, struct err *e)
{
	struct ft_filters *filters = ft_filters_new(a);
	const struct ft_definition *d;

	if (ft_filters_read(filters, path, NULL, NULL, e) == -1)
		return NULL;
	if ((d = ft_filters_find(filters, name)) == NULL)
		err_set(e, ERR_INPUT, "%s: no filter-definition \"%s\"", path, name);
	return d;
}
