/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_KEYS_H
#define VOTEPOST_MAILER_KEYS_H

#include "core/err.h"
#include "core/passphrase.h"
#include "core/sign.h"
#include "mailer/mint.h"

/*
 * keys - the mailer's three secrets, in guarded memory while they are unlocked and sealed under
 * a passphrase in the home's keys.sealed otherwise.
 *
 * Whoever holds the token key and the roll can make every token. Nothing here is ever printed,
 * logged or copied out of guarded memory; each unlocking goes into the journal.
 */
struct keys {
	unsigned char token[MINT_KEY_BYTES];  /* K */
	unsigned char handle[MINT_KEY_BYTES]; /* K_h */
	unsigned char sign[SIGN_SECRET_BYTES];
};

/* Draw them and seal them into a home that has none. */
MUST_CHECK enum err keys_create(const char *home, const struct passphrase *passphrase,
                                struct why *why);

/* Unlock; keys_close after. ERR_INVALID for a wrong passphrase. `purpose`, "send", goes into
 * the journal before the keys come out. */
MUST_CHECK enum err keys_open(struct keys **out, const char *home,
                              const struct passphrase *passphrase, const char *purpose,
                              struct why *why);
void keys_close(struct keys *k);

/* The public half of the signing key, as the manifest holds it. */
void keys_public(unsigned char out[32], const struct keys *k);

#endif
