/*
 * Comparing what a reader gives with what `flow-export -f2` (flow-tools) or
 * `flowd-reader -c` printed for the same file, field by field.
 *
 * A file of cases has lines of: collector file, CSV (or "-"), options (or "-"),
 * and what the faults or the error must say (nothing: there is none).  Options,
 * separated by commas: "prefix" (the reader may find more flows), "part" (fewer),
 * "received" (unix_secs is not the time of reception), and names of CSV columns
 * that are not compared.
 */
#ifndef TESTS_FLOWCSV_H
#define TESTS_FLOWCSV_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/reader.h"

#define COLUMNS	40

static const struct flowcsv_name { const char *name; enum field field; } flowcsv_names[] = {
	{ "exaddr", F_ROUTER }, { "dflows", F_FLOWS }, { "dpkts", F_PACKETS }, { "doctets", F_BYTES },
	{ "engine_type", F_ENGINETYPE }, { "engine_id", F_ENGINEID }, { "srcaddr", F_SRCIP }, { "dstaddr", F_DSTIP },
	{ "nexthop", F_NEXTHOP }, { "input", F_INIF }, { "output", F_OUTIF }, { "srcport", F_SRCPORT },
	{ "dstport", F_DSTPORT }, { "prot", F_PROTO }, { "tos", F_SRCTOS }, { "tcp_flags", F_FLAGS },
	{ "src_mask", F_SRCMASK }, { "dst_mask", F_DSTMASK }, { "src_as", F_SRCAS }, { "dst_as", F_DSTAS },
	{ "router_sc", F_SHORTCUT }, { "src_tag", F_SRCTAG }, { "dst_tag", F_DSTTAG },
	/* flow-export prints these two under each other's name. */
	{ "extra_pkts", F_MARKEDTOS }, { "marked_tos", F_EXTRAPACKETS },
	{ "sysuptime", F_UPTIME }, { "unix_secs", F_RECEIVED }, { "unix_nsecs", F_RECEIVED },
	{ "first", F_FIRST }, { "last", F_LAST },
	{ "in_encaps", F_INENCAPS }, { "out_encaps", F_OUTENCAPS },
};

struct flowcsv {
	char *text, **line;
	size_t n;			/* lines after the heading */
	const char *name[COLUMNS];
	enum field field[COLUMNS];
	size_t columns;
};

static char *
flowcsv_slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *s;

	if (f == NULL)
		return NULL;
	fseek(f, 0, SEEK_END);
	*n = (size_t)ftell(f);
	rewind(f);
	s = malloc(*n + 1);
	*n = fread(s, 1, *n, f);
	s[*n] = '\0';
	fclose(f);
	return s;
}

static bool
flowcsv_option(const char *options, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = options; (p = strstr(p, name)) != NULL; p += n)
		if ((p == options || p[-1] == ',') && (p[n] == ',' || p[n] == '\0'))
			return true;
	return false;
}

static void
flowcsv_heading(struct flowcsv *c, char *heading)
{
	bool nexthop = false;

	for (char *save, *w = strtok_r(heading + 2, ",\n", &save); w != NULL; w = strtok_r(NULL, ",\n", &save)) {
		size_t i = 0;

		while (i < sizeof(flowcsv_names) / sizeof(flowcsv_names[0]) && strcmp(flowcsv_names[i].name, w) != 0)
			i++;
		if (i == sizeof(flowcsv_names) / sizeof(flowcsv_names[0])) {
			printf("# column %s is unknown\n", w);
			exit(1);
		}
		c->name[c->columns] = w;
		/* The second one of version 6 is the peer's. */
		c->field[c->columns++] = nexthop && flowcsv_names[i].field == F_NEXTHOP ? F_BGPNEXTHOP :
		    flowcsv_names[i].field;
		nexthop |= flowcsv_names[i].field == F_NEXTHOP;
	}
}

static bool
flowcsv_open(struct flowcsv *c, const char *path)
{
	size_t n, room;

	memset(c, 0, sizeof(*c));
	if ((c->text = flowcsv_slurp(path, &n)) == NULL)
		return false;
	room = 1;
	for (const char *p = c->text; *p != '\0'; p++)
		room += *p == '\n';
	c->line = calloc(room, sizeof(c->line[0]));
	for (char *p = c->text, *end; *p != '\0' && (end = strchr(p, '\n')) != NULL; p = end + 1) {
		*end = '\0';
		c->line[c->n++] = p;
	}
	flowcsv_heading(c, c->line[0]);
	c->n--;
	c->line++;
	return true;
}

static void
flowcsv_close(struct flowcsv *c)
{
	free(c->line - 1);
	free(c->text);
}

/* Times as the exporter meant them: signed distances from its uptime. */
static uint64_t
flowcsv_time(const struct flowcsv *c, char *const *value, enum field f)
{
	uint64_t v[F_COUNT] = { 0 }, nsecs = 0;
	int64_t last;
	uint32_t duration;

	for (size_t i = 0; i < c->columns; i++)
		if (strcmp(c->name[i], "unix_nsecs") == 0)
			nsecs = strtoull(value[i], NULL, 10);
		else if (c->field[i] != F_COUNT)
			v[c->field[i]] = strtoull(value[i], NULL, 10);
	last = (int64_t)(v[F_RECEIVED] * 1000 + nsecs / 1000000);
	if (f == F_RECEIVED)
		return last;
	last += (int32_t)(uint32_t)(v[F_LAST] - v[F_UPTIME]);
	duration = (uint32_t)(v[F_LAST] - v[F_FIRST]);
	if (last < 0)
		last = 0;
	if (f == F_FIRST && duration <= INT32_MAX)
		last = last > (int64_t)duration ? last - (int64_t)duration : 0;
	return (uint64_t)last;
}

static bool
flowcsv_same_value(const struct flowcsv *c, char *const *value, size_t i, const struct batch *b, size_t row)
{
	enum field f = c->field[i];

	if (f == F_RECEIVED || f == F_FIRST || f == F_LAST)
		return batch_number(b, f, row) == flowcsv_time(c, value, f);
	if (fields[f].kind == KIND_ADDR) {
		char text[ADDR_STRLEN];

		addr_print(&COLADDR(b, f)[row], text);
		return strcmp(text, strcmp(value[i], "(null)") == 0 ? "0.0.0.0" : value[i]) == 0;
	}
	return batch_number(b, f, row) == strtoull(value[i], NULL, 10);
}

/* Compares a flow with line `number`; prints what differs. */
static bool
flowcsv_same(const struct flowcsv *c, size_t number, const char *options, const struct batch *b, size_t row)
{
	char line[1024], *value[COLUMNS] = { NULL };
	size_t n = 0;

	snprintf(line, sizeof(line), "%s", c->line[number]);
	for (char *save, *w = strtok_r(line, ",", &save); w != NULL && n < COLUMNS; w = strtok_r(NULL, ",", &save))
		value[n++] = w;
	for (size_t i = 0; i < c->columns && i < n; i++) {
		bool received = flowcsv_option(options, "received") && c->field[i] == F_RECEIVED;

		if (c->field[i] == F_COUNT || received || flowcsv_option(options, c->name[i]))
			continue;
		if (!flowcsv_same_value(c, value, i, b, row)) {
			printf("# flow %zu: %s is not %s but %llu\n", number + 1, c->name[i], value[i],
			    (unsigned long long)batch_number(b, c->field[i], row));
			return false;
		}
	}
	return n == c->columns;
}

static void
flowcsv_want(struct fieldset *want)
{
	for (size_t i = 0; i < sizeof(flowcsv_names) / sizeof(flowcsv_names[0]); i++)
		if (flowcsv_names[i].field != F_COUNT)
			fieldset_add(want, flowcsv_names[i].field);
	fieldset_add(want, F_BGPNEXTHOP);
	fieldset_add(want, F_ELEMENTS);
	fieldset_add(want, F_DURATION);
}

/* Reads the file and compares; faults are put together in `said`. */
static bool
flowcsv_read(const char *path, const char *csv, const char *options, char *said, size_t size)
{
	struct fieldset want = { { 0, 0 } };
	struct flowcsv c = { .text = NULL };
	struct reader *r;
	struct batch *b;
	struct err e;
	size_t n = 0;
	bool same = true;
	int rc;

	flowcsv_want(&want);
	said[0] = '\0';
	if ((r = reader_open(path, &want, &e)) == NULL) {
		snprintf(said, size, "%s", e.text);
		return strcmp(csv, "-") == 0;
	}
	if (strcmp(csv, "-") != 0 && !flowcsv_open(&c, csv)) {
		printf("# %s is missing\n", csv);
		return false;
	}
	while ((rc = reader_next(r, &b, &e)) == 1)
		for (size_t i = 0; i < b->n && same; i++, n++)
			if (c.text != NULL && (n < c.n || !flowcsv_option(options, "prefix")))
				same = n < c.n && flowcsv_same(&c, n, options, b, i);
	if (same && c.text != NULL && n < c.n && !flowcsv_option(options, "part"))
		same = false;
	if (!same || rc == -1)
		printf("# %s: %zu flows, %zu expected\n", path, n, c.n);
	for (size_t i = 0; i < reader_faults(r)->n && i < FAULTS_MAX; i++)
		snprintf(said + strlen(said), size - strlen(said), "%s; ", reader_faults(r)->fault[i].reason);
	if (c.text != NULL)
		flowcsv_close(&c);
	reader_close(r);
	return same && rc == 0;
}

/* Runs all cases of a file; prints a TAP line for each.  How many failed. */
static int
flowcsv_cases(const char *cases)
{
	size_t n, number = 0;
	char *text = flowcsv_slurp(cases, &n), dir[512], *save;
	int failed = 0;

	if (text == NULL) {
		printf("not ok - %s is missing\n", cases);
		return 1;
	}
	snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(cases, '/') - cases), cases);
	for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		char file[256], csv[256], options[128], path[1024], csv_path[1024], said[4096];
		const char *expect;
		int used = 0;
		bool good;

		if (line[0] == '#' || sscanf(line, "%255s %255s %127s %n", file, csv, options, &used) != 3)
			continue;
		expect = line + used;
		snprintf(path, sizeof(path), "%s/%s", dir, file);
		snprintf(csv_path, sizeof(csv_path), "%s/%s", dir, csv);
		good = flowcsv_read(path, strcmp(csv, "-") == 0 ? "-" : csv_path, options, said, sizeof(said));
		if (good && (*expect == '\0' ? said[0] != '\0' : strstr(said, expect) == NULL))
			good = false;
		printf("%s %zu - %s\n", good ? "ok" : "not ok", ++number, file);
		if (!good)
			printf("# said: %s\n", said);
		failed += !good;
	}
	free(text);
	return failed;
}

#endif
