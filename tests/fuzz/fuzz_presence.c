/* Blocks of addresses: what is read, written again, reads the same; and sieves are only looked at within. */
#include <stdlib.h>
#include <string.h>

#include "store/presence.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define SLOTS	100

/* Writes all of a block that can be read. */
static void
copy(struct block_reader *r, struct blocks *to)
{
	uint8_t slots[SLOTS / 8 + 1];

	while (block_next(r, slots) == 1)
		blocks_put(to, &r->addr, r->nslots != 0 ? slots : NULL, r->nslots);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct blocks once = { 0 }, twice = { 0 };
	size_t nslots = size > 0 && (data[0] & 1) != 0 ? SLOTS : 0;
	struct block_reader r;
	struct addr addr;

	if (size < 17)
		return 0;
	memcpy(&addr, data + 1, sizeof(addr));
	block_start(&r, data + 1, data + 17, size - 17, nslots);
	copy(&r, &once);
	for (size_t i = 0; i < once.n; i++) {
		block_start(&r, once.block[i].first, once.block[i].bytes.s, once.block[i].bytes.len, nslots);
		copy(&r, &twice);
	}
	if (once.n != twice.n || once.size != twice.size)
		abort();
	sieve_has(&addr, data + 17, size - 17);
	blocks_free(&once);
	blocks_free(&twice);
	return 0;
}
