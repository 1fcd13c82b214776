/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_POSTMAN_H
#define VOTEPOST_MAILER_POSTMAN_H

#include "core/buf.h"
#include "core/err.h"
#include "core/mail/smtp.h"
#include "mailer/letter.h"
#include "mailer/outbox.h"
#include "mailer/roll.h"
#include "mailer/sender.h"

/*
 * postman - what one thread of the sender does: from a claim, by the member's record, token and
 * letter, to the relay's answer and what it means.
 */
struct postman {
	const struct sender *s;
	struct smtp *smtp;
	struct letter_desk desk;
	struct buf message;
	struct member member;
	struct token *token;    /* in guarded memory */
	struct outcome outcome; /* of the last letter */
	unsigned troubles;      /* letters in a row that the relay was not even there for */
};

/* postman_close after, also after a failure. */
MUST_CHECK enum err postman_open(struct postman *p, const struct sender *s, struct why *why);
void postman_close(struct postman *p);

/* Serve one letter; `p->outcome` is filled. A failure is one of our own: the letter is then to
 * be given back. */
MUST_CHECK enum err postman_serve(struct postman *p, const struct claim *claim, struct why *why);

/* Would the relay take a letter to this member? None is sent. */
MUST_CHECK enum err postman_ask(struct postman *p, uint32_t serial, struct smtp_answer *answer,
                                struct why *why);

#endif
