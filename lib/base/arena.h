/*
 * Memory that is freed in one go.  Whoever makes an arena frees it;
 * everything below borrows.  An arena serves one thread at a time.
 * When memory runs out the process ends with exit status 70 and a line on
 * stderr: requests and files are redone by whoever starts it again.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void	arena_free(struct arena *);		/* NULL is fine */

/* Zeroed memory, aligned for any type; lives as long as the arena. */
void	*arena_alloc(struct arena *, size_t size);
void	*arena_array(struct arena *, size_t n, size_t size);	/* checks n * size */
char	*arena_strdup(struct arena *, const char *);
char	*arena_strndup(struct arena *, const char *, size_t n);	/* copies at most n, adds NUL */
char	*arena_printf(struct arena *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
size_t	arena_size(const struct arena *);	/* bytes held, for memory caps */

/* malloc and friends that end the process as said above; freed with free(). */
void	*xmalloc(size_t);
void	*xcalloc(size_t n, size_t size);
void	*xrealloc(void *, size_t n, size_t size);	/* room for n elements of size bytes */
char	*xstrdup(const char *);

#endif
