/*
 * What the readers of nfcapd's layouts have in common: state, blocks of
 * records, exporters, ident and stat.  The code is in nfcapd2.c.
 */
#ifndef FORMAT_NFCAPD_H
#define FORMAT_NFCAPD_H

#include "format/format.h"
#include "format/nfcapd2.h"
#include "format/record.h"
#include "format/unpack.h"

/* Records that are no flows: what to do with them. */
struct kind_of_record {
	uint16_t type, size;	/* size: least, with the record's four bytes of head; 0 ends a table */
	void (*take)(struct reader *, const uint8_t *, size_t);	/* NULL: left alone */
};

/* Reading blocks of records: layouts 1 and 2 to the letter, layout 3 from the records on. */
struct nfcapd {
	const struct record_form *form;
	const struct kind_of_record *kinds;
	enum packing packing;
	int64_t data_end;	/* where data blocks end: the appendix or the file's end */
	int64_t blocks_at;	/* where the file's header counts the blocks */
	bool live;		/* a collector is still writing it */
	bool complete;		/* all blocks were met */
	uint8_t *disk, *raw;	/* BLOCK_MAX each; no disk when nothing is packed */
	struct decoder *decoder;
	/* The block at hand. */
	uint32_t block;		/* its number, from 1 */
	int64_t offset;		/* of its header */
	int64_t next;		/* of the next one's header */
	const uint8_t *p, *end;
	uint32_t records, left;	/* claimed, not yet read */
	bool cut;		/* the file ends within it */
	uint32_t strange;	/* type of the last unknown record that was put down */
};

/* With packing, data_end, next and blocks_at set: makes ready for nfcapd_next.  state is for the form. */
void	nfcapd_start(struct reader *, const struct record_form *, const struct kind_of_record *,
	    const void *state);
int	nfcapd_next(struct reader *, struct err *);
void	nfcapd_close(struct reader *);

/* Fills the batch from the block at hand. */
void	nfcapd_records(struct reader *);

/* A fault of the block at hand (0, so that `return` reads well), or of its record ("record 12: …"). */
int	nfcapd_block_fault(struct reader *, const char *, ...) __attribute__((format(printf, 2, 3)));
void	nfcapd_record_fault(struct reader *, const char *, ...) __attribute__((format(printf, 2, 3)));

/*
 * Into the file's info: ident of at most so many bytes (its end is looked for;
 * nfdump 1.7.1 loses all flows of a file where it is missing), the 15 numbers
 * of a stat record, all of a stat record, the program that wrote the file.
 */
void	nfcapd_ident(struct reader *, const uint8_t *, size_t);
void	nfcapd_totals(struct reader *, const uint8_t *);
void	nfcapd_stat(struct reader *, const uint8_t *);
void	nfcapd_writer(struct reader *, uint32_t version, uint32_t creator);

/* Records of exporters and samplers that layouts 1 and 2 have alike. */
void	nfcapd_take_exporter(struct reader *, const uint8_t *, size_t);
void	nfcapd_take_exporter_stat(struct reader *, const uint8_t *, size_t);
void	nfcapd_take_old_sampler(struct reader *, const uint8_t *, size_t);

#endif
