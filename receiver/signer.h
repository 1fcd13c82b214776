/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_SIGNER_H
#define VOTEPOST_RECEIVER_SIGNER_H

#include "core/board.h"
#include "core/err.h"

/*
 * signer - the receiver's signing key, for heads, receipts and the funnel.
 *
 * It stands in the box's folder as one line, for its owner alone: the receiver signs at any
 * hour, without anyone there to type a passphrase. It can sign what the board says, and can
 * add neither voters nor ballots.
 */
struct signer {
	unsigned char secret[SIGN_SECRET_BYTES]; /* the public half is its second half */
};
#define SIGNER_PUBLIC(signer) ((signer)->secret + SIGN_SECRET_BYTES - 32)

/* Make folder/receiver.key and folder/receiver.json; ERR_EXISTS where there is a key. `line`
 * receives the latter's content, with its line feed. */
MUST_CHECK enum err signer_make(struct buf *line, const char *folder, struct why *why);

/* Read it into guarded memory; signer_free wipes. */
MUST_CHECK enum err signer_open(struct signer **out, const char *folder, struct why *why);
void signer_free(struct signer *signer);

#endif
