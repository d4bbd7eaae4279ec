/*
 * formats[]: the only place that knows the collector files' formats.
 * Private to lib/format; others use reader.h.
 */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include "format/reader.h"

/* What every format's reader shares; a format keeps its own state behind `state`. */
struct reader {
	const struct format *format;
	const char *path;
	int fd;
	int64_t size;
	struct arena *arena;		/* for as long as the reader */
	struct fieldset want;
	struct file_info info;
	struct faults faults;
	struct exporter *exporters;	/* grown with xrealloc, freed by reader_close */
	size_t nexporters;
	struct batch batch;
	size_t first_block, last_block;	/* reader_only: [first, last) */
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
};

extern const struct format *const formats[];	/* ends with NULL */
extern const struct format format_nfcapd1, format_nfcapd2;
extern const struct format format_flowtools;
extern const struct format format_flowd2, format_flowd3;

/* Puts down a fault. */
void	reader_fault(struct reader *, uint32_t block, int64_t offset, const char *fmt, ...)
	    __attribute__((format(printf, 4, 5)));

/* Adds or finds the exporter with that sysid. */
struct exporter *reader_exporter(struct reader *, uint16_t sysid);

#endif
