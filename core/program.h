/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_PROGRAM_H
#define VOTEPOST_CORE_PROGRAM_H

#include <limits.h>
#include <sys/types.h>

#include "core/err.h"

/*
 * program - another program of ours, started for what must not be done in this process: both
 * sides of it.
 */

/* Where it is: beside the program that runs, as where both were built, else where it is
 * installed. */
void program_beside(char path[PATH_MAX], const char *name);

/* Start it. It inherits nothing but this descriptor, as number 3. 0, or an errno. */
#define PROGRAM_FD 3
int program_start(pid_t *pid, const char *path, int fd);

/* Wait for its end. */
void program_wait(pid_t pid);

/* What such a program begins with: nothing that a library says of a mail reaches a log, nobody
 * looks into it or finds its core, and the signals that stop whoever started it do not: it ends
 * with its socket. ERR_USAGE, and nothing done, where PROGRAM_FD is no socket of this type: a
 * person has started it by hand. */
MUST_CHECK enum err program_settle(int type);

#endif
