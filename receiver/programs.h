/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PROGRAMS_H
#define VOTEPOST_RECEIVER_PROGRAMS_H

#include "core/err.h"
#include "core/opening.h"

/*
 * programs - the programs of the receiver's machine, each by the SHA-256 of its file: the one that
 * runs, and the parser that it starts.
 *
 * It is a help against mistakes, and a promise that a later look at the machine can break. A
 * program that lies about itself lies here too.
 */
MUST_CHECK enum err programs_digest(unsigned char out[PROGRAMS][PROGRAM_BYTES], struct why *why);

/* ERR_INVALID where one of them is not in `now` what it was `then`: says which, and both digests
 * in hexadecimal, as sha256sum prints them. */
MUST_CHECK enum err programs_same(const struct opening *then, const struct opening *now,
                                  struct why *why);

#endif
