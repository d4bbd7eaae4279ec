#include "query/render_private.h"

#include <string.h>

/* Replaces the names of whole formats, as in "fmt:%line %cnt". */
static const char *
expand(const char *format, struct arena *a)
{
	struct strbuf sb = { 0 };
	const char *out;

	for (const char *s = format; *s != '\0';) {
		size_t n = *s == '%' ? strspn(s + 1, "abcdefghijklmnopqrstuvwxyz") : 0;
		const char *whole = n != 0 ? render_format(s + 1, n) : NULL;

		if (*s == '%' && s[1] == '%')
			n = 1;
		if (whole != NULL)
			strbuf_adds(&sb, whole);
		else
			strbuf_add(&sb, s, n + 1);
		s += n + 1;
	}
	out = arena_strdup(a, strbuf_text(&sb));
	strbuf_free(&sb);
	return out;
}

static int
compile(struct render *r, const char *format, struct err *e)
{
	const char *s = format;

	/* No more steps than characters. */
	steps_new(r, strlen(format) + 1);
	while (*s != '\0') {
		struct step *step = &r->steps[r->nsteps++];

		if (*s == '%' && s[1] != '%') {
			const struct tag *tag = tag_find(s + 1);

			if (tag == NULL)
				return err_set(e, ERR_INPUT, "output format, column %zu: "
				    "there is no \"%.*s\"", (size_t)(s - format) + 1,
				    (int)(1 + strcspn(s + 1, " %,:;|\t")), s);
			step_take(r, step, tag);
			s += 1 + strlen(tag->name);
			continue;
		}
		if (*s == '%')
			s++;
		step->text = s;
		step->len = 1 + strcspn(s + 1, "%");
		s += step->len;
	}
	return 0;
}

int
fmt_start(struct render *r, const char *argument, struct err *e)
{
	const char *format = argument != NULL ? argument : r->output->format;

	if (*format == '\0')
		return err_set(e, ERR_INPUT, "output format: \"fmt:\" without a format");
	return compile(r, expand(format, r->arena), e);
}

void
fmt_head(struct render *r)
{
	for (size_t i = 0; i < r->nsteps; i++) {
		const struct step *s = &r->steps[i];
		int wide = s->tag != NULL && s->tag->is_addr && r->flags & TEXT_IPV6_LONG ?
		    ADDR_WIDTH_LONG - ADDR_WIDTH : 0;

		if (s->tag != NULL)
			strbuf_addf(&r->out, "%*s%s", wide, "", s->tag->heading);
		else
			strbuf_addf(&r->out, "%*s", (int)s->len, "");
	}
	strbuf_addc(&r->out, '\n');
}

void
fmt_rows(struct render *r, const struct batch *b)
{
	steps_bind(r, b);
	steps_run(r, b->n);
}
