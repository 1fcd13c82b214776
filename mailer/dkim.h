/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_DKIM_H
#define VOTEPOST_MAILER_DKIM_H

#include <stdbool.h>

#include "core/err.h"

/*
 * dkim - a domain's public key for signatures, as it stands in the DNS at
 * SELECTOR._domainkey.DOMAIN (RFC 6376, RFC 8463). Nothing is verified with it here.
 */
#define DKIM_RSA_LEAST 1024 /* bits; below, receivers do not believe it */
#define DKIM_RSA_GOOD  2048

enum dkim_kind { DKIM_RSA, DKIM_ED25519, DKIM_UNKNOWN };
struct dkim_key {
	enum dkim_kind kind;
	bool revoked;  /* p is empty */
	bool testing;  /* t=y: receivers act as if there was no signature */
	unsigned bits; /* of an RSA key's modulus */
};

/* ERR_FORMAT for a text that is no key, with its reason. */
MUST_CHECK enum err dkim_read(struct dkim_key *key, const char *text, struct why *why);

/* Could the text be meant as a key? Other texts may stand at that name. */
bool dkim_claimed(const char *text);

#endif
