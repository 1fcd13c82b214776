/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_SHEET_H
#define VOTEPOST_MAILER_SHEET_H

#include <stdbool.h>

#include "core/buf.h"
#include "mailer/findings.h"

/*
 * sheet - findings as a page for a person, 80 characters wide, or as JSON for a program.
 */

/* By section; `colour` where a terminal shows it. */
void sheet_text(struct buf *out, const struct findings *f, bool colour);

/* In the same order. {"findings":[{"section":…,"key":…,"level":…,"what":…,"found":…,"means":…,"remedy":…}],
 *  "stop":n,"unseen":n,"warning":n,"note":n,"ok":n} */
void sheet_json(struct buf *out, const struct findings *f);

#endif
