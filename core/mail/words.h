/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_WORDS_H
#define VOTEPOST_CORE_MAIL_WORDS_H

#include <stddef.h>

/*
 * words - what a relay's answer says, fit to keep: cut to size, printable, without addresses.
 */

/* The text, each word that holds an '@' made a '*'. */
void words_text(char *out, size_t room, const char *text);

/* "…; advice" after what is there, which is cut where both have no room. NULL adds nothing. */
void words_advise(char *text, size_t room, const char *advice);

/* The enhanced status that the text begins with, "5.1.1", or "". */
void words_status(char *out, size_t room, const char *text);

/* The queue's name for the message in "2.0.0 Ok: queued as 4XyZ" and its like, or "". */
void words_queue_id(char *out, size_t room, const char *text);

#endif
