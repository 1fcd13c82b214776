/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_LINKS_H
#define VOTEPOST_MAILER_LINKS_H

#include "core/buf.h"

/*
 * links - a letter's two links: to the page, with all of the token but its last group, and the
 * mail that votes, up to the choice. Both are secret; `token` is its written form.
 */
#define LINKS_TAIL 5 /* a hyphen and the last group of four */

void links_page(struct buf *out, const char *page, const char *token);

/* "mailto:…&body=VOTE%20TOKEN%20": everything percent-encoded (RFC 6068). */
void links_mailto(struct buf *out, const char *mailbox, const char *subject, const char *token);

#endif
