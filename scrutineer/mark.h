/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_MARK_H
#define VOTEPOST_SCRUTINEER_MARK_H

#include "core/err.h"
#include "core/group.h"
#include "core/manifest.h"

/*
 * mark - a trustee decrypts one board in an election and never another (protocol section 5):
 * the file that says which, on disk before the first partial decryption exists.
 *
 *   {"type":"decrypted","election":"b64(E)","head":"b64(closed_root)"}
 */

/* Durably: this election, this root. OK again for the same two; ERR_INVALID ("decrypted
 * already") for any other, for ever, and for a mark that was damaged. Must have returned OK
 * before trustee_decrypt is called. */
MUST_CHECK enum err mark_board(const char *path, const struct manifest *m,
                               const unsigned char closed_root[HASH_BYTES], struct why *why);

#endif
