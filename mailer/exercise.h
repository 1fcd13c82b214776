/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_EXERCISE_H
#define VOTEPOST_MAILER_EXERCISE_H

#include "core/buf.h"
#include "core/err.h"

/*
 * exercise - the definition of an election as that of its rehearsal: the organiser's file, byte for
 * byte, but for one line, `test = true`, and a remark on what may still be changed.
 */

/* Append it to `out`. The file at `path` was read as a definition before, and stays as it is. */
MUST_CHECK enum err exercise_text(struct buf *out, const char *path, struct why *why);

#endif
