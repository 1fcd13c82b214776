/* SPDX-License-Identifier: MIT */
#include "core/token.h"

#include <string.h>

#include <sodium.h>

#include "core/text.h"

#define LABEL      "votepost/1 token check"
#define CHECK_BITS 12

/* The token's 128 bits, then the first 12 bits of its check, in 18 bytes. */
static void with_check(unsigned char out[TOKEN_BYTES + 2], const struct token *token)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state sha;

	crypto_hash_sha256_init(&sha);
	crypto_hash_sha256_update(&sha, (const unsigned char *)LABEL, sizeof(LABEL) - 1);
	crypto_hash_sha256_update(&sha, token->bytes, TOKEN_BYTES);
	crypto_hash_sha256_final(&sha, hash);
	memcpy(out, token->bytes, TOKEN_BYTES);
	out[TOKEN_BYTES] = hash[0];
	out[TOKEN_BYTES + 1] = hash[1] & 0xF0;
	sodium_memzero(hash, sizeof(hash));
	sodium_memzero(&sha, sizeof(sha));
}

enum err token_fold(char out[TOKEN_CHARS + 1], const char *text, size_t len)
{
	unsigned char value;
	size_t i, n = 0;

	memset(out, 0, TOKEN_CHARS + 1);
	for (i = 0; i < len; i++) {
		if (text[i] == ' ' || text[i] == '-')
			continue;
		if (b32_value(text[i]) < 0 || n == TOKEN_CHARS) {
			sodium_memzero(out, TOKEN_CHARS + 1);
			return ERR_FORMAT;
		}
		value = (unsigned char)(b32_value(text[i]) << 3);
		b32_write(&out[n++], &value, 5);
	}
	return OK;
}

/* 28 characters of 5 bits each: 140 bits into 18 bytes, the last 4 bits zero. */
static enum err unwrite(unsigned char out[TOKEN_BYTES + 2], const char *text, size_t len)
{
	char folded[TOKEN_CHARS + 1];
	size_t n, bit;
	enum err e = token_fold(folded, text, len);

	memset(out, 0, TOKEN_BYTES + 2);
	if (!e && folded[TOKEN_CHARS - 1] == '\0')
		e = ERR_FORMAT;
	for (n = 0; !e && n < TOKEN_CHARS; n++)
		for (bit = 0; bit < 5; bit++)
			if (b32_value(folded[n]) >> (4 - bit) & 1)
				out[(n * 5 + bit) / 8] |=
					(unsigned char)(0x80u >> (n * 5 + bit) % 8);
	sodium_memzero(folded, sizeof(folded));
	return e;
}

enum err token_read(struct token *token, const char *text, size_t len)
{
	unsigned char given[TOKEN_BYTES + 2], right[TOKEN_BYTES + 2];
	enum err e = unwrite(given, text, len);

	memset(token, 0, sizeof(*token));
	if (!e) {
		memcpy(token->bytes, given, TOKEN_BYTES);
		with_check(right, token);
		if (sodium_memcmp(given, right, sizeof(given))) {
			token_wipe(token);
			e = ERR_FORMAT;
		}
		sodium_memzero(right, sizeof(right));
	}
	sodium_memzero(given, sizeof(given));
	return e;
}

void token_write(char text[TOKEN_TEXT_MAX], const struct token *token)
{
	unsigned char bytes[TOKEN_BYTES + 2];
	char plain[TOKEN_CHARS + 1];

	with_check(bytes, token);
	b32_write(plain, bytes, TOKEN_BYTES * 8 + CHECK_BITS);
	text_group(text, plain, 7, 4);
	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(plain, sizeof(plain));
}

void token_wipe(struct token *token)
{
	sodium_memzero(token, sizeof(*token));
}
