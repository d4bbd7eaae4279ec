/*
 * The few files of static/, for `-r`, plain CGI and small installations; a web
 * server that knows the directory serves them itself.
 */
#ifndef CGI_STATIC_H
#define CGI_STATIC_H

#include "serve.h"

struct static_files;

/* Reads the known names of a directory; one that is missing is a 404 later. */
struct static_files *static_load(const char *dir);
void	static_free(struct static_files *);

/* "style.css?v=1a2b3c4d": a reference that changes with the content, so that it can be cached for long.  Constant. */
const char *static_ref(const struct static_files *, const char *name);

/* What a file of that name holds, "" when there is none. */
const char *static_text(const struct static_files *, const char *name);

/* Answers for a path below /static/; ERR_ABSENT if it is not one of the names. */
int	static_reply(const struct static_files *, const struct request *, struct reply *,
	    struct err *);

#endif
