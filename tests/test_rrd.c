#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/rrd.h"
#include "store/sql.h"

static char dir[] = "/tmp/flowlight-rrd.XXXXXX";
static struct source source = { .name = "up-1.example", .dir = "/data" };
static struct conf conf = { .state = dir, .slot = 300, .sources = &source, .nsources = 1 };
static char path[128];

#define T0	1763640000		/* a slot */

static void
remove_state(void)
{
	static const char *const names[] = { "index.db", "index.db-wal", "index.db-shm",
	    "flowlightd.lock", "profiles-stat/live/up-1.example.rrd" };
	char name[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "%s/%s", dir, names[i]);
		unlink(name);
	}
}

static struct index *
open_new(unsigned slot)
{
	struct err e = { 0 };
	struct index *ix;

	remove_state();
	conf.slot = slot;
	ix = index_open(&conf, INDEX_WRITE, &e);
	assert_string_equal(e.text, "");
	assert_non_null(ix);
	return ix;
}

/* Each of the fifteen totals of a slot is another number. */
static uint64_t
value(int64_t start, unsigned metric, unsigned class)
{
	uint64_t n = (uint64_t)(start - T0 + 1000000) * 31 + metric * 5 + class + 1;

	return metric == 2 ? n * 123456789 : n;
}

static void
add(struct index *ix, int64_t start)
{
	struct index_file f = { .source = &source, .start = start };
	struct err e = { 0 };
	char name[32];

	snprintf(name, sizeof(name), "%lld", (long long)start);
	f.name = name;
	for (unsigned c = 0; c < PROTO_CLASSES; c++)
		f.traffic.by[c] = (struct totals){ value(start, 0, c), value(start, 1, c),
		    value(start, 2, c) };
	assert_int_equal(index_add(ix, &f, &e), 0);
}

static void
sync_rrd(struct index *ix, bool rebuild)
{
	struct err e = { 0 };

	if (rrd_sync(&conf, ix, &source, rebuild, &e) == -1)
		fail_msg("%s", e.text);
}

/* The slots from `from` to before `end` are in the RRD as in the index, but those that are not there. */
static void
same_as_index(int64_t from, int64_t end, const int64_t *absent, size_t nabsent)
{
	time_t start = from, stop = end;
	unsigned long step = conf.slot, nds, row, ds;
	rrd_value_t *data, *v;
	char **names, want[20];
	int64_t t;
	bool there;

	rrd_clear_error();
	if (rrd_fetch_r(path, "AVERAGE", &start, &stop, &step, &nds, &names, &data) != 0)
		fail_msg("%s", rrd_get_error());
	assert_int_equal(step, conf.slot);
	assert_int_equal(nds, 15);
	/* Row n of rrd_fetch ends at start + (n + 1) * step. */
	for (t = from; t < end; t += (int64_t)step) {
		row = (unsigned long)((t - (int64_t)start) / (int64_t)step);
		there = true;
		for (size_t i = 0; i < nabsent; i++)
			there = there && absent[i] != t;
		for (ds = 0; ds < nds; ds++) {
			v = &data[row * nds + ds];
			assert_string_equal(names[ds], rrd_ds((unsigned)ds / 5, (enum proto_class)(ds % 5), want));
			if (!there)
				assert_true(isnan(*v));
			else if (!(fabs(*v * (double)step / (double)value(t, (unsigned)ds / 5, ds % 5) - 1) < 1e-9))
				fail_msg("slot %+lld %s: %.10g", (long long)(t - T0), names[ds], *v * (double)step);
		}
	}
	for (ds = 0; ds < nds; ds++)
		rrd_freemem(names[ds]);
	rrd_freemem(names);
	rrd_freemem(data);
}

static void
equals_the_index(void **state)
{
	struct index *ix = open_new(300);
	int64_t t;

	(void)state;
	for (t = T0; t < T0 + 1000 * 300; t += 300)
		add(ix, t);
	sync_rrd(ix, false);
	same_as_index(T0, T0 + 1000 * 300, NULL, 0);
	assert_int_equal(rrd_last_slot(path, 300), T0 + 999 * 300);
	add(ix, T0 + 1000 * 300);
	sync_rrd(ix, false);
	sync_rrd(ix, false);
	same_as_index(T0, T0 + 1001 * 300, NULL, 0);
	index_close(ix);
}

static void
gaps_are_unknown_not_zero(void **state)
{
	static const int64_t absent[] = { T0 + 600, T0 + 900, T0 + 1200, T0 + 1800 };
	struct index *ix = open_new(300);

	(void)state;
	add(ix, T0);
	add(ix, T0 + 300);
	add(ix, T0 + 1500);
	sync_rrd(ix, false);
	add(ix, T0 + 2100);
	sync_rrd(ix, false);
	same_as_index(T0, T0 + 2400, absent, 4);
	index_close(ix);
}

static void
late_and_changed_slots_are_put_in(void **state)
{
	static const int64_t absent[] = { T0 - 300, T0 + 300 };
	struct index *ix = open_new(300);
	struct err e = { 0 };
	int64_t since;

	(void)state;
	add(ix, T0 + 600);
	sync_rrd(ix, false);
	add(ix, T0);
	add(ix, T0 - 600);
	sync_rrd(ix, false);
	assert_int_equal(index_rrd_since(ix, &source, &since, &e), 0);
	same_as_index(T0 - 600, T0 + 900, absent, 2);
	add(ix, T0 + 300);
	add(ix, T0 - 300);
	sync_rrd(ix, false);
	same_as_index(T0 - 600, T0 + 900, NULL, 0);
	index_close(ix);
}

/* A new index with the latest files only, as after index.db was deleted. */
static void
older_history_is_kept(void **state)
{
	struct index *ix = open_new(300);
	char index[128], lock[128];
	int64_t t;

	(void)state;
	for (t = T0; t < T0 + 400 * 300; t += 300)
		add(ix, t);
	sync_rrd(ix, false);
	index_close(ix);
	snprintf(index, sizeof(index), "%s/index.db", dir);
	snprintf(lock, sizeof(lock), "%s/index.db-wal", dir);
	unlink(index);
	unlink(lock);
	ix = index_open(&conf, INDEX_WRITE, &(struct err){ 0 });
	assert_non_null(ix);
	sync_rrd(ix, false);		/* no slots at all: the file is left as it is */
	same_as_index(T0, T0 + 400 * 300, NULL, 0);
	for (t = T0 + 399 * 300; t >= T0 + 350 * 300; t -= 300) {
		add(ix, t);
		if (t % 1500 == 0)
			sync_rrd(ix, false);
	}
	sync_rrd(ix, false);
	add(ix, T0 + 400 * 300);
	sync_rrd(ix, false);
	same_as_index(T0, T0 + 401 * 300, NULL, 0);
	index_close(ix);
}

/* Days whose five minutes an RRD does not have any more: their daily means stay. */
static void
daily_history_is_kept(void **state)
{
	struct index *ix = open_new(300);
	const int64_t begin = T0 - T0 % 86400, days = 80;
	unsigned long step = 86400, nds, i;
	time_t start = begin, end = begin + 10 * 86400;
	rrd_value_t *data;
	char **names;
	double was[10];
	int64_t t;
	int pass;

	(void)state;
	for (t = begin; t < begin + days * 86400; t += 300)
		add(ix, t);
	sync_rrd(ix, false);
	for (pass = 0; pass < 2; pass++) {
		assert_int_equal(rrd_fetch_r(path, "AVERAGE", &start, &end, &step, &nds, &names, &data), 0);
		assert_int_equal(step, 86400);
		for (i = 0; i < 10; i++) {
			assert_false(isnan(data[i * nds]));
			if (pass == 0)
				was[i] = data[i * nds];
			else
				assert_true(fabs(data[i * nds] / was[i] - 1) < 1e-9);
		}
		for (i = 0; i < nds; i++)
			rrd_freemem(names[i]);
		rrd_freemem(names);
		rrd_freemem(data);
		if (pass == 1)
			break;
		assert_int_equal(sqlite3_exec(ix->db, "DELETE FROM slot WHERE start < "
		    "(SELECT max(start) - 30 * 86400 FROM slot)", NULL, NULL, NULL), SQLITE_OK);
		sync_rrd(ix, true);
	}
	same_as_index(begin + 21 * 86400, begin + 80 * 86400, NULL, 0);
	index_close(ix);
}

static void
damaged_and_foreign_files_are_made_anew(void **state)
{
	struct index *ix = open_new(300);
	FILE *fp;

	(void)state;
	add(ix, T0);
	add(ix, T0 + 300);
	sync_rrd(ix, false);
	assert_non_null(fp = fopen(path, "w"));
	fputs("RRD it is not", fp);
	fclose(fp);
	sync_rrd(ix, false);
	same_as_index(T0, T0 + 600, NULL, 0);
	index_close(ix);

	/* Another slot length in the configuration: the file's step is not ours. */
	ix = open_new(300);
	add(ix, T0);
	sync_rrd(ix, false);
	conf.slot = 60;
	sync_rrd(ix, false);
	same_as_index(T0, T0 + 60, NULL, 0);
	index_close(ix);
}

static uint64_t
inode(void)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (uint64_t)st.st_ino;
}

static void
future_slots_wait(void **state)
{
	struct index *ix = open_new(300);
	int64_t later = when_now() / 300 * 300 + 30 * 86400;
	uint64_t was;

	(void)state;
	add(ix, T0);
	add(ix, T0 + 300);
	add(ix, later);
	sync_rrd(ix, false);
	assert_int_equal(rrd_last_slot(path, 300), T0 + 300);
	was = inode();
	add(ix, T0 + 600);
	sync_rrd(ix, false);
	assert_true(inode() == was);	/* the file was added to, not made anew */
	same_as_index(T0, T0 + 900, NULL, 0);
	index_close(ix);
}

static void
set_clock(int64_t sec)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)sec);
	setenv("FLOWLIGHT_NOW", text, 1);
}

/* The clock ran a year ahead for a while, and behind: to 1970. */
static void
a_wrong_clock_does_no_harm(void **state)
{
	struct index *ix = open_new(300);

	(void)state;
	set_clock(T0 + 900);
	for (int i = 0; i < 3; i++)
		add(ix, T0 + i * 300);
	sync_rrd(ix, false);
	set_clock(T0 + 366 * 86400);
	add(ix, T0 + 365 * 86400);
	sync_rrd(ix, false);
	assert_int_equal(rrd_last_slot(path, 300), T0 + 365 * 86400);
	set_clock(T0 + 1200);
	add(ix, T0 + 900);
	sync_rrd(ix, false);
	same_as_index(T0, T0 + 1200, NULL, 0);
	assert_int_equal(rrd_last_slot(path, 300), T0 + 900);
	index_close(ix);
	ix = open_new(300);
	for (int i = 0; i < 4; i++)
		add(ix, T0 + i * 300);
	set_clock(1000);
	add(ix, T0 + 1200);
	sync_rrd(ix, false);
	same_as_index(T0, T0 + 1500, NULL, 0);
	unsetenv("FLOWLIGHT_NOW");
	index_close(ix);
}

/* As a kill in the middle of an update may leave it. */
static void
a_file_that_differs_is_made_anew(void **state)
{
	struct index *ix = open_new(300);
	const char *update[] = { "1763640900:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9" };
	struct err e = { 0 };
	uint64_t was;

	(void)state;
	add(ix, T0);
	add(ix, T0 + 300);
	sync_rrd(ix, false);
	was = inode();
	assert_int_equal(rrd_compare(&conf, ix, &source, &e), 0);
	sync_rrd(ix, false);
	assert_true(inode() == was);
	assert_int_equal(rrd_update_r(path, NULL, 1, update), 0);
	add(ix, T0 + 600);
	assert_int_equal(index_set_rrd_done(ix, &source, &e), 0);
	assert_int_equal(rrd_compare(&conf, ix, &source, &e), 0);
	sync_rrd(ix, false);
	same_as_index(T0, T0 + 900, NULL, 0);
	index_close(ix);
}

/* An RRD as nfsen makes it, of slots of an hour so that years of it are made quickly, with a sample for each. */
static void
nfsens_file(int64_t begin, int64_t end)
{
	static const char *const archives[] = { "1:17280", "1:2880", "2:720", "24:700" };
	char text[23][64], *sample = malloc(512);
	const char *argv[23], *one = sample;
	int n = 0;

	for (unsigned ds = 0; ds < 15; ds++, n++) {
		char name[20];

		snprintf(text[n], sizeof(text[n]), "DS:%s:ABSOLUTE:7200:U:U", rrd_ds(ds / 5, (enum proto_class)(ds % 5), name));
	}
	for (unsigned i = 0; i < 8; i++, n++)
		snprintf(text[n], sizeof(text[n]), "RRA:%s:0.5:%s", i < 4 ? "AVERAGE" : "MAX", archives[i % 4]);
	for (int i = 0; i < n; i++)
		argv[i] = text[i];
	rrd_clear_error();
	if (rrd_create_r(path, 3600, begin, n, argv) != 0)
		fail_msg("%s", rrd_get_error());
	for (int64_t t = begin; t < end; t += 3600) {
		int len = snprintf(sample, 512, "%lld", (long long)t + 3600);

		for (unsigned ds = 0; ds < 15; ds++)
			len += snprintf(sample + len, (size_t)(512 - len), ":%llu",
			    (unsigned long long)(t / 3600 * 7919 % 10007 * (ds + 1)));
		if (rrd_update_r(path, NULL, 1, &one) != 0)
			fail_msg("%s", rrd_get_error());
	}
	free(sample);
}

/* What an archive has, all data sources beside each other. */
static rrd_value_t *
archive_rows(const char *function, unsigned long step, int64_t from, int64_t to, size_t *n)
{
	unsigned long want = step, nds;
	time_t start = from, end = to;
	rrd_value_t *data;
	char **names;

	assert_int_equal(rrd_fetch_r(path, function, &start, &end, &step, &nds, &names, &data), 0);
	assert_int_equal(step, want);
	assert_int_equal(nds, 15);
	/* A row more: librrd adds the one that is under way at the end. */
	*n = (size_t)((to - from) / (int64_t)step) * nds;
	assert_int_equal(start, from);
	for (unsigned long i = 0; i < nds; i++)
		rrd_freemem(names[i]);
	rrd_freemem(names);
	return data;
}

/*
 * The days of nfsen's file, which has no place for more than 700 of them, are all there
 * when it was taken over, mean and maximum, and still when a hundred more have come and
 * the hours of the first are gone.
 */
static void
shorter_files_are_lengthened(void **state)
{
	static const char *const functions[] = { "AVERAGE", "MAX" };
	static const struct { unsigned long step; int64_t days; } spans[] = { { 3600, 700 }, { 7200, 50 }, { 86400, 690 } };
	const int64_t begin = T0 - T0 % 86400, end = begin + 800 * 86400;
	struct index *ix = open_new(3600);
	rrd_value_t *was[2][3], *is;
	struct stat st;
	uint64_t first;
	size_t n, m;

	(void)state;
	sync_rrd(ix, false);	/* makes the directory */
	nfsens_file(begin, end);
	for (unsigned f = 0; f < 2; f++)
		for (unsigned i = 0; i < 3; i++)
			was[f][i] = archive_rows(functions[f], spans[i].step, end - spans[i].days * 86400, end, &n);
	for (int day = 0; day <= 100; day += 100) {
		for (int64_t t = end + (day - 99) * 86400; day > 0 && t <= end + day * 86400; t += 3600)
			add(ix, t);
		if (day == 0)
			add(ix, end);
		sync_rrd(ix, false);
		if (day > 0) {
			add(ix, end + 7200);	/* late: the file is made anew */
			sync_rrd(ix, false);
			same_as_index(end + 86400, end + 100 * 86400, NULL, 0);
		}
		for (unsigned f = 0; f < 2; f++)
			for (unsigned i = 0; i < 3; i++) {
				/* Only the days are to be there for so long. */
				if (day > 0 && spans[i].step != 86400)
					continue;
				is = archive_rows(functions[f], spans[i].step, end - spans[i].days * 86400, end, &m);
				for (n = 0; n < m; n++)
					if (!(fabs(is[n] - was[f][i][n]) <= 1e-12 * was[f][i][n]))
						fail_msg("%s of %lu s, %zu: %g, was %g", functions[f], spans[i].step, n, is[n], was[f][i][n]);
				rrd_freemem(is);
			}
	}
	for (unsigned f = 0; f < 2; f++)
		for (unsigned i = 0; i < 3; i++)
			rrd_freemem(was[f][i]);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	first = inode();
	add(ix, end + 101 * 86400);
	sync_rrd(ix, false);
	assert_int_equal(inode(), first);	/* once is enough */
	index_close(ix);
}

/*
 * What rrdtool says of the file is what it says of nfsen's, but that the archive of days
 * is longer.
 */
static void
layout_is_nfsens(void **state)
{
	static const struct { const char *key; unsigned long value; } want[] = {
		{ "step", 300 }, { "ds[flows].minimal_heartbeat", 600 },
		{ "rra[0].rows", 17280 }, { "rra[0].pdp_per_row", 1 },
		{ "rra[1].rows", 2880 }, { "rra[1].pdp_per_row", 6 },
		{ "rra[6].rows", 720 }, { "rra[6].pdp_per_row", 24 },
		{ "rra[3].rows", 1100 }, { "rra[3].pdp_per_row", 288 },
		{ "rra[7].rows", 1100 }, { "rra[7].pdp_per_row", 288 },
	};
	struct index *ix = open_new(300);
	rrd_info_t *info, *i;
	size_t found = 0, types = 0, k;

	(void)state;
	add(ix, T0);
	sync_rrd(ix, false);
	index_close(ix);
	assert_non_null(info = rrd_info_r(path));
	for (i = info; i != NULL; i = i->next) {
		for (k = 0; k < sizeof(want) / sizeof(want[0]); k++)
			if (strcmp(i->key, want[k].key) == 0) {
				assert_int_equal(i->value.u_cnt, want[k].value);
				found++;
			}
		if (strstr(i->key, "].type") != NULL) {
			assert_string_equal(i->value.u_str, "ABSOLUTE");
			types++;
		}
		if (strcmp(i->key, "rra[3].cf") == 0)
			assert_string_equal(i->value.u_str, "AVERAGE");
		if (strcmp(i->key, "rra[4].cf") == 0)
			assert_string_equal(i->value.u_str, "MAX");
	}
	rrd_info_free(info);
	assert_int_equal(found, sizeof(want) / sizeof(want[0]));
	assert_int_equal(types, 15);
}

static int
teardown(void **state)
{
	char name[128];

	(void)state;
	remove_state();
	snprintf(name, sizeof(name), "%s/profiles-stat/live", dir);
	rmdir(name);
	snprintf(name, sizeof(name), "%s/profiles-stat", dir);
	rmdir(name);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_the_index),
		cmocka_unit_test(gaps_are_unknown_not_zero),
		cmocka_unit_test(late_and_changed_slots_are_put_in),
		cmocka_unit_test(older_history_is_kept),
		cmocka_unit_test(daily_history_is_kept),
		cmocka_unit_test(damaged_and_foreign_files_are_made_anew),
		cmocka_unit_test(future_slots_wait),
		cmocka_unit_test(a_wrong_clock_does_no_harm),
		cmocka_unit_test(a_file_that_differs_is_made_anew),
		cmocka_unit_test(shorter_files_are_lengthened),
		cmocka_unit_test(layout_is_nfsens),
	};

	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/profiles-stat/live/%s.rrd", dir, source.name);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
