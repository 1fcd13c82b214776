/* SPDX-License-Identifier: MIT */
#include "core/sandbox.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* What parsing needs: bytes through open descriptors, memory, time, and an end. */
static const int parser_calls[] = {
	SCMP_SYS(read),         SCMP_SYS(readv),         SCMP_SYS(write),
	SCMP_SYS(writev),       SCMP_SYS(close),         SCMP_SYS(lseek),
	SCMP_SYS(fstat),        SCMP_SYS(poll),          SCMP_SYS(ppoll),
	SCMP_SYS(brk),          SCMP_SYS(munmap),        SCMP_SYS(mremap),
	SCMP_SYS(madvise),      SCMP_SYS(futex),         SCMP_SYS(sched_yield),
	SCMP_SYS(getrandom),    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
	SCMP_SYS(gettimeofday), SCMP_SYS(time),          SCMP_SYS(getpid),
	SCMP_SYS(gettid),       SCMP_SYS(rt_sigaction),  SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),   SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),         SCMP_SYS(exit_group),
};

/* No parser has an honest use for these: the first try ends the process, so that an intruder
 * cannot feel its way along. All else that is not in the list above is refused with EPERM, which
 * holds as well and lets libraries pass that only look whether a file is there (a charset,
 * a catalogue, a time zone) or ask the system how much memory it has. */
static const int parser_deadly[] = {
	SCMP_SYS(socket),
	SCMP_SYS(socketpair),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(bpf),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(memfd_create),
	SCMP_SYS(mount),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(kill),
	SCMP_SYS(prctl),
};

/* What the scrutineer's programs must be unable to do: talk, start programs, look into others.
 * EPERM, not death: the C library asks a name cache by socket and lives without. io_uring would
 * do all of it by another door. */
static const int offline_refused[] = {
	SCMP_SYS(socket),
	SCMP_SYS(socketpair),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register),
	SCMP_SYS(bpf),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(mount),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(keyctl),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(kexec_load),
};

static int add_rules(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t n)
{
	int rc = 0;

	while (!rc && n--)
		rc = seccomp_rule_add(filter, action, *calls++, 0);
	return rc;
}

/* Memory, but never code: nothing that can be run is mapped or made so. */
static int add_memory_rules(scmp_filter_ctx filter)
{
	const uint64_t code = PROT_EXEC;
	int rc;

	rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	                      SCMP_A2(SCMP_CMP_MASKED_EQ, code, 0));
	if (!rc)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
		                      SCMP_A2(SCMP_CMP_MASKED_EQ, code, 0));
	return rc;
}

/* abort() must end a parser as what it is, a crash: tgkill to itself. */
static int add_abort_rule(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 0);
}

/* Threads that run already are bound too. */
static int fill(scmp_filter_ctx filter, enum sandbox_profile profile)
{
	int rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

	if (rc)
		return rc;
	if (profile == SANDBOX_OFFLINE)
		return add_rules(filter, SCMP_ACT_ERRNO(EPERM), offline_refused,
		                 COUNT(offline_refused));
	rc = add_rules(filter, SCMP_ACT_ALLOW, parser_calls, COUNT(parser_calls));
	if (!rc)
		rc = add_rules(filter, SCMP_ACT_KILL_PROCESS, parser_deadly, COUNT(parser_deadly));
	if (!rc)
		rc = add_memory_rules(filter);
	if (!rc)
		rc = add_abort_rule(filter);
	return rc;
}

/* A filter that was worked out, and the profile that it is of. */
static struct sock_fprog ready;
static enum sandbox_profile ready_for;

/* The kernel's form of the filter, by way of a file that only memory holds. */
static int export_filter(scmp_filter_ctx filter)
{
	int fd = memfd_create("sandbox", MFD_CLOEXEC), rc;
	struct sock_filter *code = NULL;
	struct stat st;

	if (fd < 0)
		return -errno;
	rc = seccomp_export_bpf(filter, fd);
	if (!rc && fstat(fd, &st))
		rc = -errno;
	if (!rc) {
		code = malloc((size_t)st.st_size);
		rc = code ? 0 : -ENOMEM;
	}
	if (!rc && pread(fd, code, (size_t)st.st_size, 0) != st.st_size)
		rc = -EIO;
	close(fd);
	if (rc) {
		free(code);
		return rc;
	}
	free(ready.filter);
	ready.filter = code;
	ready.len = (unsigned short)((size_t)st.st_size / sizeof(*code));
	return 0;
}

/* Load the filter, or keep it for many to load. */
static int work_out(enum sandbox_profile profile, bool keep)
{
	scmp_filter_ctx filter;
	int rc;

	filter = seccomp_init(profile == SANDBOX_PARSER ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_ALLOW);
	if (!filter)
		return -ENOMEM;
	rc = fill(filter, profile);
	if (!rc)
		rc = keep ? export_filter(filter) : seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

static int load(enum sandbox_profile profile)
{
	if (!ready.filter || ready_for != profile)
		return work_out(profile, false);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &ready)
	               ? -errno
	               : 0;
}

enum err sandbox_prepare(enum sandbox_profile profile, struct why *why)
{
	int rc = work_out(profile, true);

	if (rc)
		return why_set(why, ERR_IO, "the sandbox cannot be made: %s", strerrordesc_np(-rc));
	ready_for = profile;
	return OK;
}

static int limit(int resource, rlim_t most)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)resource, &now))
		return -errno;
	if (now.rlim_max < most)
		most = now.rlim_max;
	now.rlim_cur = now.rlim_max = most;
	return setrlimit((__rlimit_resource_t)resource, &now) ? -errno : 0;
}

static int parser_limits(void)
{
	int rc = limit(RLIMIT_CORE, 0);

	if (!rc)
		rc = limit(RLIMIT_CPU, PARSER_SECONDS_MAX);
	if (!rc)
		rc = limit(RLIMIT_FSIZE, 0);
	if (!rc)
		rc = limit(RLIMIT_NPROC, 0);
#ifndef VOTEPOST_SANITIZED /* whose own maps are far beyond any limit */
	if (!rc)
		rc = limit(RLIMIT_AS, PARSER_MEMORY_MAX);
#endif
	return rc;
}

enum err sandbox_enter(enum sandbox_profile profile, struct why *why)
{
	int rc = profile == SANDBOX_PARSER ? parser_limits() : 0;

	if (!rc && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		rc = -errno;
	if (!rc)
		rc = load(profile);
	if (rc)
		return why_set(why, ERR_IO, "the kernel cannot shut the sandbox: %s",
		               strerrordesc_np(-rc));
	return OK;
}
