/*
 * Pieces of memory of one size, cut from large pages and freed together.
 * Several threads may take and give at a time.
 */
#ifndef BASE_SLAB_H
#define BASE_SLAB_H

#include <stddef.h>

struct slabs;

struct slabs *slabs_new(size_t piece);		/* a multiple of 8 */
void	slabs_free(struct slabs *);		/* NULL is fine; all pieces go with it */

/* A piece, not zeroed; and back, to be taken again. */
void	*slabs_take(struct slabs *);
void	slabs_give(struct slabs *, void *);

/* Bytes of all pieces that were ever taken: they are not given back before the end. */
size_t	slabs_memory(struct slabs *);

/* Asks for large pages: random access over many megabytes is mostly waiting for page tables without them. */
void	memory_in_large_pages(void *, size_t);

#endif
