/*
 * Collector files into the index: several are read at a time, each is put down
 * in one transaction.
 */
#ifndef DAEMON_INGEST_H
#define DAEMON_INGEST_H

#include "shelf.h"
#include "watch.h"

/*
 * Takes some of the files that wait, reads them and puts them down; marks the
 * sources whose slots changed in changed[source->id].  Column files go on the
 * shelf (NULL: none are written).  *stop ends it early, what
 * was not read then still waits.  The number of files taken, or -1 when the
 * index cannot be written (they wait, too).
 */
int	ingest_some(const struct conf *, struct index *, struct lookout *, struct shelf *, bool *changed,
	    const volatile int *stop, struct err *);

/*
 * Reads a file that is in the index once more.  1: it is as the index has it, or
 * another by now, or cannot be read; 0: it was not, which was said in the log and
 * put right; -1.  Either way the index knows that it was checked.
 */
int	ingest_check(const struct conf *, struct index *, const struct source *, const char *name, int64_t start,
	    const volatile int *stop, bool *changed, struct err *);

/*
 * Makes a file's column file, whether or not it is there.  Its size; 0 when there is
 * none, because the file has faults, say; -1.
 */
int64_t	ingest_columns(const struct conf *, const struct source *, const char *name, struct err *);

#endif
