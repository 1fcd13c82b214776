/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_ORGDOMAIN_H
#define VOTEPOST_MAILER_ORGDOMAIN_H

#include <stdbool.h>

#include "core/err.h"
#include "mailer/dns.h"

/*
 * orgdomain - the domain that somebody registered, of any name in it: example.co.uk of
 * vote.example.co.uk. By the public suffix list, as the system has it.
 */

/* In lower case. A name that is a public suffix itself comes back as it is. */
void orgdomain_of(char out[DNS_NAME_TEXT], const char *domain);

/* Are both of one registered domain? This is how DMARC compares them unless it is strict. */
bool orgdomain_same(const char *a, const char *b);

#endif
