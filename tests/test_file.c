#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static char dir[] = "/tmp/flowlight-file.XXXXXX";
static struct arena *arena;
static struct err err;

static const char *
in_dir(const char *name)
{
	return arena_printf(arena, "%s/%s", dir, name);
}

static void
refuses(const char *name, enum err_kind kind, const char *why)
{
	const char *path = in_dir(name);

	assert_int_equal(file_open(path, NULL, &err), -1);
	assert_int_equal(err.kind, kind);
	assert_string_equal(err.text, arena_printf(arena, "%s: %s", path, why));
}

static void
opens_regular_files_only(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stamp stamp;
	int fd, sock;

	(void)state;
	assert_int_equal(file_write(in_dir("plain"), "12345", 5, 0644, &err), 0);
	fd = file_open(in_dir("plain"), &stamp, &err);
	assert_true(fd != -1);
	assert_int_equal(stamp.size, 5);
	assert_true(stamp.mtime_nsec > INT64_C(1700000000) * 1000000000);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	assert_int_equal(symlink("plain", in_dir("link")), 0);
	refuses("link", ERR_DATA, "is a symbolic link, not a regular file");
	assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
	refuses("fifo", ERR_DATA, "is a FIFO, not a regular file");
	sock = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", in_dir("sock"));
	assert_int_equal(bind(sock, (struct sockaddr *)&sun, sizeof(sun)), 0);
	refuses("sock", ERR_DATA, "is a socket, not a regular file");
	close(sock);
	refuses(".", ERR_DATA, "is a directory, not a regular file");
	refuses("none", ERR_ABSENT, "No such file or directory");
	assert_int_equal(file_open("/dev/null", NULL, &err), -1);
	assert_string_equal(err.text, "/dev/null: is a device, not a regular file");
}

static void
reads(void **state)
{
	char buf[8];
	size_t n;
	int fd;

	(void)state;
	assert_int_equal(file_write(in_dir("read"), "0123456789", 10, 0600, &err), 0);
	fd = file_open(in_dir("read"), NULL, &err);
	assert_int_equal(file_read_at(fd, buf, 4, 3, &err), 4);
	assert_memory_equal(buf, "3456", 4);
	assert_int_equal(file_read_at(fd, buf, 8, 7, &err), 3);
	assert_int_equal(file_read_at(fd, buf, 8, 10, &err), 0);
	close(fd);
	assert_int_equal(file_read_at(fd, buf, 8, 0, &err), -1);
	assert_string_equal(file_read(in_dir("read"), 10, arena, &n, &err), "0123456789");
	assert_int_equal(n, 10);
	assert_null(file_read(in_dir("read"), 9, arena, &n, &err));
	assert_non_null(strstr(err.text, "/read: 10 bytes, more than the 9 allowed"));
}

static size_t
entries(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static void
writes_whole_or_nothing(void **state)
{
	const char *sub = in_dir("w"), *path = in_dir("w/file");
	struct stat st;

	(void)state;
	assert_int_equal(file_mkdirs(sub, 0700, &err), 0);
	assert_int_equal(file_write(path, "old", 3, 0640, &err), 0);
	assert_int_equal(file_write(path, "newer", 5, 0640, &err), 0);
	assert_string_equal(file_read(path, 100, arena, NULL, &err), "newer");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(entries(sub), 1);
	/* A directory in the way: an error, and nothing is left behind. */
	assert_int_equal(file_mkdirs(in_dir("w/dir/x"), 0700, &err), 0);
	assert_int_equal(file_write(in_dir("w/dir"), "x", 1, 0600, &err), -1);
	assert_int_equal(entries(sub), 2);
	assert_int_equal(file_write(in_dir("absent/file"), "x", 1, 0600, &err), -1);
	assert_int_equal(err.kind, ERR_SYSTEM);
	assert_non_null(strstr(err.text, "No such file or directory"));
}

static void
makes_directories(void **state)
{
	struct stat st;

	(void)state;
	umask(022);
	assert_int_equal(file_mkdirs(in_dir("a//b/c/"), 0700, &err), 0);
	assert_int_equal(file_mkdirs(in_dir("a/b/c"), 0700, &err), 0);
	assert_int_equal(stat(in_dir("a/b"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(in_dir("a/b/c"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(file_write(in_dir("a/plain"), "", 0, 0600, &err), 0);
	assert_int_equal(file_mkdirs(in_dir("a/plain/x"), 0700, &err), -1);
	assert_non_null(strstr(err.text, "a/plain"));
	assert_non_null(strstr(err.text, "Not a directory"));
	assert_int_equal(file_mkdirs(in_dir("a/plain"), 0700, &err), -1);
	assert_int_equal(file_mkdirs("", 0700, &err), -1);
}

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static void
remove_tree(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		const char *inner = arena_printf(arena, "%s/%s", path, entry->d_name);

		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    unlink(inner) == -1)
			remove_tree(inner);
	}
	if (d != NULL)
		closedir(d);
	rmdir(path);
}

static int
teardown(void **state)
{
	(void)state;
	remove_tree(dir);
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_regular_files_only), cmocka_unit_test(reads),
		cmocka_unit_test(writes_whole_or_nothing), cmocka_unit_test(makes_directories),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
