/* Top tables' blobs: what decodes encodes to a blob that decodes to the same. */
#include <stdlib.h>
#include <string.h>

#include "store/toptable.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct strbuf sb = { 0 };
	struct toptable t, again;
	struct err e;

	if (size > 0 && toptable_decode(data + 1, size - 1, data[0] % TOP_DIMS, a, &t, &e) == 0) {
		toptable_encode(&t, &sb);
		if (toptable_decode(sb.s, sb.len, t.dim, a, &again, &e) == -1 || again.n != t.n ||
		    memcmp(again.row, t.row, t.n * sizeof(*t.row)) != 0)
			abort();
	}
	strbuf_free(&sb);
	arena_free(a);
	return 0;
}
