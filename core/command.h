/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_COMMAND_H
#define VOTEPOST_CORE_COMMAND_H

#include "core/buf.h"
#include "core/err.h"

/*
 * command - what a program of the administrator's says: the first line of its output.
 *
 * `line` is a program's path and its arguments, separated by spaces; quotes keep one together.
 * There is no shell: no variables, no pipes. It gets an empty standard input, no descriptor of
 * ours but standard error, no signal blocked, and is killed when its time is over.
 */

/* Appended to `out`, which the caller wipes, without its line end, up to out's cap. ERR_SETTINGS
 * where there is no such program or it exits with an error, ERR_AGAIN where its time is over,
 * ERR_FORMAT where it says nothing, ERR_TOO_LARGE. */
MUST_CHECK enum err command_line(struct buf *out, const char *line, unsigned seconds,
                                 struct why *why);

#endif
