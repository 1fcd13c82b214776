/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_PROOF_H
#define VOTEPOST_CORE_PROOF_H

#include <stddef.h>

#include "core/err.h"
#include "core/group.h"
#include "core/manifest.h"

/*
 * proof - a cell's encryption with its proof of 0 or 1, and a row's proof that its weighted sum
 * lies in its range (protocol section 4). Part of making and checking a ballot; others use
 * core/ballot.h. Making takes the same steps whatever is encrypted.
 *
 * A cell is  α ‖ β ‖ A0 ‖ B0 ‖ A1 ‖ B1 ‖ c0 ‖ z0 ‖ z1;  a row proof all Aj ‖ Bj, the cj but the
 * last, all zj.
 */
#define CELL_BYTES  (9 * GROUP_BYTES)
#define CELL_POINTS 6 /* of a cell, before its scalars */

/* What every challenge of a ballot binds. */
struct proof_context {
	const struct manifest *m;
	struct point credential;
};

/* The bytes of a whole row: its cells and its proof. */
size_t row_bytes(const struct row *row);

/* Encrypt `value` (0 or 1); `r` is the randomness, the caller's to wipe. */
MUST_CHECK enum err cell_prove(unsigned char out[CELL_BYTES], struct scalar *r,
                               const struct proof_context *ctx, unsigned row, unsigned cell,
                               unsigned value, struct nonces *nonces);
/* "cell proof", or "point" where an encoding is none. */
MUST_CHECK enum err cell_check(const unsigned char in[CELL_BYTES], const struct proof_context *ctx,
                               unsigned row, unsigned cell, struct why *why);

/* `cells` are the row's cells as bytes, the proof follows them; `r` is Σ w·r, `sum` the
 * weighted sum. */
MUST_CHECK enum err row_prove(unsigned char *cells, const struct proof_context *ctx, unsigned row,
                              const struct scalar *r, unsigned sum, struct nonces *nonces);
/* "row proof", or "point". */
MUST_CHECK enum err row_check(const unsigned char *cells, const struct proof_context *ctx,
                              unsigned row, struct why *why);

#endif
