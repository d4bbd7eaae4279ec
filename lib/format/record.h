/*
 * Flow records of nfcapd layout 2 into the columns of a batch.
 *
 * The records of one exporter have the same elements at the same offsets.
 * Such a layout is worked out once and kept; a record is then checked by
 * comparing its element headers, and its values are loaded from known places.
 */
#ifndef FORMAT_RECORD_H
#define FORMAT_RECORD_H

#include "flow/batch.h"

struct decoder;

/* Why decoder_run stopped. */
enum run {
	RUN_ON,			/* no more records, or the batch is full */
	RUN_OTHER,		/* at a record that is no flow, or whose size cannot be */
	RUN_BROKEN,		/* at a flow record that is broken; why says how */
	RUN_ODD,		/* took a record of which an element was left out; why says which */
};

/* Fills columns of that batch: those that it has and that are not derived. */
struct decoder *decoder_new(const struct batch *);
void	decoder_free(struct decoder *);		/* NULL is fine */

/*
 * Takes flow records from *p on, not beyond end, at most *left; moves *p and
 * *left on.  Records go into the batch after those it has.
 */
enum run decoder_run(struct decoder *, struct batch *, const uint8_t **p, const uint8_t *end,
	    uint32_t *left, char why[static 96]);

#endif
