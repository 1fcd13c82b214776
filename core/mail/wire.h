/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_WIRE_H
#define VOTEPOST_CORE_MAIL_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/mail/smtp.h"

/*
 * wire - a connection to a relay, for core/mail/smtp.c: libcurl makes it, with EHLO, TLS and AUTH;
 * after that it is commands and replies, which libcurl carries and does not read. So what we send
 * lies in no buffer of libcurl's, several commands may go out at once, and a refused recipient
 * does not cost the connection.
 */
struct wire;

#define REPLY_MAX 512
struct reply {
	unsigned code;        /* 0: none came */
	char text[REPLY_MAX]; /* all its lines, a space between them, as far as they fit */
};

/* Settings that cannot be right: ERR_SETTINGS. Nothing is connected yet. */
MUST_CHECK enum err wire_new(struct wire **out, const struct relay *relay, struct why *why);
void wire_free(struct wire *w);

/* False: see the trouble. What was connected before is hung up. */
bool wire_connect(struct wire *w);
bool wire_connected(const struct wire *w);
/* `politely`: with QUIT. */
void wire_hang_up(struct wire *w, bool politely);

/* What the relay offers, once connected. */
struct offer {
	bool utf8, size, pipelining;
};
struct offer wire_offer(const struct wire *w);

/* False where the connection was lost, or nothing went for the relay's timeout; it is then hung
 * up. */
bool wire_say(struct wire *w, const void *bytes, size_t len);
/* Wait for at least so many seconds; 0: the timeout. */
bool wire_hear(struct wire *w, struct reply *reply, unsigned at_least);

/* Of the last of these that was false. */
struct trouble {
	struct reply reply; /* of a relay that did not let us in; code 0 where it said nothing */
	bool at_fault; /* TLS, certificates, the password: every other try would meet it, too */
	const char *words;
	const char *advice; /* NULL where there is none */
};
struct trouble wire_trouble(const struct wire *w);

#endif
