/*
 * statistics[]: nfdump's -s elements, a row of field names each.
 */
#ifndef QUERY_STATISTIC_H
#define QUERY_STATISTIC_H

#include "flow/field.h"

/* Which nfdump has it. */
enum since { SINCE_171, SINCE_175, SINCE_NEVER };

#define SIDES_MAX	4

struct statistic {
	const char *name;	/* "srcip", "ip", "port" */
	const char *title;	/* heading in nfdump's words: "Src IP Addr" */
	enum field side[SIDES_MAX];	/* those with several (ip, port, as …) count a flow under each; ends at F_COUNT */
	enum since since;
};

extern const struct statistic statistics[];	/* ends with a NULL name */

const struct statistic *statistic_find(const char *name, size_t len);

/* Of one of nfdump's that we do not have the reason, or NULL. */
const char *statistic_refused(const char *name, size_t len);

/* "record": no element of its own, but the query's group keys. */
static inline bool
statistic_is_record(const struct statistic *s)
{
	return s->side[0] == F_COUNT;
}

static inline bool
statistic_is_of_countries(const struct statistic *s)
{
	return !statistic_is_record(s) && fields[s->side[0]].kind == KIND_COUNTRY;
}

#endif
