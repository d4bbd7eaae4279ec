#include "shelf.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "flow/slot.h"

#define LOOK_EVERY	600		/* seconds */
#define PAUSE		60		/* after a failure */
#define LEFT_OVER	3600		/* a temporary file that old has nobody who writes it; nor has any at the start */
#define DEPTH_MAX	8

struct book {
	int64_t start, size;
	char *path;
};

struct shelf {
	const struct conf *conf;
	char *dir;
	int64_t seconds, bytes;		/* limits; 0: none */
	int64_t used;			/* bytes of all of them */
	int64_t since;			/* bytes written since the last look */
	int64_t oldest;			/* start of the oldest one that was left when some had to go; 0: none had to */
	time_t looked, failed;
	struct book *books;
	size_t n, room;
};

struct shelf *
shelf_new(const struct conf *conf)
{
	struct shelf *s = xcalloc(1, sizeof(*s));
	size_t size = strlen(conf->state) + sizeof("/columns");

	s->conf = conf;
	s->dir = xmalloc(size);
	snprintf(s->dir, size, "%s/columns", conf->state);
	if (conf->columns != NULL)
		(void)conf_columns(conf->columns, &s->seconds, &s->bytes);
	return s;
}

static void
forget(struct shelf *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->books[i].path);
	s->n = 0;
}

void
shelf_free(struct shelf *s)
{
	if (s == NULL)
		return;
	forget(s);
	free(s->books);
	free(s->dir);
	free(s);
}

bool
shelf_wants(const struct shelf *s, int64_t start)
{
	if (s == NULL || (s->seconds == 0 && s->bytes == 0) || (s->failed != 0 && time(NULL) - s->failed < PAUSE))
		return false;
	if (s->seconds != 0 && start < (int64_t)time(NULL) - s->seconds)
		return false;
	/* While a backlog is read, newest first, older ones would only push out newer ones. */
	return s->bytes == 0 || start > s->oldest || s->used < s->bytes - s->bytes / 16;
}

void
shelf_added(struct shelf *s, int64_t size)
{
	s->used += size;
	s->since += size;
}

void
shelf_failed(struct shelf *s, const struct err *e)
{
	time_t now = time(NULL);

	if (s->failed == 0 || now - s->failed >= PAUSE)
		log_warn("column files: %s", e->text);
	s->failed = now;
}

static void
add(struct shelf *s, const char *path, const char *name, const struct stat *st)
{
	size_t len = strlen(name);
	char base[256];
	struct book *b;

	if (name[0] == '.' && (s->looked == 0 || time(NULL) - st->st_mtime > LEFT_OVER))
		unlink(path);
	if (name[0] == '.' || len < 5 || len >= sizeof(base) || strcmp(name + len - 4, ".col") != 0)
		return;
	if (s->n == s->room) {
		s->room = s->room == 0 ? 1024 : 2 * s->room;
		s->books = xrealloc(s->books, s->room, sizeof(*s->books));
	}
	b = &s->books[s->n++];
	*b = (struct book){ .start = st->st_mtime, .size = st->st_size, .path = xstrdup(path) };
	snprintf(base, sizeof(base), "%.*s", (int)(len - 4), name);
	if (!slot_parse(base, &b->start))
		b->start = st->st_mtime;
	s->used += st->st_size;
}

static void
look(struct shelf *s, const char *dir, unsigned depth)
{
	DIR *d = depth < DEPTH_MAX ? opendir(dir) : NULL;
	char path[4096];
	struct dirent *de;
	struct stat st;

	while (d != NULL && (de = readdir(d)) != NULL) {
		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0 ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, de->d_name) >= sizeof(path) ||
		    lstat(path, &st) == -1)
			continue;
		if (S_ISDIR(st.st_mode))
			look(s, path, depth + 1);
		else if (S_ISREG(st.st_mode))
			add(s, path, de->d_name, &st);
	}
	if (d != NULL)
		closedir(d);
	if (depth > 0)
		(void)rmdir(dir);	/* works when it is empty */
}

static int
compare_books(const void *a, const void *b)
{
	int64_t x = ((const struct book *)a)->start, y = ((const struct book *)b)->start;

	return (x > y) - (x < y);
}

/* Oldest first, until the rest may stay. */
static void
expire(struct shelf *s)
{
	int64_t since = s->seconds != 0 ? (int64_t)time(NULL) - s->seconds : INT64_MIN;
	int64_t most = s->seconds != 0 ? INT64_MAX : s->bytes;
	size_t gone = 0;

	if (s->n > 0)
		qsort(s->books, s->n, sizeof(*s->books), compare_books);
	for (; gone < s->n && (s->books[gone].start < since || s->used > most); gone++) {
		unlink(s->books[gone].path);
		s->used -= s->books[gone].size;
	}
	if (gone > 0 && s->seconds == 0)
		s->oldest = gone < s->n ? s->books[gone].start : 0;
	if (gone > 0)
		log_debug("column files: %zu expired", gone);
}

void
shelf_tidy(struct shelf *s)
{
	time_t now = time(NULL);

	if (s->looked != 0 && now >= s->looked && now - s->looked < LOOK_EVERY &&
	    (s->bytes == 0 || s->since <= s->bytes / 32))
		return;
	s->used = s->since = 0;
	look(s, s->dir, 0);
	s->looked = now;
	expire(s);
	forget(s);
}
