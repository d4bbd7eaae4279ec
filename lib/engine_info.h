/*
 * What collector files tell of themselves, without their flows: nfdump's -I and -g.
 */
#ifndef ENGINE_INFO_H
#define ENGINE_INFO_H

#include "engine.h"

/* The totals of a file. */
struct info_line {
	const char *path;
	bool named;			/* its name tells when its slot starts */
	int64_t start;
	struct totals totals;
};

struct files_info {
	const char *ident;		/* of the first file, "none" if it has none */
	struct traffic traffic;
	uint64_t first_msec, last_msec;	/* 0 if none */
	uint64_t sequence_failures;
	struct info_line *lines;
	size_t nlines;
	struct file_fault *faults;	/* files that could not be read */
	size_t nfaults;
	bool from_index;
};

/*
 * By the collector's own sum, that stands in the file, or by counting where there is
 * none; for a window by the index.  Lives in the arena.
 */
int	engine_info(struct engine *, const struct query *, struct arena *, struct files_info *, struct err *);

/* As nfdump prints it: the sum, or a line for each file. */
void	info_print(const struct files_info *, enum info, struct strbuf *);

#endif
