/*
 * The forms and buttons of Details.  A browser sends all fields of a form, so
 * what it sends is first brought down to what was meant, and then answered by a
 * redirect to the canonical address, which is the one to keep.
 */
#ifndef CGI_FORM_H
#define CGI_FORM_H

#include "view.h"

/* Something typed that cannot be understood, or (with an error of no text) that needs what cannot. */
struct wrong {
	const char *name, *value;
	struct err error;		/* names the field */
};

struct form {
	const char *go;		/* a button: "show", "run", "peak"; NULL: an address was opened */
	const char *pick;	/* a click on the graph without JavaScript: "wide?120,33" */
	struct wrong wrong[32];
	size_t nwrong;
};

/*
 * Takes the form's own parameters and reads query and view.  What was typed
 * wrong is no error here: it stays in the form, and the query is without it.
 */
int	form_read(struct form *, struct view *, struct pairs *, struct err *);

/* Is it an output of flows, by its own parser?  ERR_INPUT says what is wrong. */
int	form_check_output(const char *output, struct arena *, struct err *);

/* The first thing that is wrong, NULL when nothing is. */
const struct err *form_error(const struct form *);

/*
 * Sets *href to where the browser is to go instead, NULL if nowhere.  The view
 * must be settled.
 */
int	form_redirect(const struct form *, struct view *, const struct source **, size_t nsources,
	    const char **href, struct err *);

/* The form's fields as a model: modes, statistics, orders, what is typed in. */
void	form_model(const struct form *, const struct view *, json_t *);

/* "terms" of the filter, each with the address of the page without it; null for any. */
void	form_terms(const struct view *, json_t *form);

/* The buttons around the graph: previous slot, peak and so on. */
void	form_buttons(const struct view *, json_t *);

#endif
