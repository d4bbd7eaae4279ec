/*
 * Dates as flow-tools' configurations say them: "600 seconds ago",
 * "yesterday", "December 12, 2002 5:13:21", and all that when_parse takes.
 */
#ifndef QUERY_FT_DATE_H
#define QUERY_FT_DATE_H

#include <stdint.h>

/* Seconds since 1970 of the text; 0, or -1. */
int	ft_date_parse(const char *text, int64_t now, int64_t *sec);

#endif
