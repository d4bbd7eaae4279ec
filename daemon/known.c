#include "known.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* FNV-1a.  Names follow the collector's pattern, so nobody chooses them to collide. */
static uint64_t
hash(const struct source *src, const char *name, size_t len)
{
	uint64_t h = 0xcbf29ce484222325 ^ (uint64_t)src->id;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 0x100000001b3;
	return h ^ h >> 32;
}

void *
known_find(const struct known *k, const struct source *src, const char *name, size_t len)
{
	uint64_t h = hash(src, name, len);
	const char *other;
	size_t i;

	if (k->room == 0)
		return NULL;
	for (i = h & (k->room - 1); k->item[i].thing != NULL; i = (i + 1) & (k->room - 1)) {
		if (k->item[i].hash != h || k->source(k->item[i].thing) != src)
			continue;
		other = k->name(k->item[i].thing);
		if (strncmp(other, name, len) == 0 && other[len] == '\0')
			return k->item[i].thing;
	}
	return NULL;
}

static void
put(struct known *k, uint64_t h, void *thing)
{
	size_t i = h & (k->room - 1);

	while (k->item[i].thing != NULL)
		i = (i + 1) & (k->room - 1);
	k->item[i] = (struct known_item){ h, thing };
}

static void
grow(struct known *k)
{
	struct known_item *old = k->item;
	size_t i, room = k->room;

	k->room = room == 0 ? 1024 : room * 2;
	k->item = xcalloc(k->room, sizeof(*k->item));
	for (i = 0; i < room; i++)
		if (old[i].thing != NULL)
			put(k, old[i].hash, old[i].thing);
	free(old);
}

void
known_add(struct known *k, void *thing)
{
	const char *name = k->name(thing);

	if (2 * (k->n + 1) > k->room)
		grow(k);
	put(k, hash(k->source(thing), name, strlen(name)), thing);
	k->n++;
}

void
known_free(struct known *k)
{
	free(k->item);
	k->item = NULL;
	k->n = k->room = 0;
}
