/*
 * The menus of Details' form: all statistics, keys and orders, from their own
 * tables, under titles, what is used most first.
 */
#ifndef CGI_MENU_H
#define CGI_MENU_H

#include <jansson.h>

#include "query/query.h"

/* "statistics": titles with options, one of them chosen. */
void	menu_statistics(const struct query *, json_t *form);

/* "orders" of statistics, and "sorts" of groups. */
void	menu_orders(const struct query *, json_t *form);

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
