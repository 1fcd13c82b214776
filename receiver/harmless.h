/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_HARMLESS_H
#define VOTEPOST_RECEIVER_HARMLESS_H

#include "core/err.h"
#include "core/funnel.h"
#include "receiver/wording.h"

/*
 * harmless - no answer votes when somebody's mail program sends it back: no line of it is one that
 * would count in a reply (core/votelike.h). The texts are the operator's to change, so they are
 * looked at before anything is answered.
 */

/* Both parts of the answer to `verdict`. ERR_SETTINGS with the file, its line where it stands there
 * as it is, and what to do. */
MUST_CHECK enum err harmless_check(const struct wording *w, enum verdict verdict, const char *plain,
                                   const char *html, struct why *why);

#endif
