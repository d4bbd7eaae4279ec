/*
 * What settings may be.  Private to conf.c.
 */
#ifndef BASE_CONF_VALUE_H
#define BASE_CONF_VALUE_H

#include "base/conf.h"

#define NAME_MOST	64

/* Says what a text must be, or NULL when it is. */
typedef const char *text_check(const char *);

text_check	is_directory, is_program, is_file, is_colour, is_ident, is_zone, is_compress, is_type, is_count,
		is_interfaces, is_interface_names, is_direction, is_columns, is_age, is_user, is_listen, is_source_name,
		is_printable, is_text, is_server,
		is_access, is_right, is_names, is_networks;

/* Words by value; NULL at the end. */
extern const char *const source_types[], *const count_words[], *const direction_words[], *const access_words[], *const right_words[];

/* The word's number, or -1. */
int	word_number(const char *, const char *const *words);

/* "2,5"; list may be NULL. */
bool	interfaces_parse(const char *, struct interfaces *list);

#endif
