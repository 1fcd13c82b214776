/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_GROUP_H
#define VOTEPOST_CORE_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * group - ristretto255 (RFC 9496) with the rules that libsodium leaves to us (protocol
 * section 7), and the hash that everything goes through (section 1).
 *
 * A `struct scalar` in memory is always below q: scalar_read is the only door. A `struct
 * point` may hold any 32 bytes until an operation takes it: every operation on a point that
 * is not a canonical encoding returns ERR_INVALID, so decoding is never paid for twice.
 * 0·P and s·identity are the identity, as the mathematics says.
 */
#define GROUP_BYTES 32
struct point {
	unsigned char bytes[GROUP_BYTES];
};
struct scalar {
	unsigned char bytes[GROUP_BYTES];
};

/* sodium_init, once, before anything else here. Aborts where the system has no randomness. */
void group_init(void);

/* n in `len` little-endian bytes: le32 and le64 of section 1. */
void group_le(unsigned char *out, size_t len, uint64_t n);

/* Canonical or not? The identity passes. */
bool point_valid(const struct point *p);
/* The identity is the all-zero encoding. Not constant time: points are public. */
bool point_is_identity(const struct point *p);
bool point_equal(const struct point *p, const struct point *q);

/* G, encoded (RFC 9496). */
extern const struct point group_base;

/* out = s·G. Cannot fail; 0 gives the identity. */
void point_base(struct point *out, const struct scalar *s);
/* out = s·p */
MUST_CHECK enum err point_mul(struct point *out, const struct scalar *s, const struct point *p);
MUST_CHECK enum err point_add(struct point *out, const struct point *p, const struct point *q);
MUST_CHECK enum err point_sub(struct point *out, const struct point *p, const struct point *q);
/* out = n·p for a small public n, by doubling: cheaper than point_mul up to 4. */
MUST_CHECK enum err point_times(struct point *out, uint64_t n, const struct point *p);

/* ERR_FORMAT for q and above, top bit included; `out` is then zero. */
MUST_CHECK enum err scalar_read(struct scalar *out, const unsigned char bytes[GROUP_BYTES]);
bool scalar_is_zero(const struct scalar *s);
/* Uniform and not zero, from the system's generator. */
void scalar_random(struct scalar *out);
void scalar_from(struct scalar *out, uint64_t n);
void scalar_add(struct scalar *out, const struct scalar *a, const struct scalar *b);
void scalar_sub(struct scalar *out, const struct scalar *a, const struct scalar *b);
void scalar_mul(struct scalar *out, const struct scalar *a, const struct scalar *b);
/* 1/a. `a` is not zero. */
void scalar_invert(struct scalar *out, const struct scalar *a);
void scalar_wipe(struct scalar *s);

/* H and Hs of section 1, fed piece by piece. */
#define HASH_BYTES 32
struct transcript {
	_Alignas(16) unsigned char state[256]; /* a SHA-512 state; sizes compared in group.c */
};
void transcript_begin(struct transcript *t, const char *label);
void transcript_add(struct transcript *t, const void *bytes, size_t len);
/* One input made of several pieces: its whole length first, then the pieces. */
void transcript_add_begin(struct transcript *t, uint64_t len);
void transcript_add_part(struct transcript *t, const void *bytes, size_t len);
void transcript_add_le32(struct transcript *t, uint32_t n);
void transcript_add_point(struct transcript *t, const struct point *p);
/* Either ends the transcript and wipes it. */
void transcript_hash(struct transcript *t, unsigned char out[HASH_BYTES]);
void transcript_scalar(struct transcript *t, struct scalar *out);

/* Nonces (section 4, "Randomness"): the system's generator hashed with a secret and a
 * counter, so that neither a bad generator nor a repeated call gives a nonce away. */
struct nonces {
	struct scalar secret; /* wiped by nonces_wipe */
	uint64_t counter;
};
void nonces_init(struct nonces *n, const struct scalar *secret);
void nonces_next(struct nonces *n, struct scalar *out); /* never zero */
void nonces_wipe(struct nonces *n);

#endif
