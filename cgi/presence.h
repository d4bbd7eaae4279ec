/*
 * Thirty days of slots as a picture: a row for each day, a cell for each slot, in
 * which a host was seen or not.
 */
#ifndef CGI_PRESENCE_H
#define CGI_PRESENCE_H

#include "engine_host.h"

#define PRESENCE_DAYS	30

enum presence_size { PRESENCE_WIDE, PRESENCE_NARROW, PRESENCE_SIZES };
extern const char *const presence_sizes[PRESENCE_SIZES];	/* "wide", "narrow" */

/* By local time: row 0 is the newest day. */
struct presence {
	int64_t day[PRESENCE_DAYS + 1];		/* midnights, the newest first */
	int64_t seconds;			/* of a cell */
	size_t columns;
	uint8_t *cell;				/* PRESENCE_DAYS rows; of all sources the one that knows most */
};

/* The window of the thirty days whose last one holds this time. */
struct window presence_window(int64_t last);

/* What the index says of a host in presence_window's window; in the arena. */
void	presence_make(struct presence *, const struct host *, unsigned slot_seconds, struct arena *);

void	presence_pixels(const struct presence *, enum presence_size, int *width, int *height);
void	presence_draw(const struct presence *, enum presence_size, bool dark, struct strbuf *);

/* The cell under a pixel; false beside the cells. */
bool	presence_at(const struct presence *, enum presence_size, long x, long y, struct window *);

#endif
