/*
 * flow-print's formats, and reading files through a filter of flow-nfilter.
 *
 * Differences from flow-print 0.68.5: format 4 prints numbers of ASs also with
 * names; formats print 0 for what a file's flows lack instead of refusing them;
 * addresses of IPv6 are printed in full.
 */
#ifndef QUERY_FT_PRINT_H
#define QUERY_FT_PRINT_H

#include <stdio.h>

#include "flow/slot.h"
#include "format/reader.h"
#include "query/ft_filter.h"

#define FT_PRINT_DEFAULT	UINT32_MAX	/* as the flows' version has it: 7 for 7, 8 for 6, else 3 */

/* Something wrong in a file; offset -1: it cannot be read at all. */
typedef void ft_fault(const char *path, int64_t offset, const char *reason);

/* What is done with the flows that the filter lets through: sel[i] is 1. */
struct ft_flows {
	void (*take)(void *ctx, const struct batch *, const uint8_t *sel);
	void (*begin)(void *ctx, const struct file_info *);	/* before the flows of a file; may be NULL */
	void *ctx;
	const struct ft_definition *filter;	/* NULL: all */
	struct fieldset want;			/* by take */
	struct fieldset needed;			/* files that lack one of these are refused */
	ft_fault *fault;
};

/* Reads the files one after another. */
int	ft_flows_read(const struct ft_flows *, const struct file_list *, struct err *);

/* Is there such a format? */
bool	ft_print_known(uint32_t format);

/* Prints all flows of the files. */
int	ft_print_run(uint32_t format, bool names, const struct ft_definition *, const struct file_list *,
	    FILE *, ft_fault *, struct err *);

#endif
