/*
 * flow-stat's formats: the reports of flow-report in other clothes.
 *
 * Differences from flow-stat 0.68.5: rates over less than a second are 0, not
 * infinite; the average time of flows is not rounded on the way; format 14 says the
 * least number of packets where flow-stat says the first; names are ours; Args
 * names this program.
 */
#ifndef QUERY_FT_STAT_H
#define QUERY_FT_STAT_H

#include "query/ft_print.h"

struct ft_stat_options {
	int sort;			/* field, -1: none */
	bool ascending;
	bool percent, duration, names;
	const char *args;		/* the command line */
};

/* Is there such a format? */
bool	ft_stat_known(unsigned format);

int	ft_stat_run(unsigned format, const struct ft_stat_options *, const struct ft_definition *,
	    const struct file_list *, FILE *, ft_fault *, struct err *);

#endif
