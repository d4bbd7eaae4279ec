/*
 * A browser sends all fields of a form, used or not, and menus that come in
 * rows as numbered names.  Here they become the parameters of an address.
 */
#ifndef CGI_FIELDS_H
#define CGI_FIELDS_H

#include "query/query.h"

enum mode { MODE_TOP, MODE_LIST, MODE_GROUP, MODE_SERIES, MODES };

struct mode_row {
	const char *name, *title;
	const char *unused[16];		/* fields that the mode does not use, without their numbers; ends with NULL */
};
extern const struct mode_row modes[MODES];

#define STATS_ASKED	8		/* statistics that the form has rows for */

/*
 * Takes out "mode" and leaves the mode's parameters; true in *list when it lists
 * flows.  Without a mode the pairs are an address's, and stay as they are.
 */
int	fields_to_params(struct pairs *, bool *list, struct arena *, struct err *);

bool	fields_have(const struct pairs *, const char *name);

/* Takes out the pairs of that name. */
void	fields_drop(struct pairs *, const char *name);

#endif
