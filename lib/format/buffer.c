#include "format/buffer.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/arena.h"
#include "format/nfcapd2.h"

#define SPARE_MAX	32	/* two for each of so many threads */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint8_t *spare[SPARE_MAX];
static size_t nspare;

uint8_t *
buffer_take(void)
{
	uint8_t *p = NULL;

	pthread_mutex_lock(&lock);
	if (nspare > 0)
		p = spare[--nspare];
	pthread_mutex_unlock(&lock);
	return p != NULL ? p : xmalloc(BLOCK_MAX);
}

void
buffer_give(uint8_t *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&lock);
	if (nspare < SPARE_MAX) {
		spare[nspare++] = p;
		p = NULL;
	}
	pthread_mutex_unlock(&lock);
	free(p);
}
