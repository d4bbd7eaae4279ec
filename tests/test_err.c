#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>

#include <cmocka.h>

#include "base/err.h"

static void
sets_kind_and_text(void **state)
{
	struct err e = { .sysno = 5 };

	(void)state;
	assert_int_equal(err_set(&e, ERR_INPUT, "by: unknown field \"%s\"", "colour"), -1);
	assert_string_equal(e.text, "by: unknown field \"colour\"");
	assert_int_equal(e.kind, ERR_INPUT);
	assert_int_equal(e.sysno, 0);
}

static void
says_what_errno_says(void **state)
{
	struct err e;

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_sys(&e, "source %s", "r1"), -1);
	assert_string_equal(e.text, "source r1: No such file or directory");
	assert_int_equal(e.kind, ERR_SYSTEM);
	assert_int_equal(e.sysno, ENOENT);
}

static void
puts_context_in_front(void **state)
{
	struct err e;

	(void)state;
	err_set(&e, ERR_DATA, "block 7: broken");
	assert_int_equal(err_in(&e, "/data/%s", "r1"), -1);
	assert_string_equal(e.text, "/data/r1: block 7: broken");
	assert_int_equal(e.kind, ERR_DATA);
	err_set(&e, ERR_DATA, "twice: %s", e.text);	/* its own text as an argument */
	assert_string_equal(e.text, "twice: /data/r1: block 7: broken");
}

static void
long_text_ends_in_dots(void **state)
{
	char text[3000];
	struct err e;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&e, ERR_DATA, "%s", text);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
	assert_string_equal(e.text + sizeof(e.text) - 5, "x...");
	err_in(&e, "context");
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
	assert_memory_equal(e.text, "context: xxx", 12);
	assert_string_equal(e.text + sizeof(e.text) - 5, "x...");
}

static void
kinds_have_status(void **state)
{
	(void)state;
	assert_int_equal(err_http(ERR_INPUT), 400);
	assert_int_equal(err_http(ERR_DENIED), 403);
	assert_int_equal(err_http(ERR_ABSENT), 404);
	assert_int_equal(err_http(ERR_LIMIT), 503);
	assert_int_equal(err_http(ERR_SYSTEM), 500);
	assert_int_equal(err_exit(ERR_INPUT), 2);
	assert_int_equal(err_exit(ERR_DATA), 1);
	assert_int_equal(err_exit(ERR_NONE), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_kind_and_text),
		cmocka_unit_test(says_what_errno_says),
		cmocka_unit_test(puts_context_in_front),
		cmocka_unit_test(long_text_ends_in_dots),
		cmocka_unit_test(kinds_have_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
