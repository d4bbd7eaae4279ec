/*
 * Values as flow-tools prints them.  Private to lib/query.
 */
#ifndef QUERY_FT_TEXT_H
#define QUERY_FT_TEXT_H

#include "flow/batch.h"

/* "10.1/24": octets that are zero at the end are left out. */
void	ft_prefix_text(char *text, size_t size, const struct addr *, unsigned bits);

/* The name of a port or protocol by the field that it is of; else a number. */
void	ft_name_text(char *text, size_t size, enum field, uint64_t);

#endif
