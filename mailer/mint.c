/* SPDX-License-Identifier: MIT */
#include "mailer/mint.h"

#include <string.h>

#include <sodium.h>

#include "core/credential.h"
#include "core/text.h"

#define HANDLE_BITS 64

/* MAC(key, label ‖ E ‖ [le32(generation)] ‖ id): crypto_auth, fed in pieces. */
static void mac(unsigned char out[32], const unsigned char key[MINT_KEY_BYTES], const char *label,
                const unsigned char election[HASH_BYTES], const uint32_t *generation,
                const char *id, size_t id_len)
{
	unsigned char whole[crypto_auth_hmacsha512_BYTES];
	crypto_auth_hmacsha512_state state;

	crypto_auth_hmacsha512_init(&state, key, MINT_KEY_BYTES);
	crypto_auth_hmacsha512_update(&state, (const unsigned char *)label, strlen(label));
	crypto_auth_hmacsha512_update(&state, election, HASH_BYTES);
	if (generation) {
		const unsigned char le[4] = {
			(unsigned char)*generation,
			(unsigned char)(*generation >> 8),
			(unsigned char)(*generation >> 16),
			(unsigned char)(*generation >> 24),
		};

		crypto_auth_hmacsha512_update(&state, le, sizeof(le));
	}
	crypto_auth_hmacsha512_update(&state, (const unsigned char *)id, id_len);
	crypto_auth_hmacsha512_final(&state, whole);
	memcpy(out, whole, 32);
	sodium_memzero(&state, sizeof(state));
	sodium_memzero(whole, sizeof(whole));
}

void mint_token(struct token *token, const unsigned char key[MINT_KEY_BYTES],
                const unsigned char election[HASH_BYTES], uint32_t generation, const char *id,
                size_t id_len)
{
	unsigned char out[32];

	mac(out, key, "votepost/1 token", election, &generation, id, id_len);
	memcpy(token->bytes, out, TOKEN_BYTES);
	sodium_memzero(out, sizeof(out));
}

void mint_credential(struct point *credential, const unsigned char election[HASH_BYTES],
                     const struct token *token, const unsigned char *factor)
{
	struct scalar secret;

	credential_secret(&secret, election, token, factor);
	point_base(credential, &secret);
	scalar_wipe(&secret);
}

static void write_handle(char handle[HANDLE_TEXT], const unsigned char bytes[8])
{
	b32_write(handle, bytes, HANDLE_BITS);
	for (char *p = handle; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
}

void mint_handle(char handle[HANDLE_TEXT], const unsigned char key[MINT_KEY_BYTES],
                 const unsigned char election[HASH_BYTES], const char *id, size_t id_len)
{
	unsigned char out[32];

	mac(out, key, "votepost/1 handle", election, NULL, id, id_len);
	write_handle(handle, out);
}

void mint_dummy(struct token *token, char handle[HANDLE_TEXT])
{
	unsigned char bytes[8];

	randombytes_buf(token->bytes, TOKEN_BYTES);
	randombytes_buf(bytes, sizeof(bytes));
	write_handle(handle, bytes);
}
