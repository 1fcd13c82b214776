/* SPDX-License-Identifier: MIT */
#include "core/token.h"

#include <string.h>

#include <sodium.h>

#include "tests/fuzz/fuzz.h"

/* What reads as a token is written as one that reads as the same; what does not is wiped. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TOKEN_TEXT_MAX];
	struct token token, again;

	memset(&token, 0xFF, sizeof(token));
	if (token_read(&token, (const char *)data, size)) {
		fuzz_must(sodium_is_zero(token.bytes, sizeof(token.bytes)));
		return 0;
	}
	token_write(text, &token);
	fuzz_must(!token_read(&again, text, strlen(text)));
	fuzz_must(!memcmp(&token, &again, sizeof(token)));
	return 0;
}
