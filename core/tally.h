/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_TALLY_H
#define VOTEPOST_CORE_TALLY_H

#include <stdint.h>

#include "core/ballot.h"
#include "core/err.h"
#include "core/group.h"
#include "core/manifest.h"

/*
 * tally - the encrypted totals, the trustees' partial decryptions of them, and the counts.
 * Protocol section 5.
 *
 * Ballots are only added; weights are multiplied in once, by tally_total. Each kind of ballot
 * has a sum of its own: a weight of the roll where those are few, else a bit of the weight, and
 * a ballot goes into the sum of each bit that it has. So a tally takes at most 16 sums of 512
 * cells of 64 bytes, half a MiB, whatever a manifest asks for.
 * A tally is one thread's; tally_merge joins several.
 */
#define TALLY_SUMS 16 /* at least the bits of WEIGHT_MAX */
struct cell_total {
	struct point a, b; /* Σ weight·α, Σ weight·β */
};
struct tally {
	const struct manifest *m;
	struct cell_total *sum[TALLY_SUMS]; /* [m->cells] each, once it is needed */
	struct cell_total *total;           /* [m->cells], after tally_total */
	uint64_t ballots;
	uint64_t weight; /* of the ballots in it */
};

void tally_init(struct tally *t, const struct manifest *m);
void tally_release(struct tally *t);
/* Add a ballot that was checked, of a weight that the roll has. */
MUST_CHECK enum err tally_add(struct tally *t, const struct ballot *b, unsigned weight);
/* Add all of `from` to `t`. */
MUST_CHECK enum err tally_merge(struct tally *t, const struct tally *from);
MUST_CHECK enum err tally_total(struct tally *t);

/* One trustee's share file. */
struct share_cell {
	struct point d, a, b;
	struct scalar z;
};
struct share {
	unsigned trustee;
	unsigned char head[HASH_BYTES]; /* the closed_root that it says it decrypts */
	struct share_cell *cell;        /* [m->cells] */
};
/* Well formed? Checks "share …", "scalar". share_release after. */
MUST_CHECK enum err share_read(struct share *out, const struct manifest *m, const char *line,
                               size_t len, struct why *why);
void share_release(struct share *s);
/* The challenge that binds one cell's proof to everything. */
void share_challenge(struct scalar *c, const struct manifest *m,
                     const unsigned char closed_root[HASH_BYTES], unsigned j, unsigned row,
                     unsigned cell, const struct point *a_total, const struct point *share_key,
                     const struct share_cell *s);
/* Does every cell's proof hold against X_j and these totals? Check "share proof". */
MUST_CHECK enum err share_check(const struct share *s, const struct manifest *m,
                                const struct tally *t, const unsigned char closed_root[HASH_BYTES],
                                struct why *why);

/* Combine at least k good shares (the first k are used) into the counts, one number a cell
 * in ballot order, each from 0 to t->weight. ERR_INVALID with check "result count" where no
 * such number exists. */
MUST_CHECK enum err tally_counts(uint64_t *counts, const struct tally *t,
                                 const struct share *const *shares, unsigned n, struct why *why);

/* result.json */
void result_write(struct buf *out, const struct manifest *m,
                  const unsigned char closed_root[HASH_BYTES], const uint64_t *counts);
MUST_CHECK enum err result_read(unsigned char head[HASH_BYTES], uint64_t *counts,
                                const struct manifest *m, const char *line, size_t len,
                                struct why *why);

#endif
