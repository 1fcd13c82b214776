/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_ADDRESS_H
#define VOTEPOST_CORE_MAIL_ADDRESS_H

#include <stdbool.h>

/*
 * address - what may go into an envelope, and so into a command of SMTP.
 *
 * A line feed in an address would be a second command to the relay, a '<' a second address:
 * libcurl passes both on. Nothing reaches it that address_ok has not passed.
 */
#define ADDRESS_BYTES 254

/* One '@'; before it 1 to 64 bytes, none below 0x21, no 0x7f, none of <>()[]\",;: and no
 * backslash; after it a domain of letters, digits, hyphens and dots (or UTF-8); valid UTF-8, 254
 * bytes at most. */
bool address_ok(const char *address);

/* Is the part before the '@' plain ASCII? Else a relay must know SMTPUTF8. */
bool address_ascii(const char *address);

/* May it stand in a URL as a host: a name, or an address of either kind? */
bool address_host(const char *host);

/* Is this host the machine itself, by name or number? */
bool address_loopback(const char *host);

#endif
