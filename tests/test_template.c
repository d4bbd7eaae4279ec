#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/template.h"

static char dir[] = "/tmp/flowlight-templates.XXXXXX";
static struct err err;
static struct templates *set;

static json_t *
model_of(const char *json)
{
	json_error_t e;
	json_t *model = json_loads(json, JSON_DECODE_ANY, &e);

	if (model == NULL)
		fail_msg("%s: %s", json, e.text);
	return model;
}

static void
renders(const char *text, const char *json, const char *want)
{
	json_t *model = model_of(json);
	struct strbuf sb = { 0 };

	if (template_render_text(set, text, model, &sb, &err) == -1)
		fail_msg("%s: %s", text, err.text);
	assert_string_equal(strbuf_text(&sb), want);
	strbuf_free(&sb);
	json_decref(model);
}

static void
refuses(const char *text, const char *why)
{
	json_t *model = model_of("{\"l\": [1], \"o\": {}}");
	struct strbuf sb = { 0 };

	if (template_render_text(set, text, model, &sb, &err) == 0)
		fail_msg("%s is taken", text);
	assert_string_equal(err.text, why);
	strbuf_free(&sb);
	json_decref(model);
}

static void
values(void **state)
{
	(void)state;
	renders("plain { } text", "{}", "plain { } text");
	renders("a {{x}} b", "{\"x\": \"<b>&'\\\"`\"}", "a &lt;b&gt;&amp;&#39;&quot;&#96; b");
	renders("{{{x}}} {{&x}} {{& x }}", "{\"x\": \"<b>\"}", "<b> <b> <b>");
	renders("{{a.b.c}} {{ a.b.c }}", "{\"a\": {\"b\": {\"c\": 7}}}", "7 7");
	renders("[{{none}}{{a.none}}{{n}}]", "{\"a\": {}, \"n\": null}", "[]");
	renders("{{i}} {{r}} {{t}} {{f}}",
	    "{\"i\": 9007199254740993, \"r\": 0.5, \"t\": true, \"f\": false}", "9007199254740993 0.5 true false");
	renders("a{{! no {{x}}b", "{}", "ab");
	renders("{{.}}", "\"x\"", "x");
}

static void
sections(void **state)
{
	(void)state;
	renders("{{#l}}<{{.}}>{{/l}}", "{\"l\": [1, \"a\", 2.5]}", "<1><a><2.5>");
	renders("{{#l}}{{a}},{{/l}}", "{\"l\": [{\"a\": 1}, {\"a\": 2}]}", "1,2,");
	renders("{{#o}}{{a}}{{b}}{{/o}}", "{\"o\": {\"a\": 1}, \"b\": 2}", "12");
	renders("{{#s}}{{.}}{{x}}{{/s}}", "{\"s\": \"text\", \"x\": 1}", "text1");
	renders("{{#t}}yes {{x}}{{/t}}{{#f}}no{{/f}}", "{\"t\": true, \"f\": false, \"x\": 1}", "yes 1");
	renders("{{#a}}1{{/a}}{{#b}}2{{/b}}{{#c}}3{{/c}}{{#d}}4{{/d}}",
	    "{\"a\": \"\", \"b\": [], \"c\": null}", "");
	renders("{{^a}}1{{/a}}{{^b}}2{{/b}}{{^c}}3{{/c}}{{^d}}4{{/d}}{{^e}}5{{/e}}{{^f}}6{{/f}}",
	    "{\"a\": \"\", \"b\": [], \"c\": null, \"e\": 0, \"f\": {}}", "1234");
	renders("{{#l}}{{#t}}{{x}}{{/t}}{{/l}}", "{\"l\": [{\"t\": true, \"x\": 1}, \"x\"]}", "1");
	renders("{{#o.l}}{{.}}{{/o.l}}", "{\"o\": {\"l\": [1, 2]}}", "12");
}

/* A row that lacks a key must not show the page's. */
static void
items_do_not_see_outwards(void **state)
{
	(void)state;
	renders("{{#l}}[{{title}}]{{/l}}", "{\"title\": \"page\", \"l\": [{\"title\": \"row\"}, {}]}",
	    "[row][]");
	renders("{{#l}}[{{^.title}}]{{/l}}", "{\"title\": \"page\", \"l\": [{\"title\": \"row\"}]}",
	    "[page]");
	renders("{{#l}}{{#o}}{{x}}{{y}}{{/o}}{{/l}}", "{\"l\": [{\"o\": {}, \"x\": 1}], \"y\": 2}", "1");
	renders("{{#l}}{{#^.flag}}+{{/^.flag}}{{^^.flag}}-{{/^.flag}}{{/l}}",
	    "{\"flag\": true, \"l\": [1, 2]}", "++");
	renders("{{#a}}{{#b}}{{^.x}}{{^.^.x}}{{^.^.^.x}}{{/b}}{{/a}}",
	    "{\"x\": 1, \"a\": [{\"x\": 2, \"b\": [{\"x\": 3}]}]}", "21");
	renders("{{#l}}{{{^.x}}}{{/l}}", "{\"x\": \"<\", \"l\": [0]}", "<");
}

static void
lines(void **state)
{
	(void)state;
	renders("a\n  {{#t}}\nb\n  {{/t}}\nc\n", "{\"t\": true}", "a\nb\nc\n");
	renders("a\n{{! comment\n of two lines }}\nb", "{}", "a\nb");
	renders("{{#t}}\nb\n{{/t}}", "{\"t\": true}", "b\n");
	renders("a {{#t}}b{{/t}}\nc", "{\"t\": true}", "a b\nc");
	renders("{{x}}\n{{#l}} {{.}}\n{{/l}}\n", "{\"x\": 1, \"l\": [2]}", "1\n 2\n");
	renders("\r\n{{#t}}\r\nb\r\n{{/t}}\r\n", "{\"t\": true}", "\r\nb\r\n");
	renders("\n\na\n", "{}", "\n\na\n");
}

static void
partials_and_layouts(void **state)
{
	struct strbuf sb = { 0 };
	json_t *model = model_of("{\"title\": \"T&T\", \"rows\": [{\"n\": 1}, {\"n\": 2}]}");

	(void)state;
	assert_int_equal(template_render(set, "page", model, &sb, &err), 0);
	assert_string_equal(sb.s, "<title>T&amp;T - site</title>\n<main>\n<p>1</p>\n<p>2</p>\n</main>\n"
	    "<footer>default</footer>\n");
	strbuf_reset(&sb);
	/* A page over a layout over a layout: the page's blocks win. */
	assert_int_equal(template_render(set, "sub", model, &sb, &err), 0);
	assert_string_equal(sb.s, "<title>T&amp;T - site</title>\n<main>\n<div>inner of page</div>\n</main>\n"
	    "<footer>of page</footer>\n");
	strbuf_reset(&sb);
	assert_int_equal(template_render(set, "none", model, &sb, &err), -1);
	assert_string_equal(err.text, "there is no template \"none\"");
	strbuf_free(&sb);
	json_decref(model);
	renders("{{#rows}}{{>row}}{{/rows}}", "{\"rows\": [{\"n\": \"<\"}]}", "<p>&lt;</p>\n");
	renders("{{$b}}x{{/b}}", "{}", "x");
	renders("{{<layout}}ignored{{$body}}B{{$body}}C{{/body}}{{/body}}{{/layout}}", "{\"title\": 1}",
	    "<title>1 - site</title>\n<main>\nBC</main>\n<footer>default</footer>\n");
}

static void
faults(void **state)
{
	(void)state;
	refuses("a\n{{x", "template:2: tag is never closed");
	refuses("{{{x}}", "template:1: tag is never closed");
	refuses("{{#a}}\n{{#b}}\n{{/a}}", "template:3: \"a\" is closed where \"b\" of line 2 is open");
	refuses("x\n{{#a}}\n", "template:2: \"a\" is never closed");
	refuses("{{/a}}", "template:1: \"a\" is closed but was not opened");
	refuses("{{}}", "template:1: bad name \"\"");
	refuses("{{a b}}", "template:1: bad name \"a b\"");
	refuses("{{a..b}}", "template:1: bad name \"a..b\"");
	refuses("{{=<% %>=}}", "template:1: bad name \"=<% %>=\"");
	refuses("{{>../x}}", "template:1: bad name \"../x\"");
	refuses("\n{{>nowhere}}", "template:2: there is no template \"nowhere\"");
	refuses("{{#l}}{{/l}}{{l}}", "template:1: \"l\" is a list or an object, not a value");
	refuses("{{o}}", "template:1: \"o\" is a list or an object, not a value");
}

static void
limits(void **state)
{
	json_t *model = json_pack("{s:o}", "l", json_array());
	struct strbuf text = { 0 }, sb = { 0 };
	char want[256];
	int i;

	(void)state;
	for (i = 0; i < 33; i++)
		strbuf_adds(&text, "{{#t}}");
	refuses(text.s, "template:1: more than 32 sections in each other");
	snprintf(want, sizeof(want), "%s/endless.html:1: \"x\n\" is too deep: "
	    "does a template include itself?", dir);
	refuses("{{>endless}}", want);
	strbuf_reset(&text);
	for (i = 0; i < 20; i++)
		strbuf_addf(&text, "{{#%.*sl}}", 2 * i, "^.^.^.^.^.^.^.^.^.^.^.^.^.^.^.^.^.^.^.^.");
	for (i = 19; i >= 0; i--)
		strbuf_addf(&text, "x{{/%.*sl}}", 2 * i, "^.^.^.^.^.^.^.^.^.^.^.^.^.^.^.^.^.^.^.^.");
	for (i = 0; i < 10; i++)
		json_array_append_new(json_object_get(model, "l"), json_integer(i));
	assert_int_equal(template_render_text(set, text.s, model, &sb, &err), -1);
	assert_int_equal(err.kind, ERR_LIMIT);
	strbuf_free(&text);
	strbuf_free(&sb);
	json_decref(model);
}

static const struct { const char *name, *text; } files[] = {
	{ "layout.html", "<title>{{$title}}{{title}}{{/title}} - site</title>\n<main>\n"
	    "{{$body}}{{/body}}\n</main>\n<footer>{{$footer}}default{{/footer}}</footer>\n" },
	{ "page.html", "{{<layout}}\n{{$body}}\n{{#rows}}\n{{>row}}\n{{/rows}}\n{{/body}}\n{{/layout}}\n" },
	{ "row.html", "<p>{{n}}</p>\n" },
	{ "mid.html", "{{<layout}}\n{{$body}}\n<div>{{$inner}}none{{/inner}}</div>\n{{/body}}\n"
	    "{{$footer}}of mid{{/footer}}\n{{/layout}}\n" },
	{ "sub.html", "{{<mid}}\n{{$inner}}inner of page{{/inner}}\n{{$footer}}of page{{/footer}}\n{{/mid}}\n" },
	{ "endless.html", "x\n{{>endless}}\n" },
};

static void
write_file(const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (file_write(path, text, strlen(text), 0644, &err) == -1)
		fail_msg("%s", err.text);
}

static void
remove_file(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static void
loading_names_the_fault(void **state)
{
	char want[256];

	(void)state;
	write_file("wrong.html", "a\n{{#x}}\n");
	assert_null(templates_load(dir, &err));
	snprintf(want, sizeof(want), "%s/wrong.html:2: \"x\" is never closed", dir);
	assert_string_equal(err.text, want);
	write_file("wrong.html", "{{>absent}}");
	assert_null(templates_load(dir, &err));
	snprintf(want, sizeof(want), "%s/wrong.html:1: there is no template \"absent\"", dir);
	assert_string_equal(err.text, want);
	remove_file("wrong.html");
	assert_null(templates_load("/nonexistent", &err));
	templates_free(NULL);
}

static int
setup(void **state)
{
	size_t i;

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		write_file(files[i].name, files[i].text);
	write_file(".hidden.html", "{{");
	write_file("other.txt", "{{");
	set = templates_load(dir, &err);
	if (set == NULL)
		print_error("%s\n", err.text);
	return set != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	size_t i;

	(void)state;
	templates_free(set);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		remove_file(files[i].name);
	remove_file(".hidden.html");
	remove_file("other.txt");
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values), cmocka_unit_test(sections),
		cmocka_unit_test(items_do_not_see_outwards), cmocka_unit_test(lines),
		cmocka_unit_test(partials_and_layouts), cmocka_unit_test(faults),
		cmocka_unit_test(limits), cmocka_unit_test(loading_names_the_fault),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
