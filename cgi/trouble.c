#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model.h"
#include "store/rrd.h"
#include "trouble.h"

#define DEPTH_MAX	5	/* of sub-directories that are looked into */
#define ENTRIES_MAX	2000	/* that are looked at in all */
#define DAY		86400

/* What a look into a source's directory found. */
struct look {
	size_t entries, files, complete;
	bool current;			/* a file that a collector is writing */
	char other[256];		/* a file whose name is none of a collector's */
	char misplaced[512];		/* a complete file that lies in another place than the layout says */
	char expected[512];		/* where that would be */
};

static void
look_at_file(struct look *l, const struct conf *conf, const char *below, const char *name)
{
	char path[512], want[512];
	int64_t start;

	l->files++;
	if (strstr(name, ".current") != NULL) {
		l->current = true;
		return;
	}
	if (!slot_parse(name, &start)) {
		snprintf(l->other, sizeof(l->other), "%s", name);
		return;
	}
	l->complete++;
	snprintf(path, sizeof(path), "%s%s%s", below, *below ? "/" : "", name);
	slot_name(conf->layout, start, want, sizeof(want));
	if (l->misplaced[0] == '\0' && strcmp(path, want) != 0) {
		memcpy(l->misplaced, path, sizeof(path));
		memcpy(l->expected, want, sizeof(want));
	}
}

static void
look_into(struct look *l, const struct conf *conf, const char *dir, const char *below, int depth)
{
	char path[1024], rest[512];
	struct dirent *d;
	struct stat st;
	DIR *dp;

	snprintf(path, sizeof(path), "%s%s%s", dir, *below ? "/" : "", below);
	if ((dp = opendir(path)) == NULL)
		return;
	while (l->entries < ENTRIES_MAX && (d = readdir(dp)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		l->entries++;
		if (snprintf(rest, sizeof(rest), "%s%s%s", below, *below ? "/" : "", d->d_name) >=
		    (int)sizeof(rest) ||
		    snprintf(path, sizeof(path), "%s/%s", dir, rest) >= (int)sizeof(path) ||
		    lstat(path, &st) == -1)
			continue;
		if (S_ISREG(st.st_mode))
			look_at_file(l, conf, below, d->d_name);
		else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			look_into(l, conf, dir, rest, depth + 1);
	}
	closedir(dp);
}

/* Why no file of the source is known. */
static const char *
no_files(const struct conf *conf, const struct source_status *s, struct arena *a)
{
	const struct source *src = s->source;
	struct look l = { 0 };
	struct stat st;

	if (stat(src->dir, &st) == -1)
		return arena_printf(a, "The directory %s: %s.", src->dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return arena_printf(a, "%s is not a directory.", src->dir);
	if (s->backlog > 0)
		return arena_printf(a, "%zu files are waiting to be read for the first time.",
		    s->backlog);
	look_into(&l, conf, src->dir, "", 0);
	if (l.misplaced[0] != '\0')
		return arena_printf(a, "The names in %s are not of the configured layout %u: there is "
		    "%s, expected %s.", src->dir, conf->layout, l.misplaced, l.expected);
	if (l.complete > 0)
		return arena_printf(a, "There are files in %s that have not been read yet.", src->dir);
	if (l.current)
		return "The collector is still writing its first file.";
	if (l.files > 0)
		return arena_printf(a, "%s holds files, but none with a collector's name: there is "
		    "\"%s\", expected names like nfcapd.202611201430.", src->dir, l.other);
	return arena_printf(a, "There are no files in %s%s.", src->dir, src->port != 0 ?
	    arena_printf(a, ": does the exporter send to port %u", src->port) : "");
}

/* The daemon: it has to look at the directories. */
static const char *
not_looked(const struct conf *conf, const struct source_status *s, struct arena *a)
{
	int64_t ago = when_now() - s->seen, most = conf->poll * 10 > 120 ? conf->poll * 10 : 120;

	if (s->seen == 0)
		return "flowlightd has not looked at this source yet: is it running with this configuration?";
	if (ago > most)
		return arena_printf(a, "flowlightd last looked %s ago: it does not seem to be running.",
		    span_text(ago, a));
	return NULL;
}

int64_t
source_lag(const struct site *site, const struct source_status *s)
{
	return s->newest == 0 ? 0 : when_now() - (s->newest + (int64_t)site->conf->slot);
}

static const char *
old_files(const struct site *site, const struct source_status *s, struct arena *a)
{
	int64_t lag = source_lag(site, s), slot = site->conf->slot;
	char when[WHEN_STRLEN];

	if (lag < -slot)
		return arena_printf(a, "The newest file, %s, lies in the future: is the clock right, and "
		    "is %s the time zone of the file names?", when_text(s->newest, when),
		    when_zone_name());
	if (lag > 2 * slot + 60)
		return arena_printf(a, "No new file for %s; the newest is of %s. %s",
		    span_text(lag, a), when_text(s->newest, when), s->backlog > 0 ?
		    arena_printf(a, "%zu files are waiting to be read.", s->backlog) :
		    "The collector has stopped, writes elsewhere, or names its files in another time zone.");
	return NULL;
}

/* The slots are known, but the graph cannot show them. */
static const char *
no_graph(const struct site *site, const struct source_status *s, struct arena *a)
{
	const char *path = rrd_path(site->conf, s->source, a);
	struct stat st;
	int64_t last;

	if (stat(path, &st) == -1)
		return arena_printf(a, "The graphs' file %s: %s. flowlightd makes it anew from the index.",
		    path, strerror(errno));
	last = rrd_last_slot(path, site->conf->slot);
	if (last != 0 && s->newest - last > 2 * (int64_t)site->conf->slot)
		return arena_printf(a, "The graphs' file is %s behind the index.",
		    span_text(s->newest - last, a));
	return NULL;
}

/* What others say, as a sentence. */
static const char *
sentence(const char *text, struct arena *a)
{
	size_t n = text != NULL ? strlen(text) : 0;

	if (n == 0 || strchr(".?!", text[n - 1]) != NULL)
		return text;
	return arena_printf(a, "%s.", text);
}

struct trouble
source_trouble(const struct site *site, const struct source_status *s, struct arena *a)
{
	struct trouble t = { .severe = true };

	if (s->trouble != NULL)
		t.what = sentence(s->trouble, a);
	else if (s->files == 0 && s->backlog == 0)
		t.what = no_files(site->conf, s, a);
	if (t.what == NULL)
		t.what = not_looked(site->conf, s, a);
	if (t.what == NULL && s->files == 0)
		t.what = no_files(site->conf, s, a);
	if (t.what == NULL && s->newest == 0 && s->files_bad > 0)
		t.what = arena_printf(a, "None of its files can be read: %s: %s.",
		    s->nbad > 0 ? s->bad[0].name : s->source->dir,
		    s->nbad > 0 && s->bad[0].reason != NULL ? s->bad[0].reason : "see below");
	if (t.what == NULL && s->newest != 0)
		t.what = old_files(site, s, a);
	if (t.what == NULL && s->newest != 0)
		t.what = no_graph(site, s, a);
	if (t.what == NULL && s->files_bad > 0) {
		t.severe = false;
		t.what = arena_printf(a, "%zu of %zu files have faults.", s->files_bad, s->files);
	}
	return t;
}
