#include "store/rrd.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
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
 * their lengths.  The last is longer than nfsen's 700 days: three years.
 */
static const struct { unsigned seconds, rows; } archives[] = {
	{ 300, 17280 }, { 1800, 2880 }, { 7200, 720 }, { 86400, 1100 },
};
static const char *const functions[] = { "AVERAGE", "MAX" };

#define ARCHIVES	(sizeof(archives) / sizeof(archives[0]))
#define FUNCTIONS	(sizeof(functions) / sizeof(functions[0]))

void
rrd_alone(void)
{
	unsetenv("RRDCACHED_ADDRESS");
}

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
	err_set(e, ERR_SYSTEM, "%s: %s", path, rrd_test_error() ? rrd_get_error() :
	    "librrd failed and gave no reason (is the disk full?)");
	rrd_clear_error();
	return -1;
}

/* Seconds of a row of an archive: a multiple of the step. */
static unsigned
row_seconds(size_t archive, unsigned step)
{
	unsigned seconds = archives[archive].seconds;

	return archive == 0 || seconds <= step ? step : seconds - seconds % step;
}

/* An RRD that begins at `start`; before that it has what the old one has, unless that is NULL. */
static int
create(const char *path, unsigned step, int64_t start, const char *old, struct arena *a, struct err *e)
{
	const char *argv[DS_COUNT + ARCHIVES * FUNCTIONS], *sources[] = { old, NULL };
	unsigned m, c;
	size_t f, r;
	int argc = 0;
	char ds[20];

	for (m = 0; m < METRICS; m++)
		for (c = 0; c < PROTO_CLASSES; c++)
			argv[argc++] = arena_printf(a, "DS:%s:ABSOLUTE:%u:U:U",
			    rrd_ds(m, (enum proto_class)c, ds), 2 * step);
	for (f = 0; f < FUNCTIONS; f++)
		for (r = 0; r < ARCHIVES; r++) {
			argv[argc++] = arena_printf(a, "RRA:%s:0.5:%u:%u", functions[f],
			    row_seconds(r, step) / step, archives[r].rows);
		}
	rrd_clear_error();
	return rrd_create_r2(path, step, (time_t)start, 0, old != NULL ? sources : NULL, NULL, argc, argv) == 0 ? 0 :
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
feed_start(struct feed *f, const char *path, unsigned step, int64_t last, int64_t horizon,
    struct arena *a)
{
	*f = (struct feed){ .path = path, .step = step, .last = last, .future = horizon, .arena = a };
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

/* A sample that ends at `end` is about to be written: where to. */
static char *
feed_sample(struct feed *f, int64_t end, size_t *len)
{
	char *s = f->sample[f->n++];

	*len = (size_t)snprintf(s, SAMPLE_LEN, "%" PRId64, end);
	f->last = end;
	return s;
}

static int
feed_unknown(struct feed *f, int64_t end, struct err *e)
{
	size_t len;
	char *s = feed_sample(f, end, &len);

	for (int i = 0; i < DS_COUNT; i++)
		len += (size_t)snprintf(s + len, SAMPLE_LEN - len, ":U");
	return f->n == SAMPLES ? feed_flush(f, e) : 0;
}

static int
feed_traffic(struct feed *f, int64_t end, const struct traffic *t, struct err *e)
{
	size_t len;
	char *s = feed_sample(f, end, &len);
	const struct totals *v;

	for (unsigned m = 0; m < METRICS; m++)
		for (unsigned c = 0; c < PROTO_CLASSES; c++) {
			v = &t->by[c];
			len += (size_t)snprintf(s + len, SAMPLE_LEN - len, ":%" PRIu64,
			    m == 0 ? v->flows : m == 1 ? v->packets : v->bytes);
		}
	return f->n == SAMPLES ? feed_flush(f, e) : 0;
}

/* Makes the file if need be, and says that all up to `start` is unknown. */
static int
feed_reach(struct feed *f, int64_t start, struct err *e)
{
	if (f->last == 0) {
		if (create(f->path, f->step, start, NULL, f->arena, e) == -1)
			return -1;
		f->last = start;
	}
	return start > f->last ? feed_unknown(f, start, e) : 0;
}

/*
 * A slot.  librrd spreads a value over all the time since the sample before,
 * so what lies between is said to be unknown first.
 */
static int
feed_slot(void *ctx, int64_t start, const struct traffic *t, struct err *e)
{
	struct feed *f = ctx;

	if (start > f->future || start < f->last)
		return 0;
	if (feed_reach(f, start, e) == -1)
		return -1;
	return feed_traffic(f, start + f->step, t, e);
}

/*
 * A row of an RRD: rates, from `begin` to `end`.  A row of many slots becomes as
 * many samples, because an RRD takes a longer one as unknown.
 */
static int
feed_row(struct feed *f, int64_t begin, int64_t end, const rrd_value_t *rate, struct err *e)
{
	size_t len, d;
	char *s;

	for (d = 0; d < DS_COUNT && isnan(rate[d]); d++)
		;
	if (d == DS_COUNT || begin < f->last)
		return 0;
	for (; begin + f->step <= end; begin += f->step) {
		if (feed_reach(f, begin, e) == -1)
			return -1;
		s = feed_sample(f, begin + f->step, &len);
		for (d = 0; d < DS_COUNT; d++)
			len += (size_t)snprintf(s + len, SAMPLE_LEN - len, isnan(rate[d]) ? ":U" :
			    ":%.15g", rate[d] * f->step);
		if (f->n == SAMPLES && feed_flush(f, e) == -1)
			return -1;
	}
	return 0;
}

/* An RRD in the place of one of ours. */
struct layout {
	bool fits;			/* one that we can go on with: of this step, with these data sources in this order */
	struct { unsigned long rows, steps; } archive[ARCHIVES * FUNCTIONS];
};

static void
layout_archive(struct layout *l, const rrd_info_t *i)
{
	unsigned n;
	char member[16];

	if (i->type != RD_I_CNT || sscanf(i->key, "rra[%u].%15s", &n, member) != 2 || n >= ARCHIVES * FUNCTIONS)
		return;
	if (strcmp(member, "rows") == 0)
		l->archive[n].rows = i->value.u_cnt;
	else if (strcmp(member, "pdp_per_row") == 0)
		l->archive[n].steps = i->value.u_cnt;
}

static struct layout
layout_read(const char *path, unsigned step)
{
	struct layout l = { 0 };
	rrd_info_t *info, *i;
	char key[32], ds[20];
	unsigned good = 0, n;

	rrd_clear_error();
	if ((info = rrd_info_r(path)) == NULL) {
		rrd_clear_error();
		return l;
	}
	for (i = info; i != NULL; i = i->next) {
		if (strcmp(i->key, "step") == 0)
			good += i->value.u_cnt == step;
		else if (strncmp(i->key, "ds[", 3) == 0 && strstr(i->key, "].index") != NULL) {
			n = (unsigned)i->value.u_cnt;
			snprintf(key, sizeof(key), "ds[%s].index",
			    n < DS_COUNT ? rrd_ds(n / PROTO_CLASSES, n % PROTO_CLASSES, ds) : "");
			good += strcmp(i->key, key) == 0;
		} else
			layout_archive(&l, i);
	}
	rrd_info_free(info);
	l.fits = good == 1 + DS_COUNT;
	return l;
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

/* Where in a fetched row each of our data sources stands; false when one is missing. */
static bool
find_columns(char **names, unsigned long n, unsigned long column[static DS_COUNT])
{
	char ds[20];
	unsigned d;

	for (d = 0; d < DS_COUNT; d++) {
		rrd_ds(d / PROTO_CLASSES, d % PROTO_CLASSES, ds);
		for (column[d] = 0; column[d] < n && strcmp(names[column[d]], ds) != 0; column[d]++)
			;
		if (column[d] == n)
			return false;
	}
	return true;
}

/* Rows of `seconds` each that begin at `from` or later, up to `to`, out of an RRD. */
static int
feed_rows(struct feed *f, const char *old, unsigned seconds, int64_t from, int64_t to,
    struct err *e)
{
	unsigned long step = seconds, nds, i, d, column[DS_COUNT];
	time_t start = (time_t)from, end = (time_t)to;
	rrd_value_t *data, row[DS_COUNT];
	int64_t t, until;
	char **names;
	int rc = 0;

	rrd_clear_error();
	if (rrd_fetch_r(old, "AVERAGE", &start, &end, &step, &nds, &names, &data) != 0)
		return rrd_failed(old, e);
	if (find_columns(names, nds, column))
		for (t = start, i = 0; t < end && t < to && rc == 0; t = until, i++) {
			for (d = 0; d < DS_COUNT; d++)
				row[d] = data[i * nds + column[d]];
			until = t + (int64_t)step;
			rc = feed_row(f, t, until < to ? until : to, row, e);
		}
	for (i = 0; i < nds; i++)
		rrd_freemem(names[i]);
	rrd_freemem(names);
	rrd_freemem(data);
	return rc;
}

/*
 * What the old file has from before the index's first slot: of collector files
 * that expired before this index was made, or written by NfSen.  Each time from
 * the finest archive that has it.
 */
static int
feed_history(struct feed *f, const char *old, int64_t before, struct err *e)
{
	int64_t last = rrd_last_slot(old, 0), from, to;
	size_t i = ARCHIVES;
	unsigned seconds;

	if (last == 0 || last % f->step != 0)
		return 0;
	while (i-- > 0) {
		seconds = row_seconds(i, f->step);
		from = last - (int64_t)seconds * archives[i].rows;
		to = i == 0 ? before : last - (int64_t)row_seconds(i - 1, f->step) * archives[i - 1].rows;
		if (to > before)
			to = before;
		if (from < to && feed_rows(f, old, seconds, from - from % seconds, to, e) == -1)
			return -1;
	}
	return 0;
}

/*
 * Slots that start later than this are of the future.  If most are, it is not
 * their dates that are wrong but our clock, and none is.
 */
static int
find_horizon(const struct conf *cf, struct index *ix, const struct source *src, int64_t *horizon,
    struct err *e)
{
	struct window past = { INT64_MIN, 0 }, future = { 0, INT64_MAX };
	struct traffic ignored;
	int64_t oldest, newest;
	size_t npast, nfuture;

	*horizon = when_now() + cf->slot;
	if (index_extent(ix, src, &oldest, &newest, e) == -1)
		return -1;
	if (newest <= *horizon)
		return 0;
	past.to = future.from = *horizon + 1;
	if (index_traffic(ix, &past, src, &ignored, &npast, e) == -1 ||
	    index_traffic(ix, &future, src, &ignored, &nfuture, e) == -1)
		return -1;
	if (nfuture > npast)
		*horizon = newest;
	return 0;
}

/* Its contents are on the disk before its name is: a fall of power leaves the old file or the new. */
static int
put_in_place(const char *temporary, const char *path, struct err *e)
{
	int fd = open(temporary, O_RDWR | O_CLOEXEC), rc = -1;

	if (fd == -1 || fsync(fd) == -1)
		err_sys(e, "%s", temporary);
	else if (rename(temporary, path) == -1)
		err_sys(e, "%s", path);
	else
		rc = 0;
	if (fd != -1)
		close(fd);
	return rc;
}

/*
 * The archives as they are, means and maxima, up to the last whole row of all of them
 * before `until`; what is after that has to be fed.
 */
static int
feed_archives(struct feed *f, const char *old, int64_t until, struct err *e)
{
	int64_t last = rrd_last_slot(old, 0), end = last < until ? last : until;

	end -= end % row_seconds(ARCHIVES - 1, f->step);
	if (end <= 0)
		return 0;
	f->last = end;
	return create(f->path, f->step, end, old, f->arena, e);
}

/*
 * A new file takes the place of the old: what that has of before `good` and of before
 * the index's first slot, and the index's slots since.
 */
static int
make_anew(const struct conf *cf, struct index *ix, const struct source *src, const char *path,
    const struct layout *layout, int64_t good, int64_t horizon, struct arena *a, struct err *e)
{
	const char *temporary = arena_printf(a, "%s/profiles-stat/live/.%s.rrd.new", cf->state,
	    src->name);
	int64_t oldest, newest;
	struct feed f;

	if (index_extent(ix, src, &oldest, &newest, e) == -1)
		return -1;
	if (newest == 0)
		return 0;
	feed_start(&f, temporary, cf->slot, 0, horizon, a);
	if ((layout->fits && feed_archives(&f, path, good > oldest ? good : oldest, e) == -1) ||
	    feed_history(&f, path, oldest, e) == -1 ||
	    index_replay(ix, src, f.last - 1, feed_slot, &f, e) == -1 || feed_flush(&f, e) == -1 ||
	    (f.last != 0 && put_in_place(temporary, path, e) == -1)) {
		unlink(temporary);
		return -1;
	}
	return index_set_rrd_done(ix, src, e);
}

/* Are its archives shorter than ours: nfsen's, or one of ours of when they were? */
static bool
is_short(const struct layout *l, unsigned step)
{
	for (size_t i = 0; i < ARCHIVES * FUNCTIONS; i++)
		if (l->archive[i].steps == row_seconds(i % ARCHIVES, step) / step &&
		    l->archive[i].rows < archives[i % ARCHIVES].rows)
			return true;
	return false;
}

static int
sync_file(const struct conf *cf, struct index *ix, const struct source *src, bool rebuild,
    struct arena *a, struct err *e)
{
	const char *path = rrd_path(cf, src, a);
	int64_t since, last, horizon;
	struct layout layout;
	struct feed f;
	int changed;

	if (file_mkdirs(arena_printf(a, "%s/profiles-stat/live", cf->state), 0755, e) == -1 ||
	    (changed = index_rrd_since(ix, src, &since, e)) == -1 ||
	    find_horizon(cf, ix, src, &horizon, e) == -1)
		return -1;
	layout = layout_read(path, cf->slot);
	if (rebuild || !layout.fits)
		return make_anew(cf, ix, src, path, &layout, 0, horizon, a, e);
	last = rrd_last_slot(path, cf->slot);
	if ((changed && since <= last) || last > horizon)
		return make_anew(cf, ix, src, path, &layout, changed ? since : horizon, horizon, a, e);
	if (is_short(&layout, cf->slot))
		return make_anew(cf, ix, src, path, &layout, last, horizon, a, e);
	feed_start(&f, path, cf->slot, last + cf->slot, horizon, a);
	if (index_replay(ix, src, last, feed_slot, &f, e) == -1 || feed_flush(&f, e) == -1)
		return -1;
	return changed ? index_set_rrd_done(ix, src, e) : 0;
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

void
rrd_tidy(const struct conf *cf)
{
	struct arena *a = arena_new();
	DIR *d = opendir(arena_printf(a, "%s/profiles-stat/live", cf->state));
	struct dirent *de;

	while (d != NULL && (de = readdir(d)) != NULL)
		if (de->d_name[0] == '.' && strstr(de->d_name, ".rrd.new") != NULL)
			(void)unlinkat(dirfd(d), de->d_name, 0);
	if (d != NULL)
		closedir(d);
	arena_free(a);
}

/* Slots of the index against rows of a file. */
struct comparison {
	int64_t begin, end;		/* of the rows */
	unsigned step;
	unsigned long nds, column[DS_COUNT];
	const rrd_value_t *data;
	bool differs;
};

static int
compare_slot(void *ctx, int64_t start, const struct traffic *t, struct err *e)
{
	struct comparison *c = ctx;
	const rrd_value_t *row;
	double got, want;

	(void)e;
	if (start < c->begin || start >= c->end)
		return 0;
	row = c->data + (size_t)((start - c->begin) / c->step) * c->nds;
	for (unsigned d = 0; d < DS_COUNT && !c->differs; d++) {
		const struct totals *v = &t->by[d % PROTO_CLASSES];
		unsigned m = d / PROTO_CLASSES;

		want = (double)(m == 0 ? v->flows : m == 1 ? v->packets : v->bytes);
		got = row[c->column[d]] * c->step;
		c->differs = !(fabs(got - want) <= 1e-9 * want);	/* also when it is no number */
	}
	return 0;
}

/* Is the finest archive as the index?  1, 0, -1. */
static int
compare_file(const struct conf *cf, struct index *ix, const struct source *src, const char *path,
    struct err *e)
{
	struct comparison c = { .step = cf->slot };
	int64_t last = rrd_last_slot(path, cf->slot);
	time_t start = (time_t)(last - (int64_t)cf->slot * (archives[0].rows - 2)), end = (time_t)last;
	unsigned long step = cf->slot, i;
	rrd_value_t *data;
	char **names;
	int rc;

	rrd_clear_error();
	if (rrd_fetch_r(path, "AVERAGE", &start, &end, &step, &c.nds, &names, &data) != 0)
		return rrd_failed(path, e);
	c.begin = start;
	c.end = last + cf->slot;
	c.data = data;
	c.differs = step != cf->slot || !find_columns(names, c.nds, c.column);
	rc = c.differs ? 0 : index_replay(ix, src, c.begin - 1, compare_slot, &c, e);
	for (i = 0; i < c.nds; i++)
		rrd_freemem(names[i]);
	rrd_freemem(names);
	rrd_freemem(data);
	return rc == -1 ? -1 : !c.differs;
}

int
rrd_compare(const struct conf *cf, struct index *ix, const struct source *src, struct err *e)
{
	struct arena *a = arena_new();
	const char *path = rrd_path(cf, src, a);
	int same = !layout_read(path, cf->slot).fits ? 1 : compare_file(cf, ix, src, path, e);

	arena_free(a);
	return same == 0 ? index_set_rrd_stale(ix, src, e) : same == -1 ? -1 : 0;
}
