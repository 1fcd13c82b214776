/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_REGISTRY_H
#define VOTEPOST_CORE_REGISTRY_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/group.h"

/*
 * registry - every credential that was ever valid, its weight and what became of it.
 *
 * Made for millions: 20 bytes a slot, open addressing, by a 128-bit keyed hash (SipHash-2-4)
 * under a key drawn for this run, so that nobody can prepare collisions; two credentials of
 * 2^32 meet by chance once in 2^65 runs.
 */
enum registry_state { REGISTRY_UNUSED, REGISTRY_USED, REGISTRY_REPLACED };

struct registry;

/* Room for `expected` without growing; it grows where more come. */
MUST_CHECK enum err registry_new(struct registry **out, uint64_t expected);
void registry_free(struct registry *r);

/* ERR_EXISTS where it was ever there. */
MUST_CHECK enum err registry_add(struct registry *r, const struct point *credential,
                                 unsigned weight);
/* ERR_NOT_FOUND where it never was. Either pointer may be NULL. */
MUST_CHECK enum err registry_get(const struct registry *r, const struct point *credential,
                                 unsigned *weight, enum registry_state *state);
MUST_CHECK enum err registry_set(struct registry *r, const struct point *credential,
                                 enum registry_state state);

/* Issued ever, used, replaced. */
struct registry_counts {
	uint64_t issued, used, replaced;
};
struct registry_counts registry_counts(const struct registry *r);

#endif
