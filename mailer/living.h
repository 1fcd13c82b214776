/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_LIVING_H
#define VOTEPOST_MAILER_LIVING_H

#include <stdint.h>

#include "core/err.h"
#include "mailer/outbox.h"
#include "mailer/serials.h"

/*
 * living - members whose address is not dead (mailer/returns.h): no token, and no other mail, goes
 * again to an address that nobody has.
 */

/* Those of `only` (NULL: all) that are, and how many are not. The caller frees the set. */
MUST_CHECK enum err living_find(struct serials **out, uint64_t *dead, const char *home,
                                uint64_t members, const struct serials *only, struct why *why);

/* Those whose address is dead and whose letter in this outbox is planned still: none will leave. */
MUST_CHECK enum err living_unserved(uint64_t *n, const char *home, struct outbox *outbox,
                                    struct why *why);

#endif
