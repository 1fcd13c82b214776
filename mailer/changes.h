/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CHANGES_H
#define VOTEPOST_MAILER_CHANGES_H

#include <stdint.h>

#include "core/err.h"
#include "core/manifest.h"
#include "mailer/amend.h"
#include "mailer/keys.h"
#include "mailer/roll.h"

/*
 * changes - changes.ndjson in the home: the signed `replaced` and `extended` lines that are
 * planned and are not known to stand on the board yet. Protocol sections 6 and 8.
 *
 * The file is derived from the amendments, so that writing it again after a crash, or after it
 * was lost, gives the same lines; the receiver says "seen already" to those that it has.
 * Replaced lines stand in the order of the old credentials' bytes: nothing ties a place to a
 * member. A file with a single line beside a journal that tells of a single reissue does: it is
 * for its owner alone, and gone once its line stands.
 *
 * A member with several plans has a line from each token that may be in force to the newest. By
 * the board's rules only one way to it can be gone, in whichever order the lines are applied, and
 * whichever of an older file were applied before: a rotation need not wait for anything.
 */
#define CHANGES_FILE "changes.ndjson"

/* ERR_STATE where a plan is not under the newest key: a rotation was cut short, or the amendments
 * were changed by somebody else; it is not signed. With nothing planned there is no file. `step` is told of each line; may be NULL. `*lines`
 * says how many there are. */
MUST_CHECK enum err changes_write(const char *home, const struct manifest *m,
                                  const struct keys *keys, struct roll *roll, struct amend *amend,
                                  uint64_t *lines, void (*step)(void *context, uint64_t more),
                                  void *context, struct why *why);

/* The credentials of a member's tokens: [0] of the one in force, [i + 1] of plan[i]. */
MUST_CHECK enum err changes_credentials(struct point credential[AMEND_PLANS_MAX + 1],
                                        const struct keys *keys, const struct manifest *m,
                                        const struct member *member, const struct amended *amended,
                                        struct why *why);

#endif
