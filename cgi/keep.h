/*
 * What of a page can be kept: its address, its graphs, its tables.  A page may say
 * which it has; else they are found in its model, by pictures' addresses ("light")
 * and those of tables ("csv", or "href" in a list "csvs").  The layout offers them to those who may save.
 */
#ifndef CGI_KEEP_H
#define CGI_KEEP_H

#include "model.h"

#define KEEP_MAX	8	/* of a page */

/* url: of a picture, or of a table as .json or .csv. */
void	keep_graph(json_t *model, const char *title, const char *url);
void	keep_table(json_t *model, const char *title, const char *url);

/* For the layout: the fields of the form that leads to /keep. */
void	keep_model(const struct request *, json_t *model);

/* An address of ours as it is kept: below the program, "/details?…"; NULL when it is none. */
const char *keep_url(const struct request *, const char *url);

/*
 * The page of such an address, for a link: with that value of a parameter in the place of
 * the one that it has, or without the parameter when the value is NULL.
 */
const char *keep_href(const struct request *, const char *page, const char *name, const char *value);

/* This page's address below the program, and the same as a parameter's value. */
const char *keep_page(const struct request *);
const char *keep_quoted(const struct request *);

/* The same without its times, so that it shows what is newest. */
const char *keep_newest(const char *url, struct arena *);

/*
 * A picture or a table as it is now, by asking our own pages as this user.  A
 * table becomes JSON: {"columns": [title], "numbers": [true], "rows": [[text]], "more": true}.
 */
int	keep_picture(const struct request *, const char *url, struct strbuf *bytes, struct err *);
json_t *keep_rows(const struct request *, const char *url, struct err *);	/* to be given up by the caller */

#endif
