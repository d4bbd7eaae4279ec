#include <stdlib.h>
#include <string.h>

#include "engine.h"

static bool
same_culprit(const struct evidence *a, const struct evidence *b)
{
	return a != NULL && b != NULL && a->dim == b->dim && memcmp(a->key, b->key, top_dims[a->dim].size) == 0;
}

static bool
same_owner(const struct explanation *a, const struct explanation *b)
{
	return a->nowners > 0 && b->nowners > 0 && memcmp(&a->owner[0].host, &b->owner[0].host, sizeof(struct addr)) == 0;
}

static bool
goes_on(const struct incident *in, const struct peak *p, unsigned seconds)
{
	const struct peak *was = in->loudest;

	return was->source == p->source && was->why.kind == p->why.kind && p->start >= in->window.to &&
	    p->start <= in->window.to + seconds &&
	    (same_culprit(was->why.culprit, p->why.culprit) || same_owner(&was->why, &p->why));
}

static int
by_newest(const void *va, const void *vb)
{
	const struct incident *a = va, *b = vb;

	if (a->window.to != b->window.to)
		return a->window.to > b->window.to ? -1 : 1;
	return a->loudest->source->id - b->loudest->source->id;
}

size_t
incidents_of(const struct peak *peaks, size_t n, unsigned seconds, struct arena *a, struct incident **out)
{
	struct incident *all = arena_array(a, n + 1, sizeof(*all));
	size_t made = 0;

	for (size_t i = 0; i < n; i++) {
		const struct peak *p = &peaks[i];
		struct incident *in = made > 0 ? &all[made - 1] : NULL;

		if (in == NULL || !goes_on(in, p, seconds)) {
			in = &all[made++];
			*in = (struct incident){ .loudest = p, .window.from = p->start };
		} else if (p->why.change[0].z > in->loudest->why.change[0].z)
			in->loudest = p;
		in->window.to = p->start + seconds;
		in->slots++;
	}
	if (made > 1)
		qsort(all, made, sizeof(*all), by_newest);
	*out = all;
	return made;
}
