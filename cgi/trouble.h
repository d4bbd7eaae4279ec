/*
 * Why a source shows nothing, in a sentence.
 */
#ifndef CGI_TROUBLE_H
#define CGI_TROUBLE_H

#include "site.h"

struct trouble {
	const char *what;	/* a sentence; NULL: all is well */
	bool severe;		/* nothing comes in, or nothing can be read */
};

/* What is wrong with a source; the sentence is in the arena. */
struct trouble source_trouble(const struct site *, const struct source_status *, struct arena *);

/* Seconds that a source's newest slot is behind now; 0 if it has none. */
int64_t	source_lag(const struct site *, const struct source_status *);

#endif
