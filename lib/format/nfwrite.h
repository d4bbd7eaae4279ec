/*
 * Writing nfcapd files of layout 2, LZ4 or not packed, that nfdump reads
 * back: what a query found (-w), the demo site, and tests.
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
 * the others of nfwrite_fields() when any of their fields is there and, if the
 * batch has F_ELEMENTS, its bit is set.
 */
int	nfwrite_add(struct nfwrite *, const struct batch *, struct err *);

/*
 * The fields that can be written, with F_ELEMENTS: of nfcapd 1.7.1's elements all but
 * E_NBAR, E_LABEL and the payloads; and not F_SYSID, which means nothing without its exporter.
 */
void	nfwrite_fields(struct fieldset *);

/* Names an exporter (record type 7), before the flows that have its sysid. */
int	nfwrite_exporter(struct nfwrite *, const struct addr *, uint16_t sysid, uint32_t id,
	    uint16_t version, struct err *);

/* Writes the last block, ident and stat.  Frees in any case. */
int	nfwrite_close(struct nfwrite *, struct err *);
void	nfwrite_abandon(struct nfwrite *);	/* NULL is fine; nothing remains */

#endif
