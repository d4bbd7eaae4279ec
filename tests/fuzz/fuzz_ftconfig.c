/*
 * The configuration languages of flow-nfilter and flow-report over any bytes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "query/ft_report.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct ft_variable variables[] = { { "NAME", "value 1" }, { NULL, NULL } };
	static char path[64];
	struct arena *a = arena_new();
	struct err e;
	FILE *f;

	if (path[0] == '\0')
		snprintf(path, sizeof(path), "/tmp/flowlight-fuzz-ftconfig.%ld", (long)getpid());
	if ((f = fopen(path, "wb")) == NULL)
		abort();
	fwrite(p, 1, n, f);
	fclose(f);
	ft_filters_read(ft_filters_new(a), path, NULL, variables, &e);
	ft_stat_read(path, "default", variables, a, &e);
	unlink(path);
	arena_free(a);
	return 0;
}
