/*
 * The menus of Details' form: all statistics, keys and orders, from their own
 * tables, under titles, what is used most first.
 */
#ifndef CGI_MENU_H
#define CGI_MENU_H

#include <jansson.h>

#include "query/query.h"

/*
 * "statistic_menu": titles with options; "stats": what is chosen, with its order,
 * and a row for one more.
 */
void	menu_statistics(const struct query *, json_t *form);

/* "order_menu" of statistics, "sort_menu" of groups and lists; "sort": what is chosen of the latter. */
void	menu_orders(const struct query *, json_t *form);

/* Is the output a format of one's own, fmt:… or csv:…? */
bool	menu_is_format(const char *output);

/* "outputs", one of them chosen; "format": an output that is typed, as fmt:… */
void	menu_outputs(const struct query *, json_t *form);

/*
 * "key_menu": titles with options; "keys": what is chosen, and rows for more.  An
 * option that is a network needs a number of bits beside it.
 */
void	menu_keys(const struct query *, json_t *form);

/*
 * The key of an option and of the number beside it (NULL or "": as many as are
 * usual): "srcip4" and "24" are srcip4/24.
 */
void	menu_key(const char *value, const char *bits, struct strbuf *);

#endif
