#include <string.h>
#include <time.h>

#include "presence.h"

#define CELL_LEAST	300	/* seconds; shorter slots share one */
#define DAY		86400

/* Above what enum seen has: 0 is not even data. */
enum { CELL_NO_DATA, CELL_NOT, CELL_UNKNOWN, CELL_POSSIBLE, CELL_SEEN, CELLS };

const char *const presence_sizes[PRESENCE_SIZES] = { "wide", "narrow" };

static const struct geometry {
	double cell;			/* pixels of five minutes */
	int left, top, right, row, bar;
	int hours;			/* between two labels */
	const char *date;
} geometries[PRESENCE_SIZES] = {
	[PRESENCE_WIDE] = { 3.75, 84, 20, 20, 14, 11, 2, "%a %e %b" },
	[PRESENCE_NARROW] = { 0.95, 40, 20, 10, 13, 10, 6, "%e %b" },
};

/* As style.css; each state has its own lightness, the unknown one a texture. */
static const struct theme { const char *text, *cells[CELLS]; } themes[2] = {
	{ "#566372", { NULL, "#e9edf1", "url(#u)", "#7fb6c9", "#0a6a8a" } },
	{ "#9aa7b5", { NULL, "#252e38", "url(#u)", "#2f7185", "#62c4e0" } },
};

/* Midnight before a time, so many days earlier. */
static int64_t
midnight(int64_t t, int days)
{
	struct tm tm;

	when_local(t, &tm);
	tm.tm_mday -= days;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return when_from_local(&tm);
}

struct window
presence_window(int64_t last)
{
	return (struct window){ midnight(last, PRESENCE_DAYS - 1), midnight(last, -1) };
}

static int
cell_of(uint8_t state, bool data)
{
	return state == SEEN ? CELL_SEEN : state == SEEN_POSSIBLY ? CELL_POSSIBLE :
	    state == SEEN_UNKNOWN ? CELL_UNKNOWN : data ? CELL_NOT : CELL_NO_DATA;
}

static void
put_slots(struct presence *p, const struct host_slots *s, unsigned slot)
{
	size_t row = PRESENCE_DAYS - 1, column;

	for (size_t i = 0; i < s->seen.n; i++) {
		int64_t start = s->seen.from + (int64_t)i * slot;
		uint8_t state = (uint8_t)cell_of(s->seen.state[i], s->data[i]);
		struct tm tm;

		while (row > 0 && start >= p->day[row - 1])
			row--;
		if (start < p->day[row] || (row == 0 && start >= p->day[0] + DAY + 3600))
			continue;
		when_local(start, &tm);
		column = (size_t)((tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec) / p->seconds);
		if (p->cell[row * p->columns + column] < state)
			p->cell[row * p->columns + column] = state;
	}
}

void
presence_make(struct presence *p, const struct host *h, unsigned slot, struct arena *a)
{
	p->seconds = slot < CELL_LEAST ? CELL_LEAST : slot;
	p->columns = (size_t)(DAY / p->seconds) + 1;
	p->cell = arena_array(a, PRESENCE_DAYS * p->columns, 1);
	for (int i = 0; i < PRESENCE_DAYS; i++)
		p->day[i] = midnight(h->window.to - 1, i);
	for (size_t i = 0; i < h->nsources; i++)
		put_slots(p, &h->by_source[i], slot);
}

static double
cell_width(const struct presence *p, enum presence_size size)
{
	return geometries[size].cell * (double)p->seconds / CELL_LEAST;
}

void
presence_pixels(const struct presence *p, enum presence_size size, int *width, int *height)
{
	const struct geometry *g = &geometries[size];

	*width = g->left + g->right + (int)((double)(p->columns - 1) * cell_width(p, size) + 0.5);
	*height = g->top + PRESENCE_DAYS * g->row;
}

bool
presence_at(const struct presence *p, enum presence_size size, long x, long y, struct window *w)
{
	const struct geometry *g = &geometries[size];
	long row = (y - g->top) / g->row, column = (long)((double)(x - g->left) / cell_width(p, size));

	if (x < g->left || y < g->top || row >= PRESENCE_DAYS || column >= (long)p->columns - 1)
		return false;
	w->from = p->day[row] + column * p->seconds;
	w->to = w->from + p->seconds;
	return true;
}

/* The cells of one state, runs of them as one piece. */
static void
draw_cells(const struct presence *p, enum presence_size size, const char *fill, int state, struct strbuf *sb)
{
	const struct geometry *g = &geometries[size];
	double width = cell_width(p, size);

	strbuf_addf(sb, "<path fill=\"%s\" d=\"", fill);
	for (size_t row = 0; row < PRESENCE_DAYS; row++) {
		const uint8_t *cell = p->cell + row * p->columns;
		size_t end;

		for (size_t i = 0; i + 1 < p->columns; i = end) {
			for (end = i + 1; end + 1 < p->columns && cell[end] == cell[i]; end++)
				;
			if (cell[i] != state)
				continue;
			strbuf_addf(sb, "M%.6g %zuv%dh%.6gv-%dz", g->left + (double)i * width,
			    (size_t)g->top + row * (size_t)g->row, g->bar, (double)(end - i) * width, g->bar);
		}
	}
	strbuf_adds(sb, "\"/>");
}

static void
draw_labels(const struct presence *p, enum presence_size size, struct strbuf *sb)
{
	const struct geometry *g = &geometries[size];
	char text[32];
	struct tm tm;

	for (int hour = 0; hour <= 24; hour += g->hours)
		strbuf_addf(sb, "<text x=\"%.6g\" y=\"%d\" text-anchor=\"middle\">%02d</text>", g->left +
		    hour * 3600.0 / (double)p->seconds * cell_width(p, size), g->top - 6, hour % 24);
	for (int row = 0; row < PRESENCE_DAYS; row++) {
		when_local(p->day[row], &tm);
		strftime(text, sizeof(text), g->date, &tm);
		strbuf_addf(sb, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", g->left - 6,
		    g->top + row * g->row + g->bar - 2, text);
	}
}

void
presence_draw(const struct presence *p, enum presence_size size, bool dark, struct strbuf *sb)
{
	const struct theme *t = &themes[dark];
	int width, height;

	presence_pixels(p, size, &width, &height);
	strbuf_addf(sb, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">"
	    "<defs><pattern id=\"u\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">"
	    "<path d=\"M-1 1l2 -2M0 4l4 -4M3 5l2 -2\" stroke=\"%s\" stroke-width=\"1\"/></pattern></defs>"
	    "<g fill=\"%s\" font-family=\"DejaVu Sans, sans-serif\" font-size=\"10\">", width, height, width, height,
	    t->text, t->text);
	draw_labels(p, size, sb);
	strbuf_adds(sb, "</g>");
	for (int state = 0; state < CELLS; state++)
		if (t->cells[state] != NULL)
			draw_cells(p, size, t->cells[state], state, sb);
	strbuf_adds(sb, "</svg>\n");
}
