/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_STATEMENT_H
#define VOTEPOST_RECEIVER_STATEMENT_H

#include <stdint.h>

#include "core/err.h"
#include "core/opening.h"
#include "receiver/box.h"
#include "receiver/signer.h"

/*
 * statement - opening.json in the box's folder: written when the box is made, and held against the
 * programs whenever one that takes ballots starts.
 */

/* The first line, for a box that is being made and is filled: durable before the box is one.
 * `opening` comes with definition, programs and rehearsal, and receives its head. */
MUST_CHECK enum err statement_write(struct box *box, const struct signer *signer,
                                    struct opening *opening, uint64_t now, struct why *why);

/* Is the file there, of this box, signed? Does the box hold what it held then, and do the programs
 * run that its last line names? The sentence says what to do where not. With `changed` (the time)
 * a line that names those that run now is added first, where it is needed. */
MUST_CHECK enum err statement_check(struct box *box, const struct signer *signer,
                                    const uint64_t *changed, struct why *why);

#endif
