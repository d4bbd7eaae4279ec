/*
 * Secrets that a browser brings back: hexadecimal digits nobody can guess.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_LEN	32	/* digits, 128 bits */

/* Fills in a new one and its NUL; -1 with errno when the system has no random bytes. */
int	secret_new(char secret[SECRET_LEN + 1]);

/* Whether n bytes of text look like one. */
bool	secret_valid(const char *text, size_t n);

/* Of two valid ones; takes as long whatever is in them. */
bool	secret_equal(const char *a, const char *b);

#endif
