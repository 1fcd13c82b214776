/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_SERIALS_H
#define VOTEPOST_MAILER_SERIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

/*
 * serials - a set of members, by serial: one bit each.
 */
struct serials;

/* Of a roll of so many members; none is in it. */
MUST_CHECK enum err serials_new(struct serials **out, uint64_t members, struct why *why);
void serials_free(struct serials *s);

void serials_add(struct serials *s, uint32_t serial);
void serials_add_all(struct serials *s);
void serials_remove(struct serials *s, uint32_t serial);
bool serials_has(const struct serials *s, uint32_t serial);
uint64_t serials_count(const struct serials *s);

#endif
