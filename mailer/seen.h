/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_SEEN_H
#define VOTEPOST_MAILER_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * seen - has this string come before, and where? For millions of strings that are kept
 * elsewhere: eight bytes a slot here, a number and a tag by a keyed hash.
 *
 * Where a tag is found, the caller is asked whether the string of that number is the same one;
 * with tags of 32 bits it is hardly ever asked in vain.
 */
struct seen;

MUST_CHECK enum err seen_new(struct seen **out);
void seen_free(struct seen *s);

/* Is the string of `number` the one that is looked for? */
typedef bool seen_same(void *context, uint32_t number);

/* Keep `bytes` under `number`; ERR_EXISTS where it came before, `*first` its number then. */
MUST_CHECK enum err seen_add(struct seen *s, const void *bytes, size_t len, uint32_t number,
                             seen_same *same, void *context, uint32_t *first);

/* The same without keeping it: ERR_EXISTS, or ERR_NOT_FOUND. */
MUST_CHECK enum err seen_find(const struct seen *s, const void *bytes, size_t len, seen_same *same,
                              void *context, uint32_t *first);

#endif
