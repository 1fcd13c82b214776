/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_HARMLESS_H
#define VOTEPOST_RECEIVER_HARMLESS_H

#include "core/err.h"
#include "core/funnel.h"
#include "core/manifest.h"
#include "receiver/wording.h"

/*
 * harmless - no answer votes when somebody's mail program sends it back: no line of it is one that
 * would count in a reply (core/votelike.h), and none holds what looks like a code
 * (core/tokenlike.h). The texts are the operator's to change, so they are looked at before anything
 * is answered.
 */

/* Both parts of the answer to `verdict`. ERR_SETTINGS with the file, its line where the words stand
 * there as they are or begin with one of the election's names, and what to do. */
MUST_CHECK enum err harmless_check(const struct wording *w, const struct manifest *m,
                                   enum verdict verdict, const char *plain, const char *html,
                                   struct why *why);

#endif
