#include "base/sandbox.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/pool.h"

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#endif
#ifdef __OpenBSD__
#include <errno.h>
#endif

/* What libraries open by themselves: fonts, conversions, zones, names of hosts, the number of processors. */
static const char *const system_paths[] = {
	"/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/var/cache/fontconfig",
	"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
	"/dev/null", "/dev/urandom", "/proc/self", "/sys/devices/system/cpu",
#ifdef __SANITIZE_ADDRESS__
	"tests/site/lsan.supp",		/* read at the end, when leaks are looked for */
#endif
};

struct place {
	char *path;
	bool write, there;
	dev_t dev;
	ino_t ino;
};

struct sandbox {
	struct place *place;
	size_t n;
	int ruleset;		/* of the kernel, made of the places when first entered; -1 */
};

static struct place
place_now(const char *path)
{
	struct place p = { 0 };
	struct stat st;

	if (stat(path, &st) == 0)
		p = (struct place){ .there = true, .dev = st.st_dev, .ino = st.st_ino };
	return p;
}

static void
add(struct sandbox *sb, const char *path, bool write)
{
	struct place p = place_now(path);

	p.path = xstrdup(path);
	p.write = write;
	sb->place = xrealloc(sb->place, sb->n + 1, sizeof(*sb->place));
	sb->place[sb->n++] = p;
}

struct sandbox *
sandbox_new(void)
{
	struct sandbox *sb = xcalloc(1, sizeof(*sb));

	sb->ruleset = -1;
	for (size_t i = 0; i < sizeof(system_paths) / sizeof(system_paths[0]); i++)
		add(sb, system_paths[i], false);
	return sb;
}

void
sandbox_free(struct sandbox *sb)
{
	if (sb == NULL)
		return;
	for (size_t i = 0; i < sb->n; i++)
		free(sb->place[i].path);
	if (sb->ruleset != -1)
		close(sb->ruleset);
	free(sb->place);
	free(sb);
}

void
sandbox_read(struct sandbox *sb, const char *path)
{
	add(sb, path, false);
}

void
sandbox_write(struct sandbox *sb, const char *path)
{
	add(sb, path, true);
}

/* The system's own do not change under a process; /proc/self is each one's own. */
bool
sandbox_stale(const struct sandbox *sb)
{
	for (size_t i = sizeof(system_paths) / sizeof(system_paths[0]); i < sb->n; i++) {
		const struct place *was = &sb->place[i];
		struct place now = place_now(was->path);

		if (now.there != was->there || now.dev != was->dev || now.ino != was->ino)
			return true;
	}
	return false;
}

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#ifdef __x86_64__
#define ARCH		AUDIT_ARCH_X86_64
#define FOREIGN		0x40000000	/* numbers from here on are those of x32 */
#else
#define ARCH		AUDIT_ARCH_AARCH64
#define FOREIGN		UINT32_MAX
#endif

#define LOAD(member)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define REFUSE		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define REFUSE_CALL(n)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (n), 0, 1), REFUSE

/* Calls by which a program is started; io_uring makes any call without being seen. */
#define REFUSE_PROGRAMS \
	LOAD(arch), \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0), \
	REFUSE, \
	LOAD(nr), \
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FOREIGN, 0, 1), \
	REFUSE, \
	REFUSE_CALL(SYS_execve), \
	REFUSE_CALL(SYS_execveat), \
	REFUSE_CALL(425)		/* io_uring_setup, the same on all */
#define ALLOW_REST	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static struct sock_filter programs[] = { REFUSE_PROGRAMS, ALLOW_REST };
static struct sock_filter programs_and_sockets[] = {
	REFUSE_PROGRAMS,
	REFUSE_CALL(SYS_socket),
	REFUSE_CALL(SYS_socketpair),
	REFUSE_CALL(SYS_connect),
	REFUSE_CALL(SYS_bind),
	REFUSE_CALL(SYS_listen),
	ALLOW_REST
};

#define PROGRAM(f)	{ .len = sizeof(f) / sizeof((f)[0]), .filter = (f) }

/*
 * Landlock as the kernel has it, since the headers of many systems are older
 * than their kernels.  Each version knows more rights; what it knows and no
 * rule allows is refused.
 */
#define LANDLOCK_CREATE		444
#define LANDLOCK_ADD		445
#define LANDLOCK_RESTRICT	446
#define LANDLOCK_VERSION	1U	/* a flag: tell it */
#define LANDLOCK_BENEATH	1	/* a rule's kind */

enum {
	MAY_EXECUTE = 1 << 0, MAY_WRITE = 1 << 1, MAY_READ = 1 << 2, MAY_LIST = 1 << 3, MAY_RMDIR = 1 << 4,
	MAY_UNLINK = 1 << 5, MAY_MKDIR = 1 << 7, MAY_MAKE = 1 << 8, MAY_RENAME_FAR = 1 << 13, MAY_TRUNCATE = 1 << 14,
};
#define OF_FILES	(MAY_EXECUTE | MAY_WRITE | MAY_READ | MAY_TRUNCATE)	/* the others are of directories */
#define READING		(MAY_READ | MAY_LIST)
#define WRITING		(MAY_WRITE | MAY_RMDIR | MAY_UNLINK | MAY_MKDIR | MAY_MAKE | MAY_RENAME_FAR | MAY_TRUNCATE)

struct rule {
	uint64_t rights;
	int32_t fd;
} __attribute__((packed));

/* All rights of a version: 1 has thirteen, 2 has REFER, 3 TRUNCATE, 5 IOCTL_DEV. */
static uint64_t
rights_of(long version)
{
	unsigned n = version < 2 ? 13 : version < 3 ? 14 : version < 5 ? 15 : 16;

	return (UINT64_C(1) << n) - 1;
}

static long
landlock_version(void)
{
	return syscall(LANDLOCK_CREATE, NULL, (size_t)0, LANDLOCK_VERSION);
}

const char *
sandbox_lacks_files(void)
{
	if (landlock_version() > 0)
		return NULL;
	return errno == EOPNOTSUPP ? "landlock is switched off in this kernel" :
	    errno == EPERM ? "landlock is refused by what started this" : "this kernel has no landlock";
}

static int
allow(int ruleset, const struct place *p, uint64_t known)
{
	struct rule rule = { .fd = open(p->path, O_PATH | O_CLOEXEC) };
	struct stat st;
	int rc = 0;

	if (rule.fd == -1)
		return 0;
	rule.rights = (p->write ? READING | WRITING : READING) & known;
	if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.rights &= OF_FILES;
	rc = (int)syscall(LANDLOCK_ADD, ruleset, LANDLOCK_BENEATH, &rule, 0U);
	close(rule.fd);
	return rc;
}

/* The rules of all places. */
static int
ruleset_make(struct sandbox *sb, struct err *e)
{
	uint64_t known = rights_of(landlock_version());

	if ((sb->ruleset = (int)syscall(LANDLOCK_CREATE, &known, sizeof(known), 0U)) == -1)
		return err_sys(e, "landlock");
	for (size_t i = 0; i < sb->n; i++)
		if (allow(sb->ruleset, &sb->place[i], known) == -1) {
			err_sys(e, "landlock: %s", sb->place[i].path);
			close(sb->ruleset);
			sb->ruleset = -1;
			return -1;
		}
	return 0;
}

static int
files_enter(struct sandbox *sb, struct err *e)
{
	if (sb->ruleset == -1 && ruleset_make(sb, e) == -1)
		return -1;
	return syscall(LANDLOCK_RESTRICT, sb->ruleset, 0U) == 0 ? 0 : err_sys(e, "landlock");
}

int
sandbox_enter(struct sandbox *sb, bool sockets, struct err *e)
{
	struct sock_fprog refused[] = { PROGRAM(programs_and_sockets), PROGRAM(programs) };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return err_sys(e, "no_new_privs");
	if (sb != NULL && sandbox_lacks_files() == NULL && files_enter(sb, e) == -1)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &refused[sockets]) == 0 ? 0 : err_sys(e, "seccomp");
}

struct errand {
	struct sandbox *sandbox;
	bool sockets;
	void (*function)(void *);
	void *ctx;
	struct err *e;
	int rc;
};

static void *
errand_run(void *ctx)
{
	struct errand *r = ctx;

	if ((r->rc = sandbox_enter(r->sandbox, r->sockets, r->e)) == 0)
		r->function(r->ctx);
	return NULL;
}

/* Signals are for the thread that waits. */
static int
errand_start(pthread_t *t, struct errand *r)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pool_thread(t, errand_run, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int
sandbox_run(struct sandbox *sb, bool sockets, void (*function)(void *), void *ctx, struct err *e)
{
	struct errand r = { sb, sockets, function, ctx, e, -1 };
	pthread_t t;
	int rc = errand_start(&t, &r);

	if (rc != 0)
		return err_set(e, ERR_SYSTEM, "no thread: %s", strerror(rc));
	pthread_join(t, NULL);
	return r.rc;
}

#else

#ifdef __OpenBSD__

int
sandbox_enter(struct sandbox *sb, bool sockets, struct err *e)
{
	for (size_t i = 0; sb != NULL && i < sb->n; i++)
		if (unveil(sb->place[i].path, sb->place[i].write ? "rwc" : "r") == -1 && errno != ENOENT && errno != ENOTDIR)
			return err_sys(e, "unveil %s", sb->place[i].path);
	/* Without proc, exec and inet; "unix" is for accept, the others for SQLite's files: it sets their modes too. */
	return pledge(sockets ? "stdio rpath wpath cpath fattr flock unix inet dns" :
	    "stdio rpath wpath cpath fattr flock unix", NULL) == 0 ? 0 : err_sys(e, "pledge");
}

const char *
sandbox_lacks_files(void)
{
	return NULL;
}

#else

int
sandbox_enter(struct sandbox *sb, bool sockets, struct err *e)
{
	(void)sb, (void)sockets;
	return err_set(e, ERR_SYSTEM, "%s", sandbox_lacks_files());
}

const char *
sandbox_lacks_files(void)
{
	return "this system has nothing for it that Flowlight knows";
}

#endif

int
sandbox_run(struct sandbox *sb, bool sockets, void (*function)(void *), void *ctx, struct err *e)
{
	(void)sb, (void)sockets, (void)e;
	function(ctx);
	return 0;
}

#endif
