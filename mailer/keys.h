/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_KEYS_H
#define VOTEPOST_MAILER_KEYS_H

#include <stdint.h>

#include "core/err.h"
#include "core/passphrase.h"
#include "core/sign.h"
#include "mailer/mint.h"

/*
 * keys - the mailer's secrets, in guarded memory while they are unlocked and sealed under a
 * passphrase in the home's keys.sealed otherwise. Whose passphrase that is: mailer/custody.h.
 *
 * Whoever holds the token key and the roll can make every token. Nothing here is ever printed,
 * logged or copied out of guarded memory; each unlocking goes into the journal.
 *
 * A rotation draws another token key, the next epoch. What was derived under an earlier one opens
 * nothing any more, unless it was used before; the earlier keys are kept to tell who has voted.
 */
#define EPOCHS_MAX 16

struct keys {
	uint32_t epochs;                                 /* token keys that there are */
	unsigned char token[EPOCHS_MAX][MINT_KEY_BYTES]; /* K of each epoch */
	unsigned char handle[MINT_KEY_BYTES];            /* K_h */
	unsigned char sign[SIGN_SECRET_BYTES];
	uint64_t forgotten; /* when token and handle keys were destroyed; 0: they were not */
};

/* Draw them and seal them into a home that has none. */
MUST_CHECK enum err keys_create(const char *home, const struct passphrase *passphrase,
                                struct why *why);

/* What a command needs them for. */
enum keys_need {
	KEYS_SIGN, /* to sign alone */
	KEYS_TOKEN /* to make tokens, credentials or handles: ERR_STATE once they are destroyed */
};

/* Unlock; keys_close after. ERR_INVALID for a wrong passphrase. `purpose`, "send", goes into
 * the journal before the keys come out. */
MUST_CHECK enum err keys_open(struct keys **out, const char *home,
                              const struct passphrase *passphrase, enum keys_need need,
                              const char *purpose, struct why *why);
void keys_close(struct keys *k);

/* The token key of an epoch that there is. */
const unsigned char *keys_token(const struct keys *k, uint32_t epoch);

/* Draw the token key of the next epoch. It is sealed into the home, durably, before this
 * returns; whenever it is cut short the home holds the old keys or the new ones. */
MUST_CHECK enum err keys_fresh(struct keys *k, const char *home,
                               const struct passphrase *passphrase, struct why *why);

/* Destroy all token keys and the handle key, here and in the home. What the disk kept of the old
 * file is written over as far as the system allows; copies elsewhere are not ours to reach. Safe
 * to repeat: where they are destroyed already, what a crash has left over goes. */
MUST_CHECK enum err keys_forget(struct keys *k, const char *home,
                                const struct passphrase *passphrase, uint64_t now, struct why *why);

/* The public half of the signing key, as the manifest holds it. */
void keys_public(unsigned char out[32], const struct keys *k);

#endif
