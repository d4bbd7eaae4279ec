/*
 * Slots and the names of collector files.
 *
 * nfcapd names a file after the start of its slot in local time,
 * nfcapd.YYYYmmddHHMM[SS] (or with %z: nfcapd.YYYYmmddHHMM+0100), under one of
 * nine sub-directory layouts (-S 0 … 8).  flow-capture names a file after the
 * moment it was made: ft-v05.2026-11-20.143000+0000, for aggregated flows
 * ft-v08m01.2026-…; older ones begin with cf, those being written with tmp.
 */
#ifndef FLOW_SLOT_H
#define FLOW_SLOT_H

#include <stdbool.h>

#include "base/conf.h"
#include "base/when.h"
#include "flow/batch.h"

/* One collector file as the index knows it. */
struct slot {
	int64_t id;			/* row in index.db */
	int64_t start;			/* seconds since 1970 UTC */
	int64_t seconds;		/* its length */
	const struct source *source;
	const char *path;		/* absolute */
	const char *name;		/* below the source's directory: "2026/11/20/nfcapd.202611201430" */
	uint64_t size;			/* bytes of the file */
	struct traffic traffic;
};

/* strftime format of a layout's sub-directory ("%Y/%m/%d"), "" for 0, NULL for an unknown layout. */
const char *slot_layout(unsigned layout);

/* "2026/11/20/nfcapd.202611201430" of a slot, in the process's zone. */
void	slot_name(unsigned layout, int64_t start, char *buf, size_t size);

/*
 * The time in a file's base name.  True for names of complete files only:
 * nfcapd.current*, tmp-*, temporary and dot files are none.  In the hour that DST
 * repeats, the first is meant.
 */
bool	slot_parse(const char *basename, int64_t *start);

/* Is this the base name of a file of flow-capture?  Then also of which flows: version and, of version 8, method. */
bool	slot_is_flowtools(const char *basename, unsigned *version, unsigned *method);

/*
 * The second time that a name means whose first is known: true in the hour (at Lord
 * Howe, the half hour) before clocks are put back, unless the name has a zone.
 */
bool	slot_second(const char *basename, int64_t first, int64_t *second);

/*
 * A list of collector files for nfdump's options.
 *	file_list_one(r)	-r: a file, or a directory (all its files, recursively)
 *	file_list_range(R)	-R: "dir", "dir/first", "dir/first:last": files sorted by
 *				path, first to last inclusive, compared below dir
 *	file_list_dirs(M, …)	-M "base/d1:d2" with a relative -r or -R: the files of
 *				each directory, d1's first
 * Only names that nfdump would take: nfcapd.2*, or any file named explicitly.
 * Paths are in the arena.  Error: what was not found.
 */
struct file_list {
	const char **path;
	size_t n;
	const struct source **source;	/* of each, for files that the index knows; else NULL */
	const char **columns;	/* of each file the column file that may stand for it; NULL: there are none */
};

int	file_list_one(const char *arg, struct arena *, struct file_list *, struct err *);
int	file_list_range(const char *arg, struct arena *, struct file_list *, struct err *);
int	file_list_dirs(const char *dirs, const char *file, const char *range, struct arena *,
	    struct file_list *, struct err *);

#endif
