/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_BUF_H
#define VOTEPOST_CORE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * buf - the one growable buffer.
 *
 * Every buffer has a cap that someone chose. It is sticky: after a failure nothing is
 * added any more, and the first error stays in `e` until buf_clear or buf_free, so a
 * caller appends in straight lines and checks once with buf_err. `data` always ends
 * with a NUL that `len` does not count; it is NULL until something was added, so read
 * text with buf_text. Growing wipes what it leaves behind: a buffer may hold secrets.
 */
struct buf {
	char *data;
	size_t len;
	size_t room; /* bytes allocated; 0 or more than len */
	size_t cap;  /* len never exceeds it */
	size_t used; /* the most that len has been since the last wipe */
	enum err e;
};

#define BUF_INIT(max) ((struct buf){ .cap = (max) })

void buf_init(struct buf *b, size_t cap);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_adds(struct buf *b, const char *text);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for `len` more bytes, counted in at once; NULL after a failure. The bytes are
 * the caller's to fill. */
void *buf_extend(struct buf *b, size_t len);

/* The first failure since the last clear: OK, ERR_MEMORY or ERR_TOO_LARGE. */
MUST_CHECK enum err buf_err(const struct buf *b);

/* The text so far, never NULL. Good until the next change of the buffer. */
const char *buf_text(const struct buf *b);

/* Empty again, error forgotten, memory kept. buf_wipe overwrites the content first. */
void buf_clear(struct buf *b);
void buf_wipe(struct buf *b);

/* Wipe and release. The buffer may be used again, with the same cap. */
void buf_free(struct buf *b);

#endif
