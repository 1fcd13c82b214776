/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_WHOM_H
#define VOTEPOST_MAILER_WHOM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/manifest.h"
#include "mailer/keys.h"
#include "mailer/roll.h"

/*
 * whom - which member a handle is of, handles.index in the mailer's home: what `bounce` needs,
 * which has no key to derive a handle with.
 *
 * A handle authorises nothing; who has this file and a mail log knows which address is whose,
 * which the roll says as well. `forget` destroys it, since it ties the receiver's handles to
 * members. Records of one size in byte order, behind a line with the election's id.
 */
struct whom;

/* Made anew, in place of what is there; the token keys are unlocked. */
MUST_CHECK enum err whom_make(const char *home, const struct manifest *m, struct roll *roll,
                              const struct keys *keys, struct why *why);
/* Where it is missing: in a home that was issued before there was one. */
MUST_CHECK enum err whom_make_missing(const char *home, const struct manifest *m, struct roll *roll,
                                      const struct keys *keys, struct why *why);
/* Overwritten; from then on every handle is nobody's. */
MUST_CHECK enum err whom_forget(const char *home, const struct manifest *m, struct why *why);

/* ERR_STATE where there is none yet, with what makes it. */
MUST_CHECK enum err whom_open(struct whom **out, const char *home, const struct manifest *m,
                              struct why *why);
void whom_close(struct whom *w);

/* False where nobody has it. */
bool whom_find(const struct whom *w, const char *handle, uint32_t *serial);

#endif
