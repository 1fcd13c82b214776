/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_COLLECTED_H
#define VOTEPOST_SCRUTINEER_COLLECTED_H

#include "core/err.h"
#include "core/manifest.h"
#include "scrutineer/trusteehome.h"

/*
 * collected - the commitments that a trustee has seen of all, kept in its home before it
 * reveals anything: what every later step of the ceremony is held against.
 */

/* All n commitments, in any order, from files: each of this ceremony, none twice, its own among
 * them. They are kept; then reveal-i.json is written. ERR_INVALID names what is wrong. */
MUST_CHECK enum err collected_reveal(struct trusteehome *h, char *const *paths, unsigned n,
                                     struct why *why);

/* May this trustee go on under this manifest? Its own entry is byte for byte its own, and each
 * entry is what that trustee committed to. Checks "trustees entry", "trustees commitment". */
MUST_CHECK enum err collected_manifest(const struct trusteehome *h, const struct manifest *m,
                                       struct why *why);

#endif
