#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cache.h"
#include "static.h"

#define STATIC_MAX	(1 << 20)

static const struct {
	const char *name, *type;
} known[] = {
	{ "style.css", "text/css; charset=utf-8" },
	{ "noscript.css", "text/css; charset=utf-8" },
	{ "flowlight.js", "text/javascript; charset=utf-8" },
	{ "favicon.svg", "image/svg+xml" },
};
#define KNOWN	(sizeof(known) / sizeof(known[0]))

struct static_files {
	struct arena *arena;
	struct {
		const char *text;	/* NULL: not there */
		size_t size;
		char ref[64], etag[32];
	} file[KNOWN];
};

struct static_files *
static_load(const char *dir)
{
	struct static_files *files = xcalloc(1, sizeof(*files));
	struct err e;
	uint64_t hash;

	files->arena = arena_new();
	for (size_t i = 0; i < KNOWN; i++) {
		const char *path = arena_printf(files->arena, "%s/%s", dir, known[i].name);

		files->file[i].text = file_read(path, STATIC_MAX, files->arena,
		    &files->file[i].size, &e);
		if (files->file[i].text == NULL)
			log_warn("%s", e.text);
		hash = hash_add(HASH_START, files->file[i].text, files->file[i].size);
		snprintf(files->file[i].ref, sizeof(files->file[i].ref), "%s?v=%08x",
		    known[i].name, (unsigned)hash);
		snprintf(files->file[i].etag, sizeof(files->file[i].etag), "\"%016llx\"",
		    (unsigned long long)hash);
	}
	return files;
}

void
static_free(struct static_files *files)
{
	if (files == NULL)
		return;
	arena_free(files->arena);
	free(files);
}

const char *
static_ref(const struct static_files *files, const char *name)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strcmp(known[i].name, name) == 0)
			return files->file[i].ref;
	return name;
}

const char *
static_text(const struct static_files *files, const char *name)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strcmp(known[i].name, name) == 0 && files->file[i].text != NULL)
			return files->file[i].text;
	return "";
}

int
static_reply(const struct static_files *files, const struct request *rq, struct reply *rp,
    struct err *e)
{
	const char *name = rq->path + strlen("/static/");

	for (size_t i = 0; i < KNOWN; i++) {
		if (strcmp(known[i].name, name) != 0 || files->file[i].text == NULL)
			continue;
		rp->type = known[i].type;
		rp->cache_control = "public, max-age=31536000";
		if (reply_unless_same(rq, rp, files->file[i].etag))
			strbuf_add(&rp->body, files->file[i].text, files->file[i].size);
		return 0;
	}
	return err_set(e, ERR_ABSENT, "there is no %s", rq->path);
}
