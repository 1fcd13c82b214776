/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_DNS_H
#define VOTEPOST_MAILER_DNS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

/*
 * dns - ask the domain name system, one question at a time.
 *
 * What comes back is a stranger's: texts are made printable ASCII, names, records and their
 * number are capped. "There is none" and "nobody could tell" are different answers: the latter
 * comes once no server has told, and after some silences in a row at once.
 */
#define DNS_NAME_TEXT   256
#define DNS_RECORDS_MAX 32
#define DNS_TEXT_MAX    4096 /* of one TXT record, its strings joined */

enum dns_kind {
	DNS_TXT,
	DNS_MX,      /* names, the most preferred first; "" is a null MX: takes no mail */
	DNS_ADDRESS, /* IPv4 and IPv6, as text */
	DNS_POINTER  /* the names of an address, which is given as text */
};

enum dns_result {
	DNS_FOUND,
	DNS_NO_RECORD, /* the name is there, without a record of this kind */
	DNS_NO_NAME,   /* NXDOMAIN */
	DNS_FAILED     /* no answer, SERVFAIL, REFUSED, an answer that is none */
};

struct dns_reply {
	enum dns_result result;
	char trouble[64]; /* of DNS_FAILED, for a person */
	unsigned n;
	bool more; /* than DNS_RECORDS_MAX: those are left out */
	char *text[DNS_RECORDS_MAX];
};

struct dns;
/* `resolver`: "192.0.2.1", "127.0.0.1:5353", several with commas, or "" for the system's.
 * ERR_SETTINGS where it cannot be used. `timeout` in milliseconds, for each of two tries. */
MUST_CHECK enum err dns_open(struct dns **out, const char *resolver, unsigned timeout,
                             struct why *why);
void dns_close(struct dns *d);

/* `name` is ASCII. Fails for want of memory alone; dns_reply_release after. */
MUST_CHECK enum err dns_ask(struct dns_reply *out, struct dns *d, enum dns_kind kind,
                            const char *name);
void dns_reply_release(struct dns_reply *r);

#endif
