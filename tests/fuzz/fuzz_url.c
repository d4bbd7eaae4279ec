/* Query strings: what parses prints to a string that parses to the same. */
#include <stdlib.h>
#include <string.h>

#include "base/url.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct strbuf sb = { 0 };
	struct pairs pairs, again;
	struct err e;
	size_t i;

	if (pairs_parse(arena_strndup(a, (const char *)data, size), a, &pairs, &e) == 0) {
		for (i = 0; i < pairs.n; i++)
			url_add(&sb, pairs.pair[i].name, pairs.pair[i].value);
		if (pairs_parse(strbuf_text(&sb), a, &again, &e) == -1 || again.n != pairs.n)
			abort();
		for (i = 0; i < pairs.n; i++)
			if (strcmp(pairs.pair[i].value, again.pair[i].value) != 0)
				abort();
	}
	strbuf_free(&sb);
	arena_free(a);
	return 0;
}
