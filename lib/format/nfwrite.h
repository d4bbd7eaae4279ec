/*
 * Writing nfcapd files of layout 2, LZ4 or not packed, that nfdump reads
 * back: for the demo site and for tests.
 */
#ifndef FORMAT_NFWRITE_H
#define FORMAT_NFWRITE_H

#include "base/err.h"
#include "flow/batch.h"
#include "format/unpack.h"

struct nfwrite;

/*
 * Starts a file of that ident; it appears under its name when nfwrite_close
 * succeeds (a dot file until then).  pack: PACK_NONE or PACK_LZ4.
 */
struct nfwrite *nfwrite_open(const char *path, const char *ident, enum packing pack, struct err *);

/*
 * Adds the flows of a batch.  An element is written when one of its columns is
 * in the batch: E_GENERIC always, the address element by the flow's family,
 * E_MISC, E_CNT, E_VLAN, E_AS, next hops, router, E_MPLS, E_MAC, E_ASADJ and
 * E_LATENCY when any of their fields is there and, if the batch has F_ELEMENTS,
 * its bit is set.
 */
int	nfwrite_add(struct nfwrite *, const struct batch *, struct err *);

/* Names an exporter (record type 7), before the flows that have its sysid. */
int	nfwrite_exporter(struct nfwrite *, const struct addr *, uint16_t sysid, uint32_t id,
	    uint16_t version, struct err *);

/* Writes the last block, ident and stat.  Frees in any case. */
int	nfwrite_close(struct nfwrite *, struct err *);
void	nfwrite_abandon(struct nfwrite *);	/* NULL is fine; nothing remains */

#endif
