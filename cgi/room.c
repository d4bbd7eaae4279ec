#include <sys/stat.h>
#include <sys/statvfs.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "model.h"
#include "room.h"

#define DEPTH_MAX	8
#define LOW_PERCENT	5
#define DISKS_MAX	64

struct disks { dev_t seen[DISKS_MAX]; size_t n; };

/*
 * What a directory's own files were when it had last changed.  Files here are put in
 * place whole or keep their size, so that while it does not change nobody need look at
 * each: a site has thousands.
 */
struct tallied {
	dev_t dev;
	ino_t ino;
	struct timespec changed;
	int64_t bytes, files;
};

#define TALLIED_MAX	4096	/* directories; of two that meet in a place each is counted anew */
#define SETTLED		3	/* seconds; before, it may change once more without another time */

static bool
is_tallied(const struct tallied *t, const struct stat *st)
{
	return t->dev == st->st_dev && t->ino == st->st_ino && t->changed.tv_sec == st->st_mtim.tv_sec &&
	    t->changed.tv_nsec == st->st_mtim.tv_nsec;
}

static bool
ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), end = strlen(suffix);

	return n >= end && strcmp(name + n - end, suffix) == 0;
}

/* Bytes of the files below a directory whose names end so, and how many those are. */
static int64_t
bytes_below(const char *dir, const char *suffix, int depth, int64_t *files)
{
	static struct tallied tallied[TALLIED_MAX];
	struct tallied own = { 0 }, *known;
	int64_t below = 0;
	char path[1024];
	struct dirent *d;
	struct stat st;
	DIR *dp = opendir(dir);
	bool fresh;

	if (dp == NULL)
		return 0;
	if (fstat(dirfd(dp), &st) == -1) {
		closedir(dp);
		return 0;
	}
	own = (struct tallied){ .dev = st.st_dev, .ino = st.st_ino, .changed = st.st_mtim };
	known = &tallied[((uint64_t)st.st_ino * 31 + (uint64_t)st.st_dev) % TALLIED_MAX];
	fresh = is_tallied(known, &st);
	while ((d = readdir(dp)) != NULL) {
		if (d->d_name[0] == '.' || (fresh && d->d_type == DT_REG) ||
		    snprintf(path, sizeof(path), "%s/%s", dir, d->d_name) >= (int)sizeof(path) || lstat(path, &st) == -1)
			continue;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			below += bytes_below(path, suffix, depth + 1, files);
		else if (S_ISREG(st.st_mode) && ends_in(d->d_name, suffix)) {
			own.bytes += st.st_size;
			own.files++;
		}
	}
	closedir(dp);
	if (fresh)
		own = *known;
	else if (time(NULL) - own.changed.tv_sec > SETTLED)
		*known = own;
	*files += own.files;
	return own.bytes + below;
}

static void
bytes_text(json_t *o, const char *key, int64_t bytes)
{
	model_scaled(o, key, bytes > 0 ? (uint64_t)bytes : 0);
}

/* A file system, once, whatever lies on it. */
static void
disk_model(json_t *list, struct disks *seen, const char *what, const char *dir)
{
	struct statvfs fs;
	struct stat st;
	int64_t all, free;
	json_t *item;

	if (stat(dir, &st) == -1 || statvfs(dir, &fs) == -1 || fs.f_blocks == 0)
		return;
	for (size_t i = 0; i < seen->n; i++)
		if (seen->seen[i] == st.st_dev)
			return;
	if (seen->n == DISKS_MAX)
		return;
	seen->seen[seen->n++] = st.st_dev;
	all = (int64_t)fs.f_blocks * (int64_t)fs.f_frsize;
	free = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	item = model_item(list);
	model_text(item, "of", what);
	model_text(item, "dir", dir);
	bytes_text(item, "all", all);
	bytes_text(item, "free", free);
	model_textf(item, "percent", "%.1f", 100.0 * (double)free / (double)all);
	model_textf(item, "used", "%.1f", 100.0 - 100.0 * (double)free / (double)all);
	model_flag(item, "low", free < all / 100 * LOW_PERCENT);
}

static void
store_model(json_t *list, const char *name, int64_t bytes, int64_t collected, const char *budget)
{
	json_t *item = model_item(list);

	model_text(item, "name", name);
	bytes_text(item, "bytes", bytes);
	if (collected > 0)
		model_textf(item, "share", "%.1f %%", 100.0 * (double)bytes / (double)collected);
	else
		model_text(item, "share", "–");
	model_text(item, "budget", budget);
}

static int64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}

/* What the configuration lets column files take. */
static const char *
columns_budget(const struct conf *conf, struct arena *a)
{
	int64_t seconds = 0, bytes = 0;

	if (conf->columns == NULL || conf_columns(conf->columns, &seconds, &bytes) == -1 || (seconds == 0 && bytes == 0))
		return "none are kept";
	return seconds != 0 ? arena_printf(a, "of the last %s", conf->columns) : arena_printf(a, "at most %s", conf->columns);
}

void
room_model(json_t *model, const struct site *site, const struct source_status *s, size_t n, struct arena *a)
{
	const struct conf *conf = site->conf;
	json_t *room = model_object(model, "room"), *list = model_list(room, "disks");
	struct disks seen = { { 0 }, 0 };
	int64_t collected = 0, files = 0, known = 0, bytes;

	disk_model(list, &seen, "state", conf->state);
	for (size_t i = 0; i < n; i++) {
		disk_model(list, &seen, s[i].source->name, s[i].source->dir);
		collected += s[i].bytes;
		known += (int64_t)s[i].files;
	}
	list = model_list(room, "stores");
	store_model(list, arena_printf(a, "Collector files, %lld known", (long long)known), collected, collected,
	    "the collector’s: they are only read");
	bytes = size_of(arena_printf(a, "%s/index.db", conf->state)) +
	    size_of(arena_printf(a, "%s/index.db-wal", conf->state));
	store_model(list, "Index", bytes, collected, "addresses at most 3 % of a day’s collector files");
	bytes = bytes_below(arena_printf(a, "%s/columns", conf->state), ".col", 0, &files);
	store_model(list, arena_printf(a, "Column files, %lld", (long long)files), bytes, collected, columns_budget(conf, a));
	bytes = bytes_below(arena_printf(a, "%s/profiles-stat", conf->state), ".rrd", 0, &files);
	store_model(list, "Graphs", bytes, collected, "of fixed size");
}
