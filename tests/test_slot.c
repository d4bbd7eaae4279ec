/*
 * Names of collector files, and the files that nfdump's -r, -R and -M mean.
 * What is expected of lists is what nfdump 1.7.1 opened, in that order, without dot files and tmp-*.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "flow/slot.h"

static void
zone(const char *name)
{
	struct err e = { 0 };

	assert_int_equal(when_zone(name, &e), 0);
}

static void
test_layouts(void **state)
{
	static const char *const want[] = {
		"nfcapd.202611201430", "2026/11/20/nfcapd.202611201430", "2026/11/20/14/nfcapd.202611201430",
		"2026/46/5/nfcapd.202611201430", "2026/46/5/14/nfcapd.202611201430", "2026/324/nfcapd.202611201430",
		"2026/324/14/nfcapd.202611201430", "2026-11-20/nfcapd.202611201430", "2026-11-20/14/nfcapd.202611201430",
	};
	char buf[128];

	(void)state;
	zone("UTC");
	for (unsigned i = 0; i < 9; i++) {
		slot_name(i, 1795185000, buf, sizeof(buf));
		assert_string_equal(buf, want[i]);
	}
	assert_null(slot_layout(9));
	slot_name(0, 1795185030, buf, sizeof(buf));
	assert_string_equal(buf, "nfcapd.20261120143030");
	slot_name(1, 1795185000, buf, 10);
	assert_string_equal(buf, "");
}

static const struct { const char *zone, *name; int64_t start; } names[] = {
	{ "UTC", "nfcapd.202611201430", 1795185000 },
	{ "UTC", "nfcapd.20261120143030", 1795185030 },
	{ "Europe/Berlin", "nfcapd.202611201530", 1795185000 },
	{ "Europe/Berlin", "nfcapd.202611201530+0100", 1795185000 },
	{ "UTC", "nfcapd.202611201530+0100", 1795185000 },
	{ "UTC", "nfcapd.202611201100-0330", 1795185000 },
	{ "UTC", "nfcapd.202402291200", 1709208000 },
	/* Clocks were put back: 02:30 comes twice, the first is meant; with a zone both can be told. */
	{ "Europe/Berlin", "nfcapd.202610250230", 1792888200 },
	{ "Europe/Berlin", "nfcapd.202610250230+0200", 1792888200 },
	{ "Europe/Berlin", "nfcapd.202610250230+0100", 1792891800 },
	{ "Europe/Berlin", "nfcapd.202610250330", 1792895400 },
	{ "America/St_Johns", "nfcapd.202611010130", 1793505600 },
	{ "Australia/Lord_Howe", "nfcapd.202604050145", 1775313900 },
};

static void
test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int64_t start = 0;

		zone(names[i].zone);
		assert_true(slot_parse(names[i].name, &start));
		if (start != names[i].start)
			fail_msg("%s in %s: %lld", names[i].name, names[i].zone, (long long)start);
	}
}

/* Each five minutes of the days when clocks change has a name that leads back, but for the hour that comes twice. */
static void
test_names_lead_back(void **state)
{
	static const int64_t days[] = { 1774738800, 1792879200, 1795129200 };
	int twice = 0;

	(void)state;
	zone("Europe/Berlin");
	for (size_t d = 0; d < 3; d++)
		for (int64_t t = days[d]; t < days[d] + 86400; t += 300) {
			int64_t start;
			char buf[64];

			slot_name(0, t, buf, sizeof(buf));
			assert_true(slot_parse(buf, &start));
			if (start != t) {
				assert_int_equal(start, t - 3600);
				twice++;
			}
		}
	assert_int_equal(twice, 12);
	zone("UTC");
}

static void
test_other_names(void **state)
{
	static const char *const none[] = {
		"nfcapd.current", "nfcapd.current.1234", "nfcapd.current.202611201430", ".nfcapd.202611201430",
		"nfcapd.202611201430.bak", "nfcapd.2026112014", "nfcapd.2026112014301", "nfcapd.202613201430",
		"nfcapd.202611311430", "nfcapd.202611202430", "nfcapd.202611201460", "nfcapd.202611201430+01",
		"nfcapd.202611201430+9900", "nfcapd.", "nfcapd", "", "tmp-v05.2026-11-20.143000+0000", "nfcapd.2026x1201430",
		"nfcapd.196911201430",
	};
	int64_t start;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (slot_parse(none[i], &start))
			fail_msg("taken: %s", none[i]);
}

static const char *const files[] = {
	"2026/11/19/nfcapd.202611192350", "2026/11/19/nfcapd.202611192355", "2026/11/20/nfcapd.202611200000",
	"2026/11/20/nfcapd.202611200005", "2026/11/20/nfcapd.202611200010",
	"flat/nfcapd.202611200000", "flat/nfcapd.202611200000.bak", "flat/nfcapd.202611200005",
	"flat/nfcapd.20261120001030", "flat/nfcapd.202611200015+0100", "flat/nfcapd.current", "flat/nfcapd.current.1234",
	"flat/other", "flat/sub/nfcapd.202611200020", "flat/tmp-x", "flat/.nfstat",
	"a/2026/11/19/nfcapd.202611192355", "a/2026/11/20/nfcapd.202611200000", "a/2026/11/20/nfcapd.202611200005",
	"b/2026/11/20/nfcapd.202611200000",
	"c/1/nfcapd.202611200000", "c/1/nfcapd.202611200005", "c/2/nfcapd.202611200000", "c/2/nfcapd.202611200005",
};

static const struct {
	const char *dirs, *file, *range;
	const char *want;	/* base names' ends, blank-separated; NULL: an error that holds `error` */
	const char *error;
} lists[] = {
	{ NULL, "flat/nfcapd.202611200005", NULL, "flat/nfcapd.202611200005", NULL },
	{ NULL, "flat/nfcapd.current.1234", NULL, "flat/nfcapd.current.1234", NULL },
	{ NULL, "2026", NULL, "2026/11/19/nfcapd.202611192350 2026/11/19/nfcapd.202611192355 "
	    "2026/11/20/nfcapd.202611200000 2026/11/20/nfcapd.202611200005 2026/11/20/nfcapd.202611200010", NULL },
	{ NULL, NULL, "flat", "flat/nfcapd.202611200000 flat/nfcapd.202611200000.bak flat/nfcapd.202611200005 "
	    "flat/nfcapd.20261120001030 flat/nfcapd.202611200015+0100 flat/other flat/sub/nfcapd.202611200020", NULL },
	{ NULL, NULL, "flat/nfcapd.202611200000:nfcapd.202611200005",
	    "flat/nfcapd.202611200000 flat/nfcapd.202611200000.bak flat/nfcapd.202611200005", NULL },
	{ NULL, NULL, "flat/nfcapd.202611200000:nfcapd.202611200004",
	    "flat/nfcapd.202611200000 flat/nfcapd.202611200000.bak", NULL },
	{ NULL, NULL, "2026/11/20/nfcapd.202611200005",
	    "2026/11/20/nfcapd.202611200005 2026/11/20/nfcapd.202611200010", NULL },
	{ NULL, NULL, "2026/11/19/nfcapd.202611192350:2026/11/20/nfcapd.202611200005",
	    "2026/11/19/nfcapd.202611192350 2026/11/19/nfcapd.202611192355 "
	    "2026/11/20/nfcapd.202611200000 2026/11/20/nfcapd.202611200005", NULL },
	{ "a:b", "2026/11/20/nfcapd.202611200000", NULL,
	    "a/2026/11/20/nfcapd.202611200000 b/2026/11/20/nfcapd.202611200000", NULL },
	{ "b:a", "2026/11/20/nfcapd.202611200000", NULL,
	    "b/2026/11/20/nfcapd.202611200000 a/2026/11/20/nfcapd.202611200000", NULL },
	{ "a:b", "nfcapd.202611200005", NULL, "a/2026/11/20/nfcapd.202611200005", NULL },
	{ "a:b", NULL, "2026/11/19/nfcapd.202611192355:2026/11/20/nfcapd.202611200005",
	    "a/2026/11/19/nfcapd.202611192355 a/2026/11/20/nfcapd.202611200000 a/2026/11/20/nfcapd.202611200005 "
	    "b/2026/11/20/nfcapd.202611200000", NULL },
	{ "a", NULL, "nfcapd.202611192355:nfcapd.202611200000",
	    "a/2026/11/19/nfcapd.202611192355 a/2026/11/20/nfcapd.202611200000", NULL },
	{ "a", NULL, "2026/11/20/nfcapd.202611200000:nfcapd.202611200005",
	    "a/2026/11/20/nfcapd.202611200000 a/2026/11/20/nfcapd.202611200005", NULL },
	{ "c/1:2", NULL, "nfcapd.202611200005", "c/1/nfcapd.202611200005 c/2/nfcapd.202611200005", NULL },
	{ "c/1:2", NULL, ".", "c/1/nfcapd.202611200000 c/1/nfcapd.202611200005 "
	    "c/2/nfcapd.202611200000 c/2/nfcapd.202611200005", NULL },
	{ NULL, "nope", NULL, NULL, "nope: no such file" },
	{ NULL, NULL, "nope/nfcapd.1:nfcapd.2", NULL, "nope: no such file" },
	{ NULL, NULL, "flat/nfcapd.3", NULL, "flat/nfcapd.3: no such file" },
	{ NULL, NULL, "c/1/nfcapd.202611200005:nfcapd.202611200000", NULL, "last is before the first" },
	{ "a:nope", "2026/11/20/nfcapd.202611200000", NULL, NULL, "nope: no such directory" },
	{ "a:b", "2026/11/20/nope", NULL, NULL, "no such file" },
	{ "a:b", NULL, NULL, NULL, "-M needs -r or -R" },
	{ "a:b", "/etc/passwd", NULL, NULL, "must be relative" },
};

static int
list(size_t i, struct arena *a, struct file_list *l, struct err *e)
{
	if (lists[i].dirs != NULL)
		return file_list_dirs(lists[i].dirs, lists[i].file, lists[i].range, a, l, e);
	return lists[i].file != NULL ? file_list_one(lists[i].file, a, l, e) : file_list_range(lists[i].range, a, l, e);
}

static void
test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct arena *a = arena_new();
		struct err e = { 0 };
		struct file_list l;
		char got[4096] = "";

		if (list(i, a, &l, &e) == -1) {
			assert_null(lists[i].want);
			if (strstr(e.text, lists[i].error) == NULL)
				fail_msg("%zu: %s", i, e.text);
		} else {
			size_t n = 0;

			for (size_t k = 0; k < l.n; k++)
				n += snprintf(got + n, sizeof(got) - n, "%s%s", k != 0 ? " " : "",
				    strncmp(l.path[k], "./", 2) == 0 ? l.path[k] + 2 : l.path[k]);
			if (lists[i].want == NULL)
				fail_msg("%zu: no error but %s", i, got);
			assert_string_equal(got, lists[i].want);
		}
		arena_free(a);
	}
}

static int
setup(void **state)
{
	char dir[] = "/tmp/flowlight-test-slot.XXXXXX";
	struct err e = { 0 };

	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return -1;
	*state = strdup(dir);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s", files[i]);
		*strrchr(path, '/') = '\0';
		if (file_mkdirs(path, 0755, &e) == -1 || file_write(files[i], "", 0, 0644, &e) == -1)
			return -1;
	}
	return 0;
}

static int
teardown(void **state)
{
	static const char *const dirs[] = {
		"2026/11/19", "2026/11/20", "2026/11", "2026", "flat/sub", "flat", "a/2026/11/19", "a/2026/11/20", "a/2026/11",
		"a/2026", "a", "b/2026/11/20", "b/2026/11", "b/2026", "b", "c/1", "c/2", "c",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		rmdir(dirs[i]);
	if (chdir("/") == 0)
		rmdir(*state);
	free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_lead_back),
		cmocka_unit_test(test_other_names),
		cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
