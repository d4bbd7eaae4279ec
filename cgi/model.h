/*
 * Models: what a page shows, as a jansson tree.  And a query's result as one.
 */
#ifndef CGI_MODEL_H
#define CGI_MODEL_H

#include <jansson.h>

#include "view.h"

/* Members of an object.  Text that is not UTF-8 is cleaned; NULL becomes null. */
void	model_text(json_t *, const char *key, const char *text);
void	model_textf(json_t *, const char *key, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
void	model_number(json_t *, const char *key, int64_t);
void	model_flag(json_t *, const char *key, bool);
json_t	*model_object(json_t *, const char *key);	/* a new one, held by its parent */
json_t	*model_list(json_t *, const char *key);
json_t	*model_item(json_t *list);

/* A number as text for people, "1.2 M", with the exact one beside it: {"value", "text", "exact"}. */
void	model_scaled(json_t *, const char *key, uint64_t);

/* "1.23 M", three figures; "–" for NAN. */
void	rate_text(double, struct strbuf *);

/* A rate from a graph: three figures with k, M, G.  NaN becomes null. */
void	model_rate(json_t *, const char *key, double);

/* A time with its seconds only where it has some. */
void	model_moment(json_t *, const char *key, int64_t sec);

/* One of a menu's: {value, title, chosen}. */
void	model_option(json_t *list, const char *value, const char *title, bool chosen);

/* One of a control: {name, title, href, here}. */
void	model_choice(json_t *list, const char *name, const char *title, const char *href, bool here);

/* A renderer's write(): appends to the strbuf. */
int	text_write(void *strbuf, const char *, size_t n);

/* A bit of text in the arena: "3 min", "2 h 10 min". */
const char *span_text(int64_t seconds, struct arena *);

/* The tables, totals and notes of a result. */
void	model_result(json_t *, const struct view *, const struct result *, struct arena *);

#endif
