/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_TOKEN_H
#define VOTEPOST_CORE_TOKEN_H

#include <stddef.h>

#include "core/err.h"

/*
 * token - the one-time secret that a member receives by mail.
 *
 * Whoever holds a token may cast one ballot: wipe every copy, log none. This module reads
 * and writes tokens; it cannot make one (mailer/mint.h). Protocol section 3.1.
 */
#define TOKEN_BYTES 16
struct token {
	unsigned char bytes[TOKEN_BYTES];
};

#define TOKEN_CHARS    28 /* base32 characters: 128 bits and 12 check bits */
#define TOKEN_TEXT_MAX 35 /* seven groups of four, hyphens, NUL */

/* What a person typed so far, as it is read: upper case, O as 0, I and L as 1, without spaces
 * and hyphens, zeroes after it. ERR_FORMAT for more than 28 characters, or one that is none;
 * `out` is then empty. */
MUST_CHECK enum err token_fold(char out[TOKEN_CHARS + 1], const char *text, size_t len);

/* Read a token as a person types it: any case, O is 0, I and L are 1, spaces and hyphens
 * ignored. ERR_FORMAT where it is none or its check fails; `token` is then all zero. */
MUST_CHECK enum err token_read(struct token *token, const char *text, size_t len);

/* Write a token for its member: 34 characters and a NUL. Cannot fail; wipe `text` after. */
void token_write(char text[TOKEN_TEXT_MAX], const struct token *token);

void token_wipe(struct token *token);

#endif
