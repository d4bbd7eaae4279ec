/*
 * Terms of the filter for values in tables: what a cell's link adds.
 */
#ifndef CGI_TERM_H
#define CGI_TERM_H

#include "query/result.h"

/* "src ip", or "ip" for either side; NULL: the field has none. */
const char *term_words(enum field, bool two_sided);

/*
 * The words and a value (as text_field prints it): "src ip 192.0.2.1", of a
 * network "src net 192.0.2.0/24".  In the arena; NULL when the filter has no such term.
 */
const char *term_of(const char *words, enum field, bool network, const char *value, struct arena *);

/* The terms of all keys of a row of groups; NULL when one has none. */
const char *term_of_row(const struct table *, size_t row, struct arena *);

#endif
