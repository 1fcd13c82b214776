/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_WEB_MODULE_H
#define VOTEPOST_RECEIVER_WEB_MODULE_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * module - core as the pages see it: what crosses between JavaScript (core.js) and C.
 *
 * Texts come as pointer and length, in memory that core.js got from `room` and gives back with
 * `release`, which wipes it. A call answers 0, or an enum err; either way its words lie in one
 * buffer, the answer: a result, or a check's name, a line feed and a sentence. Once they are
 * read core.js calls `forget`: the answer and the whole stack are wiped, so that nothing of a
 * token stays behind a call.
 */

/* A function that JavaScript calls, by its own name. */
#define EXPORT(name) __attribute__((export_name(#name), visibility("default")))

/* The answer, empty. It is capped at what the longest ballot needs. */
struct buf *module_answer(void);

/* The end of a call: `e`, with its reason in the answer where there is one. */
int module_end(enum err e, const struct why *why);

#endif
