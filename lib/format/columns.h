/*
 * Column files: the flows of a collector file, in its order, as columns in
 * blocks with ranges.  A cache: it is read in the collector file's place as
 * long as that has not changed (reader_open_columns), and can be deleted at any
 * time.
 *
 *	struct col_head | blocks: [dictionary of addresses] [twins] columns … | directory | struct col_foot
 *	directory	struct col_meta | struct col_exporter … | of each block
 *			struct col_block and its struct col_entry …, in the order of their bytes
 *
 * A field that is zero in all flows of a block has no column there; what the
 * others' columns are, colblock.h says.  All numbers are in the byte order of the
 * machine.
 */
#ifndef FORMAT_COLUMNS_H
#define FORMAT_COLUMNS_H

#include "format/colcode.h"
#include "format/reader.h"

#define COLUMNS_MAGIC	"FLOWCOL1"
#define COLUMNS_VERSION	2		/* files of another one are not read */

struct col_head {
	char magic[8];
	uint32_t order, version;	/* 0x01020304, COLUMNS_VERSION */
	int64_t size, mtime_nsec;	/* of the collector file */
	uint64_t ino;
	uint64_t origin;		/* columns_origin */
	uint64_t check;			/* of what is before */
};

struct col_foot {
	uint64_t offset, size;		/* of the directory */
	uint64_t check;			/* of the directory */
	char magic[8];
};

/* struct file_info, and what follows. */
struct col_meta {
	uint64_t flows, blocks, exporters;
	char compression[16], ident[128], writer[64], comment[128];
	int64_t created;
	uint64_t data_blocks, has_stat;
	uint64_t stat[PROTO_CLASSES][3];
	uint64_t first_msec, last_msec, sequence_failures, packets_corrupt, sequence_resets;
	uint64_t lacks[2];
};

struct col_exporter {
	uint8_t addr[16];
	uint32_t id, sampling;
	uint16_t sysid, version;
	uint32_t unused;
	uint64_t packets, flows, sequence_failures;
};

struct col_block {
	uint64_t offset;
	uint64_t check;			/* of the dictionary */
	uint64_t elements_all, elements_any;
	uint32_t flows, entries;
	uint32_t dict;			/* bytes of the dictionary, 0: there is none */
	uint32_t unused;
};

/* STATE/columns/SOURCE/NAME.col, for a collector file's name below its source's directory. */
char	*columns_path(const char *state, const char *source, const char *name, struct arena *);

/* What tells a collector file from another one of its stamp: its name and how it begins. */
int	columns_origin(int fd, const char *path, uint64_t *origin, struct err *);

/* All fields that a column file keeps. */
void	columns_fields(struct fieldset *);

/* ---- writing ---- */

struct colwrite;

/* Starts a file that appears under its name, in a directory that is made, when colwrite_close succeeds. */
struct colwrite *colwrite_open(const char *path, struct err *);

/* Adds all flows of a batch that has columns_fields. */
int	colwrite_add(struct colwrite *, const struct batch *, struct err *);

/*
 * Ends the file, for the reader that has read all of the collector file.  1 and its
 * size; 0 when it cannot be kept as columns: there were faults, or texts; -1.
 * Frees in any case.
 */
int	colwrite_close(struct colwrite *, const struct reader *, int64_t *size, struct err *);
void	colwrite_abandon(struct colwrite *);	/* NULL is fine; nothing remains */

#endif
