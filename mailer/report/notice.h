/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_REPORT_NOTICE_H
#define VOTEPOST_MAILER_REPORT_NOTICE_H

#include <stdbool.h>

#include "core/buf.h"
#include "mailer/report/report.h"

/*
 * notice - what a delivery report says of its one letter: by its fields (RFC 3464), also where
 * they stand in a text, and by the words that each mail system has of its own.
 */

/* Read fields: false where there are none that say what became of a letter. Of several letters
 * the first that failed counts. */
bool notice_fields(struct report *out, const char *text, size_t len);

/* A person's text, without the letter that is quoted below it: code, status and words, as far
 * as `out` has none. False where there is neither code nor status. */
bool notice_words(struct report *out, const char *text, size_t len);

/* Does a text say that the letter is still on its way? */
bool notice_delays(const char *text, size_t len);

/* Does a text say that a letter did not arrive? */
bool notice_fails(const char *text, size_t len);

/* The length of a text up to the letter that is quoted in it. */
size_t notice_end(const char *text, size_t len);

#endif
