/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_FAILURE_H
#define VOTEPOST_MAILER_FAILURE_H

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

/* From an SMTP code (0: unknown), an enhanced status ("": unknown) and words ("": none). Never
 * FAILURE_DELAYED: that is for a report to say. */
enum failure failure_class(unsigned code, const char *status, const char *text);

#endif
