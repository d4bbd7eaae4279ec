/*
 * The reader of flow-tools files over any bytes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "format/reader.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static char path[64];
	struct fieldset all = { { ~(uint64_t)0, ((uint64_t)1 << (F_COUNT - 64)) - 1 } };
	struct reader *r;
	struct batch *b;
	struct err e;
	FILE *f;

	if (path[0] == '\0')
		snprintf(path, sizeof(path), "/tmp/flowlight-fuzz-flowtools.%ld", (long)getpid());
	if ((f = fopen(path, "wb")) == NULL)
		abort();
	fwrite(p, 1, n, f);
	fclose(f);
	if ((r = reader_open(path, &all, &e)) != NULL)
		while (reader_next(r, &b, &e) == 1)
			if (b->n > BATCH_MAX)
				abort();
	reader_close(r);
	unlink(path);
	return 0;
}
