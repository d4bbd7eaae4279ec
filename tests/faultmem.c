/*
 * faultmem.so, for LD_PRELOAD: FAULT_MEMORY=k, the k-th request for memory after
 * main() began is refused, and a file FAULT_HIT made.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

void	*__libc_malloc(size_t);
void	*__libc_calloc(size_t, size_t);
void	*__libc_realloc(void *, size_t);

static atomic_long requests;
static long at = -1;

__attribute__((constructor)) static void
read_environment(void)
{
	const char *s = getenv("FAULT_MEMORY");

	at = s != NULL ? atol(s) : 0;
}

static bool
refused(void)
{
	const char *hit;
	int fd;

	if (at <= 0 || atomic_fetch_add(&requests, 1) + 1 != at)
		return false;
	if ((hit = getenv("FAULT_HIT")) != NULL && (fd = open(hit, O_WRONLY | O_CREAT, 0644)) != -1)
		close(fd);
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t n)
{
	return refused() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return refused() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return refused() ? NULL : __libc_realloc(p, n);
}
