/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_ADDRESSEE_H
#define VOTEPOST_MAILER_ADDRESSEE_H

#include "core/err.h"
#include "mailer/amend.h"
#include "mailer/mailing.h"
#include "mailer/roll.h"

/*
 * addressee - whom a mailing goes to, as of today: the member with the address that counts for it.
 */

/* Any thread. A mail to an old address goes to the first that is not told. */
MUST_CHECK enum err addressee_find(struct member *member, struct roll *roll, struct amend *amend,
                                   enum mailing_kind kind, uint32_t serial, struct why *why);

#endif
