/* Files of countries and AS of networks: what is read is found. */
#include <stdlib.h>

#include "base/arena.h"
#include "flow/netnames.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct err e;
	struct netnames *names = netnames_parse("f", arena_strndup(a, (const char *)data, size), &e);

	for (size_t i = 0; names != NULL && i + 16 <= size && i < 512; i++) {
		struct addr addr;
		const struct net_name *n;

		for (size_t k = 0; k < 16; k++)
			addr.b[k] = data[i + k];
		n = netnames_find(names, &addr);
		if (n != NULL && !prefix_has(&n->prefix, &addr))
			abort();
		netnames_as(names, data[i]);
	}
	netnames_free(names);
	arena_free(a);
	return 0;
}
