/* SPDX-License-Identifier: MIT */
#include "core/sign.h"

#include <sodium.h>

#include "core/json.h"

static void digest(unsigned char out[HASH_BYTES], const char *label,
                   const unsigned char election[HASH_BYTES], const struct part *parts, size_t n)
{
	struct transcript t;
	size_t i;

	transcript_begin(&t, label);
	transcript_add(&t, election, HASH_BYTES);
	for (i = 0; i < n; i++)
		transcript_add(&t, parts[i].bytes, parts[i].len);
	transcript_hash(&t, out);
}

void sign_parts(unsigned char signature[SIGNATURE_BYTES], const char *label,
                const unsigned char election[HASH_BYTES], const struct part *parts, size_t n,
                const unsigned char secret[SIGN_SECRET_BYTES])
{
	unsigned char hash[HASH_BYTES];

	digest(hash, label, election, parts, n);
	crypto_sign_detached(signature, NULL, hash, sizeof(hash), secret);
}

void sign_object(struct buf *out, const struct buf *object, const char *label,
                 const unsigned char election[HASH_BYTES],
                 const unsigned char secret[SIGN_SECRET_BYTES])
{
	const struct part part = { object->data, object->len };
	unsigned char signature[SIGNATURE_BYTES];

	if (buf_err(object)) {
		out->e = out->e ? out->e : buf_err(object);
		return;
	}
	sign_parts(signature, label, election, &part, 1, secret);
	buf_add(out, object->data, object->len - 1);
	buf_adds(out, ",\"signature\":");
	json_add_b64(out, signature, sizeof(signature));
	buf_addc(out, '}');
}

enum err sign_check(const unsigned char signature[SIGNATURE_BYTES], const char *label,
                    const unsigned char election[HASH_BYTES], const struct part *parts, size_t n,
                    const unsigned char key[32])
{
	unsigned char hash[HASH_BYTES];

	digest(hash, label, election, parts, n);
	return crypto_sign_verify_detached(signature, hash, sizeof(hash), key) ? ERR_INVALID : OK;
}
