/*
 * Put before the C library by sandbox.sh: at one place it tries what a process
 * is not to be able to do, and tells on standard error how that went.
 *
 *	JAIL_AT		accept: when a connection was taken, readdir: before a directory is
 *			read by a thread that is not the first
 *	JAIL_TRY	lines of a letter and a path or word: r reads, l lists, w opens to write,
 *			c makes, u removes, x runs, s has a socket of inet, inet6 or unix,
 *			k connects to a port of 127.0.0.1
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_bool tried;

static int
opens(const char *path, int flags)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0600);

	if (fd == -1)
		return errno;
	close(fd);
	return 0;
}

static int
runs(const char *path)
{
	char *argv[] = { (char *)(size_t)path, NULL }, *none[] = { NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execve(path, argv, none);
		_exit(errno);
	}
	return pid == -1 || waitpid(pid, &status, 0) == -1 ? errno : WEXITSTATUS(status);
}

static int
has_socket(const char *family)
{
	int fd = socket(strcmp(family, "unix") == 0 ? AF_UNIX : strcmp(family, "inet6") == 0 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);

	if (fd == -1)
		return errno;
	close(fd);
	return 0;
}

static int
connects(const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	/* Any descriptor: it is refused before the kernel looks at it. */
	return connect(0, (struct sockaddr *)&to, sizeof(to)) == 0 ? 0 : errno;
}

static int
attempt(char what, const char *to)
{
	switch (what) {
	case 'r': return opens(to, O_RDONLY);
	case 'l': return opens(to, O_RDONLY | O_DIRECTORY);
	case 'w': return opens(to, O_WRONLY);
	case 'c': return opens(to, O_WRONLY | O_CREAT | O_EXCL);
	case 'u': return syscall(SYS_unlinkat, AT_FDCWD, to, 0) == 0 ? 0 : errno;
	case 'x': return runs(to);
	case 's': return has_socket(to);
	case 'k': return connects(to);
	default: return EINVAL;
	}
}

static void
try_all(const char *at)
{
	const char *where = getenv("JAIL_AT"), *list = getenv("JAIL_TRY");
	char *lines, *line, *rest;
	int saved = errno;

	if (where == NULL || strcmp(where, at) != 0 || list == NULL || atomic_exchange(&tried, true))
		return;
	lines = rest = strdup(list);
	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0] != '\0' && line[1] == ' ') {
			int rc = attempt(line[0], line + 2);

			dprintf(STDERR_FILENO, "jail: %s: %s\n", line, rc == 0 ? "done" : strerror(rc));
		}
	free(lines);
	errno = saved;
}

int
accept(int fd, struct sockaddr *addr, socklen_t *len)
{
	static int (*real)(int, struct sockaddr *, socklen_t *);
	int rc;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "accept");
	if ((rc = real(fd, addr, len)) != -1)
		try_all("accept");
	return rc;
}

DIR *
fdopendir(int fd)
{
	static DIR *(*real)(int);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "fdopendir");
	if (syscall(SYS_gettid) != getpid())
		try_all("readdir");
	return real(fd);
}
