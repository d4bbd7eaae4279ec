/*
 * The collectors' block compressions, bounded: never writes past the output,
 * never reads past the input.
 */
#ifndef FORMAT_UNPACK_H
#define FORMAT_UNPACK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum packing { PACK_NONE, PACK_LZO, PACK_BZ2, PACK_LZ4, PACK_ZSTD, PACKINGS };	/* nfcapd 2's numbers */

extern const char *const packing_names[PACKINGS];

/*
 * Unpacks one block.  The bytes written, or -1 with a reason (a constant).
 * PACK_NONE copies.
 */
ssize_t	unpack(enum packing, const void *in, size_t nin, void *out, size_t nout, const char **why);

#endif
