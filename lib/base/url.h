/*
 * URL query strings: names and values as typed pairs, each used once.
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"

struct pair { const char *name, *value; bool used; };
struct pairs { size_t n; struct pair *pair; };

/*
 * Splits and decodes "a=1&b=x+y%2Cz".  ERR_INPUT that names the parameter for:
 * a name given twice, bad percent-encoding, NUL or control bytes, invalid UTF-8,
 * more than 64 parameters, a value over 16 kB.  A filter or a note may have
 * several lines: newlines in a value stay, as LF; a tab or a lone CR is a blank.
 * A parameter without a value or with an empty one is left out.
 */
int	pairs_parse(const char *query, struct arena *, struct pairs *, struct err *);

/* The value of that name, NULL if absent; it stays to be taken. */
const char *pairs_value(const struct pairs *, const char *name);

/* The value of that name, marked as used; NULL if absent. */
const char *pairs_take(struct pairs *, const char *name);

/* ERR_INPUT "unknown parameter "x"" if a pair was not taken. */
int	pairs_done(const struct pairs *, struct err *);

/* Appends "name=value", with "&" before it when the buffer is neither empty nor ends in "?". */
void	url_add(struct strbuf *, const char *name, const char *value);

#endif
