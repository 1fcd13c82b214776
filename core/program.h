/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_PROGRAM_H
#define VOTEPOST_CORE_PROGRAM_H

#include <limits.h>
#include <sys/types.h>

/*
 * program - another program of ours, started for what must not be done in this process.
 */

/* Where it is: beside the program that runs, as where both were built, else where it is
 * installed. */
void program_beside(char path[PATH_MAX], const char *name);

/* Start it. It inherits nothing but this descriptor, as number 3. 0, or an errno. */
#define PROGRAM_FD 3
int program_start(pid_t *pid, const char *path, int fd);

/* Wait for its end. */
void program_wait(pid_t pid);

#endif
