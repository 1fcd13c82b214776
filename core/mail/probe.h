/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_PROBE_H
#define VOTEPOST_CORE_MAIL_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/mail/smtp.h"

/*
 * probe - a look at a relay without a message: connect, EHLO, STARTTLS, log in, and go. What it
 * offers, what its certificate says, and at which step it went wrong.
 */
enum probe_end {
	PROBE_WELL,      /* up to where MAIL would be said */
	PROBE_NO_NAME,   /* the host's name leads nowhere */
	PROBE_NO_ANSWER, /* no connection, or silence */
	PROBE_NO_SMTP,   /* something answered, and it is no mail server or wants nobody */
	PROBE_NO_TLS,    /* STARTTLS is not offered */
	PROBE_HANDSHAKE, /* TLS came to nothing: the wrong kind for the port, or too old */
	PROBE_UNKNOWN,   /* the certificate is of an authority that is not known here */
	PROBE_EXPIRED,   /* the certificate is over, or not yet valid */
	PROBE_MISNAMED,  /* the certificate is for another name */
	PROBE_DENIED,    /* user or password */
};

struct probe {
	enum probe_end end;
	unsigned code;    /* the relay's last, 0 where it said none */
	char text[256];   /* its words or libcurl's, printable, addresses taken out */
	char address[64]; /* that was connected to, or "" */
	char tls[16];     /* "TLSv1.3", or "" */
	uint64_t expires; /* of the certificate, Unix seconds; 0: not known */
	char issuer[128]; /* of it, or "" */
	/* What EHLO offered last, that is after STARTTLS where there was one */
	bool starttls, utf8, eight_bit, pipelining;
	char auth[64]; /* "PLAIN LOGIN"; "" where no AUTH is offered */
	bool size_told;
	uint64_t size; /* the most bytes of a message; 0: no limit */
};

/* ERR_SETTINGS as smtp_open says it; else OK, and `*p` is filled whatever happened. */
MUST_CHECK enum err probe_relay(struct probe *p, const struct relay *relay, struct why *why);

#endif
