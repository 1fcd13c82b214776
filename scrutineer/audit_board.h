/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_AUDIT_BOARD_H
#define VOTEPOST_SCRUTINEER_AUDIT_BOARD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "scrutineer/audit.h"

/*
 * audit_board - the lines after the manifest, in batches: forms, signatures and proofs by the
 * crew, order by core/rules.h, then the sums by the crew again.
 *
 * Lines that a checkpoint covers are read again for the credentials that they hold, which is
 * cheap, and hashed, so that a board that was changed in its past is refused ("checkpoint
 * root"); their signatures and proofs are not checked a second time.
 */
/* The manifest is read, the heads are known. */
MUST_CHECK enum err audit_board_begin(struct audit *a, struct why *why);
/* The next line; `whole` where its line feed was there. Lines after one that cut the board are
 * not looked at. */
MUST_CHECK enum err audit_board_line(struct audit *a, const char *text, size_t len, bool whole,
                                     struct why *why);
/* What comes next is no line, as `found` says: the board cannot be followed any further. */
MUST_CHECK enum err audit_board_cut(struct audit *a, const struct why *found, struct why *why);
MUST_CHECK enum err audit_board_end(struct audit *a, struct why *why);
void audit_board_release(struct audit *a);

#endif
