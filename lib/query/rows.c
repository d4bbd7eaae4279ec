#include "query/rows.h"

#include <stdlib.h>
#include <string.h>

static bool
is_slice(enum field f)
{
	return fields[f].kind == KIND_TEXT || fields[f].kind == KIND_BINARY;
}

void
rows_init(struct rows *rows, const struct fieldset *set)
{
	memset(rows, 0, sizeof(*rows));
	rows->batch.have = *set;
	rows->batch.ident = "";
}

void
rows_reset(struct rows *rows)
{
	rows->batch.n = 0;
	rows->batch.ident = "";
	arena_free(rows->texts);
	rows->texts = NULL;
}

void
rows_free(struct rows *rows)
{
	for (enum field f = 0; f < F_COUNT; f++)
		free(rows->batch.col[f]);
	arena_free(rows->texts);
	memset(rows, 0, sizeof(*rows));
}

static void
make_room(struct rows *rows, size_t n)
{
	size_t room = rows->room != 0 ? rows->room : 64;

	if (n <= rows->room)
		return;
	while (room < n)
		room *= 2;
	for (enum field f = 0; f < F_COUNT; f++)
		if (fieldset_has(&rows->batch.have, f))
			rows->batch.col[f] = xrealloc(rows->batch.col[f], room, fields[f].width);
	rows->room = room;
}

/* The bytes of a slice are in the reader's block: keep them. */
static void
keep_texts(struct rows *rows, enum field f, size_t first, size_t n)
{
	struct slice *s = COLSLICE(&rows->batch, f) + first;

	if (rows->texts == NULL)
		rows->texts = arena_new();
	for (size_t i = 0; i < n; i++)
		if (s[i].len > 0)
			s[i].p = (const uint8_t *)arena_strndup(rows->texts, (const char *)s[i].p, s[i].len);
}

void
rows_append(struct rows *rows, const struct batch *b)
{
	size_t first = rows->batch.n, n = b->n;

	make_room(rows, first + n);
	for (enum field f = 0; f < F_COUNT; f++) {
		size_t width = fields[f].width;
		char *to;

		if (!fieldset_has(&rows->batch.have, f))
			continue;
		to = (char *)rows->batch.col[f] + first * width;
		if (b->col[f] == NULL || !fieldset_has(&b->have, f)) {
			memset(to, 0, n * width);
			continue;
		}
		memcpy(to, b->col[f], n * width);
		if (is_slice(f))
			keep_texts(rows, f, first, n);
	}
	rows->batch.n += n;
	if (b->ident != NULL && b->ident[0] != '\0' && rows->batch.ident[0] == '\0') {
		if (rows->texts == NULL)
			rows->texts = arena_new();
		rows->batch.ident = arena_strdup(rows->texts, b->ident);
	}
}

size_t
rows_memory(const struct rows *rows)
{
	size_t bytes = 0;

	for (enum field f = 0; f < F_COUNT; f++)
		if (fieldset_has(&rows->batch.have, f))
			bytes += rows->room * fields[f].width;
	return bytes + (rows->texts != NULL ? arena_size(rows->texts) : 0);
}
