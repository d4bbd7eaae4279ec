#include <string.h>

#include "cmd.h"

int
cmd_files(int n, char **words, struct arena *a, struct file_list *all, struct err *e)
{
	*all = (struct file_list){ NULL, 0 };
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
