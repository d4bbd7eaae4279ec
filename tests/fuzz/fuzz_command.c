/* Pasted command lines: what is a query prints to a URL that means the same query. */
#include <stdlib.h>
#include <string.h>

#include "query/parse.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct source sources[] = {
	{ .id = 0, .name = "a", .dir = "/data/live/a" },
	{ .id = 1, .name = "b", .dir = "/data/live/b" },
};

static void
round_trip(const struct query *q, struct arena *a)
{
	struct strbuf url = { 0 }, again = { 0 };
	struct query *other = query_new(a);
	struct pairs pairs;
	struct err e;

	query_to_url(q, &url);
	if (pairs_parse(strbuf_text(&url), a, &pairs, &e) == -1 || query_from_pairs(other, &pairs, &e) == -1)
		abort();
	query_to_url(other, &again);
	if (strcmp(strbuf_text(&url), strbuf_text(&again)) != 0)
		abort();
	strbuf_free(&url);
	strbuf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct query *q = query_new(a);
	char **words;
	struct err e;
	int n;

	setenv("FLOWLIGHT_NOW", "1795185000", 1);
	if (words_split(arena_strndup(a, (const char *)data, size), a, &words, &n, &e) == 0 &&
	    query_from_command(q, n, words, sources, 2, 300, &e) == 0)
		round_trip(q, a);
	arena_free(a);
	return 0;
}
