/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_ASIDE_H
#define VOTEPOST_CORE_ASIDE_H

#include <stdio.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * aside - a file that is written piece by piece beside the one it will replace: whoever looks
 * sees the old one or the new one, whole, and after a crash too.
 *
 * For what is too large to be put together in memory first (file_write).
 */
struct aside {
	FILE *stream;
	struct buf path, temporary; /* temporary: path with ".new" behind it */
	enum err e;                 /* the first failure to write */
	struct why why;
};

/* aside_end after, also after a failure. */
MUST_CHECK enum err aside_begin(struct aside *a, const char *path, unsigned mode, struct why *why);

/* Sticky: after a failure nothing is written. */
void aside_add(struct aside *a, const void *bytes, size_t len);

/* On disk and in place, where all of it could be written and `e` is OK; else it is gone, and
 * what stood there stands. Returns `e`, or what went wrong here. */
MUST_CHECK enum err aside_end(struct aside *a, enum err e, struct why *why);

#endif
