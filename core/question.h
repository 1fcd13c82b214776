/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_QUESTION_H
#define VOTEPOST_CORE_QUESTION_H

#include "core/json.h"
#include "core/manifest.h"

/*
 * question - the manifest's questions: their texts, their rules, and the rows of cells that
 * they become (protocol section 2). Part of reading a manifest; others use core/manifest.h.
 */

/* A text in exactly the manifest's languages, in their order, each more than white space. */
void texts_read(struct texts *out, struct fields *f, const char *key, const struct manifest *m);

/* All questions and their rows. What was allocated is released by questions_release, also
 * after a failure. */
MUST_CHECK enum err questions_read(struct manifest *m, json_t *list, struct why *why);
void questions_release(struct manifest *m);

#endif
