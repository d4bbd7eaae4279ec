/*
 * HTML templates: a small mustache over jansson models, escaping by default.
 *
 *	{{name}} {{a.b}} {{.}}	the value, HTML-escaped (& < > " ' `)
 *	{{{name}}} {{&name}}	the value as it is
 *	{{#name}}…{{/name}}	for each item of a list, once for an object or a true value
 *	{{^name}}…{{/name}}	when absent, null, false, "" or an empty list
 *	{{>file}}		the template of that name
 *	{{<layout}}{{$block}}…{{/block}}{{/layout}}	the layout with its blocks replaced
 *	{{! comment }}
 *
 * A name is looked up in the innermost object and then outwards, but an item of
 * a list does not see outer names unless written with a leading "^." so that a
 * missing key never shows something else's value.  A line that holds only a
 * section tag leaves no empty line.  Depth is limited in parsing and rendering.
 */
#ifndef BASE_TEMPLATE_H
#define BASE_TEMPLATE_H

#include <jansson.h>

#include "base/err.h"
#include "base/strbuf.h"

struct templates;

/* Loads and checks every *.html of a directory.  Errors name file:line. */
struct templates *templates_load(const char *dir, struct err *);
void	templates_free(struct templates *);

/* One template from memory, for tests and fuzzing; other templates are those of t (may be NULL). */
int	template_render_text(const struct templates *t, const char *text, json_t *model,
	    struct strbuf *, struct err *);

/* Renders the template `name` (file name without .html) with the model. */
int	template_render(const struct templates *, const char *name, json_t *model,
	    struct strbuf *, struct err *);

#endif
