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

/*
 * Of a file of so many bytes.  Its top tables may have 8 of a thousand of them, or
 * 8 kB; rows that they have no room for are cut off, as far down as is of use.
 */
struct summary *summary_new(struct tally *, int64_t file_bytes);
void	summary_free(struct summary *);		/* NULL is fine */

#endif
