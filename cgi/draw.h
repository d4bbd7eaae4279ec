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
	bool figures;
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

/*
 * Last, average, maximum and 95th percentile of the variables series<i> and
 * highest<i>, printed for graph_render; name begins the names of what is needed.
 */
void	args_figures(struct args *, const char *name, const char *series, const char *highest, size_t i);

#endif
