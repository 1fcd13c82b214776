/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_RECEIVER_FAULTS_H
#define VOTEPOST_TESTS_UNIT_RECEIVER_FAULTS_H

/*
 * faults - the n-th write or sync of this process, by us or by LMDB, kills it or finds the disk
 * full. The definitions here stand before the C library's.
 */

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum fault { FAULT_NONE, FAULT_KILL, FAULT_FULL };
static _Atomic int fault_kind;
static _Atomic long fault_left;  /* calls until it strikes */
static _Atomic long fault_calls; /* since it was armed */

static inline void fault_arm(enum fault kind, long at)
{
	fault_calls = 0;
	fault_left = at;
	fault_kind = (int)kind;
}

/* True where this call must fail. */
static inline bool fault_strikes(void)
{
	if (!fault_kind)
		return false;
	fault_calls++;
	if (--fault_left > 0)
		return false;
	if (fault_kind == FAULT_KILL)
		syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
	errno = ENOSPC; /* from now on: a disk stays full */
	return true;
}

#define FAULTY(result, name, arguments, call)                                                      \
	result name arguments;                                                                     \
	result name arguments                                                                      \
	{                                                                                          \
		if (fault_strikes())                                                               \
			return -1;                                                                 \
		return (result)(call);                                                             \
	}

FAULTY(ssize_t, write, (int fd, const void *b, size_t n), syscall(SYS_write, fd, b, n))
FAULTY(ssize_t, pwrite, (int fd, const void *b, size_t n, off_t at),
       syscall(SYS_pwrite64, fd, b, n, at))
FAULTY(ssize_t, pwrite64, (int fd, const void *b, size_t n, off_t at),
       syscall(SYS_pwrite64, fd, b, n, at))
FAULTY(ssize_t, writev, (int fd, const struct iovec *v, int n), syscall(SYS_writev, fd, v, n))
FAULTY(int, fdatasync, (int fd), syscall(SYS_fdatasync, fd))
FAULTY(int, fsync, (int fd), syscall(SYS_fsync, fd))

#endif
