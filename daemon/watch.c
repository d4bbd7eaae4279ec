#include "watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "format/quirk.h"
#include "known.h"

#define DEPTH_MAX	4		/* %Y/%m/%d/%H */
#define DAY		86400
#define NSEC		INT64_C(1000000000)

#define RECENT		(2 * DAY)	/* files that may still be added to */
#define OLD_LEAF	(2 * DAY)	/* directories that have rested so long are polled in turn … */
#define OLD_INNER	(40 * DAY)	/* … those with directories in them later: a month's follow the year's */
#define COARSE		3		/* some file systems count time in steps of 2 s */

/* What is looked at in turn, in each look. */
#define TURN_DIRECTORIES 50
#define TURN_RECENT	500
#define TURN_FILES	100

struct directory {
	const struct source *source;
	char *name;			/* below the source's directory, "" for itself */
	int depth;
	int64_t mtime_nsec;		/* at the last scan, -1: to be scanned */
	int64_t since;			/* when that time was first seen; monotonic seconds */
	bool settled;			/* scanned long enough after that: what is new changes the time */
	bool inner;			/* has directories in it */
	bool known;			/* existed at the last look */
	struct entry *first;
};

struct list { void **thing; size_t n, room; };

struct lookout {
	const struct conf *conf;
	struct index *index;
	struct known files, directories;
	struct list entries, recent, waiting, all_directories;
	size_t turn_directory, turn_recent, turn_file;
	uint32_t scan;
	int64_t now;			/* seconds, of this look */
	int64_t ticks;			/* the same of a clock that nobody sets */
	bool refused;			/* the index was not to be written, and that was said */
	bool sorted;			/* waiting is in order */
	size_t *waiting_of;		/* by source */
	char (*trouble)[512];		/* by source, "" for none */
};

static const char *
entry_name(const void *thing)
{
	return ((const struct entry *)thing)->name;
}

static const struct source *
entry_source(const void *thing)
{
	return ((const struct entry *)thing)->source;
}

static const char *
directory_name(const void *thing)
{
	return ((const struct directory *)thing)->name;
}

static const struct source *
directory_source(const void *thing)
{
	return ((const struct directory *)thing)->source;
}

static void
list_add(struct list *l, void *thing)
{
	if (l->n == l->room) {
		l->room = l->room == 0 ? 64 : l->room * 2;
		l->thing = xrealloc(l->thing, l->room, sizeof(*l->thing));
	}
	l->thing[l->n++] = thing;
}

bool
stamp_same(const struct stamp *a, const struct stamp *b)
{
	/* Not the device: its number may change when the file system is mounted anew. */
	return a->size == b->size && a->mtime_nsec == b->mtime_nsec && a->ino == b->ino;
}

static void
stamp_of(const struct stat *st, struct stamp *s)
{
	s->size = st->st_size;
	s->mtime_nsec = (int64_t)st->st_mtim.tv_sec * NSEC + st->st_mtim.tv_nsec;
	s->dev = (uint64_t)st->st_dev;
	s->ino = (uint64_t)st->st_ino;
}

void
stamp_mark(struct stamp *s, const struct source *src)
{
	s->ino ^= quirk_hash(src);
}

static char *
full_path(const struct source *src, const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", src->dir, name[0] != '\0' ? "/" : "", name);
	return buf;
}

static void
trouble(struct lookout *l, const struct source *src, int error)
{
	char *text = l->trouble[src->id], was[sizeof(l->trouble[0])];

	snprintf(was, sizeof(was), "%s", text);
	if (error == ENOENT)
		snprintf(text, sizeof(was), "directory %s does not exist", src->dir);
	else if (error != 0)
		snprintf(text, sizeof(was), "directory %s: %s", src->dir, strerror(error));
	else
		text[0] = '\0';
	if (strcmp(was, text) != 0 && text[0] != '\0')
		log_warn("source %s: %s", src->name, text);
}

static struct directory *
directory_get(struct lookout *l, const struct source *src, const char *name, size_t len)
{
	struct directory *d = known_find(&l->directories, src, name, len);
	size_t i;

	if (d != NULL)
		return d;
	d = xcalloc(1, sizeof(*d));
	d->source = src;
	d->name = xcalloc(len + 1, 1);
	memcpy(d->name, name, len);
	d->mtime_nsec = -1;
	d->depth = len > 0;
	for (i = 0; i < len; i++)
		d->depth += name[i] == '/';
	known_add(&l->directories, d);
	list_add(&l->all_directories, d);
	return d;
}

static struct entry *
entry_new(struct lookout *l, struct directory *d, const char *name, int64_t start)
{
	struct entry *en = xcalloc(1, sizeof(*en));

	en->source = d->source;
	en->name = xstrdup(name);
	en->start = start - start % l->conf->slot;
	en->directory = d;
	en->next = d->first;
	d->first = en;
	known_add(&l->files, en);
	list_add(&l->entries, en);
	if (en->start > l->now - RECENT)
		list_add(&l->recent, en);
	return en;
}

static void
enqueue(struct lookout *l, struct entry *en)
{
	if (en->waiting)
		return;
	en->waiting = true;
	en->retry = 0;
	l->waiting_of[en->source->id]++;
	list_add(&l->waiting, en);
	l->sorted = false;
}

static void
set_gone(struct lookout *l, struct entry *en, bool gone)
{
	struct err e = { 0 };

	if (en->gone == gone)
		return;
	log_debug("%s: %s %s", en->source->name, en->name, gone ? "is gone" : "is there again");
	if (index_gone(l->index, en->source, en->name, gone, &e) == 0) {
		en->gone = gone;
		l->refused = false;
	} else if (!l->refused) {
		log_error("%s", e.text);
		l->refused = true;
	}
}

/* What stat() says of a file that is known: changed, gone, there again, or to be tried again. */
static void
compare(struct lookout *l, struct entry *en, const struct stat *st)
{
	struct stamp now;

	if (st == NULL || !S_ISREG(st->st_mode)) {
		if (!en->waiting)
			set_gone(l, en, true);
		return;
	}
	stamp_of(st, &now);
	stamp_mark(&now, en->source);
	if (stamp_same(&now, &en->stamp)) {
		set_gone(l, en, false);
		if (en->retry != 0 && l->ticks >= en->retry)
			enqueue(l, en);
		return;
	}
	if (!en->waiting && !en->gone && en->stamp.ino != 0)
		log_info("source %s: %s %s: read again", en->source->name, en->name,
		    now.ino != en->stamp.ino ? "was replaced" :
		    now.size > en->stamp.size ? "grew" : "changed");
	en->stamp = now;
	en->gone = false;
	enqueue(l, en);
}

static void
look_at_file(struct lookout *l, struct entry *en)
{
	char path[4096];
	struct stat st;

	if (lstat(full_path(en->source, en->name, path, sizeof(path)), &st) == 0)
		compare(l, en, &st);
	else if (errno == ENOENT && l->trouble[en->source->id][0] == '\0')
		compare(l, en, NULL);
}

/* A name of a complete file in a directory. */
static void
found_file(struct lookout *l, struct directory *d, int fd, const struct dirent *de, int64_t start)
{
	char name[1024];
	int len = snprintf(name, sizeof(name), "%s%s%s", d->name, d->name[0] != '\0' ? "/" : "",
	    de->d_name);
	struct entry *en = known_find(&l->files, d->source, name, (size_t)len);
	struct stamp there = { .ino = (uint64_t)de->d_ino };
	struct stat st;

	if (en != NULL)
		en->seen = l->scan;
	stamp_mark(&there, d->source);
	/* The inode tells at once of a file that took the place of another. */
	if (en != NULL && !en->gone && en->stamp.ino == there.ino &&
	    en->start <= l->now - RECENT)
		return;
	if (fstatat(fd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return;
	if (en != NULL)
		compare(l, en, &st);
	else if (S_ISREG(st.st_mode)) {
		en = entry_new(l, d, name, start);
		en->seen = l->scan;
		stamp_of(&st, &en->stamp);
		stamp_mark(&en->stamp, en->source);
		enqueue(l, en);
	}
}

/* Layouts make directories of digits and dashes only. */
static bool
layout_name(const char *s)
{
	size_t len = strspn(s, "0123456789-");

	return len > 0 && len <= 10 && s[len] == '\0' && s[0] != '-';
}

static void
found_directory(struct lookout *l, struct directory *d, int fd, const struct dirent *de)
{
	char name[1024];
	struct stat st;
	int len;

	if (de->d_type == DT_UNKNOWN ? fstatat(fd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISDIR(st.st_mode) : de->d_type != DT_DIR)
		return;
	len = snprintf(name, sizeof(name), "%s%s%s", d->name, d->name[0] != '\0' ? "/" : "",
	    de->d_name);
	d->inner = true;
	directory_get(l, d->source, name, (size_t)len)->known = true;
}

/* Reads a directory whole; files of it that were not found are gone. */
static int
scan(struct lookout *l, struct directory *d, int fd, const volatile int *stop)
{
	DIR *dir = fdopendir(fd);
	struct dirent *de;
	struct entry *en;
	int64_t start;

	if (dir == NULL) {
		close(fd);
		return -1;
	}
	l->scan++;
	for (errno = 0; !*stop && (de = readdir(dir)) != NULL; errno = 0) {
		if (de->d_name[0] == '.')
			continue;
		if (slot_parse(de->d_name, &start)) {
			if (de->d_type == DT_REG || de->d_type == DT_UNKNOWN)
				found_file(l, d, fd, de, start);
		} else if (d->depth < DEPTH_MAX && layout_name(de->d_name))
			found_directory(l, d, fd, de);
	}
	if (errno == 0 && !*stop)
		for (en = d->first; en != NULL; en = en->next)
			if (en->seen != l->scan && !en->waiting)
				set_gone(l, en, true);
	closedir(dir);
	return 0;
}

/*
 * A directory is settled when it was scanned some time after it changed last.
 * Its own time may lie in the future, so there is a second clock.
 */
static void
scanned(struct lookout *l, struct directory *d, int64_t mtime_nsec)
{
	if (mtime_nsec != d->mtime_nsec)
		d->since = l->ticks;
	d->mtime_nsec = mtime_nsec;
	d->settled = l->now - mtime_nsec / NSEC > COARSE || l->ticks - d->since > COARSE;
}

static void
directory_failed(struct lookout *l, struct directory *d, int error)
{
	struct entry *en;

	d->mtime_nsec = -1;
	d->known = false;
	if (d->depth == 0)
		trouble(l, d->source, error);
	else if (error == ENOENT)
		for (en = d->first; en != NULL; en = en->next)
			if (!en->waiting)
				set_gone(l, en, true);
}

/* Scans a directory if its time tells of a change, or could hide one. */
static void
look_at_directory(struct lookout *l, struct directory *d, const volatile int *stop)
{
	char path[4096];
	struct stat st;
	struct stamp s;
	int fd;

	full_path(d->source, d->name, path, sizeof(path));
	if (d->mtime_nsec != -1) {
		if (stat(path, &st) == -1) {
			directory_failed(l, d, errno);
			return;
		}
		stamp_of(&st, &s);
		if (s.mtime_nsec == d->mtime_nsec && d->settled)
			return;
	}
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC)) == -1 ||
	    fstat(fd, &st) == -1) {
		directory_failed(l, d, errno);
		if (fd != -1)
			close(fd);
		return;
	}
	stamp_of(&st, &s);
	d->known = true;
	if (d->depth == 0)
		trouble(l, d->source, 0);
	if (scan(l, d, fd, stop) == 0 && !*stop)
		scanned(l, d, s.mtime_nsec);
}

static bool
resting(const struct lookout *l, const struct directory *d)
{
	int64_t age = l->now - d->mtime_nsec / NSEC;

	return d->depth > 0 && (!d->known || (d->mtime_nsec != -1 &&
	    age > (d->inner ? OLD_INNER : OLD_LEAF)));
}

static void
look_at_directories(struct lookout *l, const volatile int *stop)
{
	struct list *all = &l->all_directories;
	size_t i, turns;

	/* The list grows while directories are found in directories. */
	for (i = 0; i < all->n && !*stop; i++)
		if (!resting(l, all->thing[i]))
			look_at_directory(l, all->thing[i], stop);
	for (turns = 0; turns < TURN_DIRECTORIES && turns < all->n && !*stop; turns++) {
		struct directory *d = all->thing[l->turn_directory++ % all->n];

		if (resting(l, d))
			look_at_directory(l, d, stop);
	}
}

/* Files that were added to in place change no directory: some are looked at in each look. */
static void
look_at_recent(struct lookout *l)
{
	struct list *r = &l->recent;
	struct entry *en;
	size_t turns, n = r->n;

	for (turns = 0; turns < TURN_RECENT && turns < n && r->n > 0; turns++) {
		l->turn_recent %= r->n;
		en = r->thing[l->turn_recent];
		if (en->start <= l->now - RECENT) {
			r->thing[l->turn_recent] = r->thing[--r->n];
			continue;
		}
		if (!en->waiting && !en->gone)
			look_at_file(l, en);
		l->turn_recent++;
	}
}

static void
look_at_files(struct lookout *l)
{
	struct entry *en;
	size_t turns;

	for (turns = 0; turns < TURN_FILES && turns < l->entries.n; turns++) {
		en = l->entries.thing[l->turn_file++ % l->entries.n];
		if (!en->waiting && !en->gone)
			look_at_file(l, en);
	}
}

static void
clocks(struct lookout *l)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	l->ticks = (int64_t)ts.tv_sec;
	l->now = when_now();
}

void
lookout_look(struct lookout *l, const volatile int *stop)
{
	clocks(l);
	look_at_directories(l, stop);
	if (!*stop)
		look_at_recent(l);
	if (!*stop)
		look_at_files(l);
}

struct loading { struct lookout *lookout; const struct source *source; };

static void
load_file(void *ctx, const struct known_file *f)
{
	struct loading *load = ctx;
	const char *slash = strrchr(f->name, '/');
	struct directory *d = directory_get(load->lookout, load->source, f->name,
	    slash == NULL ? 0 : (size_t)(slash - f->name));
	struct entry *en;

	d->known = true;
	en = entry_new(load->lookout, d, f->name, f->start);
	en->stamp = f->stamp;
	en->gone = f->gone;
	/* What stopped it from being read may be over. */
	en->retry = f->broken ? 1 : 0;
}

struct lookout *
lookout_new(const struct conf *cf, struct index *ix, struct err *e)
{
	struct lookout *l = xcalloc(1, sizeof(*l));
	struct loading load = { l, NULL };
	size_t i;

	l->conf = cf;
	l->index = ix;
	clocks(l);
	l->files = (struct known){ .name = entry_name, .source = entry_source };
	l->directories = (struct known){ .name = directory_name, .source = directory_source };
	l->waiting_of = xcalloc(cf->nsources + 1, sizeof(*l->waiting_of));
	l->trouble = xcalloc(cf->nsources + 1, sizeof(*l->trouble));
	for (i = 0; i < cf->nsources; i++) {
		load.source = &cf->sources[i];
		directory_get(l, load.source, "", 0);
		if (index_files(ix, load.source, load_file, &load, e) == -1) {
			lookout_free(l);
			return NULL;
		}
	}
	return l;
}

void
lookout_free(struct lookout *l)
{
	size_t i;

	if (l == NULL)
		return;
	for (i = 0; i < l->entries.n; i++) {
		free(((struct entry *)l->entries.thing[i])->name);
		free(l->entries.thing[i]);
	}
	for (i = 0; i < l->all_directories.n; i++) {
		free(((struct directory *)l->all_directories.thing[i])->name);
		free(l->all_directories.thing[i]);
	}
	known_free(&l->files);
	known_free(&l->directories);
	free(l->entries.thing);
	free(l->recent.thing);
	free(l->waiting.thing);
	free(l->all_directories.thing);
	free(l->waiting_of);
	free(l->trouble);
	free(l);
}

static int
oldest_first(const void *va, const void *vb)
{
	const struct entry *a = *(struct entry *const *)va, *b = *(struct entry *const *)vb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->source->id > b->source->id ? -1 : a->source->id < b->source->id;
}

size_t
lookout_take(struct lookout *l, struct entry **taken, size_t max, int64_t bytes)
{
	struct list *w = &l->waiting;
	size_t n = 0;

	if (!l->sorted && w->n > 1)
		qsort(w->thing, w->n, sizeof(*w->thing), oldest_first);
	l->sorted = true;
	while (n < max && w->n > 0 && (n == 0 || bytes > 0)) {
		taken[n] = w->thing[--w->n];
		taken[n]->waiting = false;
		l->waiting_of[taken[n]->source->id]--;
		bytes -= taken[n++]->stamp.size;
	}
	return n;
}

void
lookout_read(struct lookout *l, struct entry *en, const struct stamp *stamp, unsigned retry)
{
	en->stamp = *stamp;
	en->gone = false;
	en->retry = retry == 0 ? 0 : l->ticks + retry;
}

void
lookout_put_back(struct lookout *l, struct entry *en)
{
	enqueue(l, en);
}

void
lookout_vanished(struct lookout *l, struct entry *en)
{
	en->stamp = (struct stamp){ 0 };
	set_gone(l, en, true);
}

size_t
lookout_waiting(const struct lookout *l)
{
	return l->waiting.n;
}

size_t
lookout_waiting_of(const struct lookout *l, const struct source *src)
{
	return l->waiting_of[src->id];
}

const char *
lookout_trouble(const struct lookout *l, const struct source *src)
{
	return l->trouble[src->id][0] != '\0' ? l->trouble[src->id] : NULL;
}
