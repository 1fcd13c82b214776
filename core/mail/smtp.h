/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_SMTP_H
#define VOTEPOST_CORE_MAIL_SMTP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/mail/address.h"

/*
 * smtp - one message, one recipient, one verdict; through a relay, over a connection that is
 * kept. libcurl's easy interface, one handle a `struct smtp`, one thread at a time.
 *
 * Addresses are checked here too, since a line feed in one would be a second command: see
 * address_ok. The reply texts are kept without addresses.
 */
enum smtp_tls { SMTP_TLS_NONE, SMTP_TLS_STARTTLS, SMTP_TLS_IMPLICIT };
struct relay {
	char *host;
	unsigned port;
	enum smtp_tls tls;       /* verified, always, where there is any */
	char *ca_file;           /* NULL: the system's */
	char *user;              /* NULL: no AUTH */
	char *password_file;     /* read by smtp_open */
	char *hello;             /* EHLO name */
	unsigned timeout;        /* seconds, for connecting and for each answer */
	unsigned per_connection; /* messages before a new connection */
};

struct smtp;
/* Nothing is sent yet. ERR_SETTINGS for a password file that others can read, and for AUTH
 * without TLS to anywhere but loopback. */
MUST_CHECK enum err smtp_open(struct smtp **out, const struct relay *relay, struct why *why);
void smtp_close(struct smtp *s);

enum smtp_outcome {
	SMTP_ACCEPTED,  /* 250 after the dot */
	SMTP_DEFERRED,  /* 4xx, or no connection: nothing was taken; try later */
	SMTP_REFUSED,   /* 5xx: not this message to this recipient */
	SMTP_UNCERTAIN, /* the connection was lost after the dot: it may have been taken */
	SMTP_BROKEN,    /* the relay is at fault for everyone: TLS, AUTH, no STARTTLS; stop */
};
struct smtp_answer {
	enum smtp_outcome outcome;
	unsigned code; /* the SMTP code that decided, 0 where none did */
	/* It is about this message, not about whoever sends: it came when the recipient was named,
	 * or later, or is our own. */
	bool considered;
	bool named;        /* it came when the recipient was named */
	char status[12];   /* enhanced status, "5.1.1", or "" */
	char queue_id[64]; /* of an accepted message, where the relay told one, or "" */
	char text[256];    /* the answer or libcurl's words, printable, addresses taken out */
};

/* `from` may be "" (a null sender). `message` has CR LF line ends. Always fills `answer`. */
void smtp_send(struct smtp *s, const char *from, const char *to, const void *message, size_t len,
               struct smtp_answer *answer);

/* Would a message from `from` to `to` be taken? Asked up to where it would be sent; none is. */
void smtp_ask(struct smtp *s, const char *from, const char *to, struct smtp_answer *answer);

#endif
