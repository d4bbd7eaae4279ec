#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

static char dir[] = "/tmp/flowlight-sandbox.XXXXXX", path[64];

static const char *
in(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static bool
makes(const char *name)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_EXCL, 0600);

	return fd != -1 && close(fd) == 0;
}

static bool
opens(const char *name, int flags)
{
	int fd = open(in(name), flags);

	return fd != -1 && close(fd) == 0;
}

static int
set_up(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL || mkdir(in("r"), 0700) == -1 || mkdir(in("w"), 0700) == -1 || mkdir(in("no"), 0700) == -1)
		return -1;
	return makes("r/file") && makes("no/file") && makes("one") ? 0 : -1;
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "r/file", "no/file", "one", "w/kept" };
	static const char *const dirs[] = { "r", "w", "no", "late", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in(names[i]));
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		rmdir(in(dirs[i]));
	return 0;
}

static struct sandbox *
ours(void)
{
	struct sandbox *sb = sandbox_new();

	sandbox_read(sb, in("r"));
	sandbox_read(sb, in("one"));
	sandbox_write(sb, in("w"));
	sandbox_read(sb, in("late"));
	return sb;
}

static int
reaches_others_files(void)
{
	return opens("no/file", O_RDONLY) || opens("no", O_RDONLY | O_DIRECTORY) || opens(".", O_RDONLY | O_DIRECTORY) ||
	    opens("../../etc/passwd", O_RDONLY) || makes("no/new") || makes("new") || opens("r/../no/file", O_RDONLY);
}

static int
reads_not_its_own(void)
{
	return !opens("r/file", O_RDONLY) || !opens("r", O_RDONLY | O_DIRECTORY) || !opens("one", O_RDONLY) ||
	    access("/usr/share", R_OK) == -1;
}

static int
writes_what_it_reads(void)
{
	return opens("r/file", O_WRONLY) || opens("one", O_RDWR) || makes("r/new") || unlink(in("r/file")) == 0 ||
	    mkdir(in("r/dir"), 0700) == 0 || truncate(in("r/file"), 0) == 0 || symlink("/etc", in("w/link")) == 0;
}

static int
writes_not_its_own(void)
{
	char to[64];

	if (!makes("w/a") || !opens("w/a", O_RDWR | O_TRUNC) || mkdir(in("w/dir"), 0700) == -1)
		return 1;
	snprintf(to, sizeof(to), "%s/w/b", dir);
	if (rename(in("w/a"), to) == -1)
		return 2;
	return unlink(to) == -1 || rmdir(in("w/dir")) == -1;
}

/* As inside(), with a sandbox for files. */
static int
inside_files(int (*wrong)(void))
{
	pid_t pid = fork();
	struct err e;
	int status;

	if (pid == 0)
		_exit(sandbox_lacks_files() != NULL || sandbox_enter(ours(), false, &e) != 0 ? 77 : wrong());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		if (sandbox_lacks_files() == NULL)
			fail_msg("it cannot be entered");
		print_message("files: %s\n", sandbox_lacks_files());
		skip();
	}
	return WEXITSTATUS(status);
}

static void
only_its_own_files(void **state)
{
	(void)state;
	assert_int_equal(inside_files(reads_not_its_own), 0);
	assert_int_equal(inside_files(reaches_others_files), 0);
	assert_int_equal(inside_files(writes_what_it_reads), 0);
	assert_int_equal(inside_files(writes_not_its_own), 0);
	assert_int_equal(inside_files(opens_a_socket), 0);
	assert_int_equal(inside_files(starts_a_program), 0);
}

struct seen { int reads, reaches, program; };

static void
look(void *ctx)
{
	struct seen *s = ctx;

	s->reads = reads_not_its_own();
	s->reaches = reaches_others_files();
	s->program = starts_a_program();
}

/* A thread is confined, the one that waits for it is not; the sandbox can be entered again. */
static void
a_thread_alone(void **state)
{
	struct sandbox *sb = ours();
	struct err e;

	(void)state;
	if (sandbox_lacks_files() != NULL) {
		sandbox_free(sb);
		skip();
	}
	for (int i = 0; i < 3; i++) {
		struct seen s = { -1, -1, -1 };

		assert_int_equal(sandbox_run(sb, false, look, &s, &e), 0);
		assert_int_equal(s.reads, 0);
		assert_int_equal(s.reaches, 0);
		assert_int_equal(s.program, 0);
		assert_true(opens("no/file", O_RDONLY));
		assert_int_equal(opens_a_socket(), 1);
	}
	sandbox_free(sb);
}

static void
knows_when_it_is_stale(void **state)
{
	struct sandbox *sb = ours();

	(void)state;
	assert_false(sandbox_stale(sb));
	assert_true(makes("w/kept"));
	assert_false(sandbox_stale(sb));
	assert_int_equal(mkdir(in("late"), 0700), 0);
	assert_true(sandbox_stale(sb));
	sandbox_free(sb);
	sb = ours();
	assert_false(sandbox_stale(sb));
	assert_int_equal(rmdir(in("late")), 0);
	assert_true(sandbox_stale(sb));
	sandbox_free(sb);
}

/* In a process of its own: 0 when it was as it should be. */
static int
inside(bool sockets, int (*wrong)(void))
{
	pid_t pid = fork();
	struct err e;
	int status;

	if (pid == 0)
		_exit(sandbox_enter(NULL, sockets, &e) != 0 ? 77 : wrong());
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
		cmocka_unit_test(only_its_own_files),
		cmocka_unit_test(a_thread_alone),
		cmocka_unit_test(knows_when_it_is_stale),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
