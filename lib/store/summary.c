#include "store/summary.h"

#include <stdlib.h>

#define TOPS_PERMILLE	8		/* of a file's bytes, for the top tables of it */
#define TOPS_TRIES	8
#define TOPS_LEAST	8192		/* whose files are small has room */

/* As blobs: their bytes. */
static size_t
encode(const struct toptable tops[static TOP_DIMS], struct strbuf blob[static TOP_DIMS])
{
	size_t bytes = 0;

	for (int d = 0; d < TOP_DIMS; d++) {
		strbuf_reset(&blob[d]);
		toptable_encode(&tops[d], &blob[d]);
		bytes += blob[d].len;
	}
	return bytes;
}

/* Small files have small tables: first ties go, then all dimensions lose the same share, but no more than they may. */
static void
encode_within(struct toptable tops[static TOP_DIMS], struct strbuf blob[static TOP_DIMS], size_t most)
{
	size_t bytes = encode(tops, blob);
	double share = 1;

	for (int tries = 0; bytes > most && tries < TOPS_TRIES; tries++) {
		for (int d = 0; d < TOP_DIMS; d++) {
			size_t keep = (size_t)(share * top_dims[d].keep);

			toptable_cut(&tops[d], keep > top_dims[d].least ? keep : top_dims[d].least);
		}
		bytes = encode(tops, blob);
		share *= 0.97 * (double)most / (double)bytes;
	}
}

struct summary *
summary_new(struct tally *t, int64_t file_bytes)
{
	int64_t most = file_bytes / 1000 * TOPS_PERMILLE;
	struct summary *s = xcalloc(1, sizeof(*s));
	struct toptable tops[TOP_DIMS];
	struct arena *a = arena_new();

	toptable_of_tally(t, a, tops);
	digest_of_tally(t, tops, &s->digest);
	encode_within(tops, s->top, most > TOPS_LEAST ? (size_t)most : TOPS_LEAST);
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
