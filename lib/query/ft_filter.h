/*
 * flow-nfilter's filters: primitives (lists of what is permitted and denied) and
 * definitions that match primitives with fields of flows.
 *
 * A match on a field that is not in a file's flows is an error, as it is there.
 * Flows of IPv6 match no address: what they get is a primitive's default.
 */
#ifndef QUERY_FT_FILTER_H
#define QUERY_FT_FILTER_H

#include "flow/batch.h"
#include "query/ft_config.h"

struct ft_filters;
struct ft_definition;

/* No filters yet; all lives in the arena. */
struct ft_filters *ft_filters_new(struct arena *);

/* Reads a file of filters; `beside` as of ft_config_open. */
int	ft_filters_read(struct ft_filters *, const char *path, const char *beside,
	    const struct ft_variable *, struct err *);

/* The definition of that name, or NULL. */
const struct ft_definition *ft_filters_find(const struct ft_filters *, const char *name);

/* Adds the fields that it tests. */
void	ft_filter_fields(const struct ft_definition *, struct fieldset *);

/* -1 when it tests one of the fields that a file lacks. */
int	ft_filter_check(const struct ft_definition *, const struct fieldset *lacks, struct err *);

/* Sets sel[i] for each flow that matches; how many. */
size_t	ft_filter_run(const struct ft_definition *, const struct batch *, uint8_t *sel);

#endif
