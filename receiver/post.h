/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_POST_H
#define VOTEPOST_RECEIVER_POST_H

#include <stddef.h>
#include <stdint.h>

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

/* Nobody's address (RFC 2606): what a relay says to it, it says of us. It is only asked, never sent
 * to. */
#define POST_STRANGER "nobody@example.org"
/* Seconds for which an answer is tried that the relay refuses while it takes others. */
#define POST_PATIENCE (5 * 86400)

/* OK where the relay took it; ERR_INVALID where it never will, for this recipient; ERR_AGAIN for
 * everything that may pass: not taken, perhaps taken, no connection; and for every refusal that is
 * not surely the recipient's, since everybody's receipt may meet it until somebody mends it. One
 * that meets this recipient alone ends the matter when the answer has `waited` long enough. */
MUST_CHECK enum err post_send(struct post *p, const char *to, const void *message, size_t len,
                              uint64_t waited, struct why *why);

/* Without an answer to send: would answers be taken, to our own address and to anybody else's? */
MUST_CHECK enum err post_try(struct post *p, const char *own, struct why *why);

#endif
