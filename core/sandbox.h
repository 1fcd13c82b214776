/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_SANDBOX_H
#define VOTEPOST_CORE_SANDBOX_H

#include "core/err.h"

/*
 * sandbox - one call that gives up what a process no longer needs (seccomp, rlimits,
 * no_new_privs). There is no way back. Called after everything is open and before the first
 * byte from outside is read.
 */
enum sandbox_profile {
	SANDBOX_PARSER, /* read, write, memory, exit: no file, no socket, no process, no thread, no signal */
	SANDBOX_READER,  /* the same for as long as it is fed: who feeds it ends it */
	SANDBOX_NURSERY, /* a parser's, and making processes that enter SANDBOX_PARSER */
	SANDBOX_OFFLINE, /* files yes; sockets, exec, ptrace, signals no: the scrutineer */
};

/* What a parser may use; the kernel ends it beyond. The seconds are of computing, so that a
 * machine that stands still for a while ends none. */
#define PARSER_MEMORY_MAX  (256u << 20)
#define PARSER_SECONDS_MAX 5

/* From within a nursery, entering SANDBOX_PARSER only takes away what a nursery has more: the
 * kernel works out a short filter for each mail, and the long one once. ERR_IO where the kernel
 * cannot: the caller must not go on. */
MUST_CHECK enum err sandbox_enter(enum sandbox_profile profile, struct why *why);

#endif
