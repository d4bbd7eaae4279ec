#include "base/sandbox.h"

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#endif
#ifdef __OpenBSD__
#include <unistd.h>
#endif

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

int
sandbox_enter(bool sockets, struct err *e)
{
	struct sock_fprog refused[] = { PROGRAM(programs_and_sockets), PROGRAM(programs) };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &refused[sockets]) == -1)
		return err_sys(e, "seccomp");
	return 0;
}

#elif defined(__OpenBSD__)

int
sandbox_enter(bool sockets, struct err *e)
{
	/* Without proc, exec and inet; "unix" is for accept, the others for SQLite's files. */
	return pledge(sockets ? "stdio rpath wpath cpath flock unix inet dns" :
	    "stdio rpath wpath cpath flock unix", NULL) == 0 ? 0 : err_sys(e, "pledge");
}

#else

int
sandbox_enter(bool sockets, struct err *e)
{
	(void)sockets;
	return err_set(e, ERR_SYSTEM, "this system has nothing that it knows");
}

#endif
