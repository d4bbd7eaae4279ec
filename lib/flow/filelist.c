#include "flow/slot.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define DEPTH_MAX	16	/* of directories */

/* Which files below a directory are meant. */
struct range {
	const char *first, *last;	/* paths below it, inclusive; NULL: open */
	int depth;			/* of directories above the files; -1: any */
};

static void
list_add(struct file_list *l, struct arena *a, const char *path)
{
	/* Grown when n is a power of two: arena memory that is left behind is at most as much again. */
	if ((l->n & (l->n - 1)) == 0) {
		const char **more = arena_array(a, l->n != 0 ? l->n * 2 : 1, sizeof(*more));

		if (l->n != 0)
			memcpy(more, l->path, l->n * sizeof(*more));
		l->path = more;
	}
	l->path[l->n++] = path;
}

/* What a collector is still writing, and what is not a collector's. */
static bool
wanted_name(const char *name)
{
	return name[0] != '.' && strncmp(name, "nfcapd.current", strlen("nfcapd.current")) != 0 &&
	    strncmp(name, "tmp-", strlen("tmp-")) != 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names in a directory, sorted. */
static int
dir_names(const char *path, struct arena *a, struct file_list *names, struct err *e)
{
	DIR *d = opendir(path);
	struct dirent *de;

	if (d == NULL)
		return err_sys(e, "%s", path);
	while ((de = readdir(d)) != NULL)
		if (wanted_name(de->d_name))
			list_add(names, a, arena_strdup(a, de->d_name));
	closedir(d);
	if (names->n > 1)
		qsort(names->path, names->n, sizeof(names->path[0]), by_name);
	return 0;
}

/* Is this path below the directory (of a file, or of a directory above files) within the range? */
static bool
in_range(const struct range *r, const char *rel, bool is_dir)
{
	size_t n = is_dir ? strlen(rel) : PATH_MAX;

	return (r->first == NULL || strncmp(rel, r->first, n) >= 0) &&
	    (r->last == NULL || strncmp(rel, r->last, n) <= 0);
}

/* Adds files below base; rel is how far down we are, "" at the top.  Symbolic links are not followed. */
static int
walk(const char *base, const char *rel, int depth, const struct range *r, struct arena *a,
    struct file_list *l, struct err *e)
{
	struct file_list names = { 0 };
	const char *dir = rel[0] != '\0' ? arena_printf(a, "%s/%s", base, rel) : base;

	if (depth > DEPTH_MAX)
		return 0;
	if (dir_names(dir, a, &names, e) == -1)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		const char *below = rel[0] != '\0' ? arena_printf(a, "%s/%s", rel, names.path[i]) : names.path[i];
		const char *path = arena_printf(a, "%s/%s", base, below);
		struct stat st;
		bool is_dir;

		if (lstat(path, &st) == -1)
			continue;	/* gone since */
		is_dir = S_ISDIR(st.st_mode);
		if ((!is_dir && !S_ISREG(st.st_mode)) || !in_range(r, below, is_dir))
			continue;
		if (!is_dir && (r->depth == -1 || r->depth == depth))
			list_add(l, a, path);
		else if (is_dir && (r->depth == -1 || depth < r->depth) &&
		    walk(base, below, depth + 1, r, a, l, e) == -1)
			return -1;
	}
	return 0;
}

enum what { NOTHING, A_FILE, A_DIR };

static enum what
what_is(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return NOTHING;
	return S_ISDIR(st.st_mode) ? A_DIR : A_FILE;
}

static int
all_below(const char *dir, struct arena *a, struct file_list *l, struct err *e)
{
	static const struct range all = { NULL, NULL, -1 };
	char *d = arena_strdup(a, dir);
	size_t n = strlen(d);

	while (n > 1 && d[n - 1] == '/')
		d[--n] = '\0';
	return walk(d, "", 0, &all, a, l, e);
}

static int
not_found(const char *what, struct err *e)
{
	return err_set(e, ERR_ABSENT, "%s: no such file or directory", what);
}

int
file_list_one(const char *arg, struct arena *a, struct file_list *l, struct err *e)
{
	*l = (struct file_list){ 0 };
	switch (what_is(arg)) {
	case NOTHING:
		return not_found(arg, e);
	case A_FILE:
		list_add(l, a, arena_strdup(a, arg));
		return 0;
	default:
		return all_below(arg, a, l, e);
	}
}

static int
count_slashes(const char *s)
{
	int n = 0;

	for (; *s != '\0'; s++)
		n += *s == '/';
	return n;
}

/*
 * The sub-directory of a file that is named without one: the first of the
 * layouts by which base has it, for the time that its name says.
 */
static const char *
below_base(const char *base, const char *name, struct arena *a)
{
	const char *layout;
	int64_t start;

	if (count_slashes(name) != 0 || what_is(arena_printf(a, "%s/%s", base, name)) == A_FILE ||
	    !slot_parse(name, &start))
		return name;
	for (unsigned i = 1; (layout = slot_layout(i)) != NULL; i++) {
		const char *zone = when_zone_home();
		char sub[64];
		struct tm tm;

		when_local(start, &tm);
		when_zone_away(zone);
		if (strftime(sub, sizeof(sub), layout, &tm) != 0 &&
		    what_is(arena_printf(a, "%s/%s", base, sub)) == A_DIR)
			return arena_printf(a, "%s/%s", sub, name);
	}
	return name;
}

/* Files of base from first to last ("" for open). */
static int
range_below(const char *base, const char *first, const char *last, struct arena *a, struct file_list *l,
    struct err *e)
{
	struct range r = { .first = below_base(base, first, a) };

	r.depth = count_slashes(r.first);
	if (last[0] == '\0')
		return walk(base, "", 0, &r, a, l, e);
	r.last = below_base(base, last, a);
	/* "sub/first:last": the last is in the same directory. */
	if (count_slashes(r.last) == 0 && r.depth > 0)
		r.last = arena_printf(a, "%.*s/%s", (int)(strrchr(r.first, '/') - r.first), r.first, last);
	if (count_slashes(r.last) != r.depth)
		return err_set(e, ERR_INPUT, "%s:%s: first and last have different numbers of directories", first, last);
	if (strcmp(r.first, r.last) > 0)
		return err_set(e, ERR_INPUT, "%s:%s: the last is before the first", first, last);
	return walk(base, "", 0, &r, a, l, e);
}

/* Splits "first:last"; last is "" when there is none. */
static void
split_range(const char *arg, struct arena *a, const char **first, const char **last)
{
	const char *colon = strchr(arg, ':');

	*first = colon != NULL ? arena_strndup(a, arg, colon - arg) : arg;
	*last = colon != NULL ? colon + 1 : "";
}

/* Cuts the last n + 1 components of a path off: "a/b/c/f" with 1 is "a/b" and "c/f". */
static void
split_path(const char *path, int n, struct arena *a, const char **base, const char **rel)
{
	const char *p = path + strlen(path);

	while (p > path && (p[-1] != '/' || n-- > 0))
		p--;
	*rel = p;
	*base = p == path ? "." : p == path + 1 ? "/" : arena_strndup(a, path, p - path - 1);
}

int
file_list_range(const char *arg, struct arena *a, struct file_list *l, struct err *e)
{
	const char *first, *last, *base, *rel;

	*l = (struct file_list){ 0 };
	if (what_is(arg) == A_DIR)
		return all_below(arg, a, l, e);
	split_range(arg, a, &first, &last);
	split_path(first, count_slashes(last), a, &base, &rel);
	if (what_is(base) != A_DIR)
		return not_found(base, e);
	if (last[0] == '\0' && what_is(first) != A_FILE)
		return not_found(first, e);
	if (range_below(base, rel, last, a, l, e) == -1)
		return -1;
	return l->n != 0 ? 0 : not_found(arg, e);
}

/* One directory of -M.  What it lacks is no error: the others may have it. */
static int
one_dir(const char *dir, const char *file, const char *range, struct arena *a, struct file_list *l, struct err *e)
{
	const char *first, *last, *path;

	if (what_is(dir) != A_DIR)
		return err_set(e, ERR_ABSENT, "-M: %s: no such directory", dir);
	if (file != NULL) {
		path = arena_printf(a, "%s/%s", dir, below_base(dir, file, a));
		if (what_is(path) == A_FILE)
			list_add(l, a, path);
		return what_is(path) == A_DIR ? all_below(path, a, l, e) : 0;
	}
	path = strcmp(range, ".") == 0 ? dir : arena_printf(a, "%s/%s", dir, range);
	if (what_is(path) == A_DIR)
		return all_below(path, a, l, e);
	split_range(range, a, &first, &last);
	return range_below(dir, first, last, a, l, e);
}

int
file_list_dirs(const char *dirs, const char *file, const char *range, struct arena *a, struct file_list *l,
    struct err *e)
{
	char *copy = arena_strdup(a, dirs), *rest = copy, *name;
	const char *base = NULL, *first;
	size_t n;

	*l = (struct file_list){ 0 };
	if (file == NULL && range == NULL)
		return err_set(e, ERR_INPUT, "-M needs -r or -R");
	if ((file != NULL ? file : range)[0] == '/')
		return err_set(e, ERR_INPUT, "-M: %s must be relative to the directories", file != NULL ? file : range);
	while ((name = strsep(&rest, ":")) != NULL) {
		for (n = strlen(name); n > 1 && name[n - 1] == '/'; n--)
			name[n - 1] = '\0';
		if (n == 0)
			continue;
		/* "base/d1:d2:d3": the first says where the others are. */
		if (base == NULL)
			split_path(name, 0, a, &base, &first);
		else
			name = arena_printf(a, "%s/%s", base, name);
		if (one_dir(name, file, range, a, l, e) == -1)
			return -1;
	}
	return l->n != 0 ? 0 : err_set(e, ERR_ABSENT, "%s in %s: no such file", file != NULL ? file : range, dirs);
}
