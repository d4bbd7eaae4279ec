/*
 * statistics[]: nfdump's -s elements, a row of field names each.
 */
#ifndef QUERY_STATISTIC_H
#define QUERY_STATISTIC_H

#include "flow/field.h"

struct statistic {
	const char *name;	/* "srcip", "ip", "port" */
	const char *title;	/* heading in nfdump's words: "Src IP Addr" */
	enum field side[2];	/* two-sided ones (ip, port, as …) count a flow under both; else side[1] is F_COUNT */
	bool is_new;		/* nfdump has it since 1.7.5 only */
};

extern const struct statistic statistics[];	/* ends with a NULL name */

const struct statistic *statistic_find(const char *name, size_t len);

/* "record": no element of its own, but the query's group keys. */
static inline bool
statistic_is_record(const struct statistic *s)
{
	return s->side[0] == F_COUNT;
}

#endif
