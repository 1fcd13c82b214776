/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_HEADER_H
#define VOTEPOST_CORE_MAIL_HEADER_H

#include "core/buf.h"

/*
 * header - a message's header lines: encoded words (RFC 2047), folded at 76 characters. The
 * caller has seen to it that no control character is in them.
 */
void header_text(struct buf *out, const char *name, const char *text);

/* `name` may be NULL or empty: the address alone. */
void header_address(struct buf *out, const char *header, const char *name, const char *address);

#endif
