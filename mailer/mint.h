/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_MINT_H
#define VOTEPOST_MAILER_MINT_H

#include <stddef.h>
#include <stdint.h>

#include "core/group.h"
#include "core/handles.h"
#include "core/token.h"

/*
 * mint - from the election's keys and a member's identifier to the member's token, credential
 * and handle. Protocol section 3. The only place that makes tokens.
 *
 * The keys stay where they are, in guarded memory; what stands on the stack meanwhile is wiped
 * before the return. A token is the caller's to wipe.
 */
#define MINT_KEY_BYTES 32
#define HANDLE_TEXT    (HANDLE_CHARS + 1)

void mint_token(struct token *token, const unsigned char key[MINT_KEY_BYTES],
                const unsigned char election[HASH_BYTES], uint32_t generation, const char *id,
                size_t id_len);

/* C of a token; `factor` is NULL where the election has no second factor. */
void mint_credential(struct point *credential, const unsigned char election[HASH_BYTES],
                     const struct token *token, const unsigned char *factor);

/* No member has this identifier: its handle is that of the letters that `preflight` sends. */
#define MINT_NOBODY ""

/* 13 lower-case characters and a NUL. Opens nothing. */
void mint_handle(char handle[HANDLE_TEXT], const unsigned char key[MINT_KEY_BYTES],
                 const unsigned char election[HASH_BYTES], const char *id, size_t id_len);

/* For previews: well formed, drawn at random, never issued. */
void mint_dummy(struct token *token, char handle[HANDLE_TEXT]);

#endif
