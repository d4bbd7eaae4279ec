/*
 * What exporters leave at zero because they do not know it.  Such a zero is no
 * AS 0 and no interface 0: a report on the field would say nothing.
 */
#ifndef FORMAT_HABIT_H
#define FORMAT_HABIT_H

#include "flow/batch.h"

struct habit {
	const char *exporter;
	uint64_t never;		/* fields it never tells, a bit each */
	uint64_t unless;	/* those it tells only where its settings or the traffic have them */
	unsigned versions;	/* of the export protocol, a bit each */
	int engine;		/* type and number of its engine; -1: any */
	const char *help;	/* what else there is to know of its flows */
};

/* Ends with exporter NULL. */
extern const struct habit habits[];

/* What flows tell. */
struct told {
	uint64_t flows, tcp;	/* how many there were, of them of TCP */
	uint64_t backwards;	/* that end before they begin */
	uint64_t fields;	/* that are not zero in all of them, a bit each */
	unsigned versions, engines;	/* that they have, a bit each */
};

/* The fields that told_add looks at. */
void	told_wants(struct fieldset *);
void	told_add(struct told *, const struct batch *);

/* Of the fields that some exporters do not tell, those that are zero in all flows. */
uint64_t told_not(const struct told *);

/* Could the flows be of an exporter with that habit? */
bool	told_fits(const struct told *, const struct habit *);

#endif
