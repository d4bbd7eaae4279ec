/*
 * Reads filters, a line each, and counts the flows of the files that match:
 *	filtercount FILE… < FILTERS
 * prints "COUNT<tab>TEXT" per filter, where TEXT is what nfdump is to be given,
 * or "-" and why there is none; "error<tab>TEXT" for a filter that is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/reader.h"
#include "query/filter.h"

static size_t
count(const struct filter *f, const char *path, struct arena *a)
{
	struct filter_scratch *scratch = filter_scratch(f, a);
	struct fieldset want = { { 0, 0 } };
	struct err e = { 0 };
	struct reader *r;
	struct batch *b;
	uint8_t sel[BATCH_MAX];
	size_t n = 0;

	filter_fields(f, &want);
	if ((r = reader_open(path, &want, &e)) == NULL) {
		fprintf(stderr, "%s: %s\n", path, e.text);
		exit(1);
	}
	while (reader_next(r, &b, &e) == 1)
		n += filter_run(f, scratch, b, sel);
	reader_close(r);
	return n;
}

int
main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		struct arena *a = arena_new();
		struct err e = { 0 };
		struct strbuf sb = { 0 };
		struct filter *f;
		const char *why = NULL;
		size_t n = 0;

		line[strcspn(line, "\n")] = '\0';
		if ((f = filter_compile(line, a, &e)) == NULL) {
			printf("error\t%s\n", e.text);
		} else {
			for (int i = 1; i < argc; i++)
				n += count(f, argv[i], a);
			filter_print(f, FILTER_NFDUMP, &sb, &why);
			printf("%zu\t%s%s\n", n, why != NULL ? "- " : "", why != NULL ? why : strbuf_text(&sb));
		}
		strbuf_free(&sb);
		arena_free(a);
	}
	free(line);
	return 0;
}
