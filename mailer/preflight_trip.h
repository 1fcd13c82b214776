/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_PREFLIGHT_TRIP_H
#define VOTEPOST_MAILER_PREFLIGHT_TRIP_H

#include "mailer/arrival.h"
#include "mailer/preflight.h"

/*
 * preflight_trip - a letter to the administrator, as members get theirs but with a token that
 * opens nothing; how it came; and a reply to it, into the receiver and back.
 *
 * Its handle is nobody's (MINT_NOBODY): the receiver, which was given it with the members',
 * answers a reply to it. Neither letter nor reply is a vote, whatever is in it.
 */
struct trip {
	const char *to; /* the administrator's mailbox */
	const char
		*handle; /* MINT_NOBODY's: no key is needed any more while a letter is waited for */
	bool issued;     /* the receiver has, or will have, that handle */
	/* Told of what is waited for; never NULL. */
	void (*say)(void *context, const char *what);
	void *context;
};

/* Send it. Where [preflight] names the mailbox, wait for it, and read it; where it names a server to
 * send from, reply and wait for the answer. */
MUST_CHECK enum err preflight_trip(struct preflight *p, const struct trip *t, struct why *why);

/* How a letter came, by its bytes. ERR_FORMAT where it is none. */
MUST_CHECK enum err preflight_arrival(struct preflight *p, const char *raw, size_t len,
                                      struct why *why);

#endif
