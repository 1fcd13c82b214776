/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_HANDLES_H
#define VOTEPOST_CORE_HANDLES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/manifest.h"
#include "core/sign.h"

/*
 * handles - handles.json: which mailboxes' correspondence the receiver may answer, a sorted
 * list that nothing ties to credentials. Protocol sections 3 and 8.
 */
#define HANDLE_CHARS 13
void handles_write(struct buf *out, const struct manifest *m, const char *handles, size_t n,
                   const unsigned char secret[SIGN_SECRET_BYTES]);
/* Checks form, order and signature; appends the handles themselves, without separators. */
MUST_CHECK enum err handles_read(struct buf *handles, const struct manifest *m, const char *line,
                                 size_t len, struct why *why);

/* One handle: 13 characters, lower-case base32 that ends in a zero bit. */
bool handle_ok(const char *text);

#endif
