/*
 * nfdump's own tests of its filter, as one-flow files, and what its versions
 * answer (tests/data/filter/cases.tsv).  Where all three agree, so must we;
 * where they do not, each of our answers that differs from one of them belongs
 * to a class below, whose reason is given.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "format/reader.h"
#include "query/filter.h"

#define DIR	"tests/data/filter/"

enum { V171, HEAD, DEV18, VERSIONS };

struct record {
	char name[32];
	char *hex;
};

static struct record records[300];
static size_t records_n;

/*
 * Filters (by a word in them) on which a version may differ from us.  A
 * syntax error of a version is no difference: we take all spellings.
 */
#define NEW	(1 << HEAD | 1 << DEV18)
#define OLD	(1 << V171)

static const struct {
	const char *word;
	unsigned versions;	/* a bit each */
	const char *reason;
} classes[] = {
	{ "mpls label", NEW, "labels count from 1, as in 1.7.1" },
	{ "mpls exp", NEW, "labels count from 1, as in 1.7.1" },
	{ "mpls any", OLD, "1.7.1 tests only the bottom of the stack" },
	{ "ipv4", OLD, "a flow without addresses is neither IPv4 nor IPv6" },
	{ "nat event", OLD | 1 << DEV18, "1.7.1 looks at the firewall event; a missing event is not \"invalid\"" },
	{ "vlan", OLD, "1.7.1 does not know the VLANs of the layer 2 header" },
	{ "ingress acl", NEW, "as nfcapd 1.7.1 stores access lists, and as 1.7.1 reads them: in network order" },
	{ "egress acl", NEW, "the same" },
	{ "tun proto", NEW, "of two tunnels in a record the last one counts, as in 1.7.1" },
	{ "pf interface", 1 << DEV18, "1.8 loses the interface of a converted record" },
};

static bool used[sizeof(classes) / sizeof(classes[0])];

static int
hex_digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void
read_records(void)
{
	FILE *f = fopen(DIR "records.txt", "r");
	char *line = NULL, *tab;
	size_t size = 0;

	assert_non_null(f);
	while (getline(&line, &size, f) > 0) {
		struct record *r = &records[records_n];

		if (*line == '#')
			continue;
		assert_true(records_n < sizeof(records) / sizeof(records[0]));
		assert_non_null(tab = strchr(line, '\t'));
		snprintf(r->name, sizeof(r->name), "%.*s", (int)(tab - line), line);
		assert_non_null(r->hex = strdup(tab + 1));
		r->hex[strcspn(r->hex, "\n")] = '\0';
		records_n++;
	}
	free(line);
	fclose(f);
}

/* Writes the record to the file. */
static void
write_record(const char *name, const char *path)
{
	FILE *f = fopen(path, "w");
	size_t i = 0;

	assert_non_null(f);
	while (i < records_n && strcmp(records[i].name, name) != 0)
		i++;
	assert_true(i < records_n);
	for (const char *h = records[i].hex; *h != '\0'; h += 2)
		fputc(hex_digit(h[0]) << 4 | hex_digit(h[1]), f);
	assert_int_equal(fclose(f), 0);
}

/* How many flows of the file match: 0 or 1; -1 when the filter is refused. */
static int
answer(const char *filter, const char *path)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct filter *f = filter_compile(filter, a, &e);
	struct fieldset want = { { 0, 0 } };
	struct filter_scratch *scratch;
	struct reader *r;
	struct batch *b;
	uint8_t sel[BATCH_MAX];
	int n = 0;

	if (f == NULL) {
		arena_free(a);
		return -1;
	}
	filter_fields(f, &want);
	scratch = filter_scratch(f, a);
	if ((r = reader_open(path, &want, &e)) == NULL)
		fail_msg("%s: %s", path, e.text);
	while (reader_next(r, &b, &e) == 1)
		n += filter_run(f, scratch, b, sel);
	reader_close(r);
	arena_free(a);
	return n;
}

static int
verdict(const char *text)
{
	return strcmp(text, "yes") == 0 ? 1 : strcmp(text, "no") == 0 ? 0 : -1;
}

static bool
excused(const char *filter, int version)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcasestr(filter, classes[i].word) != NULL && (classes[i].versions >> version & 1) != 0)
			return used[i] = true;
	return false;
}

/* 1.7.1 knows "previous as", but tests no AS without a geo database; the later ones know only "prev as". */
static bool
refused_by_all(const char *filter)
{
	return strstr(filter, "previous as") != NULL;
}

/* One line of the table.  Says whether we answer as we should. */
static bool
check(char *line, const char *path)
{
	char *column[6], *save, *c = strtok_r(line, "\t\n", &save);
	int n = 0, ours, theirs[VERSIONS];
	bool good = true;

	for (; c != NULL && n < 6; c = strtok_r(NULL, "\t\n", &save))
		column[n++] = c;
	assert_int_equal(n, 6);
	write_record(column[2], path);
	ours = answer(column[0], path);
	for (int v = 0; v < VERSIONS; v++)
		theirs[v] = verdict(column[3 + v]);
	if (theirs[V171] == theirs[HEAD] && theirs[HEAD] == theirs[DEV18] && !refused_by_all(column[0]))
		good = ours == theirs[V171];
	else
		for (int v = 0; v < VERSIONS; v++)
			good = good && (theirs[v] == -1 || ours == theirs[v] || excused(column[0], v));
	if (!good)
		print_error("%s on %s: ours %d, nfdump %d %d %d\n", column[0], column[2], ours, theirs[V171],
		    theirs[HEAD], theirs[DEV18]);
	return good;
}

static void
test_cases(void **state)
{
	FILE *f = fopen(DIR "cases.tsv", "r");
	char path[] = "/tmp/flowlight-case.XXXXXX", *line = NULL;
	int fd = mkstemp(path), bad = 0, n = 0;
	size_t size = 0;

	(void)state;
	assert_non_null(f);
	assert_true(fd != -1);
	close(fd);
	read_records();
	while (getline(&line, &size, f) > 0) {
		if (*line == '#')
			continue;
		bad += !check(line, path);
		n++;
	}
	unlink(path);
	free(line);
	fclose(f);
	for (size_t i = 0; i < records_n; i++)
		free(records[i].hex);
	assert_true(n > 800);
	assert_int_equal(bad, 0);
	for (size_t i = 0; i < sizeof(used); i++)
		if (!used[i])
			fail_msg("no case of class \"%s\": %s", classes[i].word, classes[i].reason);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
