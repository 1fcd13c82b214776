/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_SCRUB_H
#define VOTEPOST_MAILER_SCRUB_H

/*
 * scrub - what strangers have written, made fit to be kept and shown: no control character, no
 * broken UTF-8, and nothing that could be a token or the beginning of one.
 */

/* In place. White space becomes one space. A run of sixteen characters that a token is made of,
 * whatever stands between its groups, becomes "[...]", and so does a word of 24 and more, which may
 * be one in base64 or hex. */
void scrub_text(char *text);

#endif
