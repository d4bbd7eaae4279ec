/* Templates over a model with every kind of value. */
#include "base/arena.h"
#include "base/template.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static json_t *model;
	struct arena *a = arena_new();
	struct strbuf sb = { 0 };
	struct err e;

	if (model == NULL)
		model = json_loads("{\"a\":{\"b\":\"<x>\",\"a\":[1,2.5,null]},\"s\":\"t\",\"t\":true,"
		    "\"f\":false,\"n\":null,\"e\":[],\"l\":[{\"a\":1},{\"l\":[{},\"s\"]}]}", 0, NULL);
	template_render_text(NULL, arena_strndup(a, (const char *)data, size), model, &sb, &e);
	strbuf_free(&sb);
	arena_free(a);
	return 0;
}
