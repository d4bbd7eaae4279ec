#include "base/slab.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/arena.h"

#define LARGE_PAGE	((size_t)2 << 20)
#define FIRST_SLAB	((size_t)1 << 20)
#define SLAB		((size_t)8 << 20)

/* A piece that nobody has. */
struct spare {
	struct spare *next;
};

struct slabs {
	pthread_mutex_t lock;
	size_t piece, cut;		/* bytes; pieces so far */
	struct spare *spare;
	char *at, *end;			/* of the last slab: what was never taken */
	char **slab;
	size_t n;
};

struct slabs *
slabs_new(size_t piece)
{
	struct slabs *s = xcalloc(1, sizeof(*s));

	pthread_mutex_init(&s->lock, NULL);
	s->piece = piece;
	return s;
}

void
slabs_free(struct slabs *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		free(s->slab[i]);
	free(s->slab);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void
memory_in_large_pages(void *p, size_t size)
{
#ifdef MADV_HUGEPAGE
	uintptr_t start = ((uintptr_t)p + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1);

	if (size >= 2 * LARGE_PAGE)
		(void)madvise((void *)start, size - (start - (uintptr_t)p), MADV_HUGEPAGE);
#else
	(void)p;
	(void)size;
#endif
}

/* The first slab is small and in small pages: most have no second. */
static void
new_slab(struct slabs *s)
{
	size_t size = s->n == 0 ? FIRST_SLAB : SLAB;
	void *p = s->n == 0 ? xmalloc(size) : NULL;

	if (p == NULL && posix_memalign(&p, LARGE_PAGE, size) != 0)
		p = xmalloc(size);
	memory_in_large_pages(p, size);
	s->slab = xrealloc(s->slab, s->n + 1, sizeof(*s->slab));
	s->slab[s->n++] = s->at = p;
	s->end = s->at + size;
}

void *
slabs_take(struct slabs *s)
{
	void *p;

	pthread_mutex_lock(&s->lock);
	if ((p = s->spare) != NULL) {
		s->spare = s->spare->next;
	} else {
		if ((size_t)(s->end - s->at) < s->piece)
			new_slab(s);
		p = s->at;
		s->at += s->piece;
		s->cut++;
	}
	pthread_mutex_unlock(&s->lock);
	return p;
}

void
slabs_give(struct slabs *s, void *p)
{
	struct spare *spare = p;

	pthread_mutex_lock(&s->lock);
	spare->next = s->spare;
	s->spare = spare;
	pthread_mutex_unlock(&s->lock);
}

size_t
slabs_memory(struct slabs *s)
{
	size_t n;

	pthread_mutex_lock(&s->lock);
	n = s->cut * s->piece;
	pthread_mutex_unlock(&s->lock);
	return n;
}
