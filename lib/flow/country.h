/*
 * The countries of addresses: what filters test, groups are made of, and rows show.
 */
#ifndef FLOW_COUNTRY_H
#define FLOW_COUNTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct owners;

/*
 * Who is asked from now on (flow/owner.h), by all threads: nobody when they are NULL
 * or know no countries.  They are borrowed.
 */
void	countries_ask(const struct owners *);

/* Is somebody asked? */
bool	countries_known(void);

/* A country is a number, of its two letters: 'D' << 8 | 'E'; 0 when none is known. */
#define COUNTRY(letters)	((uint16_t)((unsigned)(unsigned char)(letters)[0] << 8 | (unsigned char)(letters)[1]))
#define COUNTRY_STRLEN		3

/* Those of n addresses, each asked about once for many of its kind. */
void	countries_of(const struct addr *, size_t n, uint16_t *country);
uint16_t country_of(const struct addr *);

/* "DE", and ".." where none is known, as nfdump has it; returns buf. */
const char *country_text(unsigned country, char buf[static COUNTRY_STRLEN]);

#endif
