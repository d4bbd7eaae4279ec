/*
 * formats[]: the only place that knows the collector files' formats.
 * Private to lib/format; others use reader.h.
 */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include "format/needle.h"
#include "format/quirk.h"
#include "format/reader.h"

/*
 * A selection at work.  batch has the columns of its fields, with room for
 * BATCH_MAX flows; number[i] is the number of flow i of the reader's batch.
 */
struct probe {
	struct selection selection;
	const struct source *source;	/* whose quirks its batches need; NULL: they need none */
	struct batch batch;
	struct needles needles;		/* of the selection's hosts */
	uint64_t next;			/* number of the next flow */
	uint64_t number[BATCH_MAX];
	uint8_t sel[BATCH_MAX];
};

/* What every format's reader shares; a format keeps its own state behind `state`. */
struct reader {
	const struct format *format;
	const char *path;
	const char *collector;		/* of a column file that stands for one: its path; else NULL */
	int fd;
	int64_t size;
	struct arena *arena;		/* for as long as the reader */
	struct fieldset want;
	struct file_info info;
	struct faults faults;
	struct exporter *exporters;	/* grown with xrealloc, freed by reader_close */
	size_t nexporters;
	struct batch batch;
	const struct source *source;	/* whose quirks batches need; NULL: they need none */
	struct quirk_filter only;	/* the selection with what the quirks leave out */
	struct probe *probe;		/* NULL: all flows are wanted */
	struct probe *after;		/* for formats that do not select */
	size_t first_block, last_block;	/* reader_only: [first, last) */
	bool takes_places;		/* reader_take_places */
	const atomic_int *stop;		/* reader_until; NULL: never */
	bool cut;
	void *state;
};

#define PROBE_BYTES	64

struct format {
	const char *name;
	/* Is this a file of ours?  n bytes of its start, at most PROBE_BYTES. */
	bool (*probe)(const uint8_t *head, size_t n);
	/* Reads headers into info, makes its state.  -1: unusable. */
	int (*open)(struct reader *, struct err *);
	/* Fills r->batch (derived columns are added by the caller).  1, 0 at the end, -1. */
	int (*next)(struct reader *, struct err *);
	size_t (*blocks)(struct reader *, struct err *);
	void (*close)(struct reader *);
	bool selects;		/* next() fills in only what the reader's probe chooses; else it has none */
	/* reader_next_sums; NULL: has none.  Not asked with a selection, nor with a source's quirks. */
	bool (*sums)(struct reader *, struct flow_sums *);
};

extern const struct format *const formats[];	/* ends with NULL */
extern const struct format format_nfcapd1, format_nfcapd2, format_nfcapd3;
extern const struct format format_flowtools;
extern const struct format format_flowd2, format_flowd3;
extern const struct format format_columns;

/* True when no more is wanted: a format may then end a batch that is still empty. */
bool	reader_is_stopped(const struct reader *);

/* Puts down a fault. */
void	reader_fault(struct reader *, uint32_t block, int64_t offset, const char *fmt, ...)
	    __attribute__((format(printf, 4, 5)));

/* Adds or finds the exporter with that sysid. */
struct exporter *reader_exporter(struct reader *, uint16_t sysid);

#endif
