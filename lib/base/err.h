/*
 * Errors: filled in where they happen, given context on the way up, shown
 * once.  A function that can fail returns -1 or NULL and takes a struct err *
 * as its last argument, which must not be NULL.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_kind {
	ERR_NONE,
	ERR_INPUT,	/* the request or command line is wrong: HTTP 400, exit 2 */
	ERR_DENIED,	/* not allowed for this user: 403 */
	ERR_ABSENT,	/* no such page, source or file: 404 */
	ERR_DATA,	/* what a file holds is broken or unknown: 500, exit 1 */
	ERR_LIMIT,	/* more time, memory or rows than allowed: 503 */
	ERR_SYSTEM,	/* the operating system or a library refused: 500, exit 1 */
};

struct err {
	enum err_kind kind;
	int sysno;		/* errno for ERR_SYSTEM by err_sys(), else 0 */
	char text[1024];	/* one line (several for a configuration), no newline at its end */
};

/* Sets kind and text.  Always returns -1, so that `return err_set(…)` reads well. */
int	err_set(struct err *, enum err_kind, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* Sets ERR_SYSTEM with the text and ": " and what errno says.  Returns -1. */
int	err_sys(struct err *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts "context: " in front of the text.  Returns -1. */
int	err_in(struct err *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The HTTP status and the exit status of a kind. */
int	err_http(enum err_kind);
int	err_exit(enum err_kind);

#endif
