/*
 * Flow records of nfcapd files into the columns of a batch.
 *
 * The records of one exporter have the same elements at the same offsets.
 * Such a layout is worked out once and kept; a record is then checked by
 * comparing the few words that tell its layout (element headers in layout 2,
 * the map's number in 1, bits and offsets in 3), and its values are loaded
 * from known places.
 */
#ifndef FORMAT_RECORD_H
#define FORMAT_RECORD_H

#include "format/element.h"
#include "format/format.h"

struct decoder;

#define WORDS_MAX	(ELEMENTS_MAX + 8)

/* Where a layout has the value of a wanted column. */
struct from {
	uint16_t at;		/* from the record's start */
	uint16_t len;		/* to the element's end */
	uint8_t load;
};

/* A record has this layout when its first 6 bytes and some words are these. */
struct layout {
	uint32_t head;			/* type and size */
	uint16_t second;		/* the 2 bytes behind */
	uint16_t nwords;
	uint16_t at[WORDS_MAX];
	uint32_t word[WORDS_MAX];
	uint16_t version_at;		/* of the byte that says which address counts; 0: there is none */
	uint8_t version;
	int16_t next;			/* in the bucket, -1 at the end */
	uint64_t elements;
	struct from from[F_COUNT];	/* by position in wanted[] */
};

/* How the records of a file layout are made. */
struct record_form {
	uint32_t types;			/* bit n: records of type n are flows */
	uint16_t head;			/* bytes of a flow record's head, at least 6 */
	const struct place *places;	/* E_HEADER's are placed already when lay is called */
	/*
	 * Completes a layout for the record (size bytes, at least head): notes the
	 * words that tell it and places its elements.  0; 1 when something was left
	 * out and -1 when the record is broken, and why (96 bytes).
	 */
	int (*lay)(const struct decoder *, struct layout *, const uint8_t *record, size_t size, char *why);
};

extern const struct record_form form_elements;		/* nfcapd layout 2 */
extern const struct record_form form_extensions;	/* layout 3 */

static inline bool
form_has(const struct record_form *f, uint16_t type)
{
	return type < 32 && (f->types >> type & 1);
}

/* Why decoder_run stopped. */
enum run {
	RUN_ON,			/* no more records, or the batch is full */
	RUN_OTHER,		/* at a record that is no flow, or whose size cannot be */
	RUN_BROKEN,		/* at a flow record that is broken; why says how */
	RUN_ODD,		/* took a record of which an element was left out; why says which */
};

/*
 * Fills columns of the reader's batch: those that it has and that are not
 * derived, of the flows that its probe chooses.  state is for the form.
 */
struct decoder *decoder_new(struct reader *, const struct record_form *, const void *state);
const void *decoder_state(const struct decoder *);
void	decoder_forget(struct decoder *);	/* all layouts: what they were made from has changed */
void	decoder_free(struct decoder *);		/* NULL is fine */

/*
 * Takes flow records from *p on, not beyond end, at most *left; moves *p and
 * *left on.  Records go into the batch after those it has.
 */
enum run decoder_run(struct decoder *, struct batch *, const uint8_t **p, const uint8_t *end,
	    uint32_t *left, char why[static 96]);

/* For lay: makes the layout's columns come from the element of that id whose payload is there. */
void	layout_place(const struct decoder *, struct layout *, unsigned id, size_t at, size_t len);

/*
 * For lay: of a record with addresses of both families, at these places,
 * nfdump 1.7.1 takes the one that comes last; exporters that say the version of
 * the packet (at a byte; 0: not said) say better.
 */
void	layout_family(const struct decoder *, struct layout *, const uint8_t *record, size_t v4, size_t v6,
	    size_t version);

/* For lay: the four bytes there tell the layout. */
void	layout_word(struct layout *, const uint8_t *record, size_t at);

#endif
