#include "draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct draw_size draw_sizes[SIZES] = {
	[SIZE_WIDE] = { 920, 345, 8, false, true, 34 },
	[SIZE_NARROW] = { 360, 254, 7, false, true, 32 },
	[SIZE_THUMB] = { 294, 132, 7, false, false, 32 },
	[SIZE_MINI] = { 146, 128, 7, true, false, 0 },
	[SIZE_FULL] = { 1290, 345, 8, false, true, 34 },
};

/* The surfaces of style.css, so that a picture has no edge on its page. */
const struct draw_theme draw_themes[2] = {
	{ { "BACK#ffffff", "CANVAS#ffffff", "SHADEA#ffffff00", "SHADEB#ffffff00", "FONT#566372",
	    "AXIS#aab4bf", "ARROW#00000000", "GRID#1b243014", "MGRID#1b243028" },
	    "#1b24300d", "#566372", "#ffffff" },
	{ { "BACK#171d24", "CANVAS#171d24", "SHADEA#171d2400", "SHADEB#171d2400", "FONT#9aa7b5",
	    "AXIS#4a5764", "ARROW#00000000", "GRID#e4e9ef12", "MGRID#e4e9ef26" },
	    "#e4e9ef0d", "#9aa7b5", "#171d24" },
};

void
arg(struct args *a, const char *fmt, ...)
{
	va_list ap;
	struct strbuf sb = { 0 };
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	va_start(ap, fmt);
	vsnprintf(strbuf_room(&sb, (size_t)n + 1), (size_t)n + 1, fmt, ap);
	va_end(ap);
	if (a->n == a->room) {
		char **more = arena_array(a->arena, (size_t)a->room * 2 + 64, sizeof(*more));

		if (a->n > 0)
			memcpy(more, a->v, (size_t)a->n * sizeof(*more));
		a->v = more;
		a->room = a->room * 2 + 64;
	}
	a->v[a->n++] = arena_strdup(a->arena, sb.s);
	strbuf_free(&sb);
}

const char *
draw_path(const char *path, struct arena *arena)
{
	struct strbuf sb = { 0 };
	const char *text;

	for (; *path != '\0'; path++) {
		if (*path == ':')
			strbuf_addc(&sb, '\\');
		strbuf_addc(&sb, *path);
	}
	text = arena_strdup(arena, strbuf_text(&sb));
	strbuf_free(&sb);
	return text;
}

/*
 * Where librrd's own labels are longer than the room for them: "November 2026" in the
 * middle of its month, "2026-01-01".  From so many seconds a pixel on to less than so many.
 */
static const struct { double from, to; const char *grid; } grids[] = {
	{ 10000, 23000, "WEEK:1:MONTH:1:MONTH:1:2592000:%b %Y" },
	{ 100000, 200000, "MONTH:1:MONTH:4:MONTH:4:0:%b %Y" },
	{ 200000, 350000, "MONTH:3:YEAR:1:YEAR:1:31536000:%Y" },
};
#define AXIS_WIDTH	57	/* left of the graph, about */

static void
args_time_axis(struct args *a, const struct frame *f, const struct draw_size *size)
{
	double pixels = size->width - AXIS_WIDTH - size->margin, each = (double)(f->end - f->start) / pixels;

	if (size->bare)
		return;
	/*
	 * A label stands below its time, half of it to the right, and librrd leaves no room
	 * for that at the edge.  It does for the name of a second axis, twice its font.
	 */
	arg(a, "--right-axis-label= ");
	arg(a, "--font=UNIT:%d:DejaVu Sans", size->margin / 2);
	for (size_t i = 0; i < sizeof(grids) / sizeof(grids[0]); i++)
		if (each >= grids[i].from && each < grids[i].to)
			arg(a, "--x-grid=%s", grids[i].grid);
}

void
args_frame(struct args *a, const struct frame *f)
{
	const struct draw_size *size = &draw_sizes[f->size];
	const struct draw_theme *theme = &draw_themes[f->dark];

	arg(a, "graph");
	arg(a, "-");
	arg(a, "--imgformat=%s", f->svg ? "SVG" : "PNG");
	arg(a, "--start=%lld", (long long)f->start);
	arg(a, "--end=%lld", (long long)f->end);
	arg(a, "--width=%d", size->width);
	arg(a, "--height=%d", size->height);
	arg(a, "--full-size-mode");
	arg(a, "--border=0");
	if (!size->figures)
		arg(a, "--no-legend");
	arg(a, "--disable-rrdtool-tag");
	/* Solid: of dots, each is a stroke to cairo, and noise to the PNG's compression. */
	arg(a, "--grid-dash=1:0");
	arg(a, "--font=DEFAULT:%d:DejaVu Sans", size->font);
	args_time_axis(a, f, size);
	arg(a, "--zoom=%d", f->zoom ? 2 : 1);
	if (size->bare)
		arg(a, "--only-graph");
	if (f->log) {
		arg(a, "--logarithmic");
		arg(a, "--units=si");
	}
	/* A logarithm wants a lower limit above zero; what is lower still moves it down. */
	arg(a, "--lower-limit=%g", f->log ? f->log_floor : 0);
	for (size_t i = 0; i < sizeof(theme->colours) / sizeof(theme->colours[0]); i++)
		arg(a, "--color=%s", theme->colours[i]);
}

void
view_frame(const struct view *v, int64_t start, int64_t end, struct frame *f)
{
	*f = (struct frame){ .start = start, .end = end, .size = v->size, .dark = v->dark, .zoom = v->zoom,
	    .svg = v->svg, .log = v->log, .log_floor = metrics[v->metric].log_floor };
}

void
args_line(struct args *a, enum size size, const char *text)
{
	if (draw_sizes[size].figures)
		arg(a, "COMMENT:%s\\l", draw_path(text, a->arena));
}
