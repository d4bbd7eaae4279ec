/*
 * What all pictures by librrd have in common: sizes, colours, and the arguments
 * that say so.
 */
#ifndef CGI_DRAW_H
#define CGI_DRAW_H

#include "view.h"

struct draw_size {
	int width, height, font;
	bool bare;			/* the graph alone, without axes */
	bool figures;			/* a line of them below the graph */
	int margin;			/* right of the graph: half of the longest label of the time axis */
};
extern const struct draw_size draw_sizes[SIZES];

/* The surfaces of style.css, so that a picture has no edge on its page; [1] in the dark. */
struct draw_theme {
	const char *colours[9];
	const char *unknown, *text, *back;
};
extern const struct draw_theme draw_themes[2];

/* Arguments of rrd_graph_v. */
struct args {
	struct arena *arena;
	char **v;
	int n, room;
};

void	arg(struct args *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A picture before anything is drawn. */
struct frame {
	int64_t start, end;
	enum size size;
	bool dark, zoom, svg, log;
	double log_floor;
};

void	view_frame(const struct view *, int64_t start, int64_t end, struct frame *);

/* The first arguments. */
void	args_frame(struct args *, const struct frame *);

/* A path as DEF takes it: its colons are not separators. */
const char *draw_path(const char *path, struct arena *);

/* The last argument of a picture of that size that has room for it: the line below the graph. */
void	args_line(struct args *, enum size, const char *text);

#endif
