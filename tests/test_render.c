/*
 * What the comparison with nfdump (nfdump.sh) cannot see: errors, writing in
 * pieces, a reader that goes away, elements that the fixtures lack.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "query/render.h"

struct pages {
	struct strbuf all;
	size_t calls, largest;
	size_t left;		/* calls until the reader is gone */
};

static int
take(void *ctx, const char *s, size_t n)
{
	struct pages *p = ctx;

	if (p->calls++ == p->left)
		return -1;
	if (n > p->largest)
		p->largest = n;
	strbuf_add(&p->all, s, n);
	return 0;
}

/* A batch of n equal flows with all columns. */
static void
make_flows(struct batch *b, size_t n, struct arena *a)
{
	struct fieldset set = { { 0, 0 } };

	for (enum field f = 0; f < F_COUNT; f++)
		fieldset_add(&set, f);
	memset(b, 0, sizeof(*b));
	batch_columns(b, &set, n, a);
	b->n = n;
	for (size_t i = 0; i < n; i++) {
		COL64(b, F_FIRST)[i] = 1795197011880;
		COL64(b, F_LAST)[i] = 1795197015849;
		COL64(b, F_PACKETS)[i] = 8;
		COL64(b, F_BYTES)[i] = 488;
		COL64(b, F_FLOWS)[i] = 1;
		COL8(b, F_PROTO)[i] = 6;
		COLADDR(b, F_SRCIP)[i] = addr_from_v4(0xc0a8000a);
		COLADDR(b, F_DSTIP)[i] = addr_from_v4(0xcb007119);
		COL16(b, F_SRCPORT)[i] = 12013;
		COL16(b, F_DSTPORT)[i] = 80;
		COL64(b, F_ELEMENTS)[i] = ELEMENT(E_GENERIC) | ELEMENT(E_IPV4);
	}
}

static struct query *
list(struct arena *a, const char *output)
{
	struct query *q = query_new(a);
	struct err e;

	q->output = output;
	assert_int_equal(query_check(q, &e), 0);
	return q;
}

static void
refuses(const char *output, const char *want)
{
	struct arena *a = arena_new();
	struct pages p = { .left = 99 };
	struct err e;

	assert_null(render_start(list(a, output), a, take, &p, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.text, want));
	arena_free(a);
}

static void
test_errors(void **state)
{
	(void)state;
	refuses("foo", "there is no \"foo\"");
	refuses("line:x", "there is no \"line:x\"");
	refuses("fmt", "there is no \"fmt\"");
	refuses("fmt:", "without a format");
	refuses("fmt:%ts %zz,%sa", "column 5: there is no \"%zz\"");
	refuses("fmt:%", "column 1");
}

/* Prints n flows; the text is in p->all. */
static int
print(struct pages *p, const char *output, size_t n, bool quiet, struct err *e)
{
	struct arena *a = arena_new();
	struct query *q = list(a, output);
	struct result res = { .kept = { n, 8 * n, 488 * n }, .flows_kept = n, .flows_read = n };
	struct render *r;
	struct batch b;
	int rc;

	q->quiet = quiet;
	make_flows(&b, n, a);
	r = render_start(q, a, take, p, e);
	assert_non_null(r);
	rc = render_rows(r, &b, e);
	if (rc == 0)
		rc = render_finish(r, &res, e);
	render_close(r);
	arena_free(a);
	return rc;
}

static void
test_pieces(void **state)
{
	struct pages p = { .left = 1000 };
	struct err e;

	(void)state;
	assert_int_equal(print(&p, NULL, 5000, true, &e), 0);
	assert_int_equal(p.all.len, 5000 * strlen("2026-11-20 17:50:11.880     00:00:03.969 TCP       "
	    "192.168.0.10:12013 ->     203.0.113.25:80           8      488     1\n"));
	assert_true(p.calls > 5 && p.largest < 65536 + 200);
	strbuf_free(&p.all);
}

static void
test_reader_gone(void **state)
{
	struct pages p = { .left = 2 };
	struct err e;

	(void)state;
	assert_int_equal(print(&p, "csv", 5000, false, &e), -1);
	assert_non_null(strstr(e.text, "gone"));
	assert_int_equal(p.calls, 3);
	strbuf_free(&p.all);
}

static void
prints(const char *output, const char *want)
{
	struct pages p = { .left = 1000 };
	struct err e;

	assert_int_equal(print(&p, output, 1, true, &e), 0);
	assert_string_equal(strbuf_text(&p.all), want);
	strbuf_free(&p.all);
}

static void
test_formats(void **state)
{
	(void)state;
	prints("fmt:%sa|%da%n%cnt 100%% %xsap", "    192.168.0.10|    203.0.113.25\n    1 100% "
	    "         0.0.0.0:0    \n");
	prints("fmt:%%line", "%line\n");
	prints("fmt:%mpls10|%ter|%fl", "       0-0-0|1795197015.849|    1\n");
}

static void
test_json_text(void **state)
{
	struct arena *a = arena_new();
	struct pages p = { .left = 1000 };
	struct query *q = list(a, "json");
	struct result res = { .kept = { 1, 8, 488 } };
	struct render *r;
	struct batch b;
	struct err e;

	(void)state;
	make_flows(&b, 1, a);
	COL64(&b, F_ELEMENTS)[0] |= ELEMENT(E_USER);
	COLSLICE(&b, F_USER)[0] = (struct slice){ (const uint8_t *)"a\"b\\\n\377", 6 };
	r = render_start(q, a, take, &p, &e);
	assert_int_equal(render_rows(r, &b, &e), 0);
	assert_int_equal(render_finish(r, &res, &e), 0);
	assert_non_null(strstr(strbuf_text(&p.all), "\t\"user_name\" : \"a\\\"b\\\\\\n"));
	assert_null(strchr(strbuf_text(&p.all), '\377'));
	strbuf_free(&p.all);
	arena_free(a);
}

/* A batch without most columns prints zeros for them. */
static void
test_missing_columns(void **state)
{
	struct arena *a = arena_new();
	struct pages p = { .left = 1000 };
	struct query *q = list(a, "fmt:%pr|%sap|%flg|%ismc|%uname|%mpls1|%nh");
	struct result res = { .kept = { 1, 8, 488 } };
	struct fieldset few = { { 0, 0 } };
	struct render *r;
	struct batch b = { .n = 1 };
	struct err e;

	(void)state;
	q->quiet = true;
	fieldset_add(&few, F_PROTO);
	batch_columns(&b, &few, 1, a);
	r = render_start(q, a, take, &p, &e);
	assert_int_equal(render_rows(r, &b, &e), 0);
	assert_int_equal(render_finish(r, &res, &e), 0);
	assert_string_equal(strbuf_text(&p.all), "0    |         0.0.0.0:0    |........|"
	    "00:00:00:00:00:00|<empty>|       0-0-0|         0.0.0.0\n");
	strbuf_free(&p.all);
	arena_free(a);
}

static void
test_help(void **state)
{
	size_t n = 0;

	(void)state;
	for (; renders[n].name != NULL; n++)
		assert_non_null(renders[n].help);
	assert_true(n >= 9);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_reader_gone),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_json_text),
		cmocka_unit_test(test_missing_columns),
		cmocka_unit_test(test_help),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
