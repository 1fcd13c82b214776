/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_REHEARSAL_H
#define VOTEPOST_RECEIVER_REHEARSAL_H

#include "core/err.h"
#include "core/manifest.h"
#include "core/opening.h"

/*
 * rehearsal - the record of a test election, held against the election that it was a rehearsal
 * for: its board.ndjson, head.json, opening.json and result.json.
 *
 * It must be a test of the same definition, opened with the programs that run now, closed and
 * counted, every piece of it signed by the receiver that its own manifest names. Whether the
 * ballots and the count are right is not looked at: `votepost-scrutineer verify` does that, in a
 * program of its own.
 */

/* `out` comes with the real election's definition and the programs that run, and receives the
 * rehearsal. ERR_INVALID, ERR_NOT_FOUND and others with a sentence that says what differs. */
MUST_CHECK enum err rehearsal_read(struct opening *out, const char *folder,
                                   const struct manifest *real, struct why *why);

#endif
