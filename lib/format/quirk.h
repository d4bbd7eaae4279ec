/*
 * What exporters tell wrongly or not at all, put right as the settings of their
 * source say: flowlight.conf(5) has scale, count, outside and fix_times.
 *
 * Readers do this to each batch before anything is derived from it or chosen
 * by it, so that totals, filters, groups and lists see the same numbers.
 */
#ifndef FORMAT_QUIRK_H
#define FORMAT_QUIRK_H

#include "base/conf.h"
#include "format/reader.h"

/* Has the source any? */
bool	quirk_any(const struct source *);

/* Does it leave flows out (count)? */
bool	quirk_drops(const struct source *);

/* Adds what the two functions below need beside the fields in the set. */
void	quirk_fields(const struct source *, struct fieldset *);

/*
 * Scales packets and bytes, in both directions, staying at the highest number;
 * not those of flows that the collector has scaled already (record flag 2).
 * Where a flow ends before it begins, of an IPFIX record the times are swapped:
 * nfcapd 1.7.0 and 1.7.1 take flowStartSysUpTime for the end; else it gets no
 * duration.  Last, addresses are masked where they are to be.
 */
void	quirk_apply(const struct source *, struct batch *);

/* What a masked address becomes: its network of 24 bits, of 48 for IPv6. */
#define MASK_BITS_4	24
#define MASK_BITS_6	48
void	quirk_mask(struct addr *);

/* Are addresses to be masked? */
bool	quirk_masks(const struct source *);

/* A selection's choose(): what `inner` chooses (its choose NULL: all) without what quirks leave out. */
struct quirk_filter {
	const struct source *source;
	struct selection inner;
};
size_t	quirk_choose(void *quirk_filter, const struct batch *, uint8_t *sel);

/* A number that differs (but by rare chance) when quirks do; 0 without any. */
uint64_t quirk_hash(const struct source *);

/* A sentence on why nfdump has other numbers for the source's files; NULL when it has the same. */
const char *quirk_note(const struct source *);

#endif
