/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_RELAY_H
#define VOTEPOST_CORE_MAIL_RELAY_H

#include "core/err.h"
#include "core/mail/smtp.h"

/*
 * relay - the settings of a relay, told to libcurl: where it is, TLS that is verified, the
 * password, how long to wait.
 */

/* The name that EHLO says: the setting, else "localhost". */
const char *relay_hello(const struct relay *r);

/* For core/mail's own use: `curl` is a CURL *. ERR_SETTINGS for a host that is none, a password
 * file that others can read, and for AUTH without TLS to anywhere but loopback. */
MUST_CHECK enum err relay_apply(void *curl, const struct relay *r, struct why *why);

#endif
