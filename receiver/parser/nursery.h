/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_NURSERY_H
#define VOTEPOST_RECEIVER_PARSER_NURSERY_H

#include <stddef.h>

/*
 * nursery - the small process that parsers are forked from, a new one for each mail, and the
 * keeper over it that makes another one should it ever die. It has no descriptor but its socket
 * to the receiver, and reads nothing of a mail itself.
 */

/* The keeper's life, once the program has settled; `control` is the packet socket to the
 * receiver. A byte over it says that a nursery is ready. It ends when the other end of `control`
 * is closed. */
_Noreturn void nursery_keep(int control);

/* For tests alone, which may define it: called in the parser with the raw mail, before it is
 * read. No program of ours contains it. */
extern void nursery_test_hook(const char *raw, size_t len) __attribute__((weak));

#endif
