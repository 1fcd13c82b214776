/* SPDX-License-Identifier: MIT */
#include "mailer/source.h"

#include <stdio.h>

#include <sodium.h>

_Static_assert(SOURCE_HASH == crypto_hash_sha256_BYTES, "a SHA-256");

void source_take(struct source *s, const char *path, const struct buf *bytes)
{
	snprintf(s->path, sizeof(s->path), "%s", path);
	crypto_hash_sha256(s->sha256, (const unsigned char *)buf_text(bytes), bytes->len);
}
