#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sandbox.h"

static int
opens_a_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) != -1 || socket(AF_UNIX, SOCK_STREAM, 0) != -1 || errno != EPERM;
}

static int
starts_a_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno != EPERM;
}

static void *
thread(void *ctx)
{
	*(int *)ctx = starts_a_program();
	return NULL;
}

static int
starts_one_in_a_thread(void)
{
	pthread_t t;
	int rc = 1;

	return pthread_create(&t, NULL, thread, &rc) != 0 || pthread_join(t, NULL) != 0 || rc;
}

static int
reads_no_files(void)
{
	return open("tests/test_sandbox.c", O_RDONLY) == -1 || pipe((int[2]){ 0, 0 }) == -1;
}

/* In a process of its own: 0 when it was as it should be. */
static int
inside(bool sockets, int (*wrong)(void))
{
	pid_t pid = fork();
	struct err e;
	int status;

	if (pid == 0)
		_exit(sandbox_enter(sockets, &e) != 0 ? 77 : wrong());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	return WEXITSTATUS(status);
}

static void
no_sockets(void **state)
{
	(void)state;
	assert_int_equal(inside(false, opens_a_socket), 0);
	assert_int_equal(inside(true, opens_a_socket), 1);
}

static void
no_programs(void **state)
{
	(void)state;
	assert_int_equal(inside(false, starts_a_program), 0);
	assert_int_equal(inside(true, starts_a_program), 0);
	assert_int_equal(inside(false, starts_one_in_a_thread), 0);
	assert_int_equal(inside(true, starts_one_in_a_thread), 0);
}

static void
files_as_before(void **state)
{
	(void)state;
	assert_int_equal(inside(false, reads_no_files), 0);
	assert_int_equal(inside(true, reads_no_files), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_sockets),
		cmocka_unit_test(no_programs),
		cmocka_unit_test(files_as_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
