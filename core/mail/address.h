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

/* Before the last '@' 1 to 64 bytes: none below 0x21, no 0x7f, none of <>()[]@\",;: and no
 * backslash; or a quoted string of RFC 5321 that is not empty, ASCII from the space to the tilde.
 * After it a domain of letters, digits, hyphens and dots (or UTF-8); valid UTF-8, 254 bytes at
 * most. */
bool address_ok(const char *address);

/* An address as it stands in an envelope: the domain in A-labels (IDNA 2008) and lower case, the
 * part before the '@' as it is. False for one that address_ok refuses or whose domain has no such
 * form; `out` is then "". */
bool address_wire(char out[ADDRESS_BYTES + 1], const char *address);

/* The domain alone, in that form. */
bool address_domain(char out[ADDRESS_BYTES + 1], const char *address);

/* Is the part before the '@' plain ASCII? Else a relay must know SMTPUTF8. */
bool address_ascii(const char *address);

/* May it stand in a URL as a host: a name, or an address of either kind? */
bool address_host(const char *host);

/* Is this host the machine itself, by name or number? */
bool address_loopback(const char *host);

#endif
