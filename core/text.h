/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_TEXT_H
#define VOTEPOST_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * text - the written forms that the protocol uses (section 1): URL-safe base64,
 * Crockford base32, decimal numbers, UTC times, plain strings.
 *
 * Decoders are exact: one written form for one value, anything else ERR_FORMAT.
 */

/* Characters that `bytes` take in base64 without padding, without the NUL. */
#define B64_LEN(bytes) (((bytes)*4 + 2) / 3)
/* The most bytes that `chars` characters can hold. */
#define B64_BYTES(chars) ((chars) / 4 * 3 + 2)

void b64_add(struct buf *out, const void *bytes, size_t len);

/* Decode exactly `want` bytes. ERR_FORMAT for another length, padding, white space or
 * trailing bits that are not zero. */
MUST_CHECK enum err b64_read(void *out, size_t want, const char *text, size_t len);

/* Decode whatever length it is, appended to `out`. */
MUST_CHECK enum err b64_read_buf(struct buf *out, const char *text, size_t len);

/* Base32, most significant bits first: the first `bits` bits of `bytes`, a character for
 * each five begun (missing low bits are zero). Writes (bits + 4) / 5 characters and a NUL. */
void b32_write(char *out, const unsigned char *bytes, size_t bits);

/* The value 0–31 of a base32 character as people type it: any case, O is 0, I and L are 1;
 * -1 for any other. */
int b32_value(char c);

/* `groups` groups of `size` characters joined by '-', from text without them. Writes
 * groups * (size + 1) characters, the last of them the NUL. */
void text_group(char *out, const char *in, size_t groups, size_t size);

/* The greatest number that the protocol knows. */
#define NUMBER_MAX ((UINT64_C(1) << 53) - 1)
/* Plain decimal without sign or leading zero, at most NUMBER_MAX. */
MUST_CHECK enum err number_read(uint64_t *out, const char *text, size_t len);

#define TIME_TEXT 21 /* "2026-12-01T12:00:00Z" and a NUL */
/* A time that exists, from 1970 on, to Unix seconds. */
MUST_CHECK enum err time_read(uint64_t *seconds, const char *text, size_t len);
/* Unix seconds, below the year 10000, as text. */
void time_write(char out[TIME_TEXT], uint64_t seconds);

/* The length of the first UTF-8 character of `text`, its code point in `*c`; 0 where there is
 * none: overlong, surrogate, beyond U+10FFFF, cut short. */
size_t utf8_next(uint32_t *c, const char *text, size_t len);
bool utf8_valid(const char *text, size_t len);

/* Valid UTF-8 without control characters, bidirectional controls or surrogates: what a string
 * of the protocol may hold (section 1). */
bool text_clean(const char *text, size_t len);

/* Nothing but Unicode white space: what does not count in "holds more than white space". */
bool text_blank(const char *text, size_t len);

#endif
