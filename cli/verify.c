/*
 * flowlight query --verify: the answer once more, as precise text, then the answer
 * of all files, compared as it comes.
 */
#include "verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

#define SHOWN	20		/* differences that are printed */

/* Rows of the first answer in a temporary file, those of the second against them. */
struct comparison {
	FILE *first;
	char *line;
	size_t room;
	struct strbuf rest;	/* of the second answer: a line that is not whole yet */
	uint64_t rows, differ;
	bool ended;		/* the first answer has no more rows */
};

static int
keep(void *ctx, const char *s, size_t n)
{
	struct comparison *c = ctx;

	return fwrite(s, 1, n, c->first) == n ? 0 : -1;
}

static void
tell(struct comparison *c, const char *who, const char *line)
{
	if (c->differ <= 2 * SHOWN)
		printf("verify: %s: %s%s", who, line, strchr(line, '\n') != NULL ? "" : "\n");
}

/* The next row of the first answer, NULL at its end. */
static const char *
next(struct comparison *c)
{
	if (!c->ended && getline(&c->line, &c->room, c->first) == -1)
		c->ended = true;
	return c->ended ? NULL : c->line;
}

static void
compare_row(struct comparison *c, const char *row)
{
	const char *first = next(c);

	c->rows++;
	if (first != NULL && strcmp(first, row) == 0)
		return;
	c->differ++;
	if (first != NULL)
		tell(c, "answer", first);
	tell(c, "files ", row);
}

static int
compare(void *ctx, const char *s, size_t n)
{
	struct comparison *c = ctx;
	const char *end = s + n, *newline;

	while ((newline = memchr(s, '\n', (size_t)(end - s))) != NULL) {
		strbuf_add(&c->rest, s, (size_t)(newline + 1 - s));
		compare_row(c, strbuf_text(&c->rest));
		strbuf_reset(&c->rest);
		s = newline + 1;
	}
	strbuf_add(&c->rest, s, (size_t)(end - s));
	return 0;
}

/* Groups as they are shown, all else with all that a row has; nothing rounded, and no summary: it counts what was read. */
static struct query
precise(const struct query *q)
{
	struct query copy = *q;

	copy.quick = false;
	copy.quiet = copy.plain_numbers = copy.long_ipv6 = true;
	if (q->mode == QUERY_LIST && q->output != NULL && strcmp(q->output, "null") == 0)
		return copy;
	copy.output = q->nkeys > 0 && !q->five_tuple ? NULL : "csv";
	return copy;
}

typedef int ask_fn(struct engine *, const struct query *, const struct fieldset *, const struct sink *,
	    const struct watch *, struct arena *, struct result *, struct err *);

static int
answer(struct engine *engine, const struct query *q, ask_fn *ask, int (*write)(void *, const char *, size_t),
    struct comparison *c, struct result *res, struct err *e)
{
	struct render *render = render_start(q, q->arena, write, c, e);
	struct fieldset show = { { 0, 0 } };
	struct sink sink;

	if (render == NULL)
		return -1;
	sink = render_sink(render);
	render_fields(render, &show);
	if (ask(engine, q, &show, &sink, NULL, q->arena, res, e) == 0 && render_finish(render, res, e) == 0)
		return 0;
	render_close(render);
	return -1;
}

/* Sums of all that matched, where the rows do not show them. */
static void
compare_sums(struct comparison *c, const struct result *a, const struct result *b)
{
	const uint64_t first[] = { a->kept.flows, a->kept.packets, a->kept.bytes, a->first_msec, a->last_msec };
	const uint64_t second[] = { b->kept.flows, b->kept.packets, b->kept.bytes, b->first_msec, b->last_msec };
	static const char *const names[] = { "flows", "packets", "bytes", "first flow", "last flow" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (first[i] != second[i]) {
			printf("verify: %s: %" PRIu64 " in the answer, %" PRIu64 " in the files\n", names[i], first[i], second[i]);
			c->differ++;
		}
}

static int
report(struct comparison *c, const struct result *a, const struct result *b)
{
	const char *row;

	compare_sums(c, a, b);
	while ((row = next(c)) != NULL) {
		c->differ++;
		tell(c, "answer", row);
	}
	fprintf(stderr, "flowlight query: verified: %s; %zu files read: %" PRIu64 " rows, %" PRIu64 " difference%s\n",
	    a->note != NULL ? a->note : "from the same files", b->files, c->rows, c->differ, c->differ == 1 ? "" : "s");
	return c->differ != 0;
}

int
verify(struct engine *engine, const struct query *q, struct err *e)
{
	struct query p = precise(q);
	struct comparison c = { .first = tmpfile() };
	struct result a, b;
	int rc = -1;

	if (c.first == NULL)
		return err_sys(e, "a temporary file");
	if (answer(engine, &p, engine_query, keep, &c, &a, e) == 0) {
		rewind(c.first);
		if (answer(engine, &p, engine_query_files, compare, &c, &b, e) == 0)
			rc = report(&c, &a, &b);
	}
	strbuf_free(&c.rest);
	free(c.line);
	fclose(c.first);
	return rc;
}
