#include "model.h"
#include "picture.h"

void
picture_links(json_t *p, const struct view *v, const char *path, unsigned pages)
{
	static const char *const names[2][2] = { { "light", "light2" }, { "dark", "dark2" } };
	struct view copy = *v;

	for (copy.dark = 0; copy.dark < 2; copy.dark++)
		for (copy.zoom = 0; copy.zoom < 2; copy.zoom++)
			model_text(p, names[copy.dark][copy.zoom], view_href(&copy, path, pages));
}

void
picture_geometry(json_t *o, const struct picture *p)
{
	model_number(o, "width", p->image_width);
	model_number(o, "height", p->image_height);
	model_number(o, "graph_left", p->left);
	model_number(o, "graph_top", p->top);
	model_number(o, "graph_width", p->width);
	model_number(o, "graph_height", p->height);
	model_number(o, "graph_start", p->start);
	model_number(o, "graph_end", p->end);
}

void
picture_refs(json_t *model, const char *key, const struct view *v, enum size size,
    const struct source **sources, size_t n)
{
	json_t *p = model_object(model, key);
	const struct figures *f;
	struct view copy = *v;
	int width, height;
	struct err ignored;		/* the picture itself says what is wrong with an RRD */

	copy.size = size;
	picture_links(p, &copy, "/graph", VIEW_GRAPH);
	graph_size(size, &width, &height);
	model_number(p, "width", width);
	model_number(p, "height", height);
	f = graph_figures(v->rq->site, v, sources, n, &ignored);
	figures_title(p, f != NULL ? &f[n] : NULL, view_unit(v, v->metric));
}

/* The selected window, as far as it is seen; at least two pixels wide. */
static void
mark_model(json_t *model, const struct picture *p, const struct window *w)
{
	json_t *mark = model_object(model, "mark");
	double scale = (double)p->width / (double)(p->end - p->start);
	double left = (double)(w->from - p->start) * scale, right = (double)(w->to - p->start) * scale;

	left = left < 0 ? 0 : left > (double)p->width ? (double)p->width : left;
	right = right < 0 ? 0 : right > (double)p->width ? (double)p->width : right;
	if (right - left < 2)
		right = left + 2;
	model_textf(mark, "x", "%.1f", (double)p->left + left);
	model_textf(mark, "width", "%.1f", right - left);
	model_textf(mark, "middle", "%.1f", (double)p->left + (left + right) / 2);
	model_number(mark, "y", p->top);
	model_number(mark, "height", p->height);
}

const struct picture *
picture_model(json_t *o, const struct view *v, enum size size,
    const struct source **sources, size_t n, struct err *e)
{
	struct view copy = *v;
	const struct picture *p;

	copy.size = size;
	picture_links(o, &copy, "/graph", VIEW_GRAPH);
	if ((p = graph_draw(v->rq->site, &copy, sources, n, e)) == NULL)
		return NULL;
	picture_geometry(o, p);
	model_flag(o, "empty", p->empty);
	mark_model(o, p, &v->query->window);
	return p;
}

int64_t
picture_time(const struct picture *p, long x)
{
	if (p->width == 0)
		return p->start;
	x -= p->left;
	x = x < 0 ? 0 : x >= p->width ? p->width - 1 : x;
	return p->start + (p->end - p->start) * x / p->width;
}
