/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_TRUSTEE_H
#define VOTEPOST_CORE_TRUSTEE_H

#include "core/board.h"
#include "core/ceremony.h"
#include "core/group.h"
#include "core/manifest.h"
#include "core/tally.h"

/*
 * trustee - the secret side of a trustee: its polynomial, what it deals, the share that it
 * ends with, and its partial decryption. Protocol section 5. No I/O: the caller keeps the
 * secrets in guarded memory (core/secret.h) and writes what is returned.
 *
 * A trustee decrypts one board in an election and never another: the caller must have
 * written closed_root durably under E before trustee_decrypt may be called.
 */
struct trustee_secret {
	unsigned char sealing_secret[32];
	struct scalar coefficient[TRUSTEES_MAX]; /* a_0 … a_k−1 */
	struct scalar share;                     /* x_j, zero until accepted */
};
void trustee_wipe(struct trustee_secret *secret);

/* Draw the sealing key and the polynomial, and fill the public entry with its proof.
 * `entry->name` is the caller's. */
void trustee_draw(struct trustee_secret *secret, struct trustee_entry *entry, const char *ceremony,
                  unsigned i, unsigned threshold, unsigned count);

/* Seal f_i(j) to trustee j. ERR_INVALID where j's sealing key is not a usable one. */
MUST_CHECK enum err trustee_deal(struct deal *out, const struct trustee_secret *secret,
                                 const struct manifest *m, unsigned from, unsigned to,
                                 struct why *why);

/* Open one box and check f_i(j)·G against the public commitments; the value is added to
 * `sum`. ERR_INVALID names the dealer: without a good share of each the ceremony is begun
 * again. */
MUST_CHECK enum err trustee_open(struct scalar *sum, const struct trustee_secret *secret,
                                 const struct manifest *m, const struct deal *deal,
                                 struct why *why);

/* The `accepted` line for the share that the sum has become, checked against X_j. */
MUST_CHECK enum err trustee_accept(struct buf *line, struct trustee_secret *secret,
                                   const struct manifest *m, unsigned j, const struct scalar *sum,
                                   struct why *why);

/* share-j.json: D ‖ a ‖ b ‖ z for every cell's total. */
MUST_CHECK enum err trustee_decrypt(struct buf *file, const struct trustee_secret *secret,
                                    const struct manifest *m, unsigned j,
                                    const unsigned char closed_root[HASH_BYTES],
                                    const struct tally *tally, struct why *why);

#endif
