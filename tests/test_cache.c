/* What processes keep for one another: by key and version, the newest, and no more than there is room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../cgi/cache.h"

#define ROOM	100000
#define BLOCK	1000

static struct cache *cache;
static struct arena *a;

static int
start(void **state)
{
	(void)state;
	a = arena_new();
	cache = cache_new(ROOM);
	return cache != NULL ? 0 : -1;
}

static int
end(void **state)
{
	(void)state;
	cache_free(cache);
	arena_free(a);
	return 0;
}

static const char *
get(const char *key, uint64_t version)
{
	size_t size;
	const char *block = cache_get(cache, key, version, a, &size);

	if (block != NULL)
		assert_int_equal(size, strlen(block) + 1);
	return block != NULL ? block : "none";
}

static void
put(const char *key, uint64_t version, const char *text)
{
	cache_put(cache, key, version, text, strlen(text) + 1);
}

static void
only_what_was_asked_for(void **state)
{
	(void)state;
	assert_string_equal(get("a", 1), "none");
	put("a", 1, "first");
	put("b", 1, "other");
	assert_string_equal(get("a", 1), "first");
	assert_string_equal(get("a", 2), "none");
	assert_string_equal(get("aa", 1), "none");
	put("a", 2, "second");
	assert_string_equal(get("a", 2), "second");
	assert_string_equal(get("a", 1), "none");
	assert_string_equal(get("b", 1), "other");
	assert_string_equal(get("", 1), "none");
	assert_null(cache_get(NULL, "a", 1, a, &(size_t){ 0 }));
}

/* The oldest go: those that are there together are never more than the room. */
static void
no_more_than_there_is_room(void **state)
{
	char block[BLOCK + 1], key[16];
	size_t there = 0;

	(void)state;
	memset(block, 'x', BLOCK);
	block[BLOCK] = '\0';
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		put(key, 1, block);
		assert_string_equal(get(key, 1), block);
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		there += strcmp(get(key, 1), "none") != 0;
	}
	assert_in_range(there, ROOM / BLOCK / 2, ROOM / BLOCK);
	assert_string_equal(get("0", 1), "none");
	assert_string_equal(get("999", 1), block);
}

static void
what_is_too_large_is_not_kept(void **state)
{
	static char large[ROOM / 8 + 2];

	(void)state;
	put("small", 1, "small");
	memset(large, 'x', sizeof(large) - 1);
	put("large", 1, large);
	assert_string_equal(get("large", 1), "none");
	assert_string_equal(get("small", 1), "small");
}

static void
other_processes_have_it(void **state)
{
	pid_t child;
	int status;

	(void)state;
	if ((child = fork()) == 0) {
		put("child", 1, "of the child");
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	cache_forget(cache, child);
	assert_string_equal(get("child", 1), "of the child");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_what_was_asked_for, start, end),
		cmocka_unit_test_setup_teardown(no_more_than_there_is_room, start, end),
		cmocka_unit_test_setup_teardown(what_is_too_large_is_not_kept, start, end),
		cmocka_unit_test_setup_teardown(other_processes_have_it, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
