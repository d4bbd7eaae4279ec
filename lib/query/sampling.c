#include "query/sampling.h"

#include <string.h>

static void
multiply(struct quirks *q, uint64_t by)
{
	uint64_t scale = (q->scale > 1 ? q->scale : 1) * by;

	q->scale = scale > UINT32_MAX ? UINT32_MAX : (unsigned)scale;
}

static struct source *
source_scaled(const struct source *from, uint64_t by, struct arena *a)
{
	struct source *s = arena_alloc(a, sizeof(*s));

	if (from != NULL)
		*s = *from;
	multiply(&s->quirks, by);
	s->exporters = arena_array(a, s->nexporters + 1, sizeof(*s->exporters));
	for (size_t i = 0; i < s->nexporters; i++) {
		s->exporters[i] = from->exporters[i];
		multiply(&s->exporters[i].quirks, by);
	}
	return s;
}

struct file_list
sampling_files(const struct file_list *files, uint64_t by, struct arena *a)
{
	struct file_list scaled = *files;

	scaled.source = arena_array(a, files->n + 1, sizeof(*scaled.source));
	for (size_t i = 0; i < files->n; i++) {
		const struct source *from = files->source != NULL ? files->source[i] : NULL;
		size_t k = 0;

		/* Files of one source share one copy. */
		while (k < i && (files->source != NULL ? files->source[k] : NULL) != from)
			k++;
		scaled.source[i] = k < i ? scaled.source[k] : source_scaled(from, by, a);
	}
	return scaled;
}
