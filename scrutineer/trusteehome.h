/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_TRUSTEEHOME_H
#define VOTEPOST_SCRUTINEER_TRUSTEEHOME_H

#include <stdbool.h>

#include "core/ceremony.h"
#include "core/err.h"
#include "core/manifest.h"
#include "core/passphrase.h"
#include "core/trustee.h"

/*
 * trusteehome - a trustee's folder, for its owner alone.
 *
 *   trustee.sealed       the secrets and the public entry, under a passphrase
 *   commit-i.json        its commitment; reveal-i.json: what it hashed
 *   commitments.ndjson   all commitments as collected, in order, kept before the reveal
 *   accepted-j.ndjson    its `accepted` line
 *   decrypted            the one board that it decrypts, written before its share is made
 */
#define HOME_SEALED      "trustee.sealed"
#define HOME_COMMIT      "commit-%u.json"
#define HOME_REVEAL      "reveal-%u.json"
#define HOME_COMMITMENTS "commitments.ndjson"
#define HOME_ACCEPTED    "accepted-%u.ndjson"
#define HOME_DECRYPTED   "decrypted"

#define CEREMONY_TEXT_MAX 1000 /* bytes of a ceremony's text and of a trustee's name */
#define CEREMONY_FILE_MAX 16384

struct page; /* what is sealed; in guarded memory */
struct trusteehome {
	const char *dir;
	struct passphrase *passphrase;
	struct page *page;
	unsigned number, threshold, count;
	struct reveal reveal;          /* its own public part, read from the page */
	struct trustee_secret *secret; /* inside the page */
	bool accepted;
	unsigned char election[HASH_BYTES]; /* that it accepted its share under */
};

/* What a trustee brings to a ceremony. */
struct trustee_place {
	const char *ceremony, *name;
	unsigned number, threshold, count;
};

/* Make a home: draw the secrets, seal them, write commit-i.json. */
MUST_CHECK enum err trusteehome_create(const char *dir, const struct trustee_place *place,
                                       const struct passphrase *passphrase, struct why *why);

/* Asks for the passphrase where `passphrase_file` is NULL. trusteehome_close after, also after a
 * failure: it wipes. */
MUST_CHECK enum err trusteehome_open(struct trusteehome *h, const char *dir,
                                     const char *passphrase_file, struct why *why);
void trusteehome_close(struct trusteehome *h);

/* Keep the share that the deals add up to and write accepted-j.ndjson. ERR_STATE where this home
 * decrypted already under another election. */
MUST_CHECK enum err trusteehome_accept(struct trusteehome *h, const struct manifest *m,
                                       const struct scalar *sum, struct why *why);

#endif
