/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_CREDENTIAL_H
#define VOTEPOST_CORE_CREDENTIAL_H

#include <stddef.h>

#include "core/err.h"
#include "core/group.h"
#include "core/token.h"

/*
 * credential - what a token is for: a secret scalar s, and C = s·G, which is public and says
 * nothing of the token. Protocol sections 3 and 3.2.
 */

/* s from a token. `factor` is the 32 bytes of credential_factor, or NULL where the manifest
 * has no second factor. The secret is the caller's to wipe. */
void credential_secret(struct scalar *secret, const unsigned char election[HASH_BYTES],
                       const struct token *token, const unsigned char *factor);

/* The second factor as typed, to the form that is hashed: upper case, without spaces, hyphens
 * and dots; 4 to 64 characters of [0-9A-Z], else ERR_FORMAT. Writes a NUL. */
#define FACTOR_TEXT_MAX 65
MUST_CHECK enum err credential_factor_text(char out[FACTOR_TEXT_MAX], const char *typed,
                                           size_t len);

/* Argon2id over that text: 64 MiB and some tenths of a second. ERR_FORMAT as above,
 * ERR_MEMORY where the machine cannot spare it. */
MUST_CHECK enum err credential_factor(unsigned char out[HASH_BYTES],
                                      const unsigned char election[HASH_BYTES],
                                      const struct token *token, const char *typed, size_t len);

#endif
