/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_SCRUB_H
#define VOTEPOST_MAILER_SCRUB_H

/*
 * scrub - what strangers have written, made fit to be kept and shown: no control character, no
 * broken UTF-8, and nothing that could be a token or the beginning of one.
 */

/* In place. White space becomes one space; a run of letters and digits as long as half a token,
 * hyphens, dots and the like between them not counted, becomes "[…]". */
void scrub_text(char *text);

#endif
