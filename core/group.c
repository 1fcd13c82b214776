/* SPDX-License-Identifier: MIT */
#include "core/group.h"

#include <string.h>

#include <sodium.h>

static const unsigned char ZERO[GROUP_BYTES];

/* q, little-endian (RFC 9496): scalars are compared with it before anything uses them. */
static const unsigned char ORDER[GROUP_BYTES] = {
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
	0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
	0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10,
};

const struct point group_base = { {
	0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9,
	0x61, 0xc5, 0x00, 0x51, 0x5f, 0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82,
	0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76,
} };

void group_init(void)
{
	if (sodium_init() < 0)
		bug("libsodium cannot start");
}

void group_le(unsigned char *out, size_t len, uint64_t n)
{
	for (size_t i = 0; i < len; i++, n >>= 8)
		out[i] = (unsigned char)n;
}

bool point_valid(const struct point *p)
{
	return crypto_core_ristretto255_is_valid_point(p->bytes) == 1;
}

bool point_is_identity(const struct point *p)
{
	return memcmp(p->bytes, ZERO, GROUP_BYTES) == 0;
}

bool point_equal(const struct point *p, const struct point *q)
{
	return memcmp(p->bytes, q->bytes, GROUP_BYTES) == 0;
}

/* libsodium answers -1 for 0·G; the mathematics says identity. */
void point_base(struct point *out, const struct scalar *s)
{
	if (crypto_scalarmult_ristretto255_base(out->bytes, s->bytes)) {
		if (!scalar_is_zero(s))
			bug("s·G is the identity for a scalar that is not zero");
		memset(out->bytes, 0, GROUP_BYTES);
	}
}

/* -1 means an encoding that is none, or the identity as result. The order is prime: that
 * happens for a zero scalar and for the identity alone. */
enum err point_mul(struct point *out, const struct scalar *s, const struct point *p)
{
	if (crypto_scalarmult_ristretto255(out->bytes, s->bytes, p->bytes) == 0)
		return OK;
	memset(out->bytes, 0, GROUP_BYTES);
	if (point_is_identity(p) || (scalar_is_zero(s) && point_valid(p)))
		return OK;
	return ERR_INVALID;
}

enum err point_add(struct point *out, const struct point *p, const struct point *q)
{
	return crypto_core_ristretto255_add(out->bytes, p->bytes, q->bytes) ? ERR_INVALID : OK;
}

enum err point_sub(struct point *out, const struct point *p, const struct point *q)
{
	return crypto_core_ristretto255_sub(out->bytes, p->bytes, q->bytes) ? ERR_INVALID : OK;
}

enum err point_times(struct point *out, uint64_t n, const struct point *p)
{
	struct point sum, twice = *p;
	enum err e = OK;

	if (n > 4) {
		struct scalar s;

		scalar_from(&s, n);
		return point_mul(out, &s, p);
	}
	if (!point_valid(p))
		return ERR_INVALID;
	memset(&sum, 0, sizeof(sum));
	for (; !e && n; n >>= 1) {
		if (n & 1)
			e = point_add(&sum, &sum, &twice);
		if (!e && n > 1)
			e = point_add(&twice, &twice, &twice);
	}
	*out = sum;
	return e;
}

enum err scalar_read(struct scalar *out, const unsigned char bytes[GROUP_BYTES])
{
	unsigned below = 0, equal = 1;
	size_t i;

	for (i = GROUP_BYTES; i--;) {
		below |= equal & (unsigned)(bytes[i] < ORDER[i]);
		equal &= (unsigned)(bytes[i] == ORDER[i]);
	}
	if (!below) {
		memset(out, 0, sizeof(*out));
		return ERR_FORMAT;
	}
	memcpy(out->bytes, bytes, GROUP_BYTES);
	return OK;
}

bool scalar_is_zero(const struct scalar *s)
{
	return sodium_is_zero(s->bytes, GROUP_BYTES);
}

void scalar_random(struct scalar *out)
{
	crypto_core_ristretto255_scalar_random(out->bytes);
}

void scalar_from(struct scalar *out, uint64_t n)
{
	group_le(out->bytes, GROUP_BYTES, n);
}

void scalar_add(struct scalar *out, const struct scalar *a, const struct scalar *b)
{
	crypto_core_ristretto255_scalar_add(out->bytes, a->bytes, b->bytes);
}

void scalar_sub(struct scalar *out, const struct scalar *a, const struct scalar *b)
{
	crypto_core_ristretto255_scalar_sub(out->bytes, a->bytes, b->bytes);
}

void scalar_mul(struct scalar *out, const struct scalar *a, const struct scalar *b)
{
	crypto_core_ristretto255_scalar_mul(out->bytes, a->bytes, b->bytes);
}

void scalar_invert(struct scalar *out, const struct scalar *a)
{
	if (crypto_core_ristretto255_scalar_invert(out->bytes, a->bytes))
		bug("the inverse of zero");
}

void scalar_wipe(struct scalar *s)
{
	sodium_memzero(s, sizeof(*s));
}

_Static_assert(sizeof(((struct transcript *)0)->state) >= sizeof(crypto_hash_sha512_state),
               "a transcript holds a SHA-512 state");

static crypto_hash_sha512_state *state(struct transcript *t)
{
	return (crypto_hash_sha512_state *)(void *)t->state;
}

void transcript_begin(struct transcript *t, const char *label)
{
	crypto_hash_sha512_init(state(t));
	transcript_add(t, label, strlen(label));
}

void transcript_add_begin(struct transcript *t, uint64_t len)
{
	unsigned char bytes[8];

	group_le(bytes, sizeof(bytes), len);
	crypto_hash_sha512_update(state(t), bytes, sizeof(bytes));
}

void transcript_add_part(struct transcript *t, const void *bytes, size_t len)
{
	crypto_hash_sha512_update(state(t), bytes, len);
}

void transcript_add(struct transcript *t, const void *bytes, size_t len)
{
	transcript_add_begin(t, len);
	transcript_add_part(t, bytes, len);
}

void transcript_add_le32(struct transcript *t, uint32_t n)
{
	unsigned char bytes[4];

	group_le(bytes, sizeof(bytes), n);
	transcript_add(t, bytes, sizeof(bytes));
}

static void transcript_add_le64(struct transcript *t, uint64_t n)
{
	unsigned char bytes[8];

	group_le(bytes, sizeof(bytes), n);
	transcript_add(t, bytes, sizeof(bytes));
}

void transcript_add_point(struct transcript *t, const struct point *p)
{
	transcript_add(t, p->bytes, GROUP_BYTES);
}

void transcript_hash(struct transcript *t, unsigned char out[HASH_BYTES])
{
	unsigned char full[crypto_hash_sha512_BYTES];

	crypto_hash_sha512_final(state(t), full);
	memcpy(out, full, HASH_BYTES);
	sodium_memzero(full, sizeof(full));
	sodium_memzero(t, sizeof(*t));
}

void transcript_scalar(struct transcript *t, struct scalar *out)
{
	unsigned char full[crypto_hash_sha512_BYTES];

	crypto_hash_sha512_final(state(t), full);
	crypto_core_ristretto255_scalar_reduce(out->bytes, full);
	sodium_memzero(full, sizeof(full));
	sodium_memzero(t, sizeof(*t));
}

void nonces_init(struct nonces *n, const struct scalar *secret)
{
	n->secret = *secret;
	n->counter = 0;
}

void nonces_next(struct nonces *n, struct scalar *out)
{
	unsigned char fresh[crypto_hash_sha512_BYTES];
	struct transcript t;

	do {
		randombytes_buf(fresh, sizeof(fresh));
		transcript_begin(&t, "votepost/1 nonce");
		transcript_add(&t, fresh, sizeof(fresh));
		transcript_add(&t, n->secret.bytes, GROUP_BYTES);
		transcript_add_le64(&t, n->counter++);
		transcript_scalar(&t, out);
	} while (scalar_is_zero(out));
	sodium_memzero(fresh, sizeof(fresh));
}

void nonces_wipe(struct nonces *n)
{
	sodium_memzero(n, sizeof(*n));
}
