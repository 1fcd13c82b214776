/* SPDX-License-Identifier: MIT */
#include "core/credential.h"

#include <string.h>

#include <sodium.h>

#define FACTOR_LEAST    4
#define FACTOR_OPSLIMIT 3
#define FACTOR_MEMLIMIT (64u << 20)

void credential_secret(struct scalar *secret, const unsigned char election[HASH_BYTES],
                       const struct token *token, const unsigned char *factor)
{
	struct transcript t;

	transcript_begin(&t, "votepost/1 credential");
	transcript_add(&t, election, HASH_BYTES);
	transcript_add(&t, token->bytes, TOKEN_BYTES);
	transcript_add(&t, factor ? factor : token->bytes, factor ? HASH_BYTES : 0);
	transcript_scalar(&t, secret);
}

enum err credential_factor_text(char out[FACTOR_TEXT_MAX], const char *typed, size_t len)
{
	size_t i, n = 0;
	char c;

	for (i = 0; i < len; i++) {
		c = typed[i];
		if (c == ' ' || c == '-' || c == '.')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')) || n == FACTOR_TEXT_MAX - 1)
			goto refused;
		out[n++] = c;
	}
	if (n < FACTOR_LEAST)
		goto refused;
	out[n] = '\0';
	return OK;
refused:
	sodium_memzero(out, FACTOR_TEXT_MAX);
	return ERR_FORMAT;
}

enum err credential_factor(unsigned char out[HASH_BYTES], const unsigned char election[HASH_BYTES],
                           const struct token *token, const char *typed, size_t len)
{
	unsigned char salt[HASH_BYTES];
	char password[FACTOR_TEXT_MAX];
	struct transcript t;
	enum err e = credential_factor_text(password, typed, len);

	if (e)
		return e;
	transcript_begin(&t, "votepost/1 factor");
	transcript_add(&t, election, HASH_BYTES);
	transcript_add(&t, token->bytes, TOKEN_BYTES);
	transcript_hash(&t, salt);
	/* The first 16 bytes are the salt: crypto_pwhash reads no more. */
	if (crypto_pwhash(out, HASH_BYTES, password, strlen(password), salt, FACTOR_OPSLIMIT,
	                  FACTOR_MEMLIMIT, crypto_pwhash_ALG_ARGON2ID13))
		e = ERR_MEMORY;
	sodium_memzero(salt, sizeof(salt));
	sodium_memzero(password, sizeof(password));
	return e;
}
