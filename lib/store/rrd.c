#include "store/rrd.h"

#include <errno.h>
#include <inttypes.h>
#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define METRICS		3
#define DS_COUNT	(METRICS * PROTO_CLASSES)
#define SAMPLE_LEN	((DS_COUNT + 1) * 21 + 1)	/* a 64-bit number has up to 20 digits */
#define SAMPLES		256				/* in a call of rrd_update_r */

static const char *const metrics[METRICS] = { "flows", "packets", "traffic" };

/*
 * nfsen's archives, each as AVERAGE and MAX: seconds of a row at slots of 300 s,
 * and rows.  With other slots the first has a row per slot and the rest keep
 * their lengths.
 */
static const struct { unsigned seconds, rows; } archives[] = {
	{ 300, 17280 }, { 1800, 2880 }, { 7200, 720 }, { 86400, 700 },
};
static const char *const functions[] = { "AVERAGE", "MAX" };

#define ARCHIVES	(sizeof(archives) / sizeof(archives[0]))
#define FUNCTIONS	(sizeof(functions) / sizeof(functions[0]))

const char *
rrd_path(const struct conf *cf, const struct source *src, struct arena *a)
{
	return arena_printf(a, "%s/profiles-stat/live/%s.rrd", cf->state, src->name);
}

const char *
rrd_ds(unsigned metric, enum proto_class class, char buf[static 20])
{
	if (class == PROTO_ALL)
		snprintf(buf, 20, "%s", metrics[metric]);
	else
		snprintf(buf, 20, "%s_%s", metrics[metric], proto_class_names[class]);
	return buf;
}

static int
rrd_failed(const char *path, struct err *e)
{
	const char *why = rrd_test_error() ? rrd_get_error() : "librrd failed and gave no reason";

	err_set(e, ERR_SYSTEM, "%s: %s", path, why);
	rrd_clear_error();
	return -1;
}

/* An RRD without samples that begins at `start`. */
static int
create(const char *path, unsigned step, int64_t start, struct arena *a, struct err *e)
{
	const char *argv[DS_COUNT + ARCHIVES * FUNCTIONS];
	unsigned m, c, per_row;
	size_t f, r;
	int argc = 0;
	char ds[20];

	for (m = 0; m < METRICS; m++)
		for (c = 0; c < PROTO_CLASSES; c++)
			argv[argc++] = arena_printf(a, "DS:%s:ABSOLUTE:%u:U:U",
			    rrd_ds(m, (enum proto_class)c, ds), 2 * step);
	for (f = 0; f < FUNCTIONS; f++)
		for (r = 0; r < ARCHIVES; r++) {
			per_row = r == 0 || archives[r].seconds <= step ? 1 : archives[r].seconds / step;
			argv[argc++] = arena_printf(a, "RRA:%s:0.5:%u:%u", functions[f], per_row,
			    archives[r].rows);
		}
	rrd_clear_error();
	return rrd_create_r2(path, step, (time_t)start, 0, NULL, NULL, argc, argv) == 0 ? 0 :
	    rrd_failed(path, e);
}

/* Samples on their way into a file, many to a call. */
struct feed {
	const char *path;
	unsigned step;
	int64_t last;			/* end of the last sample, 0: the file is not made yet */
	int64_t future;			/* slots that start later are left out */
	struct arena *arena;
	int n;
	char *sample[SAMPLES];		/* SAMPLE_LEN bytes each */
};

static void
feed_start(struct feed *f, const char *path, unsigned step, int64_t last, struct arena *a)
{
	*f = (struct feed){ .path = path, .step = step, .last = last, .arena = a };
	f->future = when_now() + step;
	for (int i = 0; i < SAMPLES; i++)
		f->sample[i] = arena_alloc(a, SAMPLE_LEN);
}

static int
feed_flush(struct feed *f, struct err *e)
{
	int n = f->n;

	f->n = 0;
	rrd_clear_error();
	if (n == 0 || rrd_update_r(f->path, NULL, n, (const char **)f->sample) == 0)
		return 0;
	return rrd_failed(f->path, e);
}

/* Adds a sample that ends at `end`; traffic NULL: unknown since the last one. */
static int
feed_add(struct feed *f, int64_t end, const struct traffic *t, struct err *e)
{
	char *s = f->sample[f->n++];
	size_t len = (size_t)snprintf(s, SAMPLE_LEN, "%" PRId64, end);

	for (unsigned m = 0; m < METRICS; m++)
		for (unsigned c = 0; c < PROTO_CLASSES; c++) {
			const struct totals *v = t != NULL ? &t->by[c] : NULL;

			if (v == NULL)
				len += (size_t)snprintf(s + len, SAMPLE_LEN - len, ":U");
			else
				len += (size_t)snprintf(s + len, SAMPLE_LEN - len, ":%" PRIu64,
				    m == 0 ? v->flows : m == 1 ? v->packets : v->bytes);
		}
	f->last = end;
	return f->n == SAMPLES ? feed_flush(f, e) : 0;
}

/*
 * A slot.  librrd spreads a value over all the time since the sample before,
 * so what lies between is said to be unknown first.
 */
static int
feed_slot(void *ctx, int64_t start, const struct traffic *t, struct err *e)
{
	struct feed *f = ctx;

	if (start > f->future)
		return 0;
	if (f->last == 0) {
		if (create(f->path, f->step, start, f->arena, e) == -1)
			return -1;
		f->last = start;
	}
	if (start < f->last)
		return 0;
	if (start > f->last && feed_add(f, start, NULL, e) == -1)
		return -1;
	return feed_add(f, start + f->step, t, e);
}

/* Is it a file that we can go on with: of this step and with these data sources? */
static bool
fits(const char *path, unsigned step)
{
	rrd_info_t *info, *i;
	unsigned found = 0;
	bool good = false;

	rrd_clear_error();
	if ((info = rrd_info_r(path)) == NULL) {
		rrd_clear_error();
		return false;
	}
	for (i = info; i != NULL; i = i->next) {
		if (strcmp(i->key, "step") == 0)
			good = i->value.u_cnt == step;
		else if (strncmp(i->key, "ds[", 3) == 0 && strstr(i->key, "].type") != NULL)
			found++;
	}
	rrd_info_free(info);
	return good && found == DS_COUNT;
}

int64_t
rrd_last_slot(const char *path, unsigned slot_seconds)
{
	time_t last;

	if (access(path, F_OK) == -1)
		return 0;
	rrd_clear_error();
	if ((last = rrd_last_r(path)) == -1) {
		rrd_clear_error();
		return 0;
	}
	return (int64_t)last - (int64_t)slot_seconds;
}

/* All slots into a new file, which then takes the place of the old. */
static int
make_anew(const struct conf *cf, struct index *ix, const struct source *src, const char *path,
    struct arena *a, struct err *e)
{
	const char *temporary = arena_printf(a, "%s/profiles-stat/live/.%s.rrd.new", cf->state,
	    src->name);
	struct feed f;

	feed_start(&f, temporary, cf->slot, 0, a);
	if (index_replay(ix, src, -1, feed_slot, &f, e) == -1 || feed_flush(&f, e) == -1) {
		unlink(temporary);
		return -1;
	}
	if (f.last != 0 && rename(temporary, path) == -1)
		return err_sys(e, "%s", path);
	if (f.last == 0 && unlink(path) == -1 && errno != ENOENT)
		return err_sys(e, "%s", path);
	return index_set_rrd_stale(ix, src, false, e);
}

static int
sync_file(const struct conf *cf, struct index *ix, const struct source *src, bool rebuild,
    struct arena *a, struct err *e)
{
	const char *path = rrd_path(cf, src, a);
	struct feed f;
	int stale;

	if (file_mkdirs(arena_printf(a, "%s/profiles-stat/live", cf->state), 0755, e) == -1 ||
	    (stale = index_rrd_stale(ix, src, e)) == -1)
		return -1;
	if (rebuild || stale || !fits(path, cf->slot))
		return make_anew(cf, ix, src, path, a, e);
	feed_start(&f, path, cf->slot, rrd_last_slot(path, cf->slot) + cf->slot, a);
	if (index_replay(ix, src, f.last - cf->slot, feed_slot, &f, e) == -1)
		return -1;
	return feed_flush(&f, e);
}

int
rrd_sync(const struct conf *cf, struct index *ix, const struct source *src, bool rebuild,
    struct err *e)
{
	struct arena *a = arena_new();
	int rc = sync_file(cf, ix, src, rebuild, a, e);

	arena_free(a);
	return rc;
}
