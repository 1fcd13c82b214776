/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_CHARSET_H
#define VOTEPOST_RECEIVER_PARSER_CHARSET_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * charset - bytes of a mail's part to UTF-8, exactly or not at all.
 *
 * A decoder that drops what it cannot read makes an A of "Añ"; this one refuses. Every
 * charset is loaded once, before the sandbox shuts: inside it no file can be opened. A name
 * that people and programs use for a smaller charset than they write stands for the larger
 * one (GB2312 for GB18030, Shift_JIS for CP932).
 */

/* Load all charsets, once, before anything is decoded. */
void charset_load(void);

/* Append the text. `name` NULL or "" means that none was named: UTF-8, which ASCII is part of.
 * ERR_FORMAT where the bytes are not in that charset, ERR_NOT_FOUND where there is no such. */
MUST_CHECK enum err charset_decode(struct buf *out, const char *name, const void *bytes,
                                   size_t len);

#endif
