/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_BOARD_H
#define VOTEPOST_CORE_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "core/ballot.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/group.h"
#include "core/handles.h"
#include "core/head.h"
#include "core/manifest.h"
#include "core/merkle.h"
#include "core/sign.h"

/*
 * board - the typed lines after the manifest, and who signs them. Protocol
 * section 6. Reading a line checks its form; line_check_signature what it is signed with;
 * where it may stand is core/rules.h.
 */
#define ISSUED_MAX 1024

enum line_type {
	LINE_ISSUED,
	LINE_ACCEPTED,
	LINE_TIME,
	LINE_REPLACED,
	LINE_EXTENDED,
	LINE_BALLOT,
	LINE_CLOSED,
};

struct line {
	enum line_type type;
	unsigned char signature[SIGNATURE_BYTES];
	union {
		struct {
			unsigned weight;
			unsigned n;
			struct point *credential; /* [n], owned */
		} issued;
		struct {
			unsigned trustee;
			struct point r;
			struct scalar z;
		} accepted;
		uint64_t time;
		struct {
			struct point old, by;
			bool revoked; /* `by` is empty */
		} replaced;
		uint64_t closes; /* extended */
		struct ballot ballot;
		struct {
			uint64_t ballots, issued, replaced;
		} closed;
	} u;
};

/* The longest line that a board of this manifest can hold, without its line feed. */
size_t line_max(const struct manifest *m);

/* Any line but the manifest. line_release after, also after a failure. Checks: "line type"
 * and those of the fields. */
MUST_CHECK enum err line_read(struct line *out, const struct manifest *m, const char *text,
                              size_t len, struct why *why);
void line_release(struct line *line);

/* The same for any line but a ballot, in programs that must be unable to read one: ballots are
 * "line type" to it. */
MUST_CHECK enum err line_read_plain(struct line *out, const struct manifest *m, const char *text,
                                    size_t len, struct why *why);

/* The Ed25519 signature or the Schnorr proof that the line carries, with keys from the
 * manifest alone: "issued signature", "replaced signature", "extended signature", "accepted
 * proof", "ballot signature". OK for time and closed, which carry none. */
MUST_CHECK enum err line_check_signature(const struct line *line, const struct manifest *m,
                                         struct why *why);
/* Of an issued, replaced or extended line alone: with the mailer's key. */
MUST_CHECK enum err line_check_mailer(const struct line *line, const struct manifest *m,
                                      struct why *why);

/* Append a line, without its line feed; `secret` is the mailer's signing key. */
void issued_write(struct buf *out, const struct manifest *m, unsigned weight,
                  const struct point *credentials, unsigned n,
                  const unsigned char secret[SIGN_SECRET_BYTES]);
void replaced_write(struct buf *out, const struct manifest *m, const struct point *old,
                    const struct point *by, const unsigned char secret[SIGN_SECRET_BYTES]);
void extended_write(struct buf *out, const struct manifest *m, uint64_t closes,
                    const unsigned char secret[SIGN_SECRET_BYTES]);
void accepted_write(struct buf *out, unsigned trustee, const struct point *r,
                    const struct scalar *z);
void time_line_write(struct buf *out, uint64_t seconds);
void closed_write(struct buf *out, uint64_t ballots, uint64_t issued, uint64_t replaced);

#endif
