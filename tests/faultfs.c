/*
 * faultfs.so, for LD_PRELOAD: a disk that fails, a machine that falls, a clock
 * that jumps.  By environment:
 *	FAULT_UNDER	only calls on files below this folder count
 *	FAULT_AT=k	the k-th call that writes to a file (counted from 1) fails …
 *	FAULT_FOR=n	… and the n - 1 after it (1 if absent)
 *	FAULT_WHILE	all of them fail while this file exists
 *	FAULT_ERRNO=n	with this error (EIO)
 *	FAULT_KILL=1	instead of failing, the process dies; 2: when half of it is written
 *	FAULT_HIT	a file that is made when something failed
 *	FAULT_SYNCED	a folder that keeps what fsync() made safe, by the path below
 *			FAULT_UNDER, "%" for "/"
 *	FAULT_CLOCK	a file with seconds that the wall clock is ahead
 * What writes: write, pwrite, ftruncate, fallocate, fsync, fdatasync, msync,
 * rename, unlink, mkdir, shared writable mmap, and open that may create.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls;

static long
number(const char *name, long absent)
{
	const char *s = getenv(name);

	return s != NULL && *s != '\0' ? atol(s) : absent;
}

/* Straight to the kernel, past our own functions. */
static int
raw_open(const char *path, int flags)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0644);
}

static void
hit(void)
{
	const char *path = getenv("FAULT_HIT");
	int fd;

	if (path != NULL && (fd = raw_open(path, O_WRONLY | O_CREAT)) != -1)
		close(fd);
}

static bool
below(const char *path)
{
	const char *under = getenv("FAULT_UNDER");

	return under != NULL && path != NULL && strncmp(path, under, strlen(under)) == 0;
}

static bool
path_of(int fd, char *path, size_t size)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if ((n = readlink(link, path, size - 1)) <= 0)
		return false;
	path[n] = '\0';
	return true;
}

/* Is it this call's turn?  Then errno is set. */
static bool
fails(const char *path)
{
	const char *gate = getenv("FAULT_WHILE");
	long at = number("FAULT_AT", 0), n;

	if (!below(path))
		return false;
	n = atomic_fetch_add(&calls, 1) + 1;
	if ((at == 0 || n < at || n >= at + number("FAULT_FOR", 1)) &&
	    (gate == NULL || syscall(SYS_faccessat, AT_FDCWD, gate, F_OK) != 0))
		return false;
	hit();
	if (number("FAULT_KILL", 0) == 1)
		kill(getpid(), SIGKILL);
	errno = (int)number("FAULT_ERRNO", EIO);
	return true;
}

static bool
fails_fd(int fd)
{
	char path[4096];
	int saved = errno;

	if (getenv("FAULT_UNDER") == NULL || !path_of(fd, path, sizeof(path)))
		return false;
	if (fails(path))
		return true;
	errno = saved;
	return false;
}

/* Where a file's safe contents are kept. */
static bool
safe_place(const char *path, char *place, size_t size)
{
	const char *dir = getenv("FAULT_SYNCED");
	size_t start;

	if (dir == NULL || !below(path))
		return false;
	start = (size_t)snprintf(place, size, "%s/", dir);
	snprintf(place + start, size - start, "%s", path + strlen(getenv("FAULT_UNDER")));
	for (char *p = place + start; *p != '\0'; p++)
		if (*p == '/')
			*p = '%';
	return true;
}

/* What a fall of power leaves of a file: its contents at the last fsync(). */
static void
keep_synced(int fd)
{
	char path[4096], copy[4096 + 256], buf[65536], self[64];
	ssize_t n;
	int in, out;

	if (!path_of(fd, path, sizeof(path)) || !safe_place(path, copy, sizeof(copy)))
		return;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	in = raw_open(self, O_RDONLY);
	out = raw_open(copy, O_WRONLY | O_CREAT | O_TRUNC);
	while (in != -1 && out != -1 && (n = read(in, buf, sizeof(buf))) > 0)
		if (syscall(SYS_write, out, buf, n) != n)
			break;
	if (in != -1)
		close(in);
	if (out != -1)
		close(out);
}

#define REAL(name)	__typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

/* It is not done; in lives that end in the middle of it, what was done of it was all. */
static int
not_done(void)
{
	if (number("FAULT_KILL", 0) == 2)
		kill(getpid(), SIGKILL);
	return -1;
}

#define BY_FD(type, name, params, args, half) \
	type name params \
	{ \
		REAL(name); \
		if (!fails_fd(fd)) \
			return real args; \
		if (number("FAULT_KILL", 0) == 2 && real half == -1) \
			return -1; \
		return not_done(); \
	}

BY_FD(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), (fd, p, n / 2))
BY_FD(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at), (fd, p, n / 2, at))
BY_FD(ssize_t, pwrite64, (int fd, const void *p, size_t n, off64_t at), (fd, p, n, at), (fd, p, n / 2, at))
BY_FD(int, ftruncate, (int fd, off_t n), (fd, n), (fd, n))
BY_FD(int, ftruncate64, (int fd, off64_t n), (fd, n), (fd, n))
BY_FD(int, fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n), (fd, mode, at, n / 2 + 1))
BY_FD(int, fallocate64, (int fd, int mode, off64_t at, off64_t n), (fd, mode, at, n), (fd, mode, at, n / 2 + 1))

/* This one returns its error. */
int
posix_fallocate(int fd, off_t at, off_t n)
{
	REAL(posix_fallocate);

	return fails_fd(fd) ? not_done(), errno : real(fd, at, n);
}

int
posix_fallocate64(int fd, off64_t at, off64_t n)
{
	REAL(posix_fallocate64);

	return fails_fd(fd) ? not_done(), errno : real(fd, at, n);
}

int
fsync(int fd)
{
	REAL(fsync);
	int rc = fails_fd(fd) ? not_done() : real(fd);

	if (rc == 0)
		keep_synced(fd);
	return rc;
}

int
fdatasync(int fd)
{
	REAL(fdatasync);
	int rc = fails_fd(fd) ? not_done() : real(fd);

	if (rc == 0)
		keep_synced(fd);
	return rc;
}

/* A renamed file takes what was made safe of it along. */
int
rename(const char *from, const char *to)
{
	char a[4096 + 256], b[4096 + 256];
	REAL(rename);

	if (fails(from))
		return not_done();
	if (safe_place(from, a, sizeof(a)) && safe_place(to, b, sizeof(b)) && real(a, b) == -1)
		syscall(SYS_unlinkat, AT_FDCWD, b, 0);
	return real(from, to);
}

int
unlink(const char *path)
{
	REAL(unlink);

	return fails(path) ? not_done() : real(path);
}

int
mkdir(const char *path, mode_t mode)
{
	REAL(mkdir);

	return fails(path) ? not_done() : real(path, mode);
}

static bool
map_fails(int prot, int flags, int fd)
{
	return fd != -1 && (prot & PROT_WRITE) && (flags & MAP_SHARED) && fails_fd(fd) && not_done() == -1;
}

void *
mmap(void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	REAL(mmap);

	return map_fails(prot, flags, fd) ? MAP_FAILED : real(p, n, prot, flags, fd, at);
}

void *
mmap64(void *p, size_t n, int prot, int flags, int fd, off64_t at)
{
	REAL(mmap64);

	return map_fails(prot, flags, fd) ? MAP_FAILED : real(p, n, prot, flags, fd, at);
}

#define OPENS(name) \
int \
name(const char *path, int flags, ...) \
{ \
	mode_t mode = 0; \
	va_list ap; \
	REAL(name); \
\
	va_start(ap, flags); \
	if (flags & O_CREAT) \
		mode = va_arg(ap, mode_t); \
	va_end(ap); \
	return (flags & O_CREAT) && fails(path) ? not_done() : real(path, flags, mode); \
}
OPENS(open)
OPENS(open64)

static long
ahead(void)
{
	const char *path = getenv("FAULT_CLOCK");
	char text[32] = "";
	ssize_t n;
	int fd;

	if (path == NULL || (fd = raw_open(path, O_RDONLY)) == -1)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? atol(text) : 0;
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int rc = (int)syscall(SYS_clock_gettime, id, ts);

	if (rc == 0 && id == CLOCK_REALTIME)
		ts->tv_sec += ahead();
	return rc;
}

time_t
time(time_t *t)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (t != NULL)
		*t = ts.tv_sec;
	return ts.tv_sec;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}
