#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
mode_name(mode_t mode)
{
	return S_ISDIR(mode) ? "a directory" : S_ISFIFO(mode) ? "a FIFO" :
	    S_ISSOCK(mode) ? "a socket" : S_ISLNK(mode) ? "a symbolic link" : "a device";
}

static enum err_kind
errno_kind(int sysno)
{
	return sysno == ENOENT || sysno == ENOTDIR ? ERR_ABSENT :
	    sysno == EACCES || sysno == EPERM ? ERR_DENIED : ERR_SYSTEM;
}

/*
 * open(2) refuses a symbolic link with ELOOP (Linux, OpenBSD) or EMLINK
 * (FreeBSD), and a socket with ENXIO or EOPNOTSUPP: none says what it met.
 */
static int
open_failed(const char *path, struct err *e)
{
	int sysno = errno;
	struct stat st;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && sysno != EACCES)
		return err_set(e, ERR_DATA, "%s: is %s, not a regular file", path, mode_name(st.st_mode));
	errno = sysno;
	err_sys(e, "%s", path);
	e->kind = errno_kind(sysno);
	return -1;
}

int
file_open(const char *path, struct stamp *stamp, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd == -1)
		return open_failed(path, e);
	if (fstat(fd, &st) == -1) {
		err_sys(e, "%s", path);
		close(fd);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(e, ERR_DATA, "%s: is %s, not a regular file", path, mode_name(st.st_mode));
	}
	if (stamp != NULL)
		*stamp = (struct stamp){
			.size = st.st_size,
			.mtime_nsec = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
			.dev = (uint64_t)st.st_dev,
			.ino = (uint64_t)st.st_ino,
		};
	return fd;
}

ssize_t
file_read_at(int fd, void *buf, size_t n, int64_t offset, struct err *e)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(fd, (char *)buf + done, n - done, (off_t)(offset + (int64_t)done));

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return err_sys(e, "read at %lld", (long long)(offset + (int64_t)done));
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

char *
file_read(const char *path, size_t max, struct arena *a, size_t *n, struct err *e)
{
	struct stamp stamp;
	char *text = NULL;
	ssize_t got;
	int fd;

	if ((fd = file_open(path, &stamp, e)) == -1)
		return NULL;
	if ((uint64_t)stamp.size > max) {
		err_set(e, ERR_DATA, "%s: %lld bytes, more than the %zu allowed", path,
		    (long long)stamp.size, max);
	} else {
		text = arena_alloc(a, (size_t)stamp.size + 1);
		if ((got = file_read_at(fd, text, (size_t)stamp.size, 0, e)) == -1) {
			err_in(e, "%s", path);
			text = NULL;
		} else {
			text[got] = '\0';
			if (n != NULL)
				*n = (size_t)got;
		}
	}
	close(fd);
	return text;
}

static int
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1)
			return -1;
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

/* So that the new name survives a power cut; some file systems refuse it, which is no fault. */
static void
sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? xstrdup(".") : xstrdup(path);
	int fd;

	if (slash != NULL)
		dir[slash == path ? 1 : slash - path] = '\0';
	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) != -1) {
		(void)fsync(fd);
		close(fd);
	}
	free(dir);
}

char *
file_temporary(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t dir = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	size_t size = strlen(path) + sizeof("..XXXXXX");
	char *name = xmalloc(size);

	snprintf(name, size, "%.*s.%s.XXXXXX", (int)dir, path, path + dir);
	return name;
}

int
file_write(const char *path, const void *p, size_t n, mode_t mode, struct err *e)
{
	char *temporary = file_temporary(path);
	int fd = mkstemp(temporary);
	int rc = 0;

	if (fd == -1) {
		rc = err_sys(e, "%s", temporary);
		free(temporary);
		return rc;
	}
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (fchmod(fd, mode) == -1 || write_all(fd, p, n) == -1 || fsync(fd) == -1)
		rc = err_sys(e, "%s", temporary);
	if (close(fd) == -1 && rc == 0)
		rc = err_sys(e, "%s", temporary);
	if (rc == 0 && rename(temporary, path) == -1)
		rc = err_sys(e, "%s", path);
	if (rc == 0)
		sync_parent(path);
	else
		unlink(temporary);
	free(temporary);
	return rc;
}

/* Somebody else making it at the same moment is fine; a file of that name is not. */
static int
make_one(const char *path, mode_t mode, struct err *e)
{
	struct stat st;
	int sysno;

	if (mkdir(path, mode) == 0)
		return 0;
	sysno = errno;
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		sysno = ENOTDIR;
	}
	errno = sysno;
	return err_sys(e, "make directory %s", path);
}

int
file_mkdirs(const char *path, mode_t mode, struct err *e)
{
	char *partial = xstrdup(path), *p;
	size_t n = strlen(path);
	int rc = 0;

	while (n > 1 && partial[n - 1] == '/')
		partial[--n] = '\0';
	for (p = partial + 1; rc == 0 && *partial != '\0' && (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		rc = make_one(partial, 0755, e);
		*p = '/';
	}
	if (rc == 0)
		rc = make_one(partial, mode, e);
	free(partial);
	return rc;
}
