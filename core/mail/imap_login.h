/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_IMAP_LOGIN_H
#define VOTEPOST_CORE_MAIL_IMAP_LOGIN_H

#include "core/err.h"
#include "core/mail/imap.h"

/*
 * imap_login - how a mailbox is reached and who we are there, as options of a handle of libcurl.
 *
 * TLS is verified, always. A password or a token goes over TLS alone, or to this machine itself.
 */

/* All but the token. ERR_SETTINGS says what is wrong with the account. */
MUST_CHECK enum err imap_login_set(void *curl, const struct imap_account *a, struct why *why);

/* Where the account has a token_command: what it says, asked for anew, since a token holds for an
 * hour or so. */
MUST_CHECK enum err imap_login_token(void *curl, const struct imap_account *a, struct why *why);

/* Which setting says what opens the mailbox? */
const char *imap_login_setting(const struct imap_account *a);

/* What a person may do about a result of libcurl's (CURLcode); NULL where there is no advice. */
const char *imap_login_advice(void *curl, const struct imap_account *a, int result);

#endif
