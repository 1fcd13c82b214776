/* SPDX-License-Identifier: MIT */
#include "core/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <asm/sockios.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each attempt runs in a sandboxed child: what it returns is the child's exit status. */
typedef int attempt(void);

static int status_of(enum sandbox_profile profile, attempt *try)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (sandbox_enter(profile, NULL))
			_exit(99);
		_exit(try());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void refused(enum sandbox_profile profile, attempt *try)
{
	int status = status_of(profile, try);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EPERM);
}

static void deadly(attempt *try)
{
	int status = status_of(SANDBOX_PARSER, try);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void allowed(enum sandbox_profile profile, attempt *try)
{
	int status = status_of(profile, try);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int said(long result)
{
	return result < 0 ? errno : 0;
}

static int try_open(void)
{
	return said(open("/etc/passwd", O_RDONLY));
}

static int try_open_old(void)
{
	return said(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
}

static int try_create(void)
{
	return said(open("/tmp/votepost-sandbox", O_WRONLY | O_CREAT, 0600));
}

static int try_stat(void)
{
	struct stat st;

	return said(stat("/etc/passwd", &st));
}

static int try_mkdir(void)
{
	return said(mkdir("/tmp/votepost-sandbox", 0700));
}

static int try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int try_socket(void)
{
	return said(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_local_socket(void)
{
	return said(socket(AF_UNIX, SOCK_DGRAM, 0));
}

static int try_pair(void)
{
	int fd[2];

	return said(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
}

static int try_fork(void)
{
	return said(fork());
}

static int try_exec(void)
{
	return said(execl("/bin/true", "true", (char *)NULL));
}

static int try_trace(void)
{
	return said(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int try_kill(void)
{
	return said(kill(getppid(), 0));
}

static int try_thread_kill(void)
{
	return said(syscall(SYS_tgkill, getppid(), getppid(), 0));
}

static int try_one_kill(void)
{
	return said(syscall(SYS_tkill, getppid(), 0));
}

static int try_queued_signal(void)
{
	siginfo_t info = { .si_code = SI_QUEUE };

	return said(syscall(SYS_rt_sigqueueinfo, getppid(), SIGCONT, &info));
}

static int owner_order(int order, void *argument)
{
	int fd[2];

	if (pipe(fd))
		return 1;
	return said(syscall(SYS_fcntl, fd[0], order, argument));
}

static int try_owner(void)
{
	return owner_order(F_SETOWN, (void *)(intptr_t)getppid());
}

static int try_owner_of_any_kind(void)
{
	struct f_owner_ex owner = { .type = F_OWNER_PID, .pid = getppid() };

	return owner_order(F_SETOWN_EX, &owner);
}

static int try_owner_signal(void)
{
	return owner_order(F_SETSIG, (void *)(intptr_t)SIGCONT);
}

/* The kernel does not look at the upper half. */
static int try_owner_in_disguise(void)
{
	int fd[2];

	if (pipe(fd))
		return 1;
	return said(syscall(SYS_fcntl, fd[0], (UINT64_C(1) << 32) | F_SETOWN, (long)getppid()));
}

static int owner_ioctl(unsigned long order)
{
	int pid = getppid(), fd[2];

	if (pipe(fd))
		return 1;
	return said(ioctl(fd[0], order, &pid));
}

static int try_owner_ioctl(void)
{
	return owner_ioctl(FIOSETOWN);
}

static int try_group_ioctl(void)
{
	return owner_ioctl(SIOCSPGRP);
}

static int try_uring(void)
{
	char params[128] = { 0 };

	return said(syscall(SYS_io_uring_setup, 4, params));
}

static void *nothing(void *arg)
{
	return arg;
}

static int try_thread(void)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, nothing, NULL);

	if (!rc)
		pthread_join(thread, NULL);
	return rc;
}

static int use_memory(void)
{
	char *p = malloc(20 << 20), *more;

	if (!p)
		return 1;
	memset(p, 1, 20 << 20);
	more = realloc(p, 40 << 20);
	if (!more)
		return 2;
	free(more);
	return 0;
}

static int use_a_pipe(void)
{
	/* Descriptor 0 was made one by the test. */
	char c;

	return read(0, &c, 1) == 1 && c == 'x' ? 0 : 1;
}

static int take_too_much_memory(void)
{
	size_t len = PARSER_MEMORY_MAX;
	void *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED && errno == ENOMEM ? 0 : 1;
}

static int never_end(void)
{
	volatile uint64_t n = 1;

	while (n)
		n++;
	return 0;
}

static int try_limits(void)
{
	return said(syscall(SYS_prlimit64, 0, RLIMIT_CPU, NULL, NULL));
}

static int try_name(void)
{
	return said(prctl(PR_SET_NAME, "other", 0, 0, 0));
}

static int try_new_user(void)
{
	return said(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0));
}

static int give_up(void)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}

/* What a parser must not do, it must not do as a nursery's child either. */
static int as_child_of_a_nursery(attempt *try)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (sandbox_enter(SANDBOX_NURSERY, NULL))
			_exit(99);
		child = fork();
		if (child == 0) {
			if (sandbox_enter(SANDBOX_PARSER, NULL))
				_exit(98);
			_exit(try());
		}
		/* A nursery cannot wait: its own parent does, as its reaper. */
		_exit(child < 0 ? 97 : 0);
	}
	assert_true(child >= 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(waitpid(-1, &status, 0) > 0);
	return status;
}

static void a_nurserys_parser_is_shut_in_as_well(void **state)
{
	static attempt *const refused[] = { try_open,  try_create, try_stat,
		                            try_mkdir, try_code,   try_limits };
	static attempt *const deadly[] = { try_socket,      try_pair,     try_fork, try_thread,
		                           try_exec,        try_trace,    try_kill, try_name,
		                           try_thread_kill, try_one_kill, give_up };
	int status;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		status = as_child_of_a_nursery(refused[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), EPERM);
	}
	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++) {
		status = as_child_of_a_nursery(deadly[i]);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
	assert_int_equal(as_child_of_a_nursery(use_memory), 0);
}

static void a_nursery_makes_processes_and_nothing_else(void **state)
{
	(void)state;
	allowed(SANDBOX_NURSERY, try_fork);
	refused(SANDBOX_NURSERY, try_open);
	refused(SANDBOX_NURSERY, try_create);
	refused(SANDBOX_NURSERY, try_code);
	refused(SANDBOX_NURSERY, try_new_user);
	assert_true(WIFSIGNALED(status_of(SANDBOX_NURSERY, try_socket)));
	assert_true(WIFSIGNALED(status_of(SANDBOX_NURSERY, try_exec)));
}

static void a_parser_can_open_no_file(void **state)
{
	(void)state;
	refused(SANDBOX_PARSER, try_open);
	refused(SANDBOX_PARSER, try_open_old);
	refused(SANDBOX_PARSER, try_create);
	refused(SANDBOX_PARSER, try_stat);
	refused(SANDBOX_PARSER, try_mkdir);
	refused(SANDBOX_PARSER, try_code);
}

static void a_parser_that_wants_a_socket_or_a_process_ends(void **state)
{
	(void)state;
	deadly(try_socket);
	deadly(try_local_socket);
	deadly(try_pair);
	deadly(try_fork);
	deadly(try_thread);
	deadly(try_exec);
	deadly(try_trace);
	deadly(try_uring);
}

static void a_parser_can_signal_nobody(void **state)
{
	(void)state;
	deadly(try_kill);
	deadly(try_thread_kill);
	deadly(try_one_kill);
	refused(SANDBOX_PARSER, try_queued_signal);
}

static void a_parser_has_memory_up_to_its_cap(void **state)
{
	(void)state;
	allowed(SANDBOX_PARSER, use_memory);
#ifndef VOTEPOST_SANITIZED
	allowed(SANDBOX_PARSER, take_too_much_memory);
#else
	(void)take_too_much_memory;
#endif
}

static void a_parser_reads_what_is_open_already(void **state)
{
	int fd[2], was = dup(0);

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "x", 1), 1);
	dup2(fd[0], 0);
	allowed(SANDBOX_PARSER, use_a_pipe);
	dup2(was, 0);
	close(was);
	close(fd[0]);
	close(fd[1]);
}

static void a_parser_that_hangs_is_ended(void **state)
{
	int status = status_of(SANDBOX_PARSER, never_end);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_true(WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL);
}

static void a_parser_that_crashes_is_seen_to_crash(void **state)
{
	int status = status_of(SANDBOX_PARSER, give_up);

	(void)state;
	assert_true(WIFSIGNALED(status));
	status = status_of(SANDBOX_OFFLINE, give_up);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void offline_has_files_and_threads_but_nobody_to_talk_to(void **state)
{
	(void)state;
	allowed(SANDBOX_OFFLINE, try_open);
	allowed(SANDBOX_OFFLINE, try_thread);
	allowed(SANDBOX_OFFLINE, use_memory);
	refused(SANDBOX_OFFLINE, try_socket);
	refused(SANDBOX_OFFLINE, try_local_socket);
	refused(SANDBOX_OFFLINE, try_pair);
	refused(SANDBOX_OFFLINE, try_exec);
	refused(SANDBOX_OFFLINE, try_trace);
	refused(SANDBOX_OFFLINE, try_uring);
	refused(SANDBOX_OFFLINE, try_kill);
	refused(SANDBOX_OFFLINE, try_thread_kill);
	refused(SANDBOX_OFFLINE, try_one_kill);
	refused(SANDBOX_OFFLINE, try_queued_signal);
	refused(SANDBOX_OFFLINE, try_owner);
	refused(SANDBOX_OFFLINE, try_owner_of_any_kind);
	refused(SANDBOX_OFFLINE, try_owner_signal);
	refused(SANDBOX_OFFLINE, try_owner_in_disguise);
	refused(SANDBOX_OFFLINE, try_owner_ioctl);
	refused(SANDBOX_OFFLINE, try_group_ioctl);
}

/* A sandbox that binds the calling thread alone would be none. */
static int go[2];

static void *try_from_thread(void *arg)
{
	char c;

	(void)arg;
	if (read(go[0], &c, 1) != 1)
		return (void *)1;
	return try_socket() == EPERM ? NULL : (void *)1;
}

static void threads_that_run_already_are_bound(void **state)
{
	pthread_t thread;
	void *bad = NULL;
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(go), 0);
	child = fork();
	if (child == 0) {
		pthread_create(&thread, NULL, try_from_thread, NULL);
		if (sandbox_enter(SANDBOX_OFFLINE, NULL) || write(go[1], "x", 1) != 1)
			_exit(1);
		pthread_join(thread, &bad);
		_exit(bad ? 2 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_parser_can_open_no_file),
		cmocka_unit_test(a_parser_that_wants_a_socket_or_a_process_ends),
		cmocka_unit_test(a_nurserys_parser_is_shut_in_as_well),
		cmocka_unit_test(a_nursery_makes_processes_and_nothing_else),
		cmocka_unit_test(a_parser_can_signal_nobody),
		cmocka_unit_test(a_parser_has_memory_up_to_its_cap),
		cmocka_unit_test(a_parser_reads_what_is_open_already),
		cmocka_unit_test(a_parser_that_hangs_is_ended),
		cmocka_unit_test(a_parser_that_crashes_is_seen_to_crash),
		cmocka_unit_test(offline_has_files_and_threads_but_nobody_to_talk_to),
		cmocka_unit_test(threads_that_run_already_are_bound),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
