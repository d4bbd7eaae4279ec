#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/strbuf.h"

static void
escapes(void (*add)(struct strbuf *, const char *), const char *in, const char *want)
{
	struct strbuf sb = { 0 };

	strbuf_adds(&sb, "<");
	add(&sb, in);
	assert_string_equal(sb.s + 1, want);
	assert_int_equal(sb.len, strlen(want) + 1);
	strbuf_free(&sb);
}

static void
grows(void **state)
{
	struct strbuf sb = { 0 };
	int i;

	(void)state;
	assert_string_equal(strbuf_text(&sb), "");
	strbuf_addu(&sb, 0);
	strbuf_addc(&sb, ' ');
	strbuf_addu(&sb, UINT64_MAX);
	assert_string_equal(sb.s, "0 18446744073709551615");
	strbuf_reset(&sb);
	assert_string_equal(strbuf_text(&sb), "");
	for (i = 0; i < 1000; i++)
		strbuf_addf(&sb, "%d,", i);
	assert_int_equal(sb.len, 3890);
	assert_string_equal(sb.s + 3886, "999,");
	strbuf_reset(&sb);
	strbuf_addf(&sb, "%0200d", 7);
	assert_int_equal(sb.len, 200);
	memcpy(strbuf_room(&sb, 5000), "tail", 5);
	sb.len += 4;
	assert_string_equal(sb.s + 199, "7tail");
	strbuf_free(&sb);
	assert_null(sb.s);
}

static void
html(void **state)
{
	(void)state;
	escapes(strbuf_add_html, "", "");
	escapes(strbuf_add_html, "plain", "plain");
	escapes(strbuf_add_html, "<a href=\"x\">'`&", "&lt;a href=&quot;x&quot;&gt;&#39;&#96;&amp;");
	escapes(strbuf_add_html, "\xe2\x82\xac<", "\xe2\x82\xac&lt;");
}

static void
url(void **state)
{
	(void)state;
	escapes(strbuf_add_url, "2026-11-20T14:30", "2026-11-20T14:30");
	escapes(strbuf_add_url, "proto tcp and port = 80", "proto+tcp+and+port+%3D+80");
	escapes(strbuf_add_url, "a+b&c%d/e,f~g_h.i", "a%2Bb%26c%25d/e,f~g_h.i");
	escapes(strbuf_add_url, "\xc3\xa4\n#?\"<", "%C3%A4%0A%23%3F%22%3C");
}

static void
shell(void **state)
{
	(void)state;
	escapes(strbuf_add_shell, "", "''");
	escapes(strbuf_add_shell, "srcip4/24,proto", "srcip4/24,proto");
	escapes(strbuf_add_shell, "--from=2026-11-20T14:30", "--from=2026-11-20T14:30");
	escapes(strbuf_add_shell, "proto tcp", "'proto tcp'");
	escapes(strbuf_add_shell, "it's", "'it'\\''s'");
	escapes(strbuf_add_shell, "$(id);`id`", "'$(id);`id`'");
	escapes(strbuf_add_shell, "a\nb*", "'a\nb*'");
	escapes(strbuf_add_shell, "~root", "'~root'");
	escapes(strbuf_add_shell, "=ls", "'=ls'");
}

/* The shell itself is the judge: each word must come back as it was. */
static void
shell_gives_it_back(void **state)
{
	static const char *const words[] = {
		"", " ", "'", "''\"\\", "$HOME", "a b\tc\nd", "*?[x]", "~", "!x", "#", "{a,b}", "x=~y",
		"\xe2\x82\xac", "-n", "a;b&c|d<e>f(g)h`i`",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct strbuf sb = { 0 };
		char got[256];
		int fd[2], status;
		ssize_t n;
		pid_t pid;

		strbuf_adds(&sb, "printf %s ");
		strbuf_add_shell(&sb, words[i]);
		assert_int_equal(pipe(fd), 0);
		if ((pid = fork()) == 0) {
			dup2(fd[1], STDOUT_FILENO);
			execl("/bin/sh", "sh", "-c", sb.s, (char *)NULL);
			_exit(127);
		}
		close(fd[1]);
		n = read(fd[0], got, sizeof(got) - 1);
		close(fd[0]);
		waitpid(pid, &status, 0);
		got[n > 0 ? n : 0] = '\0';
		/* "printf %s -n" prints -n, too: only %s is a format here */
		assert_string_equal(got, words[i]);
		strbuf_free(&sb);
	}
}

static void
csv(void **state)
{
	(void)state;
	escapes(strbuf_add_csv, "plain text", "plain text");
	escapes(strbuf_add_csv, "a,b", "\"a,b\"");
	escapes(strbuf_add_csv, "say \"hi\"", "\"say \"\"hi\"\"\"");
	escapes(strbuf_add_csv, "two\nlines", "\"two\nlines\"");
	escapes(strbuf_add_csv, "=1+1", "'=1+1");
	escapes(strbuf_add_csv, "+1", "'+1");
	escapes(strbuf_add_csv, "-1", "'-1");
	escapes(strbuf_add_csv, "@x", "'@x");
	escapes(strbuf_add_csv, "\tx", "'\tx");
	escapes(strbuf_add_csv, "=a,\"b\"", "\"'=a,\"\"b\"\"\"");
}

static void
json(void **state)
{
	(void)state;
	escapes(strbuf_add_json, "a\"b\\c/d", "a\\\"b\\\\c/d");
	escapes(strbuf_add_json, "\n\r\t\b\f\x01\x7f", "\\n\\r\\t\\b\\f\\u0001\\u007f");
	escapes(strbuf_add_json, "</script>", "\\u003c/script>");
	escapes(strbuf_add_json, "\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x80");
	escapes(strbuf_add_json, "\xff" "a\xc0\xaf\xe2\x82", "\\ufffda\\ufffd\\ufffd\\ufffd\\ufffd");
	escapes(strbuf_add_json, "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd");
}

static void
utf8(void **state)
{
	(void)state;
	escapes(strbuf_add_utf8, "ok \xc3\xa4", "ok \xc3\xa4");
	escapes(strbuf_add_utf8, "bad \xe4 end", "bad \xef\xbf\xbd end");
	escapes(strbuf_add_printable, "ok \xc3\xa4", "ok \xc3\xa4");
	escapes(strbuf_add_printable, "\033[1m\n\x7f \xe4 \xc2\x9b", "\\x1b[1m\\x0a\\x7f \\xe4 \\xc2\\x9b");
	assert_int_equal(utf8_length(""), 0);
	assert_int_equal(utf8_length("a"), 1);
	assert_int_equal(utf8_length("\xf4\x8f\xbf\xbf"), 4);
	assert_int_equal(utf8_length("\xf4\x90\x80\x80"), 0);
	assert_int_equal(utf8_length("\xe0\x80\xaf"), 0);
}

static void
arenas(void **state)
{
	struct arena *a = arena_new();
	char *s = arena_strndup(a, "abcdef", 3), *old;
	unsigned char *p;
	size_t i;

	(void)state;
	assert_string_equal(s, "abc");
	assert_string_equal(arena_printf(a, "%s-%05d", s, 42), "abc-00042");
	p = arena_array(a, 1000, 1000);
	for (i = 0; i < 1000000; i++)
		assert_int_equal(p[i], 0);
	memset(p, 0xff, 1000000);
	old = s;
	for (i = 1; i < 5000; i++) {
		p = arena_alloc(a, i);
		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		assert_int_equal(p[0] | p[i - 1], 0);
		memset(p, 0xff, i);
	}
	assert_string_equal(old, "abc");
	assert_true(arena_size(a) >= 1000000 + 4999 * 2500);
	arena_free(a);
	arena_free(NULL);
}

/* Runs f in a child and returns its exit status and what it wrote to stderr. */
static int
child(void (*f)(void), char *text, size_t size)
{
	int fd[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	if ((pid = fork()) == 0) {
		dup2(fd[1], STDERR_FILENO);
		f();
		_exit(0);
	}
	close(fd[1]);
	while (n < size - 1 && (got = read(fd[0], text + n, size - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(fd[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
want_too_much(void)
{
	static struct arena *kept;	/* no leak */
	volatile size_t n = SIZE_MAX / 2;

	kept = arena_new();
	arena_array(kept, n, 3);
}

static void
ends_when_memory_is_out(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(child(want_too_much, text, sizeof(text)), 70);
	assert_non_null(strstr(text, "out of memory"));
}

static void
log_hostile(void)
{
	log_open("flowlightd", 0, LOG_LEVEL_INFO);
	log_debug("not shown");
	log_warn("%s", "a\nERROR forged\x1b[31m \xc3\xa4\xc2\x9b\xff\x7f");
}

static void
logs_one_line(void **state)
{
	char text[512];

	(void)state;
	assert_int_equal(child(log_hostile, text, sizeof(text)), 0);
	assert_non_null(strstr(text, " flowlightd["));
	assert_non_null(strstr(text,
	    "] warning: a\\x0aERROR forged\\x1b[31m \xc3\xa4\\xc2\\x9b\\xff\\x7f\n"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows), cmocka_unit_test(html), cmocka_unit_test(url),
		cmocka_unit_test(shell), cmocka_unit_test(shell_gives_it_back), cmocka_unit_test(csv),
		cmocka_unit_test(json), cmocka_unit_test(utf8), cmocka_unit_test(arenas),
		cmocka_unit_test(ends_when_memory_is_out), cmocka_unit_test(logs_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
