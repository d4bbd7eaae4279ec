#include "store/summary.h"

#include <stdlib.h>

struct summary *
summary_new(struct tally *t)
{
	struct summary *s = xcalloc(1, sizeof(*s));
	struct toptable tops[TOP_DIMS];
	struct arena *a = arena_new();

	toptable_of_tally(t, a, tops);
	digest_of_tally(t, tops, &s->digest);
	for (int d = 0; d < TOP_DIMS; d++)
		toptable_encode(&tops[d], &s->top[d]);
	addresses_of_tally(t, &tops[TOP_IP], &s->addresses);
	arena_free(a);
	return s;
}

void
summary_free(struct summary *s)
{
	if (s == NULL)
		return;
	for (int d = 0; d < TOP_DIMS; d++)
		strbuf_free(&s->top[d]);
	addresses_free(&s->addresses);
	free(s);
}
