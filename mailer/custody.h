/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CUSTODY_H
#define VOTEPOST_MAILER_CUSTODY_H

#include <stdbool.h>

#include "core/err.h"
#include "core/passphrase.h"
#include "core/shamir.h"

/*
 * custody - who can unlock the mailer's keys: one person who knows their passphrase, or officers,
 * so many of them together.
 *
 * With officers nobody knows the passphrase. It is made of a scalar that is drawn at `new`, shared
 * (core/shamir.h), and forgotten. The home's custody.json says how many shares there are and are
 * needed, with public commitments that every share is checked against; each share lies in a file
 * of its officer's, sealed under a passphrase of theirs. Fewer shares than are needed, or the home
 * without shares, tell nothing of the keys. Protocol section 9.1.
 */
#define CUSTODY_FILE "custody.json"
#define OFFICERS_MAX SHAMIR_MAX

struct custody {
	unsigned threshold, officers;
	struct point commitment[OFFICERS_MAX]; /* [threshold] */
	unsigned char id[HASH_BYTES];          /* of all of that */
};

/* A home's custody.json. ERR_NOT_FOUND: one person holds the keys. ERR_FORMAT for anything that
 * `new` cannot have written. */
MUST_CHECK enum err custody_read(struct custody *c, const char *path, struct why *why);

/* Draw, share and forget. custody.json goes into the home, officer-1.share … into `folder`, each
 * sealed under the passphrase of the same place. `*out` is what the keys are to be sealed under:
 * secret_free. `threshold` is 2 at least. */
MUST_CHECK enum err custody_create(struct passphrase **out, const char *home, const char *folder,
                                   unsigned threshold, unsigned officers,
                                   const struct passphrase *const *own, struct why *why);

/* A share, opened. In guarded memory: secret_free. */
struct custody_share {
	unsigned char custody[HASH_BYTES];
	unsigned char number; /* of the officer, from 1 */
	struct scalar share;
};
/* ERR_INVALID for a wrong passphrase or a file that was changed, for a share of other keys, for
 * one that is not what was shared. Each names the file. */
MUST_CHECK enum err custody_share_open(struct custody_share **out, const struct custody *c,
                                       const char *path, const struct passphrase *own,
                                       struct why *why);

/* The keys' passphrase from `n` shares: secret_free. ERR_STATE for too few of them, and for two
 * of one officer. */
MUST_CHECK enum err custody_combine(struct passphrase **out, const struct custody *c,
                                    struct custody_share *const *share, const char *const *path,
                                    unsigned n, struct why *why);

#endif
