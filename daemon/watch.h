/*
 * The lookout: which collector files there are, and which of them are to be
 * read.  Directories are polled by their times: that works over NFS and on
 * every system.
 *
 * Every file that was ever read, and those that wait, are kept in memory, so a
 * look at a directory of 200,000 files costs its readdir() and no stat() but
 * those of new names.
 */
#ifndef DAEMON_WATCH_H
#define DAEMON_WATCH_H

#include "store/index.h"

struct directory;

/* A collector file. */
struct entry {
	const struct source *source;
	char *name;			/* below the source's directory */
	struct stamp stamp;		/* when it was read last, or seen if it waits */
	int64_t start;			/* of its slot */
	int64_t retry;			/* read it again then, though unchanged; monotonic seconds, 0: no need */
	bool waiting;			/* to be read */
	bool gone;			/* deleted since it was read */
	uint32_t seen;			/* number of the scan that found it */
	struct directory *directory;
	struct entry *next;		/* in its directory */
};

struct lookout;

/* Knows at once all files that are in the index.  Conf and index are borrowed. */
struct lookout *lookout_new(const struct conf *, struct index *, struct err *);
void	lookout_free(struct lookout *);		/* NULL is fine */

/* Looks at the directories; what fails for one source becomes its trouble.  *stop ends it early. */
void	lookout_look(struct lookout *, const volatile int *stop);

/*
 * Takes files that wait, newest slot first: up to `max` of them, fewer when
 * they hold more than about `bytes` together (but at least one if any waits).
 */
size_t	lookout_take(struct lookout *, struct entry **, size_t max, int64_t bytes);

/* The file was read and is in the index with that stamp.  retry: seconds after which to try anew, 0: never. */
void	lookout_read(struct lookout *, struct entry *, const struct stamp *, unsigned retry);

/* It could not be read just now, or changed meanwhile: puts it back. */
void	lookout_put_back(struct lookout *, struct entry *);

/* It vanished before it was read. */
void	lookout_vanished(struct lookout *, struct entry *);

size_t	lookout_waiting(const struct lookout *);
size_t	lookout_waiting_of(const struct lookout *, const struct source *);
const char *lookout_trouble(const struct lookout *, const struct source *);	/* NULL: none */

bool	stamp_same(const struct stamp *, const struct stamp *);

/*
 * Puts into a stamp how the source's flows are read.  A file's totals are those
 * of its bytes and of these settings, so that a change of either has it read anew.
 */
void	stamp_mark(struct stamp *, const struct source *);

#endif
