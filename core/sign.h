/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_SIGN_H
#define VOTEPOST_CORE_SIGN_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/group.h"

/*
 * sign - Ed25519 over H(label, E, parts…): the one way in which anything of ours is signed.
 * Small-order and non-canonical keys and R are rejected, as libsodium does.
 */
#define SIGNATURE_BYTES   64
#define SIGN_SECRET_BYTES 64 /* libsodium's Ed25519 secret key */

struct part {
	const void *bytes;
	size_t len;
};
void sign_parts(unsigned char signature[SIGNATURE_BYTES], const char *label,
                const unsigned char election[HASH_BYTES], const struct part *parts, size_t n,
                const unsigned char secret[SIGN_SECRET_BYTES]);
/* Append `object`, "{…}", with one member more at its end: the signature over what it is without. */
void sign_object(struct buf *out, const struct buf *object, const char *label,
                 const unsigned char election[HASH_BYTES],
                 const unsigned char secret[SIGN_SECRET_BYTES]);
MUST_CHECK enum err sign_check(const unsigned char signature[SIGNATURE_BYTES], const char *label,
                               const unsigned char election[HASH_BYTES], const struct part *parts,
                               size_t n, const unsigned char key[32]);

#endif
