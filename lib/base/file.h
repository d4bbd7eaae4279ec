/*
 * Small helpers around files.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

/* What tells that a file is still the one that was read. */
struct stamp {
	int64_t size;		/* bytes */
	int64_t mtime_nsec;	/* nanoseconds since 1970 */
	uint64_t dev, ino;
};

/*
 * Opens a regular file for reading without following a symbolic link in the
 * last component and without blocking on a FIFO; anything else is refused
 * with a text that says what it is.  The descriptor, or -1.
 */
int	file_open(const char *path, struct stamp *, struct err *);	/* stamp may be NULL */

/* Reads exactly n bytes at an offset; fewer at the end of the file.  Bytes read, or -1. */
ssize_t	file_read_at(int fd, void *, size_t n, int64_t offset, struct err *);

/* The whole file, NUL-terminated, in the arena; refuses files over max bytes. */
char	*file_read(const char *path, size_t max, struct arena *, size_t *n, struct err *);

/* Writes a file that appears whole or not at all (temporary name, fsync, rename). */
int	file_write(const char *path, const void *, size_t n, mode_t, struct err *);

/*
 * "DIR/.NAME.XXXXXX" for DIR/NAME, as mkstemp(3) takes it: with a dot in front, which scans
 * of collector directories skip.  To be freed.
 */
char	*file_temporary(const char *path);

/* Makes a directory and its parents (mode 0755 for the parents). */
int	file_mkdirs(const char *path, mode_t, struct err *);

#endif
