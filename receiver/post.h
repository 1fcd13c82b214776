/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_POST_H
#define VOTEPOST_RECEIVER_POST_H

#include <stddef.h>

#include "core/err.h"
#include "core/mail/smtp.h"

/*
 * post - answers out through the relay: some connections, shared by all threads.
 *
 * The envelope sender is always null, so that no answer to an answer can ever come.
 */
struct post;
MUST_CHECK enum err post_open(struct post **out, const struct relay *relay, unsigned connections,
                              struct why *why);
void post_close(struct post *p);

/* OK where the relay took it; ERR_INVALID where it never will, for this recipient; ERR_AGAIN for
 * everything that may pass: not taken, perhaps taken, no connection; and for a refusal that is
 * about us, since everybody's receipt would meet it until somebody mends it. */
MUST_CHECK enum err post_send(struct post *p, const char *to, const void *message, size_t len,
                              struct why *why);

/* The same question without an answer to send: would one to this address be taken? */
MUST_CHECK enum err post_ask(struct post *p, const char *to, struct why *why);

#endif
