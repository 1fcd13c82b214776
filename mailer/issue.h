/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_ISSUE_H
#define VOTEPOST_MAILER_ISSUE_H

#include "core/err.h"
#include "core/manifest.h"
#include "mailer/keys.h"
#include "mailer/roll.h"

/*
 * issue - who may vote, as the board and the receiver hear of it: the signed `issued` lines
 * with every member's public credential, and the signed list of handles. Protocol sections 6
 * and 8.
 *
 * Both are sorted by bytes, so that nothing ties a credential to a handle or to a place in the
 * roll. A token exists for one member at a time and is wiped before the next.
 */

/* Write issued.ndjson and handles.json into the home. `step` is told of each member; may be
 * NULL. */
MUST_CHECK enum err issue_write(const char *home, const struct manifest *m, struct roll *roll,
                                const struct keys *keys, void (*step)(void *context, uint64_t more),
                                void *context, struct why *why);

#endif
