#include "chart.h"

#include <gd.h>
#include <math.h>
#include <stdio.h>

#include "model.h"

const char *const heat_days[HEAT_DAYS] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

/* Where things are, in pixels: cells from left and top on, bars beside and below them. */
struct layout {
	int width, height, left, top, right, bottom;
	double font;
	int step;			/* hours from one label to the next */
};

static const struct layout layouts[2] = {
	{ .width = 1290, .height = 360, .left = 54, .top = 26, .right = 190, .bottom = 96, .font = 8.5, .step = 1 },
	{ .width = 360, .height = 300, .left = 36, .top = 22, .right = 50, .bottom = 82, .font = 7, .step = 4 },
};

/* From least to most: lighter or darker all the way, so that no colour has to be told from another. */
#define STOPS	5
static const struct palette {
	unsigned back, text, line, none, bar;
	unsigned stop[STOPS];
} palettes[2] = {
	{ 0xffffff, 0x566372, 0xdde2e8, 0xf3f5f7, 0x0a6a8a, { 0xe8f3f7, 0xa5d2e2, 0x4fa3c2, 0x14698c, 0x052f42 } },
	{ 0x171d24, 0x9aa7b5, 0x2a333d, 0x10161c, 0x62c4e0, { 0x1c2c37, 0x1f5368, 0x2f86a4, 0x6cc3de, 0xe2f7fd } },
};

/* A picture being drawn; places and sizes are those of zoom 1. */
struct chart {
	gdImagePtr im;
	const struct layout *at;
	const struct palette *colours;
	int zoom;
	bool no_font;
};

void
chart_pixels(const struct chart_size *size, int *width, int *height)
{
	*width = layouts[size->narrow].width;
	*height = layouts[size->narrow].height;
}

void
heat_bounds(struct heat *h)
{
	bool any = false;

	h->least = h->most = 0;
	for (unsigned d = 0; d < HEAT_DAYS; d++)
		for (unsigned i = 0; i < HEAT_HOURS; i++) {
			double x = h->cell[d][i];

			if (isnan(x))
				continue;
			h->least = !any || x < h->least ? x : h->least;
			h->most = !any || x > h->most ? x : h->most;
			any = true;
		}
}

static int
colour(const struct chart *c, unsigned rgb)
{
	return gdImageColorResolve(c->im, rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255);
}

/* Between the stops of the scale, part from 0 to 1. */
static unsigned
shade(const struct palette *p, double part)
{
	double place = part * (STOPS - 1);
	unsigned i = place >= STOPS - 1 ? STOPS - 2 : (unsigned)place, rgb = 0;

	for (int shift = 16; shift >= 0; shift -= 8) {
		double a = p->stop[i] >> shift & 255, b = p->stop[i + 1] >> shift & 255;

		rgb |= (unsigned)(a + (b - a) * (place - i) + 0.5) << shift;
	}
	return rgb;
}

static void
box(const struct chart *c, double x, double y, double width, double height, unsigned rgb)
{
	if (width > 0 && height > 0)
		gdImageFilledRectangle(c->im, (int)lround(x * c->zoom), (int)lround(y * c->zoom),
		    (int)lround((x + width) * c->zoom) - 1, (int)lround((y + height) * c->zoom) - 1, colour(c, rgb));
}

/* Left of, centred at, or right of x: by 1, 0.5 or 0 of its width; its middle at y. */
static void
label(struct chart *c, double x, double y, double before, const char *text)
{
	char *font = (char *)(uintptr_t)"DejaVu Sans", *string = (char *)(uintptr_t)text;
	int rect[8];

	if (gdImageStringFT(NULL, rect, 0, font, c->at->font * c->zoom, 0, 0, 0, string) != NULL) {
		c->no_font = true;
		return;
	}
	gdImageStringFT(c->im, rect, colour(c, c->colours->text), font, c->at->font * c->zoom, 0,
	    (int)(x * c->zoom - before * (rect[2] - rect[0])), (int)(y * c->zoom + c->at->font * c->zoom * 0.45), string);
}

static double
cell_width(const struct layout *l)
{
	return (double)(l->width - l->left - l->right) / HEAT_HOURS;
}

static double
cell_height(const struct layout *l)
{
	return (double)(l->height - l->top - l->bottom) / HEAT_DAYS;
}

static void
draw_cells(struct chart *c, const struct heat *h)
{
	const struct layout *l = c->at;
	double w = cell_width(l), height = cell_height(l), range = h->most - h->least;
	char hour[4];

	for (unsigned i = 0; i < HEAT_HOURS; i += (unsigned)l->step) {
		snprintf(hour, sizeof(hour), "%02u", i);
		label(c, l->left + (i + 0.5) * w, l->top - 10, 0.5, hour);
	}
	for (unsigned d = 0; d < HEAT_DAYS; d++) {
		label(c, l->left - 8, l->top + (d + 0.5) * height, 1, heat_days[d]);
		for (unsigned i = 0; i < HEAT_HOURS; i++) {
			double x = h->cell[d][i];

			box(c, l->left + i * w, l->top + d * height, w - 1, height - 1, isnan(x) ? c->colours->none :
			    shade(c->colours, range > 0 ? (x - h->least) / range : 0));
		}
	}
}

static double
highest(const double *v, unsigned n)
{
	double most = 0;

	for (unsigned i = 0; i < n; i++)
		if (v[i] > most)
			most = v[i];
	return most;
}

/* Beside each day its mean, below each hour its own. */
static void
draw_bars(struct chart *c, const struct heat *h)
{
	const struct layout *l = c->at;
	double w = cell_width(l), height = cell_height(l), right = l->width - l->right + 8.0;
	double room = l->right - 14.0, below = l->height - l->bottom + 6.0, deep = l->bottom - 44.0;
	double day = highest(h->day, HEAT_DAYS), hour = highest(h->hour, HEAT_HOURS);

	for (unsigned d = 0; d < HEAT_DAYS; d++) {
		struct strbuf text = { 0 };
		double most = l->step == 1 ? room - 60 : room;

		if (day > 0 && !isnan(h->day[d]))
			box(c, right, l->top + (d + 0.25) * height, most * h->day[d] / day, height / 2 - 1, c->colours->bar);
		rate_text(h->day[d], &text);
		if (l->step == 1)
			label(c, right + room, l->top + (d + 0.5) * height, 1, strbuf_text(&text));
		strbuf_free(&text);
	}
	for (unsigned i = 0; i < HEAT_HOURS; i++)
		if (hour > 0 && !isnan(h->hour[i]))
			box(c, l->left + (i + 0.2) * w, below, w * 0.6, deep * h->hour[i] / hour, c->colours->bar);
}

/* Which colour is how much. */
static void
draw_scale(struct chart *c, const struct heat *h)
{
	const struct layout *l = c->at;
	double y = l->height - 22, x = l->left, width = l->width - l->left - l->right;
	struct strbuf text = { 0 };

	for (int i = 0; i < 100; i++)
		box(c, x + width * i / 100, y, width / 100 + 1, 8, shade(c->colours, i / 99.0));
	rate_text(h->least, &text);
	label(c, x, y + 16, 0, strbuf_text(&text));
	strbuf_reset(&text);
	rate_text(h->most, &text);
	strbuf_addf(&text, " %s", h->unit);
	label(c, x + width, y + 16, 1, strbuf_text(&text));
	strbuf_free(&text);
}

int
chart_heat(const struct heat *h, const struct chart_size *size, struct strbuf *png, struct err *e)
{
	struct chart c = { .at = &layouts[size->narrow], .colours = &palettes[size->dark],
	    .zoom = size->zoom > 1 ? 2 : 1 };
	void *bytes;
	int n;

	gdFTUseFontConfig(1);
	c.im = gdImageCreateTrueColor(c.at->width * c.zoom, c.at->height * c.zoom);
	if (c.im == NULL)
		return err_set(e, ERR_SYSTEM, "the picture cannot be drawn: no memory");
	box(&c, 0, 0, c.at->width, c.at->height, c.colours->back);
	draw_cells(&c, h);
	draw_bars(&c, h);
	draw_scale(&c, h);
	bytes = gdImagePngPtr(c.im, &n);
	if (bytes != NULL)
		strbuf_add(png, bytes, (size_t)n);
	gdFree(bytes);
	gdImageDestroy(c.im);
	if (bytes == NULL)
		return err_set(e, ERR_SYSTEM, "the picture cannot be drawn");
	return c.no_font ? err_set(e, ERR_SYSTEM, "the picture cannot be labelled: there is no font \"DejaVu Sans\"") : 0;
}

bool
chart_cell(const struct chart_size *size, long x, long y, unsigned *day, unsigned *hour)
{
	const struct layout *l = &layouts[size->narrow];
	double column = ((double)x - l->left) / cell_width(l), row = ((double)y - l->top) / cell_height(l);

	if (column < 0 || row < 0 || column >= HEAT_HOURS || row >= HEAT_DAYS)
		return false;
	*day = (unsigned)row;
	*hour = (unsigned)column;
	return true;
}
