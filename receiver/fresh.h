/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_FRESH_H
#define VOTEPOST_RECEIVER_FRESH_H

#include "core/buf.h"
#include "core/manifest.h"

/*
 * fresh - the fresh mail that a correction asks for: to whom, and a mailto: URL (RFC 6068) that
 * opens it with its only line begun.
 *
 * A member puts code and choice in place of one word and one sign of the line; it has no bracket
 * that could be left standing, no comma, no line end: what mail programs take a mailto: apart
 * at. As it stands it is no vote.
 */
#define FRESH_LINE "VOTE CODE ?"

/* The election's reply address, with the handle where there is one: "" for none. */
void fresh_address(struct buf *out, const struct manifest *m, const char *handle);
void fresh_mailto(struct buf *out, const char *address);

#endif
