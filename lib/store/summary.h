/*
 * What a file's flows look like, ready for the index: made in the thread that
 * read the file, put down with it.
 */
#ifndef STORE_SUMMARY_H
#define STORE_SUMMARY_H

#include "store/presence.h"

struct summary {
	struct digest digest;
	struct strbuf top[TOP_DIMS];	/* blobs */
	struct addresses addresses;
};

struct summary *summary_new(struct tally *);
void	summary_free(struct summary *);		/* NULL is fine */

#endif
