/*
 * Buffers of BLOCK_MAX bytes.  Readers come and go with each file; their
 * buffers stay, since fresh ones cost a page fault for each 4 kB that is touched.
 */
#ifndef FORMAT_BUFFER_H
#define FORMAT_BUFFER_H

#include <stdint.h>

uint8_t	*buffer_take(void);
void	buffer_give(uint8_t *);		/* NULL is fine */

#endif
