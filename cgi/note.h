/*
 * Notes on graphs: what people had to say about a time.  A graph shows those of its
 * time as thin lines; the page, beside them, their numbers, and below them what they say.
 */
#ifndef CGI_NOTE_H
#define CGI_NOTE_H

#include "model.h"

struct args;

struct notes { struct note *note; size_t n; };

/* Of a window, that this user may see and that are about all or one of these sources (NULL: any).  None when they cannot be read. */
void	notes_read(const struct request *, const struct window *, const char *sources, struct notes *);

/* For a picture of that window: the version with what it shows of notes, and the lines themselves. */
uint64_t notes_version(const struct view *, const struct window *, uint64_t version);
void	notes_draw(struct args *, const struct view *, const struct window *);

/* One as an item of a list. */
void	note_model(const struct request *, json_t *item, const struct note *);

/* Says of which time a page's notes are that has only pictures too small for numbers. */
void	notes_of(json_t *model, const struct window *);

/*
 * Completes a model in which there are pictures of librrd: each gets "notes", where
 * the numbers are to stand, and the model "notes", what they say, and for those who may,
 * what a new one needs: the reply, NULL unless it is HTML, then holds TOKEN_PLACE.
 */
void	notes_model(const struct request *, json_t *model, struct reply *);

#endif
