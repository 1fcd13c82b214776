/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_TYPEFACE_H
#define VOTEPOST_SCRUTINEER_TYPEFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * typeface - which characters a TrueType file has a glyph for: its `cmap` table of format 4,
 * the one that libharu reads too. Characters beyond U+FFFF it has none of.
 */
struct typeface;

/* ERR_FORMAT for a file that is none, or has no such table. */
MUST_CHECK enum err typeface_read(struct typeface **out, const char *path, struct why *why);
/* The same from bytes. */
MUST_CHECK enum err typeface_parse(struct typeface **out, const unsigned char *bytes, size_t len);
void typeface_free(struct typeface *f);

bool typeface_has(const struct typeface *f, uint32_t c);

#endif
