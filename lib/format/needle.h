/*
 * Looking for addresses in the bytes of a block before its records are decoded:
 * where none of them is, no flow has one.
 */
#ifndef FORMAT_NEEDLE_H
#define FORMAT_NEEDLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define NEEDLES_MAX	4	/* each costs a look at all bytes */

struct needles {
	size_t n;
	struct needle {
		uint8_t len, byte[16];
		const uint8_t *next;	/* where it is; NULL: not looked for yet */
	} needle[NEEDLES_MAX];
};

/*
 * The addresses as nfcapd stores them on this machine: numbers of 4 bytes, or
 * two of 8.  With more than NEEDLES_MAX there are none to look for.
 */
void	needles_make(struct needles *, const struct addr *, size_t n);

/*
 * The first place from p on where one of them is; end when there is none.  What was found behind
 * that is kept for the next call, until other bytes stand there and it has to be forgotten.
 */
const uint8_t *needles_find(struct needles *, const uint8_t *p, const uint8_t *end);
void	needles_forget(struct needles *);

#endif
