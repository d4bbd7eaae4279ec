/* Filters: what compiles runs, and prints as a text that means the same. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow/country.h"
#include "flow/owner.h"
#include "../locwrite.h"
#include "query/filter.h"

#define FLOWS	64

/* Where there is libloc, countries are known. */
static void
know_countries(void)
{
#ifdef HAVE_LIBLOC
	static const struct locrow world[] = {
		{ "0.0.0.0/1", "DE", 0, "" }, { "48.0.0.0/4", "IN", 0, "" }, { "2000::/3", "LT", 0, "" } };
	char path[] = "/tmp/flowlight-fuzz.XXXXXX";
	struct err e = { 0 };
	int fd = mkstemp(path);

	if (fd == -1 || locwrite(path, world, sizeof(world) / sizeof(world[0])) != 0)
		abort();
	/* As the program itself, for the rest of its life. */
	countries_ask(owners_open(NULL, path, &e));
	close(fd);
	unlink(path);
#endif
}

/* Flows with all columns, of bytes that repeat the input. */
static struct batch *
batch_of(const uint8_t *data, size_t size, struct arena *a)
{
	struct batch *b = arena_alloc(a, sizeof(*b));
	struct fieldset all = { { 0, 0 } };

	for (int f = 0; f < F_COUNT; f++)
		fieldset_add(&all, f);
	batch_columns(b, &all, FLOWS, a);
	b->n = FLOWS;
	b->first_number = 1;
	b->ident = "fuzz";
	for (int f = 0; f < F_COUNT; f++) {
		size_t width = fields[f].width;
		uint8_t *col = b->col[f];

		if (fields[f].kind == KIND_TEXT || fields[f].kind == KIND_BINARY) {
			for (size_t i = 0; i < FLOWS; i++)
				COLSLICE(b, f)[i] = (struct slice){ data + i % (size + 1), size - i % (size + 1) };
			continue;
		}
		for (size_t i = 0; size != 0 && i < FLOWS * width; i++)
			col[i] = data[(i + f) % size] >> (f % 3);
	}
	batch_derive(b);
	return b;
}

/* Its terms joined by "and" choose the same. */
static void
check_terms(const char *text, const uint8_t *sel, const struct batch *b, struct arena *a)
{
	struct strbuf sb = { 0 };
	const char **terms;
	uint8_t other[BATCH_MAX];
	struct filter *f;
	struct err e = { 0 };
	size_t n;

	if (filter_terms(text, a, &terms, &n, &e) == -1)
		abort();
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&sb, "%s%s", i > 0 ? " and " : "", terms[i]);
	if ((f = filter_compile(strbuf_text(&sb), a, &e)) == NULL)
		abort();
	filter_run(f, filter_scratch(f, a), b, other);
	if (memcmp(sel, other, b->n) != 0)
		abort();
	strbuf_free(&sb);
}

static void
check(const char *text, const struct batch *b, struct arena *a)
{
	struct err e = { 0 };
	struct filter *f = filter_compile(text, a, &e), *again;
	struct strbuf sb = { 0 }, twice = { 0 };
	struct filter_advice advice;
	struct filter_flowtools ft = { "d", NULL, INT64_MIN, INT64_MAX };
	uint8_t sel[BATCH_MAX], other[BATCH_MAX];
	const char *why;

	filter_advise(text, strlen(text) / 2, a, &advice);
	if ((f == NULL) != (advice.why != NULL) || advice.n > 48)
		abort();
	if (f == NULL) {
		if (e.kind != ERR_INPUT || strncmp(e.text, "filter, line ", 13) != 0)
			abort();
		return;
	}
	filter_run(f, filter_scratch(f, a), b, sel);
	filter_print(f, FILTER_NFDUMP, &twice, NULL);
	strbuf_reset(&twice);
	if ((filter_print_flowtools(f, &ft, a, &twice, &why) == -1) != (why != NULL))
		abort();
	strbuf_reset(&twice);
	filter_print(f, FILTER_OURS, &sb, NULL);
	if ((again = filter_compile(strbuf_text(&sb), a, &e)) == NULL)
		abort();
	filter_print(again, FILTER_OURS, &twice, NULL);
	filter_run(again, filter_scratch(again, a), b, other);
	if (strcmp(strbuf_text(&sb), strbuf_text(&twice)) != 0 || memcmp(sel, other, b->n) != 0)
		abort();
	strbuf_free(&sb);
	strbuf_free(&twice);
	check_terms(text, sel, b, a);
}

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	static bool ready;

	if (!ready)
		know_countries();
	ready = true;
	check(arena_strndup(a, (const char *)data, size), batch_of(data, size, a), a);
	arena_free(a);
	return 0;
}
