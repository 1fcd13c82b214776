/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_SPF_H
#define VOTEPOST_MAILER_SPF_H

#include <stdbool.h>

#include "core/err.h"
#include "mailer/dns.h"

/*
 * spf - which machines may send mail in a domain's name, as it says itself in the DNS (RFC 7208).
 *
 * The record is read here; mailer/spf_walk.h follows what it refers to.
 */
#define SPF_TERMS_MAX 64

enum spf_kind { SPF_ALL, SPF_INCLUDE, SPF_A, SPF_MX, SPF_PTR, SPF_IP4, SPF_IP6, SPF_EXISTS };
struct spf_term {
	enum spf_kind kind;
	char qualifier;             /* + - ~ ? */
	bool macro;                 /* in `domain` */
	char domain[DNS_NAME_TEXT]; /* "" where it is the record's own */
	unsigned char address[16];
	unsigned prefix, prefix6; /* bits */
};
struct spf {
	unsigned n;
	struct spf_term term[SPF_TERMS_MAX];
	char redirect[DNS_NAME_TEXT]; /* "" where there is none */
	bool redirect_macro;
};

/* Is the text meant as such a record? Others may stand beside it. */
bool spf_claimed(const char *text);

/* ERR_FORMAT names the term that is wrong. */
MUST_CHECK enum err spf_read(struct spf *s, const char *text, struct why *why);

/* What the record says of everybody else: a qualifier, '>' for a redirect, 0 where nothing does. */
char spf_rest(const struct spf *s);

#endif
