/*
 * What a process, or a thread, gives up that only reads and answers: programs,
 * sockets, and all files but its own.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>

#include "base/err.h"

struct sandbox;

/*
 * One in which the system's own files can be read: libraries, fonts, time
 * zones, where names are looked up.  Never NULL.
 */
struct sandbox *sandbox_new(void);
void	sandbox_free(struct sandbox *);		/* NULL is fine */

/*
 * A file, or all that is below a directory, may be read in it; or also be
 * written, made and removed.  What is not there yet is left out: see
 * sandbox_stale.
 */
void	sandbox_read(struct sandbox *, const char *path);
void	sandbox_write(struct sandbox *, const char *path);

/*
 * Has a path come, gone, or become another file or directory?  What has entered
 * cannot reach that: a fresh process, or thread, with a sandbox anew can.
 */
bool	sandbox_stale(const struct sandbox *);

/*
 * From now on this thread and those it starts (before there are any: the whole
 * process) start no program and, unless `sockets`, open no socket, and reach
 * no file but the sandbox's; NULL: any.  What is open stays.  Privileges are
 * not gained again either.  0, or -1 where the system has nothing for it: all
 * is then as before.
 */
int	sandbox_enter(struct sandbox *, bool sockets, struct err *);

/*
 * Runs the function in a thread of its own that has entered, and waits for its
 * end.  Where only whole processes can enter, it is just run.  -1: it was not.
 */
int	sandbox_run(struct sandbox *, bool sockets, void (*)(void *), void *, struct err *);

/* NULL, or why files are not limited here: an old kernel, another system. */
const char *sandbox_lacks_files(void);

#endif
