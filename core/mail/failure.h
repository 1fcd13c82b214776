/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_FAILURE_H
#define VOTEPOST_CORE_MAIL_FAILURE_H

#include <stdbool.h>

/*
 * failure - why a mail did not arrive, whoever says so: the relay at RCPT, or a delivery report.
 *
 * "hard" silences an address, so it is said only where the words or the status leave no doubt of
 * it. RFC 3463 has the statuses; where they say nothing, or too little, the words do.
 */
enum failure {
	FAILURE_HARD,    /* no such mailbox, no such domain */
	FAILURE_FULL,    /* the mailbox is full */
	FAILURE_POLICY,  /* refused for what it is or whence it comes: spam, block, size */
	FAILURE_SOFT,    /* something that may pass; given up all the same */
	FAILURE_DELAYED, /* still being tried */
	FAILURES
};

/* "hard", "full", "policy", "soft", "delayed" */
const char *failure_name(enum failure failure);

/* An enhanced status about one mailbox, such as a full one: X.1.X, X.2.X. */
bool failure_of_mailbox(const char *status);

/* From an SMTP code (0: unknown), an enhanced status ("": unknown) and words ("": none). Never
 * FAILURE_DELAYED: that is for a report to say. */
enum failure failure_class(unsigned code, const char *status, const char *text);

/* By what is named alone, for who must be sure: a code by itself and a bare rejection ("mailbox
 * unavailable") are FAILURE_SOFT, and words about us are FAILURE_POLICY beside any status. */
enum failure failure_named(const char *status, const char *text);

#endif
