/*
 * flowlight check: reads collector files from end to end and says what is
 * wrong with them.
 */
#include "cmd.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "flow/slot.h"
#include "format/habit.h"
#include "format/reader.h"

/* What was counted in a file. */
struct count {
	struct traffic traffic;
	struct traffic one_way;		/* without the other direction of two-way flows */
	struct told told;
};

/* Names come from outside: nothing in them may drive a terminal. */
static void
print_name(const char *s)
{
	for (; *s != '\0'; s++)
		putchar(iscntrl((unsigned char)*s) ? '?' : *s);
}

static void
say(const char *path, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
say(const char *path, const char *fmt, ...)
{
	va_list ap;

	print_name(path);
	fputs(": ", stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static void
count_add(struct count *c, const struct batch *b)
{
	traffic_add(&c->traffic, b, NULL);
	told_add(&c->told, b);
	for (size_t i = 0; i < b->n; i++) {
		struct totals *t = &c->one_way.by[proto_class(COL8(b, F_PROTO)[i])];

		t->packets += COL64(b, F_PACKETS)[i];
		t->bytes += COL64(b, F_BYTES)[i];
	}
}

/* Says where the file's own sum differs; how many do. */
static unsigned
compare(const char *path, const char *class, const char *what, uint64_t says, uint64_t found, uint64_t or_found)
{
	if (says == found || says == or_found)
		return 0;
	say(path, "the file's own sum says %" PRIu64 " %s (%s), %" PRIu64 " found", says, what, class, found);
	return 1;
}

/*
 * By protocol, nfcapd 1.7.1 leaves the other direction of two-way flows out,
 * which it counts in the sum of all.
 */
static unsigned
compare_stat(const char *path, const struct file_info *info, const struct count *c)
{
	unsigned n = 0;

	for (int p = 0; p < PROTO_CLASSES; p++) {
		const struct totals *says = &info->stat.by[p], *found = &c->traffic.by[p], *or = found;
		const char *class = proto_class_names[p];

		if (p != PROTO_ALL)
			or = &c->one_way.by[p];
		n += compare(path, class, "flows", says->flows, found->flows, found->flows);
		n += compare(path, class, "packets", says->packets, found->packets, or->packets);
		n += compare(path, class, "bytes", says->bytes, found->bytes, or->bytes);
	}
	return n;
}

static size_t
print_faults(const char *path, const struct faults *f)
{
	for (size_t i = 0; i < f->n && i < FAULTS_MAX; i++)
		say(path, "block %" PRIu32 ", offset %" PRId64 ": %s", f->fault[i].block, f->fault[i].offset,
		    f->fault[i].reason);
	if (f->n > FAULTS_MAX)
		say(path, "and %zu more", f->n - FAULTS_MAX);
	return f->n;
}

static void
print_summary(const char *path, const struct file_info *info, size_t faults, uint64_t flows)
{
	print_name(path);
	if (faults == 0)
		fputs(": ok", stdout);
	else
		printf(": %zu fault%s", faults, faults == 1 ? "" : "s");
	printf(", %s, %s, %" PRIu32 " block%s, %" PRIu64 " flow%s, ident ", info->format, info->compression,
	    info->blocks, info->blocks == 1 ? "" : "s", flows, flows == 1 ? "" : "s");
	print_name(info->ident[0] != '\0' ? info->ident : "none");
	putchar('\n');
}

/* What is no fault of the file, but of whoever wrote or sent it. */
static void
print_told(const char *path, const struct told *t)
{
	uint64_t not = told_not(t);
	const char *between = " (as with ";
	const struct habit *fits = NULL;
	size_t nfits = 0;

	if (t->backwards > 0)
		say(path, "note: %" PRIu64 " flow%s end before they begin: see fix_times in flowlight.conf(5)",
		    t->backwards, t->backwards == 1 ? "" : "s");
	if (not == 0)
		return;
	print_name(path);
	fputs(": note: zero in all flows:", stdout);
	for (unsigned f = 0; f < F_COUNT && f < 64; f++)
		if (not >> f & 1)
			printf(" %s", fields[f].name);
	for (const struct habit *h = habits; h->exporter != NULL; h++)
		if (told_fits(t, h)) {
			printf("%s%s", between, h->exporter);
			between = ", ";
			fits = h;
			nfits++;
		}
	puts(nfits > 0 ? ")" : "");
	if (nfits == 1)
		say(path, "note: %s: %s", fits->exporter, fits->help);
}

/* 0 when all is well, 1. */
static int
check_file(const char *path)
{
	struct fieldset set = { { 0, 0 } };
	struct count c = { 0 };
	struct err e = { 0 };
	struct reader *r;
	struct batch *b;
	size_t faults;
	int rc;

	traffic_fields(&set);
	told_wants(&set);
	if ((r = reader_open(path, &set, &e)) == NULL) {
		/* Its text begins with the path. */
		print_name(e.text);
		putchar('\n');
		return 1;
	}
	while ((rc = reader_next(r, &b, &e)) == 1)
		count_add(&c, b);
	if (rc == -1) {
		print_name(e.text);
		putchar('\n');
	}
	faults = (rc == -1) + print_faults(path, reader_faults(r));
	if (reader_info(r)->has_stat)
		faults += compare_stat(path, reader_info(r), &c);
	print_summary(path, reader_info(r), faults, c.traffic.by[PROTO_ALL].flows);
	print_told(path, &c.told);
	reader_close(r);
	return faults != 0;
}

int
cmd_check(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct file_list files;
	struct err e = { 0 };
	int status = 0;

	if (argc < 2 || argv[1][0] == '-') {
		fputs("usage: flowlight check FILE…\n", stderr);
		arena_free(a);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		if (file_list_one(argv[i], a, &files, &e) == -1)
			status = cmd_fail("check", &e) != 0;
		else
			for (size_t k = 0; k < files.n; k++)
				status |= check_file(files.path[k]);
	}
	arena_free(a);
	return status;
}
