/* Configurations: a fault is always told, and what is accepted can be used. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/conf.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct err e = { .text = "" };
	struct conf *conf = conf_read_text("fuzz", arena_strndup(a, (const char *)data, size), &e);

	if (conf == NULL ? e.text[0] == '\0' : 86400 % conf->slot != 0 || conf->nsources == 0 ||
	    conf->sources[0].dir[0] != '/' || conf_source(conf, conf->sources[0].name) == NULL)
		abort();
	conf_free(conf);
	arena_free(a);
	return 0;
}
