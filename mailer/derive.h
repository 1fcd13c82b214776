/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_DERIVE_H
#define VOTEPOST_MAILER_DERIVE_H

#include "core/err.h"
#include "core/group.h"
#include "core/manifest.h"
#include "mailer/keys.h"
#include "mailer/roll.h"

/*
 * derive - a member's public credential, by way of a token that lives for as long as that takes.
 * Protocol section 3.
 */

/* Of the member's generation and epoch; with the second factor where the election has one,
 * which then takes about a fifth of a second and 64 MiB. ERR_STATE where the keys lack that epoch. */
MUST_CHECK enum err derive_credential(struct point *credential, const struct keys *keys,
                                      const struct manifest *m, const struct member *member,
                                      struct why *why);

#endif
