#include "query/ft_writer.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void
ft_writer_init(struct ft_writer *w, FILE *out, enum ft_form form)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
	w->form = form;
}

static void
put_html(FILE *out, const char *s)
{
	struct strbuf sb = { 0 };

	strbuf_add_html(&sb, s);
	fputs(strbuf_text(&sb), out);
	strbuf_free(&sb);
}

void
ft_writer_note(struct ft_writer *w, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (w->form == FT_CSV) {
		fprintf(w->out, "#%s\n", text);
		return;
	}
	ft_writer_end(w);
	if (w->form == FT_TEXT) {
		fprintf(w->out, "%s\n", text + (text[0] == ' '));
		return;
	}
	fputs("<p>", w->out);
	put_html(w->out, text + (text[0] == ' '));
	fputs("</p>\n", w->out);
}

void
ft_writer_heading(struct ft_writer *w, const char *record, const char *const *heading, const bool *is_key, size_t n)
{
	ft_writer_end(w);
	w->n = n < FT_CELLS_MAX ? n : FT_CELLS_MAX;
	w->nrows = 0;
	w->open = true;
	for (size_t i = 0; i < w->n; i++) {
		w->heading[i] = heading[i];
		w->is_key[i] = is_key != NULL && is_key[i];
		w->is_octets[i] = strcmp(heading[i], "octets") == 0;
	}
	if (w->form == FT_CSV) {
		fprintf(w->out, "# %s: ", record);
		for (size_t i = 0; i < n; i++)
			fprintf(w->out, "%s%s%s", i > 0 ? "," : "", heading[i], is_key != NULL && is_key[i] ? "*" : "");
		fputc('\n', w->out);
	} else if (w->form == FT_HTML) {
		fputs("<table>\n<tr>", w->out);
		for (size_t i = 0; i < w->n; i++) {
			fputs("<th>", w->out);
			put_html(w->out, heading[i]);
			fputs("</th>", w->out);
		}
		fputs("</tr>\n", w->out);
	}
}

/* "452.8 KB", as the scripts of flow-tools' users had it: by 1024. */
static void
add_octets(struct strbuf *sb, const char *value)
{
	static const char *const units[] = { "B", "KB", "MB", "GB", "TB", "PB", "EB" };
	double v = strtod(value, NULL);
	size_t unit = 0;

	if (strchr(value, '.') != NULL) {
		strbuf_adds(sb, value);
		return;
	}
	for (; v >= 1024 && unit < 6; unit++)
		v /= 1024;
	strbuf_addf(sb, unit == 0 ? "%.0f %s" : "%.1f %s", v, units[unit]);
}

static void
html_row(struct ft_writer *w, const char *values)
{
	fputs("<tr>", w->out);
	for (const char *v = values; v != NULL; ) {
		const char *end = strchr(v, ',');
		char cell[128];

		snprintf(cell, sizeof(cell), "%.*s", end != NULL ? (int)(end - v) : (int)strlen(v), v);
		fputs("<td>", w->out);
		put_html(w->out, cell);
		fputs("</td>", w->out);
		v = end != NULL ? end + 1 : NULL;
	}
	fputs("</tr>\n", w->out);
}

void
ft_writer_row(struct ft_writer *w, const char *values)
{
	if (w->form == FT_CSV) {
		fputs(values, w->out);
		fputc('\n', w->out);
		return;
	}
	if (w->form == FT_HTML) {
		html_row(w, values);
		return;
	}
	for (size_t i = 0; i < w->n; i++) {
		size_t n = strcspn(values, ",");
		char cell[128];

		snprintf(cell, sizeof(cell), "%.*s", (int)n, values);
		if (w->is_octets[i])
			add_octets(&w->cells, cell);
		else
			strbuf_adds(&w->cells, cell);
		strbuf_addc(&w->cells, '\0');
		values += n + (values[n] == ',');
	}
	w->nrows++;
}

/* Keys to the left, numbers to the right. */
static void
text_cell(struct ft_writer *w, size_t i, size_t width, const char *s)
{
	bool last = i + 1 == w->n;

	if (w->is_key[i] && last)
		fputs(s, w->out);
	else
		fprintf(w->out, w->is_key[i] ? "%-*s" : "%*s", (int)width, s);
	fputs(last ? "\n" : "  ", w->out);
}

static void
text_table(struct ft_writer *w)
{
	size_t width[FT_CELLS_MAX];
	const char *p = strbuf_text(&w->cells);

	for (size_t i = 0; i < w->n; i++)
		width[i] = strlen(w->heading[i]);
	for (size_t row = 0; row < w->nrows; row++)
		for (size_t i = 0; i < w->n; i++, p += strlen(p) + 1)
			if (strlen(p) > width[i])
				width[i] = strlen(p);
	for (size_t i = 0; i < w->n; i++)
		text_cell(w, i, width[i], w->heading[i]);
	p = strbuf_text(&w->cells);
	for (size_t row = 0; row < w->nrows; row++)
		for (size_t i = 0; i < w->n; i++, p += strlen(p) + 1)
			text_cell(w, i, width[i], p);
}

void
ft_writer_end(struct ft_writer *w)
{
	if (w->open && w->form == FT_HTML)
		fputs("</table>\n", w->out);
	else if (w->open && w->form == FT_TEXT)
		text_table(w);
	w->open = false;
	strbuf_free(&w->cells);
	w->cells = (struct strbuf){ 0 };
}
