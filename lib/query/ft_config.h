/*
 * What flow-tools' configuration files have in common: words on lines, # for
 * comments, and variables (@NAME, @{NAME}, @{NAME:-default}).
 */
#ifndef QUERY_FT_CONFIG_H
#define QUERY_FT_CONFIG_H

#include "base/arena.h"
#include "base/err.h"

/* Variables that the caller sets; ends with name NULL.  A default in the file gives way to them. */
struct ft_variable { const char *name, *value; };

#define FT_WORDS_MAX	64

struct ft_config {
	const char *path;
	char *rest;			/* what is not yet read */
	const struct ft_variable *variables;
	struct arena *arena;
	unsigned line;			/* at hand, from 1 */
	const char *word[FT_WORDS_MAX];	/* its words, in the arena */
	size_t n;
};

/*
 * Opens the file; all lives in the arena.  When there is none of that name and
 * `beside` is given, one beside that file is looked for: configurations name
 * /etc, where they were when they were written.
 */
int	ft_config_open(struct ft_config *, const char *path, const char *beside,
	    const struct ft_variable *, struct arena *, struct err *);

/* The next line that has words: 1, 0 at the end, -1. */
int	ft_config_next(struct ft_config *, struct err *);

/* "FILE line N: " and the text; returns -1. */
int	ft_config_error(const struct ft_config *, struct err *, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* The line must have exactly so many words. */
int	ft_config_words(const struct ft_config *, size_t n, struct err *);

#endif
