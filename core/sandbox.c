/* SPDX-License-Identifier: MIT */
#include "core/sandbox.h"

#include <asm/ioctls.h>
#include <asm/sockios.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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
	SCMP_SYS(tkill),
	SCMP_SYS(tgkill), /* abort() ends it by this, and is seen as the crash that it is */
};

/* What a nursery needs to make parsers, and no parser has: the first two end it. */
static const int nursery_deadly[] = { SCMP_SYS(clone), SCMP_SYS(prctl) };
static const int nursery_calls[] = {
	SCMP_SYS(recvmsg),   SCMP_SYS(seccomp),   SCMP_SYS(alarm),
	SCMP_SYS(setrlimit), SCMP_SYS(prlimit64), SCMP_SYS(getrlimit),
};

/* What the scrutineer's programs must be unable to do: talk, start programs, look into others or
 * signal them. EPERM, not death: the C library asks a name cache by socket and lives without.
 * io_uring would do all of it by another door. */
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
	SCMP_SYS(kill),
	SCMP_SYS(tkill),
	SCMP_SYS(rt_sigqueueinfo),
	SCMP_SYS(rt_tgsigqueueinfo),
	SCMP_SYS(pidfd_send_signal),
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

/* A process, not a thread, and in no other name space than its parent. */
static int add_fork_rule(scmp_filter_ctx filter)
{
	const uint64_t never = CLONE_VM | CLONE_THREAD | CLONE_NEWUSER | CLONE_NEWNS |
	                       CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
	                       CLONE_NEWCGROUP;

	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
	                        SCMP_A0(SCMP_CMP_MASKED_EQ, never, 0));
}

static int fill_parser(scmp_filter_ctx filter)
{
	int rc = add_rules(filter, SCMP_ACT_ALLOW, parser_calls, COUNT(parser_calls));

	if (!rc)
		rc = add_rules(filter, SCMP_ACT_KILL_PROCESS, parser_deadly, COUNT(parser_deadly));
	if (!rc)
		rc = add_memory_rules(filter);
	return rc;
}

static int fill_nursery(scmp_filter_ctx filter)
{
	int rc = fill_parser(filter);

	if (!rc)
		rc = add_rules(filter, SCMP_ACT_ALLOW, nursery_calls, COUNT(nursery_calls));
	if (!rc)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 0);
	if (!rc)
		rc = add_fork_rule(filter);
	return rc;
}

static int fill_parser_alone(scmp_filter_ctx filter)
{
	int rc = fill_parser(filter);

	if (!rc)
		rc = add_rules(filter, SCMP_ACT_KILL_PROCESS, nursery_deadly,
		               COUNT(nursery_deadly));
	return rc;
}

/* What is left to do where the nursery's filter stands already. */
static int fill_parser_of_nursery(scmp_filter_ctx filter)
{
	int rc = add_rules(filter, SCMP_ACT_KILL_PROCESS, nursery_deadly, COUNT(nursery_deadly));

	if (!rc)
		rc = add_rules(filter, SCMP_ACT_ERRNO(EPERM), nursery_calls, COUNT(nursery_calls));
	return rc;
}

/* A descriptor that is written to may signal whom it is told, with any signal. */
static int add_owner_rules(scmp_filter_ctx filter)
{
	static const struct {
		int call, order;
	} orders[] = {
		{ SCMP_SYS(fcntl), F_SETOWN },  { SCMP_SYS(fcntl), F_SETOWN_EX },
		{ SCMP_SYS(fcntl), F_SETSIG },  { SCMP_SYS(ioctl), FIOSETOWN },
		{ SCMP_SYS(ioctl), SIOCSPGRP },
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < COUNT(orders); i++) /* the kernel reads 32 bits of it */
		rc = seccomp_rule_add(
			filter, SCMP_ACT_ERRNO(EPERM), orders[i].call, 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)orders[i].order));
	return rc;
}

static int fill_offline(scmp_filter_ctx filter)
{
	int rc = add_rules(filter, SCMP_ACT_ERRNO(EPERM), offline_refused, COUNT(offline_refused));

	if (!rc)
		rc = add_owner_rules(filter);
	if (!rc) /* to itself: abort() */
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tgkill), 1,
		                      SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid(), 0));
	return rc;
}

/* The kernel's form of a filter, by way of a file that only memory holds. */
static int export_filter(struct sock_fprog *out, scmp_filter_ctx filter)
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
	out->filter = code;
	out->len = (unsigned short)((size_t)st.st_size / sizeof(*code));
	return 0;
}

/* Work a filter out; load it, or keep it in `out` for many to load. Threads that run already
 * are bound too. */
static int work_out(uint32_t others, int (*fill)(scmp_filter_ctx), struct sock_fprog *out)
{
	scmp_filter_ctx filter = seccomp_init(others);
	int rc;

	if (!filter)
		return -ENOMEM;
	rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!rc)
		rc = fill(filter);
	if (!rc)
		rc = out ? export_filter(out, filter) : seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

/* For the parsers of this nursery; without a filter where this is none. */
static struct sock_fprog of_nursery;

static int load(enum sandbox_profile profile)
{
	switch (profile) {
	case SANDBOX_OFFLINE:
		return work_out(SCMP_ACT_ALLOW, fill_offline, NULL);
	case SANDBOX_NURSERY:
		return work_out(SCMP_ACT_ERRNO(EPERM), fill_nursery, NULL);
	case SANDBOX_READER:
		return work_out(SCMP_ACT_ERRNO(EPERM), fill_parser_alone, NULL);
	case SANDBOX_PARSER:
		if (!of_nursery.filter)
			return work_out(SCMP_ACT_ERRNO(EPERM), fill_parser_alone, NULL);
		return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &of_nursery) ? -errno : 0;
	}
	bug("no such sandbox");
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

/* What a nursery's parsers inherit from it. */
static int nursery_limits(void)
{
	int rc = limit(RLIMIT_CORE, 0);

	if (!rc)
		rc = limit(RLIMIT_FSIZE, 0);
#ifndef VOTEPOST_SANITIZED /* whose own maps are far beyond any limit */
	if (!rc)
		rc = limit(RLIMIT_AS, PARSER_MEMORY_MAX);
#endif
	return rc;
}

static int parser_limits(enum sandbox_profile profile)
{
	int rc = of_nursery.filter ? 0 : nursery_limits();

	if (!rc && profile == SANDBOX_PARSER)
		rc = limit(RLIMIT_CPU, PARSER_SECONDS_MAX);
	if (!rc)
		rc = limit(RLIMIT_NPROC, 0);
	return rc;
}

static int limits(enum sandbox_profile profile)
{
	if (profile == SANDBOX_PARSER || profile == SANDBOX_READER)
		return parser_limits(profile);
	return profile == SANDBOX_NURSERY ? nursery_limits() : 0;
}

enum err sandbox_enter(enum sandbox_profile profile, struct why *why)
{
	int rc = 0;

	if (profile == SANDBOX_NURSERY) /* by way of a file: before the limit on those */
		rc = work_out(SCMP_ACT_ALLOW, fill_parser_of_nursery, &of_nursery);
	if (!rc)
		rc = limits(profile);
	if (!rc && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		rc = -errno;
	if (!rc)
		rc = load(profile);
	if (rc)
		return why_set(why, ERR_IO, "the kernel cannot shut the sandbox: %s",
		               strerrordesc_np(-rc));
	return OK;
}
