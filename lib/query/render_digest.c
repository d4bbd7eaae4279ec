/*
 * The output "summary": not the flows of a list, but what they are like.
 */
#include "query/render_private.h"

#include <string.h>

int
digest_start(struct render *r, const char *argument, struct err *e)
{
	(void)argument;
	if (r->query->mode != QUERY_LIST)
		return err_set(e, ERR_INPUT, "output: a summary is of flows, not of statistics or groups");
	r->digest = digest_new(r->arena);
	digest_fields(&r->fields);
	return 0;
}

void
digest_rows(struct render *r, const struct batch *b)
{
	digest_add(r->digest, b);
}

static void
print_spread(struct render *r, const struct digest_spread *s)
{
	strbuf_addf(&r->out, "\n%-24s%16s%10s\n", s->title, "flows", "share");
	for (size_t i = 0; i < s->n; i++) {
		const struct digest_step *step = &s->step[i];
		size_t start = r->out.len;

		if (step->flows == 0)
			continue;
		strbuf_addc(&r->out, ' ');
		strbuf_addu(&r->out, step->least);
		if (step->most == UINT64_MAX)
			strbuf_adds(&r->out, " and more");
		else if (step->most != step->least) {
			strbuf_adds(&r->out, " - ");
			strbuf_addu(&r->out, step->most);
		}
		strbuf_addf(&r->out, " %s", s->unit);
		while (r->out.len - start < 24)
			strbuf_addc(&r->out, ' ');
		strbuf_addf(&r->out, "%16llu%9.2f%%\n", (unsigned long long)step->flows,
		    100 * (double)step->flows / (double)s->flows);
	}
}

void
digest_finish(struct render *r, const struct result *res)
{
	struct digest_figure figure[DIGEST_FIGURES];
	size_t n = digest_figures(r->digest, figure);
	struct digest_spread s;

	if (res->kept.flows == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		bool time = strcmp(figure[i].name, "first") == 0 || strcmp(figure[i].name, "last") == 0;

		strbuf_addf(&r->out, "%-34s", figure[i].title);
		if (time)
			text_time_seconds(&r->out, (uint64_t)figure[i].value, ' ');
		else
			strbuf_addf(&r->out, figure[i].whole ? "%.0f" : "%.3f", figure[i].value);
		strbuf_addc(&r->out, '\n');
	}
	for (unsigned k = 0; k < DIGEST_SPREADS; k++) {
		digest_spread(r->digest, k, &s);
		print_spread(r, &s);
	}
}
